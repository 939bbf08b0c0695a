//! Random numbers that depend on (seed, row, sample, coordinate) and on nothing else.

use std::convert::Infallible;

use rand::TryRng;

/// Philox 4x32-10, a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011): its output is a keyed permutation of the counter, so any cell of a batch can be drawn on its
/// own, in any order and on any thread.
#[derive(Clone, Debug)]
pub(crate) struct CellRng {
    key: [u32; 2],
    /// Coordinate, sample, low half of the row, and 16 bits of the row's high half with 16 of the block.
    counter: [u32; 4],
    /// The two words of the current block that are not yet given out.
    left: Option<u64>,
}

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

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

impl CellRng {
    /// The generator of one cell; rows up to 2^48, samples and coordinates up to 2^32 have streams of their own.
    pub(crate) fn new(seed: u64, row: u64, sample: u32, coordinate: u32) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            counter: [coordinate, sample, row as u32, (row >> 32) as u32 & 0xffff],
            left: None,
        }
    }
}

impl TryRng for CellRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        if let Some(word) = self.left.take() {
            return Ok(word);
        }
        let [a, b, c, d] = philox(self.counter, self.key);
        self.counter[3] = self.counter[3].wrapping_add(1 << 16);
        self.left = Some(u64::from(d) << 32 | u64::from(c));
        Ok(u64::from(b) << 32 | u64::from(a))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
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
    fn cells_have_streams_of_their_own() {
        let first =
            |seed, row, sample, coordinate| CellRng::new(seed, row, sample, coordinate).try_next_u64();
        let cells =
            [first(1, 2, 3, 4), first(2, 2, 3, 4), first(1, 3, 3, 4), first(1, 2, 4, 4), first(1, 2, 3, 5)];
        for (i, a) in cells.iter().enumerate() {
            assert!(cells[..i].iter().all(|b| a != b));
        }
        let mut cell = CellRng::new(1, 2, 3, 4);
        let draws: Vec<_> = (0..6).map(|_| cell.try_next_u64()).collect();
        for (i, a) in draws.iter().enumerate() {
            assert!(draws[..i].iter().all(|b| a != b));
        }
    }
}
