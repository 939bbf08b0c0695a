use pulp::{Arch, NullaryFnOnce};

/// Runs loops compiled for the machine's instruction set.
///
/// The closure must be `#[inline(always)]`, and so must be what it calls: what is not inlined is compiled for the
/// oldest machine. It is called by reference, because calling a closure by value goes through a function of its own.
#[inline(always)]
pub(crate) fn in_lanes(body: impl FnMut()) {
    struct Body<F>(F);

    impl<F: FnMut()> NullaryFnOnce for Body<F> {
        type Output = ();

        #[inline(always)]
        fn call(mut self) {
            (self.0)();
        }
    }

    Arch::new().dispatch(Body(body));
}
