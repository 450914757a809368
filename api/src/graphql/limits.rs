//! What a request may ask for, decided on its document before the library validates or executes it.
//!
//! The library's own limits expand fragments without memory, so a few hundred bytes of fragments that spread each other twice
//! keep it busy for ever; and its errors carry no code. Counting here is linear in the document.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use crate::error::ApiError;

/// Bounds on one request. The defaults let Canvas and GraphiQL do everything they do, ten generations of `children` included.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the document.
    pub query_bytes: usize,
    /// Brackets within brackets; the parser recurses on the stack.
    pub nesting: usize,
    /// Fields within fields, fragments expanded.
    pub depth: usize,
    /// Fields, fragments expanded.
    pub fields: usize,
    /// Aliased fields, fragments expanded.
    pub aliases: usize,
    /// Rows that one request may read from paged fields, over all its levels.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_bytes: 128 * 1024,
            nesting: 64,
            depth: 40,
            fields: 2_000,
            aliases: 100,
            rows: 100_000,
        }
    }
}

impl Limits {
    /// Checks the text before it is parsed.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`.
    pub fn check_text(&self, query: &str) -> Result<(), ApiError> {
        if query.len() > self.query_bytes {
            return Err(ApiError::limit(format!(
                "the document has {} bytes; at most {} are read",
                query.len(),
                self.query_bytes
            )));
        }
        let depth = nesting(query);
        if depth > self.nesting {
            return Err(ApiError::limit(format!(
                "the document nests brackets {depth} deep; at most {} are read",
                self.nesting
            )));
        }
        Ok(())
    }

    /// Checks the parsed document. Fragment cycles count as nothing here; validation refuses them.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`.
    pub fn check_document(&self, document: &ExecutableDocument) -> Result<(), ApiError> {
        let mut counter = Counter {
            document,
            fragments: HashMap::new(),
        };
        let mut total = Count::default();
        for (_, operation) in document.operations.iter() {
            total = total.beside(counter.selection_set(&operation.node.selection_set));
        }
        let limit = |what: &str, is: usize, limit: usize| {
            if is > limit {
                return Err(ApiError::limit(format!(
                    "the query {what} ({is}); the limit is {limit}"
                )));
            }
            Ok(())
        };
        limit("is nested too deep", total.depth, self.depth)?;
        limit("selects too many fields", total.fields, self.fields)?;
        limit("uses too many aliases", total.aliases, self.aliases)
    }
}

/// The deepest nesting of brackets outside strings and comments.
fn nesting(query: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = query;
    while let Some(at) = rest.find(['"', '#', '{', '[', '(', '}', ']', ')']) {
        let found = rest.as_bytes()[at];
        rest = &rest[at..];
        let skipped = match found {
            b'#' => rest.find('\n').unwrap_or(rest.len()),
            b'"' => string_length(rest),
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
                1
            }
            _ => {
                depth = depth.saturating_sub(1);
                1
            }
        };
        rest = &rest[skipped..];
    }
    deepest
}

/// The length of the string literal that `text` starts with, its quotes included.
fn string_length(text: &str) -> usize {
    const BLOCK: &str = r#"""""#;
    if let Some(body) = text.strip_prefix(BLOCK) {
        let mut from = 0;
        while let Some(at) = body[from..].find(BLOCK) {
            let end = from + at;
            if !body[..end].ends_with('\\') {
                return BLOCK.len() + end + BLOCK.len();
            }
            from = end + BLOCK.len();
        }
        return text.len();
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' | b'\n' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    fields: usize,
    aliases: usize,
    depth: usize,
}

impl Count {
    fn beside(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
        }
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// The count of each fragment seen; nothing while it is being counted.
    fragments: HashMap<&'a Name, Count>,
}

impl<'a> Counter<'a> {
    fn selection_set(&mut self, set: &'a Positioned<SelectionSet>) -> Count {
        let mut total = Count::default();
        for selection in &set.node.items {
            let count = match &selection.node {
                Selection::Field(field) => {
                    let inner = self.selection_set(&field.node.selection_set);
                    Count {
                        fields: inner.fields.saturating_add(1),
                        aliases: inner
                            .aliases
                            .saturating_add(usize::from(field.node.alias.is_some())),
                        depth: inner.depth + 1,
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.selection_set(&fragment.node.selection_set)
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            total = total.beside(count);
        }
        total
    }

    fn fragment(&mut self, name: &'a Name) -> Count {
        if let Some(count) = self.fragments.get(name) {
            // A spread is work even where the fragment selects nothing.
            return Count {
                fields: count.fields.saturating_add(1),
                ..*count
            };
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Count::default();
        };
        self.fragments.insert(name, Count::default());
        let count = self.selection_set(&fragment.node.selection_set);
        self.fragments.insert(name, count);
        count
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn check(query: &str) -> Result<(), String> {
        let limits = Limits::default();
        limits
            .check_text(query)
            .map_err(|error| error.to_string())?;
        let document = parse_query(query).expect("the sample is GraphQL");
        limits
            .check_document(&document)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(
            nesting(r#"{ a(b: "((((", c: """ [[[ \""" [[ """, d: "\"((") } # {{{{"#),
            2
        );
        assert_eq!(nesting("{ a { b(c: [[1]]) } }"), 5);
        assert_eq!(nesting("\"unterminated ((("), 0);
    }

    #[test]
    fn a_document_that_would_exhaust_the_parsers_stack_is_refused() {
        let deep = format!("{{ a(b: {}1{}) }}", "[".repeat(50_000), "]".repeat(50_000));
        let error = check(&deep).expect_err("too deep");
        assert!(error.contains("nests brackets"), "{error}");
    }

    #[test]
    fn fragments_that_double_are_counted_without_expanding_them() {
        let mut query = "{ ...F0 }".to_owned();
        for level in 0..60 {
            query.push_str(&format!(
                " fragment F{level} on Query {{ ...F{0} ...F{0} }}",
                level + 1
            ));
        }
        query.push_str(" fragment F60 on Query { nodeTypes { name } }");
        let error = check(&query).expect_err("2^60 fields");
        assert!(error.contains("too many fields"), "{error}");
    }

    #[test]
    fn aliases_and_depth_are_limited() {
        let aliases: String = (0..101)
            .map(|n| format!("a{n}: nodeTypes {{ name }} "))
            .collect();
        assert!(check(&format!("{{ {aliases} }}")).is_err_and(|error| error.contains("aliases")));
        let deep = format!("{{ {} a {} }}", "a {".repeat(41), "}".repeat(41));
        assert!(check(&deep).is_err_and(|error| error.contains("deep")));
        let generations = format!("{{ {} a {} }}", "a { b { c {".repeat(12), "}}}".repeat(12));
        assert_eq!(check(&generations), Ok(()));
    }

    #[test]
    fn a_cycle_of_fragments_ends() {
        assert_eq!(
            check("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
            Ok(())
        );
    }
}
