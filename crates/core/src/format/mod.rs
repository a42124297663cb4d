//! The formats, normative in `docs/format.md`: for each, the writer and the strict parser side by side.

pub mod attached;
pub mod bundle;
pub mod canonical;
pub mod carried;
pub mod checkpoint;
pub mod entry;
mod entry_limits;
pub mod fields;
pub mod identity;
pub mod letter;
pub mod litter;
pub mod parity;
pub mod receipt;
pub mod salvage;
pub mod version;
pub mod volume;

pub use attached::{Approval, Attached, Sealed};
pub use canonical::FormatError;
pub use checkpoint::{Checkpoint, LogKey, LogKeyPq, SignedCheckpoint};
pub use entry::{ArchiveRef, Entry, EntrySignature, SignedEntry};
pub use identity::ArchiveIdentity;
pub use letter::Letter;
pub use receipt::{Receipt, ReceiptError, Receipts};
