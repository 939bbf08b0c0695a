use std::ops::Range;

use super::race::{Race, Rates};
use super::{Trace, Traced, Tracing};
use crate::batch::for_rows;
use crate::check::{check_numbers, finite};
use crate::error::{Error, ErrorKind};
use crate::random::Purpose;
use crate::sampling::Uniforms;
use crate::utility::{Draws, check_length, check_rows_of_numbers};

/// The traces of a structure, whose coordinates may stand at certain places of longer rows.
#[derive(Clone, Debug)]
pub struct Tracer<S> {
    structure: S,
    dimension: usize,
    places: Option<Vec<usize>>,
}

impl<S: Traced> Tracer<S> {
    /// Rows of the structure's own coordinates.
    pub fn new(structure: S) -> Self {
        Self { dimension: structure.dimension(), structure, places: None }
    }

    /// Coordinate i of the structure stands at `places[i] < dimension`; what stands elsewhere is ignored on the way in and 0
    /// on the way out.
    pub fn embedded(structure: S, places: Vec<usize>, dimension: usize) -> Self {
        Self { structure, dimension, places: Some(places) }
    }

    fn place(&self, coordinate: usize) -> usize {
        self.places.as_ref().map_or(coordinate, |places| places[coordinate])
    }

    /// The structure's coordinates of a row.
    fn gather(&self, row: &[f64], into: &mut Vec<f64>) {
        into.clear();
        match &self.places {
            None => into.extend_from_slice(row),
            Some(places) => into.extend(places.iter().map(|&place| row[place])),
        }
    }

    /// Calls `visit(row, draw of the row, desk, out of the row)` for every draw, each desk laid with its trace.
    #[allow(clippy::too_many_arguments)]
    fn for_draws(
        &self,
        race: Race,
        (parameters, utilities): (&[f64], &[f64]),
        samples: usize,
        width: impl Fn(usize) -> usize + Sync,
        out: &mut [f64],
        threads: usize,
        visit: impl Fn(usize, usize, &mut Desk<S>, &mut [f64]) + Sync,
    ) -> Result<(), Error> {
        let n = self.dimension;
        if race == Race::Gumbel && !S::ORDERED {
            let message =
                "utility: expected negative exponential utilities, which are times that may be added";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let (rows, draws) = self.count(parameters, utilities)?;
        if n == 0 {
            out.fill(0.0);
            return Ok(());
        }
        check_length("out", rows * width(draws), out.len())?;
        self.check(race, parameters, utilities, draws)?;
        out.fill(0.0);
        let work = 40 * n * draws * samples;
        for_rows(rows, work, threads, out, |range: Range<usize>, out| {
            let mut desk = Desk::new(&self.structure);
            for (row, out) in range.zip(out.chunks_exact_mut(width(draws))) {
                self.gather(&parameters[row * n..(row + 1) * n], &mut desk.theta);
                desk.rates.load(&desk.theta);
                for draw in 0..draws {
                    let at = (row * draws + draw) * n;
                    self.gather(&utilities[at..at + n], &mut desk.utility);
                    self.structure.trace(&desk.utility, &mut desk.trace, &mut desk.workspace);
                    desk.rates.follow(&desk.trace);
                    visit(row, draw, &mut desk, out);
                }
            }
            Ok(())
        })
    }

    /// How many rows there are, and draws of each.
    fn count(&self, parameters: &[f64], utilities: &[f64]) -> Result<(usize, usize), Error> {
        let rows = parameters.len().checked_div(self.dimension).unwrap_or(0);
        check_length("theta", rows * self.dimension, parameters.len())?;
        let draws = utilities.len().checked_div(parameters.len()).unwrap_or(0);
        let expected = if parameters.is_empty() { 0 } else { draws.max(1) * parameters.len() };
        check_length("utility", expected, utilities.len())?;
        Ok((rows, draws))
    }

    /// Looks at every row before any is computed.
    fn check(&self, race: Race, parameters: &[f64], utilities: &[f64], draws: usize) -> Result<(), Error> {
        let n = self.dimension;
        let (mut theta, mut utility, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
        for (draw, cells) in utilities.chunks_exact(n.max(1)).enumerate() {
            let row = draw / draws;
            self.gather(&parameters[row * n..(row + 1) * n], &mut theta);
            self.gather(cells, &mut utility);
            let named = |error: Error, row: usize| error.at_row(row).renamed(|row| row, |i| self.place(i));
            if draw % draws == 0 {
                check_numbers("theta", &theta, true).map_err(|error| named(error, row))?;
            }
            let forbids = check_numbers("utility", &utility, true).map_err(|error| named(error, draw))?;
            self.structure.check(&utility, forbids, &mut scratch).map_err(|message| {
                Error::new(ErrorKind::Infeasible, format!("utility: {message}")).at_row(draw)
            })?;
            let most = race.largest_parameter();
            for (i, (&theta, &u)) in theta.iter().zip(&utility).enumerate() {
                let message = if (theta == f64::NEG_INFINITY) != (u == f64::NEG_INFINITY) {
                    format!(
                        "theta: expected -Infinity where the utility is, and there only, got {theta} beside {u}"
                    )
                } else if theta.is_finite() && theta.abs() > most {
                    format!("theta: expected numbers from -{most} to {most}, got {theta}")
                } else {
                    continue;
                };
                return Err(named(Error::new(ErrorKind::InvalidArgument, message).at_coordinate(i), row));
            }
        }
        Ok(())
    }

    /// Adds a gradient in the structure's coordinates to a row.
    fn add(&self, gradient: &[f64], out: &mut [f64]) {
        gradient.iter().enumerate().for_each(|(i, g)| out[self.place(i)] += g);
    }

    fn uniforms(draws: &Draws, row: usize, sample: usize) -> Uniforms {
        Uniforms::new(Purpose::Conditional, draws.seed, draws.first_row + row as u64, sample as u32)
    }
}

/// What one thread works with.
struct Desk<S: Traced> {
    theta: Vec<f64>,
    utility: Vec<f64>,
    gradient: Vec<f64>,
    trace: Trace,
    rates: Rates,
    workspace: S::Workspace,
}

impl<S: Traced> Desk<S> {
    fn new(structure: &S) -> Self {
        Self {
            theta: Vec::new(),
            utility: Vec::new(),
            gradient: Vec::new(),
            trace: Trace::default(),
            rates: Rates::default(),
            workspace: structure.trace_workspace(),
        }
    }

    /// A gradient of zeros.
    fn clear_gradient(&mut self) {
        self.gradient.clear();
        self.gradient.resize(self.theta.len(), 0.0);
    }
}

impl<S: Traced> Tracing for Tracer<S> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn log_probability(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        logs: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        self.for_draws(
            race,
            (parameters, utilities),
            1,
            |draws| draws,
            logs,
            threads,
            |_, draw, desk, logs| {
                logs[draw] = desk.rates.log_probability(&desk.trace);
            },
        )
    }

    fn score_vjp(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let (rows, draws) = self.count(parameters, utilities)?;
        if self.dimension > 0 {
            check_length("cotangent", rows * draws, cotangents.len())?;
        }
        check_cotangents(cotangents, 1)?;
        let n = self.dimension;
        self.for_draws(
            race,
            (parameters, utilities),
            1,
            |_| n,
            gradients,
            threads,
            |row, draw, desk, out| {
                desk.clear_gradient();
                desk.rates.add_score(&desk.trace, cotangents[row * draws + draw], &mut desk.gradient);
                self.add(&desk.gradient, out);
            },
        )?;
        finite("cotangent", "gradient", gradients, n)
    }

    fn conditional_perturb(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        draws: Draws,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let (n, samples) = (self.dimension, draws.samples);
        let width = |per_row: usize| per_row * samples * n;
        self.for_draws(
            race,
            (parameters, utilities),
            samples,
            width,
            out,
            threads,
            |row, draw, desk, out| {
                for sample in draw * samples..(draw + 1) * samples {
                    let Desk { trace, rates, utility, .. } = desk;
                    rates.draw(trace, Self::uniforms(&draws, row, sample));
                    rates.write::<S>(trace, race, utility);
                    let out = &mut out[sample * n..(sample + 1) * n];
                    utility.iter().enumerate().for_each(|(i, &u)| out[self.place(i)] = u);
                }
            },
        )?;
        let overflowed = out.iter().position(|u| *u != f64::NEG_INFINITY && !u.is_finite());
        overflowed.map_or(Ok(()), |cell| finite("theta", "utility", &out[cell..=cell], 1))
    }

    fn conditional_perturb_vjp(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        draws: Draws,
        cotangents: &[f64],
        gradients: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let (n, samples) = (self.dimension, draws.samples);
        check_length("cotangent", utilities.len() * samples, cotangents.len())?;
        let (_, per_row) = self.count(parameters, utilities)?;
        if self.places.is_none() {
            check_cotangents(cotangents, n)?;
        }
        self.for_draws(
            race,
            (parameters, utilities),
            samples,
            |_| n,
            gradients,
            threads,
            |row, draw, desk, out| {
                desk.clear_gradient();
                for sample in draw * samples..(draw + 1) * samples {
                    let at = (row * per_row * samples + sample) * n;
                    self.gather(&cotangents[at..at + n], &mut desk.utility);
                    let Desk { trace, rates, utility, gradient, .. } = desk;
                    rates.draw(trace, Self::uniforms(&draws, row, sample));
                    rates.add_gradient(trace, race, utility, gradient);
                }
                self.add(&desk.gradient, out);
            },
        )?;
        finite("cotangent", "gradient", gradients, n)
    }
}

fn check_cotangents(cotangents: &[f64], width: usize) -> Result<(), Error> {
    check_rows_of_numbers("cotangent", width.max(1), cotangents, false)
}
