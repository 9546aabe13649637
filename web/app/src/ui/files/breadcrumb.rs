//! The way from the root to the open folder. Files can be dropped on each step.

use super::browse::use_browse;
use crate::state::Drive;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::{Link, Route};
use crate::words::t;
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
            None => vec![(None, t("Files").into())],
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
        <nav class="path" aria-label=t("Path")>
            {is_shared.then(|| {
                view! {
                    <span class="path-step">
                        <Link to=Route::Shares>{t("Shared")}</Link>
                        <Glyph icon=Icon::ChevronRight />
                    </span>
                }
            })}
            {move || {
                let mut steps = steps.get();
                let here = steps.pop().map(|(_, name)| name);
                // Before it is known what is shared, or where it is a single file.
                let here = here.unwrap_or_else(|| t("Shared with me").to_owned());
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
                    <Here name=here />
                }
            }}
        </nav>
    }
}

/// The folder that is open. Where there is too little room for its name, the middle is left
/// out, since the end often tells it from its neighbours.
#[component]
fn Here(name: String) -> impl IntoView {
    match cut(&name) {
        None => view! { <h1 title=name.clone()>{name.clone()}</h1> }.into_any(),
        Some(at) => {
            let (start, end) = (name[..at].to_owned(), name[at..].to_owned());
            view! {
                <h1 title=name.clone() aria-label=name.clone() dir="auto">
                    <span>{start}</span>
                    <span>{end}</span>
                </h1>
            }
            .into_any()
        }
    }
}

/// Where the end of a long name begins, in bytes: with a letter that joins no other.
fn cut(name: &str) -> Option<usize> {
    const END: usize = 8;
    const LONG: usize = 20;
    let places: Vec<(usize, char)> = name.char_indices().collect();
    if places.len() <= LONG {
        return None;
    }
    // Latin, Greek, Cyrillic, Chinese, Japanese and Korean letters.
    let stands_alone = |letter: char| {
        matches!(letter,
            ' '..='~'
            | '\u{c0}'..='\u{24f}'
            | '\u{391}'..='\u{481}'
            | '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}')
    };
    let pairs = places.windows(2).skip(LONG - END);
    let fits = |pair: &&[(usize, char)]| pair.iter().all(|(_, letter)| stands_alone(*letter));
    let mut from_end = pairs.rev().skip(END - 1).filter(fits);
    let (at, letter) = from_end.next()?.last()?;
    // A space belongs to what is left out.
    Some(at + usize::from(*letter == ' '))
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
            <Link to>"…" <span class="unseen">{t("Folders between")}</span></Link>
            <Glyph icon=Icon::ChevronRight />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_name_is_cut_before_its_end_and_between_letters() {
        let end = |name: &str| cut(name).map(|at| name[at..].to_owned());
        assert_eq!(end("Holiday pictures"), None);
        let name = "Accounts of the north branch, 2025 (final)";
        assert_eq!(end(name).as_deref(), Some("(final)"));
        // What is one letter stays one.
        let joined = format!("{}e\u{301}e\u{301}e\u{301}e\u{301}bcd", "a".repeat(30));
        let cut = end(&joined).unwrap();
        assert!(!cut.starts_with('\u{301}'), "{cut:?}");
        assert_eq!(end(&"👩\u{200d}🚀".repeat(12)), None);
        assert_eq!(end(&"каталог ".repeat(4)).as_deref(), Some("каталог "));
    }
}
