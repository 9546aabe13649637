//! The module of the worker that reads spreadsheets. See [`workers::sheets`].

fn main() {
    sheets::worker::run();
}
