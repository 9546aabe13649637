//! What is set: by the operator for all, with the variable `RETENTION`, and by the owner of
//! a space for that space.

use crate::error::Failure;
use crate::log;
use crate::ports::{Database, DbError, Statement};
use crate::query::{self, Query};
use crate::store::rows::from_json;
use crate::store::sql::retention as sql;
use protocol::ids::SpaceId;
use protocol::retention::{KeptVersions, Retention, SpaceRetention};
use serde::Deserialize;

/// Reads what the operator has set: `all=1 hourly=7 daily=30 weekly=365 trash=30`, each a
/// number of days or, for `all` and `trash`, the word `forever`. What is left out is as in
/// this example, which is also what holds without the variable.
///
/// # Errors
/// The operator has to act: what is wrong, in words. Nothing is thinned then.
pub fn configured(text: Option<&str>) -> Result<Retention, Failure> {
    let text = text.unwrap_or_default();
    parse(text).map_err(|why| Failure::Settings(format!("RETENTION is {text:?}: {why}")))
}

fn parse(text: &str) -> Result<Retention, String> {
    let mut kept = KeptVersions::default();
    let mut retention = Retention::default();
    let mut keeps_all = false;
    for part in text.split_whitespace() {
        let (what, days) = part
            .split_once('=')
            .ok_or_else(|| format!("{part:?} is no setting with a value"))?;
        let number = match days {
            "forever" => None,
            _ => Some(
                days.parse::<u64>()
                    .map_err(|_| format!("{part:?} has no number of days"))?,
            ),
        };
        match (what, number) {
            ("all", None) => keeps_all = true,
            ("all", Some(days)) => kept.all_days = days,
            ("hourly", Some(days)) => kept.hourly_days = days,
            ("daily", Some(days)) => kept.daily_days = days,
            ("weekly", Some(days)) => kept.weekly_days = days,
            ("trash", days) => retention.trash_days = days,
            _ => return Err(format!("{part:?} is not known")),
        }
    }
    retention.versions = (!keeps_all).then_some(kept);
    retention.check()?;
    Ok(retention)
}

/// What a space keeps, of which the owner has set `own`; `None` if that can't be read: then
/// it keeps everything, until its owner sets something else.
pub fn of_space(own: Option<&str>, otherwise: &Retention) -> Retention {
    let Some(own) = own else {
        return *otherwise;
    };
    match from_json::<Retention>(own).map(|own| (own, own.check())) {
        Ok((own, Ok(()))) => own,
        _ => {
            log::fault(format_args!("what a space keeps can't be read: {own:?}"));
            Retention::EVERYTHING
        }
    }
}

#[derive(Deserialize)]
struct OwnRow {
    retention: Option<String>,
}

fn own(space: SpaceId) -> Query<Option<OwnRow>> {
    Statement::new(sql::OF_SPACE).id(space).first()
}

/// What holds for a space.
///
/// # Errors
/// The database fails.
pub async fn tell(
    db: &impl Database,
    space: SpaceId,
    otherwise: Retention,
) -> Result<SpaceRetention, Failure> {
    let row = query::one(db, own(space)).await?;
    let row = row.ok_or_else(|| DbError::Fault("the space has no row".into()))?;
    Ok(SpaceRetention {
        retention: of_space(row.retention.as_deref(), &otherwise),
        is_own: row.retention.is_some(),
        otherwise,
    })
}

/// Sets it. A job that has decided by something else thins nothing from then on.
///
/// # Errors
/// The database fails.
pub async fn set(
    db: &impl Database,
    space: SpaceId,
    retention: Option<&Retention>,
) -> Result<(), Failure> {
    let text = retention.map(serde_json::to_string).transpose()?;
    db.run(Statement::new(sql::SET).id(space).bind(text))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_sets_days_or_forever() {
        assert_eq!(parse(""), Ok(Retention::default()));
        let written = "all=1 hourly=7 daily=30 weekly=365 trash=30";
        assert_eq!(parse(written), Ok(Retention::default()));
        assert_eq!(
            parse("all=forever trash=forever"),
            Ok(Retention::EVERYTHING)
        );
        let some = parse(" hourly=14\ttrash=forever ").expect("read");
        let versions = some.versions.expect("some");
        assert_eq!((versions.hourly_days, versions.daily_days), (14, 30));
        assert_eq!(some.trash_days, None);
    }

    #[test]
    fn what_the_operator_has_mistyped_is_refused_in_words() {
        for (text, word) in [
            ("all", "value"),
            ("all=", "number"),
            ("hourly=-1", "number"),
            ("weekly=forever", "known"),
            ("monthly=3", "known"),
            ("all=0", "1 day"),
            ("all=8", "shorter"),
            ("daily=3", "shorter"),
            ("weekly=36501", "longer"),
            ("trash=0", "trash"),
        ] {
            let why = parse(text).expect_err(text);
            assert!(why.contains(word), "{text}: {why}");
            let failure = configured(Some(text)).expect_err(text).to_string();
            assert!(
                failure.contains("RETENTION") && failure.contains(&why),
                "{failure}"
            );
        }
    }

    #[test]
    fn a_damaged_setting_of_a_space_keeps_everything() {
        let otherwise = Retention::default();
        assert_eq!(of_space(None, &otherwise), otherwise);
        let zero = r#"{"versions":null,"trash_days":0}"#;
        for own in ["", "{}", "[]", zero] {
            assert_eq!(
                of_space(Some(own), &otherwise),
                Retention::EVERYTHING,
                "{own}"
            );
        }
        let text = serde_json::to_string(&otherwise).expect("JSON");
        assert_eq!(of_space(Some(&text), &Retention::EVERYTHING), otherwise);
    }
}
