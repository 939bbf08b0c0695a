use super::{Trace, Traced};
use crate::elementary::Exponent;
use crate::number::Wide;
use crate::sampling::Uniforms;

/// How utilities stand for the times of a race: of rate `exp(theta)`, the larger the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Race {
    /// `U = -log E`.
    Gumbel,
    /// `U = -E`.
    NegativeExponential,
}

impl Race {
    /// The magnitude that theta may have.
    pub(super) fn largest_parameter(self) -> f64 {
        match self {
            // Beyond, a double does not tell the noise.
            Self::Gumbel => 1e15,
            Self::NegativeExponential => 700.0,
        }
    }

    fn utility(self, time: Wide) -> f64 {
        match self {
            Self::Gumbel => -time.ln(),
            Self::NegativeExponential => -time.to_f64(),
        }
    }

    /// `dU/dE` times a cotangent.
    fn pulled_back(self, cotangent: f64, time: Wide) -> Wide {
        let negative = Wide::from_f64(-cotangent);
        match self {
            Self::Gumbel => negative / time,
            Self::NegativeExponential => negative,
        }
    }
}

/// The rates of a row's coordinates and of the steps of its trace.
#[derive(Default)]
pub(super) struct Rates {
    /// `exp(theta)`; 0 for a forbidden coordinate.
    coordinates: Vec<Wide>,
    /// The sums over the candidates of each step.
    steps: Vec<Wide>,
    /// How long each step takes.
    durations: Vec<Wide>,
    /// Of each coordinate how long after its last step its time comes; 0 if it is chosen there.
    delays: Vec<Wide>,
    /// Cotangents of the durations.
    cotangents: Vec<Wide>,
}

impl Rates {
    pub(super) fn load(&mut self, theta: &[f64]) {
        let exponent = Exponent::new(1.0);
        self.coordinates.clear();
        self.coordinates.extend(theta.iter().map(|&theta| {
            if theta == f64::NEG_INFINITY {
                return Wide::ZERO;
            }
            let (mantissa, n) = exponent.exp(theta);
            Wide::new(mantissa, n as i64)
        }));
    }

    /// Adds up the rates of the candidates. O(n) for every step that most coordinates take part in.
    pub(super) fn follow(&mut self, trace: &Trace) {
        self.steps.clear();
        self.steps.resize(trace.chosen.len(), Wide::ZERO);
        for (coordinate, &rate) in self.coordinates.iter().enumerate() {
            for step in trace.steps(coordinate) {
                self.steps[step] = self.steps[step] + rate;
            }
        }
    }

    /// `log p(trace) = sum_steps log (rate of the chosen / rate of all candidates)`.
    pub(super) fn log_probability(&self, trace: &Trace) -> f64 {
        let logs = trace.chosen.iter().zip(&self.steps);
        logs.map(|(&chosen, &total)| (self.coordinates[chosen as usize] / total).ln()).sum()
    }

    /// Adds `factor d log p(trace) / dtheta`: for every step, 1 for the chosen one less the probabilities of all.
    pub(super) fn add_score(&self, trace: &Trace, factor: f64, gradient: &mut [f64]) {
        for (coordinate, (gradient, &rate)) in gradient.iter_mut().zip(&self.coordinates).enumerate() {
            let chances: f64 = trace.steps(coordinate).map(|step| (rate / self.steps[step]).to_f64()).sum();
            let chosen = f64::from(trace.is_chosen(coordinate));
            *gradient += factor * (chosen - chances);
        }
    }

    /// Draws the times given the trace: a step takes an exponential time of the rate of its candidates; those that are not
    /// chosen start afresh.
    pub(super) fn draw(&mut self, trace: &Trace, mut uniforms: Uniforms) {
        let mut duration = |rate: Wide| Wide::from_f64(uniforms.exponential()) / rate;
        self.durations.clear();
        self.durations.extend(self.steps.iter().map(|&rate| duration(rate)));
        self.delays.clear();
        self.delays.extend(self.coordinates.iter().enumerate().map(|(coordinate, &rate)| {
            // Every coordinate uses up a number, so that none changes those of the others.
            let forbidden = rate == Wide::ZERO;
            let delay = duration(if forbidden { Wide::from_f64(1.0) } else { rate });
            if trace.is_chosen(coordinate) { Wide::ZERO } else { delay }
        }));
    }

    fn time(&self, trace: &Trace, coordinate: usize) -> Wide {
        trace.steps(coordinate).fold(self.delays[coordinate], |time, step| time + self.durations[step])
    }

    /// The utilities of the times.
    pub(super) fn write<S: Traced>(&self, trace: &Trace, race: Race, utility: &mut [f64]) {
        for (coordinate, u) in utility.iter_mut().enumerate() {
            let forbidden = self.coordinates[coordinate] == Wide::ZERO;
            *u = if forbidden { f64::NEG_INFINITY } else { race.utility(self.time(trace, coordinate)) };
        }
        if S::ORDERED {
            keep_order(trace, utility);
        }
    }

    /// Adds `(dU/dtheta)^T cotangent` with the trace and the noise held fixed: as all durations are noise over a rate,
    /// `dy/dtheta_i = -y` times the share of i in the rate.
    pub(super) fn add_gradient(
        &mut self,
        trace: &Trace,
        race: Race,
        cotangent: &[f64],
        gradient: &mut [f64],
    ) {
        self.cotangents.clear();
        self.cotangents.resize(self.steps.len(), Wide::ZERO);
        for (coordinate, &g) in cotangent.iter().enumerate() {
            if self.coordinates[coordinate] == Wide::ZERO {
                continue;
            }
            let of_time = race.pulled_back(g, self.time(trace, coordinate));
            gradient[coordinate] -= (of_time * self.delays[coordinate]).to_f64();
            for step in trace.steps(coordinate) {
                self.cotangents[step] = self.cotangents[step] + of_time;
            }
        }
        for (coordinate, (gradient, &rate)) in gradient.iter_mut().zip(&self.coordinates).enumerate() {
            for step in trace.steps(coordinate) {
                let share = rate / self.steps[step];
                *gradient -= (share * self.durations[step] * self.cotangents[step]).to_f64();
            }
        }
    }
}

/// Where rounding has made utilities equal, or changed their order, the next smaller double is as good.
fn keep_order(trace: &Trace, utility: &mut [f64]) {
    let mut bound = f64::INFINITY;
    for &chosen in &trace.chosen {
        let u = &mut utility[chosen as usize];
        *u = below(*u, bound);
        bound = *u;
    }
    for coordinate in 0..utility.len() {
        let last = trace.last[coordinate];
        if last != super::NONE && !trace.is_chosen(coordinate) {
            utility[coordinate] = below(utility[coordinate], utility[trace.chosen[last as usize] as usize]);
        }
    }
}

fn below(u: f64, bound: f64) -> f64 {
    if u < bound { u } else { bound.next_down() }
}
