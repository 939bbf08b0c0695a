use crate::{Mismatch, expect};

/// Axes of a nest, before and after those that belong together are merged.
const MAX_RANK: usize = 12;

/// A nest of loops over two operands, the last axis innermost: broadcasting, transposing and slicing are strides.
///
/// Axes of one element are dropped, and neighbours that both operands walk as one are merged.
#[derive(Clone, Copy, Debug)]
pub struct Nest {
    rank: usize,
    shape: [usize; MAX_RANK],
    strides: [[isize; MAX_RANK]; 2],
}

/// The innermost loop of a [`Nest`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner {
    pub(crate) length: usize,
    pub(crate) strides: [isize; 2],
}

impl Nest {
    /// Reads `[shape..., strides of the first..., strides of the second...]`.
    pub fn parse(specification: &[i32]) -> Result<Self, Mismatch> {
        let rank = specification.len() / 3;
        expect(
            specification.len() == 3 * rank && rank <= MAX_RANK,
            "nest: expected three lists of equal length",
        )?;
        let (shape, strides) = specification.split_at(rank);
        let (first, second) = strides.split_at(rank);
        let mut nest = Self { rank: 0, shape: [1; MAX_RANK], strides: [[0; MAX_RANK]; 2] };
        for axis in 0..rank {
            let size =
                usize::try_from(shape[axis]).map_err(|_| Mismatch("nest: expected sizes of at least 0"))?;
            nest.push(size, [first[axis] as isize, second[axis] as isize]);
        }
        Ok(nest)
    }

    /// Two operands of one shape without gaps.
    pub fn flat(length: usize) -> Self {
        let mut nest = Self { rank: 0, shape: [1; MAX_RANK], strides: [[0; MAX_RANK]; 2] };
        nest.push(length, [1, 1]);
        nest
    }

    fn push(&mut self, size: usize, strides: [isize; 2]) {
        if size == 1 {
            return;
        }
        if let Some(last) = self.rank.checked_sub(1) {
            let joined = |operand: usize| self.strides[operand][last] == strides[operand] * size as isize;
            if size > 0 && joined(0) && joined(1) {
                self.shape[last] *= size;
                self.strides[0][last] = strides[0];
                self.strides[1][last] = strides[1];
                return;
            }
        }
        self.shape[self.rank] = size;
        self.strides[0][self.rank] = strides[0];
        self.strides[1][self.rank] = strides[1];
        self.rank += 1;
    }

    /// Elements in all.
    pub fn size(&self) -> usize {
        self.shape[..self.rank].iter().product()
    }

    /// Axes that are left.
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// Size and strides of an axis.
    pub(crate) fn axis(&self, axis: usize) -> Inner {
        Inner { length: self.shape[axis], strides: [self.strides[0][axis], self.strides[1][axis]] }
    }

    /// Makes an axis the innermost but one.
    pub(crate) fn sink(&mut self, axis: usize) {
        self.shape[axis..self.rank - 1].rotate_left(1);
        for strides in &mut self.strides {
            strides[axis..self.rank - 1].rotate_left(1);
        }
    }

    /// Whether an operand that starts at `base` stays in an array of `length`.
    pub(crate) fn fits(&self, operand: usize, base: usize, length: usize) -> bool {
        if self.size() == 0 {
            return true;
        }
        let reach = |sign: isize| -> i128 {
            (0..self.rank)
                .map(|axis| (self.strides[operand][axis], self.shape[axis]))
                .filter(|(stride, _)| stride.signum() == sign)
                .map(|(stride, size)| stride as i128 * (size as i128 - 1))
                .sum()
        };
        base as i128 + reach(-1) >= 0 && base as i128 + reach(1) < length as i128
    }

    /// Positions of the first axis.
    pub(crate) fn first(&self) -> usize {
        if self.rank == 0 { 1 } else { self.shape[0] }
    }

    /// Some positions of the first axis, and how far from the start each operand has them.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> (Self, [isize; 2]) {
        if self.rank == 0 {
            return (*self, [0; 2]);
        }
        let mut nest = *self;
        nest.shape[0] = range.len();
        (nest, [0, 1].map(|operand| self.strides[operand][0] * range.start as isize))
    }

    /// The innermost loop.
    pub(crate) fn inner(&self) -> Inner {
        match self.rank {
            0 => Inner { length: 1, strides: [1, 1] },
            rank => self.axis(rank - 1),
        }
    }

    /// Calls `body` with the operands' offsets at every position of all but the `innermost` axes, in order.
    #[inline(always)]
    pub(crate) fn walk(&self, innermost: usize, bases: [usize; 2], mut body: impl FnMut([usize; 2])) {
        if self.size() == 0 {
            return;
        }
        // The last of these axes is a plain loop, the others count like an odometer.
        let outer = self.rank.saturating_sub(innermost);
        let last = if outer == 0 { Inner { length: 1, strides: [0, 0] } } else { self.axis(outer - 1) };
        let mut position = [0; MAX_RANK];
        let mut offsets = bases.map(|base| base as isize);
        loop {
            let [mut first, mut second] = offsets;
            for _ in 0..last.length {
                body([first as usize, second as usize]);
                first += last.strides[0];
                second += last.strides[1];
            }
            let mut axis = outer.saturating_sub(1);
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                position[axis] += 1;
                let full = position[axis] == self.shape[axis];
                let steps = if full { 1 - self.shape[axis] as isize } else { 1 };
                for (offset, strides) in offsets.iter_mut().zip(&self.strides) {
                    *offset += steps * strides[axis];
                }
                if !full {
                    break;
                }
                position[axis] = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(specification: &[i32]) -> Vec<[usize; 2]> {
        let mut visited = Vec::new();
        Nest::parse(specification).unwrap().walk(0, [0, 0], |offsets| visited.push(offsets));
        visited
    }

    #[test]
    fn axes_walked_as_one_are_merged() {
        let nest = Nest::parse(&[2, 3, 1, 4, 12, 4, 4, 1, 0, 0, 0, 1]).unwrap();
        assert_eq!((nest.rank(), nest.size()), (2, 24));
        assert_eq!(nest.inner().strides, [1, 1]);
        assert_eq!(Nest::parse(&[2, 3, 4, 12, 4, 1, 12, 4, 1]).unwrap().rank(), 1);
    }

    #[test]
    fn positions_come_in_order() {
        assert_eq!(offsets(&[2, 3, 3, 1, 0, 1]), [[0, 0], [1, 1], [2, 2], [3, 0], [4, 1], [5, 2]]);
        assert_eq!(offsets(&[]), [[0, 0]]);
        assert!(offsets(&[2, 0, 1, 1, 1, 1]).is_empty());
    }

    #[test]
    fn an_operand_must_stay_in_its_array() {
        let nest = Nest::parse(&[2, 3, 3, -1, 3, 1]).unwrap();
        assert!(nest.fits(0, 2, 6) && !nest.fits(0, 1, 6) && !nest.fits(0, 3, 6));
        assert!(nest.fits(1, 0, 6) && !nest.fits(1, 0, 5));
        assert!(Nest::parse(&[1, 2]).is_err() && Nest::parse(&[-1, 1, 1]).is_err());
    }
}
