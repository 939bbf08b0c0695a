use crate::{Mismatch, expect};

/// Where a batch of sequences stands in memory: [batch, steps, inputs] with a length for each row.
#[derive(Clone, Copy, Debug)]
pub struct Sequences<'a> {
    /// Rows of the batch.
    pub batch: usize,
    /// Steps that there is room for.
    pub steps: usize,
    /// Steps of each row; none given means all.
    pub lengths: &'a [u32],
    /// Whether rows are read from their last step to their first.
    pub reverse: bool,
}

/// The steps of all sequences in the order in which they are computed: time by time, the longest row first, so that the
/// rows that have a step stand together. The others cost nothing.
pub(crate) struct Steps {
    /// Steps there are.
    pub(crate) total: usize,
    /// Rows of the batch, the longest first: their ranks.
    pub(crate) ranks: Vec<usize>,
    /// For each time the first of its steps, and the end of the last.
    pub(crate) times: Vec<usize>,
    /// For each step its place among the [batch x steps] of the caller.
    pub(crate) places: Vec<u32>,
    /// For each step the state before it: its rank at the beginning, else the batch and the number of the step before.
    pub(crate) previous: Vec<u32>,
    /// Steps of each row.
    lengths: Vec<usize>,
    steps: usize,
}

impl Steps {
    pub(crate) fn new(sequences: &Sequences<'_>) -> Result<Self, Mismatch> {
        let Sequences { batch, steps, lengths, reverse } = *sequences;
        let cells = batch.checked_mul(steps).and_then(|cells| cells.checked_add(batch));
        expect(
            cells.is_some_and(|cells| u32::try_from(cells).is_ok()),
            "sequences: expected fewer than 2^32 steps",
        )?;
        expect(lengths.is_empty() || lengths.len() == batch, "lengths: expected one for each row")?;
        let lengths: Vec<usize> =
            (0..batch).map(|row| lengths.get(row).map_or(steps, |&length| length as usize)).collect();
        expect(lengths.iter().all(|&length| length <= steps), "lengths: expected at most the steps")?;
        let mut ranks: Vec<usize> = (0..batch).collect();
        ranks.sort_by_key(|&row| std::cmp::Reverse(lengths[row]));
        let total = lengths.iter().sum();
        let (mut times, mut places, mut previous) =
            (vec![0], Vec::with_capacity(total), Vec::with_capacity(total));
        for time in 0..ranks.first().map_or(0, |&row| lengths[row]) {
            let before = match time {
                0 => 0,
                _ => batch + times[time - 1],
            };
            let active = ranks.iter().take_while(|&&row| lengths[row] > time);
            for (rank, &row) in active.enumerate() {
                let at = if reverse { lengths[row] - 1 - time } else { time };
                places.push((row * steps + at) as u32);
                previous.push((before + rank) as u32);
            }
            times.push(places.len());
        }
        Ok(Self { total, ranks, times, places, previous, lengths, steps })
    }

    /// Each rank's row and how many steps it has.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        self.ranks.iter().map(|&row| (row, self.lengths[row]))
    }

    /// Each time's steps.
    pub(crate) fn at_times(&self) -> impl DoubleEndedIterator<Item = std::ops::Range<usize>> + '_ {
        self.times.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// Gathers what the rows begin with, by rank.
    pub(crate) fn enter(&self, rows: &[f32], width: usize, into: &mut [f32]) {
        for (&row, into) in self.ranks.iter().zip(into.chunks_exact_mut(width)) {
            into.copy_from_slice(&rows[row * width..][..width]);
        }
    }

    /// Where a rank's last state stands among the initial states and those of the steps.
    fn last(&self, rank: usize) -> usize {
        match self.lengths[self.ranks[rank]] {
            0 => rank,
            length => self.ranks.len() + self.times[length - 1] + rank,
        }
    }

    /// The states behind the last step of each row, by row.
    pub(crate) fn leave(&self, states: &[f32], width: usize, out: &mut [f32]) {
        for (rank, &row) in self.ranks.iter().enumerate() {
            out[row * width..][..width].copy_from_slice(&states[self.last(rank) * width..][..width]);
        }
    }

    /// All states at their places, [batch, steps, width]: behind a row's length its last one, which stands still.
    pub(crate) fn scatter(&self, states: &[f32], width: usize, out: &mut [f32]) {
        let own = states.chunks_exact(width).skip(self.ranks.len());
        for (&place, state) in self.places.iter().zip(own) {
            out[place as usize * width..][..width].copy_from_slice(state);
        }
        for (rank, (row, length)) in self.rows().enumerate() {
            let last = &states[self.last(rank) * width..][..width];
            for place in row * self.steps + length..(row + 1) * self.steps {
                out[place * width..][..width].copy_from_slice(last);
            }
        }
    }

    /// Gradients of the last states, by rank: that of the row's last state and those of its copies in the padding.
    pub(crate) fn gather_last(&self, states: &[f32], last: &[f32], width: usize, into: &mut [f32]) {
        self.enter(last, width, into);
        for ((row, length), into) in self.rows().zip(into.chunks_exact_mut(width)) {
            for place in row * self.steps + length..(row + 1) * self.steps {
                for (sum, &own) in into.iter_mut().zip(&states[place * width..][..width]) {
                    *sum += own;
                }
            }
        }
    }

    /// Writes 0 into the padding of [batch, steps, width].
    pub(crate) fn clear_padding(&self, width: usize, out: &mut [f32]) {
        for (row, length) in self.rows() {
            out[(row * self.steps + length) * width..(row + 1) * self.steps * width].fill(0.0);
        }
    }
}
