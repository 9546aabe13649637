//! JSON bodies, read as they are documented: an object is an object, at every
//! depth.
//!
//! serde's derived types take more than that. A struct also takes a list of its fields'
//! values, and an enum an object with a variant as its key. Each would be a second
//! spelling of every request, which nobody promised and nobody tests. So [`Strict`]
//! stands between these types and the parser. It buffers nothing, so it costs no
//! memory. Types that serde buffers (`flatten`, `tag`, `untagged`) would be read by
//! serde's own rules afterwards, so a body with such a type is refused.

mod strict;

use protocol::name::BadName;
use protocol::problem::Problem;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Deserializer, Error};
use strict::Strict;

/// Reads a body.
///
/// # Errors
/// 400 `bad_name` or `bad_json`: the body is not one value of this shape, a field is
/// there twice, or something follows the value.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut parser = Deserializer::from_slice(body);
    let read = T::deserialize(Strict(&mut parser)).map_err(refused)?;
    parser.end().map_err(refused)?;
    Ok(read)
}

/// Reads a body `{"<field>": [{…}, …]}`. Each entry is read by itself, so that a bad
/// one does not spoil the others.
///
/// # Errors
/// 400 `bad_json`: the body has no such list of objects.
pub fn read_entries<T: DeserializeOwned>(
    body: &[u8],
    field: &str,
) -> Result<Vec<Result<T, Problem>>, Problem> {
    let entries = entries(body, field)?;
    Ok(entries.into_iter().map(read).collect())
}

/// The text of each object of the list, as it stands in the body.
fn entries<'a>(body: &'a [u8], field: &str) -> Result<Vec<&'a [u8]>, Problem> {
    let mut rest = Rest(body);
    let mut found = None;
    rest.expect(b'{')?;
    let mut goes_on = !rest.takes(b'}');
    while goes_on {
        let key: String = rest.value()?.0;
        rest.expect(b':')?;
        if key != field {
            rest.value::<IgnoredAny>()?;
        } else if found.is_some() {
            return Err(bad_json(format!("duplicate field `{field}`")));
        } else {
            found = Some(rest.objects(field)?);
        }
        goes_on = rest.takes(b',');
        if !goes_on {
            rest.expect(b'}')?;
        }
    }
    match rest.next() {
        Some(_) => Err(bad_json("trailing characters")),
        None => found.ok_or_else(|| bad_json(format!("missing field `{field}`"))),
    }
}

/// The part of the body that was not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// The next byte that is not white space.
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.trim_ascii_start();
        self.0.first().copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        if is_next {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.takes(byte) {
            return Ok(());
        }
        let left = self.0.len();
        let expected = char::from(byte);
        Err(bad_json(format!(
            "expected `{expected}` {left} bytes before the end"
        )))
    }

    /// The next value, and its text as it stands in the body.
    fn value<T: DeserializeOwned>(&mut self) -> Result<(T, &'a [u8]), Problem> {
        let mut values = Deserializer::from_slice(self.0).into_iter::<T>();
        let value = values.next();
        let value = value.ok_or_else(|| bad_json("it ends too early"))?;
        let (text, rest) = self
            .0
            .split_at_checked(values.byte_offset())
            .unwrap_or((self.0, &[]));
        self.0 = rest;
        Ok((value.map_err(refused)?, text))
    }

    fn objects(&mut self, field: &str) -> Result<Vec<&'a [u8]>, Problem> {
        let mut objects = Vec::new();
        self.expect(b'[')?;
        let mut goes_on = !self.takes(b']');
        while goes_on {
            if self.next() != Some(b'{') {
                let index = objects.len();
                return Err(bad_json(format!("{field}[{index}] is no object")));
            }
            objects.push(self.value::<IgnoredAny>()?.1);
            goes_on = self.takes(b',');
            if !goes_on {
                self.expect(b']')?;
            }
        }
        Ok(objects)
    }
}

fn bad_json(detail: impl Into<String>) -> Problem {
    Problem::BadJson {
        detail: detail.into(),
    }
}

fn refused(why: Error) -> Problem {
    let detail = why.to_string();
    if detail.starts_with(BadName::BEGINNING) {
        Problem::BadName { detail }
    } else {
        Problem::BadJson { detail }
    }
}

#[cfg(test)]
mod tests;
