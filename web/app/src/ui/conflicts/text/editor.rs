//! Typing what stands in a region's place. What is typed is kept with each
//! letter: closing the editor, however that is done, loses nothing.

use super::session::{MergeSession, without_cr};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::DialogFoot;
use crate::words::t;
use leptos::html;
use leptos::prelude::*;
use merge::RegionText;

#[component]
pub fn Editor(session: MergeSession) -> impl IntoView {
    move || {
        let (region, text, start) = session.editing.get()?;
        Some(view! { <Open session region text start /> })
    }
}

#[component]
fn Open(session: MergeSession, region: usize, text: RegionText, start: String) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let close = Callback::new(move |()| session.editing.set(None));
    let is_earlier = start != text.start;
    let first_start = without_cr(&text.start);
    let text = StoredValue::new(text);
    let keep = move |typed: String| text.with_value(|text| session.typing(region, text, typed));
    let take = Callback::new(move |()| {
        if let Some(area) = node.get_untracked() {
            text.with_value(|text| session.typed(region, text, area.value()));
        }
    });
    let anew = move |_| {
        if let Some(area) = node.get_untracked() {
            area.set_value(&first_start);
            keep(area.value());
        }
    };
    view! {
        <Dialog title=t("Edit by hand") on_close=close wide=true keeps_typed=true>
            <label class="field">
                <span>{t("What stands here in the result")}</span>
                <textarea
                    node_ref=node
                    class="editor"
                    autofocus
                    spellcheck="false"
                    prop:value=start
                    on:input=move |event| keep(event_target_value(&event))
                ></textarea>
            </label>
            {is_earlier
                .then(|| {
                    view! {
                        <p class="hint">
                            {t("This is what you typed before.")}
                            " "
                            <button type="button" class="link" on:click=anew>
                                {t("Begin again")}
                            </button>
                        </p>
                    }
                })}
            <DialogFoot verb=t("Use this") act=take cancel=close way_out=t("Not now") />
        </Dialog>
    }
}
