//! The laws of every family of random utilities: its distribution, its derivative, its divergence, its bits.
//!
//! `registry.rs` lists the families with what textbooks say of them; all draws have fixed seeds, so every test gives
//! the same answer every time.

#[path = "../support/ask.rs"]
mod ask;
mod coordinates;
mod distribution;
mod divergence;
mod draws;
mod perturbation;
mod registry;
mod structures;
