//! A question with its arrays: read and checked once, then answered, whole or in parts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::any_operator::{AnyOperator, Part};
use crate::check::{all_finite, check_numbers, check_temperature};
use crate::error::{Error, ErrorKind};
use crate::operator::Answers;
use crate::places::Gather;
use crate::question::{Count, Description, MOST_INPUTS, Question, Shape, Topic};
use crate::rows::{Checked, Rows, Terms, Widths};
use crate::utility::Noise;

/// A question about the rows of a batch. One that exists has been checked, so that it can be answered without further
/// looks; rows of one length are rows of one smaller operator, whose very bits they get, and so are rows of one temperature.
pub struct Call<'a> {
    question: Question,
    terms: Terms,
    noise: Noise,
    everywhere: bool,
    /// Of the arrays.
    widths: Widths,
    rows: usize,
    draws: usize,
    groups: Vec<Group<'a>>,
}

/// The rows of one length and one temperature, in the coordinates of their operator.
struct Group<'a> {
    part: Arc<Part>,
    temperature: f64,
    /// Their numbers in the batch.
    rows: Vec<usize>,
    inputs: [Cow<'a, [f64]>; MOST_INPUTS],
    /// What draws depend on.
    numbers: Vec<u64>,
    forbids: bool,
}

impl<'a> Call<'a> {
    /// Reads the arrays of a question about so many rows, each over the first `lengths[row]` things, and looks at all of
    /// them. A row of length 0 is padding altogether: not read, and 0 in the answer.
    ///
    /// # Errors
    /// `INVALID_SHAPE`, `INVALID_ARGUMENT`, `NOT_FINITE` (a NaN, an infinity that forbids nothing), `INFEASIBLE` (the
    /// forbidden coordinates leave nothing): that of the first row which has one.
    pub fn new(
        operator: &AnyOperator,
        question: Question,
        inputs: &[&'a [f64]],
        lengths: Option<&[u32]>,
        terms: Terms,
        rows: usize,
    ) -> Result<Self, Error> {
        Self::with_temperatures(operator, question, inputs, lengths, None, terms, rows)
    }

    /// The same at a temperature for each row in the place of one for all; that of a row of length 0 is padding too.
    ///
    /// # Errors
    /// As [`Call::new`]; `INVALID_ARGUMENT`, with its row, where a temperature is none.
    pub fn with_temperatures(
        operator: &AnyOperator,
        question: Question,
        inputs: &[&'a [f64]],
        lengths: Option<&[u32]>,
        temperatures: Option<&[f64]>,
        terms: Terms,
        rows: usize,
    ) -> Result<Self, Error> {
        operator.check_question(question)?;
        check_terms(question, terms, temperatures.is_some())?;
        let draws = count_draws(question, operator.widths(), inputs, rows, terms.samples)?;
        let temperatures = temperatures.filter(|_| question.description().tempered);
        let groups = match (lengths, temperatures) {
            (None, None) => vec![(operator.whole(), terms.temperature, (0..rows).collect())],
            _ => grouped(operator, question, lengths, temperatures, terms.temperature, rows)?,
        };
        let mut call = Self {
            question,
            terms,
            noise: operator.noise(),
            everywhere: operator.everywhere(),
            widths: operator.widths(),
            rows,
            draws,
            groups: Vec::with_capacity(groups.len()),
        };
        call.groups =
            groups.into_iter().map(|(part, t, rows)| call.gathered(part, t, rows, inputs)).collect();
        call.check()?;
        Ok(call)
    }

    /// How many numbers the answer has.
    pub fn len(&self) -> usize {
        let Shape { space, count, .. } = self.question.description().result;
        self.rows.saturating_mul(self.times(count)).saturating_mul(self.widths.of(space))
    }

    /// Whether the answer has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn times(&self, count: Count) -> usize {
        match count {
            Count::Row => 1,
            Count::Draw => self.draws,
            Count::Sample => self.draws.saturating_mul(self.terms.samples),
            Count::Rank => self.terms.samples,
        }
    }

    fn gather<'b>(&self, shape: Shape, part: &'b Part, rows: &'b [usize]) -> Option<Gather<'b>> {
        let places = part.places.as_ref()?.of(shape.space);
        Some(Gather { rows, times: self.times(shape.count), width: self.widths.of(shape.space), places })
    }

    /// The arrays of some rows; where these are all rows in the operator's own layout, as they are.
    fn gathered(
        &self,
        part: Arc<Part>,
        temperature: f64,
        rows: Vec<usize>,
        inputs: &[&'a [f64]],
    ) -> Group<'a> {
        let shapes = self.question.description().inputs;
        let mut own = [const { Cow::Borrowed([].as_slice()) }; MOST_INPUTS];
        for ((own, &cells), &shape) in own.iter_mut().zip(inputs).zip(shapes) {
            *own = match self.gather(shape, &part, &rows) {
                Some(gather) => {
                    let mut gathered = Vec::with_capacity(rows.len() * gather.times * gather.places.len());
                    gather.read(cells, &mut gathered);
                    Cow::Owned(gathered)
                }
                None if rows.len() == self.rows => Cow::Borrowed(cells),
                None => {
                    let stride = self.times(shape.count) * self.widths.of(shape.space);
                    Cow::Owned(
                        rows.iter()
                            .flat_map(|row| &cells[row * stride..(row + 1) * stride])
                            .copied()
                            .collect(),
                    )
                }
            };
        }
        let numbers = match self.question.description().draws {
            true => rows.iter().map(|&row| self.terms.first_row.wrapping_add(row as u64)).collect(),
            false => Vec::new(),
        };
        Group { part, temperature, rows, inputs: own, numbers, forbids: false }
    }

    /// Looks at all rows of all groups; of the errors that of the first row counts.
    fn check(&mut self) -> Result<(), Error> {
        let (mut first, mut groups) = (None, std::mem::take(&mut self.groups));
        for group in &mut groups {
            if let Err(error) = self.check_group(group) {
                self.keep_first(&mut first, error);
            }
        }
        self.groups = groups;
        first.map_or(Ok(()), Err)
    }

    /// The first row of a group that is not what it should be: whatever is the matter with one, the rows before it are
    /// looked at again, until there is nothing the matter with these.
    fn check_group(&self, group: &mut Group) -> Result<(), Error> {
        let (mut good, mut result) = (group.rows.len(), Ok(()));
        while let Err(error) = self.check_rows(group, good) {
            good = self.row_of(&error).unwrap_or(0);
            result = Err(self.renamed(error, group));
            if good == 0 {
                break;
            }
        }
        result
    }

    /// Looks at the first rows of a group.
    fn check_rows(&self, group: &mut Group, count: usize) -> Result<(), Error> {
        let widths = group.part.widths();
        for (&shape, cells) in self.question.description().inputs.iter().zip(&group.inputs) {
            let width = widths.of(shape.space);
            let cells = &cells[..count * self.times(shape.count) * width];
            group.forbids |= check_array(shape, cells, width)?;
        }
        group.part.check(&group.view(self).part(0..count))
    }

    /// The row of the batch, or of a group, that an error is about, whichever array it names.
    fn row_of(&self, error: &Error) -> Option<usize> {
        error.row.map(|row| row / self.times(self.named(error).count).max(1))
    }

    /// Keeps the error of the first row of the batch.
    fn keep_first(&self, first: &mut Option<Error>, error: Error) {
        if first.as_ref().is_none_or(|first| self.row_of(&error) < self.row_of(first)) {
            *first = Some(error);
        }
    }

    /// An error whose row and coordinate are named as the caller knows them.
    fn renamed(&self, error: Error, group: &Group) -> Error {
        let shape = self.named(&error);
        let times = self.times(shape.count).max(1);
        error.renamed(
            |row| group.rows.get(row / times).map_or(row, |of_batch| of_batch * times + row % times),
            |coordinate| match &group.part.places {
                Some(places) => places.of(shape.space).get(coordinate).copied().unwrap_or(coordinate),
                None => coordinate,
            },
        )
    }

    /// Answers all rows into `out`, of [`Call::len`] numbers, on at most so many threads.
    ///
    /// # Errors
    /// That of the first row which has one.
    pub fn run(&self, out: &mut [f64], threads: usize) -> Result<(), Error> {
        self.run_while(out, threads, usize::MAX, || true).map(|_| ())
    }

    /// The same, some `work` multiply-adds at a time, for as long as `go_on` says so; whether it came to the end.
    ///
    /// # Errors
    /// As [`Call::run`].
    pub fn run_while(
        &self,
        out: &mut [f64],
        threads: usize,
        work: usize,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<bool, Error> {
        check_length("out", self.len(), out.len())?;
        let shape = self.question.description().result;
        if !self.groups.iter().any(|group| group.part.places.is_none() && group.rows.len() == self.rows) {
            shape.blank(self.widths.of(shape.space), out);
        }
        let mut first: Option<Error> = None;
        for group in &self.groups {
            let rows = group.view(self);
            let (stride, count) = (rows.result_stride(), group.rows.len());
            let per_row = group.part.work(&rows).max(1);
            let rows_each = (work / per_row).clamp(1, count.max(1));
            for start in (0..count).step_by(rows_each) {
                if !go_on() {
                    return Ok(false);
                }
                let range = start..(start + rows_each).min(count);
                if let Err(error) = self.run_part(group, &rows, stride, range, shape, out, threads) {
                    self.keep_first(&mut first, error);
                    break;
                }
            }
        }
        first.map_or(Ok(true), Err)
    }

    #[allow(clippy::too_many_arguments)]
    fn run_part(
        &self,
        group: &Group,
        rows: &Rows,
        stride: usize,
        range: Range<usize>,
        shape: Shape,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let part = rows.part(range.clone());
        let answer = |own: &mut [f64]| {
            if part.widths.utility == 0 {
                // One embedding, the empty one, of value 0.
                let width = part.widths.of(shape.space);
                shape.blank(width, own);
                own.chunks_exact_mut(stride.max(1)).for_each(|own| own[..width].fill(0.0));
                return Ok(());
            }
            let answered = group.part.answer(Checked(part), own, threads);
            answered.map_err(|error| {
                let times = self.times(self.named(&error).count).max(1);
                self.renamed(error.renamed(|row| range.start * times + row, |i| i), group)
            })
        };
        match self.gather(shape, &group.part, &group.rows[range.clone()]) {
            None if group.rows.len() == self.rows => {
                answer(&mut out[range.start * stride..range.end * stride])
            }
            gather => {
                let mut own = vec![0.0; range.len() * stride];
                answer(&mut own)?;
                match gather {
                    Some(gather) => gather.write(&own, out),
                    None => {
                        for (row, own) in
                            group.rows[range.clone()].iter().zip(own.chunks_exact(stride.max(1)))
                        {
                            out[row * stride..(row + 1) * stride].copy_from_slice(own);
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// The array that an error is about.
    fn named(&self, error: &Error) -> Shape {
        let shapes = self.question.description().inputs;
        shapes.iter().find(|shape| error.is_about(shape.name)).copied().unwrap_or(shapes[0])
    }
}

impl Group<'_> {
    fn view(&self, call: &Call) -> Rows<'_> {
        let mut inputs = [[].as_slice(); MOST_INPUTS];
        inputs.iter_mut().zip(&self.inputs).for_each(|(view, cells)| *view = cells);
        Rows {
            question: call.question,
            inputs,
            widths: self.part.widths(),
            count: self.rows.len(),
            draws: call.draws,
            terms: Terms { temperature: self.temperature, ..call.terms },
            noise: call.noise,
            everywhere: call.everywhere,
            numbers: &self.numbers,
            forbids: self.forbids,
        }
    }
}

/// Whether anything is forbidden in an array whose numbers are numbers.
fn check_array(shape: Shape, cells: &[f64], width: usize) -> Result<bool, Error> {
    if all_finite(cells) {
        return Ok(false);
    }
    for (row, cells) in cells.chunks_exact(width.max(1)).enumerate() {
        check_numbers(shape.name, cells, shape.forbids()).map_err(|error| error.at_row(row))?;
    }
    Ok(true)
}

fn check_terms(question: Question, terms: Terms, each_has_its_temperature: bool) -> Result<(), Error> {
    let description = question.description();
    if !each_has_its_temperature {
        check_tempered(question, terms.temperature)?;
    }
    if terms.samples == 0 && (description.draws || description.result.count == Count::Rank) {
        let name = if description.draws { "samples" } else { "k" };
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{name}: expected at least 1, got 0")));
    }
    Ok(())
}

/// Whether a question can be asked at a temperature.
fn check_tempered(question: Question, temperature: f64) -> Result<(), Error> {
    let Description { name, topic, tempered, draws, .. } = *question.description();
    if !tempered {
        return Ok(());
    }
    check_temperature(temperature)?;
    if topic == Topic::Family && temperature == 0.0 && !draws {
        let message = format!("temperature: expected a number > 0 for {name}, got 0");
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    Ok(())
}

/// How many draws there are of each row, from the length of the first array that has any; and whether all arrays fit.
fn count_draws(
    question: Question,
    widths: Widths,
    inputs: &[&[f64]],
    rows: usize,
    samples: usize,
) -> Result<usize, Error> {
    let description = question.description();
    if description.inputs.len() != inputs.len() {
        let message = format!("{}: expected {} arrays", description.name, description.inputs.len());
        return Err(Error::new(ErrorKind::Internal, message));
    }
    let shapes = description.inputs.iter().zip(inputs);
    let tells = |shape: &Shape| shape.count == Count::Draw && widths.of(shape.space) > 0;
    let counted = shapes.clone().find(|(shape, _)| tells(shape));
    let draws = counted.map_or(1, |(shape, cells)| {
        cells.len().checked_div(rows * widths.of(shape.space)).unwrap_or(1).max(1)
    });
    for (shape, cells) in shapes {
        let times = match shape.count {
            Count::Row => 1,
            Count::Draw => draws,
            Count::Sample => draws.saturating_mul(samples),
            Count::Rank => samples,
        };
        let expected = rows.saturating_mul(times).saturating_mul(widths.of(shape.space));
        check_length(shape.name, expected, cells.len())?;
    }
    Ok(draws)
}

fn check_length(name: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidShape, format!("{name}: expected {expected} numbers, got {got}")))
}

/// Operators, each with a temperature and its rows.
type Grouped = Vec<(Arc<Part>, f64, Vec<usize>)>;

/// The rows of each length and temperature with their operator; rows of length 0 are of none.
fn grouped(
    operator: &AnyOperator,
    question: Question,
    lengths: Option<&[u32]>,
    temperatures: Option<&[f64]>,
    temperature: f64,
    rows: usize,
) -> Result<Grouped, Error> {
    check_each("lengths", lengths.map(<[u32]>::len), rows)?;
    check_each("temperature", temperatures.map(<[f64]>::len), rows)?;
    let (least, most) = (operator.least_size(), operator.size());
    let mut groups: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
    for row in 0..rows {
        let length = match lengths.map(|lengths| lengths[row] as usize) {
            None => most,
            Some(0) => continue,
            Some(length) if (least..=most).contains(&length) => length,
            Some(length) => {
                let message = format!("lengths: expected integers from {least} to {most} or 0, got {length}");
                return Err(Error::new(ErrorKind::InvalidArgument, message).at_row(row));
            }
        };
        let t = temperatures.map_or(temperature, |temperatures| temperatures[row]);
        check_tempered(question, t).map_err(|error| error.at_row(row))?;
        // There are two zeros, which are one temperature.
        groups.entry((length, t.abs().to_bits())).or_default().push(row);
    }
    let with_operator = |((length, t), rows)| (operator.prefix(length), f64::from_bits(t), rows);
    Ok(groups.into_iter().map(with_operator).collect())
}

/// Whether there is one for each row, where there are any.
fn check_each(name: &str, got: Option<usize>, rows: usize) -> Result<(), Error> {
    match got {
        Some(got) if got != rows => {
            let message = format!("{name}: expected one for each of the {rows} rows, got {got}");
            Err(Error::new(ErrorKind::InvalidShape, message))
        }
        _ => Ok(()),
    }
}
