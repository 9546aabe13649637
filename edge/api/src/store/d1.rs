//! D1 behind [`Database`], and the way from a space to its database.

use driftless_core::ports::{Database, DbError, Param, Rows, Statement};
use protocol::ids::SpaceId;
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, D1Result, Env, Error};

/// A D1 database.
pub struct D1(D1Database);

impl D1 {
    /// # Errors
    /// There is no such binding.
    pub fn bound(env: &Env, binding: &str) -> Result<Self, DbError> {
        env.d1(binding)
            .map(Self)
            .map_err(|e| DbError::Fault(e.to_string()))
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, DbError> {
        let params: Vec<JsValue> = statement.params.iter().map(js_value).collect();
        self.0
            .prepare(statement.sql)
            .bind(&params)
            .map_err(|e| db_error(&e))
    }
}

impl Database for D1 {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DbError> {
        let prepared = statements
            .iter()
            .map(|statement| self.prepare(statement))
            .collect::<Result<Vec<_>, _>>()?;
        let results = self.0.batch(prepared).await.map_err(|e| db_error(&e))?;
        results.iter().map(rows).collect()
    }
}

/// Which database holds which space. There is one today; a space's row in the
/// directory would say which once there are more.
pub struct SpaceDatabases<'a>(pub &'a Env);

impl SpaceDatabases<'_> {
    /// # Errors
    /// The binding is missing.
    pub fn of(&self, _space: SpaceId) -> Result<D1, DbError> {
        D1::bound(self.0, "SPACE_DB_0")
    }

    /// Those that hold any space.
    ///
    /// # Errors
    /// A binding is missing.
    pub fn all(&self) -> Result<Vec<D1>, DbError> {
        Ok(vec![D1::bound(self.0, "SPACE_DB_0")?])
    }
}

fn js_value(param: &Param) -> JsValue {
    match param {
        Param::Null => JsValue::NULL,
        Param::Number(number) => JsValue::from_f64(number.as_double()),
        Param::Text(text) => JsValue::from_str(text),
    }
}

fn rows(result: &D1Result) -> Result<Rows, DbError> {
    let rows = result.results().map_err(|e| db_error(&e))?;
    let meta = result.meta().map_err(|e| db_error(&e))?;
    let changes = meta.and_then(|meta| meta.changes).unwrap_or(0);
    Ok(Rows {
        rows,
        changes: changes as u64,
    })
}

fn db_error(error: &Error) -> DbError {
    let message = match error {
        Error::D1(error) => error.cause(),
        other => other.to_string(),
    };
    DbError::told_as(message)
}
