//! What is said of an account that ends, wherever somebody has to know: to its person above
//! every view, and to whoever has something of theirs.

use super::icon::{Glyph, Icon};
use super::sentence::Sentence;
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::format::minute;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{say, t};
use leptos::prelude::*;
use protocol::activity::AccountNews;
use protocol::grants::Grant;
use protocol::ids::UnixMillis;

/// When the account of whoever is signed in ends, if they have ended it.
pub fn use_end() -> Memo<Option<UnixMillis>> {
    let drive: Drive = expect_context();
    Memo::new(move |_| {
        drive.session.with(|session| match session {
            SessionState::SignedIn(session) => session.ends_at_ms,
            _ => None,
        })
    })
}

/// Above every view, while the account ends.
#[component]
pub fn EndingNote() -> impl IntoView {
    let end = use_end();
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let work = Work::new();
    let keep = move |_| {
        work.run(commands.keep_account(), move |()| {
            drive
                .notices
                .good(t("Your account is kept. Everybody is told"));
        });
    };
    move || {
        end.get().map(|end| {
            let words = say!(
                "Your account ends on {date}. Everything in it is deleted then, and what you share ends.",
                date = minute(end)
            );
            view! {
                <div class="space-note space-full account-note" data-testid="account-ends" role="status">
                    <Glyph icon=Icon::Warning />
                    <div>
                        <p>{words}</p>
                        <WorkError work />
                    </div>
                    <button type="button" class="button" disabled=work.busy on:click=keep>
                        {t("Keep the account")}
                    </button>
                </div>
            }
        })
    }
}

/// To whoever has something of the people whose accounts end: each once, the soonest first.
#[component]
pub fn LeavingNotes(with_me: Memo<Vec<Grant>>) -> impl IntoView {
    let leaving = Memo::new(move |_| {
        let mut all: Vec<(UnixMillis, String)> = with_me.with(|all| {
            let ends = |grant: &Grant| {
                let end = grant.account_ends_at_ms?;
                Some((end, grant.owner.user_name.clone()))
            };
            all.iter().filter_map(ends).collect()
        });
        all.sort();
        all.dedup();
        all
    });
    move || {
        let notes = leaving.get().into_iter().map(|(end, owner)| {
            let text = sentence(&owner, Some(&minute(end)));
            view! {
                <p class="space-note leaving-note" data-testid="owner-leaves" role="status">
                    <Glyph icon=Icon::Warning />
                    <span><Sentence text /></span>
                </p>
            }
        });
        notes.collect_view()
    }
}

/// What becomes of the account of somebody who shares something with the reader, as a
/// sentence with its full stop. `end` is in words; without one, it is kept.
pub fn sentence(owner: &str, end: Option<&str>) -> String {
    match end {
        Some(end) => say!(
            "{owner}’s account ends on {date}; what is shared with you ends then. Make copies of what you need.",
            owner,
            date = end
        ),
        None => say!(
            "{owner} keeps the account; what is shared with you does not end with it.",
            owner
        ),
    }
}

/// What an account has come to, of whom the reader had something, or who had something of
/// theirs.
pub fn sentence_of_the_end(whose: &str, is_of_reader: bool) -> String {
    match is_of_reader {
        true => say!(
            "{owner}’s account has ended; what was shared with you is gone with it.",
            owner = whose
        ),
        false => say!(
            "{person}’s account has ended; nothing is shared with them any more.",
            person = whose
        ),
    }
}

/// When an account ends, in words.
pub fn end_in_words(account: AccountNews) -> Option<String> {
    account.ends_at_ms.map(minute)
}

#[cfg(test)]
mod tests {
    use super::{sentence, sentence_of_the_end};

    #[test]
    fn who_leaves_and_when_is_said_in_plain_words() {
        assert_eq!(
            sentence("ann", Some("6 Dec 2026, 14:05")),
            "ann’s account ends on 6 Dec 2026, 14:05; what is shared with you ends then. \
             Make copies of what you need."
        );
        assert_eq!(
            sentence("ann", None),
            "ann keeps the account; what is shared with you does not end with it."
        );
        assert!(sentence_of_the_end("ann", true).contains("gone with it"));
        assert!(sentence_of_the_end("ann", false).contains("shared with them"));
    }
}
