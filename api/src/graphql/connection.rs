//! Relay connections: arguments become a validated [`Page`] once, slices become connections.

use async_graphql::{
    OutputType,
    connection::{CursorType, Edge, EmptyFields},
};
use orcheo_store::{
    ExecutionId,
    page::{End, Page, Slice},
};

use super::scalars::{KeyCursor, other_execution};
use crate::error::{ApiError, reason};

/// Rows of a page when the caller does not say.
const DEFAULT_PAGE: usize = 50;
/// Rows of a page at most.
pub(crate) const MAX_PAGE: usize = 1_000;
/// Rows of a page of `spans` and `descendants` at most: a whole trace of common size.
pub(crate) const MAX_SPAN_PAGE: usize = 10_000;

/// A connection over nodes of type `T`.
pub(crate) type Connection<T> = async_graphql::connection::Connection<KeyCursor, T>;

pub(crate) use super::scalars::wrong_kind as wrong_list;

/// The paging arguments of a field as they were given.
#[derive(Debug, Default)]
pub(crate) struct PageArguments {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

impl PageArguments {
    /// The arguments of a field that is read forwards only.
    pub(crate) fn forward(first: Option<i32>, after: Option<String>) -> Self {
        Self {
            first,
            after,
            ..Self::default()
        }
    }

    /// The page they ask for, its cursors read by `key`.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with a reason.
    pub(crate) fn page<K>(
        &self,
        max: usize,
        key: impl Fn(KeyCursor) -> Result<K, ApiError>,
    ) -> Result<Page<K>, ApiError> {
        let (limit, end) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_input("first and last exclude each other")
                    .with_reason(reason::FIRST_AND_LAST));
            }
            (first, None) => (size("first", first, max)?, End::Front),
            (None, last) => (size("last", last, max)?, End::Back),
        };
        let bound = |cursor: &Option<String>| {
            cursor
                .as_deref()
                .map(|text| key(KeyCursor::decode(text)?))
                .transpose()
        };
        Ok(Page {
            after: bound(&self.after)?,
            before: bound(&self.before)?,
            limit,
            end,
        })
    }
}

fn size(argument: &str, given: Option<i32>, max: usize) -> Result<usize, ApiError> {
    let Some(given) = given else {
        return Ok(DEFAULT_PAGE);
    };
    let size = usize::try_from(given).map_err(|_| {
        ApiError::bad_input(format!("{argument} must not be negative"))
            .with_reason(reason::NEGATIVE_PAGE_SIZE)
    })?;
    if size > max {
        return Err(
            ApiError::bad_input(format!("{argument} must be at most {max}"))
                .with_reason(reason::PAGE_TOO_LARGE),
        );
    }
    Ok(size)
}

/// The key of a cursor, if its execution is the one that is read.
pub(crate) fn owned<K>(execution: ExecutionId, owner: ExecutionId, key: K) -> Result<K, ApiError> {
    if execution == owner {
        Ok(key)
    } else {
        Err(other_execution())
    }
}

/// Makes a connection of a slice.
pub(crate) fn connection<R, T: OutputType>(
    slice: Slice<R>,
    edge: impl Fn(R) -> (KeyCursor, T),
) -> Connection<T> {
    let mut connection = Connection::new(slice.has_previous, slice.has_next);
    connection.edges.extend(slice.rows.into_iter().map(|row| {
        let (cursor, node) = edge(row);
        Edge::<KeyCursor, T, EmptyFields>::new(cursor, node)
    }));
    connection
}

impl CursorType for KeyCursor {
    /// Cursors are read by [`PageArguments::page`], which tells why one is refused.
    type Error = ApiError;

    fn decode_cursor(text: &str) -> Result<Self, ApiError> {
        Self::decode(text)
    }

    fn encode_cursor(&self) -> String {
        self.encode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(arguments: &PageArguments) -> Result<Page<ExecutionId>, Option<&'static str>> {
        let key = |cursor| match cursor {
            KeyCursor::Execution(id) => Ok(id),
            _ => Err(wrong_list()),
        };
        arguments
            .page(MAX_PAGE, key)
            .map_err(|error| error.reason())
    }

    #[test]
    fn arguments_that_cannot_be_meant_are_refused_with_a_reason() {
        let both = PageArguments {
            first: Some(1),
            last: Some(1),
            ..PageArguments::default()
        };
        assert_eq!(page(&both), Err(Some(reason::FIRST_AND_LAST)));
        let negative = PageArguments {
            last: Some(-1),
            ..PageArguments::default()
        };
        assert_eq!(page(&negative), Err(Some(reason::NEGATIVE_PAGE_SIZE)));
        let large = PageArguments::forward(Some(1_001), None);
        assert_eq!(page(&large), Err(Some(reason::PAGE_TOO_LARGE)));
        let other = KeyCursor::Workflow {
            name: "a".into(),
            id: "b".into(),
        }
        .encode();
        assert_eq!(
            page(&PageArguments::forward(None, Some(other))),
            Err(Some(reason::WRONG_CURSOR_KIND))
        );
        let broken = PageArguments::forward(None, Some("zzz".into()));
        assert_eq!(page(&broken), Err(Some(reason::MALFORMED_CURSOR)));
    }

    #[test]
    fn without_arguments_a_page_is_the_first_fifty() {
        assert_eq!(page(&PageArguments::default()), Ok(Page::first(50, None)));
        let id = ExecutionId::new();
        let last = PageArguments {
            last: Some(0),
            before: Some(KeyCursor::Execution(id).encode()),
            ..PageArguments::default()
        };
        assert_eq!(
            page(&last),
            Ok(Page {
                after: None,
                before: Some(id),
                limit: 0,
                end: End::Back
            })
        );
    }
}
