//! Recovery codes: how many are left, and the dialog that makes them and shows them once.

use crate::commands::{NewCodes, use_commands};
use crate::format::{date, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::refusal::Refusal;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, say_many, t};
use js_sys::Array;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::{clock, save};
use platform::failure::thrown;
use protocol::limits::RECOVERY_CODES;
use protocol::recovery::RecoveryCodes;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// Beside the devices.
#[component]
pub fn RecoveryCodesPart() -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let known = RwSignal::new(None::<Result<RecoveryCodes, String>>);
    Effect::new(move |_| {
        dialogs.changes.track();
        spawn_local(async move {
            let answer = commands.recovery_codes().await;
            known.try_set(Some(answer.map_err(|e| sentence(&e.in_words()))));
        });
    });
    view! {
        <section data-testid="recovery-codes">
            <h2 class="page-part">{t("Recovery codes")}</h2>
            <p class="hint">
                {t("If you lose your password, one of them lets you set another. There is no other way back in here: the server does not know your password, so nobody can tell it to you.")}
            </p>
            {move || match known.get() {
                None => ().into_any(),
                Some(Err(reason)) => {
                    view! { <p class="form-error" role="alert">{reason}</p> }.into_any()
                }
                Some(Ok(codes)) => {
                    view! {
                        <p class="hint" data-testid="codes-left">{words_of(codes)}</p>
                        <p class="page-foot">
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| dialogs.open(Ask::RecoveryCodes(codes))
                            >
                                <Glyph icon=Icon::Key />
                                {match codes.version {
                                    0 => t("Make recovery codes"),
                                    _ => t("Make new recovery codes"),
                                }}
                            </button>
                        </p>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// How many there are.
fn words_of(codes: RecoveryCodes) -> String {
    match (codes.version, codes.left, codes.made_at_ms.map(date)) {
        (0, ..) => t("You have made none.").to_owned(),
        (_, 0, Some(made)) => say!(
            "All of them, made on {date}, are used. Make new ones.",
            date = made
        ),
        (_, 0, None) => t("All of them, of the last set, are used. Make new ones.").to_owned(),
        (_, left, Some(made)) => say_many!(
            left,
            "1 of {all} is left, made on {date}. They stay good when you change your password: make new ones if somebody may have seen them, or knew the password.",
            "{n} of {all} are left, made on {date}. They stay good when you change your password: make new ones if somebody may have seen them, or knew the password.",
            all = RECOVERY_CODES,
            date = made
        ),
        (_, left, None) => say_many!(
            left,
            "1 of {all} is left, of the last set. They stay good when you change your password: make new ones if somebody may have seen them, or knew the password.",
            "{n} of {all} are left, of the last set. They stay good when you change your password: make new ones if somebody may have seen them, or knew the password.",
            all = RECOVERY_CODES
        ),
    }
}

/// What says why there are no codes.
const REFUSAL: &str = "codes-error";
const PASSWORD: &str = "[name=password]";

#[component]
pub fn RecoveryCodesDialog(before: RecoveryCodes) -> impl IntoView {
    let dialogs = use_dialogs();
    let made = RwSignal::new(None::<Vec<String>>);
    view! {
        <Dialog title=t("Recovery codes") on_close=dialogs.on_close()>
            {move || match made.get() {
                None => view! { <Form before made /> }.into_any(),
                Some(codes) => view! { <Shown codes /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(before: RecoveryCodes, made: RwSignal<Option<Vec<String>>>) -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let (work, confirm) = (Work::new(), Confirm::new());
    let refusal = Refusal::new(work, REFUSAL, PASSWORD);
    // The same codes are sent again where no answer came.
    let new = StoredValue::new(None::<NewCodes>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let make = async move {
            let codes = match new.try_get_value().flatten() {
                Some(codes) => codes,
                None => {
                    let codes = commands.new_codes().await?;
                    new.try_set_value(Some(codes.clone()));
                    codes
                }
            };
            commands.put_codes(before.version, codes.hashes).await?;
            Ok(codes.codes)
        };
        let make = async move { confirm.guard(commands, make).await };
        work.run(make, move |codes| {
            dialogs.changes.update(|changes| *changes += 1);
            made.try_set(Some(codes));
        });
    };
    let ends = (before.left > 0).then(|| {
        let words = say_many!(
            before.left,
            "The 1 code that is left is not good any more then.",
            "The {n} codes that are left are not good any more then."
        );
        view! { <p>{words}</p> }
    });
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
            <p>
                {say!("This browser makes {number} codes and shows them once. Each lets you set another password one time. Keep them where nobody else finds them, and not only on this device.", number = RECOVERY_CODES)}
            </p>
            {ends}
            <ConfirmField confirm refused_by=refusal.of(PASSWORD) />
            <WorkError work id=REFUSAL />
            <DialogFoot
                verb=Signal::derive(move || match work.busy.get() {
                    true => t("Making them…").to_owned(),
                    false => t("Make codes").to_owned(),
                })
                disabled=work.busy
                cancel=dialogs.on_close()
            />
        </form>
    }
}

#[component]
fn Shown(codes: Vec<String>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let copied = RwSignal::new(false);
    let name = drive.session.with_untracked(SessionState::user_name);
    let origin = window().location().origin().unwrap_or_default();
    let heading = say!("Recovery codes of {name}", name);
    let text = StoredValue::new(text_of(&heading, &origin, &date(clock::now_ms()), &codes));
    let copy = move |_| {
        let write = text.with_value(|text| window().navigator().clipboard().write_text(text));
        spawn_local(async move {
            let done = JsFuture::from(write).await.is_ok();
            copied.try_set(done);
            if !done {
                drive.notices.bad(t(
                    "This browser does not let the page copy: save or print them",
                ));
            }
        });
    };
    let keep = move |_| {
        let text = text.with_value(|text| JsValue::from_str(text));
        let blob = Blob::new_with_str_sequence(&Array::of1(&text)).map_err(|e| thrown(&e));
        let saved = blob.and_then(|blob| save::blob(&blob, t("Driftless recovery codes.txt")));
        if let Err(failure) = saved {
            drive
                .notices
                .failure(t("The codes were not saved"), &failure);
        }
    };
    let print = move |_| {
        let _ = window().print();
    };
    view! {
        <div class="stack">
            <p>
                {t("Copy, save or print them now. They are shown this once; the server keeps only their hashes.")}
            </p>
            <div class="codes">
                <p class="codes-head">{heading}<br />{origin}</p>
                <ol data-testid="new-codes">
                    {codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view()}
                </ol>
            </div>
            <div class="codes-acts">
                <button type="button" class="button" autofocus on:click=copy>
                    <Glyph icon=Icon::Copy />
                    {move || if copied.get() { t("Copied") } else { t("Copy") }}
                </button>
                <button type="button" class="button" on:click=keep>
                    <Glyph icon=Icon::Download />
                    {t("Save as text")}
                </button>
                <button type="button" class="button" on:click=print>
                    {t("Print")}
                </button>
            </div>
            <div class="dialog-foot">
                <button type="button" class="button button-main" on:click=move |_| dialogs.close()>
                    {t("I have them")}
                </button>
            </div>
        </div>
    }
}

/// What is copied and saved.
fn text_of(heading: &str, origin: &str, made: &str, codes: &[String]) -> String {
    let mut text = format!(
        "{heading}\n{origin}\n{}\n\n{}\n\n",
        say!("Made on {date}", date = made),
        t("Each is good once, to set another password.")
    );
    for code in codes {
        text.push_str(code);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{RecoveryCodes, text_of, words_of};

    #[test]
    fn it_says_how_many_codes_are_left() {
        let words = |version, left| {
            words_of(RecoveryCodes {
                version,
                left,
                made_at_ms: None,
            })
        };
        assert_eq!(words(0, 0), "You have made none.");
        assert!(words(1, 10).starts_with("10 of 10 are left"));
        assert!(words(3, 1).starts_with("1 of 10 is left"));
        assert!(words(2, 0).ends_with("are used. Make new ones."));
    }

    #[test]
    fn what_is_saved_has_every_code_and_whose_they_are() {
        let codes = ["A-B".to_owned(), "C-D".to_owned()];
        let text = text_of(
            "Recovery codes of ann",
            "https://a.example",
            "1 May",
            &codes,
        );
        assert!(text.starts_with("Recovery codes of ann\nhttps://a.example\nMade on 1 May\n"));
        assert!(text.ends_with("\n\nA-B\nC-D\n"));
    }
}
