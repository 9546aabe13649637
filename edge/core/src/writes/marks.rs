//! A version gets a name, or is pinned, so that it stays however old it is; or somebody lets
//! go of it. That changes nothing that anybody wrote, so no entry of the journal tells of it
//! and it has no operation id: whoever lists the versions is told. The first one wins: a
//! change is refused where the marks are others than those that its person saw, unless they
//! are what that very change has made of them.

use super::Author;
use crate::access::reach::Named;
use crate::error::Failure;
use crate::labels::version_name;
use crate::ports::{Database, DbError, Statement};
use crate::query;
use crate::rules::{check_way, head, there};
use crate::store::sql::{content, items as items_sql};
use crate::store::{items, versions};
use protocol::files::{FileVersion, MarkVersion};
use protocol::ids::ItemId;
use protocol::problem::Problem;
use std::collections::BTreeSet;

/// How often it is tried where others change the same at the same moment.
const MAX_ATTEMPTS: usize = 4;

/// Names or pins a version, or lets go of it. Returns it as it is then.
///
/// 1. 400 `bad_name`.
/// 2. 404 `no_such_item`, 403 `read_only`; 409 `not_a_file`, `is_a_mount`, `in_trash`.
/// 3. 404 `no_such_version`: it may be gone, because nobody had pinned it. 409
///    `place_conflict`.
/// 4. The batch is refused unless all that still holds; then it is looked at again.
///
/// # Errors
/// These, or the database fails.
pub async fn mark(
    db: &impl Database,
    author: &Author,
    item: ItemId,
    wanted: &MarkVersion,
) -> Result<FileVersion, Failure> {
    // 1
    let name = version_name(&wanted.name)?;
    let wanted = MarkVersion {
        name: name.to_owned(),
        pinned: wanted.pinned || !name.is_empty(),
        ..*wanted
    };
    let mut last = DbError::Busy("not tried".into());
    for _ in 0..MAX_ATTEMPTS {
        match attempt(db, author, item, &wanted).await {
            Err(Failure::Database(error @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                last = error;
            }
            end => return end,
        }
    }
    Err(super::given_up(last).into())
}

async fn attempt(
    db: &impl Database,
    author: &Author,
    item: ItemId,
    wanted: &MarkVersion,
) -> Result<FileVersion, Failure> {
    // 2
    let space = author.space;
    let named = vec![Named::File(item)];
    author.reach.check_change(db, space, named).await?;
    let looks = (
        items::item(space, item),
        items::way(space, Some(item)),
        versions::listed(space, item, wanted.version),
    );
    let (found, way, version) = author.reach.read(db, space, item, looks).await?;
    head(&there(found?)?)?;
    check_way(&way?)?;
    // 3
    let before: FileVersion = version?.ok_or(Problem::NoSuchVersion)?.into();
    let is_so = before.name == wanted.name && before.pinned == wanted.pinned;
    if is_so && before.marks >= wanted.base_marks {
        return Ok(before);
    }
    if before.marks != wanted.base_marks {
        return Err(Problem::PlaceConflict {
            current_place_version: before.marks,
        }
        .into());
    }
    // 4
    let name = Some(wanted.name.clone()).filter(|name| !name.is_empty());
    let put = Statement::new(content::MARK_VERSION)
        .id(space)
        .id(item)
        .bind(wanted.version)
        .bind(wanted.base_marks)
        .bind(name)
        .bind(u64::from(wanted.pinned));
    let statements = vec![put, Statement::new(items_sql::GUARD_HEAD)];
    let items = BTreeSet::from([item]);
    let statements = author.reach.guarded(space, statements, &items)?;
    query::all(db, statements).await?;
    Ok(FileVersion {
        name: wanted.name.clone(),
        pinned: wanted.pinned,
        marks: wanted.base_marks.saturating_add(1),
        ..before
    })
}
