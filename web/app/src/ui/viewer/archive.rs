//! What is in a zip, by its own list. Nothing of it is unpacked.

use crate::format::bytes;
use crate::words::{say_many, t};
use leptos::prelude::*;
use workers::reading::zip_list::{Entries, Entry};

#[component]
pub fn ZipView(entries: Entries, label: String) -> impl IntoView {
    let shown = entries.shown.len();
    let all = usize::try_from(entries.all).unwrap_or(usize::MAX);
    let note = match all > shown {
        true => say_many!(
            all,
            "The first {shown} of 1 entry. Download it to unpack it.",
            "The first {shown} of {n} entries. Download it to unpack it.",
            shown
        ),
        false => say_many!(
            all,
            "1 entry. Download it to unpack it.",
            "{n} entries. Download it to unpack it."
        ),
    };
    let rows = entries.shown.into_iter().map(row).collect::<Vec<_>>();
    view! {
        <p class="viewer-note" role="status" data-testid="viewer-zip-note">
            {note}
        </p>
        <div class="viewer-scroll" tabindex="0" role="region" aria-label=label>
            <table class="viewer-table" data-testid="viewer-zip">
                <thead>
                    <tr>
                        <th scope="col">{t("Name")}</th>
                        <th scope="col" class="side-end">
                            {t("Size")}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(entry: Entry) -> impl IntoView {
    let size = match entry.is_folder {
        true => "—".to_owned(),
        false => bytes(entry.size),
    };
    let locked = entry
        .is_encrypted
        .then(|| format!(" {}", t("(needs a password)")));
    view! {
        <tr>
            <td>
                <bdi>{entry.path}</bdi>
                {locked}
            </td>
            <td class="side-end">{size}</td>
        </tr>
    }
}
