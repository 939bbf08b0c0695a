//! Random numbers that depend on (seed, row, sample, coordinate) and on nothing else.

use std::convert::Infallible;

use rand::TryRng;
use rand_distr::{Distribution, Open01};

use crate::elementary::ln;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Philox 4x32-10, a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011): its output is a keyed permutation of the counter, so any cell of a batch can be drawn on its
/// own, in any order and on any thread.
#[inline(always)]
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let first = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
        let second = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    counter
}

/// One word of a generator's output, from which `rand_distr` makes one number.
struct Word(u64);

impl TryRng for Word {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0 >> 32) as u32)
    }
    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes
            .iter_mut()
            .zip(self.0.to_le_bytes().into_iter().cycle())
            .for_each(|(byte, of_word)| *byte = of_word);
        Ok(())
    }
}

/// What numbers are drawn for: draws of one seed for different purposes are independent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Vertices of an exponential family.
    Vertices = 1,
    /// Utilities given their trace.
    Conditional = 2,
}

/// A sequence of independent numbers strictly between 0 and 1, which depends on (seed, row, sample) and on nothing else.
#[derive(Clone, Debug)]
pub struct Uniforms {
    key: [u32; 2],
    counter: [u32; 4],
    second: Option<f64>,
}

impl Uniforms {
    /// For fewer than 2^31 numbers; the first 2^31 cells of [`fill_uniform`] are others.
    pub(crate) fn new(purpose: Purpose, seed: u64, row: u64, sample: u32) -> Self {
        let first_block = (purpose as u32) << 30;
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            counter: [first_block, sample, row as u32, (row >> 32) as u32],
            second: None,
        }
    }

    /// The next number.
    pub fn uniform(&mut self) -> f64 {
        if let Some(second) = self.second.take() {
            return second;
        }
        let [a, b, c, d] = philox(self.counter, self.key);
        self.counter[0] = self.counter[0].wrapping_add(1);
        self.second = Some(uniform(c, d));
        uniform(a, b)
    }

    /// An exponential variable of rate 1, from the next number.
    pub fn exponential(&mut self) -> f64 {
        -ln(self.uniform())
    }

    /// Whether an event of this probability happens, by the next number: never at 0, always at 1.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }
}

/// Fills a row of cells with independent numbers strictly between 0 and 1 (odd multiples of 2^-53), two cells to a
/// block of the generator. Rows up to 2^64, samples up to 2^32 and coordinates up to 2^31 have numbers of their own.
#[inline(always)]
pub(crate) fn fill_uniform(seed: u64, row: u64, sample: u32, cells: &mut [f64]) {
    let key = [seed as u32, (seed >> 32) as u32];
    let (pairs, last) = cells.as_chunks_mut::<2>();
    let draw = |block: usize| {
        let [a, b, c, d] = philox([block as u32, sample, row as u32, (row >> 32) as u32], key);
        [uniform(a, b), uniform(c, d)]
    };
    for (block, pair) in pairs.iter_mut().enumerate() {
        *pair = draw(block);
    }
    if let [cell] = last {
        *cell = draw(pairs.len())[0];
    }
}

/// The number of one cell of [`fill_uniform`].
#[inline(always)]
pub(crate) fn uniform_at(seed: u64, row: u64, sample: u32, cell: u32) -> f64 {
    let key = [seed as u32, (seed >> 32) as u32];
    let [a, b, c, d] = philox([cell / 2, sample, row as u32, (row >> 32) as u32], key);
    if cell.is_multiple_of(2) { uniform(a, b) } else { uniform(c, d) }
}

#[inline(always)]
fn uniform(low: u32, high: u32) -> f64 {
    Open01.sample(&mut Word(u64::from(high) << 32 | u64::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with the authors' Random123 library.
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn cells_have_numbers_of_their_own() {
        let draw = |seed, row, sample| {
            let mut cells = [0.0; 5];
            fill_uniform(seed, row, sample, &mut cells);
            cells
        };
        let all: Vec<f64> =
            [draw(1, 2, 3), draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4), draw(1 << 32, 2, 3)].concat();
        for (i, a) in all.iter().enumerate() {
            assert!(0.0 < *a && *a < 1.0);
            assert!(all[..i].iter().all(|b| a != b));
        }
        for purpose in [Purpose::Vertices, Purpose::Conditional] {
            let mut uniforms = Uniforms::new(purpose, 1, 2, 3);
            assert!((0..5).all(|_| !all.contains(&uniforms.uniform())));
        }
        let mut longer = [0.0; 6];
        fill_uniform(1, 2, 3, &mut longer);
        assert_eq!(longer[..5], draw(1, 2, 3));
        assert!((0..5).all(|cell| uniform_at(1, 2, 3, cell) == longer[cell as usize]));
    }
}
