use super::race::{Race, Rates};
use super::{Trace, Traced};
use crate::batch::for_rows;
use crate::check::finite;
use crate::error::{Error, ErrorKind};
use crate::operator::{Answers, unanswered};
use crate::question::Question;
use crate::random::Purpose;
use crate::rows::{Checked, Rows};
use crate::sampling::Uniforms;
use crate::utility::Noise;

/// The traces of a structure.
#[derive(Clone, Debug)]
pub struct Tracer<S> {
    pub(super) structure: S,
}

impl<S: Traced> Tracer<S> {
    /// Of rows of the structure's coordinates.
    pub fn new(structure: S) -> Self {
        Self { structure }
    }

    /// How utilities race.
    fn race(noise: Noise) -> Result<Race, Error> {
        let expected = match noise {
            Noise::NegativeExponential => return Ok(Race::NegativeExponential),
            Noise::Gumbel if S::ORDERED => return Ok(Race::Gumbel),
            Noise::Gumbel => "expected negative exponential utilities, which are times that may be added",
            _ => "expected utilities that race, Gumbel or negative exponential ones",
        };
        Err(Error::new(ErrorKind::InvalidArgument, format!("utility: {expected}")))
    }

    /// Calls `visit(rows, row, draw of the row, desk, out of the row)` for every draw, each desk laid with its trace.
    fn for_draws(
        &self,
        rows: Rows,
        out: &mut [f64],
        threads: usize,
        visit: impl Fn(&Rows, usize, usize, &mut Desk<S>, &mut [f64]) + Sync,
    ) -> Result<(), Error> {
        let (n, draws, width) = (self.structure.dimension(), rows.draws, rows.result_stride());
        let work = 40 * n * draws * rows.terms.samples;
        for_rows(rows.count, work, threads, out, |range, out| {
            let rows = rows.part(range);
            let [theta, utilities, _] = rows.inputs;
            let mut desk = Desk::new(&self.structure);
            out.fill(0.0);
            for (row, out) in out.chunks_exact_mut(width).enumerate() {
                desk.rates.load(&theta[row * n..(row + 1) * n]);
                for draw in 0..draws {
                    let at = (row * draws + draw) * n;
                    self.structure.trace(&utilities[at..at + n], &mut desk.trace, &mut desk.workspace);
                    desk.rates.follow(&desk.trace);
                    visit(&rows, row, draw, &mut desk, out);
                }
            }
            Ok(())
        })
    }

    fn uniforms(rows: &Rows, row: usize, sample: usize) -> Uniforms {
        Uniforms::new(Purpose::Conditional, rows.terms.seed, rows.numbers[row], sample as u32)
    }

    fn conditional_perturb(
        &self,
        race: Race,
        rows: Rows,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let (n, samples) = (self.structure.dimension(), rows.terms.samples);
        self.for_draws(rows, out, threads, |rows, row, draw, desk, out| {
            for sample in draw * samples..(draw + 1) * samples {
                let Desk { trace, rates, .. } = desk;
                rates.draw(trace, Self::uniforms(rows, row, sample));
                rates.write::<S>(trace, race, &mut out[sample * n..(sample + 1) * n]);
            }
        })?;
        match out.iter().position(|u| *u != f64::NEG_INFINITY && !u.is_finite()) {
            None => Ok(()),
            Some(cell) => {
                let overflowed = finite("theta", "utility", &out[cell..=cell], 1);
                overflowed.map_err(|error| error.at_row(cell / rows.result_stride()))
            }
        }
    }

    fn conditional_perturb_vjp(
        &self,
        race: Race,
        rows: Rows,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let (n, samples) = (self.structure.dimension(), rows.terms.samples);
        self.for_draws(rows, out, threads, |rows, row, draw, desk, out| {
            for sample in draw * samples..(draw + 1) * samples {
                let at = (row * rows.draws * samples + sample) * n;
                let Desk { trace, rates, .. } = desk;
                rates.draw(trace, Self::uniforms(rows, row, sample));
                rates.add_gradient(trace, race, &rows.inputs[2][at..at + n], out);
            }
        })?;
        rows.check_gradients(out)
    }
}

/// What one thread works with.
struct Desk<S: Traced> {
    trace: Trace,
    rates: Rates,
    workspace: S::Workspace,
}

impl<S: Traced> Desk<S> {
    fn new(structure: &S) -> Self {
        Self { trace: Trace::default(), rates: Rates::default(), workspace: structure.trace_workspace() }
    }
}

impl<S: Traced> Answers for Tracer<S> {
    fn check(&self, rows: &Rows) -> Result<(), Error> {
        let (n, most) = (self.structure.dimension(), Self::race(rows.noise)?.largest_parameter());
        let [theta, utilities, _] = rows.inputs;
        let mut scratch = Vec::new();
        for draw in 0..rows.count * rows.draws {
            let (row, utility) = (draw / rows.draws, &utilities[draw * n..(draw + 1) * n]);
            let forbids = utility.contains(&f64::NEG_INFINITY);
            self.structure.check(utility, forbids, &mut scratch).map_err(|message| {
                Error::new(ErrorKind::Infeasible, format!("utility: {message}")).at_row(draw)
            })?;
            for (i, (&theta, &u)) in theta[row * n..(row + 1) * n].iter().zip(utility).enumerate() {
                let message = if (theta == f64::NEG_INFINITY) != (u == f64::NEG_INFINITY) {
                    format!(
                        "theta: expected -Infinity where the utility is, and there only, got {theta} beside {u}"
                    )
                } else if theta.is_finite() && theta.abs() > most {
                    format!("theta: expected numbers from -{most} to {most}, got {theta}")
                } else {
                    continue;
                };
                return Err(Error::new(ErrorKind::InvalidArgument, message).at_coordinate(i).at_row(row));
            }
        }
        Ok(())
    }

    fn answer(&self, Checked(rows): Checked, out: &mut [f64], threads: usize) -> Result<(), Error> {
        let race = Self::race(rows.noise)?;
        match rows.question {
            Question::TraceLogProbability => self.for_draws(rows, out, threads, |_, _, draw, desk, logs| {
                logs[draw] = desk.rates.log_probability(&desk.trace);
            }),
            Question::TraceScoreVjp => {
                self.for_draws(rows, out, threads, |rows, row, draw, desk, out| {
                    let cotangent = rows.inputs[2][row * rows.draws + draw];
                    desk.rates.add_score(&desk.trace, cotangent, out);
                })?;
                rows.check_gradients(out)
            }
            Question::ConditionalPerturb => self.conditional_perturb(race, rows, out, threads),
            Question::ConditionalPerturbVjp => self.conditional_perturb_vjp(race, rows, out, threads),
            question => Err(unanswered(question)),
        }
    }
}
