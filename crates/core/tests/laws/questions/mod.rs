//! What holds of every question, whoever answers it: asked of every structure with every relaxation and every family of
//! utilities, over rows of all lengths and layouts.

mod draws;
mod errors;
mod gradients;
mod keys;
mod padding;
pub(crate) mod posed;
mod shapes;
mod temperatures;
mod threads;
