//! Questions with numbers that are all valid.

use std::rc::Rc;

use proptest::strategy::{Strategy, ValueTree};
use sst::structure::Prefix;
use sst::utility::{Gaussian, Noise};
use sst::{AnyOperator, Call, Count, Error, Question, Shape, Space, Terms, Topic, Widths};

use crate::calls::ask;
use crate::inputs::runner;
use crate::oracle::{Enumeration, has};
use crate::registry::{Entry, Instance, REGISTRY};

/// SplitMix64.
pub(crate) struct Words(pub(crate) u64);

impl Words {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }

    /// A multiple of 2^-40 in [-1, 1).
    pub(crate) fn number(&mut self) -> f64 {
        (self.next() >> 23) as f64 / (1u64 << 40) as f64 - 1.0
    }

    fn happens(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

pub(crate) fn noises() -> [Noise; 4] {
    [Noise::Gumbel, Noise::Logistic, Noise::Gaussian(Gaussian::new(0.75)), Noise::NegativeExponential]
}

/// A structure over its first things, with its vertices.
pub(crate) struct Smaller {
    pub(crate) length: usize,
    pub(crate) prefix: Prefix<Rc<dyn Instance>>,
    pub(crate) vertices: Vec<u32>,
}

impl Smaller {
    fn new(instance: &dyn Instance, length: usize) -> Self {
        let prefix = instance.prefix(length);
        Self { length, vertices: prefix.structure.vertices(), prefix }
    }

    pub(crate) fn operator(&self, noise: Noise) -> AnyOperator {
        self.prefix.structure.traced().with_noise(noise)
    }

    pub(crate) fn oracle(&self) -> Enumeration {
        Enumeration { dimension: self.prefix.places.len(), vertices: self.vertices.clone() }
    }

    fn places(&self, space: Space) -> &[usize] {
        match space {
            Space::Parameter => &self.prefix.parameter_places,
            Space::Utility => &self.prefix.utility_places,
            Space::Embedding | Space::Valued | Space::Both => &self.prefix.places,
            Space::Number => &[0],
        }
    }
}

/// A row in the coordinates of its smaller structure: its part of every array.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) smaller: Rc<Smaller>,
    pub(crate) inputs: Vec<Vec<f64>>,
}

/// A question about a batch.
#[derive(Clone)]
pub(crate) struct Posed {
    pub(crate) label: String,
    pub(crate) question: Question,
    pub(crate) noise: Noise,
    pub(crate) operator: AnyOperator,
    /// Where the coordinates of the operator stand in its rows; none: where they are.
    pub(super) layout: Option<Vec<usize>>,
    pub(crate) lengths: Option<Vec<u32>>,
    /// One for each row, in the place of one for all.
    pub(crate) temperatures: Option<Vec<f64>>,
    pub(crate) terms: Terms,
    pub(crate) draws: usize,
    pub(crate) rows: Vec<Row>,
}

/// What is beside the numbers of a row.
const PADDING: [f64; 5] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -7.0];

impl Posed {
    pub(crate) fn inputs(&self) -> &'static [Shape] {
        self.question.description().inputs
    }

    pub(crate) fn result(&self) -> Shape {
        self.question.description().result
    }

    /// Rows that an array has for each row of the batch.
    pub(crate) fn times(&self, shape: Shape) -> usize {
        match shape.count {
            Count::Row => 1,
            Count::Draw => self.draws,
            Count::Sample => self.draws * self.terms.samples,
            Count::Rank => self.terms.samples,
        }
    }

    pub(crate) fn width(&self, shape: Shape) -> usize {
        self.operator.widths().of(shape.space)
    }

    /// Where the coordinates of a row stand in the caller's.
    pub(crate) fn places(&self, row: &Row, space: Space) -> Vec<usize> {
        let places = row.smaller.places(space).to_vec();
        let mut places: Vec<usize> = match &self.layout {
            Some(layout) if space != Space::Number => places.into_iter().map(|place| layout[place]).collect(),
            _ => places,
        };
        // A value, or a utility, stands after all coordinates.
        let width = self.operator.dimension();
        match space {
            Space::Valued => places.push(width),
            Space::Both => places.extend(self.places(row, Space::Utility).iter().map(|place| width + place)),
            _ => {}
        }
        places
    }

    /// Puts the numbers of a row into the caller's array.
    fn scatter(&self, index: usize, shape: Shape, own: &[f64], cells: &mut [f64]) {
        let (places, times, width) =
            (self.places(&self.rows[index], shape.space), self.times(shape), self.width(shape));
        for (k, own) in own.chunks_exact(places.len().max(1)).enumerate() {
            let start = (index * times + k) * width;
            places.iter().zip(own).for_each(|(place, &x)| cells[start + place] = x);
        }
    }

    /// The caller's arrays, with anything at all beside the numbers.
    pub(crate) fn arrays(&self) -> Vec<Vec<f64>> {
        let array = |(input, &shape): (usize, &Shape)| {
            let cells = self.rows.len() * self.times(shape) * self.width(shape);
            let mut cells: Vec<f64> = (0..cells).map(|i| PADDING[i % PADDING.len()]).collect();
            for (index, row) in self.rows.iter().enumerate() {
                self.scatter(index, shape, &row.inputs[input], &mut cells);
            }
            cells
        };
        self.inputs().iter().enumerate().map(array).collect()
    }

    pub(crate) fn ask(&self, arrays: &[Vec<f64>], threads: usize) -> Result<Vec<f64>, Error> {
        let arrays: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
        let call = self.call(&arrays)?;
        let mut out = vec![f64::NAN; call.len()];
        call.run(&mut out, threads)?;
        Ok(out)
    }

    pub(crate) fn call<'a>(&self, arrays: &[&'a [f64]]) -> Result<Call<'a>, Error> {
        let (lengths, temperatures) = (self.lengths.as_deref(), self.temperatures.as_deref());
        let (question, rows) = (self.question, self.rows.len());
        Call::with_temperatures(&self.operator, question, arrays, lengths, temperatures, self.terms, rows)
    }

    /// What a row is asked with, alone.
    fn terms_of(&self, index: usize) -> Terms {
        let first_row = self.terms.first_row.wrapping_add(index as u64);
        let temperature = self.temperatures.as_ref().map_or(self.terms.temperature, |each| each[index]);
        Terms { first_row, temperature, ..self.terms }
    }

    /// What the operator of a row says of it, alone.
    pub(crate) fn alone(&self, index: usize) -> Result<Vec<f64>, Error> {
        let row = &self.rows[index];
        self.ask_alone(row, &row.inputs, self.terms_of(index))
    }

    /// What it says of other numbers.
    pub(crate) fn ask_alone(&self, row: &Row, inputs: &[Vec<f64>], terms: Terms) -> Result<Vec<f64>, Error> {
        self.ask_alone_of(self.question, row, inputs, terms)
    }

    /// Another question about it.
    pub(crate) fn ask_alone_of(
        &self,
        question: Question,
        row: &Row,
        inputs: &[Vec<f64>],
        terms: Terms,
    ) -> Result<Vec<f64>, Error> {
        let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        ask(&row.smaller.operator(self.noise), question, &inputs, None, terms, 1, 1)
    }

    /// Whether nothing of a row is random: all parameters are forbidden.
    pub(crate) fn noise_is_hidden(&self, row: &Row) -> bool {
        let random = row.inputs[0].len() - row.smaller.prefix.structure.deterministic();
        row.inputs[0][..random].iter().all(|&theta| theta == f64::NEG_INFINITY)
    }

    /// The same about so many rows, these again and again.
    pub(crate) fn repeated(self, count: usize) -> Self {
        let repeat = |index: usize| index % self.rows.len();
        let rows = (0..count).map(|index| self.rows[repeat(index)].clone()).collect();
        let lengths = self.lengths.as_ref().map(|of| (0..count).map(|index| of[repeat(index)]).collect());
        let temperatures =
            self.temperatures.as_ref().map(|of| (0..count).map(|index| of[repeat(index)]).collect());
        Self { rows, lengths, temperatures, ..self }
    }

    /// What all of them say, and nothing beside it.
    pub(crate) fn expected(&self) -> Vec<f64> {
        let shape = self.result();
        let mut all = vec![f64::NAN; self.rows.len() * self.times(shape) * self.width(shape)];
        shape.blank(self.width(shape), &mut all);
        for index in 0..self.rows.len() {
            let own = self.alone(index).unwrap_or_else(|error| panic!("{}: {error}", self.label));
            self.scatter(index, shape, &own, &mut all);
        }
        all
    }
}

/// What the questions of one instance have in common.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) entry: &'static Entry,
    pub(crate) instance: Rc<dyn Instance>,
    /// Those over as few things as leave something to choose, the last one over all.
    pub(crate) feasible: Vec<Rc<Smaller>>,
    pub(crate) infeasible: Vec<Rc<Smaller>>,
}

impl Source {
    pub(crate) fn new(entry: &'static Entry, instance: Rc<dyn Instance>) -> Self {
        let operator = instance.operator();
        let all =
            (operator.least_size()..=operator.size()).map(|length| Rc::new(Smaller::new(&*instance, length)));
        let (feasible, infeasible) = all.partition(|smaller| !smaller.vertices.is_empty());
        Self { entry, instance, feasible, infeasible }
    }

    /// Whether there is an answer. Questions that have nothing to do with random utilities are asked beside one family only.
    pub(crate) fn answers(&self, question: Question, noise: Noise) -> bool {
        match question.description().topic {
            Topic::Relaxation => matches!(noise, Noise::Gumbel),
            Topic::Family => matches!(noise, Noise::Gumbel) && self.entry.is_family(),
            Topic::Utilities => question != Question::ScoreVjp || self.instance.deterministic() == 0,
            Topic::Traces => self.instance.races(noise),
            Topic::Order => matches!(noise, Noise::Gumbel) && self.instance.operator().is_ranked(),
        }
    }

    /// Some rows of any lengths, in any layout, or of all things.
    pub(crate) fn pose(&self, question: Question, noise: Noise, count: usize, words: &mut Words) -> Posed {
        let whole = self.feasible.last().expect("the whole structure");
        let ragged = words.happens(2);
        let of_row = |words: &mut Words| {
            if ragged {
                Rc::clone(&self.feasible[words.below(self.feasible.len())])
            } else {
                Rc::clone(whole)
            }
        };
        let rows: Vec<Rc<Smaller>> = (0..count).map(|_| of_row(words)).collect();
        let mut operator = self.instance.traced().with_noise(noise);
        let Widths { parameter, utility: n, embedding } = operator.widths();
        let mut layout = None;
        if n == parameter && n == embedding && words.happens(2) {
            let places: Vec<usize> = (0..n).map(|i| 2 * (n - i) - 1).collect();
            operator = operator.embedded(places.clone(), 2 * n + 1);
            layout = Some(places);
        }
        let terms = Terms {
            temperature: self.entry.least_temperature.max(words.one_of(&[1.0, 0.25, 0.02])),
            seed: words.next(),
            samples: 1 + words.below(3),
            first_row: words.one_of(&[0, 7, 1 << 40, u64::MAX - 1]),
        };
        // Arrays without a number cannot tell how many draws there are.
        let counted = |shape: &Shape| {
            shape.count == Count::Draw
                && match shape.space {
                    Space::Parameter => parameter > 0,
                    Space::Utility => n > 0,
                    Space::Embedding => embedding > 0,
                    Space::Number | Space::Valued | Space::Both => true,
                }
        };
        let draws = if question.description().inputs.iter().any(counted) { 1 + words.below(3) } else { 1 };
        let lengths = ragged.then(|| rows.iter().map(|smaller| smaller.length as u32).collect());
        let name = question.description().name;
        let label = format!("{}, {:?}, {name}, {noise:?}, {lengths:?}", self.entry.name, self.instance);
        let rows = rows
            .into_iter()
            .map(|smaller| Row {
                inputs: numbers(question, &smaller, self.entry.forbids, (draws, terms.samples), words),
                smaller,
            })
            .collect();
        Posed { label, question, noise, operator, layout, lengths, temperatures: None, terms, draws, rows }
    }
}

/// The numbers of a row: of random utilities any parameters may be forbidden, else what leaves a vertex.
fn numbers(
    question: Question,
    smaller: &Smaller,
    forbids: bool,
    (draws, samples): (usize, usize),
    words: &mut Words,
) -> Vec<Vec<f64>> {
    let description = question.description();
    let structure = &smaller.prefix.structure;
    let widths = structure.operator().widths();
    let kept = words.one_of(&smaller.vertices);
    let forbidden: Vec<bool> = match description.topic {
        Topic::Utilities => (0..widths.parameter).map(|_| words.happens(5)).collect(),
        _ => (0..widths.utility).map(|i| forbids && !has(kept, i) && words.happens(3)).collect(),
    };
    let is_forbidden = |i: usize| forbidden[i % forbidden.len()];
    // The deterministic ones are where their divergence is finite.
    let first_fixed = match question {
        Question::Kl | Question::KlVjp => widths.parameter - structure.deterministic(),
        _ => widths.parameter,
    };
    let scale = words.one_of(&[1.0, 3.0, 40.0]);
    let oracle = smaller.oracle();
    let mut array = |shape: &Shape| -> Vec<f64> {
        let times = match shape.count {
            Count::Row => 1,
            Count::Draw => draws,
            Count::Sample => draws * samples,
            Count::Rank => samples,
        };
        let width = widths.of(shape.space);
        let number = |i: usize, words: &mut Words| match (shape.name, shape.space) {
            ("theta", _) if is_forbidden(i) => f64::NEG_INFINITY,
            ("theta", _) if i >= first_fixed => 0.0,
            ("theta", _) => 2.0 * words.number(),
            ("utility", _) if is_forbidden(i) => f64::NEG_INFINITY,
            // As of negative exponentials, which suits all families.
            ("utility", _) if shape.count == Count::Draw => -3.0 * words.number().abs() - 0.125,
            ("other", _) if is_forbidden(i) && words.happens(2) => f64::NEG_INFINITY,
            ("utility" | "other", _) => scale * words.number(),
            _ => words.number(),
        };
        if shape.name == "embedding" {
            let vertices = (0..times).map(|_| words.one_of(&smaller.vertices));
            return vertices.flat_map(|set| oracle.indicator(set)).collect();
        }
        (0..times).flat_map(|_| 0..width).map(|i| number(i, words)).collect()
    };
    description.inputs.iter().map(&mut array).collect()
}

/// Calls `law` with so many instances of every entry.
pub(crate) fn for_sources(instances: u32, mut law: impl FnMut(&Source, &mut Words)) {
    REGISTRY.iter().for_each(|entry| for_sources_of(entry, instances, &mut law));
}

/// The same for one entry.
fn for_sources_of(entry: &'static Entry, instances: u32, mut law: impl FnMut(&Source, &mut Words)) {
    let (mut runner, strategy) = (runner(1), (entry.instances)());
    let mut words = Words(entry.name.bytes().fold(0_u64, |seed, byte| seed.rotate_left(7) ^ u64::from(byte)));
    for _ in 0..instances {
        let instance = strategy.new_tree(&mut runner).expect("an instance").current();
        law(&Source::new(entry, instance), &mut words);
    }
}

/// Calls `law` with every question that has an answer, about batches of up to `most` rows.
pub(crate) fn for_questions(instances: u32, most: usize, mut law: impl FnMut(&Posed, &mut Words)) {
    for_sources(instances, |source, words| {
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            if source.answers(question, noise) {
                let posed = source.pose(question, noise, 1 + words.below(most), words);
                law(&posed, words);
            }
        }
    });
}
