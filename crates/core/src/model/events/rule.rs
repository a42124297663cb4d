//! What the rules across entries share. Each family keeps what it must remember of a log, and judges its own events.

use super::declaration::Bilingual;
use crate::model::ids::{EntryIndex, ExhibitId};

/// Where an entry stands in its log, as far as rules ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// Its place.
    pub index: EntryIndex,
    /// The exhibit that it is about.
    pub exhibit: Option<ExhibitId>,
    /// Whether what came with it is sealed: then it names the digest of what lies here, and not that of the content.
    pub is_sealed: bool,
    /// Whether an entry before it is not understood, which may hold what this one speaks of.
    pub may_be_hidden: bool,
}

/// Why an entry cannot stand where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken(pub Bilingual);

impl At {
    /// What an entry speaks of is not there; that breaks the rule unless an entry that is not understood may hold it.
    pub fn missing(&self, what: Bilingual) -> Result<(), Broken> {
        if self.may_be_hidden { Ok(()) } else { Err(Broken(what)) }
    }

    /// An entry speaks of a log of this size, which must have been there.
    pub fn reaches(&self, size: u64) -> Result<(), Broken> {
        let broken = Broken(("it speaks of a longer log than there was", "그때까지 있던 것보다 긴 기록부를 말합니다"));
        if size > self.index.0 { Err(broken) } else { Ok(()) }
    }
}
