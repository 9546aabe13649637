//! The block worker's module, apart from the page's because it is loaded at its
//! first use, and works through every byte. See [`workers::cache`].

fn main() {
    workers::cache::worker::run();
}
