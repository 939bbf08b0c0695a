//! Structured, differentiable random choices: the solvers, the marginals and their exact gradients.
//!
//! A *stochastic argmax trick* draws a combinatorial object as the maximiser `X = argmax_x U.x` over the vertices x of
//! a polytope, for random utilities U; a *stochastic softmax trick* relaxes it to `X_t = argmax U.x - t f(x)` over
//! the whole polytope (Paulus, Choi, Tarlow, Krause and Maddison, 2020).
//!
//! * [`structure`]: the polytopes, each with its argmax; [`structure::ExponentialFamily`] where marginals are known.
//! * [`relaxation`]: what turns a structure into `X_t` and its vector-Jacobian product.
//! * [`Trick`] pairs the two; [`AnyOperator`] is the same without type parameters, over whole batches.
//! * [`Question`]: what can be asked, as data; [`Call`]: a question with its arrays, checked.
//! * [`utility`]: the random utilities.
//! * [`number`]: the number types that one algorithm is run on.
//! * [`number::elementary`]: `exp` and `ln` with the same bits on every platform.
//!
//! ```
//! use ndarray::{array, Array2};
//! use sst::{AnyOperator, Trick, relaxation::ExponentialFamilyEntropy, structure::SpanningTree};
//!
//! let trick = AnyOperator::from(Trick::new(SpanningTree::complete(3), ExponentialFamilyEntropy));
//! let utility = array![[0.0, 0.0, 0.0]];
//! let mut soft = Array2::zeros((1, 3));
//! trick.softmax(utility.view(), 1.0, soft.view_mut(), 1)?;
//! assert!(soft.iter().all(|p| (p - 2.0 / 3.0).abs() < 1e-15));
//! # Ok::<(), sst::Error>(())
//! ```

#![forbid(unsafe_code)]

mod any_operator;
mod batch;
mod call;
// Unit tests need none of it, and compile much sooner without.
#[cfg(not(test))]
mod catalogue;
mod check;
mod divergence;
mod error;
mod family_trick;
pub mod k_best;
pub mod number;
mod operator;
mod places;
mod question;
mod random;
mod reach;
pub mod relaxation;
mod rows;
pub mod sampling;
pub mod structure;
pub mod trace;
mod trick;
mod typed;
pub mod utility;

pub use any_operator::AnyOperator;
#[doc(hidden)]
pub use batch::set_work_per_thread;
pub use call::Call;
pub use error::{Error, ErrorKind};
pub use number::elementary;
pub use operator::{Answers, Operator};
pub use question::{Count, Description, Question, Shape, Space, Topic};
pub use reach::{Reach, Room};
pub use rows::{Checked, Rows, Terms, Widths};
pub use trick::Trick;
