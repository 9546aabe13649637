//! Every limit, with its unit in its name. "Hard" means that going over it is
//! refused; "target" means that the client aims for it.

pub use blocks::limits::*;

/// Hard. Blocks that one request may want as frames or as signatures.
pub const MAX_FETCH_BLOCKS: usize = MAX_PACK_BLOCKS;

/// Hard. Plain bytes of the blocks that one request wants where they may come as patches: a
/// browser has more memory than the server, and each request costs as many bytes as some
/// patches.
pub const MAX_FETCH_PLAIN_BYTES: usize = 2 * MAX_PACK_PLAIN_BYTES;
/// Blocks that a request names by their places in a list. The list is read whole for each
/// request, so where there are more, they are named.
pub const MAX_LISTED_BLOCKS: usize = 1_000;
/// Target. The payloads in one answer of frames; it ends with the block that
/// reaches it.
pub const TARGET_FETCH_BYTES: u64 = 4 << 20;
/// Hard. Files that one request for blocks may name, for who has only a folder or a
/// file: their blocks are looked up in one statement, and in the address of an upload
/// their ids take less than 4 KiB.
pub const MAX_OF_FILES: usize = 100;
/// Hard. The bytes of a thumbnail: a picture of 320 pixels takes some 10 KiB as WebP.
pub const MAX_THUMBNAIL_BYTES: usize = 32 << 10;
/// Hard. Files that one request may ask the thumbnails of: more than a screen shows.
pub const MAX_THUMBNAILS_ASKED: usize = 64;
/// Target. The plain bytes of the blocks in one answer of signatures. The server
/// hashes all of them, which takes it about as long as an upload of as many.
pub const TARGET_SIGNED_BYTES: u64 = 4 << 20;
/// Target. How long a patch is kept for other devices: 7 days. Later they pull
/// the block.
pub const PATCH_RETENTION_MILLIS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Hard. New files in one request.
pub const MAX_BATCH_FILES: usize = 100;
/// Hard. Changes of items' places in one request.
pub const MAX_BATCH_ITEMS: usize = 100;
/// Hard. Blocks of all new files in one request: as many as a file aims for, so
/// that their lists, written as JSON, stay far under D1's 2 MB for one value.
pub const MAX_BATCH_BLOCKS: usize = 8_192;
/// Hard. Any JSON body: the longest block list fits.
pub const MAX_JSON_BODY_BYTES: usize = 2 << 20;
/// Hard. A request that carries blocks: its JSON and its frames, each within
/// their own limit, and the length of the JSON.
pub const MAX_CARRYING_BODY_BYTES: usize = 4 + MAX_JSON_BODY_BYTES + MAX_PACK_BODY_BYTES;

/// Hard. What all requests in one isolate of the server may have in memory at one time,
/// of bodies, packs and decoded blocks: 72 MiB of the 128 that it has.
pub const MAX_IN_FLIGHT_BYTES: u64 = 72 << 20;

/// Hard. The longest name, in bytes of UTF-8, as on the common file systems.
pub const MAX_NAME_BYTES: usize = 255;
/// Hard. The deepest nesting of folders.
pub const MAX_FOLDER_DEPTH: usize = 128;

/// Whether `below` nested folders may stand below `above` others. `above` counts the
/// folders on the way from the top of the space, the last one included. `below` is the
/// height of what is put there: 0 for a file, and for a folder one more than the
/// highest folder in it.
pub const fn may_nest(above: usize, below: usize) -> bool {
    above.saturating_add(below) <= MAX_FOLDER_DEPTH
}

/// Target. What a space's owner may have shared at one time, each item once for each
/// person.
pub const MAX_GRANTS_PER_SPACE: u64 = 1_000;
/// Hard. What a person is told of that others have shared with them, the newest.
pub const MAX_SHARES_TOLD: u64 = 1_000;

/// Hard. Files and folders that are handed over at one time, those in the trash too.
pub const MAX_HANDED_ITEMS: u64 = 5_000;
/// Hard. The rows of their versions, of their conflicts, and of the block lists of these,
/// together. They change hands in one transaction, which takes less than 2 s on SQLite and
/// may take 30 s on D1.
pub const MAX_HANDED_ROWS: u64 = 100_000;

/// Target. Links that a space may have at one time.
pub const MAX_LINKS_PER_SPACE: u64 = 1_000;
/// Hard. How long whoever has given a link's password need not give it again: 12 hours.
pub const PASS_MILLIS: u64 = 12 * 60 * 60 * 1_000;

/// Hard. Items that a person may have starred at one time.
pub const MAX_STARS: u64 = 2_000;
/// Hard. Items that one request may give a star, and as many again that it may take it from.
pub const MAX_BATCH_STARS: usize = 500;
/// Hard. Searches that a person may have saved at one time.
pub const MAX_SAVED_SEARCHES: u64 = 100;
/// Hard. The longest name of a saved search, in characters.
pub const MAX_SEARCH_NAME_CHARS: usize = 100;
/// Hard. The longest query of a saved search, in characters.
pub const MAX_SEARCH_CHARS: usize = 500;

/// Hard. The longest name of a version, in characters.
pub const MAX_VERSION_NAME_CHARS: usize = 100;
/// Hard. The same in bytes of UTF-8: the charge of a version has room for so many.
pub const MAX_VERSION_NAME_BYTES: usize = 255;

/// Hard. The longest name of a user, a device or a link, in bytes of UTF-8.
pub const MAX_LABEL_BYTES: usize = 64;

/// Hard. The longest that a poll is held, in seconds; also the default.
pub const MAX_POLL_SECONDS: u64 = 60;
/// Hard. Things that are shared with a person and that one poll waits for, beside their own
/// drive. A list of so many positions has 4 kilobytes, which addresses may have everywhere.
pub const MAX_POLLED_ROOTS: usize = 32;
/// Hard. Devices of one user that wait at one time, while the hub has free seats.
pub const MAX_POLLS_PER_USER: usize = 64;
/// Hard. Polls that one hub holds. A Durable Object has 128 MB; a parked
/// request takes a few kilobytes of it.
pub const MAX_POLLS_PER_HUB: usize = 8_192;

/// Hard. Entries in one page of the change feed.
pub const MAX_CHANGES_PER_PAGE: u64 = 1_000;

/// A browser's sign-in and an access token end this long after their last use:
/// 90 days.
pub const SESSION_IDLE_MILLIS: u64 = 90 * DAY_MILLIS;
/// Hard. A sign-in ends this long after the password was given, used or not: 180
/// days.
pub const SESSION_MILLIS: u64 = 180 * DAY_MILLIS;
/// How long an access token lasts if whoever makes it says nothing else.
pub const DEFAULT_TOKEN_DAYS: u64 = 90;
/// Hard. How long an access token may last.
pub const MAX_TOKEN_DAYS: u64 = 366;
/// How long a password counts as just given, for what a stolen session must not
/// do: 10 minutes.
pub const CONFIRMED_MILLIS: u64 = 10 * 60 * 1_000;
/// Hard. Devices and access tokens of one user that can get in at one time.
pub const MAX_DEVICES_PER_USER: u64 = 100;
/// How long an account goes on after its person has ended it, if the operator sets nothing
/// else: 7 days, for everybody who has something of it.
pub const ACCOUNT_END_MILLIS: u64 = 7 * DAY_MILLIS;
/// A sign-in must be finished within a minute of its start.
pub const SIGN_IN_MILLIS: u64 = 60 * 1_000;

/// Hard. The fewest characters of a new password. Only the browser sees it, so
/// only the browser can check.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Guesses are counted for an hour from the first one on.
pub const GUESS_MILLIS: u64 = 60 * 60 * 1_000;
/// Hard. Sign-ins of one name that strangers start in that time and do not
/// finish; sign-ups of one name, counted apart.
pub const MAX_GUESSES_PER_NAME: u64 = 20;
/// Hard. Sign-ins of one name that each browser and each network which the name has
/// used before may start in that time and not finish. They are counted apart from the
/// strangers'.
pub const MAX_GUESSES_PER_PLACE: u64 = 20;
/// Hard. Sign-ins of all names that one network may start in that time and not finish.
/// A network is an IPv4 address, or the /64 of an IPv6 address, which one customer
/// gets.
pub const MAX_GUESSES_PER_NETWORK: u64 = 100;
/// Hard. How many recovery codes a set has: enough that some are left for whoever has used
/// or lost a few, and few enough to write down.
pub const RECOVERY_CODES: usize = 10;
/// Hard. Sets of recovery codes that a person makes in that time.
pub const MAX_RECOVERY_SETS: u64 = 20;
/// Hard. Passwords of one link that may be tried in that time and be wrong, by all
/// networks together.
pub const MAX_GUESSES_PER_LINK: u64 = 100;
/// Hard. The same by one network.
pub const MAX_GUESSES_PER_LINK_AND_NETWORK: u64 = 20;
/// Hard. Names that one person may look for in that time, to share something.
pub const MAX_PEOPLE_LOOKED_FOR: u64 = 200;
/// Hard. Grants and links that one person may change in that time: others are told of each
/// change.
pub const MAX_ACCESS_CHANGES: u64 = 200;
/// Hard. How often a person may end their account in that time: everybody who has something
/// of it is told each time.
pub const MAX_ACCOUNT_ENDS: u64 = 5;
/// Target. How long an invitation to make an account holds: a week.
pub const INVITE_MILLIS: u64 = 7 * DAY_MILLIS;
/// Hard. Invitations that are open at one time.
pub const MAX_INVITES: u64 = 200;
/// Target. How long it is kept what administrators did: 400 days, so that a year can be
/// looked back on.
pub const AUDIT_MILLIS: u64 = 400 * DAY_MILLIS;
/// Target. The newest entries of that are kept, so many.
pub const MAX_AUDIT_ENTRIES: u64 = 10_000;
/// Target. Entries of a list for administrators on one page, if the request names no number.
pub const ADMINISTRATION_PAGE: u64 = 50;
/// Hard. The most of them.
pub const MAX_ADMINISTRATION_PAGE: u64 = 200;
/// Target. How long a browser or a network stays known: 180 days.
pub const KNOWN_PLACE_MILLIS: u64 = 180 * DAY_MILLIS;
/// Target. Browsers and networks that are known for one user, the latest ones.
pub const MAX_KNOWN_PLACES: u64 = 100;
/// Target. How long the row of a device is kept after its end: 30 days.
pub const ENDED_DEVICE_MILLIS: u64 = 30 * DAY_MILLIS;

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Target. How often a page says that its person still has a file open: every 4 minutes.
pub const OPENING_SAID_EVERY_MILLIS: u64 = 4 * MINUTE_MILLIS;
/// Target. For how long it holds that somebody has a file open: 6 minutes, so that a page
/// which says it a little late does not seem to be gone.
pub const OPENING_HOLDS_MILLIS: u64 = 6 * MINUTE_MILLIS;
/// Target. For how long others are told that somebody had a file open: 10 minutes. A row is
/// good for nothing after that.
pub const OPENING_TOLD_MILLIS: u64 = 10 * MINUTE_MILLIS;
/// Hard. How often somebody may say within an hour that they have opened or closed a file.
/// So there are at most as many rows of one person, and a sixth of that as a rule.
pub const MAX_OPENINGS_SAID: u64 = 600;
/// Hard. How many openings are told at one time, the latest ones.
pub const MAX_OPENINGS_TOLD: usize = 500;

const MINUTE_MILLIS: u64 = 60 * 1_000;

/// Target. How long a block is kept that no version needs: 24 hours, so that an
/// upload can be interrupted for a day and still finds what it sent.
pub const BLOCK_GRACE_MILLIS: u64 = 24 * 60 * 60 * 1_000;
/// Hard. How long a receipt for a block holds, in whole hours: not longer than a block is
/// kept that no version needs. If it held longer, it would tell whether another file of
/// the space needs the block.
pub const RECEIPT_MILLIS: u64 = BLOCK_GRACE_MILLIS;
/// Target. How long the answer to a change is kept for a repeat: 30 days.
pub const OPERATION_RETENTION_MILLIS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// Target. Bytes that a space may hold if the operator sets nothing else: 10 GiB.
pub const DEFAULT_QUOTA_BYTES: u64 = 10 << 30;

/// Target. Items of a space, if the operator sets nothing else. This limit and the next
/// two keep one person from filling the database of all, which has 10 GB (D1): at the
/// charges below, as many items are a quarter of a GB and as many list entries one GB.
pub const DEFAULT_MAX_ITEMS: u64 = 500_000;
/// Target. Versions of one file, if the operator sets nothing else.
pub const DEFAULT_MAX_VERSIONS_OF_A_FILE: u64 = 10_000;
/// Target. Entries of a space's block lists, if the operator sets nothing else.
pub const DEFAULT_MAX_LIST_ROWS: u64 = 4_000_000;

/// What a row counts against the quota, in bytes. Measured on SQLite with the schema and
/// its indexes, 20,000 rows each: 333 for an item with a name of 25 letters, 317 for a
/// journal entry, 158 for a version and 205 for a conflict, 249 for a row of a list, 133
/// for a block. Rounded up, for pages that are not full.
pub const ITEM_CHARGE: u64 = 768;
/// A version's row, or a conflict's, with its journal entry.
pub const VERSION_CHARGE: u64 = 512;
/// A row of a version's or a conflict's block list.
pub const LIST_ROW_CHARGE: u64 = 256;
/// A stored block's row.
pub const BLOCK_CHARGE: u64 = 160;

const _: () = {
    assert!(SESSION_MILLIS > SESSION_IDLE_MILLIS);
    assert!(DEFAULT_TOKEN_DAYS <= MAX_TOKEN_DAYS);
    assert!(OPENING_SAID_EVERY_MILLIS < OPENING_HOLDS_MILLIS);
    assert!(OPENING_HOLDS_MILLIS < OPENING_TOLD_MILLIS);
    assert!(MAX_PACK_BODY_BYTES > MAX_BLOCK_BYTES);
    assert!(MAX_FILE_BLOCKS as u64 > TARGET_FILE_BLOCKS);
    // A block's entry in a JSON list is a hash of 64 digits and at most 26
    // bytes around it.
    assert!(MAX_FILE_BLOCKS * (64 + 26) < 2_000_000);
    // And with the id of each file in front of its list.
    assert!(MAX_BATCH_BLOCKS * (64 + 26) + MAX_BATCH_FILES * 64 < 2_000_000);
    // A list with a receipt for each block, whose length has 7 digits. In the largest
    // file, few blocks can have a length of 8.
    let longer = (MAX_FILE_BYTES / 10_000_000) as usize;
    let receipts = MAX_FILE_BLOCKS * 27;
    let rest_of_the_json = 4_096;
    assert!(
        MAX_FILE_BLOCKS * (64 + 7 + 6) + longer + receipts + rest_of_the_json
            <= MAX_JSON_BODY_BYTES
    );
    assert!(RECEIPT_MILLIS <= BLOCK_GRACE_MILLIS);
    assert!(TARGET_PACK_BYTES < MAX_PACK_BODY_BYTES);
    // One patch always fits into a request, and so does its base.
    assert!(MAX_PATCH_BASES <= MAX_PACK_BASES);
    assert!(MAX_PATCH_BASES <= u8::MAX as usize);
    assert!(TARGET_BASE_RUN_BYTES <= MAX_PACK_BASE_BYTES as u64);
    assert!(MAX_BLOCK_BYTES <= MAX_PACK_BASE_BYTES);
    // The largest request goes through where it is alone: with base blocks that are
    // stored as LZ4 and are decoded, the blocks that are made of them, one of them by
    // symbols, and its body; and then with these, the pack and the patches in it.
    assert!(
        (MAX_CARRYING_BODY_BYTES
            + 2 * MAX_PACK_BASE_BYTES
            + MAX_PACK_PLAIN_BYTES
            + blocks::patch::STREAMS_BYTES) as u64
            <= MAX_IN_FLIGHT_BYTES
    );
    assert!(
        (MAX_CARRYING_BODY_BYTES + 2 * MAX_PACK_PLAIN_BYTES + MAX_PACK_BODY_BYTES) as u64
            <= MAX_IN_FLIGHT_BYTES
    );
};
