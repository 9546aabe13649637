//! The reading worker's module: what a file says is found out beside the page's thread,
//! which a hostile one can't hold up. See [`workers::reading`].

fn main() {
    workers::reading::worker::run();
}
