//! Recovery codes, and what one of them does.

use super::people::{Gate, Inside, MINUTE, NOW, SECRET, count, execute, new_codes, stranger};
use driftless_core::directory::ends;
use driftless_core::directory::guesses::network;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use protocol::limits::{
    MAX_GUESSES_PER_NAME, MAX_GUESSES_PER_NETWORK, MAX_RECOVERY_SETS, RECOVERY_CODES,
};
use protocol::problem::Problem;
use protocol::recovery::{RecoveryCode, RecoveryCodes};

const OLD: &str = "correct horse battery staple";
const NEW: &str = "hunter of wild geese";
const NO_CODE: &str = "00000-00000-00000-00000";

fn recover(gate: &Gate<'_>, who: &str, code: &str) -> Result<Inside, Problem> {
    let body = gate.recovery(who, code, NEW)?;
    gate.recover(&body).map(|(inside, _)| inside)
}

#[test]
fn a_code_sets_another_password_once_and_ends_everything_else() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let laptop = gate.sign_up("ann", OLD).unwrap();
    let phone = gate.sign_in("ann", OLD).unwrap();
    let token = gate.token(&laptop, None).unwrap();
    let bob = gate.sign_up("bob", OLD).unwrap();
    assert_eq!(gate.codes(&laptop).unwrap(), RecoveryCodes::default());
    let codes = gate.make_codes(&laptop, 0).unwrap();
    let bobs = gate.make_codes(&bob, 0).unwrap();
    gate.now += MINUTE;

    // A code is one person's.
    let refused = recover(&gate, "ann", &bobs[0].to_string()).map(drop);
    assert_eq!(refused, Err(Problem::RecoveryRefused));

    // As it may be typed.
    let typed = codes[3].to_string().to_lowercase().replace('-', " ");
    let body = gate.recovery(" Ann", &typed, NEW).unwrap();
    let (ann, mut ended) = gate.recover(&body).unwrap();
    ended.sort_unstable();
    let mut expected = vec![laptop.device.id, phone.device.id, token.device.id];
    expected.sort_unstable();
    assert_eq!(ended, expected);
    assert_eq!(gate.devices(ann.user), [ann.device.id]);
    assert_eq!(gate.devices(bob.user), [bob.device.id], "nobody else's");
    let left = RecoveryCodes {
        version: 1,
        left: 9,
        made_at_ms: Some(NOW),
    };
    assert_eq!(gate.codes(&ann).unwrap(), left);
    assert_eq!(
        gate.sign_in("ann", OLD).unwrap_err(),
        Problem::SignInRefused
    );
    gate.sign_in("ann", NEW).unwrap();

    // The very same request again, and the code with another password: nothing changes.
    let devices = gate.devices(ann.user);
    let again = gate.recover(&body).map(drop);
    assert_eq!(again, Err(Problem::RecoveryRefused));
    let other = gate
        .recovery("ann", &typed, "a third password of hers")
        .unwrap();
    let again = gate.recover(&other).map(drop);
    assert_eq!(again, Err(Problem::RecoveryRefused));
    assert_eq!(gate.devices(ann.user), devices);
    assert_eq!(gate.codes(&ann).unwrap(), left);
    gate.sign_in("ann", NEW).unwrap();

    // Another code is good.
    recover(&gate, "ann", &codes[0].to_string()).unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM recovery_codes"), 18);
}

/// What came in between with the old password stays out.
#[test]
fn a_sign_in_that_was_under_way_is_refused_after_a_recovery() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let codes = gate.make_codes(&ann, 0).unwrap();
    let begun = gate.begin("ann", OLD).unwrap();
    let ann = recover(&gate, "ann", &codes[0].to_string()).unwrap();
    assert_eq!(
        gate.finish(begun, None).unwrap_err(),
        Problem::SignInRefused
    );
    assert_eq!(gate.devices(ann.user), [ann.device.id]);
}

/// Nobody learns by it whether a name exists: the words are the same, and so is the work.
#[test]
fn a_wrong_code_and_an_unknown_name_are_answered_alike() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    gate.make_codes(&ann, 0).unwrap();
    gate.sign_up("bob", OLD).unwrap();
    let tried = |who: &str, code: &str| {
        let body = gate.recovery(who, code, NEW).unwrap();
        db.measure();
        let answer = gate.recover(&body).map(drop);
        let work = db.measured().into_iter();
        let work: Vec<(&str, u64)> = work.map(|(sql, work)| (sql, work.times)).collect();
        assert_eq!(answer, Err(Problem::RecoveryRefused), "{who}");
        work
    };
    let wrong = tried("ann", &new_codes()[0].to_string());
    assert!(wrong.len() > 4, "{wrong:?}");
    assert_eq!(tried("bob", NO_CODE), wrong, "one who has no codes");
    assert_eq!(tried("nobody", NO_CODE), wrong, "one who is not there");
    assert_eq!(tried("ann", "what was it?"), wrong, "no code at all");
    assert_eq!(tried("ann", ""), wrong, "nothing");
    assert_eq!(gate.devices(ann.user), [ann.device.id]);
    gate.sign_in("ann", OLD).unwrap();
}

#[test]
fn codes_are_guessed_as_seldom_as_passwords() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let home = gate.source.clone();
    let ann = gate.sign_up("ann", OLD).unwrap();
    let codes = gate.make_codes(&ann, 0).unwrap();
    let mut guess = gate.recovery("ann", NO_CODE, NEW).unwrap();
    let mut guesses =
        |gate: &mut Gate<'_>, who: &dyn Fn(u64) -> String, from: &dyn Fn(u64) -> String| {
            for made in 0..1_000 {
                gate.source = stranger(&network(&from(made)));
                guess.user_name = who(made);
                match gate.recover(&guess).map(drop) {
                    Err(Problem::RecoveryRefused) => {}
                    Err(Problem::TooManyRequests { .. }) => return made,
                    other => panic!("{other:?}"),
                }
            }
            panic!("nobody slows this down")
        };
    let elsewhere = |n: u64| format!("198.51.100.{n}");
    let one = guesses(&mut gate, &|_| "ann".to_owned(), &elsewhere);
    assert_eq!(one, MAX_GUESSES_PER_NAME);
    let nobody = guesses(&mut gate, &|_| "nobody".to_owned(), &elsewhere);
    assert_eq!(nobody, MAX_GUESSES_PER_NAME, "as one who is there");
    // One network, whatever it tries, and passwords count as well.
    gate.source = stranger("192.0.2.1");
    gate.begin("zoe", "guess").unwrap();
    let many = guesses(&mut gate, &|n| format!("zoe {n}"), &|_| {
        "192.0.2.1".to_owned()
    });
    assert_eq!(many, MAX_GUESSES_PER_NETWORK - 1);

    // From where she has signed in before she is let in all the same, and what was right is
    // not counted.
    gate.source = home;
    for code in &codes[..4] {
        recover(&gate, "ann", &code.to_string()).unwrap();
    }
    let counts = "SELECT count(*) FROM guesses WHERE count = 0";
    assert!(count(&db, counts) > 0);
}

#[test]
fn codes_are_made_by_whoever_has_just_given_the_password() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let token = gate.token(&ann, None).unwrap();
    let other = gate.sign_in("ann", OLD).unwrap();
    assert_eq!(gate.codes(&token).unwrap_err(), Problem::NotForTokens);
    assert_eq!(
        gate.make_codes(&token, 0).unwrap_err(),
        Problem::NotForTokens
    );
    // It is out by the time that its request is carried out.
    gate.change_password(&ann, NEW, &[]).unwrap();
    assert_eq!(
        gate.make_codes(&other, 0).unwrap_err(),
        Problem::SessionEnded
    );
    gate.now += 11 * MINUTE;
    assert_eq!(
        gate.make_codes(&ann, 0).unwrap_err(),
        Problem::ConfirmPassword
    );
    assert_eq!(count(&db, "SELECT count(*) FROM recovery_codes"), 0);

    let ann = gate.confirm(&ann, "ann", NEW).unwrap();
    let few = &new_codes()[1..];
    let twice = vec![new_codes().remove(0); RECOVERY_CODES];
    for codes in [few, &twice] {
        let refused = gate.send_codes(&ann, 0, codes).unwrap_err();
        assert!(matches!(refused, Problem::BadRequest { .. }));
    }
    gate.make_codes(&ann, 0).unwrap();
    // What was refused in its batch has counted, too.
    for version in 1..MAX_RECOVERY_SETS - 1 {
        gate.make_codes(&ann, version).unwrap();
    }
    let refused = gate.make_codes(&ann, MAX_RECOVERY_SETS - 1).unwrap_err();
    assert!(matches!(refused, Problem::TooManyRequests { .. }));
}

/// A set that somebody was shown is never replaced by one that was sent before it.
#[test]
fn of_two_sets_at_once_the_first_stays() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let phone = gate.sign_in("ann", OLD).unwrap();
    let first = new_codes();
    let made = gate.send_codes(&ann, 0, &first).unwrap();
    assert_eq!((made.version, made.left), (1, 10));
    assert_eq!(
        gate.make_codes(&phone, 0).unwrap_err(),
        Problem::RecoveryCodesChanged
    );
    // A repeat is answered, and brings no code back that was used.
    let used = first[0].to_string();
    let ann = recover(&gate, "ann", &used).unwrap();
    let again = gate.send_codes(&ann, 0, &first).unwrap();
    assert_eq!((again.version, again.left), (1, 9));
    assert_eq!(
        recover(&gate, "ann", &used).unwrap_err(),
        Problem::RecoveryRefused
    );

    // With the next set the first is over, also where it is sent once more.
    let second = gate.make_codes(&ann, 1).unwrap();
    assert_eq!(
        gate.send_codes(&ann, 0, &first).unwrap_err(),
        Problem::RecoveryCodesChanged
    );
    assert_eq!(
        recover(&gate, "ann", &first[1].to_string()).unwrap_err(),
        Problem::RecoveryRefused
    );
    recover(&gate, "ann", &second[1].to_string()).unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM recovery_codes"), 9);
}

#[test]
fn an_account_that_has_ended_is_not_recovered_and_its_codes_go() {
    let db = Sqlite::new();
    let mut gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let codes = gate.make_codes(&ann, 0).unwrap();
    gate.now += 2 * MINUTE;
    execute(&db, &format!("UPDATE users SET ends_at = {}", NOW + MINUTE));
    assert_eq!(
        recover(&gate, "ann", &codes[0].to_string()).unwrap_err(),
        Problem::RecoveryRefused
    );
    assert_eq!(count(&db, "SELECT count(*) FROM recovery_codes"), 10);
    ready(ends::remove_ways_in(&db, ann.user, 10)).unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM recovery_codes"), 0);
}

/// Nobody finds the codes in the database.
#[test]
fn no_code_is_stored() {
    let db = Sqlite::new();
    let gate = Gate::new(&db, SECRET, None);
    let ann = gate.sign_up("ann", OLD).unwrap();
    let codes = gate.make_codes(&ann, 0).unwrap();
    let plain = |code: &RecoveryCode| code.to_string().replace('-', "");
    for code in &codes {
        let hash = code.hash_for(ann.user);
        let stored = |hex: &str| {
            count(
                &db,
                &format!("SELECT count(*) FROM recovery_codes WHERE lower(hex(hash)) = '{hex}'"),
            )
        };
        assert_eq!(stored(&hash.to_string()), 1);
        let text = data_encoding::HEXLOWER.encode(plain(code).as_bytes());
        assert_eq!(stored(&text), 0);
    }
}
