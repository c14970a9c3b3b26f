//! End-to-end tests: the program as it is run by its users, against real servers.

mod demo;
mod hit;
mod ledger;
mod mistakes;
mod omission;
mod real_server;
mod report_page;
mod robust;
mod signals;
mod try_journeys;

/// An empty folder for a test.
fn folder() -> tempfile::TempDir {
    tempfile::TempDir::new().expect("a temporary folder")
}
