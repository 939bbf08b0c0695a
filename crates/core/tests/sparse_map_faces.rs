//! SparseMAP's vector-Jacobian product where utilities are tied or scales differ, in closed form, at sizes that cannot be
//! enumerated; and against enumeration on random small polytopes.

#[path = "support/drawn.rs"]
mod rows;

use sst::relaxation::ActiveSet;
use sst::structure::{Arborescence, ArgmaxOracle, Matching, SpanningTree, Subset, TopK};
use sst::utility::Noise;

const TEMPERATURES: [f64; 4] = [1e-3, 0.25, 1.0, 1e3];

/// Gumbel numbers.
fn drawn(seed: u64, length: usize) -> Vec<f64> {
    rows::drawn(Noise::Gumbel, seed, 1, length)
}

/// `X_t`, the product of the cotangent with the Jacobian times t, and how many calls of the argmax each took.
struct Solved {
    soft: Vec<f64>,
    product: Vec<f64>,
    calls: [usize; 2],
    atoms: usize,
}

fn solve(mut argmax: impl FnMut(&[f64]) -> Vec<f64>, utility: &[f64], t: f64, cotangent: &[f64]) -> Solved {
    let mut solver = ActiveSet::new(utility.len());
    solver.start(utility, t);
    let mut calls = [0; 2];
    let mut answer_all = |solver: &mut ActiveSet, calls: &mut usize| {
        while let Some(query) = solver.query() {
            let vertex = argmax(query);
            solver.answer(&vertex);
            *calls += 1;
        }
        solver.outcome().expect("a solution");
    };
    answer_all(&mut solver, &mut calls[0]);
    solver.differentiate(cotangent);
    answer_all(&mut solver, &mut calls[1]);
    let product = solver.gradient().map(|x| x * t).collect();
    Solved { soft: solver.soft().to_vec(), product, calls, atoms: solver.atoms().count() }
}

fn argmax_of<S: ArgmaxOracle>(structure: &S) -> impl FnMut(&[f64]) -> Vec<f64> + '_ {
    let mut workspace = structure.argmax_workspace();
    move |query| {
        let mut vertex = vec![0.0; query.len()];
        structure.argmax(query, &mut vertex, &mut workspace);
        vertex
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Less its mean over every group; 0 for those of no group.
fn centred(cotangent: &[f64], groups: &[Vec<usize>]) -> Vec<f64> {
    let mut out = vec![0.0; cotangent.len()];
    for group in groups {
        let mean = group.iter().map(|&i| cotangent[i]).sum::<f64>() / group.len() as f64;
        group.iter().for_each(|&i| out[i] = cotangent[i] - mean);
    }
    out
}

/// Less the means over rows and columns of a block of an n x n matrix, 0 outside of the blocks.
fn doubly_centred(cotangent: &[f64], n: usize, blocks: &[std::ops::Range<usize>]) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    for block in blocks {
        let size = block.len() as f64;
        let row = |i: usize| block.clone().map(|j| cotangent[i * n + j]).sum::<f64>() / size;
        let column = |j: usize| block.clone().map(|i| cotangent[i * n + j]).sum::<f64>() / size;
        let (rows, columns): (Vec<f64>, Vec<f64>) = block.clone().map(|i| (row(i), column(i))).unzip();
        let all = rows.iter().sum::<f64>() / size;
        for i in block.clone() {
            for j in block.clone() {
                out[i * n + j] =
                    cotangent[i * n + j] - rows[i - block.start] - columns[j - block.start] + all;
            }
        }
    }
    out
}

fn check<S: ArgmaxOracle>(
    name: &str,
    structure: &S,
    utility: &[f64],
    t: f64,
    soft: &[f64],
    expected: impl Fn(&[f64]) -> Vec<f64>,
) {
    for size in [1.0, 1e-300, 1e300] {
        let cotangent: Vec<f64> = drawn(7, utility.len()).iter().map(|g| g * size).collect();
        let solved = solve(argmax_of(structure), utility, t, &cotangent);
        let off = distance(&solved.soft, soft);
        assert!(off <= 1e-14, "{name}, t = {t:e}: X_t off by {off:e}");
        let off = distance(&solved.product, &expected(&cotangent));
        assert!(off <= 1e-13 * size, "{name}, t = {t:e}, {size:e}: off by {off:e}");
    }
}

#[test]
fn tied_matchings_centre_doubly() {
    for (n, t) in [(2, 1.0), (9, 1e-3), (19, 1.0), (19, 1e3), (30, 0.25)] {
        // Sums of a row's and a column's number are ties too.
        for tilted in [0.0, 1.0] {
            let utility: Vec<f64> =
                (0..n * n).map(|i| tilted * ((i / n) as f64 - 0.5 * (i % n) as f64)).collect();
            let soft = vec![1.0 / n as f64; n * n];
            let expected = |g: &[f64]| doubly_centred(g, n, std::slice::from_ref(&(0..n)));
            check(&format!("matchings of {n}"), &Matching::new(n), &utility, t, &soft, expected);
        }
    }
}

#[test]
fn matchings_of_two_levels_centre_doubly_in_blocks() {
    for (a, b) in [(3, 4), (11, 9), (1, 20)] {
        let n = a + b;
        let same = |i: usize| (i / n < a) == (i % n < a);
        let utility: Vec<f64> = (0..n * n).map(|i| if same(i) { 0.3 } else { -0.1 }).collect();
        let part = |i: usize| 1.0 / if i / n < a { a as f64 } else { b as f64 };
        let soft: Vec<f64> = (0..n * n).map(|i| if same(i) { part(i) } else { 0.0 }).collect();
        let expected = |g: &[f64]| doubly_centred(g, n, &[0..a, a..n]);
        check(&format!("{a} and {b}"), &Matching::new(n), &utility, 0.125, &soft, expected);
    }
}

#[test]
fn subsets_of_two_levels_centre_where_they_are_free() {
    for (n, high, k, t) in [(19, 10, 4, 0.1), (300, 300, 100, 1e-3), (120, 60, 40, 1e-3), (120, 30, 40, 0.01)]
    {
        let utility: Vec<f64> = (0..n).map(|i| if i < high { 0.7 } else { 0.1 }).collect();
        let free: Vec<usize> = if k < high { (0..high).collect() } else { (high..n).collect() };
        let mut soft: Vec<f64> = (0..n).map(|i| if i < high && k >= high { 1.0 } else { 0.0 }).collect();
        let share = if k < high { k as f64 } else { (k - high) as f64 } / free.len() as f64;
        free.iter().for_each(|&i| soft[i] = share);
        let expected = |g: &[f64]| centred(g, std::slice::from_ref(&free));
        check(&format!("{k} of {n}"), &TopK::new(n, k), &utility, t, &soft, expected);
    }
}

#[test]
fn trees_of_equal_utilities_centre() {
    for (n, t) in [(5, 1.0), (19, 1.0), (19, 1e-3), (24, 1e3)] {
        let edges = n * (n - 1) / 2;
        let soft = vec![2.0 / n as f64; edges];
        let expected = |g: &[f64]| centred(g, &[(0..edges).collect()]);
        check(&format!("trees of {n}"), &SpanningTree::complete(n), &vec![0.3; edges], t, &soft, expected);
    }
}

/// Two cliques of better edges: a tree of each, and one edge between them.
#[test]
fn trees_of_two_levels_centre_in_groups() {
    let (a, b) = (8, 7);
    let pairs: Vec<(u32, u32)> = (0..a + b).flat_map(|j| (0..j).map(move |i| (i, j))).collect();
    let group = |&(i, j): &(u32, u32)| {
        if j < a {
            0
        } else if i >= a {
            1
        } else {
            2
        }
    };
    let groups: Vec<Vec<usize>> =
        (0..3).map(|g| (0..pairs.len()).filter(|&e| group(&pairs[e]) == g).collect()).collect();
    let utility: Vec<f64> = pairs.iter().map(|e| if group(e) < 2 { 1.1 } else { 0.2 }).collect();
    let shares = [2.0 / f64::from(a), 2.0 / f64::from(b), 1.0 / f64::from(a * b)];
    let soft: Vec<f64> = pairs.iter().map(|e| shares[group(e)]).collect();
    let structure = SpanningTree::with_edges((a + b) as usize, pairs.iter().copied());
    check("two cliques", &structure, &utility, 0.5, &soft, |g| centred(g, &groups));
}

/// One edge into every vertex but the root, each as likely.
#[test]
fn tied_arborescences_centre_at_every_vertex() {
    for n in [5, 14] {
        let pairs: Vec<(u32, u32)> =
            (0..n).flat_map(|i| (1..n).map(move |j| (i, j))).filter(|(i, j)| i != j).collect();
        let groups: Vec<Vec<usize>> =
            (1..n).map(|v| (0..pairs.len()).filter(|&e| pairs[e].1 == v).collect()).collect();
        let structure = Arborescence::with_edges(n as usize, 0, false, pairs.iter().copied());
        let soft = vec![1.0 / f64::from(n - 1); pairs.len()];
        check(&format!("arborescences of {n}"), &structure, &vec![0.0; pairs.len()], 1.0, &soft, |g| {
            centred(g, &groups)
        });
    }
}

/// Where two utilities differ by less than doubles can tell in a sum, the product is that of one side; else of theirs.
#[test]
fn nearly_tied_utilities_are_on_one_of_two_sides() {
    let (n, k) = (40, 13);
    let cotangent = drawn(9, n);
    // At t = 1/2^10 and a gap of t k/m the sixth is just in or just out.
    let place = f64::EPSILON / 4.0;
    for off in [1e-6, 1e-9, 1e-13, 1e-15, place, 0.0, -place, -3.0 * place, -1e-15, -1e-13, -1e-9, -1e-6] {
        let (high, t) = (20, 1.0 / 1024.0);
        let edge = 0.5 - t * k as f64 / high as f64;
        let utility: Vec<f64> = (0..n)
            .map(|i| {
                if i < high {
                    0.5
                } else if i == high {
                    edge + off
                } else {
                    0.0
                }
            })
            .collect();
        let solved = solve(argmax_of(&TopK::new(n, k)), &utility, t, &cotangent);
        let sides = [high, high + 1].map(|m| centred(&cotangent, &[(0..m).collect()]));
        let offs = sides.map(|side| distance(&solved.product, &side));
        let within = if off.abs() < 1e-12 { offs[0].min(offs[1]) } else { offs[usize::from(off > 0.0)] };
        assert!(within <= 1e-12, "{off:e}: {offs:?}");
    }
    // A coordinate of the cube knows its own utility only, however small.
    let utility = [0.0, 1e-300, -1e-20, 1e-20, -1e-20, 1.0, 1.0 - f64::EPSILON, 1.0 + f64::EPSILON, 0.5];
    let solved = solve(argmax_of(&Subset::new(9)), &utility, 1.0, &[3.0; 9]);
    for (i, expected) in [(1, 3.0), (2, 0.0), (3, 3.0), (4, 0.0), (6, 3.0), (7, 0.0), (8, 3.0)] {
        assert!((solved.product[i] - expected).abs() <= 1e-14, "{i}: {:?}", solved.product);
    }
    assert!([0, 5].iter().all(|&i| [0.0, 3.0].contains(&solved.product[i])), "{:?}", solved.product);
}

/// However many elements are a last place below those that are free: the product is that of free elements with some of these.
#[test]
fn vertices_a_last_place_below_the_face_do_not_hide_it() {
    let (n, k, free, t) = (24, 2, 4, 1.0 / 1024.0);
    for seed in 0..20 {
        let cotangent = drawn(seed, n);
        let below = 0.5 - t * k as f64 / free as f64 - f64::EPSILON / 4.0;
        let utility: Vec<f64> = (0..n).map(|i| if i < free { 0.5 } else { below }).collect();
        let product = solve(argmax_of(&TopK::new(n, k)), &utility, t, &cotangent).product;
        let group: Vec<usize> = (0..n).filter(|&i| i < free || product[i] != 0.0).collect();
        let off = distance(&product, &centred(&cotangent, &[group]));
        assert!(off <= 1e-13, "seed {seed}: off by {off:e}");
    }
}

/// However few bits of a query the temperature has: a face of more directions than its point has vertices.
#[test]
fn faces_are_explored_at_any_temperature() {
    let (n, k, free) = (12, 4, 8);
    for power in [0, 10, 20, 30, 36, 40, 42, 44, 46] {
        let t = 0.5_f64.powi(power);
        for seed in 0..10 {
            let cotangent = drawn(seed, n);
            // Eight are tied, and a ninth is in by less: no vertex has them all.
            let cell = |i: usize| {
                if i < free {
                    0.5
                } else if i == free {
                    0.5 - 0.25 * t
                } else {
                    -5.0
                }
            };
            let utility: Vec<f64> = (0..n).map(cell).collect();
            let product = solve(argmax_of(&TopK::new(n, k)), &utility, t, &cotangent).product;
            let off = distance(&product, &centred(&cotangent, &[(0..=free).collect()]));
            assert!(off <= 1e-13, "t = {t:e}, seed {seed}: off by {off:e}");
        }
    }
}

/// Sides, one for each coordinate, of sizes from 1e-6 to 1e12.
fn sides() -> Vec<Vec<f64>> {
    let mut all = vec![vec![1e-2, 1e3, 1e5], vec![1e-6, 1e12], vec![1e12, 1e-6, 1.0, 1e3], vec![1e7; 4]];
    for seed in 0..60 {
        let exponents = drawn(seed, 2 + seed as usize % 7);
        all.push(exponents.iter().map(|e| 10.0_f64.powf((4.0 * e).clamp(-6.0, 12.0))).collect());
    }
    all
}

#[test]
fn boxes_of_any_scales_clip() {
    for sides in sides() {
        let n = sides.len();
        let argmax = |q: &[f64]| q.iter().zip(&sides).map(|(&q, &s)| if q > 0.0 { s } else { 0.0 }).collect();
        for (t, place) in [(1.0, 0.3), (1e-3, 0.7), (1e3, 0.9)] {
            // The first coordinate stays outside.
            let utility: Vec<f64> =
                (0..n).map(|i| t * sides[i] * if i == 0 { -0.1 } else { place }).collect();
            let cotangent = drawn(5, n);
            let solved = solve(argmax, &utility, t, &cotangent);
            for i in 0..n {
                let soft = (utility[i] / t).max(0.0);
                assert!((solved.soft[i] - soft).abs() <= 1e-14 * soft, "{sides:?}, {i}: {:?}", solved.soft);
                let product = if i == 0 { 0.0 } else { cotangent[i] };
                assert!((solved.product[i] - product).abs() <= 1e-12, "{sides:?}, {i}: {:?}", solved.product);
            }
        }
    }
}

/// `conv(s_i e_i)`, all of it the face: the normal is 1/s.
#[test]
fn simplices_of_any_scales_project() {
    for sides in sides() {
        let n = sides.len();
        let argmax = |q: &[f64]| {
            let best =
                (0..n).max_by(|&a, &b| (q[a] * sides[a]).total_cmp(&(q[b] * sides[b]))).expect("a side");
            (0..n).map(|i| if i == best { sides[i] } else { 0.0 }).collect()
        };
        let utility: Vec<f64> = sides.iter().map(|s| s / n as f64).collect();
        let cotangent = drawn(6, n);
        let solved = solve(argmax, &utility, 1.0, &cotangent);
        for i in 0..n {
            let off = (solved.soft[i] - utility[i]).abs();
            assert!(off <= 1e-13 * sides[i], "{sides:?}, {i}: {:?}", solved.soft);
        }
        let least = sides.iter().copied().fold(f64::INFINITY, f64::min);
        let normal: Vec<f64> = sides.iter().map(|s| least / s).collect();
        let share = dot(&normal, &cotangent) / dot(&normal, &normal);
        let expected: Vec<f64> = cotangent.iter().zip(&normal).map(|(c, v)| c - share * v).collect();
        let off = distance(&solved.product, &expected);
        assert!(off <= 1e-12, "{sides:?}: off by {off:e}");
    }
}

/// `conv(+-s_i e_i)` with utilities 0: the solution is the middle, and everything is free.
#[test]
fn cross_polytopes_of_any_scales_are_free_in_the_middle() {
    for sides in sides() {
        let n = sides.len();
        let argmax = |q: &[f64]| {
            let of = |i: usize| (q[i] * sides[i]).abs();
            let best = (0..n).max_by(|&a, &b| of(a).total_cmp(&of(b))).expect("a side");
            (0..n).map(|i| if i == best { sides[i].copysign(q[i]) } else { 0.0 }).collect()
        };
        let cotangent = drawn(8, n);
        let solved = solve(argmax, &vec![0.0; n], 1.0, &cotangent);
        assert!(solved.soft.iter().zip(&sides).all(|(x, s)| x.abs() <= 1e-15 * s), "{sides:?}");
        let off = distance(&solved.product, &cotangent);
        assert!(off <= 1e-12, "{sides:?}: off by {off:e}");
    }
}

/// Where nothing is tied, k atoms take k + 2 calls or fewer, but for vertices that leave again, and the gradient two more.
#[test]
fn calls_are_few() {
    let (mut atoms, mut calls) = (0, [0; 2]);
    for seed in 0..40 {
        let solved = solve(argmax_of(&TopK::new(40, 9)), &drawn(seed, 40), 1.0, &drawn(seed + 100, 40));
        atoms += solved.atoms;
        calls[0] += solved.calls[0];
        calls[1] += solved.calls[1];
    }
    assert!(calls[0] <= atoms + atoms / 2 + 80, "{calls:?} calls for {atoms} atoms in 40 rows");
    assert!(calls[1] <= 100, "{calls:?} calls in 40 rows");
}

/// Solves a small symmetric system by elimination with pivots. None if it is singular.
fn eliminate(mut matrix: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = matrix.len();
    for column in 0..n {
        let pivot =
            (column..n).max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        matrix.swap(column, pivot);
        if matrix[column][column].abs() < 1e-7 {
            return None;
        }
        for row in (0..n).filter(|&row| row != column) {
            let factor = matrix[row][column] / matrix[column][column];
            let pivots = matrix[column].clone();
            for (cell, pivot) in matrix[row].iter_mut().zip(pivots).skip(column) {
                *cell -= factor * pivot;
            }
        }
    }
    Some((0..n).map(|i| matrix[i][n] / matrix[i][i]).collect())
}

/// The coefficients of the projection of a vector onto the span of others.
fn coefficients(span: &[Vec<f64>], vector: &[f64]) -> Option<Vec<f64>> {
    let row = |a: &Vec<f64>| span.iter().map(|b| dot(a, b)).chain([dot(a, vector)]).collect();
    eliminate(span.iter().map(row).collect())
}

fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn combination(span: &[Vec<f64>], coefficients: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    for (vector, c) in span.iter().zip(coefficients) {
        out.iter_mut().zip(vector).for_each(|(out, x)| *out += c * x);
    }
    out
}

/// The nearest point of the hull, by trying every set of up to n + 1 vertices.
fn nearest(points: &[Vec<f64>], target: &[f64]) -> Vec<f64> {
    let n = target.len();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for set in 1..1u32 << points.len() {
        if set.count_ones() as usize > n + 1 {
            continue;
        }
        let chosen: Vec<&Vec<f64>> =
            (0..points.len()).filter(|i| set >> i & 1 == 1).map(|i| &points[i]).collect();
        let span: Vec<Vec<f64>> = chosen[1..].iter().map(|v| minus(v, chosen[0])).collect();
        let Some(weights) = coefficients(&span, &minus(target, chosen[0])) else { continue };
        if weights.iter().any(|&w| w < -1e-12) || weights.iter().sum::<f64>() > 1.0 + 1e-12 {
            continue;
        }
        let x: Vec<f64> = combination(&span, &weights, n).iter().zip(chosen[0]).map(|(a, b)| a + b).collect();
        let off = dot(&minus(&x, target), &minus(&x, target));
        if best.as_ref().is_none_or(|(least, _)| off < *least) {
            best = Some((off, x));
        }
    }
    best.expect("a vertex").1
}

/// Random vertices of small integers, utilities that are often tied: `X_t` is the nearest point of the hull, and the product
/// is the projection onto the directions of the exposed face; without a kink the differences of solutions agree.
/// `SST_FUZZ_CASES` sets how many.
#[test]
fn agrees_with_enumeration_on_small_polytopes() {
    let cases =
        std::env::var("SST_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000_u64);
    let (mut faces, mut smooth) = (0, 0);
    for case in 0..cases {
        let n = 1 + case as usize % 5;
        let mut numbers =
            drawn(case, 2 + 9 * n + 2 * n).into_iter().map(|x| (1.5 * x).round().clamp(-3.0, 3.0));
        let mut next = || numbers.next().expect("enough numbers");
        let count = 2 + (next().abs() + next().abs()) as usize;
        let points: Vec<Vec<f64>> = (0..count).map(|_| (0..n).map(|_| next()).collect()).collect();
        let utility: Vec<f64> = (0..n).map(|_| next()).collect();
        let t = [1.0, 2.0, 0.25, 16.0][case as usize / 5 % 4];
        let cotangent = drawn(case + 1_000_000_007, n);
        let argmax = |q: &[f64]| {
            points.iter().max_by(|a, b| dot(a, q).total_cmp(&dot(b, q))).expect("a point").clone()
        };
        let solved = solve(argmax, &utility, t, &cotangent);
        let at = |utility: &[f64]| nearest(&points, &utility.iter().map(|u| u / t).collect::<Vec<f64>>());
        let x = at(&utility);
        let off = distance(&solved.soft, &x);
        assert!(off <= 1e-11, "case {case}: {:?}, not {x:?}", solved.soft);
        let slope: Vec<f64> = utility.iter().zip(&x).map(|(u, x)| u - t * x).collect();
        let slack = |v: &Vec<f64>| dot(&slope, &x) - dot(&slope, v);
        let exposed: Vec<&Vec<f64>> = points.iter().filter(|v| slack(v) < 1e-7).collect();
        assert!(exposed.iter().all(|v| slack(v) < 1e-10), "case {case}: an unclear face");
        let mut span: Vec<Vec<f64>> = Vec::new();
        for v in &exposed {
            span.push(minus(v, exposed[0]));
            if coefficients(&span, &cotangent).is_none() {
                span.pop();
            }
        }
        let expected = combination(&span, &coefficients(&span, &cotangent).expect("independent"), n);
        let off = distance(&solved.product, &expected);
        assert!(
            off <= 1e-10,
            "case {case}: {:?}, not {expected:?} ({points:?}, {utility:?}, {t})",
            solved.product
        );
        faces += usize::from(!span.is_empty());
        if case % 4 == 0 {
            let along = |step: f64| {
                let moved = |step: f64| -> Vec<f64> {
                    at(&utility.iter().zip(&cotangent).map(|(u, c)| u + step * c).collect::<Vec<f64>>())
                };
                minus(&moved(step), &moved(-step)).iter().map(|x| x * t / (2.0 * step)).collect::<Vec<f64>>()
            };
            let forward = |step: f64| -> Vec<f64> {
                minus(
                    &at(&utility.iter().zip(&cotangent).map(|(u, c)| u + step * c).collect::<Vec<f64>>()),
                    &x,
                )
                .iter()
                .map(|x| x * t / step)
                .collect()
            };
            let central = along(1e-4);
            if distance(&central, &forward(1e-4)) <= 1e-6 {
                smooth += 1;
                let off = distance(&central, &solved.product);
                assert!(off <= 1e-6, "case {case}: {:?}, differences {central:?}", solved.product);
            }
        }
    }
    assert!(faces as u64 > cases / 4 && smooth as u64 > cases / 16, "{faces} faces, {smooth} differences");
}

/// The temperatures at which everything above is checked for one structure.
#[test]
fn the_temperature_does_not_matter_to_ties() {
    for t in TEMPERATURES {
        let soft = vec![1.0 / 3.0; 30];
        check("10 of 30", &TopK::new(30, 10), &[1.25; 30], t, &soft, |g| centred(g, &[(0..30).collect()]));
    }
}
