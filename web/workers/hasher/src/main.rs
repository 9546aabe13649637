//! The hashing worker's module, apart from the page's so that it is small and
//! starts at once. See [`workers::hashing`].

fn main() {
    workers::hashing::worker::run();
}
