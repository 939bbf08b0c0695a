//! N-API glue: slices in, an error code out. Everything else is in the core (below) or in TypeScript (above).
//!
//! Every function is guarded against panics, takes the memory of typed arrays as it is, and keeps no state beside its
//! arguments. Options are validated in TypeScript before they get here.

#![deny(unsafe_code)]
#![allow(unreachable_pub)] // The addon exports through a macro, not through its crate root.

mod background;
#[allow(unsafe_code)]
mod buffers;
mod derivations;
#[cfg(feature = "kernels")]
mod kernels;
mod precision;
mod question;
#[cfg(feature = "kernels")]
mod recurrent;
mod sparse_map;
mod structures;
mod trick;

use sst::Error;

/// A result whose error carries the stable `code` of the public error class.
pub(crate) type Result<T> = std::result::Result<T, napi::Error<String>>;

pub(crate) fn refuse(code: &str, message: impl Into<String>) -> napi::Error<String> {
    napi::Error::new(code.to_owned(), message.into())
}

pub(crate) fn from_core(error: Error) -> napi::Error<String> {
    refuse(error.kind.code(), error.to_string())
}
