//! What a trick can be asked beyond its relaxation where that is the mean of a law over the vertices.

use crate::batch::for_rows;
use crate::check::{all_finite, finite};
use crate::divergence;
use crate::error::{Error, ErrorKind};
use crate::number::DoubleDouble;
use crate::operator::{Answers, Operator};
use crate::question::{Question, Topic};
use crate::relaxation::{ExponentialFamilyRelaxation, cotangents};
use crate::rows::{Checked, Rows, Widths};
use crate::sampling::FamilyDraws;
use crate::structure::{ArgmaxOracle, Prefix};
use crate::trick::{Trick, part};
use crate::utility::Coordinates;

/// A trick whose relaxation is the exponential family's.
pub(crate) struct FamilyTrick<S, R>(pub(crate) Trick<S, R>);

impl<S: ArgmaxOracle, R: ExponentialFamilyRelaxation<S>> FamilyTrick<S, R> {
    fn dimension(&self) -> usize {
        self.0.structure.dimension()
    }

    fn log_partition(&self, rows: Rows, threads: usize, logs: &mut [f64]) -> Result<(), Error> {
        self.0.fill(rows, threads, logs, |rows, out| {
            self.0.relaxation.log_partition(&self.0.structure, rows.inputs[0], rows.terms.temperature, out)
        })?;
        finite("utility", "log-partition function", logs, 1)
    }

    /// From the best embedding y: `log p(x) = log p(y) + (x - y).U / t`, so that what they share is not there to cancel.
    fn log_probability(&self, rows: Rows, threads: usize, logs: &mut [f64]) -> Result<(), Error> {
        let (n, t, draws) = (self.dimension(), rows.terms.temperature, rows.draws);
        self.0.fill(rows, threads, logs, |rows, logs| {
            let [utilities, embeddings, _] = rows.inputs;
            let excesses = self.excesses(utilities, t)?;
            for (draw, (log, x)) in logs.iter_mut().zip(embeddings.chunks_exact(n)).enumerate() {
                let row = draw / draws;
                let utility = part(utilities, row..row + 1, n);
                let Excess { best, excess } = &excesses;
                let gain = gain(utility, x, part(best, row..row + 1, n), t);
                *log = gain.map_or(f64::NEG_INFINITY, |gain| gain - excess[row]);
                if gain.is_some() && !log.is_finite() {
                    let expected = "numbers whose log-probability is in the range of doubles";
                    let error = Error::new(ErrorKind::NotFinite, format!("utility: expected {expected}"));
                    return Err(error.at_row(row));
                }
            }
            Ok(())
        })
    }

    /// The best vertex of each row of utilities, and by how much `log Z` exceeds it.
    fn excesses(&self, utilities: &[f64], temperature: f64) -> Result<Excess, Error> {
        let mut best = vec![0.0; utilities.len()];
        self.0.maximise(utilities, &mut best);
        let mut excess = vec![0.0; utilities.len() / self.dimension()];
        self.0.relaxation.excess(&self.0.structure, utilities, temperature, &best, &mut excess)?;
        Ok(Excess { best, excess })
    }

    /// `Cov(x) d / t` for a direction d of each row.
    fn along(&self, utilities: &[f64], t: f64, directions: &[f64], out: &mut [f64]) -> Result<(), Error> {
        cotangents::softmax_vjp(&self.0.relaxation, &self.0.structure, utilities, t, directions, out)
    }

    fn means(&self, utilities: &[f64], t: f64) -> Result<Vec<f64>, Error> {
        let mut means = vec![0.0; utilities.len()];
        self.0.relaxation.softmax(&self.0.structure, utilities, t, &mut means)?;
        Ok(means)
    }

    /// `dH/dU = -Cov(x) U / t^2`.
    fn entropy_vjp(&self, rows: Rows, threads: usize, gradients: &mut [f64]) -> Result<(), Error> {
        self.gradients(rows, threads, gradients, |rows, out| {
            let [utilities, cotangents, _] = rows.inputs;
            let t = rows.terms.temperature;
            self.0.relaxation.entropy_vjp(&self.0.structure, utilities, t, cotangents, out)
        })
    }

    /// `sum_s c_s (x_s - E[x]) / t`; 0 where a coordinate is forbidden.
    fn log_probability_vjp(&self, rows: Rows, threads: usize, gradients: &mut [f64]) -> Result<(), Error> {
        let (n, t, draws) = (self.dimension(), rows.terms.temperature, rows.draws);
        self.gradients(rows, threads, gradients, |rows, out| {
            let [utilities, embeddings, cotangents] = rows.inputs;
            let means = self.means(utilities, t)?;
            out.fill(0.0);
            for (draw, (x, c)) in embeddings.chunks_exact(n).zip(cotangents).enumerate() {
                let cells = draw / draws * n..(draw / draws + 1) * n;
                let (u, mean) = (&utilities[cells.clone()], &means[cells.clone()]);
                for (i, gradient) in out[cells].iter_mut().enumerate() {
                    if u[i] != f64::NEG_INFINITY {
                        *gradient += c * (x[i] - mean[i]) / t;
                    }
                }
            }
            Ok(())
        })
    }

    /// `KL(p_U || p_V) = -H(p_U) - E_U[log p_V(x)]`, or where that cancels an integral of variances; infinite where V forbids
    /// what U does not.
    fn divergence(&self, rows: Rows, threads: usize, out: &mut [f64]) -> Result<(), Error> {
        let (n, t) = (self.dimension(), rows.terms.temperature);
        self.0.fill(rows, threads, out, |rows, out| {
            let [u, v, _] = rows.inputs;
            self.0.relaxation.entropy(&self.0.structure, u, t, out)?;
            let (means, Excess { best, excess }) = (self.means(u, t)?, self.excesses(v, t)?);
            for (row, divergence) in out.iter_mut().enumerate() {
                let cells = row * n..(row + 1) * n;
                let gain = gain(&v[cells.clone()], &means[cells.clone()], &best[cells], t);
                let log = gain.map_or(f64::NEG_INFINITY, |gain| gain - excess[row]);
                *divergence = (-*divergence - log).max(0.0);
            }
            divergence::replace_small(n, u, v, t, out, |at, directions, products| {
                self.along(at, t, directions, products)
            })?;
            let overflows = |&row: &usize| {
                let cells = row * n..(row + 1) * n;
                !out[row].is_finite() && check_divergence(&u[cells.clone()], &v[cells], n).is_ok()
            };
            match (0..out.len()).find(overflows) {
                None => Ok(()),
                Some(row) => {
                    let message = "utility: expected numbers whose divergence is in the range of doubles";
                    Err(Error::new(ErrorKind::NotFinite, message).at_row(row))
                }
            }
        })
    }

    /// `Cov_U(x) (U - V) / t^2`.
    fn divergence_vjp(&self, rows: Rows, threads: usize, gradients: &mut [f64]) -> Result<(), Error> {
        let (n, t) = (self.dimension(), rows.terms.temperature);
        self.gradients(rows, threads, gradients, |rows, out| {
            let [u, v, cotangents] = rows.inputs;
            let difference = |(i, (&u, &v)): (usize, (&f64, &f64))| {
                if u == v || u == f64::NEG_INFINITY { 0.0 } else { cotangents[i / n] * ((u - v) / t) }
            };
            let directions: Vec<f64> = u.iter().zip(v).enumerate().map(difference).collect();
            self.along(u, t, &directions, out)
        })
    }

    /// `(E_V[x] - E_U[x]) / t`.
    fn divergence_vjp_other(&self, rows: Rows, threads: usize, gradients: &mut [f64]) -> Result<(), Error> {
        let (n, t) = (self.dimension(), rows.terms.temperature);
        self.gradients(rows, threads, gradients, |rows, out| {
            let [u, v, cotangents] = rows.inputs;
            let (p, q) = (self.means(u, t)?, self.means(v, t)?);
            for (i, gradient) in out.iter_mut().enumerate() {
                *gradient = cotangents[i / n] * (q[i] - p[i]) / t;
            }
            Ok(())
        })
    }

    fn gradients(
        &self,
        rows: Rows,
        threads: usize,
        out: &mut [f64],
        kernel: impl Fn(Rows, &mut [f64]) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        self.0.fill(rows, threads, out, kernel)?;
        // No negative zeros.
        out.iter_mut().for_each(|cell| *cell += 0.0);
        rows.check_gradients(out)
    }

    fn sample(&self, rows: Rows, threads: usize, vertices: &mut [f64]) -> Result<(), Error> {
        let (n, samples, t) = (self.dimension(), rows.terms.samples, rows.terms.temperature);
        let utilities = rows.inputs[0];
        if t == 0.0 {
            let mut best = vec![0.0; utilities.len()];
            self.0.argmax(rows, threads, &mut best)?;
            for (draw, vertex) in vertices.chunks_exact_mut(n).enumerate() {
                vertex.copy_from_slice(part(&best, draw / samples..draw / samples + 1, n));
            }
            return Ok(());
        }
        let draws = FamilyDraws { seed: rows.terms.seed, samples, rows: rows.numbers };
        for_rows(rows.count * samples, self.0.work(), threads, vertices, |range, out| {
            self.0.relaxation.draw(&self.0.structure, utilities, t, draws, range, out)
        })
        .map_err(|error| error.renamed(|draw| draw / samples, |coordinate| coordinate))
    }

    /// Of 0/1 vectors x alone maximises `(2x - 1).y` over all y, so that it is the argmax if it is an embedding at all.
    fn check_embeddings(&self, rows: &Rows) -> Result<(), Error> {
        let (n, embeddings) = (self.dimension(), rows.inputs[1]);
        if embeddings.is_empty() {
            return Ok(());
        }
        let wrong = embeddings.iter().position(|&x| x != 0.0 && x != 1.0).or_else(|| {
            let directions: Vec<f64> = embeddings.iter().map(|x| 2.0 * x - 1.0).collect();
            let mut best = vec![0.0; directions.len()];
            self.0.maximise(&directions, &mut best);
            best.iter().zip(embeddings).position(|(best, x)| best != x)
        });
        match wrong {
            None => Ok(()),
            Some(cell) => {
                let message = "embedding: expected embeddings of 0 and 1, got another";
                Err(Error::new(ErrorKind::InvalidArgument, message).at_row(cell / n))
            }
        }
    }
}

/// Vertices of the maxima, and `log Z - max_x u.x / t`.
struct Excess {
    best: Vec<f64>,
    excess: Vec<f64>,
}

impl<S: ArgmaxOracle, R: ExponentialFamilyRelaxation<S>> Answers for FamilyTrick<S, R> {
    fn check(&self, rows: &Rows) -> Result<(), Error> {
        self.0.check_feasible(rows)?;
        match rows.question {
            Question::LogProbability | Question::LogProbabilityVjp => self.check_embeddings(rows),
            Question::DivergenceVjp | Question::DivergenceVjpOther => {
                check_divergence(rows.inputs[0], rows.inputs[1], self.dimension())
            }
            _ => Ok(()),
        }
    }

    fn answer(&self, checked: Checked, out: &mut [f64], threads: usize) -> Result<(), Error> {
        let Checked(rows) = checked;
        match rows.question {
            Question::LogPartition => self.log_partition(rows, threads, out),
            Question::Entropy => self.0.fill(rows, threads, out, |rows, out| {
                self.0.relaxation.entropy(&self.0.structure, rows.inputs[0], rows.terms.temperature, out)
            }),
            Question::EntropyVjp => self.entropy_vjp(rows, threads, out),
            Question::LogProbability => self.log_probability(rows, threads, out),
            Question::LogProbabilityVjp => self.log_probability_vjp(rows, threads, out),
            Question::Divergence => self.divergence(rows, threads, out),
            Question::DivergenceVjp => self.divergence_vjp(rows, threads, out),
            Question::DivergenceVjpOther => self.divergence_vjp_other(rows, threads, out),
            Question::FamilySample => self.sample(rows, threads, out),
            question => {
                debug_assert_ne!(question.description().topic, Topic::Family);
                self.0.answer(checked, out, threads)
            }
        }
    }
}

impl<S: ArgmaxOracle, R: ExponentialFamilyRelaxation<S>> Operator for FamilyTrick<S, R> {
    fn widths(&self) -> Widths {
        self.0.widths()
    }

    fn symmetric(&self) -> bool {
        self.0.symmetric()
    }

    fn is_family(&self) -> bool {
        true
    }

    fn work(&self) -> usize {
        self.0.work()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn least_size(&self) -> usize {
        self.0.least_size()
    }

    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>> {
        self.0.prefixed(size).map(|trick| Box::new(Self(trick)) as Box<dyn Operator>)
    }

    fn coordinates(&self, everywhere: bool) -> Coordinates {
        self.0.coordinates(everywhere)
    }
}

/// Refuses pairs of laws whose divergence is infinite: the second forbids what the first does not.
fn check_divergence(u: &[f64], v: &[f64], width: usize) -> Result<(), Error> {
    if all_finite(v) {
        return Ok(());
    }
    let infinite = |(&u, &v): (&f64, &f64)| v == f64::NEG_INFINITY && u != v;
    match u.iter().zip(v).position(infinite) {
        None => Ok(()),
        Some(cell) => {
            let message =
                "other: expected numbers whose divergence is finite, got -Infinity where the utility is not";
            Err(Error::new(ErrorKind::NotFinite, message).at_coordinate(cell % width).at_row(cell / width))
        }
    }
}

/// `(x - y).u / t`, for a y that is not forbidden; none for an x that is. Summed with its rounding errors, for a sum that
/// may be smaller than its terms by more than the digits of a double.
fn gain(utility: &[f64], x: &[f64], y: &[f64], temperature: f64) -> Option<f64> {
    // Of the largest numbers a sum may overflow.
    const SCALE: f64 = 1.0 / 1_073_741_824.0;
    let scale = if utility.iter().any(|u| u.is_finite() && u.abs() > 1e298) { SCALE } else { 1.0 };
    let mut sum = DoubleDouble::ZERO;
    for ((&u, x), y) in utility.iter().zip(x).zip(y) {
        let factor = x - y;
        if factor == 0.0 {
            continue;
        }
        if u == f64::NEG_INFINITY {
            return None;
        }
        sum = sum + DoubleDouble::product(factor, u * scale);
    }
    Some(sum.to_f64() / temperature / scale)
}
