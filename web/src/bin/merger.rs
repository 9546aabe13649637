//! The merging worker's module: comparing texts of 100,000 lines takes the
//! page's thread no time. See [`web::merging`].

fn main() {
    web::merging::worker::run();
}
