//! Why a query cannot be answered.

/// A query that is not understood, or asks for what there cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", self.place())]
pub struct QueryError {
    /// Which character of the query it begins with, counted from 1; none if it was not typed as part of a query.
    pub at: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write instead; empty if that is in a list of what there is.
    pub hint: String,
    /// What there is not, so that a list of what there is helps.
    pub missing: Option<Missing>,
}

/// What there is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A field.
    Field,
    /// An agent.
    Agent,
}

impl QueryError {
    pub(super) fn at(at: usize, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at: Some(at), what: what.into(), hint: hint.into(), missing: None }
    }

    pub(super) fn of(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at: None, what: what.into(), hint: hint.into(), missing: None }
    }

    fn place(&self) -> String {
        self.at.map(|at| format!("query, character {at}: ")).unwrap_or_default()
    }
}
