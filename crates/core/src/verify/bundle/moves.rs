//! How an exhibit left an archive and came to it in bundles, and whether custody passed with one of these.

use crate::digest::Digest;
use crate::model::{Direction, Event};

/// The bundles in which an exhibit was handed on, so far.
#[derive(Default)]
pub(super) struct Moves {
    exported: Vec<Digest>,
    received: Vec<Digest>,
    /// Whether an entry that is not understood may have told of more.
    is_unknown: bool,
}

impl Moves {
    /// Takes in the next entry about the exhibit.
    pub fn take(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::ExhibitExported(body) => self.exported.push(body.bundle),
            Event::ExhibitReceived(body) => self.received.push(body.bundle),
            Event::CustodyPassed(body) => {
                let moved = match body.direction {
                    Direction::Out => &self.exported,
                    Direction::In => &self.received,
                };
                if !moved.contains(&body.bundle) && !self.is_unknown {
                    return Err("custody passes with a bundle that the exhibit did not leave or come in before");
                }
            }
            Event::NotUnderstood(_) => self.is_unknown = true,
            _ => {}
        }
        Ok(())
    }
}
