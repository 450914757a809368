//! Keys and tokens whose shape tells who issued them.

use super::{Before, Rule, checked, embedded, token};
use crate::redaction::validators::{any, generated, has_digit};

fn azure_secret(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_~.".contains(c)
}

fn hexadecimal(c: char) -> bool {
    c.is_ascii_hexdigit()
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Keys that are whole documents.
    embedded("private-key", &["-----begin "],
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)"),
    embedded("putty-private-key", &["private-lines:"], r"(?i:Private-Lines):\s{0,4}\d{1,4}\s([A-Za-z0-9+/=\s]+)"),
    token("age-secret-key", &["age-secret-key-1"], r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    // The key of a wallet looks like the hash of a transaction: what stands before it tells them apart.
    embedded("ethereum-key", &["private key", "private-key", "private_key", "privatekey", "privkey", "priv_key", "_pk", "wallet(", "toaccount("],
        r"(?i:priv(?:ate)?[ _-]?key|_pk|wallet\(|toaccount\()[^0-9\n]{0,24}(0[xX][0-9a-fA-F]{64})\b"),
    // Clouds.
    token("aws-access-key", &["akia", "asia", "abia", "acca", "a3t"], r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b"),
    token("aws-bedrock-key", &["absk"], r"ABSK[A-Za-z0-9+/]{60,}={0,2}"),
    token("gcp-api-key", &["aiza"], r"AIza[0-9A-Za-z_-]{35}"),
    token("gcp-oauth-token", &["ya29."], r"ya29\.[0-9A-Za-z_-]{20,}"),
    token("gcp-client-secret", &["gocspx-"], r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    token("azure-storage-key", &["accountkey=", "sharedaccesskey="], r"(?i:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{30,}={0,2})"),
    embedded("azure-sas", &["?sig=", "&sig=", ";sig="], r"[?&;]sig=([A-Za-z0-9%+/_-]{30,}={0,2})"),
    Rule {
        name: "azure-client-secret",
        anchors: &["q~"],
        before: Before::Extend {
            class: azure_secret,
            min: 4,
            max: 4,
            unless: None,
        },
        pattern: r"Q~[A-Za-z0-9_~.-]{31,34}",
        accept: any,
    },
    token("digitalocean-token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"do[opr]_v1_[a-f0-9]{64}"),
    token("alibaba-access-key", &["ltai"], r"LTAI[A-Za-z0-9]{20}\b"),
    token("heroku-key", &["hrku-"], r"HRKU-[A-Za-z0-9_-]{36,}"),
    // Source hosting and package registries.
    token("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"gh[pousr]_(?:[A-Za-z0-9]{36,}|[0-9]{1,20}_eyJ[A-Za-z0-9_.-]{40,})"),
    token("github-token", &["github_pat_"], r"github_pat_[A-Za-z0-9_]{22,}"),
    token("gitlab-token", &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-", "glffct-"],
        r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[A-Za-z0-9_.-]{20,}"),
    token("gitlab-token", &["gr1348941"], r"GR1348941[A-Za-z0-9_-]{20,}"),
    embedded("gitlab-token", &["_gitlab_session="], r"_gitlab_session=([0-9a-z]{32})"),
    token("bitbucket-token", &["atbb"], r"ATBB[A-Za-z0-9]{32}"),
    token("npm-token", &["npm_"], r"npm_[A-Za-z0-9]{36}"),
    token("pypi-token", &["pypi-age"], r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    token("rubygems-key", &["rubygems_"], r"rubygems_[a-f0-9]{48}"),
    token("crates-io-token", &["cio"], r"cio[A-Za-z0-9]{32}\b"),
    token("docker-token", &["dckr_pat_", "dckr_oat_"], r"dckr_[po]at_[A-Za-z0-9_-]{27,}"),
    // Model vendors.
    checked("anthropic-key", &["sk-ant-"], r"sk-ant-[A-Za-z0-9_-]{16,}", generated),
    checked("openai-key", &["sk-"], r"sk-[A-Za-z0-9_-]{20,}", generated),
    token("huggingface-token", &["hf_", "api_org_"], r"(?:hf|api_org)_(?:[A-Za-z]{30,}|[A-Za-z0-9]{34})\b"),
    token("replicate-token", &["r8_"], r"r8_[A-Za-z0-9]{37}"),
    token("groq-key", &["gsk_"], r"gsk_[A-Za-z0-9]{40,}"),
    token("xai-key", &["xai-"], r"xai-[A-Za-z0-9]{60,}"),
    token("perplexity-key", &["pplx-"], r"pplx-[A-Za-z0-9]{40,}"),
    token("langsmith-key", &["lsv2_"], r"lsv2_(?:pt|sk)_[a-f0-9]{32}(?:_[a-f0-9]{10})?"),
    token("pinecone-key", &["pcsk_"], r"pcsk_[A-Za-z0-9_]{40,}"),
    checked("tavily-key", &["tvly-"], r"tvly-[A-Za-z0-9-]{20,}", has_digit),
    token("nvidia-key", &["nvapi-"], r"nvapi-[A-Za-z0-9_-]{40,}"),
    // Payments, messaging, operations.
    token("stripe-key", &["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"], r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}"),
    checked("stripe-webhook-secret", &["whsec_"], r"whsec_[A-Za-z0-9+/]{20,}={0,2}", has_digit),
    token("square-token", &["sq0atp-", "sq0csp-"], r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}"),
    checked("square-token", &["eaaa"], r"EAAA[A-Za-z0-9_-]{22,}", generated),
    token("shopify-token", &["shpat_", "shpca_", "shppa_", "shpss_"], r"shp(?:at|ca|pa|ss)_[A-Za-z0-9]{32,}"),
    checked("slack-token", &["xoxa-", "xoxb-", "xoxe", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxc-", "xoxd-"],
        r"xox(?:[abcdoprs]-|e[.-])[A-Za-z0-9.%-]{8,}", has_digit),
    token("slack-token", &["xapp-"], r"xapp-\d-[A-Za-z0-9-]{8,}"),
    embedded("slack-webhook", &["hooks.slack.com/"], r"(?i:hooks\.slack\.com)/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,})"),
    embedded("discord-webhook", &["/api/webhooks/"], r"/api/webhooks/\d{5,25}/([A-Za-z0-9_-]{30,})"),
    Rule {
        name: "telegram-token",
        anchors: &[":aa"],
        before: Before::Extend {
            class: digit,
            min: 8,
            max: 12,
            unless: None,
        },
        pattern: r":AA[A-Za-z0-9_-]{33}",
        accept: any,
    },
    token("twilio-key", &["sk0", "sk1", "sk2", "sk3", "sk4", "sk5", "sk6", "sk7", "sk8", "sk9", "ska", "skb", "skc", "skd", "ske", "skf"],
        r"SK[0-9a-fA-F]{32}\b"),
    token("sendgrid-key", &["sg."], r"SG\.(?:[A-Za-z0-9=_.-]{66}|[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64})"),
    token("mailgun-key", &["key-"], r"key-[0-9a-f]{32}\b"),
    Rule {
        name: "mailchimp-key",
        anchors: &["-us"],
        before: Before::Extend {
            class: hexadecimal,
            min: 32,
            max: 32,
            unless: None,
        },
        pattern: r"-us\d{1,2}\b",
        accept: any,
    },
    token("atlassian-token", &["atatt3", "atctt3"], r"AT[AC]TT3[A-Za-z0-9_=-]{60,}"),
    token("linear-key", &["lin_api_"], r"lin_api_[A-Za-z0-9]{40}"),
    token("notion-key", &["ntn_", "secret_"], r"(?:ntn|secret)_[A-Za-z0-9]{40,}"),
    token("databricks-token", &["dapi"], r"dapi[a-fA-F0-9]{32}(?:-\d)?"),
    token("vault-token", &["hvs.", "hvb.", "hvr."], r"hv[sbr]\.[A-Za-z0-9_-]{24,}"),
    checked("doppler-token", &["dp."], r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{40,}", any),
    token("planetscale-secret", &["pscale_"], r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{32,}"),
    token("supabase-key", &["sbp_", "sb_secret_"], r"sb(?:p|_secret)_[A-Za-z0-9_-]{20,}"),
    token("newrelic-key", &["nrak-", "nrii-", "nrjs-", "nrra-"], r"NR(?:AK|II|JS|RA)-[A-Za-z0-9-]{19,}"),
    token("grafana-token", &["glsa_", "glc_"], r"(?:glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}|glc_[A-Za-z0-9+/]{32,}={0,2})"),
    token("grafana-token", &["eyjrijoi"], r"eyJrIjoi[A-Za-z0-9+/]{40,}={0,3}"),
    token("postman-key", &["pmak-"], r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    token("figma-token", &["figd_"], r"figd_[A-Za-z0-9_-]{40,}"),
    token("airtable-token", &["pat"], r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
];
