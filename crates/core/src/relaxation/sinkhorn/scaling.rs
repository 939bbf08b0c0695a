//! The scaling of rows and columns, by Newton's method from high temperature to low.
//!
//! With the rows' scales chosen such that rows have their sums r_i, the logarithms b of the columns' scales are where the
//! convex function `F(b) = sum_i r_i log sum_j exp(e_ij + b_j) - sum_j c_j b_j` is least: its gradient is how far the columns'
//! sums are from c_j. Every cell is in some matching (`support.rs`), so there is a minimum, and the b at which F is at most
//! a given value are bounded, but for constants that change nothing.
//!
//! Each step goes down (`descend`), by no less than a continuous function of b that is positive wherever the gradient is
//! not 0. So the method converges from every start, and next to the minimum, where its steps are Newton's own, the
//! error is squared in each. Cooling only brings the start near: the minimum at one temperature, scaled, is where the next
//! one begins.

use std::mem;

use super::conjugate_gradients::ConjugateGradients;
use super::exponents::Exponents;
use super::laplacian::{Laplacian, Step};
use super::marginals::Marginals;
use super::plan::Plan;
use super::support::Support;
use super::sweeps::Sweeps;
use crate::elementary::ln;
use crate::number::{DoubleDouble, dot, sum};
use crate::structure::{Matching, ShortestPaths};

/// The exponents at the highest temperature are at most so large.
const FIRST_SPAN: f64 = 3.0;
/// How much lower the next temperature is, as a power of two: so that exponents change exactly.
const COOLING: f64 = 4.0;
/// The error of the sums that is good enough to go on to the next temperature.
const LOOSE: f64 = 1e-2;
/// The part of `length * slope` that F has to fall by; half of it is the best where F is quadratic.
const ENOUGH: f64 = 0.1;
/// The part of what plain doubles have lost that may remain.
const POLISH: f64 = 1e-2;
/// The part of a gradient's charges that may remain.
const RESOLVED: f64 = 1e-16;
/// The error of the sums that is not worth another step.
const ROUNDING: f64 = 2e-15;

/// The solution of one row of the batch, and the memory for it.
pub(super) struct Scaling {
    structure: Matching,
    /// The utilities as the market has them.
    bids: Vec<f64>,
    matching: ShortestPaths,
    exponents: Exponents,
    support: Support,
    /// The logarithms of the columns' scales, and those that the step started from.
    scales: Vec<DoubleDouble>,
    start: Vec<DoubleDouble>,
    plan: Plan,
    laplacian: Laplacian,
    sweeps: Sweeps,
    conjugate_gradients: ConjugateGradients,
    /// Whether Sinkhorn's iteration has solved the row, so that its plan is well connected.
    connected: bool,
    /// G in the plan's cells, and times these.
    driven: Vec<f64>,
    products: Vec<f64>,
    charges: Vec<f64>,
    /// How large the terms of the charges are together.
    terms: Vec<f64>,
}

impl Scaling {
    pub(super) fn new(structure: &Matching) -> Self {
        let market = structure.market();
        let exponents = Exponents::new(market);
        let plan = Plan::new(Marginals::new(market));
        let width = plan.width;
        Self {
            structure: structure.clone(),
            bids: Vec::new(),
            matching: ShortestPaths::new(market),
            support: Support::new(exponents.shape()),
            exponents,
            scales: vec![DoubleDouble::ZERO; width],
            start: vec![DoubleDouble::ZERO; width],
            sweeps: Sweeps::new(&plan.marginals),
            conjugate_gradients: ConjugateGradients::new(width),
            connected: false,
            plan,
            laplacian: Laplacian::new(width),
            driven: Vec::new(),
            products: Vec::new(),
            charges: Vec::new(),
            terms: Vec::new(),
        }
    }

    /// Finds the best matching but for rounding errors, which the exponents put right as far as the temperature
    /// tells them.
    pub(super) fn assign(&mut self, utility: &[f64]) {
        self.matching.solve(self.structure.bids(utility, &mut self.bids));
    }

    /// Scales `exp(u / t)`.
    ///
    /// # Errors
    /// The error of the sums if it does not come below the tolerance.
    #[inline(always)]
    pub(super) fn solve(
        &mut self,
        utility: &[f64],
        temperature: f64,
        tolerance: f64,
        most_iterations: usize,
    ) -> Result<(), f64> {
        // A square's are the utilities themselves; those of others are there from `assign`.
        let bids = if self.bids.is_empty() { utility } else { &self.bids };
        self.exponents.compute(bids, &self.matching, temperature)?;
        let (exponents, matched) = self.exponents.support();
        self.support.restrict(exponents, matched, self.plan.marginals.largest);
        self.connected = self.sweep(tolerance, most_iterations);
        if self.connected {
            return Ok(());
        }
        self.scales.fill(DoubleDouble::ZERO);
        let mut warmth = 1.0;
        while self.span() * warmth > FIRST_SPAN {
            warmth /= COOLING;
        }
        let mut polished = false;
        let mut iterations = 0;
        let mut error = self.plan.compute(&self.exponents, warmth, &self.scales);
        loop {
            if warmth < 1.0 && error <= LOOSE {
                warmth *= COOLING;
                for scale in &mut self.scales {
                    *scale = *scale * COOLING;
                }
                error = self.plan.compute(&self.exponents, warmth, &self.scales);
                continue;
            }
            if warmth == 1.0 && error <= tolerance {
                // Newton's method squares the error: one more step reaches what doubles can hold.
                if polished || error <= ROUNDING || iterations == most_iterations {
                    return Ok(());
                }
                polished = true;
            }
            if iterations == most_iterations || !error.is_finite() {
                return self.give_up(warmth, tolerance);
            }
            iterations += 1;
            error = self.descend(warmth);
        }
    }

    /// Tries Sinkhorn's own iteration; returns whether it has solved the row. One of Newton's steps then takes away what
    /// plain doubles have lost.
    #[inline(always)]
    fn sweep(&mut self, tolerance: f64, most: usize) -> bool {
        let Self { exponents, scales, plan, sweeps, conjugate_gradients, .. } = self;
        if !sweeps.run(exponents, &plan.marginals, most) {
            return false;
        }
        for (scale, logarithm) in scales.iter_mut().zip(sweeps.logarithms()) {
            *scale = DoubleDouble::from(logarithm);
        }
        let mut error = plan.compute(exponents, 1.0, scales);
        if error > ROUNDING && error <= tolerance {
            conjugate_gradients.solve(plan, (&plan.charges, &[]), POLISH, plan.width);
            for (scale, &step) in scales.iter_mut().zip(&conjugate_gradients.potentials) {
                *scale = *scale + DoubleDouble::from(step);
            }
            error = plan.compute(exponents, 1.0, scales);
        }
        error <= tolerance
    }

    /// What has been reached is told at the temperature asked for, where it may even do.
    fn give_up(&mut self, warmth: f64, tolerance: f64) -> Result<(), f64> {
        for scale in &mut self.scales {
            *scale = *scale * (1.0 / warmth);
        }
        let error = self.plan.compute(&self.exponents, 1.0, &self.scales);
        if error <= tolerance { Ok(()) } else { Err(error) }
    }

    /// Goes down, and returns the error of the sums there.
    ///
    /// On the way, at `b + s step`, the third derivative of F is at most the range R of the step times the second one
    /// (that of a sum of `log sum exp`; Bach, "Self-concordant analysis for logistic regression", 2010). So the length
    /// `log(1 + R slope / curvature) / R` goes down for certain. It is short, and a full step nearly always does better:
    /// * where F still falls at its end, F has fallen all the way, and past the length that is certain;
    /// * where R <= 1, and F rises at its end by at most half the slope that it fell with, the second derivative is between
    ///   some m and `m e^R`, so F has fallen by `slope^2 / (2 m e^R)` or more, and risen by `(slope / 2)^2 / (2 m)` or less;
    /// * elsewhere F itself is compared (`Plan::fall`). Nearer to the minimum its digits would all be the same.
    ///
    /// What does none of the three is shortened.
    #[inline(always)]
    fn descend(&mut self, warmth: f64) -> f64 {
        let Self { exponents, scales, start, plan, laplacian, .. } = self;
        let Step { slope, curvature } = laplacian.correct(plan);
        let step = &laplacian.potentials[..scales.len()];
        let (least, most) =
            step.iter().fold((0.0_f64, 0.0_f64), |(least, most), &x| (least.min(x), most.max(x)));
        let range = most - least;
        start.copy_from_slice(scales);
        let mut length = 1.0;
        loop {
            for ((scale, &start), &step) in scales.iter_mut().zip(&*start).zip(step) {
                let sum = DoubleDouble::sum(start.high, length * step);
                *scale = DoubleDouble { low: sum.low + start.low, ..sum };
            }
            let error = plan.compute(exponents, warmth, scales);
            let rise: f64 = plan.charges.iter().zip(step).map(|(charge, step)| -charge * step).sum();
            let fallen = if range * length <= 1.0 {
                rise <= 0.5 * slope
            } else {
                rise <= 0.0 || plan.fall(step, length, 0.5 * (least + most)) >= ENOUGH * length * slope
            };
            if fallen {
                return error;
            }
            let certain = ln(1.0 + range * slope / curvature) / range;
            if length <= certain {
                return error;
            }
            length = (length * slope / (slope + rise)).min(0.5 * length).max(certain);
        }
    }

    /// How far the exponents reach below 0.
    #[inline(always)]
    fn span(&self) -> f64 {
        let least = |least: f64, &exponent: &f64| {
            if exponent < least && exponent > -1e299 { exponent } else { least }
        };
        -self.exponents.cells().iter().fold(0.0, least)
    }

    /// Calls `kernel(buyer, of the plan, of the matrix)` with where the cells of each buyer's goods begin, and how far from
    /// one another they are.
    #[inline(always)]
    fn for_buyers(&self, mut kernel: impl FnMut((usize, usize), (usize, usize))) {
        let Self { structure, plan, .. } = self;
        // A square's plan has its rows; else goods are the rows.
        let square = structure.market().is_square();
        let (of_buyer, of_good) = if square { (plan.stride, 1) } else { (1, plan.stride) };
        let (buyer_places, good_places) = structure.strides();
        for buyer in 0..structure.market().buyers {
            kernel((buyer * of_buyer, of_good), (buyer * buyer_places, good_places));
        }
    }

    /// Copies what the plan's cells have to those of the matrix; what stays alone has none.
    #[inline(always)]
    fn write_from(&self, cells: &[f64], matrix: &mut [f64]) {
        let goods = self.structure.market().goods();
        self.for_buyers(|from, to| copy(goods, (cells, from), (matrix, to)));
    }

    /// Copies the solution.
    pub(super) fn write(&self, soft: &mut [f64]) {
        self.write_from(&self.plan.cells, soft);
    }

    /// `dU = P * (G + alpha 1^T + 1 beta^T) / t` with the alpha and beta that keep the sums. G is 0 where something stays
    /// alone.
    #[inline(always)]
    pub(super) fn gradient(&mut self, cotangent: &[f64], temperature: f64, gradient: &mut [f64]) {
        let mut driven = mem::take(&mut self.driven);
        driven.clear();
        driven.resize(self.plan.cells.len(), 0.0);
        let goods = self.structure.market().goods();
        self.for_buyers(|to, from| copy(goods, (cotangent, from), (&mut driven, to)));
        let mut products = mem::take(&mut self.products);
        products.clear();
        products.extend(driven.iter().zip(&self.plan.cells).map(|(g, cell)| cell * g));
        let solved = self.connected && self.resolve(&products);
        let Self { plan, laplacian, conjugate_gradients, .. } = self;
        let beta = if solved {
            &conjugate_gradients.potentials
        } else {
            laplacian.follow(plan, &products);
            &laplacian.potentials
        };
        let rows = driven.chunks_exact_mut(plan.stride).zip(plan.cells.chunks_exact(plan.stride));
        for ((driven, cells), inverse) in rows.zip(&plan.marginals.inverses) {
            let (driven, cells) = (&mut driven[..plan.width], &cells[..plan.width]);
            for (driven, beta) in driven.iter_mut().zip(beta) {
                *driven += beta;
            }
            let mean = inverse * dot(cells, driven);
            for (driven, cell) in driven.iter_mut().zip(cells) {
                *driven = *cell * (*driven - mean) / temperature;
            }
        }
        self.write_from(&driven, gradient);
        (self.driven, self.products) = (driven, products);
    }

    /// The gradient's beta in a plan that is well connected: its charges are `-sum_i P_ij (G_ij - sum_k P_ik G_ik / r_i)`.
    #[inline(always)]
    fn resolve(&mut self, products: &[f64]) -> bool {
        let Self { plan, conjugate_gradients, charges, terms, .. } = self;
        for row in [&mut *charges, &mut *terms] {
            row.clear();
            row.resize(plan.width, 0.0);
        }
        let rows = products.chunks_exact(plan.stride).zip(plan.cells.chunks_exact(plan.stride));
        for ((products, cells), inverse) in rows.zip(&plan.marginals.inverses) {
            let mean = inverse * sum(&products[..plan.width]);
            let charged = charges.iter_mut().zip(terms.iter_mut());
            for (((charge, terms), product), cell) in charged.zip(products).zip(cells) {
                *charge += cell.mul_add(mean, -product);
                *terms += cell.mul_add(mean.abs(), product.abs());
            }
        }
        conjugate_gradients.solve(plan, (charges, terms), RESOLVED, plan.width)
    }
}

/// Copies some numbers that are equally far from one another in both arrays.
#[inline(always)]
fn copy(
    count: usize,
    (source, (start, step)): (&[f64], (usize, usize)),
    (target, (place, stride)): (&mut [f64], (usize, usize)),
) {
    if step == 1 && stride == 1 {
        return target[place..place + count].copy_from_slice(&source[start..start + count]);
    }
    for k in 0..count {
        target[place + k * stride] = source[start + k * step];
    }
}
