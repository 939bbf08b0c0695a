use crate::functions::{choose, pow};
use crate::lanes::in_lanes;
use crate::nest::Inner;
use crate::threads::{ELEMENT, FUNCTION, GRAIN, Wide, for_parts};
use crate::{Mismatch, Nest, expect};

/// Declares the functions of two numbers once: names, codes, and what they compute.
macro_rules! functions {
    ($(#[$about:meta])* $family:ident -> $result:ty { $($(#[$doc:meta])* $name:ident: $function:expr,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $family {
            $($(#[$doc])* $name,)*
        }

        impl $family {
            /// All functions with their names.
            pub const ALL: &[(&str, $family)] = &[$((stringify!($name), $family::$name),)*];

            /// What an element costs, in multiply-adds.
            fn work(self) -> usize {
                let name = Self::ALL[self as usize].0;
                if name == "Pow" { FUNCTION } else { ELEMENT }
            }

            /// Applies the function to every pair of a broadcast.
            pub fn apply(self, a: &[f32], b: &[f32], nest: &Nest, out: &mut [$result]) -> Result<(), Mismatch> {
                expect(nest.fits(0, 0, a.len()), "a: expected the elements that the shape says")?;
                expect(nest.fits(1, 0, b.len()), "b: expected the elements that the shape says")?;
                expect(out.len() == nest.size(), "out: expected the elements that the shape says")?;
                match self {
                    $($family::$name => broadcast(a, b, nest, out, self.work(), $function),)*
                }
                Ok(())
            }
        }
    };
}

functions! {
    /// A function of two numbers, elementwise with broadcasting, under the name of its TensorFlow.js kernel.
    Binary -> f32 {
        /// a + b.
        Add: |a, b| a + b,
        /// a - b.
        Sub: |a, b| a - b,
        /// a b.
        Multiply: |a, b| a * b,
        /// a / b.
        RealDiv: |a, b| a / b,
        /// (a - b)^2.
        SquaredDifference: |a: f32, b: f32| {
            // In double precision the difference is exact, or as good.
            let difference = f64::from(a) - f64::from(b);
            (difference * difference) as f32
        },
        /// The larger; NaN if one is NaN.
        Maximum: |a: f32, b: f32| choose(a.is_nan() || a > b, a, b),
        /// The smaller; NaN if one is NaN.
        Minimum: |a: f32, b: f32| choose(a.is_nan() || a < b, a, b),
        /// a^b.
        Pow: |a, b| pow(a, b) as f32,
        /// a above 0, b a below.
        Prelu: |a: f32, b: f32| choose(a < 0.0, a * b, a),
        /// Derivative of the exponential linear unit: cotangent a, value b of the unit.
        EluGrad: |a: f32, b: f32| choose(b >= 0.0, a, (f64::from(a) * (f64::from(b) + 1.0)) as f32),
    }
}

functions! {
    /// A comparison of two numbers, elementwise with broadcasting: 1 where it holds.
    Comparison -> u8 {
        /// a = b.
        Equal: |a, b| u8::from(a == b),
        /// a != b.
        NotEqual: |a, b| u8::from(a != b),
        /// a > b.
        Greater: |a, b| u8::from(a > b),
        /// a >= b.
        GreaterEqual: |a, b| u8::from(a >= b),
        /// a < b.
        Less: |a, b| u8::from(a < b),
        /// a <= b.
        LessEqual: |a, b| u8::from(a <= b),
    }
}

/// Rows shorter than this are first laid out side by side: a loop has its cost before and after its lanes.
const SHORT: usize = 128;
/// Elements of such a layout.
const BLOCK: usize = 1024;

#[inline(always)]
fn broadcast<T: Send>(
    a: &[f32],
    b: &[f32],
    nest: &Nest,
    out: &mut [T],
    work: usize,
    function: impl Fn(f32, f32) -> T + Sync,
) {
    if out.is_empty() {
        return;
    }
    let items = nest.first();
    let width = out.len() / items;
    let grain = GRAIN.div_ceil(width);
    for_parts(items, work * width, grain, Wide { data: out, width }, |range, Wide { data: out, .. }| {
        let (nest, [from_a, from_b]) = nest.part(range);
        let (a, b) = (&a[from_a as usize..], &b[from_b as usize..]);
        let inner = nest.inner();
        in_lanes(
            #[inline(always)]
            || {
                if nest.rank() > 1 && inner.length < SHORT {
                    short_rows(a, b, &nest, out, &function);
                    return;
                }
                let mut rows = out.chunks_exact_mut(inner.length.max(1));
                nest.walk(1, [0, 0], |[from_a, from_b]| {
                    let Some(row) = rows.next() else { return };
                    long_row(&a[from_a..], &b[from_b..], inner, row, &function);
                });
            },
        );
    });
}

#[inline(always)]
fn long_row<T>(a: &[f32], b: &[f32], inner: Inner, out: &mut [T], function: impl Fn(f32, f32) -> T) {
    match inner.strides {
        [1, 1] => zip(a, b, out, function),
        [1, 0] => {
            let b = b[0];
            for (out, &a) in out.iter_mut().zip(a) {
                *out = function(a, b);
            }
        }
        [0, 1] => {
            let a = a[0];
            for (out, &b) in out.iter_mut().zip(b) {
                *out = function(a, b);
            }
        }
        [step_a, step_b] => {
            for (index, out) in out.iter_mut().enumerate() {
                *out = function(a[index * step_a as usize], b[index * step_b as usize]);
            }
        }
    }
}

#[inline(always)]
fn short_rows<T>(a: &[f32], b: &[f32], nest: &Nest, out: &mut [T], function: impl Fn(f32, f32) -> T) {
    let Inner { length, strides } = nest.inner();
    let (mut block_a, mut block_b, mut filled) = ([0.0; BLOCK], [0.0; BLOCK], 0);
    let full = BLOCK / length.max(1) * length;
    let mut blocks = out.chunks_mut(full.max(1));
    nest.walk(1, [0, 0], |[from_a, from_b]| {
        lay_out(&a[from_a..], strides[0], &mut block_a[filled..filled + length]);
        lay_out(&b[from_b..], strides[1], &mut block_b[filled..filled + length]);
        filled += length;
        if filled == full {
            filled = 0;
            if let Some(block) = blocks.next() {
                zip(&block_a, &block_b, block, &function);
            }
        }
    });
    if let Some(rest) = blocks.next() {
        zip(&block_a, &block_b, rest, &function);
    }
}

/// A strided row without gaps.
#[inline(always)]
fn lay_out(x: &[f32], stride: isize, row: &mut [f32]) {
    match stride {
        1 => row.copy_from_slice(&x[..row.len()]),
        0 => row.fill(x[0]),
        step => {
            for (index, out) in row.iter_mut().enumerate() {
                *out = x[index * step as usize];
            }
        }
    }
}

#[inline(always)]
fn zip<T>(a: &[f32], b: &[f32], out: &mut [T], function: impl Fn(f32, f32) -> T) {
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *out = function(a, b);
    }
}

/// `yes` where the condition is 1, `no` elsewhere.
pub fn select(condition: &[u8], yes: &[f32], no: &[f32], out: &mut [f32]) -> Result<(), Mismatch> {
    let equal = [condition.len(), yes.len(), no.len()].iter().all(|&length| length == out.len());
    expect(equal, "out: expected as many elements as each input has")?;
    for_parts(out.len(), ELEMENT, GRAIN, out, |range, out| {
        let (condition, yes, no) = (&condition[range.clone()], &yes[range.clone()], &no[range]);
        in_lanes(
            #[inline(always)]
            || {
                for (((out, &condition), &yes), &no) in out.iter_mut().zip(condition).zip(yes).zip(no) {
                    *out = choose(condition == 1, yes, no);
                }
            },
        );
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(
            shape in [0i32..9, 1i32..9, 1i32..200], repeated in [0u8..4, 0u8..4, 0u8..4], seed: u64,
        ) {
            let x = numbers(9 * 9 * 200, seed);
            let strides = |operand: u8| {
                let whole = [shape[1] * shape[2], shape[2], 1];
                [0, 1, 2].map(|axis| if repeated[axis] >> operand & 1 == 1 { 0 } else { whole[axis] })
            };
            let nest = Nest::parse(&[shape, strides(0), strides(1)].concat()).unwrap();
            let y: Vec<f32> = x.iter().rev().copied().collect();
            for &(_, function) in Binary::ALL {
                same_on_all(|| {
                    let mut out = vec![0.0; nest.size()];
                    function.apply(&x, &y, &nest, &mut out).unwrap();
                    out
                });
            }
            let mask: Vec<u8> = x.iter().map(|&x| u8::from(x > 0.0)).collect();
            same_on_all(|| {
                let mut out = vec![0; nest.size()];
                Comparison::Less.apply(&x, &y, &nest, &mut out).unwrap();
                out.into_iter().map(f32::from).collect()
            });
            same_on_all(|| {
                let mut out = vec![0.0; x.len()];
                select(&mask, &x, &y, &mut out).unwrap();
                out
            });
        }
    }

    #[test]
    fn every_kind_of_inner_loop_broadcasts() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [10.0, 20.0, 30.0]);
        let run = |nest: &[i32]| {
            let nest = Nest::parse(nest).unwrap();
            let mut out = vec![0.0; nest.size()];
            Binary::Sub.apply(&a, &b, &nest, &mut out).unwrap();
            out
        };
        assert_eq!(run(&[2, 3, 3, 1, 0, 1]), [-9.0, -18.0, -27.0, -6.0, -15.0, -24.0]);
        assert_eq!(run(&[3, 2, 2, 1, 1, 0]), [-9.0, -8.0, -17.0, -16.0, -25.0, -24.0]);
        assert_eq!(run(&[2, 3, 1, 0, 0, 1]), [-9.0, -19.0, -29.0, -8.0, -18.0, -28.0]);
        assert_eq!(run(&[3, 2, 1, 3, 1, 0]), [-9.0, -6.0, -18.0, -15.0, -27.0, -24.0]);
        assert_eq!(run(&[1, 1, 1]), [-9.0]);
        assert!(run(&[0, 1, 1]).is_empty());
    }

    #[test]
    fn short_and_long_rows_agree_with_single_elements() {
        let x: Vec<f32> = (0..4000).map(|i| ((i * 37) % 101) as f32).collect();
        for (rows, length) in
            [(300, 7), (1024, 1), (9, 127), (9, 128), (3, 400), (8, 128), (1, 1500), (600, 2)]
        {
            for (strides_a, strides_b) in
                [([length, 1], [0, 1]), ([length, 1], [1, 0]), ([0, 1], [length, 1]), ([1, 0], [3, 2])]
            {
                let nest =
                    Nest::parse(&[rows, length, strides_a[0], strides_a[1], strides_b[0], strides_b[1]])
                        .unwrap();
                let mut out = vec![f32::NAN; nest.size()];
                Binary::Sub.apply(&x, &x, &nest, &mut out).unwrap();
                for (index, &got) in out.iter().enumerate() {
                    let (row, column) = (index as i32 / length, index as i32 % length);
                    let at = |strides: [i32; 2]| x[(row * strides[0] + column * strides[1]) as usize];
                    assert_eq!(got, at(strides_a) - at(strides_b), "{rows} x {length}, {index}");
                }
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let nest = Nest::flat(3);
        assert!(Binary::Add.apply(&[1.0; 2], &[1.0; 3], &nest, &mut [0.0; 3]).is_err());
        assert!(Binary::Add.apply(&[1.0; 3], &[1.0; 2], &nest, &mut [0.0; 3]).is_err());
        assert!(Comparison::Less.apply(&[1.0; 3], &[1.0; 3], &nest, &mut [0; 2]).is_err());
        assert!(select(&[1, 0], &[1.0; 2], &[1.0; 3], &mut [0.0; 2]).is_err());
    }
}
