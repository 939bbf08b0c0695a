//! SparseMAP against closed forms, and its solver on polytopes that are no structures of this library. (The laws check it
//! on every structure.)

#[path = "support/drawn.rs"]
mod rows;

use ndarray::{Array2, ArrayView2};
use sst::relaxation::{ActiveSet, SparseMap};
use sst::structure::{
    Arborescence, ArgmaxOracle, Matching, OneHot, ProjectiveTree, SpanningTree, Subset, TopK,
};
use sst::utility::Noise;
use sst::{AnyOperator, ErrorKind, Trick};

/// Gumbel numbers.
fn drawn(seed: u64, length: usize) -> Vec<f64> {
    rows::drawn(Noise::Gumbel, seed, 1, length)
}

fn softmax<S: ArgmaxOracle>(structure: S, utility: &[f64], temperature: f64) -> Vec<f64> {
    let mut soft = Array2::zeros((1, utility.len()));
    let row = ArrayView2::from_shape((1, utility.len()), utility).expect("a row");
    let operator = AnyOperator::relaxed(Trick::new(structure, SparseMap));
    operator.softmax(row, temperature, soft.view_mut(), 1).expect("a valid row");
    soft.into_raw_vec_and_offset().0
}

fn vjp<S: ArgmaxOracle>(structure: S, utility: &[f64], temperature: f64, cotangent: &[f64]) -> Vec<f64> {
    let n = utility.len();
    let mut gradient = Array2::zeros((1, n));
    let row = |cells| ArrayView2::from_shape((1, n), cells).expect("a row");
    let operator = AnyOperator::relaxed(Trick::new(structure, SparseMap));
    operator
        .softmax_vjp(row(utility), temperature, row(cotangent), gradient.view_mut(), 1)
        .expect("a valid row");
    gradient.into_raw_vec_and_offset().0
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `clip(u/t - shift, 0, 1)` with the shift for which the sum is k: of the sorted utilities some are at 1, the next ones free, the
/// rest at 0, so that every split is tried (for k = 1 this is the sparsemax of Martins and Astudillo, 2016).
fn capped_simplex(utility: &[f64], temperature: f64, k: usize) -> Vec<f64> {
    let top = utility.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // From the largest one, so that large utilities do not drown a small temperature.
    let z: Vec<f64> = utility.iter().map(|u| (u - top) / temperature).collect();
    let mut sorted = z.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NEG_INFINITY);
    for full in 0..=k {
        let above = if full == 0 { f64::INFINITY } else { at(full - 1) };
        if full == k && above - at(k) >= 1.0 {
            return z.iter().map(|&z| if z >= above { 1.0 } else { 0.0 }).collect();
        }
        for free in 1..=z.len() - full {
            let shift =
                (sorted[full..full + free].iter().sum::<f64>() + full as f64 - k as f64) / free as f64;
            let (first, last) = (at(full) - shift, at(full + free - 1) - shift);
            if above - shift >= 1.0 && first <= 1.0 && last >= 0.0 && at(full + free) - shift <= 0.0 {
                return z.iter().map(|z| (z - shift).clamp(0.0, 1.0)).collect();
            }
        }
    }
    panic!("no split fits")
}

const TEMPERATURES: [f64; 7] = [1e6, 30.0, 2.0, 1.0, 0.3, 1e-2, 1e-6];

#[test]
fn over_one_hot_vectors_it_is_the_sparsemax() {
    for (seed, n) in [(1, 2), (2, 7), (3, 60), (4, 150)] {
        let utility = drawn(seed, n);
        for t in TEMPERATURES {
            let off = distance(&softmax(OneHot::new(n), &utility, t), &capped_simplex(&utility, t, 1));
            assert!(off <= 1e-12, "{n} categories, t = {t:e}: off by {off:e}");
        }
    }
}

#[test]
fn over_k_subsets_it_is_the_capped_simplex() {
    for (seed, n, k) in [(1, 5, 2), (2, 12, 11), (3, 60, 7), (4, 90, 40)] {
        let utility = drawn(seed, n);
        for t in TEMPERATURES {
            let off = distance(&softmax(TopK::new(n, k), &utility, t), &capped_simplex(&utility, t, k));
            assert!(off <= 1e-12, "{k} of {n}, t = {t:e}: off by {off:e}");
        }
    }
}

/// Utilities and temperatures of all sizes, next to one another: `X = clip(u / t)`, its derivative 1/t inside.
#[test]
fn over_the_cube_it_clips() {
    let utility = [0.25, -0.5, 1e-9, 0.7, 3.0, 1e20, -1e260, 0.0, 1e-320, f64::NEG_INFINITY];
    let cotangent: Vec<f64> = (1..=utility.len()).map(|i| i as f64).collect();
    for t in [1e6, 1.0, 0.3, 1e-9, 1e-320, 5e-324] {
        let expected: Vec<f64> = utility.iter().map(|u| (u / t).clamp(0.0, 1.0)).collect();
        let off = distance(&softmax(Subset::new(utility.len()), &utility, t), &expected);
        assert!(off <= 1e-15, "t = {t:e}: off by {off:e}");
        if t >= 1e-9 {
            let gradient = vjp(Subset::new(utility.len()), &utility, t, &cotangent);
            let inside = |x: f64| x > 0.0 && x < 1.0;
            let expected = expected.iter().zip(&cotangent).map(|(&x, g)| if inside(x) { g / t } else { 0.0 });
            let expected: Vec<f64> = expected.collect();
            for i in 0..utility.len() {
                let off = (gradient[i] - expected[i]).abs() * t;
                // At u = 0, to rounding, and at u = t either one-sided derivative is one.
                let kink = (utility[i].abs() < 1e-300 || utility[i] == t)
                    && [0.0, cotangent[i] / t].contains(&gradient[i]);
                assert!(kink || off <= 1e-13, "{i}, t = {t:e}: {} instead of {}", gradient[i], expected[i]);
            }
        }
    }
}

#[test]
fn the_coldest_temperatures_give_the_argmax_and_average_over_ties() {
    for t in [1e-30, 1e-300, 5e-324] {
        let utility = drawn(5, 40);
        let mut hard = vec![0.0; 40];
        TopK::new(40, 6).argmax(&utility, &mut hard, &mut TopK::new(40, 6).argmax_workspace());
        assert_eq!(softmax(TopK::new(40, 6), &utility, t), hard);
        for (scale, n) in [(1e-300, 3), (5.0, 200), (1e308, 7)] {
            let tied = vec![scale; n];
            let off = distance(&softmax(OneHot::new(n), &tied, t), &vec![1.0 / n as f64; n]);
            assert!(off <= 1e-14, "{n} equal utilities of {scale:e} at {t:e}: off by {off:e}");
        }
        // All trees of the triangle, and two of its edges better than the third by the last digit.
        let off = distance(&softmax(SpanningTree::complete(3), &[1e308; 3], t), &[2.0 / 3.0; 3]);
        assert!(off <= 1e-15, "off by {off:e}");
        assert_eq!(softmax(SpanningTree::complete(3), &[1.0, 1.0, 1.0 - f64::EPSILON], t), [1.0, 1.0, 0.0]);
    }
}

/// Equal utilities: the solution is the mean of two opposite vertices, but its face has all directions.
#[test]
fn the_derivative_at_ties_is_that_of_the_whole_face() {
    // Centred on the hyperplane of all sums.
    let centred = |g: &[f64]| {
        let mean = g.iter().sum::<f64>() / g.len() as f64;
        g.iter().map(|g| g - mean).collect::<Vec<f64>>()
    };
    let cotangent = drawn(6, 12);
    for (k, t) in [(6, 1.0), (3, 0.01), (1, 1e3), (11, 1e-30)] {
        let gradient = vjp(TopK::new(12, k), &[0.5; 12], t, &cotangent);
        let product: Vec<f64> = gradient.iter().map(|x| x * t).collect();
        let off = distance(&product, &centred(&cotangent));
        assert!(off <= 1e-13, "k = {k}, t = {t:e}: off by {off:e}");
    }
    let off = distance(&vjp(Subset::new(12), &[0.5; 12], 1.0, &cotangent), &cotangent);
    assert!(off <= 1e-13, "off by {off:e}");
    let cotangent = drawn(7, 10);
    let off = distance(&vjp(SpanningTree::complete(5), &[0.0; 10], 1.0, &cotangent), &centred(&cotangent));
    assert!(off <= 1e-13, "off by {off:e}");
}

/// A polytope by its vertices.
struct Points(Vec<Vec<f64>>);

impl Points {
    fn best(&self, utility: &[f64]) -> &[f64] {
        self.0.iter().max_by(|a, b| dot(a, utility).total_cmp(&dot(b, utility))).expect("a point")
    }

    fn solve(&self, utility: &[f64], temperature: f64) -> ActiveSet {
        let mut solver = ActiveSet::new(utility.len());
        solver.start(utility, temperature);
        self.answer_all(&mut solver);
        solver
    }

    fn answer_all(&self, solver: &mut ActiveSet) {
        while let Some(query) = solver.query() {
            solver.answer(self.best(query));
        }
        solver.outcome().unwrap_or_else(|e| panic!("{e} {:?} {:?}", self.0.len(), self.0[0]));
    }
}

/// Random points, at every scale and far from the origin; with doubles, and points inside and between others.
fn clouds() -> Vec<Points> {
    let cloud = |seed: u64, count: usize, n: usize, scale: f64, offset: f64| {
        let cells = drawn(seed, count * n);
        Points(cells.chunks(n).map(|point| point.iter().map(|x| scale * (x + offset)).collect()).collect())
    };
    let mut clouds: Vec<Points> = (0..30)
        .map(|seed| {
            cloud(
                seed,
                2 + seed as usize * 2,
                1 + seed as usize % 9,
                [1.0, 1e-5, 1e7][seed as usize % 3],
                0.0,
            )
        })
        .collect();
    clouds.push(cloud(50, 40, 4, 1.0, 1e4));
    let mut crowded = cloud(51, 20, 3, 1.0, 0.0);
    let twice = crowded.0.clone();
    crowded.0.extend(twice);
    for i in 0..10 {
        let middle = crowded.0[i].iter().zip(&crowded.0[i + 5]).map(|(a, b)| 0.5 * (a + b)).collect();
        crowded.0.push(middle);
    }
    clouds.push(crowded);
    clouds
}

/// The condition of optimality, `(U - t x).(v - x) <= gap` for every vertex v; `x` is the mean of the atoms, which are
/// vertices and few.
#[test]
fn solves_any_polytope() {
    for (index, points) in clouds().iter().enumerate() {
        let n = points.0[0].len();
        for (seed, t) in [(1, 1.0), (2, 1e-3), (3, 1e3), (4, 1e-8)] {
            let utility = drawn(seed, n);
            let solver = points.solve(&utility, t);
            let x = solver.soft();
            let slope: Vec<f64> = utility.iter().zip(x).map(|(u, x)| u - t * x).collect();
            for v in &points.0 {
                let step: Vec<f64> = v.iter().zip(x).map(|(v, x)| v - x).collect();
                let size: f64 = step.iter().zip(&slope).map(|(a, b)| (a * b).abs()).sum();
                let better = dot(&slope, &step) - solver.gap();
                let rounding =
                    1e-13 * (size + t * dot(&step, &step) + t * x.iter().map(|x| x.abs()).sum::<f64>());
                assert!(better <= rounding, "cloud {index}, t = {t}: {better:e} better than the gap allows");
            }
            let size = points.0.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
            let gap = solver.gap() / (t * size * size);
            assert!((0.0..=1e-13).contains(&gap), "cloud {index}, t = {t}: a gap of {gap:e} t |v|^2");
            let (mut mean, mut total) = (vec![0.0; n], 0.0);
            for (atom, weight) in solver.atoms() {
                assert!(points.0.iter().any(|point| point == atom) && weight > 0.0);
                total += weight;
                mean.iter_mut().zip(atom).for_each(|(mean, a)| *mean += weight * a);
            }
            assert!((total - 1.0).abs() <= 1e-13, "weights of sum {total}");
            assert!(distance(&mean, x) <= 1e-13 * size, "not the mean of the atoms");
            assert!(solver.atoms().count() <= n + 1, "more atoms than a simplex has corners");
        }
    }
}

/// By central differences; a step that crosses a kink shows as a difference from itself at half the step.
#[test]
fn differentiates_on_any_polytope() {
    let mut compared = 0;
    for (index, points) in clouds().iter().enumerate() {
        let n = points.0[0].len();
        let scale = points.0.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        let (utility, cotangent) = (drawn(70 + index as u64, n), drawn(170, n));
        // Of the size at which the solution is inside.
        let t = 3.0 / scale;
        let mut solver = points.solve(&utility, t);
        solver.differentiate(&cotangent);
        points.answer_all(&mut solver);
        let gradient: Vec<f64> = solver.gradient().map(|x| x * t).collect();
        for i in 0..n {
            let along = |step: f64| {
                let value = |step: f64| {
                    let mut moved = utility.clone();
                    moved[i] += step * t * scale;
                    dot(points.solve(&moved, t).soft(), &cotangent)
                };
                (value(step) - value(-step)) / (2.0 * step * scale)
            };
            let (whole, half) = (along(1e-4), along(5e-5));
            if (whole - half).abs() > 1e-7 {
                continue;
            }
            compared += 1;
            assert!(
                (gradient[i] - whole).abs() <= 1e-6,
                "cloud {index}, coordinate {i}: {} {whole}",
                gradient[i]
            );
        }
    }
    assert!(compared > 100, "only {compared} differences without a kink");
}

/// `X_t` over the vertices times a size, and the product of the cotangent with its Jacobian.
fn solve_scaled<S: ArgmaxOracle>(
    structure: &S,
    size: f64,
    utility: &[f64],
    t: f64,
    cotangent: &[f64],
) -> [Vec<f64>; 2] {
    let mut workspace = structure.argmax_workspace();
    let mut answer_all = |solver: &mut ActiveSet| {
        while let Some(query) = solver.query() {
            let mut vertex = vec![0.0; query.len()];
            structure.argmax(query, &mut vertex, &mut workspace);
            vertex.iter_mut().for_each(|x| *x *= size);
            solver.answer(&vertex);
        }
        solver.outcome().expect("a solution");
    };
    let mut solver = ActiveSet::new(utility.len());
    solver.start(utility, t);
    answer_all(&mut solver);
    let soft = solver.soft().to_vec();
    solver.differentiate(cotangent);
    answer_all(&mut solver);
    [soft, solver.gradient().collect()]
}

fn compare_sizes<S: ArgmaxOracle>(name: &str, structure: &S, forbids: bool) {
    let n = structure.dimension();
    for seed in 0..12 {
        let cotangent = drawn(seed + 100, n);
        let mut utility = drawn(seed, n);
        if seed % 3 == 1 {
            // Ties.
            utility.iter_mut().for_each(|u| *u = u.round());
        }
        if forbids && seed % 2 == 1 {
            utility[seed as usize % n] = f64::NEG_INFINITY;
        }
        for t in [1e3, 4.0, 1.0, 0.25, 0.01, 1e-4, 1e-8] {
            let [soft, gradient] = solve_scaled(structure, 1.0, &utility, 2.0 * t, &cotangent);
            let [twice, double] = solve_scaled(structure, 2.0, &utility, t, &cotangent);
            for i in 0..n {
                let off = (2.0 * soft[i] - twice[i]).abs();
                assert!(off <= 1e-15, "{name}, row {seed}, t = {t:e}: off by {off:e} at {i}");
                let off = (2.0 * gradient[i] - double[i]).abs() * t;
                assert!(off <= 1e-14, "{name}, row {seed}, t = {t:e}: a gradient off by {off:e} at {i}");
            }
        }
    }
}

/// Vertices of zeros and ones go a way of their own, others do not: `X_t(U)` over 2 P is `2 X_2t(U)` over P.
#[test]
fn vertices_of_zeros_and_ones_give_what_others_give() {
    compare_sizes("one-hot", &OneHot::new(15), true);
    compare_sizes("subset", &Subset::new(70), true);
    compare_sizes("k of n", &TopK::new(20, 6), true);
    compare_sizes("matching", &Matching::new(5), false);
    compare_sizes("spanning tree", &SpanningTree::complete(6), false);
    compare_sizes("arborescence", &Arborescence::complete(6, 0, false), false);
    compare_sizes("projective tree", &ProjectiveTree::new(6), false);
}

#[test]
fn an_answer_that_is_no_maximiser_is_refused() {
    let mut solver = ActiveSet::new(2);
    solver.start(&[2.0, 1.0], 0.1);
    solver.answer(&[1.0, 0.0]);
    solver.answer(&[0.0, 0.0]);
    let error = solver.outcome().expect_err("a minimiser");
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(error.message.starts_with("argmax: expected"), "{error}");
}

/// Beside what all vertices share, a sum of doubles confuses them: such an answer is no error.
#[test]
fn an_answer_that_doubles_confuse_is_taken() {
    // Of equal ones the last is the best.
    let points = Points(vec![vec![1.0, 0.0, 1.0], vec![1.0, 1.0, 0.0]]);
    let share = (1u64 << 53) as f64;
    let utility = [share, 0.9, 1.1];
    assert_eq!(points.best(&utility), points.0[0]);
    assert_eq!(points.best(&[share, 0.9, 0.95]), points.0[1]);
    assert_eq!(points.solve(&utility, 0.15).soft(), points.0[0]);
}

/// Answers that are arbitrary end in a result or in an error, after finitely many.
#[test]
fn any_answers_come_to_an_end() {
    for seed in 0..200 {
        let n = 1 + seed as usize % 6;
        let answers = drawn(seed, 2_000 * n);
        let mut solver = ActiveSet::new(n);
        solver.start(&drawn(seed + 1_000, n), [1e-9, 1e-2, 1.0, 1e5][seed as usize % 4]);
        let mut given = answers.chunks(n);
        while solver.query().is_some() {
            solver.answer(given.next().expect("fewer questions than the limit"));
        }
        if solver.outcome().is_ok() {
            assert!(solver.soft().iter().all(|x| x.is_finite()));
        }
    }
}
