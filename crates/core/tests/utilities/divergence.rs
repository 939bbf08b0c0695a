//! `KL(U(theta) || U(0))` against numeric integration, and its derivative.

use sst::{Question, Terms};

use crate::registry::{Density, Family, REGISTRY};

/// The trapezoidal rule over the whole line. For integrands that are analytic in a strip and decay like these it is
/// exact to rounding: its error falls as `exp(-2 pi d / h)` with the half-width d of the strip, which is at least 1.5.
fn integrate(from: f64, to: f64, integrand: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 16.0;
    let steps = ((to - from) / STEP) as usize;
    // Sorted by magnitude, so that the many small terms are not lost on the large ones.
    let mut terms: Vec<f64> = (0..=steps).map(|i| integrand(from + i as f64 * STEP)).collect();
    terms.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    STEP * terms.iter().sum::<f64>()
}

/// `e^(-r) - 1 + r` without cancellation.
fn excess(r: f64) -> f64 {
    if r.abs() > 0.3 {
        return (-r).exp_m1() + r;
    }
    let mut term = r * r / 2.0;
    let mut sum = term;
    for power in 3..25 {
        term *= -r / f64::from(power);
        sum += term;
    }
    sum
}

/// `int p_theta (r + e^-r - 1)` with the log-ratio r: the last two terms integrate to 0, since both densities integrate
/// to 1, and make the integrand nonnegative, so that small divergences keep their relative accuracy.
fn divergence(density: &Density, theta: f64) -> f64 {
    let integrand = |x: f64| {
        let log_density = (density.logarithm)(x - theta);
        let log_ratio = if theta.abs() > 1.0 {
            log_density - (density.logarithm)(x)
        } else {
            (density.small_log_ratio)(x, theta)
        };
        // Where the density vanishes, e^-r may overflow; their product is the density of the prior.
        if log_density < -700.0 {
            (density.logarithm)(x).exp()
        } else {
            log_density.exp() * excess(log_ratio)
        }
    };
    integrate(theta.min(0.0) - 50.0, theta.max(0.0) + 60.0, integrand)
}

fn closed_form(family: &Family, theta: &[f64]) -> f64 {
    family.answer(theta.len(), Question::Kl, &[theta])[0]
}

fn derivative(family: &Family, theta: f64) -> f64 {
    family.answer(1, Question::KlVjp, &[&[theta], &[1.0]])[0]
}

const THETAS: [f64; 21] = [
    -30.0, -8.0, -3.0, -1.0, -0.500001, -0.499999, -0.25, -0.1, -1e-3, -1e-7, 0.0, 1e-9, 1e-4, 0.01,
    0.249999, 0.250001, 0.5, 1.5, 4.0, 9.0, 35.0,
];

#[test]
fn divergence_is_the_integral() {
    for family in REGISTRY.iter() {
        let Some(density) = &family.density else { continue };
        for theta in THETAS {
            let (got, expected) = (closed_form(family, &[theta]), divergence(density, theta));
            // At theta = 0 rounding leaves 1e-300 of the integral.
            let off = (got - expected).abs() / expected.max(1e-200);
            assert!(off <= 1e-13, "{}, theta = {theta}: {got}, not {expected}", family.name);
        }
    }
}

#[test]
fn divergence_adds_up_over_coordinates_and_ignores_the_forbidden() {
    for family in REGISTRY.iter() {
        let sum = closed_form(family, &[0.7, f64::NEG_INFINITY, -1.1]);
        let parts = closed_form(family, &[0.7]) + closed_form(family, &[-1.1]);
        assert!((sum - parts).abs() <= 1e-15 * parts, "{}", family.name);
        assert_eq!(closed_form(family, &[f64::NEG_INFINITY]), 0.0);
    }
}

/// Central differences of order 6, with a step h in proportion to theta, which both closed forms are smooth in: the
/// truncation h^6/140 |f^(7)| and the rounding of f, where it is a difference 1e-15, times 1.8/h are below 4e-12 of f and
/// its derivative.
#[test]
fn derivative_is_the_central_difference() {
    for family in REGISTRY.iter() {
        assert_eq!(derivative(family, 0.0), 0.0, "{}", family.name);
        for theta in THETAS.into_iter().filter(|&theta| theta != 0.0) {
            let step = theta.abs().min(1.0) / 64.0;
            let at = |multiple: f64| closed_form(family, &[theta + multiple * step]);
            let difference = (45.0 * (at(1.0) - at(-1.0)) - 9.0 * (at(2.0) - at(-2.0))
                + (at(3.0) - at(-3.0)))
                / (60.0 * step);
            let gradient = derivative(family, theta);
            let tolerance = 4e-12 * (closed_form(family, &[theta]) + gradient.abs());
            let off = (gradient - difference).abs();
            assert!(off <= tolerance, "{}, theta = {theta}: {gradient}, not {difference}", family.name);
        }
    }
}

#[test]
fn gradient_scales_with_the_cotangent_of_its_row() {
    for family in REGISTRY.iter() {
        let theta = [0.3, -2.0, f64::NEG_INFINITY, 4.0];
        let gradient = family.answer(2, Question::KlVjp, &[&theta, &[2.0, -0.5]]);
        for (i, factor) in [(0, 2.0), (1, 2.0), (3, -0.5)] {
            assert_eq!(gradient[i], factor * derivative(family, theta[i]), "{}", family.name);
        }
        assert_eq!(gradient[2], 0.0);
    }
}

/// A divergence is that of any invertible image of the variables: `u -> -exp(-u)` makes negative exponentials of Gumbels.
#[test]
fn negative_exponentials_diverge_as_gumbels() {
    for theta in THETAS {
        let [gumbel, _, _, negative_exponential] = &*REGISTRY;
        assert_eq!(closed_form(gumbel, &[theta]), closed_form(negative_exponential, &[theta]));
    }
}

/// Far out the divergences of Gumbel and logistic variables are asymptotically `|theta|`, of slope 1; Gumbel's grows as
/// `exp(-theta)` to the left, and is refused where that exceeds the doubles.
#[test]
fn divergence_at_the_ends_of_the_line() {
    for family in &REGISTRY[..2] {
        for theta in [1e3, 1e300, f64::MAX] {
            let off = (closed_form(family, &[theta]) - theta).abs();
            assert!(off <= 2.0, "{}: {off}", family.name);
            assert_eq!(derivative(family, theta), 1.0, "{}", family.name);
        }
    }
    assert_eq!(derivative(&REGISTRY[1], -f64::MAX), -1.0);
    let theta = [0.0, -1e3];
    for cotangent in [0.0, 1.0] {
        let ask = |question, inputs: &[&[f64]]| REGISTRY[0].ask(1, question, inputs, Terms::default());
        let errors = [ask(Question::Kl, &[&theta]), ask(Question::KlVjp, &[&theta, &[1.0, cotangent]])];
        for error in errors.map(|result| result.expect_err("beyond doubles")) {
            assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(1)), "{error}");
            assert!(error.message.starts_with("theta: expected "), "{error}");
        }
    }
}
