//! A still of a video. Only a player decodes videos, and there is none in a worker: the
//! page has one that nobody sees, which reads as much of the file as that picture takes.

use platform::browser::clock;
use platform::browser::js::outcome;
use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlMediaElement, HtmlVideoElement, ImageBitmap};

/// How often the player is looked at, in milliseconds.
const LOOK_MILLIS: u64 = 50;
/// Many videos begin with black. So the picture is from a tenth of the way in,
const PART_OF_LENGTH: f64 = 0.1;
/// but no later than so many seconds, so that little has to be read.
const LATEST_SECONDS: f64 = 3.0;

/// The picture, or `None` for what this browser does not play, and for sounds in a video's
/// clothes. It takes as long as the network does: whoever asks stops waiting by dropping
/// this, which ends the player.
pub async fn of(address: &str) -> Option<ImageBitmap> {
    let window = web_sys::window()?;
    let player = Player::new(&window.document()?, address)?;
    player.reaches(HtmlMediaElement::HAVE_METADATA).await?;
    let length = player.0.duration();
    // Of what was recorded as it came, nobody knows the length.
    if length.is_finite() {
        let moment = (length * PART_OF_LENGTH).min(LATEST_SECONDS);
        player.0.set_current_time(moment);
    }
    player.reaches(HtmlMediaElement::HAVE_CURRENT_DATA).await?;
    if player.0.video_width() == 0 {
        return None;
    }
    let picture = window.create_image_bitmap_with_html_video_element(&player.0);
    outcome(picture.ok()?).await.ok()?.dyn_into().ok()
}

/// A player in no document: it shows nothing, and it is never heard.
struct Player(HtmlVideoElement);

impl Player {
    fn new(document: &Document, address: &str) -> Option<Self> {
        let video = document.create_element("video").ok()?;
        let video: HtmlVideoElement = video.dyn_into().ok()?;
        video.set_muted(true);
        video.set_preload("metadata");
        video.set_src(address);
        Some(Self(video))
    }

    /// Waits until it has come that far and is where it was sent to; `None` if it never will.
    async fn reaches(&self, state: u16) -> Option<()> {
        while self.0.seeking() || self.0.ready_state() < state {
            if self.0.error().is_some() {
                return None;
            }
            clock::sleep(LOOK_MILLIS).await;
        }
        Some(())
    }
}

impl Drop for Player {
    /// What it still loads is not wanted any more.
    fn drop(&mut self) {
        let _ = self.0.remove_attribute("src");
        self.0.load();
    }
}
