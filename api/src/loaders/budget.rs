//! How many rows of paged fields one request may read, over all its levels.
//!
//! Pages multiply: fifty children of fifty children of fifty. A static estimate of that refuses deep queries over narrow
//! trees, so rows are counted as they are read.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::ApiError;

/// The rows left to one request.
pub(crate) struct Budget {
    limit: usize,
    spent: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            spent: AtomicUsize::new(0),
        }
    }

    /// Takes `rows` from the budget.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` when they are more than what is left.
    pub(crate) fn spend(&self, rows: usize) -> Result<(), ApiError> {
        let before = self.spent.fetch_add(rows, Ordering::Relaxed);
        if before.saturating_add(rows) > self.limit {
            return Err(ApiError::limit(format!(
                "the query reads more than {} rows; ask for smaller pages or fewer levels",
                self.limit
            )));
        }
        Ok(())
    }

    /// A limit for a statement that reads pages of `keys` lists. Pages that it cuts short hold more than is left: each has
    /// at most one row more than it gives, so twice what is left, and a row for each empty page, are enough to tell.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` when nothing is left.
    pub(crate) fn row_cap(&self, keys: usize) -> Result<i64, ApiError> {
        self.spend(0)?;
        let left = self
            .limit
            .saturating_sub(self.spent.load(Ordering::Relaxed));
        let cap = left
            .saturating_mul(2)
            .saturating_add(keys)
            .saturating_add(1);
        Ok(i64::try_from(cap).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone() {
        let budget = Budget::new(10);
        assert!(budget.spend(4).is_ok());
        assert_eq!(budget.row_cap(3), Ok(16));
        assert!(budget.spend(7).is_err());
        assert!(budget.row_cap(1).is_err());
    }
}
