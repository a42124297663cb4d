//! Bundles, normative in `docs/bundle.md`: exhibits with everything that is needed to check them, as a folder
//! that BagIt 1.0 (RFC 8493) describes.
//!
//! Here are the names, the manifests, `bundle.json` and `completeness.json`, each with its writer and its strict reader. What is in
//! the files, and whether it holds, is for the verifier.

mod completeness;
mod description;
pub mod dossier;
mod manifest;
mod path;

pub use completeness::{COMPLETENESS_FORMAT, Completeness, MAX_COMPLETENESS_BYTES, WithheldMember, member_commitment};
pub use description::{BUNDLE_FORMAT, BundleDescription, MAX_BUNDLE_JSON_BYTES};
pub use manifest::{MAX_FILES, MAX_MANIFEST_BYTES, Manifest};
pub use path::{BundlePath, ENDINGS, EntryFile, LaterPart, MAX_PATH_BYTES, Part, Subject, ending_of};

use std::fmt::Write as _;

use crate::model::Timestamp;
use crate::sign::{APPROVAL_NAMESPACE, ENTRY_NAMESPACE, KeyError, PublicKey, SshSignature};

/// SSHSIG namespace of the signature of a bundle.
pub const BUNDLE_NAMESPACE: &str = "vouchsafe-bundle@1";

/// The SHA-256 of every file in `data/`.
pub const MANIFEST: &str = "manifest-sha256.txt";
/// The SHA-256 of every other file.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// The signature of the tag manifest, as `ssh-keygen` reads it.
pub const TAG_SIGNATURE: &str = "tagmanifest-sha256.txt.sig";
/// The signature of the tag manifest, 64 bytes, as `openssl` reads it.
pub const TAG_SIGNATURE_PLAIN: &str = "tagmanifest-sha256.txt.ed25519";
/// A time stamp of the tag manifest, as later versions write it.
pub const TAG_STAMP: &str = "tagmanifest-sha256.txt.tst";
/// What the bundle is.
pub const DESCRIPTION: &str = "bundle.json";
/// What the bundle says of the collection that it is taken from; not every bundle has it.
pub const COMPLETENESS: &str = "completeness.json";
/// The checkpoint that every receipt leads to.
pub const CHECKPOINT: &str = "log/checkpoint";
/// The agents' keys, for `ssh-keygen`.
pub const ALLOWED_SIGNERS: &str = "keys/allowed_signers";
/// The key that signed the bundle, for `openssl`.
pub const SIGNER_PEM: &str = "keys/signer.pub.pem";
/// The log's key, for `openssl`.
pub const LOG_PEM: &str = "keys/log.pub.pem";
/// The log's key, as C2SP signed-note writes it.
pub const LOG_VKEY: &str = "keys/log.vkey";
/// The declaration of a bag.
pub const BAGIT: &str = "bagit.txt";
/// What BagIt says of a bag.
pub const BAG_INFO: &str = "bag-info.txt";

/// The content of [`BAGIT`] (RFC 8493 §2.1.1).
pub const BAGIT_TEXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// The content of [`BAG_INFO`] (RFC 8493 §2.2.2), which follows from what is there: nothing in it is said by a
/// person.
#[must_use]
pub fn bag_info(created_at: Timestamp, software: &str, payload_bytes: u64, payload_files: u64) -> String {
    let day = &created_at.to_string()[..10];
    format!("Bag-Software-Agent: {software}\nBagging-Date: {day}\nPayload-Oxum: {payload_bytes}.{payload_files}\n")
}

/// The content of [`ALLOWED_SIGNERS`]: a line for each key, in ascending order of the fingerprints.
#[must_use]
pub fn allowed_signers<'a>(keys: impl IntoIterator<Item = &'a PublicKey>) -> String {
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_unstable_by_key(|key| key.id().to_string());
    keys.iter().fold(String::new(), |mut text, key| {
        let namespaces = [APPROVAL_NAMESPACE, BUNDLE_NAMESPACE, ENTRY_NAMESPACE].join(",");
        let _ = writeln!(text, "{} namespaces=\"{namespaces}\" {key}", key.id());
        text
    })
}

/// The content of an entry's `.sig` file.
///
/// # Errors
/// As [`SshSignature::to_sshsig`].
pub fn entry_signature(signature: &SshSignature, key: &PublicKey) -> Result<String, KeyError> {
    signature.to_sshsig(ENTRY_NAMESPACE, key)
}
