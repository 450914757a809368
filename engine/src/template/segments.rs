//! Text as a sequence of plain text, templates and credential placeholders.

/// `[[name]]` or `[[name#path]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placeholder<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
    pub(super) path: Option<&'a str>,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    Text(&'a str),
    Template { text: &'a str, path: &'a str },
    Credential(Placeholder<'a>),
}

/// The pieces of a text; put together they are the text.
pub(super) fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    let mut literal_start = 0;
    let mut from = 0;
    while let Some(offset) = text[from..].find(['{', '[']) {
        let start = from + offset;
        match template_at(&text[start..]).or_else(|| credential_at(&text[start..])) {
            Some((segment, len)) => {
                if literal_start < start {
                    found.push(Segment::Text(&text[literal_start..start]));
                }
                found.push(segment);
                from = start + len;
                literal_start = from;
            }
            None => from = start + 1,
        }
    }
    if literal_start < text.len() {
        found.push(Segment::Text(&text[literal_start..]));
    }
    found
}

/// `{{ anything without braces }}` at the start of the text.
fn template_at(text: &str) -> Option<(Segment<'_>, usize)> {
    let body = text.strip_prefix("{{")?;
    let end = body.find(['{', '}'])?;
    let path = body[..end].trim();
    if path.is_empty() || !body[end..].starts_with("}}") {
        return None;
    }
    let len = end + 4;
    Some((
        Segment::Template {
            text: &text[..len],
            path,
        },
        len,
    ))
}

/// `[[name]]` or `[[name#path]]` at the start of the text; other double brackets, such as nested lists, are text.
fn credential_at(text: &str) -> Option<(Segment<'_>, usize)> {
    let body = text.strip_prefix("[[")?;
    let end = body.find("]]")?;
    let (name, path) = match body[..end].split_once('#') {
        Some((name, path)) => (name.trim(), Some(path.trim())),
        None => (body[..end].trim(), None),
    };
    let named = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
    };
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !begins || !named(name) || path.is_some_and(|path| path.is_empty() || !named(path)) {
        return None;
    }
    let len = end + 4;
    Some((
        Segment::Credential(Placeholder {
            text: &text[..len],
            name,
            path,
        }),
        len,
    ))
}
