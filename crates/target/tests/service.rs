//! The demo service end to end, over loopback.

#[path = "service/abandoned.rs"]
mod abandoned;
#[path = "service/behaviour.rs"]
mod behaviour;
#[path = "service/client.rs"]
mod client;
#[path = "service/faults.rs"]
mod faults;
#[path = "service/http2.rs"]
mod http2;
#[path = "service/lifecycle.rs"]
mod lifecycle;
#[path = "service/readiness.rs"]
mod readiness;
#[path = "service/shop.rs"]
mod shop;
