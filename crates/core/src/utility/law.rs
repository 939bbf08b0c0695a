use std::ops::Range;

use super::{Coordinates, Gumbel, Logistic, NegativeExponential, Noise, Utility};
use crate::batch::for_rows;
use crate::check::finite;
use crate::error::{Error, ErrorKind};
use crate::number::vectorised;
use crate::operator::{Answers, unanswered};
use crate::question::Question;
use crate::random::{fill_uniform, uniform_at};
use crate::rows::{Checked, Rows};

/// The random utilities of a structure: the loop over rows that all families and all structures share.
#[derive(Clone, Copy)]
pub(crate) struct Law<'a> {
    coordinates: &'a Coordinates,
}

/// Multiply-adds that one draw costs.
const WORK_PER_DRAW: usize = 40;
/// Cells of short rows that become utilities together; with their parameters they stay in the fastest cache.
const TILE: usize = 1024;

/// The same for every family.
macro_rules! with_utility {
    ($noise:expr, $utility:ident => $body:expr) => {
        match $noise {
            Noise::Gumbel => {
                let $utility = Gumbel;
                $body
            }
            Noise::Logistic => {
                let $utility = Logistic;
                $body
            }
            Noise::Gaussian($utility) => $body,
            Noise::NegativeExponential => {
                let $utility = NegativeExponential;
                $body
            }
        }
    };
}

impl<'a> Law<'a> {
    pub(crate) fn of(coordinates: &'a Coordinates) -> Self {
        Self { coordinates }
    }

    fn perturb<U: Utility>(
        self,
        utility: &U,
        rows: Rows,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let (draws, work) = (rows.count * rows.terms.samples, WORK_PER_DRAW * self.coordinates.random);
        for_rows(draws, work, threads, out, |draws, out| {
            vectorised(
                #[inline(always)]
                || self.draw(utility, rows, draws.clone(), out),
            );
            Ok(())
        })
    }

    /// Some draws of a thread, numbered over all samples of all rows.
    #[inline(always)]
    fn draw<U: Utility>(self, utility: &U, rows: Rows, draws: Range<usize>, out: &mut [f64]) {
        let Coordinates { parameters, utilities, random, .. } = *self.coordinates;
        let samples = rows.terms.samples;
        // Whole registers whatever the length of a row is; where some coordinates are not random, rows are not adjacent.
        let together = if random == utilities { (TILE / random.max(1)).max(1) } else { 1 };
        let (mut uniforms, mut own) = (Vec::new(), Vec::new());
        let starts = draws.clone().step_by(together);
        for (first, tile) in starts.zip(out.chunks_mut(together * utilities)) {
            let tile_draws = first..first + tile.len() / utilities;
            for (draw, cells) in tile_draws.clone().zip(tile.chunks_exact_mut(utilities)) {
                let (row, sample) = (draw / samples, (draw % samples) as u32);
                let (seed, number) = (rows.terms.seed, rows.numbers[row]);
                self.fill(seed, number, sample, &mut uniforms, &mut cells[..random]);
            }
            let theta_of = |draw: usize| {
                let row = draw / samples;
                &rows.inputs[0][row * parameters..(row + 1) * parameters]
            };
            let theta = match &self.coordinates.parameter_of {
                None if samples == 1 => &rows.inputs[0][first * parameters..tile_draws.end * parameters],
                None if tile_draws.len() == 1 => theta_of(first),
                None => {
                    own.clear();
                    tile_draws.for_each(|draw| own.extend_from_slice(theta_of(draw)));
                    &own
                }
                Some(parameter_of) => {
                    own.clear();
                    for theta in tile_draws.map(theta_of) {
                        own.extend(parameter_of.iter().map(|&parameter| theta[parameter as usize]));
                    }
                    &own
                }
            };
            // -inf plus noise is -inf: a forbidden coordinate stays so.
            let count = if together == 1 { random } else { tile.len() };
            let (random_cells, deterministic) = tile.split_at_mut(count);
            utility.draw_all(&theta[..count], random_cells);
            deterministic.copy_from_slice(&theta[count..]);
        }
    }

    /// The uniform numbers of a draw's random coordinates.
    #[inline(always)]
    fn fill(self, seed: u64, row: u64, sample: u32, uniforms: &mut Vec<f64>, cells: &mut [f64]) {
        let Coordinates { span, .. } = *self.coordinates;
        match &self.coordinates.keys {
            None => fill_uniform(seed, row, sample, cells),
            Some(keys) if span == 0 => {
                for (cell, &key) in cells.iter_mut().zip(keys) {
                    *cell = uniform_at(seed, row, sample, key);
                }
            }
            Some(keys) => {
                uniforms.resize(span, 0.0);
                fill_uniform(seed, row, sample, uniforms);
                cells.iter_mut().zip(keys).for_each(|(cell, &key)| *cell = uniforms[key as usize]);
            }
        }
    }

    /// `out[row, parameter] = sum over draws and coordinates of term(theta, coordinate, utility, cotangents of the draw)`.
    fn pull_back(
        self,
        rows: Rows,
        threads: usize,
        width: usize,
        out: &mut [f64],
        term: impl Fn(f64, usize, f64, &[f64]) -> f64 + Sync,
    ) -> Result<(), Error> {
        let Coordinates { parameters, utilities, .. } = *self.coordinates;
        let work = WORK_PER_DRAW * utilities * rows.draws;
        for_rows(rows.count, work, threads, out, |range, out| {
            let [theta, utility, cotangents] = rows.part(range).inputs;
            out.fill(0.0);
            let draws = utility.chunks_exact(utilities).zip(cotangents.chunks_exact(width));
            for (draw, (utility, cotangents)) in draws.enumerate() {
                let cells = draw / rows.draws * parameters..(draw / rows.draws + 1) * parameters;
                let (theta, out) = (&theta[cells.clone()], &mut out[cells]);
                for (coordinate, &u) in utility.iter().enumerate() {
                    let parameter = self.coordinates.parameter(coordinate);
                    if theta[parameter] != f64::NEG_INFINITY {
                        out[parameter] += term(theta[parameter], coordinate, u, cotangents);
                    }
                }
            }
            Ok(())
        })?;
        rows.check_gradients(out)
    }

    fn perturb_vjp<U: Utility>(
        self,
        utility: &U,
        rows: Rows,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let Coordinates { utilities, random, .. } = *self.coordinates;
        self.pull_back(rows, threads, utilities, out, |theta, coordinate, u, cotangents| {
            let slope = if coordinate < random { utility.derivative(theta, u) } else { 1.0 };
            slope * cotangents[coordinate]
        })
    }

    /// `KL(U(theta) || U(0))`; a forbidden coordinate, forbidden in the prior too, adds 0.
    fn kl<U: Utility>(self, utility: &U, rows: Rows, out: &mut [f64]) -> Result<(), Error> {
        let Coordinates { parameters, random, .. } = *self.coordinates;
        for (divergence, theta) in out.iter_mut().zip(rows.inputs[0].chunks_exact(parameters)) {
            let of_random = (0..random).map(|coordinate| theta[self.coordinates.parameter(coordinate)]);
            let allowed = of_random.filter(|&theta| theta != f64::NEG_INFINITY);
            *divergence = allowed.map(|theta| utility.divergence(theta)).sum();
        }
        finite("theta", "divergence", out, 1)
    }

    fn kl_vjp<U: Utility>(self, utility: &U, rows: Rows, out: &mut [f64]) -> Result<(), Error> {
        let Coordinates { parameters, random, .. } = *self.coordinates;
        let [theta, cotangents, _] = rows.inputs;
        out.fill(0.0);
        let all = out.chunks_exact_mut(parameters).zip(theta.chunks_exact(parameters)).zip(cotangents);
        for ((out, theta), cotangent) in all {
            for coordinate in 0..random {
                let parameter = self.coordinates.parameter(coordinate);
                if theta[parameter] != f64::NEG_INFINITY {
                    out[parameter] += cotangent * utility.divergence_derivative(theta[parameter]);
                }
            }
        }
        finite("theta", "divergence's gradient", out, parameters)
    }

    /// Refuses parameters whose draws would leave the range of doubles.
    fn check_parameters<U: Utility>(self, _utility: &U, theta: &[f64]) -> Result<(), Error> {
        let (width, most) = (self.coordinates.parameters, U::LARGEST_PARAMETER);
        match theta.iter().position(|theta| theta.is_finite() && theta.abs() > most) {
            None => Ok(()),
            Some(cell) => {
                let message = format!("theta: expected numbers from -{most} to {most}, got {}", theta[cell]);
                let error = Error::new(ErrorKind::InvalidArgument, message);
                Err(error.at_coordinate(cell % width).at_row(cell / width))
            }
        }
    }

    /// Refuses a deterministic coordinate that differs from its prior's: the divergence is infinite.
    fn check_deterministic(self, theta: &[f64]) -> Result<(), Error> {
        let Coordinates { parameters, utilities, random, .. } = *self.coordinates;
        for (row, theta) in theta.chunks_exact(parameters.max(1)).enumerate() {
            let places = (random..utilities).map(|coordinate| self.coordinates.parameter(coordinate));
            let apart = |&place: &usize| theta[place] != 0.0 && theta[place] != f64::NEG_INFINITY;
            if let Some(place) = places.into_iter().find(apart) {
                let message = format!(
                    "theta: expected 0 where the utility is deterministic, since the divergence is infinite elsewhere, got {}",
                    theta[place]
                );
                return Err(Error::new(ErrorKind::NotFinite, message).at_coordinate(place).at_row(row));
            }
        }
        Ok(())
    }
}

impl Answers for Law<'_> {
    fn check(&self, rows: &Rows) -> Result<(), Error> {
        let Coordinates { utilities, random, .. } = *self.coordinates;
        with_utility!(rows.noise, utility => self.check_parameters(&utility, rows.inputs[0]))?;
        match rows.question {
            Question::Kl | Question::KlVjp => self.check_deterministic(rows.inputs[0]),
            Question::ScoreVjp if random < utilities => {
                let expected = "random utilities, of which the score is taken, but some are deterministic";
                Err(Error::new(ErrorKind::InvalidArgument, format!("utility: expected {expected}")))
            }
            _ => Ok(()),
        }
    }

    fn answer(&self, Checked(rows): Checked, out: &mut [f64], threads: usize) -> Result<(), Error> {
        with_utility!(rows.noise, utility => match rows.question {
            Question::MaskedTheta => {
                out.copy_from_slice(rows.inputs[0]);
                Ok(())
            }
            Question::Perturb => self.perturb(&utility, rows, out, threads),
            Question::PerturbVjp => self.perturb_vjp(&utility, rows, out, threads),
            Question::ScoreVjp => self.pull_back(rows, threads, 1, out, |theta, _, u, cotangents| {
                utility.score(theta, u) * cotangents[0]
            }),
            Question::Kl => self.kl(&utility, rows, out),
            Question::KlVjp => self.kl_vjp(&utility, rows, out),
            question => Err(unanswered(question)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::set_work_per_thread;
    use crate::utility::Gaussian;
    use crate::{AnyOperator, Call, Terms};

    /// Every cell is the draw that its own number stands for, whatever shares a tile or a thread with it: rows of less than
    /// a register, of many to a tile, of more than one; whole tiles and parts of them.
    #[test]
    fn cells_do_not_depend_on_their_tiles() {
        fn check<U: Utility>(noise: Noise, utility: U) {
            set_work_per_thread(1);
            for (width, rows) in [(1, 2500), (3, 700), (45, 47), (TILE / 2, 3), (TILE + 7, 2)] {
                for (samples, threads) in [(1, 1), (1, 3), (4, 1), (4, 3)] {
                    let theta: Vec<f64> = (0..rows * width).map(|cell| (cell as f64).sin()).collect();
                    let terms = Terms { seed: 9, samples, first_row: 5, ..Terms::default() };
                    let operator = AnyOperator::plain(width).with_noise(noise);
                    let mut out = vec![0.0; rows * samples * width];
                    Call::new(&operator, Question::Perturb, &[&theta], None, terms, rows)
                        .and_then(|call| call.run(&mut out, threads))
                        .expect("finite parameters");
                    for (draw, cells) in out.chunks_exact(width).enumerate() {
                        let (row, sample) = (draw / samples, (draw % samples) as u32);
                        for (cell, &drawn) in cells.iter().enumerate() {
                            let uniform = uniform_at(9, 5 + row as u64, sample, cell as u32);
                            let expected = utility.draw(theta[row * width + cell], uniform);
                            assert_eq!(
                                drawn.to_bits(),
                                expected.to_bits(),
                                "{noise:?}, {width}: {draw}, {cell}"
                            );
                        }
                    }
                }
            }
        }
        check(Noise::Gumbel, Gumbel);
        check(Noise::Logistic, Logistic);
        check(Noise::Gaussian(Gaussian::new(2.0)), Gaussian::new(2.0));
        check(Noise::NegativeExponential, NegativeExponential);
    }
}
