//! Records that were made once and for all. An update of a crate must not change
//! the keys that a secret makes, the stretching of a password, or how a record is
//! read: else nobody with an account could sign in any more.

use super::people::{Gate, SECRET, execute};
use driftless_tests::model::sqlite::Sqlite;
use protocol::problem::Problem;

const PASSWORD: &str = "correct horse battery staple";

/// Made on 28 November 2026 with [`SECRET`] and [`PASSWORD`].
const RECORD: &str = "623b45da1622cd79b7cfa3efaa0dad0c6e7f9930a6e9dae85ed4923444bfad4f\
    f9c327a07a77817d21f0454af1b1a96e983ec1faa2fd4362075eb0dc2c8b9ef7\
    a83325ef235f46c9c429718de586665e9e77af757c72024371e5a9e81df39313\
    340a97f69998ff1c55a7615561cf952a52af3c3cd3823e9bb72232a0e0dc9bdb\
    7bfaa0abced9d2d0fb7723adfb53a72a0b78957baf4533f88eab3a804b82437a\
    2219f8719b875aa36209dfe0fb2d9651d32281af13b095cbc6468f22e7fc50ea";
const FINGERPRINT: &str = "fe37a5c929c1871b2aa8483f02f1c7f5842fc7d112fc5478db0ed3d7c97bca49";
const CREDENTIAL: &str =
    "registration 77ba3fc49fa93f2cf93f1bd5afdf7491822110c2f03819ac2b5b7bc6fd60bd0d";

#[test]
fn a_record_of_november_2026_signs_in() {
    let db = Sqlite::new();
    execute(
        &db,
        &format!(
            "INSERT INTO users (id, name, name_key, home_space, created_at, sign_in_record,
               sign_in_key, credential)
             VALUES ('a0000000-0000-4000-8000-00000000000a', 'Ann', 'ann',
               'b0000000-0000-4000-8000-00000000000b', 0, unhex('{RECORD}'),
               '{FINGERPRINT}', '{CREDENTIAL}')"
        ),
    );
    let gate = Gate::new(&db, SECRET, None);
    assert!(!gate.sign_in("Ann", PASSWORD).unwrap().renew_record);
    assert_eq!(
        gate.sign_in("Ann", "wrong").unwrap_err(),
        Problem::SignInRefused
    );
}
