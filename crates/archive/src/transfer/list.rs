//! The transfers of an archive, according to its log.

use crate::reader::Reader;
use crate::{ArchiveError, LoggedEntry, UnreadEntry};
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::model::{Answer, EntryIndex, Event, EventKind, Origin, Timestamp};
use vouchsafe_core::shape::{Described, Kind, Member, Shape};

vouchsafe_core::described! {
    /// Which side of a transfer this archive is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Side {
        /// It offered.
        Sent,
        /// It was offered to.
        Received,
    }
}

/// How far a transfer has come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum TransferState {
    /// The answer is not recorded yet.
    Open,
    /// It was answered.
    Answered {
        /// What was answered.
        answer: Answer,
        /// The entry of this log that records it.
        #[serde(rename = "answered_by")]
        index: EntryIndex,
        /// When that happened.
        #[serde(rename = "answered_at")]
        at: Timestamp,
        /// The other archive, where the entry names it.
        #[serde(skip)]
        partner: Option<ArchiveIdentity>,
        /// Whether its fingerprint was compared with one from outside.
        anchored: bool,
        /// The object that is its letter.
        #[serde(skip)]
        letter: Digest,
    },
}

impl Described for TransferState {
    fn kind() -> Kind {
        let states = ["open", "answered"].map(str::to_owned).to_vec();
        let members = vec![
            Member::new("state", Kind::Words(states), "Whether the answer is recorded."),
            Member::optional("answer", Answer::kind(), "What was answered."),
            Member::optional("answered_by", EntryIndex::kind(), "The entry of this log that records it."),
            Member::optional("answered_at", Timestamp::kind(), "When that happened."),
            Member::optional(
                "anchored",
                bool::kind(),
                "Whether the other archive's fingerprint was compared with one from outside.",
            ),
        ];
        Kind::Object(Shape { name: "TransferState", about: "How far a transfer has come.".to_owned(), members })
    }
}

vouchsafe_core::described! {
    /// A transfer of custody.
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
    pub struct Transfer {
        /// Which side this archive is.
        pub side: Side,
        /// The entry of this log with which it began: the offer, or the answer to one.
        pub index: EntryIndex,
        /// When that happened.
        pub at: Timestamp,
        /// The bundle.
        pub bundle: Digest,
        /// The leaf hash of the offer, in the log of the archive that made it.
        pub offer: Digest,
        /// Who is to have custody, as the offer says.
        pub recipient: Option<String>,
        /// How it is handed over, as the offer says.
        pub method: Option<String>,
        /// What the answer says: a remark, or why it was refused.
        pub remark: Option<String>,
        /// How far it has come.
        #[serde(flatten)]
        pub state: TransferState,
    }
}

impl Transfer {
    /// The other archive, where it is known.
    #[must_use]
    pub fn partner(&self) -> Option<ArchiveIdentity> {
        match &self.state {
            TransferState::Open => None,
            TransferState::Answered { partner, .. } => partner.clone(),
        }
    }

    /// The other archive's letter with the answer, if there is one.
    pub(super) const fn letter(&self) -> Option<Digest> {
        match &self.state {
            TransferState::Open => None,
            TransferState::Answered { letter, .. } => Some(*letter),
        }
    }

    /// What it calls itself.
    #[must_use]
    pub fn other(&self) -> Option<Origin> {
        self.partner().map(|archive| archive.origin().clone())
    }
}

/// All transfers, oldest first, and the entries about them that lie damaged in their volumes, which are not counted.
///
/// # Errors
/// The index or a volume cannot be read.
pub fn transfers(reader: &Reader) -> Result<(Vec<Transfer>, Vec<UnreadEntry>), ArchiveError> {
    let (entries, unread) = transfer_entries(reader)?;
    Ok((transfers_in(&entries), unread))
}

/// The same for decisions: an unreadable entry could be an answer that forbids another one.
///
/// # Errors
/// One of the entries lies damaged in its volume; or the index or a volume cannot be read.
pub(super) fn all_transfers(reader: &Reader) -> Result<Vec<Transfer>, ArchiveError> {
    Ok(transfers_in(&all_transfer_entries(reader)?))
}

/// All entries about transfers, oldest first.
///
/// # Errors
/// As for [`all_transfers`].
pub(crate) fn all_transfer_entries(reader: &Reader) -> Result<Vec<LoggedEntry>, ArchiveError> {
    let (entries, unread) = transfer_entries(reader)?;
    match unread.into_iter().next() {
        Some(UnreadEntry { index, reason }) => Err(ArchiveError::TransferUnread { index, reason }),
        None => Ok(entries),
    }
}

pub(crate) fn transfer_entries(reader: &Reader) -> Result<(Vec<LoggedEntry>, Vec<UnreadEntry>), ArchiveError> {
    let is_about = |kind| {
        use EventKind::{TransferAccepted, TransferOffered, TransferRefused, TransferSettled};
        matches!(kind, TransferOffered | TransferAccepted | TransferRefused | TransferSettled)
    };
    let (mut entries, mut unread) = (Vec::new(), Vec::new());
    for (index, _) in reader.index.acts()?.into_iter().filter(|(_, kind)| is_about(*kind)) {
        entries.extend(reader.entry_or_note(index, &mut unread)?);
    }
    Ok((entries, unread))
}

fn transfers_in(entries: &[LoggedEntry]) -> Vec<Transfer> {
    let mut transfers: Vec<Transfer> = Vec::new();
    for logged in entries {
        let (at, index) = (logged.entry.entry.occurred_at, logged.entry.entry.index);
        let text = |name| logged.field(name).map(ToString::to_string);
        let partner = logged.partner().map(|partner| partner.archive);
        let answered = |answer, anchored, letter| TransferState::Answered {
            answer,
            index,
            at,
            partner: partner.clone(),
            anchored,
            letter,
        };
        let received = |bundle, offer, state| Transfer {
            side: Side::Received,
            index,
            at,
            bundle,
            offer,
            recipient: text("recipient"),
            method: text("method"),
            remark: text("reason").or_else(|| text("note")),
            state,
        };
        match &logged.entry.entry.event {
            Event::TransferOffered(body) => transfers.push(Transfer {
                side: Side::Sent,
                index,
                at,
                bundle: body.bundle,
                offer: logged.entry.leaf(),
                recipient: text("recipient"),
                method: text("method"),
                remark: None,
                state: TransferState::Open,
            }),
            Event::TransferAccepted(body) => {
                let state = answered(Answer::Accepted, body.anchored, body.letter);
                transfers.push(received(body.bundle, body.offer, state));
            }
            Event::TransferRefused(body) => {
                let state = answered(Answer::Refused, body.anchored, body.letter);
                transfers.push(received(body.bundle, body.offer, state));
            }
            Event::TransferSettled(body) => {
                if let Some(transfer) = transfers.iter_mut().find(|transfer| transfer.index == body.offer) {
                    transfer.remark = text("reason").or_else(|| text("note"));
                    transfer.state = answered(body.answer, body.anchored, body.letter);
                }
            }
            _ => {}
        }
    }
    transfers
}
