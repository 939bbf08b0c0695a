//! The one place where JavaScript's memory is written: everything unsafe of the project is here.

use napi::bindgen_prelude::Float64ArraySlice;

use crate::{Result, refuse};

/// The elements of an output array, once it is certain that no input shares them.
pub(crate) fn writable<'a>(out: &'a mut Float64ArraySlice<'_>, inputs: &[&[f64]]) -> Result<&'a mut [f64]> {
    let span = out.as_ref().as_ptr_range();
    for input in inputs {
        let other = input.as_ptr_range();
        if span.start < other.end && other.start < span.end {
            return Err(refuse(
                "INVALID_ARGUMENT",
                "out: expected memory of its own, but it overlaps an input",
            ));
        }
    }
    // SAFETY: the slice is a live view of a JavaScript array of this call's scope; no JavaScript runs before the call
    // returns, shared buffers are refused before the call, and no input slice of this call overlaps it (checked
    // above), so the reference is unique while it lives.
    Ok(unsafe { out.as_mut() })
}
