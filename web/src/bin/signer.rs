//! The sign-in worker's module: password stretching takes the page's thread no
//! time and the page's module none of the cryptography. See [`web::signing`].

fn main() {
    web::signing::worker::run();
}
