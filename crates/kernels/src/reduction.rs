use crate::lanes::in_lanes;
use crate::threads::{ELEMENT, for_parts};
use crate::{Mismatch, expect};

/// A reduction along axes, under the name of its TensorFlow.js kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// The sum, in double precision.
    Sum,
    /// The mean, in double precision.
    Mean,
    /// The largest; NaN if one is NaN.
    Max,
    /// The smallest; NaN if one is NaN.
    Min,
}

impl Reduction {
    /// All reductions with their names.
    pub const ALL: &[(&str, Reduction)] =
        &[("Sum", Self::Sum), ("Mean", Self::Mean), ("Max", Self::Max), ("Min", Self::Min)];

    /// Reduces the axes of `x` that are marked, in O(elements). Each of them must have an element.
    pub fn apply(self, x: &[f32], shape: &[(usize, bool)], out: &mut [f32]) -> Result<(), Mismatch> {
        let plan = Plan::new(shape);
        expect(x.len() == plan.size, "x: expected the elements that the shape says")?;
        expect(
            out.len() == plan.kept,
            "out: expected an element for each position of the axes that are kept",
        )?;
        expect(plan.count > 0, "shape: expected axes to reduce that are not empty")?;
        if out.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sum => plan.run(x, out, 0.0, |sum, x| sum + f64::from(x), |a, b| a + b, |sum| sum as f32),
            Self::Mean => {
                let count = plan.count as f64;
                plan.run(x, out, 0.0, |sum, x| sum + f64::from(x), |a, b| a + b, |sum| (sum / count) as f32);
            }
            Self::Max => plan.run(x, out, f32::NEG_INFINITY, larger, larger, |x| x),
            Self::Min => plan.run(x, out, f32::INFINITY, smaller, smaller, |x| x),
        }
        Ok(())
    }
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if a.is_nan() || a < b { a } else { b }
}

/// Partial results of a contiguous row, and columns reduced side by side.
const LANES: usize = 16;
const COLUMNS: usize = 256;

/// How to walk an array for a reduction: blocks of `rows` x `columns` whose rows become one.
struct Plan {
    /// Size and stride in the array of the outer axes that are kept, and of those that are reduced.
    outer_kept: Vec<(usize, usize)>,
    outer_reduced: Vec<(usize, usize)>,
    rows: usize,
    columns: usize,
    size: usize,
    kept: usize,
    count: usize,
}

impl Plan {
    fn new(shape: &[(usize, bool)]) -> Self {
        let mut merged: Vec<(usize, bool)> = Vec::with_capacity(shape.len());
        for &(size, reduced) in shape.iter().filter(|(size, _)| *size != 1) {
            match merged.last_mut() {
                Some(last) if last.1 == reduced => last.0 *= size,
                _ => merged.push((size, reduced)),
            }
        }
        let product =
            |reduced: bool| merged.iter().filter(|axis| axis.1 == reduced).map(|axis| axis.0).product();
        let (kept, count): (usize, usize) = (product(false), product(true));
        let columns = merged.pop_if(|axis| !axis.1).map_or(1, |axis| axis.0);
        let rows = merged.pop().map_or(1, |axis| axis.0);
        let mut plan = Self {
            outer_kept: Vec::new(),
            outer_reduced: Vec::new(),
            rows,
            columns,
            size: kept * count,
            kept,
            count,
        };
        let mut stride = rows * columns;
        for &(size, reduced) in merged.iter().rev() {
            let axes = if reduced { &mut plan.outer_reduced } else { &mut plan.outer_kept };
            axes.push((size, stride));
            stride *= size;
        }
        plan
    }

    /// Reduces from `start` by `add`, joins partial results by `join` and rounds by `finish`.
    #[inline(always)]
    fn run<A: Copy + Sync>(
        &self,
        x: &[f32],
        out: &mut [f32],
        start: A,
        add: impl Fn(A, f32) -> A + Sync,
        join: impl Fn(A, A) -> A + Sync,
        finish: impl Fn(A) -> f32 + Sync,
    ) {
        let (rows, columns) = (self.rows, self.columns);
        let blocks: usize = self.outer_reduced.iter().map(|axis| axis.0).product();
        for_parts(out.len(), ELEMENT * self.count, LANES, out, |range, out| {
            in_lanes(
                #[inline(always)]
                || {
                    let (mut at, mut rest) = (range.start, &mut *out);
                    while !rest.is_empty() {
                        let (index, first) = (at / columns, at % columns);
                        let count = (columns - first).min(COLUMNS).min(rest.len());
                        let (out, after) = std::mem::take(&mut rest).split_at_mut(count);
                        (at, rest) = (at + count, after);
                        let base = offset(&self.outer_kept, index);
                        let block = |number: usize| {
                            &x[base + offset(&self.outer_reduced, number)..][..rows * columns]
                        };
                        if columns == 1 {
                            let mut total = start;
                            for number in 0..blocks {
                                total = join(total, row_total(block(number), start, &add, &join));
                            }
                            out[0] = finish(total);
                            continue;
                        }
                        let mut totals = [start; COLUMNS];
                        let totals = &mut totals[..count];
                        for number in 0..blocks {
                            for row in block(number).chunks_exact(columns) {
                                for (total, &x) in totals.iter_mut().zip(&row[first..]) {
                                    *total = add(*total, x);
                                }
                            }
                        }
                        for (out, &total) in out.iter_mut().zip(&*totals) {
                            *out = finish(total);
                        }
                    }
                },
            );
        });
    }
}

#[inline(always)]
fn row_total<A: Copy>(row: &[f32], start: A, add: &impl Fn(A, f32) -> A, join: &impl Fn(A, A) -> A) -> A {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut total = start;
    if !chunks.is_empty() {
        let mut lanes = [start; LANES];
        for chunk in chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane = add(*lane, x);
            }
        }
        for lane in lanes {
            total = join(total, lane);
        }
    }
    rest.iter().fold(total, |total, &x| add(total, x))
}

/// Where the block of a number starts: `axes` are sizes and strides, innermost first.
#[inline(always)]
fn offset(axes: &[(usize, usize)], mut number: usize) -> usize {
    let mut offset = 0;
    for &(size, stride) in axes {
        offset += number % size * stride;
        number /= size;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(
            shape in [0usize..5, 1usize..6, 1usize..6, 1usize..300], mask in 0u8..16, seed: u64,
        ) {
            let axes: Vec<_> = (0..4).map(|axis| (shape[axis], mask >> axis & 1 == 1)).collect();
            let size = |reduced| axes.iter().filter(|axis| axis.1 == reduced).map(|axis| axis.0).product::<usize>();
            prop_assume!(size(true) > 0);
            let x = numbers(size(true) * size(false), seed);
            for &(_, reduction) in Reduction::ALL {
                same_on_all(|| {
                    let mut out = vec![0.0; size(false)];
                    reduction.apply(&x, &axes, &mut out).unwrap();
                    out
                });
            }
        }
    }

    #[test]
    fn every_set_of_axes_agrees_with_plain_sums() {
        let shape = [2, 3, 1, 5, 300];
        let strides = [4500, 1500, 1500, 300, 1];
        let x: Vec<f32> = (0..9000u64).map(|i| ((i * 7919) % 1009) as f32 - 500.0).collect();
        for mask in 0..1 << shape.len() {
            let reduced = |axis: usize| mask >> axis & 1 == 1;
            let axes: Vec<_> = (0..shape.len()).map(|axis| (shape[axis], reduced(axis))).collect();
            let kept: usize = axes.iter().filter(|axis| !axis.1).map(|axis| axis.0).product();
            let mut expected = vec![(0.0, f32::MIN, f32::MAX); kept];
            for (index, &value) in x.iter().enumerate() {
                let position = (0..shape.len())
                    .filter(|&axis| !reduced(axis))
                    .fold(0, |position, axis| position * shape[axis] + index / strides[axis] % shape[axis]);
                let (sum, max, min) = &mut expected[position];
                (*sum, *max, *min) = (*sum + f64::from(value), max.max(value), min.min(value));
            }
            let run = |reduction: Reduction| {
                let mut out = vec![0.0; kept];
                reduction.apply(&x, &axes, &mut out).unwrap();
                out
            };
            assert_eq!(run(Reduction::Sum), expected.iter().map(|all| all.0 as f32).collect::<Vec<_>>());
            assert_eq!(run(Reduction::Max), expected.iter().map(|all| all.1).collect::<Vec<_>>());
            assert_eq!(run(Reduction::Min), expected.iter().map(|all| all.2).collect::<Vec<_>>());
            let count = (x.len() / kept) as f64;
            let mean = expected.iter().map(|all| (all.0 / count) as f32).collect::<Vec<_>>();
            assert_eq!(run(Reduction::Mean), mean);
        }
    }

    #[test]
    fn a_nan_anywhere_is_the_largest_and_the_smallest() {
        for position in 0..40 {
            let mut x = [1.0; 40];
            x[position] = f32::NAN;
            for reduction in [Reduction::Max, Reduction::Min, Reduction::Sum] {
                let mut out = [0.0];
                reduction.apply(&x, &[(40, true)], &mut out).unwrap();
                assert!(out[0].is_nan());
            }
        }
    }

    #[test]
    fn empty_and_wrong_shapes() {
        assert!(Reduction::Sum.apply(&[], &[(0, true)], &mut [0.0]).is_err());
        assert!(Reduction::Sum.apply(&[], &[(0, false), (3, true)], &mut []).is_ok());
        assert!(Reduction::Sum.apply(&[1.0], &[(2, true)], &mut [0.0]).is_err());
        assert!(Reduction::Sum.apply(&[1.0; 2], &[(2, false)], &mut [0.0]).is_err());
    }
}
