//! Findings: what the verifier observed, each with a stable code.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::digest::Digest;
use crate::format::volume::VolumeNumber;
use crate::model::{EntryIndex, ExhibitId};
use crate::shape::{Described, Kind};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; says nothing against the evidence.
    Notice,
    /// Nothing is lost or forged, but something is not as it should be.
    Degraded,
    /// This program is too old to judge it, which is nothing against it.
    NotUnderstood,
    /// Something is missing, changed, or not what it claims to be.
    Failed,
}

macro_rules! codes {
    ($($code:literal $variant:ident $name:literal $severity:ident $meaning:literal)*) => {
        /// The code of a finding. Codes keep their meaning for ever.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code, such as `V101`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The name, such as `object-missing`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much it weighs.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    "V101" ObjectMissing "object-missing" Failed "An entry names an object that no volume holds."
    "V102" ObjectChanged "object-changed" Failed "The bytes of an object do not have the SHA-256 that is its name."
    "V103" ObjectUnnamed "object-unnamed" Failed "A volume holds an object that no entry names: it was not put there by a logged act."
    "V104" ObjectSize "object-size" Failed "An object has another size than its entry says."
    "V105" ObjectTwice "object-twice" Degraded "A volume holds an object that was already held; an archive writes each object once."
    "V106" ObjectUnreadable "object-unreadable" Failed "The bytes of an object cannot be read from the disk."
    "V201" EntryMalformed "entry-malformed" Failed "A line of the log is not an entry in its one canonical form."
    "V202" EntryIndex "entry-index" Failed "An entry does not have the index of its place: entries were removed, inserted, repeated or reordered."
    "V203" EntryPrevious "entry-previous" Failed "An entry does not name the leaf hash of the entry before it: the log was changed behind it."
    "V204" EntryOrigin "entry-origin" Failed "An entry belongs to another log."
    "V205" EntryTime "entry-time" Failed "An entry was recorded before the entry in front of it."
    "V206" EntryOrder "entry-order" Failed "An entry cannot stand here: it speaks of what did not exist, or repeats what can happen once."
    "V207" CommitShape "commit-shape" Failed "The members of a commit are not fields, log and checkpoint of the same entries, in this order."
    "V208" EntryNotUnderstood "entry-not-understood" NotUnderstood "An entry has an event or a format that this program does not know: its place in the log and its signatures were checked, and what it says was not."
    "V209" EntrySealed "entry-sealed" NotUnderstood "An entry is sealed, and this program does not open what is sealed."
    "V210" StatementNotRead "statement-not-read" Notice "An entry about a checkpoint, such as a time stamp, has an event that this program does not know: it changes nothing of who may sign or of any exhibit, and what it says was not checked."
    "V301" SignatureWrong "signature-wrong" Failed "A signature does not fit the entry and the key it names."
    "V302" SignerUnknown "signer-unknown" Failed "An entry is signed by a key that the log did not know at this point, or not by its actor."
    "V303" SignerRevoked "signer-revoked" Failed "An entry is signed by a key that was revoked before it."
    "V304" SignerNotAllowed "signer-not-allowed" Failed "The agent's roles do not allow what the entry records, or it lacks a signature that it needs besides."
    "V305" SignerInQuestion "signer-in-question" Degraded "Entries were signed or approved by a key between the index from which it is no longer trusted and its revocation."
    "V307" SignerExpired "signer-expired" Failed "An entry is signed by a key that had expired when the entry was recorded."
    "V309" SignerNotUnderstood "signer-not-understood" NotUnderstood "An entry is signed by a key that an entry which is not understood may have introduced: the signature was not checked."
    "V310" ApprovalWrong "approval-wrong" Failed "An approval of an entry does not hold: by its key, its signature, its time, its nonce, or the text that it approves."
    "V401" CheckpointMalformed "checkpoint-malformed" Failed "A checkpoint is not a signed checkpoint in its one form."
    "V402" CheckpointSignature "checkpoint-signature" Failed "A checkpoint is not signed by the key of the log that is in force for its size, or lacks a line of the second key."
    "V403" CheckpointRoot "checkpoint-root" Failed "A checkpoint states another root than the entries before it have."
    "V404" CheckpointSize "checkpoint-size" Failed "A checkpoint states another size than the log has at this point."
    "V405" CheckpointOrigin "checkpoint-origin" Failed "A checkpoint belongs to another log."
    "V501" FieldsMalformed "fields-malformed" Failed "The fields of an entry cannot be read."
    "V502" FieldsChanged "fields-changed" Failed "The fields of an entry are not those that it commits to."
    "V601" VolumeMissing "volume-missing" Failed "A volume is missing from the sequence."
    "V602" VolumeDamaged "volume-damaged" Failed "A part of a volume is not readable as members of a tar file."
    "V603" VolumeTail "volume-tail" Notice "The last volume ends with bytes that were never committed, as an interruption leaves them; they are not evidence."
    "V604" VolumeOpen "volume-open" Degraded "A volume that is not the last one has no end-of-archive blocks."
    "V605" VolumeForeign "volume-foreign" Failed "The folder of volumes holds something that is not a volume of this archive."
    "V606" LogEmpty "log-empty" Failed "No volume holds a committed entry."
    "V607" VolumeUnreadable "volume-unreadable" Failed "The disk cannot read a part of a volume that is no object's; it was taken as zeros."
    "V608" VolumeTailUnreadable "volume-tail-unreadable" Degraded "The last volume ends with bytes that are not readable as members: whether they were ever committed cannot be told."
    "V609" VolumeLitter "volume-litter" Notice "The folder of volumes holds a file that a system leaves in folders; it was not opened."
    "V701" IndexDiffers "index-differs" Degraded "The derived index says something else than the volumes; it can be made anew from them."
    "V702" IndexUnread "index-unread" Notice "The derived index could not be compared with the volumes."
    "V801" HeadBehind "head-behind" Failed "The log is shorter than one that was seen before: entries were cut off, or this is an old copy."
    "V802" HeadForked "head-forked" Failed "The log does not contain what was seen before: its history was rewritten."
    "V803" KeyDiffers "key-differs" Failed "The archive's fingerprint, or its name, is not one that was remembered or given from outside."
    "V811" CopyDiffers "copy-differs" Failed "A copy and the archive have different bytes at the same place: one of the two is damaged or was changed."
    "V812" CopyBehind "copy-behind" Degraded "A copy ends earlier than the archive; it can be brought up, where the archive can be written to."
    "V813" CopyAhead "copy-ahead" Failed "A copy holds signed entries that the archive does not: they were cut off the archive, or somebody wrote on the copy."
    "V814" CopyTail "copy-tail" Notice "A copy ends with bytes that were never committed, as an interruption leaves them; they are not evidence."
    "V901" DescriptionDiffers "description-differs" Failed "archive.json does not say what the first entry does: the fingerprint, the origin, the log key, the administrator."
    "V902" DescriptionNotUnderstood "description-not-understood" NotUnderstood "archive.json has a format that this program does not know: what it should say was taken from the first entry."
    "B101" BundleName "bundle-name" Failed "A name in a bundle is not one that a bundle may have; it was not opened."
    "B102" BundleNoFile "bundle-no-file" Failed "A bundle holds a link, a device or a pipe; it was not opened."
    "B103" BundleNameTwice "bundle-name-twice" Failed "Two names in a bundle are the same, or differ in the case of letters alone."
    "B104" BundleTooLarge "bundle-too-large" Failed "A bundle, or a file of it, is over a limit; it was not read."
    "B105" BundleContainer "bundle-container" Failed "The zip file is not one that every program reads in the same way, or would unpack to far more than it should."
    "B201" BundleManifest "bundle-manifest" Failed "A manifest is not in its one form, or lists a file that belongs into the other one."
    "B202" BundleFileMissing "bundle-file-missing" Failed "A file that a bundle must have, or that its manifest lists, is missing."
    "B203" BundleFileChanged "bundle-file-changed" Failed "A file does not have the SHA-256 that the manifest says."
    "B204" BundleFileUnreadable "bundle-file-unreadable" Failed "A file cannot be read."
    "B205" BundleFileUnlisted "bundle-file-unlisted" Degraded "A file is in no manifest: it was added later."
    "B206" BundleFileForeign "bundle-file-foreign" Degraded "A file is listed, but a bundle has none of this name, or no entry names it: it is no part of the bundle."
    "B207" BundleAidMissing "bundle-aid-missing" Degraded "A file for people to read, on which nothing depends, is missing."
    "B208" BundleAidChanged "bundle-aid-changed" Degraded "A file for people to read, on which nothing depends, was changed."
    "B209" BundleBag "bundle-bag" Degraded "bagit.txt or bag-info.txt does not say what is there."
    "B210" BundleLitter "bundle-litter" Notice "A file that a system leaves in folders lies in the bundle; it was not opened."
    "B211" BundleProofNotRead "bundle-proof-not-read" Notice "A file lies where later versions put proof from outside, such as a time stamp: nothing in it was checked."
    "B212" BundlePartNotUnderstood "bundle-part-not-understood" NotUnderstood "A part of the bundle is of a kind that this program does not know: its files were compared with the manifest, and what they say was not checked."
    "B301" BundleDescription "bundle-description" Failed "bundle.json is not in its one form."
    "B302" BundleDescriptionDiffers "bundle-description-differs" Failed "bundle.json does not say what is there."
    "B303" BundleSignature "bundle-signature" Failed "A signature of the tag manifest is not by the key that bundle.json names."
    "B304" BundleSigner "bundle-signer" Failed "The key that signed the bundle is not introduced in it, was revoked, had expired, has no role that allows it, or is a FIDO key."
    "B305" BundleKeyDiffers "bundle-key-differs" Failed "The archive's fingerprint is none of those that were given from outside."
    "B306" BundleKeys "bundle-keys" Failed "A file in keys/ does not hold the keys that it should."
    "B307" BundleNotUnderstood "bundle-not-understood" NotUnderstood "bundle.json has a format that this program does not know: the files were compared with the manifests, and nothing else was checked."
    "B401" BundleCheckpoint "bundle-checkpoint" Failed "The checkpoint is not in its one form, is not signed by the log's key in force, or is not the one that bundle.json names."
    "B402" BundleReceipt "bundle-receipt" Failed "A receipt is not in its one form, leads to another checkpoint, or does not lead there."
    "B403" BundleEntryDiffers "bundle-entry-differs" Failed "The files of an entry are not those of the entry in its receipt."
    "B404" BundleEntrySequence "bundle-entry-sequence" Failed "The entries of an exhibit are not those of its history from its ingest on, without a gap."
    "B405" BundleEntrySignature "bundle-entry-signature" Failed "A signature of an entry does not hold, or its file is another one."
    "B406" BundleEntrySigner "bundle-entry-signer" Failed "An entry is signed by a key that the bundle does not introduce before it, that was revoked, or whose roles do not allow it; or it lacks a signature that it needs besides."
    "B407" BundleSignerInQuestion "bundle-signer-in-question" Degraded "An entry was signed or approved by a key after the index from which it is no longer trusted."
    "B408" BundleAgents "bundle-agents" Failed "The entries about agents do not begin with the archive's first one, or introduce a key twice, or the log's own, or cannot stand where they do, or are about something else."
    "B409" BundleEntryNotUnderstood "bundle-entry-not-understood" NotUnderstood "An entry has an event or a format that this program does not know: its place in the log and its signatures were checked, and what it says was not."
    "B410" BundleSignerNotUnderstood "bundle-signer-not-understood" NotUnderstood "A signature is by a key that an entry which is not understood may have introduced; it was not checked."
    "B411" BundleSignerExpired "bundle-signer-expired" Failed "An entry is signed by a key that had expired when the entry was recorded."
    "B412" BundleEntrySealed "bundle-entry-sealed" NotUnderstood "An entry is sealed, and this program does not open what is sealed."
    "B413" BundleApprovalWrong "bundle-approval-wrong" Failed "An approval of an entry does not hold: by its key, its signature, its time, its nonce, or the text that it approves."
    "B414" BundleStatementNotRead "bundle-statement-not-read" Notice "An entry about a checkpoint, such as a time stamp, has an event that this program does not know: it changes nothing of who may sign or of any exhibit, and what it says was not checked."
    "B501" BundleObjectMissing "bundle-object-missing" Failed "An exhibit has no object in the bundle, or more than one."
    "B502" BundleObjectChanged "bundle-object-changed" Failed "An object does not have the SHA-256 that its ingest names."
    "B503" BundleObjectSize "bundle-object-size" Failed "An object has another size than its ingest names."
    "B504" BundleObjectUnnamed "bundle-object-unnamed" Failed "The payload holds a file that belongs to no exhibit of the bundle."
    "B505" BundleObjectEnding "bundle-object-ending" Degraded "The name of an object does not have the ending of its media type: the system could open it with something else, or run it."
    "B601" BundleFields "bundle-fields" Failed "The disclosed fields of an entry cannot be read."
    "B602" BundleFieldsChanged "bundle-fields-changed" Failed "A disclosed field is not one that the entry commits to."
    "B603" BundleForeign "bundle-foreign" Failed "The dossier of another archive's bundle cannot be read, is another one than the entries name, or does not hold the exhibit."
    "B604" BundleForeignNotUnderstood "bundle-foreign-not-understood" NotUnderstood "The dossier of another archive's bundle has a format that this program does not know."
    "B605" BundleLetterWrong "bundle-letter-wrong" Failed "The letter of another archive, by which custody passed, does not hold, or says something else than the entry that names it."
    "B606" BundleLetterNotUnderstood "bundle-letter-not-understood" NotUnderstood "The letter of another archive, by which custody passed, holds something that this program does not know."
    "B701" BundleForked "bundle-forked" Failed "A bundle, or a dossier in it, contradicts what is known of the same log: it was rewritten, or shown differently to two recipients."
    "B702" BundleOtherKeys "bundle-other-keys" Failed "A bundle names the origin of an archive that is known by another fingerprint, and nothing from outside says that it is another archive of that name."
    "B703" BundleNamesake "bundle-namesake" Notice "Two archives have one origin, which is only a name: they are told apart by their fingerprints, and nothing of one is taken for the other's."
    "B801" BundleCompleteness "bundle-completeness" Failed "The statement of completeness is not in its one form, or does not fit the bundle."
    "B802" BundleLeftOut "bundle-left-out" Failed "An exhibit belonged to the collection when an earlier statement of completeness was made, and the statement does not count it."
    "B803" BundleMiscounted "bundle-miscounted" Failed "An exhibit did not belong to the collection when an earlier statement of completeness was made, and the statement counts it."
    "B804" BundleCompletenessNotUnderstood "bundle-completeness-not-understood" NotUnderstood "The statement of completeness has a format that this program does not know."
}

impl Code {
    /// Whether it weighs more than a notice.
    #[must_use]
    pub fn is_weighty(self) -> bool {
        self.severity() > Severity::Notice
    }

    /// Whether, where it is about a bundle as a whole, it says something of each exhibit in it.
    #[must_use]
    pub const fn reaches_exhibits(self) -> bool {
        !matches!(self, Self::BundlePartNotUnderstood)
    }

    /// Whether it says that the bytes of an object are not there as they were committed to.
    #[must_use]
    pub const fn is_about_bytes(self) -> bool {
        matches!(self, Self::ObjectMissing | Self::ObjectChanged | Self::ObjectSize | Self::ObjectUnreadable)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An entry of the log.
    Entry(EntryIndex),
    /// A position in a volume, in bytes from its beginning.
    Volume {
        /// The volume.
        volume: VolumeNumber,
        /// Where in it.
        offset: u64,
    },
    /// The log when it had so many entries.
    Log(u64),
    /// A file, a folder or a part, under the name that it has where it was found.
    Named(String),
    /// A place within a file that holds what was found as a whole.
    Within {
        /// The file.
        file: String,
        /// The place in it.
        place: Box<Self>,
    },
}

impl Place {
    /// The same place within a file.
    #[must_use]
    pub fn within(&self, file: &str) -> Self {
        Self::Within { file: file.to_owned(), place: Box::new(self.clone()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(index) => write!(f, "entry {index}"),
            Self::Volume { volume, offset } => write!(f, "{volume} at byte {offset}"),
            Self::Log(size) => write!(f, "log of size {size}"),
            Self::Named(name) => f.write_str(name),
            Self::Within { file, place } => write!(f, "{file}: {place}"),
        }
    }
}

impl From<EntryIndex> for Place {
    fn from(index: EntryIndex) -> Self {
        Self::Entry(index)
    }
}

impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl From<String> for Place {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

/// In the order of their texts, which is that of a report.
impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_string().cmp(&other.to_string())
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Described for Place {
    fn kind() -> Kind {
        Kind::Text("a place, in words")
    }
}

impl Described for Code {
    fn kind() -> Kind {
        Kind::Text("the code of a finding: see `format.md`")
    }
}

crate::shape::described! {
    /// One observation of the verifier.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    pub struct Finding {
        /// What kind of observation.
        pub code: Code,
        /// Where.
        pub place: Place,
        /// What was found there, in a sentence.
        pub message: String,
        /// The entry, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub index: Option<EntryIndex>,
        /// The exhibit, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub exhibit: Option<ExhibitId>,
        /// The object, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<Digest>,
    }
}

impl Finding {
    /// A finding at a place.
    #[must_use]
    pub fn new(code: Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self { code, place: place.into(), message: message.into(), index: None, exhibit: None, object: None }
    }

    /// The same, about an object.
    #[must_use]
    pub const fn of(mut self, object: Digest) -> Self {
        self.object = Some(object);
        self
    }

    /// The same, about an entry and its exhibit.
    #[must_use]
    pub fn about(mut self, index: EntryIndex, exhibit: Option<ExhibitId>) -> Self {
        self.index = Some(index);
        self.exhibit = exhibit;
        self
    }
}
