//! What the end-to-end tests share: the program under test, real servers, and result folders.
//!
//! Everything listens on loopback, on ports the system picks, and is ended when its value is dropped.

pub mod browser;
pub mod forge;
pub mod nginx;
pub mod program;
pub mod result;
pub mod wait;
pub mod wire;

pub use browser::Browser;
pub use nginx::Nginx;
pub use program::{Finished, Running, plimsoll};
pub use result::{number, run_json};
pub use wait::wait_for;
