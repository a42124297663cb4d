//! Histories in other archives and letters that are left out of a bundle, and why.

use std::collections::BTreeSet;

use vouchsafe_core::digest::Digest;
use vouchsafe_core::model::Origin;
use vouchsafe_core::shape::{Described, Kind, Member, Shape};

vouchsafe_core::described! {
    /// A history that a bundle does not take along.
    #[derive(Debug, Clone, serde::Serialize)]
    pub struct HistoryNotHandedOn {
        /// The bundle that the dossier is of.
        pub bundle: Digest,
        /// The archive that the bundle is from, where that is known.
        pub origin: Option<Origin>,
        /// How many exhibits have a history in it.
        pub exhibits: u64,
        /// Why.
        #[serde(flatten)]
        pub reason: WhyNotHandedOn,
    }
}

/// Why a history is left out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum WhyNotHandedOn {
    /// Its dossier names an exhibit that is left out.
    NamesLeftOut,
    /// Its dossier cannot be read.
    Unreadable {
        /// Why not.
        found: String,
        /// Whether its bytes are no longer those that came.
        is_damaged: bool,
    },
    /// Something speaks against it, so that the bundle would fail its own check.
    DoesNotHold {
        /// What.
        found: String,
    },
    /// It contradicts what another dossier shows of the same log, and fewer of its keys were compared.
    Contradicts {
        /// How.
        found: String,
    },
    /// More exhibits come from one exhibit in it than a bundle may say.
    SharedByTooMany,
    /// Its part about these exhibits is larger than a bundle may hold: fewer exhibits at a time need less.
    TooLarge {
        /// How large.
        size_bytes: u64,
    },
}

vouchsafe_core::described! {
    /// A letter that is left out, although it is disclosed which archive wrote it.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct LetterNotHandedOn {
        /// Its SHA-256.
        pub letter: Digest,
        /// Why.
        #[serde(flatten)]
        pub reason: WhyLetterStays,
    }
}

/// Why a letter is left out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum WhyLetterStays {
    /// It was not asked for, or who wrote it is withheld.
    Withheld {
        /// The names of the fields in it.
        tells: BTreeSet<String>,
    },
    /// Exhibits are left out, and it counts how many were handed over with it, and how large they are.
    CountsLeftOut,
    /// It cannot be read, or does not hold.
    Unreadable {
        /// Why not.
        found: String,
    },
}

impl Described for WhyNotHandedOn {
    fn kind() -> Kind {
        let reasons =
            ["names_left_out", "unreadable", "does_not_hold", "contradicts", "shared_by_too_many", "too_large"];
        let members = vec![
            Member::new("reason", Kind::Words(reasons.map(str::to_owned).to_vec()), "Why it is left out."),
            Member::optional("found", Kind::Text(""), "What was found, if something is not valid or cannot be read."),
            Member::optional(
                "is_damaged",
                Kind::Truth,
                "If it is unreadable: whether its bytes have changed since they arrived.",
            ),
            Member::optional("size_bytes", Kind::Number, "If it is too large: its size, in bytes."),
        ];
        Kind::Object(Shape { name: "WhyNotHandedOn", about: "Why a history is left out.".to_owned(), members })
    }
}

impl Described for WhyLetterStays {
    fn kind() -> Kind {
        let reasons = ["withheld", "counts_left_out", "unreadable"];
        let members = vec![
            Member::new("reason", Kind::Words(reasons.map(str::to_owned).to_vec()), "Why it is left out."),
            Member::optional("tells", BTreeSet::<String>::kind(), "If it is withheld: the fields in it."),
            Member::optional("found", Kind::Text(""), "If it is unreadable: what was found."),
        ];
        Kind::Object(Shape { name: "WhyLetterStays", about: "Why a letter is left out.".to_owned(), members })
    }
}
