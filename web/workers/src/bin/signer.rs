//! The sign-in worker's module: password stretching takes the page's thread no
//! time and the page's module none of the cryptography. See [`workers::signing`].

fn main() {
    workers::signing::worker::run();
}
