//! What can go wrong, and on which row of the batch.

use std::fmt;

/// The class of an error; its name is the `code` that JavaScript sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// An option has a value that it may not have.
    InvalidArgument,
    /// An array has the wrong length.
    InvalidShape,
    /// A NaN or an infinity where a number is needed.
    NotFinite,
    /// The forbidden coordinates leave no vertex at all.
    Infeasible,
    /// An iteration reached its limit short of its tolerance.
    DidNotConverge,
    /// A broken invariant of this library.
    Internal,
}

impl ErrorKind {
    /// The stable name of the class.
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::InvalidShape => "INVALID_SHAPE",
            Self::NotFinite => "NOT_FINITE",
            Self::Infeasible => "INFEASIBLE",
            Self::DidNotConverge => "DID_NOT_CONVERGE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error with its message and, where one row of the batch (and one coordinate of it) is to blame, which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The class.
    pub kind: ErrorKind,
    /// The argument, what was expected of it, and what came.
    pub message: String,
    /// The coordinate of the row, counted from 0.
    pub coordinate: Option<usize>,
    /// The row of the batch, counted from 0.
    pub row: Option<usize>,
}

impl Error {
    /// An error that no single row is to blame for.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), coordinate: None, row: None }
    }

    /// The same error, blamed on a row.
    pub(crate) fn at_row(self, row: usize) -> Self {
        Self { row: Some(row), ..self }
    }

    /// The same error, blamed on a coordinate.
    pub(crate) fn at_coordinate(self, coordinate: usize) -> Self {
        Self { coordinate: Some(coordinate), ..self }
    }

    /// Whether its message begins with this argument.
    pub(crate) fn is_about(&self, argument: &str) -> bool {
        self.message.strip_prefix(argument).is_some_and(|rest| rest.starts_with([':', '[']))
    }

    /// The same error with its row and its coordinate named as the caller knows them.
    pub fn renamed(self, row: impl FnOnce(usize) -> usize, coordinate: impl FnOnce(usize) -> usize) -> Self {
        Self { row: self.row.map(row), coordinate: self.coordinate.map(coordinate), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(coordinate) = self.coordinate {
            write!(formatter, " at coordinate {coordinate}")?;
        }
        match self.row {
            Some(row) => write!(formatter, " (batch row {row})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
