use super::*;

/// A call of a model of a provider: input and output tokens.
fn call(provider: &str, model: &str, tokens: [i64; 2]) -> UsageRecord {
    UsageRecord {
        provider: (!provider.is_empty()).then(|| provider.to_owned()),
        model: Some(model.to_owned()),
        input: tokens[0],
        output: tokens[1],
        cache_read: 0,
        cache_write: 0,
        reasoning: 0,
        cost_usd: None,
        counted: true,
    }
}

fn cost(prices: &Prices, mut usage: UsageRecord, server: Option<&str>) -> Option<f64> {
    prices.apply(&mut usage, server);
    usage.cost_usd.map(|cost| (cost * 1e9).round() / 1e9)
}

fn with_file(text: &str) -> Result<Prices, String> {
    let path = std::env::temp_dir().join(format!("prices-{}.toml", uuid::Uuid::new_v4()));
    std::fs::write(&path, text).expect("a file");
    let prices = Prices::with_file(&path);
    std::fs::remove_file(&path).expect("the file");
    prices.map_err(|error| {
        error
            .to_string()
            .replace(&path.display().to_string(), "FILE")
    })
}

#[test]
fn cached_and_reasoning_tokens_have_their_own_prices_and_are_parts() {
    let usage = UsageRecord {
        cache_read: 400_000,
        reasoning: 50_000,
        ..call("openai", "gpt-4o", [1_000_000, 100_000])
    };
    assert_eq!(cost(&Prices::builtin(), usage, None), Some(1.5 + 0.5 + 1.0));
    let usage = UsageRecord {
        cache_read: 1_000_000,
        cache_write: 1_000_000,
        // As emitters do that leave the cached tokens out.
        ..call("anthropic", "claude-opus-5", [10, 0])
    };
    assert_eq!(cost(&Prices::builtin(), usage, None), Some(0.5 + 6.25));
    let file = "[[provider]]\nmodels.thinker = { input = 1, output = 2, reasoning = 3.5 }";
    let usage = UsageRecord {
        reasoning: 400_000,
        ..call("", "thinker", [0, 1_000_000])
    };
    let prices = with_file(file).expect("prices");
    assert_eq!(cost(&prices, usage, None), Some(2.6));
}

#[test]
fn a_provider_is_known_with_the_interface_that_was_called() {
    for provider in ["openai", "openai.chat", "openai.responses"] {
        let usage = call(provider, "gpt-4o", [1_000_000, 0]);
        assert_eq!(
            cost(&Prices::builtin(), usage, None),
            Some(2.5),
            "{provider}"
        );
    }
    let usage = call("openai.else", "gpt-4o", [1_000_000, 0]);
    assert_eq!(cost(&Prices::builtin(), usage, None), None);
}

#[test]
fn a_snapshot_of_a_model_costs_what_the_model_does() {
    let prices = Prices::builtin();
    for (provider, model) in [
        ("openai", "gpt-4o"),
        ("OpenAI", "GPT-4o-2024-08-06"),
        ("gcp.gemini", "models/gemini-2.5-flash"),
        ("anthropic", "claude-haiku-4-5-20251001"),
        ("anthropic", "claude-haiku-4-5-latest"),
    ] {
        assert!(
            cost(&prices, call(provider, model, [10, 10]), None).is_some(),
            "{model}"
        );
    }
}

#[test]
fn what_is_not_known_has_no_cost() {
    let prices = Prices::builtin();
    for (provider, model, server) in [
        ("openai", "gpt-4o-audio-preview", None),
        ("openai", "gpt-4", None),
        ("openai", "2024-08-06", None),
        ("openai", "é-2024-08-06", None),
        ("azure.ai.openai", "gpt-4o", None),
        ("", "gpt-4o", None),
        ("openai", "gpt-4o", Some("localhost")),
    ] {
        let usage = call(provider, model, [10, 10]);
        assert_eq!(cost(&prices, usage, server), None, "{provider} {model}");
    }
    let usage = call("openai", "gpt-4o", [1_000_000, 0]);
    assert_eq!(cost(&prices, usage, Some("api.openai.com")), Some(2.5));
}

#[test]
fn a_cost_on_the_wire_wins() {
    let usage = UsageRecord {
        cost_usd: Some(0.0),
        ..call("openai", "gpt-4o", [10, 10])
    };
    assert_eq!(cost(&Prices::builtin(), usage, None), Some(0.0));
}

#[test]
fn a_long_input_has_the_price_of_its_length() {
    let prices = Prices::builtin();
    let dollars = |input| cost(&prices, call("google", "gemini-2.5-pro", [input, 0]), None);
    assert_eq!(dollars(200_000), Some(0.25));
    assert_eq!(dollars(400_000), Some(1.0));
    assert_eq!(dollars(0), Some(0.0));
}

#[test]
fn a_file_adds_models_and_replaces_what_is_built_in() {
    let file = r#"
        [[provider]]
        names = "openai"
        models."gpt-4o" = { input = 1, output = 1 }
        [[provider]]
        names = ["house"]
        servers = ["models.example"]
        models.Large = { input = 3, output = 3 }
        [[provider]]
        models.large = { input = 5, output = 5 }
    "#;
    let prices = with_file(file).expect("prices");
    let dollars =
        |provider, model, server| cost(&prices, call(provider, model, [1_000_000, 0]), server);
    assert_eq!(dollars("openai", "gpt-4o", None), Some(1.0));
    assert_eq!(dollars("openai", "gpt-4o-mini", None), Some(0.15));
    assert_eq!(dollars("other", "large", None), Some(5.0));
    assert_eq!(dollars("house", "large", Some("models.example")), Some(3.0));
}

#[test]
fn every_problem_of_a_file_is_named() {
    let file = r#"
        currency = "EUR"
        [[provider]]
        names = [1]
        [provider.models]
        a = { input = -1, output = "2", cached = 3 }
        b = { above = 0, output = nan }
        c = 4
        [[provider]]
        name = "x"
    "#;
    let message = with_file(file).expect_err("problems");
    let problems = message
        .strip_prefix("the prices in FILE are not valid: ")
        .expect("a list");
    assert_eq!(
        problems.split("; ").collect::<Vec<_>>().join("\n"),
        "unknown key `currency` (there are provider)\n\
         provider 1: `names` is no list of texts\n\
         provider 1, a: unknown key `cached` (there are above, input, output, cache_read, cache_write, reasoning)\n\
         provider 1, a: `input` is no price: US dollars for a million tokens\n\
         provider 1, a: `output` is no price: US dollars for a million tokens\n\
         provider 1, b: `above` is no number of tokens\n\
         provider 1, b: `output` is no price: US dollars for a million tokens\n\
         provider 1, b: `input` is missing\n\
         provider 1, c: is no table such as { input = 2.50, output = 10.00 }\n\
         provider 2: unknown key `name` (there are names, servers, models)\n\
         provider 2: there is no table `models`"
    );
    let message = with_file("[[provider").expect_err("no TOML");
    assert!(
        message.starts_with("the prices in FILE are not valid: TOML parse error at line 1"),
        "{message}"
    );
    let missing = Prices::with_file(Path::new("/nowhere")).expect_err("no file");
    assert!(
        missing
            .to_string()
            .starts_with("the prices in /nowhere cannot be read: ")
    );
}

#[test]
fn a_server_is_known_by_its_host_however_it_is_written() {
    let price = |server: &str| {
        let usage = call("openai", "gpt-4o", [1_000_000, 0]);
        cost(&Prices::builtin(), usage, Some(server))
    };
    let at_home = price("api.openai.com");
    assert_eq!(at_home, Some(2.5));
    assert_eq!(price("https://api.openai.com/v1/"), at_home);
    assert_eq!(price("api.openai.com:443"), at_home);
    assert_eq!(price("https://proxy.example:8443/api.openai.com"), None);
}

#[test]
fn a_model_may_be_named_with_its_provider() {
    let usage = call("openai", "openai/gpt-4o", [1_000_000, 0]);
    assert_eq!(cost(&Prices::builtin(), usage, None), Some(2.5));
    let usage = call("openrouter", "openai/gpt-4o", [1_000_000, 0]);
    assert_eq!(cost(&Prices::builtin(), usage, None), None);
}
