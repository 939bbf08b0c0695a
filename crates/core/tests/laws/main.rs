//! The laws that every structure obeys with every relaxation, checked on small random instances against brute force.
//!
//! * `registry.rs` lists the structures; `structures/` builds each one and enumerates its vertices, by definition
//!   and not by the library's algorithms;
//! * `oracle.rs` computes from such an enumeration what the library should give;
//! * `inputs.rs` draws utilities, temperatures and cotangents (random, tied, nearly tied, masked, of extreme scales);
//! * `questions/` holds what is true of every question, each asked over rows of all lengths and layouts;
//! * every other file holds laws.
//!
//! All randomness is seeded: the same cases run every time, on every machine.

mod arborescence;
mod argmax;
#[path = "../support/ask.rs"]
mod ask;
mod batch;
mod calls;
mod charts;
mod degenerate;
mod errors;
mod family;
mod forests;
mod gradient;
mod inputs;
mod k_best;
mod large;
mod oracle;
mod questions;
mod registry;
mod relaxation;
mod structures;
mod symmetry;
