//! Hand-written SQL that is prepared once per connection.
//!
//! Diesel's `sql_query` is parsed by PostgreSQL on every call, and reads its rows by column name. A [`Statement`] is cached by
//! its text and read by position, as the statements of the query builder are.

use std::{borrow::Cow, marker::PhantomData};

use diesel::{
    QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::HasSqlType,
};

/// SQL with parameters `$1`, `$2`, … whose first mentions are in that order, and rows of the SQL type `ST`.
///
/// Whatever varies in the text must come from a small set, because each text is a prepared statement of its own.
pub(crate) struct Statement<ST> {
    sql: Cow<'static, str>,
    binds: Vec<Box<dyn QueryFragment<Pg> + Send + Sync>>,
    rows: PhantomData<fn() -> ST>,
}

impl<ST> Statement<ST> {
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            sql: sql.into(),
            binds: Vec::new(),
            rows: PhantomData,
        }
    }

    /// Gives the next parameter its value.
    pub(crate) fn bind<T, U>(mut self, value: U) -> Self
    where
        T: 'static,
        U: ToSql<T, Pg> + Send + Sync + 'static,
        Pg: HasSqlType<T>,
    {
        self.binds.push(Box::new(Bind::<T, U> {
            value,
            sql_type: PhantomData,
        }));
        self
    }
}

struct Bind<T, U> {
    value: U,
    sql_type: PhantomData<fn() -> T>,
}

impl<T, U> QueryFragment<Pg> for Bind<T, U>
where
    U: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<T, U>(&self.value)
    }
}

impl<ST> QueryFragment<Pg> for Statement<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut bound = 0;
        let mut rest = &*self.sql;
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..]
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            let end = at + 1 + digits;
            if rest[at + 1..end].parse() == Ok(bound + 1) {
                out.push_sql(&rest[..at]);
                self.binds[bound].walk_ast(out.reborrow())?;
                bound += 1;
            } else {
                out.push_sql(&rest[..end]);
            }
            rest = &rest[end..];
        }
        debug_assert_eq!(
            bound,
            self.binds.len(),
            "each parameter is mentioned, in order: {}",
            self.sql
        );
        out.push_sql(rest);
        Ok(())
    }
}

impl<ST: 'static> QueryId for Statement<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Statement<ST> {
    type SqlType = ST;
}

impl<ST, Conn> RunQueryDsl<Conn> for Statement<ST> {}

/// A pattern of LIKE that finds `text` anywhere, taken literally.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_of_like_are_taken_literally() {
        assert_eq!(contains(r"50%_a\b"), r"%50\%\_a\\b%");
    }

    #[test]
    fn a_parameter_is_bound_where_it_is_first_mentioned() {
        use diesel::sql_types::{BigInt, Text};
        let statement = Statement::<BigInt>::new("SELECT $1 + $1 WHERE $2 = $2 || $1")
            .bind::<BigInt, _>(1_i64)
            .bind::<Text, _>("a");
        let printed = diesel::debug_query::<Pg, _>(&statement).to_string();
        assert_eq!(
            printed,
            r#"SELECT $1 + $1 WHERE $2 = $2 || $1 -- binds: [1, "a"]"#
        );
    }
}
