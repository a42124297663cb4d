//! `completeness.json`: what a bundle says of the collection that it is taken from. How many exhibits the collection
//! holds, which of them are in the bundle, and how many are withheld for which reason.

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::format::canonical::{self, FormatError};
use crate::format::version;
use crate::model::{ExhibitId, Salt, WithholdingReason};

/// The value of `format`.
pub const COMPLETENESS_FORMAT: &str = "vouchsafe-completeness/1";
/// The largest `completeness.json` in bytes: as a manifest.
pub const MAX_COMPLETENESS_BYTES: usize = super::MAX_MANIFEST_BYTES;

/// What the bytes of a member's commitment begin with.
const MEMBER: &[u8] = b"vouchsafe-member@1\n";
const WHAT: &str = "completeness.json";

/// An exhibit of the collection that is not in the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldMember {
    /// The commitment to it: see [`member_commitment`].
    pub member: Digest,
    /// Why it is withheld.
    pub reason: WithholdingReason,
}

/// The commitment to an exhibit that belongs to a collection: to the entry that says so, by its leaf hash, and to the
/// salt of the disclosure that says it. Anybody who is shown both can compute it again; nobody else can, and with the salt
/// of the statement, no two statements have one in common.
#[must_use]
pub fn member_commitment(statement: &Salt, leaf: Digest, disclosure: &Salt) -> Digest {
    let mut hasher = Hasher::default();
    for part in [MEMBER, statement.as_bytes(), leaf.as_bytes(), disclosure.as_bytes()] {
        hasher.update(part);
    }
    hasher.finish()
}

/// The statement of completeness. What it says is the word of the agent who signed the bundle; that it fits the bundle is for
/// the verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    collection: Option<String>,
    included: Vec<ExhibitId>,
    salt: Salt,
    withheld: Vec<WithheldMember>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    collection: Option<String>,
    format: String,
    held: u64,
    included: Vec<ExhibitId>,
    salt: Salt,
    withheld: Vec<WithheldMember>,
}

impl Completeness {
    /// A statement, of exhibits in any order. The salt is used for this one alone.
    ///
    /// # Errors
    /// An exhibit or a commitment is there twice.
    pub fn new(
        collection: Option<String>,
        salt: Salt,
        mut included: Vec<ExhibitId>,
        mut withheld: Vec<WithheldMember>,
    ) -> Result<Self, FormatError> {
        included.sort_unstable();
        withheld.sort_unstable();
        let statement = Self { collection, included, salt, withheld };
        statement.check()?;
        Ok(statement)
    }

    /// The name of the collection, where the bundle discloses it.
    #[must_use]
    pub fn collection(&self) -> Option<&str> {
        self.collection.as_deref()
    }

    /// The exhibits that are in the bundle, in ascending order.
    #[must_use]
    pub fn included(&self) -> &[ExhibitId] {
        &self.included
    }

    /// The exhibits that are not, in ascending order of their commitments.
    #[must_use]
    pub fn withheld(&self) -> &[WithheldMember] {
        &self.withheld
    }

    /// How many exhibits the collection holds.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.included.len() as u64 + self.withheld.len() as u64
    }

    /// Whether this exhibit is in the bundle.
    #[must_use]
    pub fn includes(&self, exhibit: ExhibitId) -> bool {
        self.included.binary_search(&exhibit).is_ok()
    }

    /// Why the exhibit is withheld that the entry with this leaf hash puts into the collection, by a disclosure with this
    /// salt; `None` if it is not among those that are.
    #[must_use]
    pub fn withholds(&self, leaf: Digest, disclosure: &Salt) -> Option<WithholdingReason> {
        let member = member_commitment(&self.salt, leaf, disclosure);
        let place = self.withheld.binary_search_by_key(&member, |withheld| withheld.member).ok()?;
        Some(self.withheld[place].reason)
    }

    /// The file's content: canonical JSON and a line feed.
    ///
    /// # Errors
    /// It would be over the limit.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FormatError> {
        let mut bytes = canonical::to_vec_in_order(&Wire {
            collection: self.collection.clone(),
            format: COMPLETENESS_FORMAT.to_owned(),
            held: self.held(),
            included: self.included.clone(),
            salt: self.salt,
            withheld: self.withheld.clone(),
        });
        bytes.push(b'\n');
        canonical::check_length(WHAT, bytes.len() as u64, MAX_COMPLETENESS_BYTES as u64)?;
        Ok(bytes)
    }

    /// Reads the file's content strictly.
    ///
    /// # Errors
    /// Not of this version, not canonical, not in order, or with numbers that do not add up.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        canonical::check_length(WHAT, bytes.len() as u64, MAX_COMPLETENESS_BYTES as u64)?;
        version::check(WHAT, bytes, "vouchsafe-completeness")?;
        let line = bytes.strip_suffix(b"\n").ok_or_else(|| rule("it does not end with a line feed"))?;
        let wire: Wire = canonical::from_slice(WHAT, line, MAX_COMPLETENESS_BYTES)?;
        if wire.format != COMPLETENESS_FORMAT {
            return Err(rule(&format!("its format is {:?}; this program reads {COMPLETENESS_FORMAT}", wire.format)));
        }
        let statement =
            Self { collection: wire.collection, included: wire.included, salt: wire.salt, withheld: wire.withheld };
        statement.check()?;
        if wire.held != statement.held() {
            let found = statement.held();
            return Err(rule(&format!("`held` is {}; it lists {found}", wire.held)));
        }
        Ok(statement)
    }

    fn check(&self) -> Result<(), FormatError> {
        if !self.included.is_sorted_by(|a, b| a < b) {
            return Err(rule("`included` is not in ascending order, or names an exhibit twice"));
        }
        if !self.withheld.is_sorted_by(|a, b| a.member < b.member) {
            return Err(rule("`withheld` is not in ascending order, or names an exhibit twice"));
        }
        Ok(())
    }
}

fn rule(reason: &str) -> FormatError {
    FormatError::Rule { what: WHAT, reason: reason.to_owned() }
}
