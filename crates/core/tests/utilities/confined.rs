//! Utilities of which only some coordinates count.

use std::sync::Arc;

use sst::utility::{Confined, Draws, Gaussian, Gumbel, Logistic, NegativeExponential, Perturbation};

const DRAWS: Draws = Draws { seed: 3, samples: 2, first_row: 1 };
const NAN: f64 = f64::NAN;

fn families() -> [Arc<dyn Perturbation>; 4] {
    [Arc::new(Gumbel), Arc::new(Logistic), Arc::new(Gaussian::new(0.5)), Arc::new(NegativeExponential)]
}

#[test]
fn what_does_not_count_is_ignored_and_zero() {
    for family in families() {
        let confined = Confined::new(family.clone(), 3, &[0, 2]);
        let (theta, clean) = ([0.3, NAN, -0.8, 1.1, 1e300, 0.0], [0.3, 0.0, -0.8, 1.1, 0.0, 0.0]);
        let (mut utilities, mut plain) = ([NAN; 12], [NAN; 12]);
        confined.perturb(3, &theta, DRAWS, &mut utilities, 1).expect("ignored");
        family.perturb(3, &clean, DRAWS, &mut plain, 1).expect("finite");
        for (cell, u) in utilities.iter().enumerate() {
            assert_eq!(*u, if cell % 3 == 1 { 0.0 } else { plain[cell] });
        }

        utilities.iter_mut().skip(1).step_by(3).for_each(|u| *u = NAN);
        let mut cotangents = [0.5; 12];
        cotangents.iter_mut().skip(1).step_by(3).for_each(|g| *g = f64::INFINITY);
        let (mut gradient, mut expected) = ([NAN; 6], [NAN; 6]);
        confined.perturb_vjp(3, &theta, &utilities, &cotangents, &mut gradient).expect("ignored");
        family.perturb_vjp(3, &clean, &plain, &[0.5; 12], &mut expected).expect("finite");
        [1, 4].iter().for_each(|&cell| expected[cell] = 0.0);
        assert_eq!(gradient, expected);
        confined.score_vjp(3, &theta, &utilities, &[1.0, 2.0, -1.0, 0.5], &mut gradient).expect("ignored");
        family.score_vjp(3, &clean, &plain, &[1.0, 2.0, -1.0, 0.5], &mut expected).expect("finite");
        [1, 4].iter().for_each(|&cell| expected[cell] = 0.0);
        assert_eq!(gradient, expected);

        let (mut sums, mut of_counted) = ([NAN; 2], [NAN; 2]);
        confined.kl(3, &theta, &mut sums).expect("ignored");
        family.kl(2, &[0.3, -0.8, 1.1, 0.0], &mut of_counted).expect("finite");
        assert_eq!(sums, of_counted);
        confined.kl_vjp(3, &theta, &[1.0, -2.0], &mut gradient).expect("ignored");
        assert_eq!((gradient[1], gradient[4], gradient[5]), (0.0, 0.0, 0.0));
        assert!(gradient[0] != 0.0 && gradient[3] != 0.0);
    }
}
