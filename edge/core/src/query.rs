//! Queries: statements that know how to read their answers. The queries of one batch
//! are put side by side, for instance in a tuple, and what they told comes back in the
//! same shape. So nobody counts answers.
//!
//! ```text
//! let (item, way) = query::all(db, (items::item(space, id), items::way(space, id))).await?;
//! ```

use crate::ports::{Database, DbError, Rows, Statement};
use crate::store::rows::from_json;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What one statement told, or why its answer can't be read. The error concerns only
/// the caller that looks at it: a damaged row stops nothing that does not need it.
pub type Told<T> = Result<T, DbError>;

/// Borrows what was told.
///
/// # Errors
/// It can't be read.
pub fn look<T>(told: &Told<T>) -> Result<&T, DbError> {
    told.as_ref().map_err(DbError::clone)
}

/// A statement with the function that reads its answer.
pub struct Query<T> {
    statement: Statement,
    read: Read<T>,
}

type Read<T> = Box<dyn FnOnce(&Rows) -> Told<T>>;

/// Statements of one batch, in their order.
pub trait Queries {
    /// What the answers come to.
    type Told;

    /// Moves the statements into a batch.
    fn ask(&mut self, batch: &mut Vec<Statement>);

    /// Takes what was answered to each.
    fn told(self, answers: &mut BatchAnswers) -> Self::Told;

    /// The same queries; `to` turns what they told into something else.
    fn map<T, F: FnOnce(Self::Told) -> T>(self, to: F) -> Mapped<Self, F>
    where
        Self: Sized,
    {
        Mapped { of: self, to }
    }
}

/// The answers of a batch that were not taken yet.
pub struct BatchAnswers(std::vec::IntoIter<Rows>);

/// Runs the statements in order, all or none.
///
/// # Errors
/// The database refuses the batch, or does not answer.
pub async fn all<Q: Queries>(db: &impl Database, mut queries: Q) -> Result<Q::Told, DbError> {
    let mut batch = Vec::new();
    queries.ask(&mut batch);
    // D1 refuses a batch of nothing.
    let answers = match batch.is_empty() {
        true => Vec::new(),
        false => db.batch(batch).await?,
    };
    Ok(queries.told(&mut BatchAnswers(answers.into_iter())))
}

/// Runs one statement.
///
/// # Errors
/// The database refuses it, or does not answer, or what it says can't be read.
pub async fn one<T>(db: &impl Database, query: Query<T>) -> Told<T> {
    all(db, query).await?
}

impl Statement {
    /// Takes the statement with its parameters, which may be megabytes and so are not
    /// copied.
    fn moved(&mut self) -> Self {
        let params = std::mem::take(&mut self.params);
        Self { params, ..*self }
    }

    /// Asks the statement, and reads its answer with `read`.
    pub fn read_by<T>(self, read: impl FnOnce(&Rows) -> Told<T> + 'static) -> Query<T> {
        Query {
            statement: self,
            read: Box::new(read),
        }
    }

    /// The first row, if there is one.
    pub fn first<T: DeserializeOwned + 'static>(self) -> Query<Option<T>> {
        self.read_by(Rows::first)
    }

    /// All rows.
    pub fn rows<T: DeserializeOwned + 'static>(self) -> Query<Vec<T>> {
        self.read_by(Rows::all)
    }

    /// See [`Rows::readable`].
    pub fn readable<T: DeserializeOwned + 'static>(
        self,
        key: &'static [&'static str],
    ) -> Query<Vec<T>> {
        self.read_by(|rows| Ok(rows.readable(key)))
    }

    /// Whether there is any row.
    pub fn any(self) -> Query<bool> {
        self.read_by(|rows| Ok(!rows.rows.is_empty()))
    }

    /// How many rows it changed.
    pub fn changes(self) -> Query<u64> {
        self.read_by(|rows| Ok(rows.changes))
    }

    /// The column `count` of its row, or 0.
    pub fn count(self) -> Query<u64> {
        #[derive(Deserialize)]
        struct CountRow {
            count: u64,
        }
        let first = self.first::<CountRow>();
        first.then(|row| Ok(row.map_or(0, |row| row.count)))
    }

    /// The column `list` of its row, which is one JSON text; `None` without a row.
    pub fn list<T: DeserializeOwned + 'static>(self) -> Query<Option<Vec<T>>> {
        #[derive(Deserialize)]
        struct ListRow {
            list: String,
        }
        let first = self.first::<ListRow>();
        first.then(|row| row.map(|row| from_json(&row.list)).transpose())
    }
}

impl<T: 'static> Query<T> {
    /// The same query; `read` goes on with what it told.
    pub fn then<U>(self, read: impl FnOnce(T) -> Told<U> + 'static) -> Query<U> {
        let Self {
            statement,
            read: first,
        } = self;
        statement.read_by(|rows| read(first(rows)?))
    }
}

impl<T: Default + 'static> Query<Option<T>> {
    /// The row, or the default where there is none.
    pub fn or_default(self) -> Query<T> {
        self.then(|told| Ok(told.unwrap_or_default()))
    }
}

impl<T> Queries for Query<T> {
    type Told = Told<T>;

    fn ask(&mut self, batch: &mut Vec<Statement>) {
        batch.push(self.statement.moved());
    }

    fn told(self, answers: &mut BatchAnswers) -> Told<T> {
        let missing = || DbError::Fault("a statement has no answer".into());
        (self.read)(&answers.0.next().ok_or_else(missing)?)
    }
}

/// Queries that are asked only on a condition.
impl<Q: Queries> Queries for Option<Q> {
    type Told = Option<Q::Told>;

    fn ask(&mut self, batch: &mut Vec<Statement>) {
        if let Some(queries) = self {
            queries.ask(batch);
        }
    }

    fn told(self, answers: &mut BatchAnswers) -> Self::Told {
        self.map(|queries| queries.told(answers))
    }
}

impl<Q: Queries> Queries for Vec<Q> {
    type Told = Vec<Q::Told>;

    fn ask(&mut self, batch: &mut Vec<Statement>) {
        for queries in self {
            queries.ask(batch);
        }
    }

    fn told(self, answers: &mut BatchAnswers) -> Self::Told {
        let told = self.into_iter().map(|queries| queries.told(answers));
        told.collect()
    }
}

/// A statement that only writes tells nothing.
impl Queries for Statement {
    type Told = ();

    fn ask(&mut self, batch: &mut Vec<Statement>) {
        batch.push(self.moved());
    }

    fn told(self, answers: &mut BatchAnswers) {
        answers.0.next();
    }
}

/// See [`Queries::map`].
pub struct Mapped<Q, F> {
    of: Q,
    to: F,
}

impl<Q: Queries, T, F: FnOnce(Q::Told) -> T> Queries for Mapped<Q, F> {
    type Told = T;

    fn ask(&mut self, batch: &mut Vec<Statement>) {
        self.of.ask(batch);
    }

    fn told(self, answers: &mut BatchAnswers) -> T {
        (self.to)(self.of.told(answers))
    }
}

macro_rules! side_by_side {
    ($($each:ident),+) => {
        #[allow(non_snake_case, reason = "each is named as its type is")]
        impl<$($each: Queries),+> Queries for ($($each,)+) {
            type Told = ($($each::Told,)+);

            fn ask(&mut self, batch: &mut Vec<Statement>) {
                let ($($each,)+) = self;
                $($each.ask(batch);)+
            }

            fn told(self, answers: &mut BatchAnswers) -> Self::Told {
                let ($($each,)+) = self;
                ($($each.told(answers),)+)
            }
        }
    };
}

side_by_side!(A, B);
side_by_side!(A, B, C);
side_by_side!(A, B, C, D);
side_by_side!(A, B, C, D, E);
side_by_side!(A, B, C, D, E, F);
side_by_side!(A, B, C, D, E, F, G);
side_by_side!(A, B, C, D, E, F, G, H);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// Answers each statement with its own text, up to so many.
    struct Echo(usize);

    impl Database for Echo {
        async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DbError> {
            let rows = |statement: Statement| Rows {
                rows: vec![json!({ "said": statement.sql, "of": statement.params.len() })],
                changes: 1,
            };
            Ok(statements.into_iter().take(self.0).map(rows).collect())
        }
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Said {
        said: String,
        of: usize,
    }

    fn ask(sql: &'static str) -> Query<String> {
        let said = Statement::new(sql).bind(1_u64).first::<Said>();
        said.then(|said| {
            Ok(said.map_or_else(String::new, |said| format!("{}{}", said.said, said.of)))
        })
    }

    fn told<Q: Queries>(answered: usize, queries: Q) -> Q::Told {
        let echo = Echo(answered);
        let asked = pin!(all(&echo, queries));
        match asked.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(told) => told.unwrap(),
            Poll::Pending => panic!("it is answered at once"),
        }
    }

    fn said(text: &str) -> Told<String> {
        Ok(text.to_owned())
    }

    #[test]
    fn each_statement_is_told_what_it_was_answered_whatever_stands_beside_it() {
        let write = Statement::new("w").bind(1_u64).bind(2_u64);
        let nothing = None::<(Query<String>, Statement)>;
        let pair = Some((ask("c"), write.clone()));
        let many = vec![ask("d"), ask("e")];
        let mapped = (ask("f"), write.changes()).map(|(f, changed)| (changed, f));
        let queries = (ask("a"), nothing, pair, many, mapped, ask("g"));
        let (a, none, pair, many, (changed, f), g) = told(8, queries);
        assert_eq!((a, none), (said("a1"), None));
        assert_eq!(pair, Some((said("c1"), ())));
        assert_eq!(many, [said("d1"), said("e1")]);
        assert_eq!((changed, f, g), (Ok(1), said("f1"), said("g1")));
    }

    #[test]
    fn what_cant_be_read_is_the_error_of_whoever_looks_at_it() {
        let unreadable = Statement::new("a").rows::<u64>();
        let (first, second, third) = told(2, (unreadable, ask("b"), ask("c")));
        assert!(matches!(first, Err(DbError::Fault(_))));
        assert_eq!(second, said("b1"));
        // A database that answers too little.
        assert!(matches!(third, Err(DbError::Fault(_))));
    }
}
