//! The merging worker's module: comparing texts of 100,000 lines takes the
//! page's thread no time. See [`workers::merging`].

fn main() {
    workers::merging::worker::run();
}
