//! Says that a folder does not ask any more, and lets it ask again.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;
use sync::intake::OnTakenName;

#[component]
pub fn RememberedLine(folder: Memo<Option<ItemId>>) -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let remembered = Memo::new(move |_| {
        let folder = folder.get();
        drive.door.remembered.with(|all| all.get(&folder).copied())
    });
    move || {
        remembered.get().map(|wanted| {
            let words = match wanted {
                OnTakenName::NextVersion => {
                    t("What you add here under a name that exists becomes the next version of that file.")
                }
                OnTakenName::KeepBoth => {
                    t("What you add here under a name that exists is kept beside that file.")
                }
                OnTakenName::Skip => {
                    t("What you add here under a name that exists is not uploaded.")
                }
            };
            let ask = move |_| commands.forget_taken_names(folder.get_untracked());
            view! {
                <p class="remembered" data-testid="remembered">
                    {words} " "
                    <button type="button" class="link" on:click=ask>
                        {t("Ask again")}
                    </button>
                </p>
            }
        })
    }
}
