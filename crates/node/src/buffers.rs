//! The one place where JavaScript's memory is written: everything unsafe of the addon is here.

#[cfg(target_family = "wasm")]
use napi::JsValue;
use napi::bindgen_prelude::{Float32ArraySlice, Float64ArraySlice, Uint8ArraySlice};

use crate::{Result, refuse};

/// An array of JavaScript that a call may write to.
pub(crate) trait Output: AsRef<[Self::Element]> {
    type Element;

    /// # Safety
    ///
    /// Nothing else may read or write the array while the reference lives.
    unsafe fn elements(&mut self) -> &mut [Self::Element];

    /// Shows JavaScript what was written.
    fn deliver(&self) -> Result<()>;
}

macro_rules! outputs {
    ($($array:ident: $element:ty),*) => {
        $(impl Output for $array<'_> {
            type Element = $element;

            unsafe fn elements(&mut self) -> &mut [$element] {
                // SAFETY: what is asked of the caller.
                unsafe { self.as_mut() }
            }

            #[cfg(not(target_family = "wasm"))]
            fn deliver(&self) -> Result<()> {
                Ok(())
            }

            #[cfg(target_family = "wasm")]
            fn deliver(&self) -> Result<()> {
                let view = JsValue::value(self);
                browser::copy_out(view.env, view.value, size_of_val(self.as_ref()))
            }
        })*
    };
}

outputs!(Float64ArraySlice: f64, Float32ArraySlice: f32, Uint8ArraySlice: u8);

/// WebAssembly sees JavaScript's arrays as copies in its own memory.
#[cfg(target_family = "wasm")]
mod browser {
    use napi::sys::{napi_env, napi_status, napi_value};

    use crate::{Result, refuse};

    unsafe extern "C" {
        fn emnapi_sync_memory(
            env: napi_env,
            js_to_wasm: bool,
            view: *mut napi_value,
            offset: usize,
            bytes: usize,
        ) -> napi_status;
    }

    /// Copies so many bytes of an array's copy back to the array.
    pub(super) fn copy_out(env: napi_env, mut view: napi_value, bytes: usize) -> Result<()> {
        // An empty array has no copy.
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: `view` is a typed array of this call's scope, of so many bytes; it is read only.
        match unsafe { emnapi_sync_memory(env, false, &raw mut view, 0, bytes) } {
            0 => Ok(()),
            status => Err(refuse("INTERNAL", format!("an output cannot be copied back (status {status})"))),
        }
    }
}

/// Refuses an output that shares memory with an input.
pub(crate) fn apart<O: Output, I>(out: &O, inputs: &[&[I]]) -> Result<()> {
    let span = out.as_ref().as_ptr_range();
    let (start, end) = (span.start.addr(), span.end.addr());
    for input in inputs {
        let other = input.as_ptr_range();
        if start < other.end.addr() && other.start.addr() < end {
            return Err(refuse(
                "INVALID_ARGUMENT",
                "out: expected memory of its own, but it overlaps an input",
            ));
        }
    }
    Ok(())
}

/// The elements of an output array, once it is certain that no input shares them; inputs of other types than these are
/// held [`apart`] beforehand.
pub(crate) fn writable<'a, O: Output, I>(out: &'a mut O, inputs: &[&[I]]) -> Result<&'a mut [O::Element]> {
    apart(out, inputs)?;
    // SAFETY: the slice is a live view of a JavaScript array of this call's scope; no JavaScript runs before the call
    // returns, shared buffers are refused before the call, and no input slice of this call overlaps it (checked
    // above), so the reference is unique while it lives.
    Ok(unsafe { out.elements() })
}

/// Lets `write` fill an output array that shares memory with no input.
pub(crate) fn filled<O: Output, I>(
    mut out: O,
    inputs: &[&[I]],
    write: impl FnOnce(&mut [O::Element]) -> Result<()>,
) -> Result<()> {
    write(writable(&mut out, inputs)?)?;
    out.deliver()
}
