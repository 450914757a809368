//! From settings to rules: checked in full, so that everything that is wrong is told at once.

use std::collections::HashSet;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_automata::{MatchKind, meta};
use sha2::{Digest as _, Sha256};

use super::configured::{Allow, Own, Rules, normal};
use super::marker::{self, SECRET_VALUE, UNSCANNABLE};
use super::optional;
use super::settings::{InvalidRules, Problem, RedactionSettings, RuleSettings};
use super::{RULES_VERSION, keys, rules};

/// Each rule is compiled, and each pattern costs time in every text.
const MOST_RULES: usize = 100;
const LONGEST_NAME: usize = 40;
/// The size that a compiled pattern, and all of them together, may have.
const PATTERN_BYTES: usize = 1 << 20;
const ALL_BYTES: usize = 8 << 20;
const PATTERN_TEXT: usize = 4096;

/// # Errors
/// Everything that is wrong.
pub(super) fn compile(settings: &RedactionSettings) -> Result<Rules, InvalidRules> {
    let mut compiler = Compiler::default();
    let rules = compiler.rules(settings);
    match compiler.problems.is_empty() {
        true => Ok(rules),
        false => Err(InvalidRules(compiler.problems)),
    }
}

/// Tells rules apart that may hide something else: the built-in ones by their number, changed ones by a hash as well.
pub(super) fn version(settings: &RedactionSettings) -> String {
    if *settings == RedactionSettings::default() {
        return RULES_VERSION.to_string();
    }
    let mut settings = settings.clone();
    settings.disable.sort_unstable();
    settings.enable.sort_unstable();
    // Plain data: this cannot fail.
    let text = serde_json::to_vec(&settings).unwrap_or_default();
    format!(
        "{RULES_VERSION}-{}",
        hex::encode(&Sha256::digest(text)[..6])
    )
}

#[derive(Default)]
struct Compiler {
    problems: Vec<Problem>,
}

impl Compiler {
    fn problem(&mut self, place: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            place: format!("redaction.{place}"),
            message: message.into(),
        });
    }

    fn rules(&mut self, settings: &RedactionSettings) -> Rules {
        let mut compiled = Rules {
            disabled: self.disabled(&settings.disable),
            allow: self.allow("", &settings.allow, &settings.allow_patterns),
            ..Rules::default()
        };
        self.enable(&settings.enable, &mut compiled);
        if settings.rules.len() > MOST_RULES {
            self.problem(
                "rules",
                format!("there are {}, more than {MOST_RULES}", settings.rules.len()),
            );
            return compiled;
        }
        let mut names = HashSet::new();
        for (index, rule) in settings.rules.iter().enumerate() {
            let place = format!("rules[{index}]");
            if !names.insert(rule.name.as_str()) {
                let message = format!("`{}` is the name of another rule, too", rule.name);
                self.problem(&format!("{place}.name"), message);
            }
            compiled.own.extend(self.rule(&place, rule));
        }
        if self.problems.is_empty() {
            self.all(&mut compiled, settings);
        }
        compiled
    }

    fn disabled(&mut self, names: &[String]) -> HashSet<&'static str> {
        let mut disabled = HashSet::new();
        for (index, name) in names.iter().enumerate() {
            match built_in().find(|known| known == name) {
                Some(known) => {
                    disabled.insert(known);
                }
                None => self.problem(&format!("disable[{index}]"), no_such_rule(name)),
            }
        }
        disabled
    }

    fn enable(&mut self, names: &[String], compiled: &mut Rules) {
        for (index, name) in names.iter().enumerate() {
            let place = format!("enable[{index}]");
            let Some(rule) = optional::RULES.iter().find(|rule| rule.name == name) else {
                let there_are = optional::RULES.map(|rule| rule.name).join(", ");
                self.problem(
                    &place,
                    format!("there is no optional rule `{name}`; there is {there_are}"),
                );
                continue;
            };
            if compiled.own.iter().any(|other| other.name == name) {
                continue;
            }
            let pattern = self.pattern(&place, rule.pattern);
            compiled.own.push(Own {
                name: rule.name,
                allow: Allow::default(),
                keys: HashSet::new(),
                pattern,
                accept: rule.accept,
            });
        }
    }

    fn rule(&mut self, place: &str, rule: &RuleSettings) -> Option<Own> {
        let before = self.problems.len();
        if let Err(message) = check_name(&rule.name) {
            self.problem(&format!("{place}.name"), message);
        }
        if rule.pattern.is_none() && rule.keys.is_empty() {
            self.problem(
                place,
                "it has neither `pattern` nor `keys`: it hides nothing",
            );
        }
        let pattern = rule.pattern.as_ref();
        let pattern = pattern.and_then(|text| self.pattern(&format!("{place}.pattern"), text));
        let keys: HashSet<String> = rule
            .keys
            .iter()
            .map(|key| normal(key).into_owned())
            .collect();
        for (index, _) in rule
            .keys
            .iter()
            .enumerate()
            .filter(|(_, key)| normal(key).is_empty())
        {
            self.problem(&format!("{place}.keys[{index}]"), "it is empty");
        }
        let allow = self.allow(&format!("{place}."), &rule.allow, &rule.allow_patterns);
        (self.problems.len() == before).then(|| Own {
            name: marker::known(&rule.name),
            allow,
            keys,
            pattern,
            accept: |_, _| true,
        })
    }

    fn allow(&mut self, place: &str, values: &[String], patterns: &[String]) -> Allow {
        for (index, _) in values
            .iter()
            .enumerate()
            .filter(|(_, value)| value.is_empty())
        {
            self.problem(&format!("{place}allow[{index}]"), "it is empty");
        }
        let patterns = patterns.iter().enumerate().filter_map(|(index, text)| {
            // Alternatives must not fall apart: each of them has to match the whole value.
            self.pattern(&format!("{place}allow_patterns[{index}]"), text)?;
            self.regex(
                &format!("{place}allow_patterns[{index}]"),
                &format!("(?:{text})$"),
            )
        });
        Allow {
            patterns: patterns.collect(),
            values: values.iter().cloned().collect(),
        }
    }

    /// A pattern that hides or allows something.
    fn pattern(&mut self, place: &str, text: &str) -> Option<Regex> {
        if text.len() > PATTERN_TEXT {
            self.problem(
                place,
                format!("it has {} bytes, more than {PATTERN_TEXT}", text.len()),
            );
            return None;
        }
        let least = match syntax::parse(text) {
            Ok(parsed) => parsed.properties().minimum_len(),
            Err(error) => {
                self.problem(place, why(&error.to_string()));
                return None;
            }
        };
        match least {
            Some(0) => {
                self.problem(place, "it matches the empty text, which is everywhere");
                None
            }
            None => {
                self.problem(place, "it matches nothing");
                None
            }
            Some(_) => self.regex(place, text),
        }
    }

    fn regex(&mut self, place: &str, text: &str) -> Option<Regex> {
        let config = meta::Config::new().nfa_size_limit(Some(PATTERN_BYTES));
        let built = Regex::builder().configure(config).build(text);
        built
            .map_err(|error| self.problem(place, cause(&error)))
            .ok()
    }

    /// The patterns of all rules in one automaton.
    fn all(&mut self, compiled: &mut Rules, settings: &RedactionSettings) {
        let mut texts = Vec::new();
        for (index, own) in compiled
            .own
            .iter()
            .enumerate()
            .filter(|(_, own)| own.pattern.is_some())
        {
            let given = settings.rules.iter().find(|rule| rule.name == own.name);
            let optional = optional::RULES.iter().find(|rule| rule.name == own.name);
            let text = given.and_then(|rule| rule.pattern.as_deref());
            texts.extend(text.or(optional.map(|rule| rule.pattern)));
            compiled.owners.push(index);
        }
        if texts.is_empty() {
            return;
        }
        let config = meta::Config::new()
            .match_kind(MatchKind::All)
            .nfa_size_limit(Some(ALL_BYTES));
        match Regex::builder().configure(config).build_many(&texts) {
            Ok(any) => compiled.any = Some(any),
            Err(error) => {
                self.problem("rules", format!("all patterns together: {}", cause(&error)));
            }
        }
    }
}

/// Every rule that can be disabled.
fn built_in() -> impl Iterator<Item = &'static str> {
    rules::names().chain(keys::RULES)
}

fn no_such_rule(name: &str) -> String {
    match [SECRET_VALUE, UNSCANNABLE].contains(&name) {
        true => format!("`{name}` cannot be disabled"),
        false => format!("there is no rule `{name}`"),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let wellformed = name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if !wellformed {
        return Err(format!(
            "`{name}` is no name: expected at most {LONGEST_NAME} lower-case letters, digits and hyphens, a letter first"
        ));
    }
    let optional = optional::RULES.iter().map(|rule| rule.name);
    if built_in()
        .chain(optional)
        .chain([SECRET_VALUE, UNSCANNABLE])
        .any(|known| known == name)
    {
        return Err(format!("`{name}` is the name of a built-in rule"));
    }
    Ok(())
}

fn cause(error: &BuildError) -> String {
    match (error.size_limit(), error.syntax_error()) {
        (Some(_), _) => {
            "it is too large: repeat less, or write classes such as [0-9A-Za-z_] for \\d and \\w"
                .to_owned()
        }
        (_, Some(error)) => why(&error.to_string()),
        _ => error.to_string(),
    }
}

/// The last line of a message that draws the pattern above it.
fn why(message: &str) -> String {
    let last = message.lines().last().unwrap_or(message);
    last.trim().trim_start_matches("error: ").to_owned()
}
