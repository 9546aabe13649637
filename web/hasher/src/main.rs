//! The hashing worker's module, apart from the page's so that it is small and
//! starts at once. See [`web::hashing`].

fn main() {
    web::hashing::worker::run();
}
