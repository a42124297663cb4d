//! Why a query cannot be answered.

/// A query that is not understood, or asks for what there cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", self.place())]
pub struct QueryError {
    /// Which character of the query it begins with, counted from 1; none if it was not typed as part of a query.
    pub at: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl QueryError {
    pub(super) fn at(at: usize, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at: Some(at), what: what.into(), hint: hint.into() }
    }

    pub(super) fn of(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at: None, what: what.into(), hint: hint.into() }
    }

    fn place(&self) -> String {
        self.at.map(|at| format!("query, character {at}: ")).unwrap_or_default()
    }
}
