//! One module a command.

pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod history;
pub(crate) mod hit;
pub(crate) mod init;
pub(crate) mod print;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod target;
pub(crate) mod try_journeys;
pub(crate) mod verify;
