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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text<'a>(segment: &Segment<'a>) -> &'a str {
        match segment {
            Segment::Text(text) | Segment::Template { text, .. } => text,
            Segment::Credential(placeholder) => placeholder.text,
        }
    }

    proptest! {
        #[test]
        fn the_pieces_of_a_text_are_the_text(whole in r"[{}\[\]#a. é]{0,40}") {
            let pieces = segments(&whole);
            prop_assert_eq!(pieces.iter().map(text).collect::<String>(), whole.as_str());
            prop_assert!(pieces.iter().all(|piece| !text(piece).is_empty()));
        }

        #[test]
        fn a_template_is_found_wherever_it_stands(before in "[a é]{0,9}", path in "[a-z]{1,9}(\\.[a-z0-9]{1,5}){0,3}", after in "[a é}]{0,9}") {
            let whole = format!("{before}{{{{ {path} }}}}{after}");
            let found = segments(&whole).into_iter().filter(|piece| matches!(piece, Segment::Template { .. })).collect::<Vec<_>>();
            prop_assert_eq!(found.len(), 1);
            let Segment::Template { path: found, .. } = found[0] else { panic!("no template") };
            prop_assert_eq!(found, path);
        }
    }

    #[test]
    fn placeholders_have_a_name_and_perhaps_a_path() {
        let cases = [
            ("[[a]]", Some(("a", None))),
            ("[[ my key # a.b ]]", Some(("my key", Some("a.b")))),
            ("[[a#]]", None),
            ("[[#a]]", None),
            ("[[1]]", None),
            ("[['a']]", None),
            ("[[a], [b]]", None),
        ];
        for (whole, expected) in cases {
            let found = match segments(whole).as_slice() {
                [Segment::Credential(placeholder)] => Some((placeholder.name, placeholder.path)),
                _ => None,
            };
            assert_eq!(found, expected, "{whole}");
        }
    }
}
