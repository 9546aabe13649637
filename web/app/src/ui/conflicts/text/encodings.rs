//! How the versions are read and the result is written: in which encoding, with
//! which line ends, and what the encoding does not have.

use super::session::MergeSession;
use crate::words::{say, t};
use leptos::prelude::*;
use merge::{Encoding, LineEnd};

/// What the versions are read as, to be changed where no mark tells it, and what
/// the result will be where that does not go without saying.
#[component]
pub fn Encodings(session: MergeSession) -> impl IntoView {
    view! {
        {move || {
            let [_, first, second] = session.encodings.get()?;
            let both = t("Read as");
            Some(if first == second {
                view! { <ReadAs label=both now=first read=move |as_| session.read_versions_as([as_; 2]) /> }
                    .into_any()
            } else {
                view! {
                    <ReadAs
                        label=t("First read as")
                        now=first
                        read=move |as_| session.read_versions_as([as_, second])
                    />
                    <ReadAs
                        label=t("Second read as")
                        now=second
                        read=move |as_| session.read_versions_as([first, as_])
                    />
                }
                    .into_any()
            })
        }}
        <Written session />
    }
}

#[component]
fn ReadAs(
    label: &'static str,
    now: Encoding,
    read: impl Fn(Encoding) + Send + 'static,
) -> impl IntoView {
    if now.has_mark() {
        return view! { <span class="hint">{format!("{label} {}", now.title())}</span> }.into_any();
    }
    let choices = Encoding::ALL.iter().filter(|one| !one.has_mark());
    let options = choices.map(|one| {
        view! { <option value=one.title() selected=*one == now>{one.title()}</option> }
    });
    let options = options.collect_view();
    let chosen = move |event| {
        let title = event_target_value(&event);
        if let Some(found) = Encoding::ALL.iter().find(|one| one.title() == title) {
            read(*found);
        }
    };
    view! {
        <label class="hint read-as">
            {label} " "
            <select class="select" on:change=chosen>
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// What the result will be.
#[component]
fn Written(session: MergeSession) -> impl IntoView {
    move || {
        let [_, first, second] = session.encodings.get()?;
        let progress = session.progress.with(|progress| {
            let converted = progress.draft.written_in;
            progress.encoding.map(|encoding| (encoding, converted))
        });
        let (written, converted) = progress?;
        let encoding = (written != first || written != second)
            .then(|| say!("The result will be {encoding}.", encoding = written.title()));
        let ends = session.ends.get();
        let ends = ends.new.map(|end| {
            let ends_name = end_name(end);
            match (ends.by_first, ends.by_second) {
                (true, true) => say!(
                    "Both versions have new line ends, {ends}: so has the result.",
                    ends = ends_name
                ),
                (true, false) => say!(
                    "The first version has new line ends, {ends}: so has the result.",
                    ends = ends_name
                ),
                _ => say!(
                    "The second version has new line ends, {ends}: so has the result.",
                    ends = ends_name
                ),
            }
        });
        let words = [encoding, ends].into_iter().flatten().collect::<Vec<_>>();
        Some(view! {
            <span class="hint" data-testid="written">
                {words.join(" ")}
                {converted
                    .map(|_| {
                        view! {
                            " "
                            <button type="button" class="link" on:click=move |_| session.write_in(None)>
                                {t("Do not convert it")}
                            </button>
                        }
                    })}
            </span>
        })
    }
}

fn end_name(end: LineEnd) -> &'static str {
    match end {
        LineEnd::Lf => "LF",
        LineEnd::CrLf => "CRLF",
        LineEnd::Cr => "CR",
        LineEnd::None => t("none"),
    }
}

/// Characters that the file's encoding does not have: the person changes the
/// text, or has the whole file converted.
#[component]
pub fn Lacking(session: MergeSession) -> impl IntoView {
    let lacking = Memo::new(move |_| session.progress.with(|progress| progress.lacking.clone()));
    move || {
        let lacking = lacking.get()?;
        let encoding = lacking.encoding.title();
        let is_damage = lacking.chars.contains(&char::REPLACEMENT_CHARACTER);
        let words = if is_damage {
            say!(
                "The result has bytes that are no characters as the versions are read now, and can't be written in {encoding}. Have the versions read as something else, or leave those lines as they are.",
                encoding
            )
        } else {
            let names: Vec<String> = lacking.chars.iter().map(|char| named(*char)).collect();
            say!(
                "{encoding}, which the file is written in, does not have {characters}. Nothing is saved before you change that, or have the whole file converted.",
                encoding,
                characters = names.join(", ")
            )
        };
        let region = lacking.region;
        Some(view! {
            <div class="note lacking" role="alert" data-testid="lacking">
                <p>{words}</p>
                <span class="bulk-buttons">
                    <button
                        type="button"
                        class="button button-small"
                        on:click=move |_| session.change_text(region)
                    >
                        {t("Change the text")}
                    </button>
                    {(!is_damage)
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="button button-small"
                                    on:click=move |_| session.write_in(Some(Encoding::Utf8))
                                >
                                    {t("Convert the whole file to UTF-8")}
                                </button>
                            }
                        })}
                </span>
            </div>
        })
    }
}

fn named(char: char) -> String {
    let code = format!("{:04X}", u32::from(char));
    say!("“{character}” (U+{code})", character = char, code)
}
