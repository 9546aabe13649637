//! The suite, against a running server: the Workers with D1 and R2 answer as
//! the model does.

use driftless_tests::drive::live::Live;

driftless_tests::suite! { Live; #[ignore = "needs a running server: npm test starts one"] }
