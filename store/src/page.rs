//! Keyset arithmetic of pages: bounds, direction, and one row more than asked for, which tells whether there are more.

/// Which end of the list, within the bounds, a page is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The first rows.
    Front,
    /// The last rows.
    Back,
}

/// A part of a sorted list: at most `limit` rows strictly between two keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Page<K> {
    pub after: Option<K>,
    pub before: Option<K>,
    pub limit: usize,
    pub end: End,
}

impl<K> Page<K> {
    /// The first `limit` rows after `after`.
    pub fn first(limit: usize, after: Option<K>) -> Self {
        Self {
            after,
            before: None,
            limit,
            end: End::Front,
        }
    }

    /// The number of rows to ask the database for.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
    }

    /// `ASC` or `DESC`: the direction in which the database must read a list that ascends.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        match self.end {
            End::Front => "ASC",
            End::Back => "DESC",
        }
    }

    /// `ASC` or `DESC`: the same for a list that descends.
    #[must_use]
    pub fn direction_of_descending(&self) -> &'static str {
        match self.end {
            End::Front => "DESC",
            End::Back => "ASC",
        }
    }

    /// Makes the slice of what the database gave: at most [`fetch`](Self::fetch) rows, nearest to the page's end first.
    ///
    /// At the far end the extra row tells whether there are more. At the near end a bound does: it was the key of a row.
    #[must_use]
    pub fn slice<T>(&self, mut rows: Vec<T>) -> Slice<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        match self.end {
            End::Front => Slice {
                has_previous: self.after.is_some(),
                has_next: more || self.before.is_some(),
                rows,
            },
            End::Back => {
                rows.reverse();
                Slice {
                    has_previous: more || self.after.is_some(),
                    has_next: self.before.is_some(),
                    rows,
                }
            }
        }
    }
}

/// The rows of a page in the order of the list, and whether it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    pub rows: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Slice<T> {
    /// The same slice of other rows.
    pub fn map<U>(self, row: impl FnMut(T) -> U) -> Slice<U> {
        Slice {
            rows: self.rows.into_iter().map(row).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a database does, on a list in memory.
    fn read(list: &[u32], page: &Page<u32>) -> Slice<u32> {
        let within = |key: &u32| {
            page.after.is_none_or(|after| *key > after)
                && page.before.is_none_or(|before| *key < before)
        };
        let mut rows: Vec<u32> = list.iter().copied().filter(within).collect();
        if page.end == End::Back {
            rows.reverse();
        }
        rows.truncate(usize::try_from(page.fetch()).unwrap());
        page.slice(rows)
    }

    proptest! {
        #[test]
        fn pages_forward_give_the_list_once(list in prop::collection::btree_set(0_u32..1000, 0..50), limit in 1_usize..7) {
            let list: Vec<u32> = list.into_iter().collect();
            let mut seen: Vec<u32> = Vec::new();
            let mut page = Page::first(limit, None);
            loop {
                let slice = read(&list, &page);
                prop_assert_eq!(slice.has_previous, !seen.is_empty());
                seen.extend(&slice.rows);
                if !slice.has_next { break }
                page.after = slice.rows.last().copied();
            }
            prop_assert_eq!(seen, list);
        }

        #[test]
        fn pages_backward_give_the_list_once(list in prop::collection::btree_set(0_u32..1000, 0..50), limit in 1_usize..7) {
            let list: Vec<u32> = list.into_iter().collect();
            let mut seen: Vec<u32> = Vec::new();
            let mut page = Page { after: None, before: None, limit, end: End::Back };
            loop {
                let slice = read(&list, &page);
                prop_assert_eq!(slice.has_next, !seen.is_empty());
                seen.splice(0..0, slice.rows.iter().copied());
                if !slice.has_previous { break }
                page.before = slice.rows.first().copied();
            }
            prop_assert_eq!(seen, list);
        }
    }

    #[test]
    fn a_page_of_nothing_tells_that_there_is_more() {
        assert_eq!(
            read(&[1, 2], &Page::first(0, None)),
            Slice {
                rows: vec![],
                has_previous: false,
                has_next: true
            }
        );
    }
}
