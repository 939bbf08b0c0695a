//! Recorded draws. They change only with a change of the generator, of the order of its counters, or of a formula:
//! such a change is value-breaking (every seeded result of every user changes) and belongs in the changelog. When they
//! were recorded they agreed, to rounding, with Philox and the system's logarithm in another language.

use sst::{Question, Terms};

use crate::registry::REGISTRY;

/// Two rows of three coordinates with two samples each.
fn recorded(family: usize) -> Vec<u64> {
    let terms =
        Terms { seed: 0x0123_4567_89ab_cdef, samples: 2, first_row: 0x0005_0000_0007, ..Terms::default() };
    let theta = [0.0, 0.5, -1.25, 3.0, -7.5, 100.0];
    let utilities = REGISTRY[family].ask(3, Question::Perturb, &[&theta], terms).expect("valid parameters");
    utilities.into_iter().map(f64::to_bits).collect()
}

#[test]
fn gumbel_draws_are_stable() {
    assert_eq!(recorded(0), GUMBEL);
}

#[test]
fn logistic_draws_are_stable() {
    assert_eq!(recorded(1), LOGISTIC);
}

#[test]
fn gaussian_draws_are_stable() {
    assert_eq!(recorded(2), GAUSSIAN);
}

#[test]
fn negative_exponential_draws_are_stable() {
    assert_eq!(recorded(3), NEGATIVE_EXPONENTIAL);
}

/// The bits of the doubles.
const GUMBEL: [u64; 12] = [
    0x4000_7449_2632_b369,
    0x3fce_ed2e_9fe9_e20a,
    0xbff6_4e6b_54b3_6ff7,
    0x3fc9_6701_6bbd_ae4f,
    0x3fea_dbec_84ef_b545,
    0x3f8a_51e6_e589_e000,
    0x4002_11d4_ad78_7601,
    0xc01b_dc96_2325_e558,
    0x4059_31ce_b4de_a16d,
    0x3ffe_8efb_8619_51ce,
    0xc01a_8783_b490_8ba5,
    0x4059_0d6f_4a4f_65d1,
];

const LOGISTIC: [u64; 12] = [
    0x3fff_dfe9_fbef_c6be,
    0xbfde_61b8_886c_95b8,
    0xc000_3697_1d4d_c612,
    0xbfce_a4c1_fdee_a010,
    0x3fdd_945c_6732_c81e,
    0xbfc0_e231_30dc_f1c0,
    0x3ff0_83c3_8aa2_ca65,
    0xc01d_172d_fb15_6550,
    0x4059_228d_20d9_d866,
    0x3fb3_ef75_21d4_6840,
    0xc01b_6608_64ce_f118,
    0x4058_f1c0_402a_b56e,
];

const GAUSSIAN: [u64; 12] = [
    0x3fec_3243_80ce_57cd,
    0x3fa9_3dbd_11a8_66d8,
    0xbff9_c782_4627_e0e9,
    0xbfbc_c66c_b2e0_8051,
    0x3fde_dcc8_1407_8d30,
    0xbfe7_895e_7cf7_4a7b,
    0x4001_0733_58b3_fb54,
    0xc01d_92ad_4e03_3847,
    0x4059_1027_d041_cda6,
    0x3ffc_62a0_895b_d1cc,
    0xc01c_c950_add0_169f,
    0x4058_f94f_198b_183c,
];

const NEGATIVE_EXPONENTIAL: [u64; 12] = [
    0xbfc0_5de1_7bb4_5232,
    0xbfe9_21ab_0975_28d5,
    0xc010_2048_bc48_cb82,
    0xbfea_3d67_f889_2caf,
    0xbfdb_a5c5_738e_73f9,
    0xbfef_9764_d65f_6850,
    0xbfba_bf90_c071_1b9f,
    0xc090_8d6c_91a8_f305,
    0xb6d8_61bb_ac9c_565e,
    0xbfc2_f4be_ccdf_eb12,
    0xc087_ba0b_45cd_883f,
    0xb6e5_8548_64f8_b11d,
];
