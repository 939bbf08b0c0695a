//! Threads that sleep until a call has work for them: waking one costs less than half of starting one.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What the threads of a call run, borrowed from it.
struct Body(*const (dyn Fn() + Sync));

// SAFETY: what it points to is `Sync`, and only read.
unsafe impl Send for Body {}
// SAFETY: as above.
unsafe impl Sync for Body {}

/// A call that asks for help.
struct Task {
    body: Body,
    progress: Mutex<Progress>,
    left: Condvar,
}

#[derive(Default)]
struct Progress {
    /// Threads inside of the body.
    helpers: usize,
    panic: Option<Box<dyn Any + Send>>,
}

struct Queue {
    /// A task for each thread that it asks for and has not got.
    wanted: VecDeque<Arc<Task>>,
    threads: usize,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { wanted: VecDeque::new(), threads: 0 });
static WANTED: Condvar = Condvar::new();

/// Nothing that is locked here can be left half done: where it is poisoned it is whole all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `body` on this thread and on up to so many others. Those that are late, or that the system does not have to give,
/// are done without: the body on this thread must do all that the others leave.
///
/// A panic of any of them is this call's, after all have left.
pub(crate) fn run(helpers: usize, body: &(dyn Fn() + Sync)) {
    // SAFETY: the two types differ in the lifetime alone. The body is called by threads that `enter` counted while the
    // task was wanted; `finish` withdraws the task and waits until all of them have left, on every path out of here.
    let body =
        unsafe { std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync)>(body) };
    let task = Arc::new(Task { body: Body(body), progress: Mutex::default(), left: Condvar::new() });
    task.ask(helpers);
    let own = catch_unwind(AssertUnwindSafe(|| task.call()));
    let panic = task.finish();
    if let Some(panic) = own.err().or(panic) {
        resume_unwind(panic);
    }
}

impl Task {
    fn ask(self: &Arc<Self>, helpers: usize) {
        let mut queue = lock(&QUEUE);
        while queue.threads < helpers {
            if thread::Builder::new().name("kernels".to_owned()).spawn(serve).is_err() {
                break;
            }
            queue.threads += 1;
        }
        for _ in 0..helpers.min(queue.threads) {
            queue.wanted.push_back(Arc::clone(self));
            WANTED.notify_one();
        }
    }

    fn call(&self) {
        // SAFETY: `run` has not returned: it is its own thread, or one that it waits for.
        let body = unsafe { &*self.body.0 };
        body();
    }

    /// Counts a thread in; called while the queue is locked, so that none comes in after the withdrawal.
    fn enter(&self) {
        lock(&self.progress).helpers += 1;
    }

    fn help(&self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.call()));
        let mut progress = lock(&self.progress);
        progress.helpers -= 1;
        if let Err(panic) = outcome {
            progress.panic = Some(panic);
        }
        self.left.notify_one();
    }

    fn finish(self: &Arc<Self>) -> Option<Box<dyn Any + Send>> {
        lock(&QUEUE).wanted.retain(|task| !Arc::ptr_eq(task, self));
        let mut progress = lock(&self.progress);
        while progress.helpers > 0 {
            progress = self.left.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        progress.panic.take()
    }
}

fn serve() {
    let mut queue = lock(&QUEUE);
    loop {
        if let Some(task) = queue.wanted.pop_front() {
            task.enter();
            drop(queue);
            task.help();
            queue = lock(&QUEUE);
        } else {
            queue = WANTED.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn all_that_are_asked_for_come_and_are_gone_afterwards() {
        for helpers in [0, 1, 2, 5] {
            for _ in 0..20 {
                // Nobody passes before everybody is there.
                let (together, inside) = (Barrier::new(helpers + 1), AtomicUsize::new(0));
                run(helpers, &|| {
                    inside.fetch_add(1, Ordering::SeqCst);
                    together.wait();
                });
                assert_eq!(inside.into_inner(), helpers + 1);
            }
        }
    }

    #[test]
    fn a_panic_of_a_helper_is_the_calls_and_leaves_the_threads_alive() {
        for _ in 0..20 {
            let own = thread::current().id();
            let together = Barrier::new(2);
            let body = || {
                together.wait();
                assert!(thread::current().id() == own, "a helper's");
            };
            let panic = catch_unwind(AssertUnwindSafe(|| run(1, &body))).expect_err("a panic");
            assert_eq!(panic.downcast_ref(), Some(&"a helper's"));
        }
    }

    #[test]
    fn calls_from_several_threads_share_them() {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let left = AtomicUsize::new(1000);
                        run(2, &|| {
                            while left
                                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                                .is_ok()
                            {}
                        });
                        assert_eq!(left.into_inner(), 0);
                    }
                });
            }
        });
    }
}
