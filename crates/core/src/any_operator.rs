use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::error::{Error, ErrorKind};
use crate::family_trick::FamilyTrick;
use crate::k_best::Ranks;
use crate::operator::{Answers, Operator, unanswered};
use crate::places::Places;
use crate::question::{Count, Description, Question, Topic};
use crate::relaxation::{ExponentialFamilyRelaxation, Relaxation};
use crate::rows::{Checked, Rows, Widths};
use crate::structure::ArgmaxOracle;
use crate::trace::Tracing;
use crate::trick::Trick;
use crate::utility::{Coordinates, Law, Noise, Plain};

/// An operator in its own coordinates, with everything that may be asked of it.
struct Inner {
    relaxed: Box<dyn Operator>,
    tracing: Option<Box<dyn Tracing>>,
    ranks: Option<Box<dyn Ranks>>,
    /// Of utilities as the structure has them, and random everywhere.
    coordinates: [OnceLock<Coordinates>; 2],
}

impl Inner {
    fn new(relaxed: Box<dyn Operator>) -> Self {
        Self { relaxed, tracing: None, ranks: None, coordinates: [OnceLock::new(), OnceLock::new()] }
    }

    fn law(&self, everywhere: bool) -> Law<'_> {
        let known = &self.coordinates[usize::from(everywhere)];
        Law::of(known.get_or_init(|| self.relaxed.coordinates(everywhere)))
    }
}

/// An operator over the first things of a structure, and where its coordinates stand in the rows of the whole one.
pub(crate) struct Part {
    inner: Inner,
    /// None: the rows are its own.
    pub(crate) places: Option<Places>,
}

impl Part {
    pub(crate) fn widths(&self) -> Widths {
        self.inner.relaxed.widths()
    }

    /// Multiply-adds that a row of a question takes, roughly.
    pub(crate) fn work(&self, rows: &Rows) -> usize {
        match (&self.inner.ranks, rows.question.description().topic) {
            (Some(ranks), Topic::Order) => ranks.work(rows.times(Count::Rank)),
            _ => self.inner.relaxed.work().max(1).saturating_mul(rows.times(Count::Sample).max(1)),
        }
    }

    fn prefix(&self, size: usize) -> Self {
        let prefix = self.inner.relaxed.prefix(size);
        let width = self.widths().embedding;
        let places = Places::new(prefix.parameter_places, prefix.utility_places, prefix.places, width);
        let tracing = self.inner.tracing.as_ref().map(|tracing| tracing.prefix(size));
        let ranks = self.inner.ranks.as_ref().map(|ranks| ranks.prefix(size));
        Self {
            inner: Inner { tracing, ranks, ..Inner::new(prefix.structure) },
            places: Some(match &self.places {
                Some(outer) => places.within(outer),
                None => places,
            }),
        }
    }
}

impl Answers for Part {
    fn check(&self, rows: &Rows) -> Result<(), Error> {
        match rows.question.description().topic {
            Topic::Relaxation | Topic::Family => self.inner.relaxed.check(rows),
            Topic::Utilities => self.inner.law(rows.everywhere).check(rows),
            Topic::Traces => self.inner.tracing.as_deref().map_or(Ok(()), |tracing| tracing.check(rows)),
            Topic::Order => self.inner.ranks.as_deref().map_or(Ok(()), |ranks| ranks.check(rows)),
        }
    }

    fn answer(&self, rows: Checked, out: &mut [f64], threads: usize) -> Result<(), Error> {
        match rows.0.question.description().topic {
            Topic::Relaxation | Topic::Family => self.inner.relaxed.answer(rows, out, threads),
            Topic::Utilities => self.inner.law(rows.0.everywhere).answer(rows, out, threads),
            Topic::Traces => match self.inner.tracing.as_deref() {
                Some(tracing) => tracing.answer(rows, out, threads),
                None => Err(unanswered(rows.0.question)),
            },
            Topic::Order => match self.inner.ranks.as_deref() {
                Some(ranks) => ranks.answer(rows, out, threads),
                None => Err(unanswered(rows.0.question)),
            },
        }
    }
}

/// A trick of any kind, in the layout of its users: the coordinates may stand at certain places of longer rows, such as
/// the edges of a graph in an adjacency matrix, and rows may be over the first things only. What stands elsewhere is
/// ignored on the way in, whatever it is, and 0 on the way out.
#[derive(Clone)]
pub struct AnyOperator {
    whole: Arc<Part>,
    widths: Widths,
    noise: Noise,
    everywhere: bool,
    prefixes: Arc<Mutex<Prefixes>>,
}

/// Parts that have been asked for, kept while they are small.
#[derive(Default)]
struct Prefixes {
    parts: BTreeMap<usize, Arc<Part>>,
    cells: usize,
}

/// Coordinates of all prefixes that are kept.
const MOST_KEPT: usize = 1 << 20;

impl AnyOperator {
    /// A trick without a log-partition function.
    pub fn relaxed<S: ArgmaxOracle, R: Relaxation<S>>(trick: Trick<S, R>) -> Self {
        Self::new(trick)
    }

    /// A trick with a log-partition function.
    pub fn family<S: ArgmaxOracle, R: ExponentialFamilyRelaxation<S>>(trick: Trick<S, R>) -> Self {
        Self::new(FamilyTrick(trick))
    }

    /// Coordinates without a structure: random utilities alone.
    pub fn plain(dimension: usize) -> Self {
        Self::new(Plain::new(dimension))
    }

    /// The operator in its own coordinates, with Gumbel utilities.
    fn new(operator: impl Operator + 'static) -> Self {
        let inner = Inner::new(Box::new(operator));
        let widths = inner.relaxed.widths();
        Self {
            whole: Arc::new(Part { inner, places: None }),
            widths,
            noise: Noise::Gumbel,
            everywhere: false,
            prefixes: Arc::default(),
        }
    }

    /// The operator with random utilities of a family.
    pub fn with_noise(self, noise: Noise) -> Self {
        Self { noise, ..self }
    }

    /// The operator whose utilities are all random, those too that its structure has deterministic.
    pub fn random_everywhere(self) -> Self {
        Self { everywhere: true, ..self }
    }

    /// The operator with the races of its structure.
    pub fn traced(mut self, tracing: impl Tracing + 'static) -> Self {
        if let Some(whole) = Arc::get_mut(&mut self.whole) {
            whole.inner.tracing = Some(Box::new(tracing));
        }
        self
    }

    /// The operator with the order of its structure's embeddings.
    pub fn ranked(mut self, ranks: impl Ranks + 'static) -> Self {
        if let Some(whole) = Arc::get_mut(&mut self.whole) {
            whole.inner.ranks = Some(Box::new(ranks));
        }
        self
    }

    /// Whether its k best may be asked.
    pub fn is_ranked(&self) -> bool {
        self.whole.inner.ranks.is_some()
    }

    /// The operator with coordinate i at `places[i] < dimension`; one whose spaces have the same coordinates.
    pub fn embedded(mut self, places: Vec<usize>, dimension: usize) -> Self {
        self.widths = Widths { parameter: dimension, utility: dimension, embedding: dimension };
        if let Some(whole) = Arc::get_mut(&mut self.whole) {
            whole.places = Some(Places::all(places, dimension));
        }
        self
    }

    /// The lengths of its rows.
    pub fn widths(&self) -> Widths {
        self.widths
    }

    /// The length of an embedding.
    pub fn dimension(&self) -> usize {
        self.widths.embedding
    }

    /// The length of a utility.
    pub fn utility_dimension(&self) -> usize {
        self.widths.utility
    }

    /// The family of its random utilities.
    pub fn noise(&self) -> Noise {
        self.noise
    }

    /// Whether all utilities are random.
    pub(crate) fn everywhere(&self) -> bool {
        self.everywhere
    }

    /// Whether the Jacobian of the relaxation is symmetric.
    pub fn symmetric(&self) -> bool {
        self.whole.inner.relaxed.symmetric()
    }

    /// How many things (elements, vertices, words) the structure is over.
    pub fn size(&self) -> usize {
        self.whole.inner.relaxed.size()
    }

    /// The fewest of them that a row may be over.
    pub fn least_size(&self) -> usize {
        self.whole.inner.relaxed.least_size()
    }

    /// Roughly how many multiply-adds the marginals of one row take.
    pub fn work(&self) -> usize {
        self.whole.inner.relaxed.work()
    }

    /// The trick with its log-partition function, if it has one.
    pub fn as_family(&self) -> Option<&Self> {
        self.whole.inner.relaxed.is_family().then_some(self)
    }

    /// Whether there is an answer.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, where there is none.
    pub(crate) fn check_question(&self, question: Question) -> Result<(), Error> {
        let expected = match question.description() {
            Description { topic: Topic::Family, .. } if !self.whole.inner.relaxed.is_family() => {
                "relaxation: expected the exponential family's"
            }
            Description { topic: Topic::Traces, .. } if self.whole.inner.tracing.is_none() => {
                "trick: expected a trick whose argmax is found by races of its utilities"
            }
            Description { topic: Topic::Order, .. } if !self.is_ranked() => {
                "trick: expected a structure whose embeddings can be told in the order of their values"
            }
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidArgument, expected))
    }

    pub(crate) fn whole(&self) -> Arc<Part> {
        Arc::clone(&self.whole)
    }

    /// The part over the first `size` things.
    pub(crate) fn prefix(&self, size: usize) -> Arc<Part> {
        if size == self.size() {
            return self.whole();
        }
        let mut prefixes = self.prefixes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = prefixes.parts.get(&size) {
            return Arc::clone(part);
        }
        let part = Arc::new(self.whole.prefix(size));
        let cells = part.widths().utility;
        if prefixes.cells + cells <= MOST_KEPT {
            prefixes.cells += cells;
            prefixes.parts.insert(size, Arc::clone(&part));
        }
        part
    }
}
