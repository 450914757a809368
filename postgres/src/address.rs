//! The words of an address that the driver does not understand.

use std::{borrow::Cow, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::Regex;
use tokio_postgres::config::SslMode;

use crate::InvalidAddress;

/// An address without the words on TLS, and these.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words<'a> {
    pub(crate) rest: Cow<'a, str>,
    pub(crate) mode: Option<String>,
    pub(crate) root: Option<String>,
}

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let mut words = Self::default();
        words.rest = match text.split_once("://") {
            Some(_) => words.of_url(text),
            None => words.of_keywords(text),
        };
        words
    }

    fn take(&mut self, name: &str, value: impl FnOnce() -> String) -> bool {
        match name {
            "sslmode" => self.mode = Some(value()),
            "sslrootcert" => self.root = Some(value()),
            _ => return false,
        }
        true
    }

    fn of_url(&mut self, url: &'a str) -> Cow<'a, str> {
        // A password may hold a question mark.
        let after = url.rfind('@').unwrap_or_default();
        let Some(query) = url[after..].find('?').map(|at| after + at) else {
            return url.into();
        };
        let kept: Vec<&str> = url[query + 1..]
            .split('&')
            .filter(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                !self.take(name, || {
                    percent_decode_str(value).decode_utf8_lossy().into_owned()
                })
            })
            .collect();
        format!("{}?{}", &url[..query], kept.join("&")).into()
    }

    fn of_keywords(&mut self, text: &'a str) -> Cow<'a, str> {
        static WORD: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))")
                .expect("it is a constant")
        });
        static ESCAPE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\\(.)").expect("it is a constant"));
        WORD.replace_all(text, |word: &regex::Captures<'_>| {
            let value = word
                .get(2)
                .or(word.get(3))
                .map_or("", |value| value.as_str());
            match self.take(&word[1], || ESCAPE.replace_all(value, "$1").into_owned()) {
                true => String::new(),
                false => word[0].to_owned(),
            }
        })
    }
}

/// Whom to believe that they are the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Not asked.
    Plain,
    /// Anybody who speaks TLS, if they do or because they must.
    Anybody(Offer),
    /// Whom the operating system believes.
    System,
    /// Whom the authorities of a PEM file have certified.
    File(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    Preferred,
    Required,
}

impl Trust {
    pub(crate) fn of(mode: Option<&str>, root: Option<String>) -> Result<Self, InvalidAddress> {
        let certified = |root: Option<String>| match root {
            Some(path) if path != "system" => Self::File(path),
            _ => Self::System,
        };
        Ok(match (mode.unwrap_or("prefer"), root) {
            ("disable", _) => Self::Plain,
            ("prefer" | "allow", _) => Self::Anybody(Offer::Preferred),
            ("require", None) => Self::Anybody(Offer::Required),
            ("require" | "verify-ca" | "verify-full", root) => certified(root),
            (other, _) => return Err(InvalidAddress::UnknownMode(other.to_owned())),
        })
    }

    pub(crate) fn mode(&self) -> SslMode {
        match self {
            Self::Plain => SslMode::Disable,
            Self::Anybody(Offer::Preferred) => SslMode::Prefer,
            Self::Anybody(Offer::Required) | Self::System | Self::File(_) => SslMode::Require,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_tls_are_taken_out_of_an_address() {
        let cases = [
            ("postgres://u:p@h/db", "postgres://u:p@h/db", None, None),
            (
                "postgres://u:p?sslmode=x@h/db?sslmode=verify-full&application_name=a&sslrootcert=%2Fca%20s.pem",
                "postgres://u:p?sslmode=x@h/db?application_name=a",
                Some("verify-full"),
                Some("/ca s.pem"),
            ),
            (
                "postgres://h?sslmode=require",
                "postgres://h?",
                Some("require"),
                None,
            ),
            (
                r"host=h password='it\'s sslmode=disable' sslmode = verify-ca sslrootcert='/a b'",
                r"host=h password='it\'s sslmode=disable'  ",
                Some("verify-ca"),
                Some("/a b"),
            ),
            (r"sslrootcert=/a\ b user=u", " user=u", None, Some("/a b")),
            ("", "", None, None),
        ];
        for (text, rest, mode, root) in cases {
            let words = Words {
                rest: rest.into(),
                mode: mode.map(Into::into),
                root: root.map(Into::into),
            };
            assert_eq!(Words::of(text), words, "{text}");
        }
    }

    #[test]
    fn whom_to_believe_follows_from_mode_and_authority() -> Result<(), InvalidAddress> {
        let file = || Some("ca.pem".to_owned());
        let trust = Trust::of;
        assert_eq!(trust(None, None)?, Trust::Anybody(Offer::Preferred));
        assert_eq!(trust(Some("disable"), file())?, Trust::Plain);
        assert_eq!(
            trust(Some("require"), None)?,
            Trust::Anybody(Offer::Required)
        );
        assert_eq!(
            trust(Some("require"), file())?,
            Trust::File("ca.pem".to_owned())
        );
        assert_eq!(trust(Some("verify-full"), None)?, Trust::System);
        assert_eq!(
            trust(Some("verify-ca"), Some("system".to_owned()))?,
            Trust::System
        );
        assert!(trust(Some("always"), None).is_err());
        Ok(())
    }
}
