//! Eight rows to eight columns, in registers where the machine has registers of eight.

#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Transposer;
#[cfg(not(target_arch = "x86_64"))]
pub(super) use none::Transposer;

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::__m512d;

    use pulp::cast;
    use pulp::x86::V4;

    /// A proof that the machine has AVX-512.
    #[derive(Clone, Copy)]
    pub(crate) struct Transposer(V4);

    impl Transposer {
        #[inline(always)]
        pub(crate) fn new() -> Option<Self> {
            V4::try_new().map(Self)
        }

        /// `result[j][i] = block[i][j]`: pairs of rows are interleaved, then halves and quarters exchanged.
        #[inline(always)]
        pub(crate) fn transpose(self, block: [[f64; 8]; 8]) -> [[f64; 8]; 8] {
            let [a, b, c, d, e, f, g, h] = block.map(cast::<[f64; 8], __m512d>);
            let simd = self.0.avx512f;
            let low = |x, y| simd._mm512_unpacklo_pd(x, y);
            let high = |x, y| simd._mm512_unpackhi_pd(x, y);
            let [c0, c2, c4, c6] = self.exchange([low(a, b), low(c, d), low(e, f), low(g, h)]);
            let [c1, c3, c5, c7] = self.exchange([high(a, b), high(c, d), high(e, f), high(g, h)]);
            [c0, c1, c2, c3, c4, c5, c6, c7].map(cast::<__m512d, [f64; 8]>)
        }

        /// Transposes a 4 x 4 block of pairs.
        #[inline(always)]
        fn exchange(self, [a, b, c, d]: [__m512d; 4]) -> [__m512d; 4] {
            const EVEN: i32 = 0b10_00_10_00;
            const ODD: i32 = 0b11_01_11_01;
            let simd = self.0.avx512f;
            let even = |x, y| simd._mm512_shuffle_f64x2::<EVEN>(x, y);
            let odd = |x, y| simd._mm512_shuffle_f64x2::<ODD>(x, y);
            let (first, second) = (even(a, b), even(c, d));
            let (third, fourth) = (odd(a, b), odd(c, d));
            [even(first, second), even(third, fourth), odd(first, second), odd(third, fourth)]
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod none {
    /// No machine of this kind has registers of eight.
    #[derive(Clone, Copy)]
    pub(crate) enum Transposer {}

    impl Transposer {
        #[inline(always)]
        pub(crate) fn new() -> Option<Self> {
            None
        }

        #[inline(always)]
        pub(crate) fn transpose(self, _block: [[f64; 8]; 8]) -> [[f64; 8]; 8] {
            match self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let Some(transposer) = Transposer::new() else { return };
        let cell = |row: usize, column: usize| (10 * row + column) as f64;
        let block = std::array::from_fn(|row| std::array::from_fn(|column| cell(row, column)));
        let expected: [[f64; 8]; 8] =
            std::array::from_fn(|row| std::array::from_fn(|column| cell(column, row)));
        assert_eq!(transposer.transpose(block), expected);
    }
}
