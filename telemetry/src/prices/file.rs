//! The file of prices: TOML, read with every problem named.

use std::path::PathBuf;
use std::sync::Arc;

use toml::{Table, Value};

use super::Price;

/// Why a file of prices is not used.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    #[error("the prices in {} cannot be read: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    /// Each problem with its place.
    #[error("the prices in {} are not valid: {}", path.display(), problems.join("; "))]
    Invalid {
        path: PathBuf,
        problems: Vec<String>,
    },
}

/// The prices of each model, by its name in lower case; or every problem.
pub(super) fn read(text: &str) -> Result<super::Table, Vec<String>> {
    let file: Table = text
        .parse()
        .map_err(|error: toml::de::Error| vec![error.to_string().trim().replace('\n', " ")])?;
    let mut reader = Reader::default();
    reader.known(&file, "", &["provider"]);
    match file.get("provider") {
        Some(Value::Array(providers)) => {
            for (number, provider) in (1..).zip(providers) {
                reader.provider(&format!("provider {number}"), provider);
            }
        }
        _ => reader.problem("", "there is no [[provider]]"),
    }
    if reader.problems.is_empty() {
        Ok(reader.models)
    } else {
        Err(reader.problems)
    }
}

#[derive(Default)]
struct Reader {
    models: super::Table,
    problems: Vec<String>,
}

impl Reader {
    fn problem(&mut self, place: &str, problem: &str) {
        let separator = if place.is_empty() { "" } else { ": " };
        self.problems.push(format!("{place}{separator}{problem}"));
    }

    fn known(&mut self, table: &Table, place: &str, keys: &[&str]) {
        for key in table.keys().filter(|key| !keys.contains(&key.as_str())) {
            let problem = format!("unknown key `{key}` (there are {})", keys.join(", "));
            self.problem(place, &problem);
        }
    }

    fn provider(&mut self, place: &str, provider: &Value) {
        let Some(table) = provider.as_table() else {
            return self.problem(place, "is no table");
        };
        self.known(table, place, &["names", "servers", "models"]);
        let providers = self.texts(table, place, "names");
        let servers = self.texts(table, place, "servers");
        let Some(models) = table.get("models").and_then(Value::as_table) else {
            return self.problem(place, "there is no table `models`");
        };
        for (model, prices) in models {
            let place = format!("{place}, {model}");
            let name = model.trim().to_lowercase();
            if name.is_empty() {
                self.problem(&place, "the model has no name");
            }
            let alone = std::slice::from_ref(prices);
            for entry in prices.as_array().map_or(alone, Vec::as_slice) {
                if let Some(price) = self.price(&place, entry, [&providers, &servers]) {
                    self.add(&place, &name, price);
                }
            }
        }
    }

    fn add(&mut self, place: &str, model: &str, price: Price) {
        let prices = self.models.entry(model.to_owned()).or_default();
        let shared = |other: &Price| {
            let (a, b) = (&other.providers, &price.providers);
            other.above == price.above
                && other.servers == price.servers
                && (a == b || a.iter().any(|name| b.contains(name)))
        };
        if prices.iter().any(shared) {
            self.problem(place, "has this price twice");
        } else {
            prices.push(price);
        }
    }

    fn texts(&mut self, table: &Table, place: &str, key: &str) -> Arc<[String]> {
        let texts = match table.get(key) {
            None => Some(Vec::new()),
            Some(Value::String(text)) => Some(vec![text.to_lowercase()]),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_lowercase))
                .collect(),
            Some(_) => None,
        };
        if texts.is_none() {
            self.problem(place, &format!("`{key}` is no list of texts"));
        }
        texts.unwrap_or_default().into()
    }

    fn price(
        &mut self,
        place: &str,
        entry: &Value,
        [providers, servers]: [&Arc<[String]>; 2],
    ) -> Option<Price> {
        const KEYS: [&str; 6] = [
            "above",
            "input",
            "output",
            "cache_read",
            "cache_write",
            "reasoning",
        ];
        let Some(table) = entry.as_table() else {
            self.problem(
                place,
                "is no table such as { input = 2.50, output = 10.00 }",
            );
            return None;
        };
        self.known(table, place, &KEYS);
        let above = match table.get("above") {
            None => Some(0),
            Some(value) => value.as_integer().filter(|tokens| *tokens > 0),
        };
        if above.is_none() {
            self.problem(place, "`above` is no number of tokens");
        }
        let [input, output, cache_read, cache_write, reasoning] =
            [KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]].map(|key| self.amount(table, place, key));
        for (key, amount) in [("input", input), ("output", output)] {
            if amount.is_none() && !table.contains_key(key) {
                self.problem(place, &format!("`{key}` is missing"));
            }
        }
        let (above, input, output) = (above?, input?, output?);
        Some(Price {
            providers: Arc::clone(providers),
            servers: Arc::clone(servers),
            above,
            input,
            output,
            cache_read: cache_read.unwrap_or(input),
            cache_write: cache_write.unwrap_or(input),
            reasoning: reasoning.unwrap_or(output),
        })
    }

    /// A price; none, where the table has it not or where it is none.
    fn amount(&mut self, table: &Table, place: &str, key: &str) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "prices are small")]
        let amount = match table.get(key)? {
            Value::Float(amount) => Some(*amount),
            Value::Integer(amount) => Some(*amount as f64),
            _ => None,
        };
        let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0);
        if amount.is_none() {
            let problem = format!("`{key}` is no price: US dollars for a million tokens");
            self.problem(place, &problem);
        }
        amount
    }
}
