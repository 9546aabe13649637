//! The keyboard in a merge.

use super::session::MergeSession;
use crate::ui::dom;
use merge::Pick;
use web_sys::KeyboardEvent;

pub fn pressed(session: MergeSession, event: &KeyboardEvent) {
    // Whoever types means letters.
    if dom::closest_to(event, "textarea, input, select").is_some() || event.alt_key() {
        return;
    }
    let key = dom::shortcut(event);
    if event.ctrl_key() || event.meta_key() {
        match key.as_str() {
            "z" if event.shift_key() => session.redo(),
            "z" => session.undo(),
            "y" => session.redo(),
            _ => return,
        }
    } else {
        match key.as_str() {
            "n" => session.travel(false),
            "p" => session.travel(true),
            "f7" => session.travel(event.shift_key()),
            "1" => session.pick(Pick::First),
            "2" => session.pick(Pick::Second),
            "3" => session.pick(Pick::FirstThenSecond),
            "4" => session.pick(Pick::SecondThenFirst),
            "e" => session.edit(),
            "u" => session.undo(),
            "r" => session.redo(),
            _ => return,
        }
    }
    event.prevent_default();
}
