//! Execution traces against an enumeration of all of them by the definition (`races.rs`), and the utilities drawn given a
//! trace against their laws. All draws have fixed seeds.

#[path = "../support/ask.rs"]
mod ask;
mod conditional;
mod probabilities;
mod races;
mod structures;
