//! Utilities drawn given the trace.

use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::OneHot;
use sst::trace::Tracer;
use sst::utility::Noise;
use sst::{AnyOperator, Question, Terms, Trick};

use crate::ask::ask;
use crate::structures::{Case, cases, draw};

/// The rate at which these tests would reject draws that are right, had their seeds not been fixed: of each comparison, of
/// which there are some 150.
const FALSE_ALARMS: f64 = 1e-9;

fn conditional(
    case: &Case,
    operator: &AnyOperator,
    theta: &[f64],
    utilities: &[f64],
    terms: Terms,
) -> Vec<f64> {
    case.ask(operator, Question::ConditionalPerturb, &[theta, utilities], terms).expect("valid rows")
}

fn is_gumbel(operator: &AnyOperator) -> bool {
    matches!(operator.noise(), Noise::Gumbel)
}

const ONCE: Terms = Terms { temperature: 1.0, seed: 8, samples: 1, first_row: 0 };

/// Also with utilities so far apart that rounding would make some of them equal.
#[test]
fn the_trace_is_kept() {
    for case in cases() {
        let n = case.theta.len();
        for operator in &case.operators {
            let most: f64 = if is_gumbel(operator) { 1e15 } else { 700.0 };
            for scale in [1.0, 0.0, 5.0, 30.0, most] {
                if case.operators.len() == 1 && scale > 5.0 {
                    continue; // Of sums of times, rounding loses what is 1e16 times smaller.
                }
                let theta: Vec<f64> = case.theta.iter().map(|x| x * scale / 1.2).collect();
                let utilities = draw(&case, operator, &theta, 7, 500);
                let out = conditional(&case, operator, &theta, &utilities, Terms { samples: 4, ..ONCE });
                for (index, utility) in out.chunks_exact(n).enumerate() {
                    let of_draw = &utilities[index / 4 * n..(index / 4 + 1) * n];
                    assert_eq!(
                        (case.steps)(utility),
                        (case.steps)(of_draw),
                        "{}: {utility:?} of {of_draw:?}",
                        case.name
                    );
                    assert!(utility != of_draw, "it is another draw");
                }
            }
        }
    }
}

/// Far from 0, where doubles are eighths, many utilities are rounded to the same.
#[test]
fn the_trace_is_kept_among_ties() {
    for case in cases() {
        let n = case.theta.len();
        for operator in case.operators.iter().filter(|operator| is_gumbel(operator)) {
            let theta: Vec<f64> = case.theta.iter().map(|theta| theta + 9e14).collect();
            let utilities = draw(&case, operator, &theta, 7, 200);
            let out = conditional(&case, operator, &theta, &utilities, Terms { samples: 4, ..ONCE });
            for (index, utility) in out.chunks_exact(n).enumerate() {
                let of_draw = &utilities[index / 4 * n..(index / 4 + 1) * n];
                assert_eq!((case.steps)(utility), (case.steps)(of_draw), "{}: {utility:?}", case.name);
            }
        }
    }
}

/// The largest distance between the empirical and the uniform distribution function, times the root of their number:
/// `P(sqrt(n) D > c) <= 2 exp(-2 c^2)` (Dvoretzky, Kiefer and Wolfowitz, 1956; Massart, 1990).
fn check_uniform(name: &str, mut numbers: Vec<f64>) {
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    let steps = numbers.iter().enumerate().map(|(i, &p)| (p - i as f64 / n).max((i + 1) as f64 / n - p));
    let distance = steps.fold(0.0, f64::max);
    let critical = ((2.0 / FALSE_ALARMS).ln() / 2.0 / n).sqrt();
    assert!(distance <= critical, "{name}: {distance}, not {critical}");
}

/// Given the trace and then over all traces, utilities are what they were: exponential times, independent of one another,
/// so that `r_i E_i / (r_i E_i + r_j E_j)` is uniform.
#[test]
fn over_all_traces_the_law_is_the_unconditional_one() {
    const SAMPLES: usize = 50_000;
    for case in cases() {
        let n = case.theta.len();
        for operator in &case.operators {
            let utilities = draw(&case, operator, &case.theta, 9, SAMPLES);
            let out = conditional(&case, operator, &case.theta, &utilities, ONCE);
            let times: Vec<f64> = out
                .iter()
                .enumerate()
                .map(|(cell, u)| {
                    let time = if is_gumbel(operator) { (-u).exp() } else { -u };
                    case.theta[cell % n].exp() * time
                })
                .collect();
            for i in 0..n {
                let own: Vec<f64> = times.chunks_exact(n).map(|row| (-row[i]).exp()).collect();
                check_uniform(case.name, own);
                for j in 0..i {
                    let pair = times.chunks_exact(n).map(|row| row[i] / (row[i] + row[j])).collect();
                    check_uniform(case.name, pair);
                }
            }
        }
    }
}

#[test]
fn the_product_is_the_derivative_of_the_draws() {
    for case in cases() {
        let n = case.theta.len();
        for operator in &case.operators {
            let utilities = draw(&case, operator, &case.theta, 10, 3);
            let terms = Terms { samples: 2, ..ONCE };
            let cotangents: Vec<f64> = (0..6 * n).map(|i| (i as f64).cos()).collect();
            let inputs: &[&[f64]] = &[&case.theta, &utilities, &cotangents];
            let gradient =
                case.ask(operator, Question::ConditionalPerturbVjp, inputs, terms).expect("valid rows");
            for (i, got) in gradient.into_iter().enumerate() {
                let at = |multiple: f64| -> f64 {
                    let mut theta = case.theta.clone();
                    theta[i] += multiple / 64.0;
                    let out = conditional(&case, operator, &theta, &utilities, terms);
                    out.iter().zip(&cotangents).map(|(u, g)| u * g).sum()
                };
                // Order 6: truncation h^6/140 and rounding 1e-15/h.
                let difference =
                    (45.0 * (at(1.0) - at(-1.0)) - 9.0 * (at(2.0) - at(-2.0)) + (at(3.0) - at(-3.0))) * 64.0
                        / 60.0;
                assert!((got - difference).abs() < 1e-10, "{}: {got}, not {difference}", case.name);
            }
        }
    }
}

/// Whatever is drawn beside it.
#[test]
fn a_draw_depends_on_its_row_and_its_sample() {
    for case in cases() {
        let (n, operator) = (case.theta.len(), &case.operators[0]);
        let theta = case.theta.repeat(2);
        let utilities: Vec<f64> =
            [11, 12].iter().flat_map(|&seed| draw(&case, operator, &case.theta, seed, 3)).collect();
        let together = conditional(&case, operator, &theta, &utilities, Terms { samples: 2, ..ONCE });
        let second = Terms { samples: 2, first_row: 1, ..ONCE };
        let alone = conditional(&case, operator, &case.theta, &utilities[3 * n..], second);
        assert_eq!(alone, together[6 * n..]);
        let (inputs, terms): (&[&[f64]], Terms) = (&[&theta, &utilities], Terms { samples: 2, ..ONCE });
        let threaded =
            ask(operator, Question::ConditionalPerturb, inputs, None, terms, 2, 2).expect("valid rows");
        assert_eq!(threaded, together);
    }
}

#[test]
fn forbidden_coordinates_stay_so_and_have_no_gradient() {
    for case in cases() {
        let (n, operator) = (case.theta.len(), &case.operators[0]);
        let mut theta = case.theta.clone();
        theta[n - 1] = f64::NEG_INFINITY;
        if case.name == "all of them" {
            continue;
        }
        let utilities = draw(&case, operator, &theta, 13, 2);
        let out = conditional(&case, operator, &theta, &utilities, ONCE);
        assert!(out.iter().enumerate().all(|(i, u)| u.is_finite() != (i % n == n - 1)), "{}", case.name);
        let score = case.answer(operator, Question::TraceScoreVjp, &[&theta, &utilities, &[1.0, 1.0]]);
        let inputs: &[&[f64]] = &[&theta, &utilities, &vec![1.0; 2 * n]];
        let product = case.ask(operator, Question::ConditionalPerturbVjp, inputs, ONCE).expect("valid rows");
        for gradient in [score, product] {
            assert!(
                gradient[n - 1] == 0.0 && gradient.iter().any(|x| *x != 0.0),
                "{}: {gradient:?}",
                case.name
            );
        }
    }
}

/// The product is linear in the cotangent, below the normal numbers too, where times are long.
#[test]
fn cotangents_may_have_any_size() {
    for case in cases() {
        for operator in case.operators.iter().filter(|operator| !is_gumbel(operator)) {
            let theta: Vec<f64> = case.theta.iter().map(|theta| theta - 20.0).collect();
            let utilities = draw(&case, operator, &theta, 14, 2);
            let product = |scale: f64| {
                let cotangents: Vec<f64> =
                    (0..2 * theta.len()).map(|i| (1.0 + (i % 3) as f64) * scale).collect();
                let inputs: &[&[f64]] = &[&theta, &utilities, &cotangents];
                case.ask(operator, Question::ConditionalPerturbVjp, inputs, ONCE).expect("valid rows")
            };
            let expected = product(1.0);
            let largest = expected.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            for exponent in [-1_030, -900, 900] {
                let half = 2.0_f64.powi(exponent / 2);
                for (got, expected) in product(half * half).iter().zip(&expected) {
                    let off = (got / half / half - expected).abs();
                    assert!(off <= 1e-14 * largest, "{}, 2^{exponent}: {off:e}", case.name);
                }
            }
        }
    }
}

/// With one seed, vertices and utilities given traces know nothing of one another: the number that chooses among eight is not
/// that which the time of the winner is made of.
#[test]
fn vertices_and_conditional_draws_have_streams_of_their_own() {
    const ROWS: usize = 400;
    let structure = OneHot::new(8);
    let operator = AnyOperator::from(Trick::new(structure.clone(), ExponentialFamilyEntropy))
        .traced(Tracer::new(structure));
    let theta = vec![0.0; 8 * ROWS];
    let utilities = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].repeat(ROWS);
    let vertices =
        ask(&operator, Question::FamilySample, &[&theta], None, ONCE, ROWS, 1).expect("valid rows");
    let given = ask(&operator, Question::ConditionalPerturb, &[&theta, &utilities], None, ONCE, ROWS, 1)
        .expect("valid rows");
    let same = vertices.chunks_exact(8).zip(given.chunks_exact(8)).filter(|(vertex, utility)| {
        let uniform = f64::exp(-8.0 * f64::exp(-utility[0]));
        vertex[(8.0 * uniform) as usize] == 1.0
    });
    // An eighth by chance; Hoeffding: a quarter with a probability below exp(-2 400 / 64) = 4e-6.
    assert!(same.count() < ROWS / 4);
}
