//! Links to items of a space. The index of their keys is in the directory:
//! [`super::link_keys`].

/// A link `g`, with its item `i` as it is now.
macro_rules! columns {
    () => {
        concat!(
            "g.id, g.key, g.item, i.name, i.version IS NULL AS is_folder, g.label, g.may,
  g.record IS NOT NULL AS has_password, g.created_at, g.ends_at, g.most_downloads, g.opened,
  g.downloaded, ",
            account_end!(),
            " AS account_ends_at"
        )
    };
}

/// True of a link `g` that has not ended, of which downloads are left, and whose password
/// is the one that was given, if it has one. `$now` is the time, `$number` the password's
/// number
macro_rules! lets_in {
    ($now:literal, $number:literal) => {
        concat!(
            lasts!($now),
            " AND (g.most_downloads IS NULL OR g.downloaded < g.most_downloads)
  AND (g.record IS NULL OR g.password_number = ",
            $number,
            ")"
        )
    };
}

/// What a visitor finds, ended or not. ?1 space, ?2 link
pub const VISITED: &str = concat!(
    "
SELECT g.id, g.owner_name, g.label, g.may, g.ends_at, g.most_downloads, g.downloaded,
  CASE WHEN g.record IS NOT NULL THEN g.password_number END AS password, ",
    account_end!(),
    " AS account_ends_at
FROM links g WHERE g.space = ?1 AND g.id = ?2"
);

/// Aborts the batch unless visitors may put in files. ?1 space, ?2 link, ?3 now, ?4 number
/// of the password that was given
pub const GUARD_UPLOADS: &str = concat!(
    "
INSERT INTO guards (parent) SELECT NULL WHERE NOT EXISTS (
  SELECT 1 FROM links g
  WHERE g.space = ?1 AND g.id = ?2 AND g.may IN ('upload', 'view_and_upload')
  AND ",
    lets_in!("?3", "?4"),
    "
)"
);

/// Counts a download, unless the link lets nobody in any more. ?1 space, ?2 link, ?3 now,
/// ?4 number of the password that was given
pub const COUNT_DOWNLOAD: &str = concat!(
    "
UPDATE links AS g SET downloaded = g.downloaded + 1
WHERE g.space = ?1 AND g.id = ?2 AND g.may IN ('view', 'view_and_upload')
  AND ",
    lets_in!("?3", "?4")
);

/// Counts a visit. ?1 space, ?2 link
pub const COUNT_VISIT: &str = "UPDATE links SET opened = opened + 1 WHERE space = ?1 AND id = ?2";

/// The record of the password. ?1 space, ?2 link
pub const RECORD: &str = "
SELECT lower(hex(record)) AS record, sign_in_key, credential, password_number
FROM links WHERE space = ?1 AND id = ?2 AND record IS NOT NULL";

/// ?1 space, ?2 link
pub const LINK: &str = concat!(
    "SELECT ",
    columns!(),
    "
FROM links g CROSS JOIN items i ON i.space = g.space AND i.id = g.item
WHERE g.space = ?1 AND g.id = ?2"
);

/// Those of a space that last. ?1 space, ?2 now
pub const OF_SPACE: &str = live!(columns, "links g WHERE g.space = ?1", "?2");

/// Those of an item that last. ?1 space, ?2 now, ?3 item
pub const OF_ITEM: &str = live!(
    columns,
    "links g INDEXED BY links_of_items WHERE g.space = ?1 AND g.item = ?3",
    "?2"
);

/// How many there are that last. ?1 space, ?2 now
pub const COUNT: &str = concat!(
    "SELECT count(*) AS count FROM links g WHERE g.space = ?1 AND ",
    lasts!("?2")
);

/// ?1 space, ?2 id, ?3 key, ?4 item, ?5 name of the owner, ?6 label, ?7 what it allows,
/// ?8 now, ?9 end, ?10 most downloads
pub const INSERT: &str = "
INSERT INTO links
  (space, id, key, item, owner_name, label, may, created_at, ends_at, most_downloads)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// ?1 space, ?2 id, ?3 label, ?4 what it allows, ?5 end, ?6 most downloads
pub const CHANGE: &str = "
UPDATE links SET label = ?3, may = ?4, ends_at = ?5, most_downloads = ?6
WHERE space = ?1 AND id = ?2";

/// Gives a link another password, or none. ?1 space, ?2 id, ?3 record or null, ?4 sign-in
/// key, ?5 credential
pub const PUT_PASSWORD: &str = "
UPDATE links SET record = unhex(?3), sign_in_key = ?4, credential = ?5,
  password_number = password_number + 1
WHERE space = ?1 AND id = ?2";

/// ?1 space, ?2 id
pub const REMOVE: &str = "DELETE FROM links WHERE space = ?1 AND id = ?2";

/// Forgets those that are over. ?1 space, ?2 ended before
pub const SWEEP: &str = "DELETE FROM links WHERE space = ?1 AND ends_at < ?2";

/// Takes those away of items that are deleted for good. ?1 space, ?2 JSON list of items
pub const REMOVE_OF_ITEMS: &str = "
DELETE FROM links WHERE (space, id) IN (
  SELECT g.space, g.id FROM json_each(?2) c
  CROSS JOIN links g ON g.space = ?1 AND g.item = c.value
) RETURNING space, id, key";
