//! Utilities of any size: the numbers that a row is computed in leave no trace in its result.

mod support;

use support::*;

use sst::relaxation::ExponentialFamilyRelaxation;
use sst::structure::{Arborescence, CorrelatedTopK, OneHot, ProjectiveTree, SpanningTree, TopK};

/// Structures up to sizes that cannot be enumerated; with each, how many coordinates a number may be added to.
fn structures() -> Vec<(&'static str, AnyOperator, usize)> {
    vec![
        ("one-hot", family(OneHot::new(200)), 200),
        ("top k", family(TopK::new(200, 90)), 200),
        ("correlated top k", family(CorrelatedTopK::new(60, 20)), 60),
        ("trees", family(SpanningTree::complete(20)), 190),
        ("trees of a ladder", family(ladder()), 28),
        ("arborescences", family(Arborescence::complete(14, 3, false)), 169),
        ("arborescences of one child", family(Arborescence::complete(14, 0, true)), 169),
        ("projective trees", family(ProjectiveTree::new(12)), 144),
    ]
}

fn ladder() -> SpanningTree {
    let rungs = (0..9).flat_map(|i| [(2 * i, 2 * i + 1), (2 * i, 2 * i + 2), (2 * i + 1, 2 * i + 3)]);
    SpanningTree::with_edges(20, rungs.chain([(18, 19)]))
}

/// Plain doubles, those with 64-bit exponents and narrowed utilities: a number that is added to the utilities of
/// coordinates of which every vertex has equally many changes nothing. The utilities are multiples of 1/4, so that the
/// sums are exact.
#[test]
fn common_shifts_leave_no_trace() {
    for (name, operator, shifted) in structures() {
        let n = operator.dimension();
        let utility = quarters(n, 1);
        let cotangent = noise(n, 2);
        for temperature in [1.0, 0.05] {
            let soft = softmax(&operator, &utility, temperature);
            let gradient = vjp(&operator, &utility, temperature, &cotangent);
            for exponent in [34, 47, 50] {
                for sign in [1.0, -1.0] {
                    let shift = sign * 2.0_f64.powi(exponent);
                    let moved: Vec<f64> =
                        (0..n).map(|i| utility[i] + if i < shifted { shift } else { 0.0 }).collect();
                    let off = distance(&softmax(&operator, &moved, temperature), &soft);
                    assert!(off <= 1e-13, "{name} at {temperature}, 2^{exponent}: {off:e}");
                    let moved_gradient = vjp(&operator, &moved, temperature, &cotangent);
                    let off = temperature * distance(&moved_gradient, &gradient);
                    // Sums of up to 200 products with cotangents up to 2.
                    assert!(off <= 2e-13, "{name} at {temperature}, 2^{exponent}: gradient {off:e}");
                }
            }
        }
    }
}

/// Utilities and temperature times a power of two, down to subnormal numbers and up to the largest: the same law.
#[test]
fn common_scales_leave_no_trace() {
    for (name, operator, _) in structures() {
        let n = operator.dimension();
        // Multiples of 16 units of the smallest double when scaled down the farthest.
        let (utility, cotangent) = (quarters(n, 3), noise(n, 4));
        for temperature in [1.0, 0.03125] {
            let soft = softmax(&operator, &utility, temperature);
            let gradient = vjp(&operator, &utility, temperature, &cotangent);
            for exponent in [-1060, -1000, -970, -960, -300, 300, 950, 970, 1000] {
                let scale = 2.0_f64.powi(exponent / 2) * 2.0_f64.powi(exponent - exponent / 2);
                let scaled: Vec<f64> = utility.iter().map(|u| u * scale).collect();
                let again = softmax(&operator, &scaled, temperature * scale);
                let off = distance(&again, &soft);
                assert!(off <= 1e-13, "{name}, 2^{exponent}: {off:e}");
                // A cotangent that the temperature brings back into the range.
                let of_scale: Vec<f64> = cotangent.iter().map(|g| g * scale).collect();
                let again = vjp(&operator, &scaled, temperature * scale, &of_scale);
                let off = temperature * distance(&again, &gradient);
                // Subnormal cotangents have lost digits of their own.
                let tolerance = if exponent < -960 { 1e-2 } else { 2e-13 };
                assert!(off <= tolerance, "{name}, 2^{exponent}: gradient {off:e}");
            }
        }
    }
}

/// The product is linear in the cotangent, whatever its size.
#[test]
fn cotangents_may_have_any_size() {
    for (name, operator, _) in structures() {
        let n = operator.dimension();
        let (utility, cotangent) = (quarters(n, 5), noise(n, 6));
        for temperature in [1.0, 0.02, 1e-5] {
            let gradient = vjp(&operator, &utility, temperature, &cotangent);
            for exponent in [-1000, -800, -350, -100, 100, 350, 700, 960] {
                let scale = 2.0_f64.powi(exponent);
                let scaled: Vec<f64> = cotangent.iter().map(|g| g * scale).collect();
                let again: Vec<f64> =
                    vjp(&operator, &utility, temperature, &scaled).iter().map(|g| g / scale).collect();
                let off = temperature * distance(&again, &gradient);
                assert!(off <= 1e-14, "{name} at {temperature}, 2^{exponent}: {off:e}");
            }
        }
    }
}

/// Some coordinates so far below that they do not matter: as if they were forbidden, to the last bit.
#[test]
fn masks_of_any_depth_forbid() {
    for (name, operator, _) in structures() {
        let n = operator.dimension();
        let (utility, cotangent) = (noise(n, 7), noise(n, 8));
        let masked = |levels: &[f64]| -> Vec<f64> {
            // What is left of every structure has a vertex.
            let cell = |i: usize| if i % 11 == 3 { levels[i / 11 % levels.len()] } else { utility[i] };
            (0..n).map(cell).collect()
        };
        let forbidden = masked(&[f64::NEG_INFINITY]);
        if operator.check(view(n, &forbidden)).is_err() {
            continue; // Such a mask is needed.
        }
        let soft = softmax(&operator, &forbidden, 1.0);
        let gradient = vjp(&operator, &forbidden, 1.0, &cotangent);
        let least = f64::from(f32::MIN);
        for levels in [&[-1e4][..], &[-1e9], &[-1e32], &[least], &[-1e300], &[-1e4, -1e9, least, -2e4]] {
            let utility = masked(levels);
            let again = softmax(&operator, &utility, 1.0);
            assert_eq!(again, soft, "{name}: {levels:?}");
            assert_eq!(vjp(&operator, &utility, 1.0, &cotangent), gradient, "{name}: {levels:?}");
        }
    }
}

/// All edges into one vertex are masked, of which a tree needs one.
#[test]
fn masks_that_a_solution_needs_stay() {
    let n = 9;
    let operators = [
        ("trees", family(SpanningTree::complete(n))),
        ("arborescences", family(Arborescence::complete(n, 0, false))),
        ("arborescences of one child", family(Arborescence::complete(n, 0, true))),
        ("projective trees", family(ProjectiveTree::new(n - 1))),
    ];
    for (name, operator) in operators {
        let d = operator.dimension();
        let into_last = |i: usize| match name {
            "trees" => {
                let mut edges = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
                edges.nth(i).is_some_and(|(_, b)| b == n - 1)
            }
            _ => {
                let mut edges = Arborescence::complete_edges(n, 0);
                edges.nth(i).is_some_and(|(_, b)| b as usize == n - 1)
            }
        };
        let (utility, cotangent) = (quarters(d, 9), noise(d, 10));
        let masked = |level: f64| -> Vec<f64> {
            (0..d).map(|i| if into_last(i) { level } else { utility[i] }).collect()
        };
        let reference = masked(-1500.0);
        let soft = softmax(&operator, &reference, 1.0);
        let gradient = vjp(&operator, &reference, 1.0, &cotangent);
        for level in [-1e4, -1e12, -1e32, f64::from(f32::MIN), -1e300] {
            let utility = masked(level);
            let off = distance(&softmax(&operator, &utility, 1.0), &soft);
            assert!(off <= 1e-13, "{name}, {level:e}: {off:e}");
            let off = distance(&vjp(&operator, &utility, 1.0, &cotangent), &gradient);
            assert!(off <= 1e-13, "{name}, {level:e}: gradient {off:e}");
        }
    }
}

#[test]
fn thousands_may_be_chosen_at_any_scale() {
    let k = 4000;
    let operator = family(TopK::new(4100, k));
    let utility: Vec<f64> = (0..4100).map(|i| if i % 2 == 1 { -1e14 } else { -9.5e14 }).collect();
    let soft = softmax(&operator, &utility, 1.0);
    // All odd ones, and of the 2050 even ones 1950.
    for (i, x) in soft.iter().enumerate() {
        let expected = if i % 2 == 1 { 1.0 } else { 1950.0 / 2050.0 };
        assert!((x - expected).abs() <= 1e-12, "{i}: {x}");
    }
    let half = family(TopK::new(2000, 1000));
    for level in [0.0, 3.0, -9e14, 1e300] {
        let soft = softmax(&half, &vec![level; 2000], 1.0);
        assert!(soft.iter().all(|x| (x - 0.5).abs() <= 1e-12), "{level}: {}", soft[0]);
    }
    let log = log_partition(&family(TopK::new(2100, 2000)), &vec![-9e14; 2100], 1.0);
    assert!((log + 1.8e18).abs() <= 1e-13 * 1.8e18, "{log}");
    let correlated = family(CorrelatedTopK::new(1100, 1000));
    let utility: Vec<f64> = (0..2199).map(|i| if i < 1100 { -9e14 } else { 0.0 }).collect();
    let soft = softmax(&correlated, &utility, 1.0);
    assert!(soft[..1100].iter().all(|x| (x - 1000.0 / 1100.0).abs() <= 1e-12), "{}", soft[0]);
    let uniform = softmax(&family(CorrelatedTopK::new(600, 300)), &vec![0.0; 1199], 1.0);
    assert!(uniform[..600].iter().all(|x| (x - 0.5).abs() <= 1e-12), "{}", uniform[0]);
}

/// Every edge but the root's is so costly that their products leave the range of `2^(2^36)`; still the root has one child.
#[test]
fn one_child_is_one_child_at_any_scale() {
    let n = 5;
    let operator = family(Arborescence::complete(n, 0, true));
    for size in [1.0, 1e3, 1e10, 1e12, 1e14, 1e200] {
        for sign in [1.0, -1.0] {
            let from_root = |i: usize| Arborescence::complete_edges(n, 0).nth(i).is_some_and(|(a, _)| a == 0);
            let utility: Vec<f64> =
                (0..operator.dimension()).map(|i| if from_root(i) { 0.0 } else { sign * size }).collect();
            let soft = softmax(&operator, &utility, 1.0);
            for (i, x) in soft.iter().enumerate() {
                // One edge of the root's 4, and 3 of the 12 others.
                assert!((x - 0.25).abs() <= 1e-13, "{sign} {size:e}: {i}: {x}");
            }
        }
    }
}

/// Nothing is chosen, whatever the weights are.
#[test]
fn none_of_the_elements_has_neither_share_nor_gradient() {
    let operators = [family(TopK::new(4, 0)), family(CorrelatedTopK::new(4, 0))];
    for operator in &operators {
        let n = operator.dimension();
        for size in [1.0, 707.0, 710.0, 1e16, 1e300, 1.7e308] {
            for temperature in [1.0, 1e-12] {
                let utility: Vec<f64> =
                    quarters(n, 1).iter().map(|u| u.signum() * size * temperature).collect();
                let cotangent = vec![-409.0; n];
                assert_eq!(softmax(operator, &utility, temperature), vec![0.0; n]);
                assert_eq!(
                    vjp(operator, &utility, temperature, &cotangent),
                    vec![0.0; n],
                    "{size} {temperature}"
                );
            }
        }
    }
}

/// Of one element there is no pair: their utilities leave no trace, however large.
#[test]
fn one_element_has_no_pair() {
    let operator = family(CorrelatedTopK::new(6, 1));
    let elements = [1.0, 0.75, f64::NEG_INFINITY, 1.0, 0.75, 1.0];
    let with_pairs = |pair: f64| [elements.to_vec(), vec![pair; 5]].concat();
    let cotangent = noise(11, 3);
    let expected = vjp(&operator, &with_pairs(0.0), 1.0, &cotangent);
    for size in [400.0, 700.0, 709.0, 709.5, 709.7, 720.0, 1000.0, 2000.0, 1e16, 1e300] {
        for sign in [1.0, -1.0] {
            let utility = with_pairs(sign * size);
            let off =
                distance(&softmax(&operator, &utility, 1.0), &softmax(&operator, &with_pairs(0.0), 1.0));
            assert!(off <= 1e-15, "{sign} {size:e}: {off:e}");
            let off = distance(&vjp(&operator, &utility, 1.0, &cotangent), &expected);
            assert!(off <= 1e-15, "{sign} {size:e}: gradient {off:e}");
        }
    }
}

/// Exact exponents, where nothing narrows, take 304 bytes a number; that is refused before it is tried.
#[test]
fn what_memory_does_not_hold_is_refused() {
    let operator = family(CorrelatedTopK::new(4000, 2000));
    let utility: Vec<f64> = (0..7999).map(|i| f64::sin(f64::from(i)) * 1e17).collect();
    let mut out = vec![0.0; 7999];
    for directed in [false, true] {
        let error = if directed {
            try_vjp(&operator, &utility, 1.0, &utility, &mut out)
        } else {
            try_softmax(&operator, &utility, 1.0, &mut out)
        }
        .expect_err("gigabytes");
        assert_eq!(error.kind.code(), "INVALID_ARGUMENT");
        assert!(error.message.contains("bytes"), "{error}");
        assert_eq!(error.row, Some(0));
    }
    // The argmax needs a byte for each of them.
    let hard = argmax(&operator, &utility);
    assert_eq!(hard[..4000].iter().sum::<f64>(), 2000.0);
}

/// A coordinate that every vertex has is there for sure, and nothing depends on its utility.
#[test]
fn forced_coordinates_are_exact() {
    let all = |n: usize| (0..n).collect::<Vec<_>>();
    let path = SpanningTree::with_edges(5, [(0, 1), (1, 2), (2, 3), (3, 4)]);
    let bridged = SpanningTree::with_edges(6, [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)]);
    let chain = Arborescence::with_edges(4, 0, false, [(0, 1), (1, 2), (2, 3), (3, 1)]);
    let one_way = Arborescence::with_edges(4, 0, true, [(0, 1), (1, 2), (2, 3), (3, 2), (1, 3)]);
    let cases = [
        ("path", family(path), all(4)),
        ("bridge", family(bridged), vec![3]),
        ("one of one", family(OneHot::new(1)), all(1)),
        ("all", family(TopK::new(7, 7)), all(7)),
        ("all with their pairs", family(CorrelatedTopK::new(7, 7)), all(13)),
        ("chain", family(chain), vec![1, 2]),
        ("one way out of the root", family(one_way), vec![0]),
        ("one word", family(ProjectiveTree::new(1)), all(1)),
        ("one edge", family(SpanningTree::complete(2)), all(1)),
    ];
    for (name, operator, forced) in cases {
        let n = operator.dimension();
        for seed in 0..200 {
            let (utility, cotangent) = (noise(n, seed), noise(n, 1000 + seed));
            for temperature in [1.0, 0.01, 1e-5] {
                let soft = softmax(&operator, &utility, temperature);
                let gradient = vjp(&operator, &utility, temperature, &cotangent);
                for &i in &forced {
                    assert_eq!((soft[i], gradient[i]), (1.0, 0.0), "{name}: {i}");
                }
            }
        }
    }
    // And by what a row forbids.
    let square = family(SpanningTree::with_edges(4, [(0, 1), (1, 2), (2, 3), (0, 3)]));
    let utility = [0.3, -0.2, f64::NEG_INFINITY, 0.9];
    assert_eq!(softmax(&square, &utility, 0.7), [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(vjp(&square, &utility, 0.7, &[0.1, 0.7, -2.0, 5.0]), [0.0; 4]);
    let two = [0.1, f64::NEG_INFINITY, 0.7, f64::NEG_INFINITY];
    assert_eq!(softmax(&family(TopK::new(4, 2)), &two, 0.3), [1.0, 0.0, 1.0, 0.0]);
}

/// Where one vertex has nearly all of the probability, gradients are as small as the rest, and right relatively.
#[test]
fn gradients_are_right_relatively_where_one_vertex_dominates() {
    for gap in [1.0, 37.429_947_750_237_05, 80.0, 300.0, 690.0] {
        let weight = f64::exp(-gap);
        let expected = weight / (1.0 + weight) / (1.0 + weight);
        let close = |got: f64, sign: f64, name: &str| {
            assert!(
                (got / (sign * expected) - 1.0).abs() <= 1e-12,
                "{name}, {gap}: {got:e}, not {expected:e}"
            );
        };
        for constant in [0.0, 1.0, 0.3, -1e3] {
            let gradient = vjp(&family(OneHot::new(2)), &[gap, 0.0], 1.0, &[constant + 1.0, constant]);
            let spread = (constant + 1.0) - constant;
            close(gradient[0] / spread, 1.0, "one-hot");
            close(gradient[1] / spread, -1.0, "one-hot");
        }
        let gradient = vjp(&family(TopK::new(2, 1)), &[gap, 0.0], 1.0, &[1.0, 0.0]);
        close(gradient[0], 1.0, "top k");
        close(gradient[1], -1.0, "top k");
    }
}

#[test]
fn the_entropys_gradient_forgets_what_vertices_share() {
    for (name, structure) in [("top k", TopK::new(5, 2))] {
        let relaxation = ExponentialFamilyEntropy;
        let utility = [1.0, 0.5, -0.25, 0.125, -1.0];
        let mut reference = [0.0; 5];
        relaxation.entropy_vjp(&structure, &utility, 1.0, &[1.0], &mut reference).expect("moderate");
        // -Cov(x) u along a difference of entropies.
        let step = 1e-5;
        for i in 0..5 {
            let entropy = |by: f64| {
                let mut moved = utility;
                moved[i] += by;
                let mut out = [0.0];
                relaxation.entropy(&structure, &moved, 1.0, &mut out).expect("moderate");
                out[0]
            };
            let slope = (entropy(step) - entropy(-step)) / (2.0 * step);
            assert!((slope - reference[i]).abs() <= 1e-9, "{name} {i}: {slope}, not {}", reference[i]);
        }
        for shift in [2.0_f64.powi(40), -2.0_f64.powi(47), 2.0_f64.powi(49)] {
            let moved = utility.map(|u| u + shift);
            let mut gradient = [0.0; 5];
            relaxation.entropy_vjp(&structure, &moved, 1.0, &[1.0], &mut gradient).expect("moderate");
            let off = distance(&gradient, &reference);
            assert!(off <= 1e-14, "{name}, {shift:e}: {off:e}");
        }
    }
}

/// Pairs so large that no double tells what they leave of the entropy; and the same numbers where nothing is left of it.
#[test]
fn an_entropy_lost_in_rounding_is_refused() {
    let operator = family(CorrelatedTopK::new(4, 2));
    let tied = [0.0, 0.0, 0.0, 0.0, 1e17, 0.0, 1e17];
    let error = entropy(&operator, &tied, 1.0).expect_err("two sets have the pair");
    assert!(error.message.starts_with("utility: expected numbers below 1e15"), "{error}");
    let decided = [0.0, 0.0, 0.0, 0.0, 1e17, 0.0, 5e16];
    assert_eq!(entropy(&operator, &decided, 1.0).expect("one set"), 0.0);
    for level in [1e14, 1e16, 1e300] {
        let got = entropy(&family(TopK::new(6, 3)), &[level; 6], 1.0).expect("of a matroid");
        assert!((got - 20.0_f64.ln()).abs() <= 1e-14, "{level:e}: {got}");
    }
}

#[test]
fn log_probabilities_beyond_the_range_are_refused() {
    let operator = family(OneHot::new(2));
    let error = log_probability(&operator, &[1e300, 0.0], &[0.0, 1.0], 1e-10).expect_err("-1e310");
    assert_eq!(error.kind.code(), "NOT_FINITE");
    let log = log_probability(&operator, &[1.7e308, -1.7e308], &[0.0, 1.0], 1e300).expect("-3.4e8");
    assert!((log + 3.4e8).abs() <= 1e-7, "{log}");
    let log = log_probability(&operator, &[0.0, f64::NEG_INFINITY], &[0.0, 1.0], 1.0).expect("forbidden");
    assert_eq!(log, f64::NEG_INFINITY);
}

/// Quotients beyond the range of doubles.
#[test]
fn the_smallest_temperatures_leave_the_argmax() {
    for (name, operator, _) in structures() {
        let n = operator.dimension();
        for seed in 20..25 {
            let utility = noise(n, seed);
            for (temperature, scale) in [(1e-300_f64, 1.0_f64), (1e-300, 1e9), (5e-324, 1.0), (1e-200, 1e150)]
            {
                let scaled: Vec<f64> = utility.iter().map(|u| u * scale).collect();
                let soft = softmax(&operator, &scaled, temperature);
                let off = distance(&soft, &argmax(&operator, &scaled));
                assert!(off <= 1e-13, "{name} at {temperature:e}, {scale:e}: {off:e}");
            }
        }
    }
}
