//! Timings as a table: a line for each size and batch, a column for each operation.

use std::collections::BTreeSet;

/// What is timed, in the order of the columns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Soft,
    SoftAndVjp,
    Hard,
}

impl Operation {
    pub(crate) const ALL: [Self; 3] = [Self::Soft, Self::SoftAndVjp, Self::Hard];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::SoftAndVjp => "soft + VJP",
            Self::Hard => "hard",
        }
    }
}

/// The implementation that the others are compared with.
pub(crate) const LIBRARY: &str = "library";

/// Nanoseconds per row.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<Line>,
}

struct Line {
    size: String,
    rows: usize,
    cells: Vec<Cell>,
}

struct Cell {
    implementation: &'static str,
    operation: Operation,
    time: f64,
}

impl Line {
    fn time(&self, implementation: &str, operation: Operation) -> Option<f64> {
        let cell = self
            .cells
            .iter()
            .find(|cell| cell.implementation == implementation && cell.operation == operation);
        cell.map(|cell| cell.time)
    }
}

impl Table {
    pub(crate) fn add(
        &mut self,
        implementation: &'static str,
        size: &str,
        rows: usize,
        operation: Operation,
        time: f64,
    ) {
        let found = self.lines.iter().position(|line| line.size == size && line.rows == rows);
        let index = found.unwrap_or_else(|| {
            self.lines.push(Line { size: size.into(), rows, cells: Vec::new() });
            self.lines.len() - 1
        });
        self.lines[index].cells.push(Cell { implementation, operation, time });
    }

    /// Prints the table, if there is a line in it.
    pub(crate) fn print(&self, structure: &str) {
        if self.lines.is_empty() {
            return;
        }
        println!("\n{structure}: nanoseconds per row on one thread, the fastest sample\n");
        print!("{:<30}{:>7}", "size", "batch");
        for operation in Operation::ALL {
            print!("{:>13}", operation.name());
            for rival in self.rivals(operation) {
                print!("{rival:>16}{:>8}", "ratio");
            }
        }
        println!();
        for line in &self.lines {
            print!("{:<30}{:>7}", line.size, line.rows);
            for operation in Operation::ALL {
                let library = line.time(LIBRARY, operation);
                print!("{:>13}", number(library));
                for rival in self.rivals(operation) {
                    let time = line.time(rival, operation);
                    let ratio = library.zip(time).map(|(library, time)| time / library);
                    print!("{:>16}{:>8}", number(time), number(ratio));
                }
            }
            println!();
        }
    }

    /// The other implementations that an operation was timed with.
    fn rivals(&self, operation: Operation) -> BTreeSet<&'static str> {
        let cells = self.lines.iter().flat_map(|line| &line.cells);
        let rivals = cells.filter(|cell| cell.implementation != LIBRARY && cell.operation == operation);
        rivals.map(|cell| cell.implementation).collect()
    }
}

/// Three digits at least, or a dash.
fn number(value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(value) if value < 100.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.0}"),
    }
}
