//! What is there beside the rows once somebody is at them: the menus of a row and of the
//! list, the bars over it, and choosing with a rectangle. It is a part of the page, so that whoever only looks at a list
//! does not wait for it. In the same part are the dialogs that are about rows.

use super::arrange_menu::ArrangeMenu;
use super::band::RubberBand;
use super::browse::use_browse;
use super::bulk::BulkBar;
use super::clip::ClipBar;
use super::first_rows;
use super::row_menu::RowMenu;
use crate::commands::use_commands;
use crate::state::Drive;
use leptos::prelude::*;

#[component]
pub fn BesideRows() -> impl IntoView {
    let drive: Drive = expect_context();
    if drive.root.is_none() && !untrack(|| drive.is_visited()) {
        first_rows::keep(use_browse(), drive, use_commands());
    }
    view! {
        <RowMenu />
        <ArrangeMenu />
        <BulkBar />
        <ClipBar />
        <RubberBand />
    }
}
