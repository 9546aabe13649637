//! The way from the root to the open folder. Files can be dropped on each step.

use super::browse::use_browse;
use crate::state::Drive;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, Route};
use leptos::prelude::*;
use protocol::ids::ItemId;

/// More steps than this are shortened in the middle.
const MAX_STEPS: usize = 3;

type Step = (Option<ItemId>, String);

#[component]
pub fn Breadcrumb() -> impl IntoView {
    let drive: Drive = expect_context();
    let browse = use_browse();
    let is_visited = untrack(|| drive.is_visited());
    let is_shared = drive.root.is_some() && !is_visited;
    let steps = Memo::new(move |_| {
        let mut steps: Vec<Step> = match drive.root {
            None => vec![(None, "Files".into())],
            Some(_) => Vec::new(),
        };
        drive.tree.with(|tree| {
            let path = browse
                .folder
                .get()
                .map(|id| tree.path(id))
                .unwrap_or_default();
            steps.extend(
                path.into_iter()
                    .map(|item| (Some(item.id), item.name.to_string())),
            );
        });
        steps
    });
    view! {
        <nav class="path" aria-label="Path">
            {is_shared.then(|| {
                view! {
                    <span class="path-step">
                        <Link to=Route::Shares>"Shared"</Link>
                        <Glyph icon=Icon::ChevronRight />
                    </span>
                }
            })}
            {move || {
                let mut steps = steps.get();
                let here = steps.pop().map(|(_, name)| name);
                // Before it is known what is shared, or where it is a single file.
                let here = here.unwrap_or_else(|| "Shared with me".to_owned());
                let hidden = steps.len().saturating_sub(MAX_STEPS);
                let mut links = steps.into_iter();
                let first = links.next().map(|step| view! { <StepLink step /> });
                let hidden: Vec<Step> = links.by_ref().take(hidden).collect();
                let gap = (!hidden.is_empty()).then(|| view! { <Gap hidden /> });
                let rest: Vec<_> = links.map(|step| view! { <StepLink step /> }).collect();
                view! {
                    {first}
                    {gap}
                    {rest}
                    <h1 title=here.clone()>{here.clone()}</h1>
                }
            }}
        </nav>
    }
}

#[component]
fn StepLink(step: Step) -> impl IntoView {
    let (id, name) = step;
    let drop_target = id.map_or_else(|| "root".to_owned(), |id| id.to_string());
    view! {
        <span class="path-step">
            <Link to=Route::Folder(id) drop_target>
                {name}
            </Link>
            <Glyph icon=Icon::ChevronRight />
        </span>
    }
}

/// The steps left out lead on at their last one.
#[component]
fn Gap(hidden: Vec<Step>) -> impl IntoView {
    let names: Vec<&str> = hidden.iter().map(|(_, name)| name.as_str()).collect();
    let names = names.join(" / ");
    let to = Route::Folder(hidden.last().and_then(|(id, _)| *id));
    view! {
        <span class="path-step" title=names>
            <Link to>"…" <span class="unseen">"Folders between"</span></Link>
            <Glyph icon=Icon::ChevronRight />
        </span>
    }
}
