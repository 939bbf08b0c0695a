//! Criterion, set for many short benchmarks, and a table of what each took per row.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use ndarray::{ArrayView2, ArrayViewMut2};
use sst::AnyOperator;
use sst::utility::Noise;

use super::table::{LIBRARY, Operation, Table};
use drawn::drawn;

#[path = "../../tests/support/drawn.rs"]
mod drawn;

/// The numbers of rows that every operation is timed on.
#[allow(dead_code)] // Not every benchmark has batches of all sizes.
pub(crate) const BATCHES: [usize; 3] = [1, 128, 4096];
/// Warm enough that every way to compute the marginals is accurate.
pub(crate) const TEMPERATURE: f64 = 1.0;
/// The calling thread.
const THREADS: usize = 1;

/// Rows of Gumbel utilities and of cotangents, the same in every run, and room for the results.
pub(crate) struct Batch {
    pub(crate) rows: usize,
    pub(crate) utilities: Vec<f64>,
    pub(crate) cotangents: Vec<f64>,
    pub(crate) soft: Vec<f64>,
    pub(crate) gradients: Vec<f64>,
}

impl Batch {
    pub(crate) fn new(rows: usize, dimension: usize) -> Self {
        let zeros = vec![0.0; rows * dimension];
        let draw = |seed| drawn(Noise::Gumbel, seed, rows, dimension);
        Self { rows, utilities: draw(1), cotangents: draw(2), soft: zeros.clone(), gradients: zeros }
    }

    /// Runs an operation of the library on all rows.
    pub(crate) fn run(&mut self, operator: &AnyOperator, operation: Operation) {
        let shape = (self.rows, operator.dimension());
        let view = |cells| ArrayView2::from_shape(shape, cells).expect("whole rows");
        let utilities = view(&self.utilities);
        let soft = ArrayViewMut2::from_shape(shape, &mut self.soft).expect("whole rows");
        match operation {
            Operation::Hard => operator.argmax(utilities, soft, THREADS),
            _ => operator.softmax(utilities, TEMPERATURE, soft, THREADS),
        }
        .expect("feasible utilities");
        if operation == Operation::SoftAndVjp {
            let gradients = ArrayViewMut2::from_shape(shape, &mut self.gradients).expect("whole rows");
            operator
                .softmax_vjp(utilities, TEMPERATURE, view(&self.cotangents), gradients, THREADS)
                .expect("feasible utilities");
        }
    }
}

/// The benchmarks of one structure.
pub(crate) struct Harness {
    criterion: Criterion,
    structure: &'static str,
    table: Table,
}

impl Harness {
    pub(crate) fn new(structure: &'static str) -> Self {
        let criterion = Criterion::default()
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(400))
            .nresamples(2_000)
            .sample_size(20)
            .configure_from_args();
        Self { criterion, structure, table: Table::default() }
    }

    /// Times the three operations of the library.
    pub(crate) fn time_library(&mut self, size: &str, operator: &AnyOperator, batch: &mut Batch) {
        for operation in Operation::ALL {
            self.time(LIBRARY, size, batch.rows, operation, || batch.run(operator, operation));
        }
    }

    /// Times one operation of one implementation, and takes for the table the fastest sample, which a busy machine
    /// disturbs least; none where the command line leaves this benchmark out or has it run only once.
    pub(crate) fn time(
        &mut self,
        implementation: &'static str,
        size: &str,
        rows: usize,
        operation: Operation,
        mut routine: impl FnMut(),
    ) {
        let mut group = self.criterion.benchmark_group(format!("{} {}", self.structure, operation.name()));
        group.throughput(Throughput::Elements(rows as u64));
        let (mut fastest, mut samples) = (f64::INFINITY, 0);
        group.bench_function(BenchmarkId::new(format!("{implementation}, {size}"), rows), |bencher| {
            bencher.iter_custom(|iterations| {
                let start = Instant::now();
                for _ in 0..iterations {
                    routine();
                }
                let elapsed = start.elapsed();
                fastest = fastest.min(elapsed.as_secs_f64() * 1e9 / (iterations as f64 * rows as f64));
                samples += 1;
                elapsed
            });
        });
        group.finish();
        if samples > 1 {
            self.table.add(implementation, size, rows, operation, fastest);
        }
    }

    /// Prints the table.
    pub(crate) fn finish(self) {
        self.criterion.final_summary();
        self.table.print(self.structure);
    }
}
