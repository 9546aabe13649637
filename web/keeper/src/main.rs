//! The block worker's module, apart from the page's because it is loaded at its
//! first use, and works through every byte. See [`web::cache`].

fn main() {
    web::cache::worker::run();
}
