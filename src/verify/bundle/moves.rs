//! How an exhibit left an archive and came to it in bundles, and whether custody passed with one of these.

use super::frame::Frame;
use crate::digest::Digest;
use crate::model::Event;

/// The bundles in which an exhibit was handed on, so far.
pub(super) struct Moves {
    /// The verifier key of the log; none if the bundle does not say.
    log_key: Option<String>,
    exported: Vec<Digest>,
    received: Vec<Digest>,
}

impl Moves {
    pub fn new(frame: &Frame) -> Self {
        let log_key = frame.description.as_ref().map(|description| description.log_key.to_string());
        Self { log_key, exported: Vec::new(), received: Vec::new() }
    }

    /// Takes in the next entry about the exhibit.
    pub fn take(&mut self, event: &Event) -> Result<(), &'static str> {
        match (event, &self.log_key) {
            (Event::ExhibitExported(body), _) => self.exported.push(body.bundle),
            (Event::ExhibitReceived(body), _) => self.received.push(body.bundle),
            (Event::CustodyPassed(body), Some(log_key)) => {
                let moved = match (body.from == *log_key, body.to == *log_key) {
                    (true, false) => &self.exported,
                    (false, true) => &self.received,
                    _ => return Err("custody passes neither from this log nor to it"),
                };
                if !moved.contains(&body.bundle) {
                    return Err("custody passes with a bundle that the exhibit did not leave or come in before");
                }
            }
            _ => {}
        }
        Ok(())
    }
}
