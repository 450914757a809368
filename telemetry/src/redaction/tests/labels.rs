//! Keys and labels: which of them hide their value, in JSON and in running text.

use super::{json, redacted};
use crate::redaction::{Redactor, keys};

const SENSITIVE: &[(&str, &str)] = &[
    ("password", "password"),
    ("DB_PASSWORD", "password"),
    ("dbPassword", "password"),
    ("userpassword", "password"),
    ("smtp_pass", "password"),
    ("dbPass", "password"),
    ("PGPASSWORD", "password"),
    ("pwd", "password"),
    ("ssh.passphrase", "password"),
    ("client_secret", "secret"),
    ("clientSecret", "secret"),
    ("aws_secret_access_key", "secret"),
    ("secret_id", "secret"),
    ("X-Amz-Signature", "secret"),
    ("token", "token"),
    ("access_token", "token"),
    ("refreshToken", "token"),
    ("X-CSRF-Token", "token"),
    ("id_token", "token"),
    ("authtoken", "token"),
    ("access_tokens", "token"),
    ("jwt", "token"),
    ("Authorization", "authorization"),
    ("http.request.header.authorization", "authorization"),
    ("Proxy-Authorization", "authorization"),
    ("basic_auth", "authorization"),
    ("Cookie", "cookie"),
    ("set-cookie", "cookie"),
    ("session_cookies", "cookie"),
    ("api_key", "api-key"),
    ("X-JFrog-Art-Api", "api-key"),
    ("WALLET_KEY", "api-key"),
    ("deployerKey", "api-key"),
    ("apiKey", "api-key"),
    ("x-api-key", "api-key"),
    ("APIKEY", "api-key"),
    ("openai.api.key", "api-key"),
    ("encryption_key", "api-key"),
    ("AccountKey", "api-key"),
    ("private_key", "private-key"),
    ("privateKey", "private-key"),
    ("priv_key", "private-key"),
    ("privkey", "private-key"),
    ("ssh_private_key", "private-key"),
    ("credentials", "credential"),
    ("aws_creds", "credential"),
    ("connectionString", "connection-string"),
    ("cvv", "personal-number"),
    ("card_number", "personal-number"),
];

const HARMLESS: &[&str] = &[
    "max_tokens",
    "maxTokens",
    "max_completion_tokens",
    "input_tokens",
    "total_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.request.max_tokens",
    "gen_ai.token.type",
    "orcheo.token.input",
    "orcheo.token.output",
    "llm.token_count.prompt",
    "token_usage",
    "tokens",
    "tokenizer",
    "next_page_token",
    "time_to_first_token",
    "eos_token",
    "token_ids",
    "password_policy",
    "password_min_length",
    "has_password",
    "secret_name",
    "token_url",
    "token_endpoint",
    "expires_in",
    "authorization_endpoint",
    "authority",
    "author",
    "session.id",
    "primary_key",
    "partition_key",
    "keyboard",
    "access_key_id",
    "public_key",
    "signer_public_key",
    "start-api",
    "wallet_address",
    "privilege_key",
    "monkey",
    "secretary_name",
    "compass",
    "passenger",
    "bypass",
    "cookie_name",
    "name",
    "",
];

#[test]
fn keys_are_told_apart() {
    for (key, rule) in SENSITIVE {
        assert_eq!(keys::classify(key), Some(*rule), "{key}");
    }
    for key in HARMLESS {
        assert_eq!(keys::classify(key), None, "{key}");
    }
}

#[test]
fn every_key_rule_has_a_case() {
    let mut tested: Vec<&str> = SENSITIVE.iter().map(|(_, rule)| *rule).collect();
    tested.dedup();
    assert_eq!(tested, keys::RULES);
}

#[test]
fn every_sensitive_key_also_labels_its_value_in_text() {
    for (key, rule) in SENSITIVE {
        for text in [
            format!("{key}=hunter2!x"),
            format!("{key}: hunter2!x"),
            format!("'{key}' => 'hunter2!x'"),
        ] {
            let result = redacted(&text);
            assert!(!result.contains("hunter2"), "{text} became {result}");
            assert!(
                result.contains(&format!("[REDACTED:{rule}]")),
                "{text} became {result}"
            );
        }
    }
}

#[test]
fn labels_are_found_in_every_notation() {
    for text in [
        "user=ada password=hunter2 host=db",
        "password: hunter2",
        "**Password:** hunter2",
        r#"{"user": "ada", "password": "hunter2"  (cut"#,
        r#"log: {\"password\": \"hunter2\"}"#,
        "config[\"password\"] = \"hunter2\"",
        "postgres -u ada --password hunter2",
        "--password=hunter2",
        "<password>hunter2</password>",
        "<db:password enc=\"none\">hunter2</db:password>",
        "<Password>\n  hunter2\n</password>",
        "<password><![CDATA[hunter2]]></password>",
        "<password><value>hunter2</value></password>",
        "<password value='hunter2'/>",
        "<password>hunter2 and the rest is cut",
        r#"<add key="ClearTextPassword"  value="hunter2"/>"#,
        r#"<add value="hunter2" key="Password"/>"#,
        r#"<input type="password" name="pw" value="hunter2">"#,
        r#"<property name="connection.password">hunter2</property>"#,
        r#"<setting name="Password"><value>hunter2</value></setting>"#,
        "<key>Password</key>\n\t<string>hunter2</string>",
        "<name>password</name><value>hunter2</value>",
        r#""{""user"": ""ada"", ""password"": ""hunter2""}""#,
        r#"token = """hunter2""""#,
        "https://example.com/login?user=ada&password=hunter2&next=/",
        "https://example.com/login?user%3Dada%26password%3Dhunter2%26next%3D/",
        "Server=db;User Id=ada;Pwd=hunter2;Encrypt=true",
        "Cookie: sid=hunter2; theme=dark",
        "curl -H \"Authorization: Token hunter2\" https://example.com",
        "api key: hunter2",
        "my password is hunter2",
        "export OPENAI_API_KEY='hunter2'",
        "PASSWORD ::= \"hunter2\"",
        "password :::= 'hunter2'",
        "TOKEN ?= hunter2",
        "password .= 'hunter2'",
        "if token != \"hunter2\" {",
        "System.setProperty(\"xToken\", \"hunter2\");",
        "headers.put('x-api-key', 'hunter2')",
        "user.setPassword(\"hunter2\")",
        "#define PASSWORD \"hunter2\"",
        "CREATE ROLE ada PASSWORD 'hunter2'",
        "var xToken string = \"hunter2\"",
        "let password: &str = \"hunter2\";",
        "password: Option<String> = \"hunter2\"",
        "char password[] = \"hunter2\";",
        "password = b\"hunter2\"",
        "secret = r'hunter2'",
        "var password = @\"hunter2\";",
        "token = process.env.TOKEN ?? \"hunter2\"",
        "token = os.environ.get(\"TOKEN\") or \"hunter2\"",
        "token = test ? \"a\" : \"hunter2\"",
        "token = \"abc\" + \"hunter2\"",
        "Authorization: Digest username=\"ada\", uri=\"/\", response=\"hunter2\"",
        "curl -H 'Authorization: Digest username=\"ada\", response=\"hunter2\"' x",
        "The password is: hunter2",
        "password: |\n  hunter2\nuser: ada",
        "  token: >-\n    abc\n    hunter2\n  user: ada",
        "- name: DB_PASSWORD\n  value: hunter2\n- name: HOST",
        "- name: \"DB_PASSWORD\"\n  value: \"hunter2\"",
        "Kennwort: hunter2",
        "process.env.API_TOKEN || \"hunter2\"",
        "if (\"hunter2\" == password) {",
        "ENV DB_PASSWORD hunter2",
        "setx DB_PASSWORD hunter2",
        "set -x DB_PASSWORD hunter2",
        "New-Item -Password hunter2",
        "my_password_secure = \"hunter2\"",
        "DD_APP_KEY=hunter2",
    ] {
        let result = redacted(text);
        assert!(!result.contains("hunter2"), "{text} became {result}");
    }
}

#[test]
fn what_is_not_labelled_stays() {
    for text in [
        "The password is required.",
        "Choose a strong password, then log in.",
        "max_tokens: 4096, input_tokens=12",
        "The secret: always be kind.",
        "Cost per token: 0.002",
        "token::Kind and std::secret::Thing",
        "password: {{inputs.password}}",
        "api_key=[[openai#api_key]]",
        "password=****",
        "password=null",
        "https://example.com/password/reset",
        "Usage: login <user> <password>\nThen <token> is shown at https://example.com/<token>/show",
        "curl -H \"X-Id: 1\" https://api.example.com/<token>/messages -d '{}' <end>",
        "<label for=\"password\">Password</label><input type=\"password\"> Remember me</p>",
        "<string name=\"password\">Password</string><button name=\"token\">Get one</button>",
        "<add key=\"PasswordFormat\" value=\"Hashed\"/><add key=\"Theme\" value=\"dark\"/>",
        "<password></password><password/><password value=''/>",
        "password=\"\" token='' secret=\"\", x",
        "required: [\"password\", \"address\", \"e_mail\"]",
        "getToken(\"refresh\"), fields = ('password', 'name')",
        "the token \"end of text\" ends it",
        "secrets = {\n  db = 1\n}",
        "const tokens = [",
        "password: ${{ secrets.PASSWORD }}",
        "password: {{ .Values.password }}",
        "PASSWORD=$(PGPASSWORD)",
        "SESSION_COOKIE_SECURE: False,",
        "security={\"bearer_auth\": True},",
        "use_cookies: bool = True, follow: bool",
        "- name: HOST\n  value: db.example",
        "a -token bucket, a set -x TOKEN then",
        "if (\"required\" == password) {",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn what_stands_around_a_value_stays() {
    for (text, expected) in [
        (
            "put(\"token\", \"hunter2\", \"x\")",
            "put(\"token\", \"[REDACTED:token]\", \"x\")",
        ),
        (
            "password: |\n  hunter2\n  hunter3\nuser: ada",
            "password: |\n  [REDACTED:password]\nuser: ada",
        ),
        (
            "- name: DB_PASSWORD\n  value: hunter2\n- name: HOST",
            "- name: DB_PASSWORD\n  value: [REDACTED:password]\n- name: HOST",
        ),
        (
            "password: string = \"hunter2\"; user = \"ada\"",
            "password: [REDACTED:password]\"; user = \"ada\"",
        ),
        (
            "{\"password\": p, \"user\": \"ada\"",
            "{\"password\": [REDACTED:password], \"user\": \"ada\"",
        ),
    ] {
        assert_eq!(redacted(text), expected);
        assert_eq!(redacted(expected), expected, "again");
    }
}

#[test]
fn a_labelled_value_ends_where_it_ends() {
    assert_eq!(
        redacted("Pwd=a,b;Server=db"),
        "Pwd=[REDACTED:password];Server=db"
    );
    assert_eq!(
        redacted("(password=hunter2) ok"),
        "(password=[REDACTED:password]) ok"
    );
    assert_eq!(
        redacted(r#"password="a \"quoted\" b" ok"#),
        r#"password="[REDACTED:password]" ok"#
    );
}

#[test]
fn a_sensitive_key_hides_scalars_at_any_depth_and_keeps_the_shape() {
    let value = json(
        r#"{"a":[{"credentials":{"user":"ada","pins":[1,2],"active":true,"none":null}}],"b":1}"#,
    );
    assert_eq!(
        value,
        serde_json::json!({"a": [{"credentials": {
            "user": "[REDACTED:credential]",
            "pins": ["[REDACTED:credential]", "[REDACTED:credential]"],
            "active": true,
            "none": null
        }}], "b": 1})
    );
}

#[test]
fn token_counters_survive_inside_an_object_called_token() {
    let text = r#"{"token":{"input":12,"output":3},"usage":{"max_tokens":5}}"#;
    assert_eq!(Redactor::new().json_text(text), text);
}

#[test]
fn names_and_values_side_by_side_are_a_member() {
    for text in [
        r#"[{"name":"Authorization","value":"hunter2"}]"#,
        r#"[{"value":"hunter2","name":"Authorization"}]"#,
        r#"[{"key":"db_password","value":{"stringValue":"hunter2"}}]"#,
        r#"[{"value":{"stringValue":"hunter2"},"key":"db_password"}]"#,
    ] {
        assert!(!json(text).to_string().contains("hunter2"), "{text}");
    }
    let harmless = r#"[{"name":"Accept","value":"text/html"}]"#;
    assert_eq!(Redactor::new().json_text(harmless), harmless);
}

#[test]
fn an_attribute_is_redacted_by_its_key() {
    let redactor = Redactor::new();
    assert_eq!(
        redactor.attribute("http.request.header.cookie", "a=b"),
        "[REDACTED:cookie]"
    );
    assert_eq!(redactor.attribute("http.request.method", "GET"), "GET");
    assert_eq!(redactor.attribute("api_key", "[[openai]]"), "[[openai]]");
}

#[test]
fn a_section_whose_end_is_far_away_is_hidden_with_all_that_follows() {
    for end in ["", "]]></password>"] {
        let text = format!("<password><![CDATA[{}{end}", "é".repeat(10_000));
        assert_eq!(redacted(&text), "<password><![CDATA[[REDACTED:password]");
    }
}
