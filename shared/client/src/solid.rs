//! Puts the patches of a request into one stream, if the server takes that. A server of the
//! release before refuses it as frames and has done nothing: then the request goes once
//! more as it would have, and so do all that follow.

use crate::failure::Failure;
use crate::ports::{Frame, Kinds, Parcel, Platform};
use protocol::problem::Problem;
use std::cell::Cell;

/// Whether requests go as solid bodies.
#[derive(Default)]
pub struct Solid {
    is_refused: Cell<bool>,
}

impl Solid {
    /// Sends a request with these frames.
    ///
    /// # Errors
    /// Those of the request.
    pub async fn send<P: Platform, T>(
        &self,
        platform: &P,
        frames: Vec<(<P as Kinds>::File, Frame<P::Bytes>)>,
        send: impl AsyncFn(Parcel<P>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(solid) = self.of(platform, &frames).await else {
            return send(Parcel::of(frames)).await;
        };
        let parcel = Parcel {
            frames: frames.clone(),
            solid: Some(solid),
        };
        match send(parcel).await {
            Err(Failure::Refused(Problem::BadFrames { detail })) => {
                platform.log(format_args!("patches go one by one from now on: {detail}"));
                self.is_refused.set(true);
                send(Parcel::of(frames)).await
            }
            sent => sent,
        }
    }

    async fn of<P: Platform>(
        &self,
        platform: &P,
        frames: &[(P::File, Frame<P::Bytes>)],
    ) -> Option<P::Bytes> {
        let has_patches = frames.iter().any(|(_, frame)| frame.is_patch());
        if self.is_refused.get() || !has_patches {
            return None;
        }
        let frames = frames.iter().map(|(_, frame)| frame.patch().cloned());
        // Without a worker, they go one by one.
        let solid = platform.solid(&frames.collect::<Vec<_>>()).await;
        solid.ok().flatten()
    }
}
