//! An archive in a folder: create, open, ingest, custody, find.
//!
//! Which type when:
//!
//! | to | use |
//! |---|---|
//! | make an archive | [`create`] |
//! | look things up, also while another process writes | [`Reader`] |
//! | add to it | [`Session`], and the functions in [`ingest`], [`export`], [`mod@import`], [`transfer`], [`replicate`], … |
//! | check it again, from its bytes | [`verify_archive`] |
//! | supply clock, randomness and disk, or replace them in tests | [`Environment`] |
//!
//! ```
//! use vouchsafe_archive::ingest::{IngestRequest, Unfollowed, ingest};
//! use vouchsafe_archive::{Keys, NewArchive, Session, SystemEnvironment, Verification, create, keys, verify_archive};
//! use vouchsafe_core::model::AgentKind;
//! use vouchsafe_core::verify::{ReportVerdict, Unwatched};
//!
//! # let folder = tempfile::tempdir()?;
//! let (archive, document) = (folder.path().join("archive"), folder.path().join("testimony.txt"));
//! std::fs::write(&document, "an invented testimony")?;
//! let keys = Keys { agent: keys::generate(&SystemEnvironment)?, log: keys::generate(&SystemEnvironment)? };
//! let new = NewArchive {
//!     origin: "ngo.example/case-7".parse()?,
//!     administrator_name: "Archivist A".to_owned(),
//!     administrator_kind: AgentKind::Person,
//! };
//! drop(create(&archive, &new, &keys, None, &SystemEnvironment)?);
//!
//! let (mut session, _notes) = Session::open(&archive, None, &SystemEnvironment)?;
//! let summary = ingest(&mut session, IngestRequest::of([document]), &keys, &Unfollowed)?;
//! assert_eq!((summary.seen, summary.ingested), (1, 1));
//! drop(session);
//!
//! let report = verify_archive(&archive, &Verification::default(), &SystemEnvironment, &Unwatched)?;
//! assert_eq!(report.verdict, ReportVerdict::Sound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod cannot_sign;
mod catch_up;
mod changes;
mod commit;
mod committed;
mod compare;
mod copies;
mod create;
mod custody;
mod description;
mod edtf_dates;
mod elsewhere;
mod environment;
mod error;
mod exhibits;
pub mod export;
mod foreign;
mod grade;
pub mod health;
mod heard;
pub mod import;
mod in_use;
mod index;
mod index_check;
pub mod ingest;
mod key_form;
pub mod keys;
mod known;
pub mod languages;
mod layout;
mod lock;
mod locking;
mod memory;
pub mod metadata;
mod nearest;
mod old_names;
mod only_read;
mod open;
mod opening;
mod own_keys;
pub mod parity;
mod proof;
pub mod query;
mod reader;
mod receipts;
mod received;
pub mod repair;
pub mod replicate;
mod rounds;
mod scratch;
mod selecting;
mod session;
mod shell;
mod standing;
pub mod store;
mod story;
pub mod tables;
pub mod transfer;
mod unanswered;
mod verification;
pub mod working_copies;
pub mod written_dates;

pub use cache::{CachedIndex, cached_index, forget as forget_cached};
pub use changes::changes;
pub use compare::{Comparison, compare_with_copy};
pub use copies::{COPY_FORMAT, CopyLabel, CopyPlace, CopyStanding, MAX_LABEL_BYTES};
pub use create::{NewArchive, check_empty, create};
pub use custody::{Draft, Keys};
pub use description::{ARCHIVE_FORMAT, Description};
pub use environment::{Environment, SystemEnvironment};
pub use error::ArchiveError;
pub use exhibits::{LoggedEntry, UnreadEntry, in_order_of_display};
pub use export::{
    AGENT_NAME, DisclosedValue, DisclosurePolicy, Disclosures, ExportForm, ExportPlan, ExportRequest, Exported,
    Handover, HistoryNotHandedOn, LetterNotHandedOn, PARTNER_LETTER, PlannedCompleteness, PlannedDossier,
    PlannedExhibit, ReportError, ReportSource, Reports, WhyLetterStays, WhyNotHandedOn, WriteReport,
    histories_handed_on, unfinished_beside,
};
pub use foreign::{
    ForeignHistory, Histories, HistoryElsewhere, UnreadHistory, WhyUnread, foreign_histories, sender_of,
};
pub use grade::{Grade, Grading, grade};
pub use health::{
    AgentOverview, Examination, ExaminationRequest, LastVerification, Mend, Overview, Risk, Weight, examine,
};
pub use heard::{NotCompared, Partner, compared_archives, partner_in};
pub use import::{ImportOutcome, ImportRequest, Imported, ImportedExhibit, Offered, Taken};
pub use in_use::{CollectionInUse, FieldInUse, collections, duplicates, fields_in_use, same_bytes};
pub use index::{
    AgentRow, ExhibitRow, IndexError, ObjectRow, Totals, error_in as index_error_in, fold, is_searched, searched,
};
pub use known::{KnownArchive, KnownArchives, KnownError};
pub use lock::LockHolder;
pub use nearest::nearest;
pub use old_names::as_cp949;
pub use only_read::{
    NotUnderstoodByExhibit, NotUnderstoodThing, UNSIGNED_WAY_OUT, is_only_read, not_understood,
    not_understood_at_the_start, not_understood_by_exhibit,
};
pub use open::{describe, forget_index, rebuild};
pub use opening::{IndexPlaces, Note};
pub use parity::{DEFAULT_SHARE_PERCENT, Look, ParityState, parity_path, parity_states};
pub use proof::{Proof, Verified, verified};
pub use reader::Reader;
pub use receipts::{receipt, receipts};
pub use repair::{LoggedRepairs, Repair, Repaired, VolumePlan};
pub use replicate::{CopyError, Replication, ReplicationRequest};
pub use rounds::{Round, RoundFile};
pub use selecting::{Filter, Order, Selected, SortBy, check_field, select};
pub use session::Session;
pub use shell::shell_word;
pub use standing::HeadStanding;
pub use story::{ExhibitStory, StoryEntry, in_one_line_of_time};
pub use transfer::{
    AcceptOutcome, Holder, Holders, LetterRequest, OfferCaveats, OfferRequest, Settled, Side, Transfer, TransferState,
    is_letter_restored, is_passing_anchored, read_letter,
};
pub use unanswered::{Unanswered, collection_names, unanswered};
pub use verification::{ExpectedHead, Verification, verify_archive};

use crate::store::DEFAULT_VOLUME_BYTES;

/// As many threads as are asked for; for 0, one per core.
fn threads(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        asked => asked,
    }
}

/// The volume size that archives are created and opened with.
const VOLUME_BYTES: u64 = DEFAULT_VOLUME_BYTES;

// The disk of the tests in `tests/`, which know this crate by its name.
#[cfg(test)]
extern crate self as vouchsafe_archive;
#[cfg(test)]
#[path = "../tests/disk.rs"]
mod disk;
