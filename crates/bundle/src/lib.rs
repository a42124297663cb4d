//! Bundles on disk, read and never written: a folder, or the same folder as a zip file.
//!
//! Nothing is unpacked, no link is followed, and only what has a safe name is opened (the checker sees to that).
//!
//! ```
//! use std::path::Path;
//! use vouchsafe_core::verify::bundle::{BundleRequest, BundleVerdict, check};
//! use vouchsafe_core::verify::{Trust, Unwatched};
//!
//! # let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/archives/v1.bundle.zip");
//! // The fingerprint has to reach whoever checks by another way than the bundle.
//! let fingerprint = "a82d8d0e6ec0fdef3af6ff1a24f673f01abfc41fcdc94f90336fd76e6eb36b22";
//! let bundle = vouchsafe_bundle::open(&path)?;
//! let request = BundleRequest { trust: Trust::in_archive(fingerprint.parse()?), threads: 1 };
//! let report = check(&*bundle, &request, &Unwatched)?;
//! assert_eq!(report.verdict, BundleVerdict::Sound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod folder;
mod noted;
mod pieces;
mod zip_carrier;
mod zip_file;
mod zip_frame;
mod zip_names;
mod zip_reader;
mod zip_records;

use std::fmt;
use std::io;
use std::path::Path;

pub use folder::FolderBundle;
pub use noted::NotedBundle;
pub use zip_file::ZipBundle;

use zip_names::Holds;

use vouchsafe_core::format::bundle::{BAGIT, DESCRIPTION, TAG_SIGNATURE};
use vouchsafe_core::model::Bilingual;
use vouchsafe_core::verify::bundle::{BundleFiles, NotChecked, OUTER_ONE, UNPACK};

/// What was given for a bundle and is none.
#[derive(Debug)]
struct NotABundle(&'static str);

impl fmt::Display for NotABundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not a bundle of vouchsafe: {}", self.0)
    }
}

impl std::error::Error for NotABundle {}

/// Whether [`open`] failed since nothing of a bundle is there.
#[must_use]
pub fn is_no_bundle(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<NotABundle>())
}

const BACKSLASHES: Bilingual = (
    "the names in the zip file have backslashes, which no zip file should have",
    "zip 파일 안의 이름에 역슬래시가 쓰였습니다. zip 파일에는 쓰지 않는 문자입니다",
);
const ZIP_IN_ZIP: Bilingual =
    ("it contains only another zip file", "이 zip 파일에는 다른 zip 파일 하나만 들어 있습니다");
const OTHER_BAG: &str = "it is a BagIt bag of another program: `bagit.py --validate FOLDER` checks it";

/// Opens a bundle: a folder, or else a zip file. It may lie one folder deeper, if nothing else lies there but what systems
/// leave in folders.
///
/// # Errors
/// There is nothing of this name, it cannot be opened, or it is no bundle ([`is_no_bundle`]): neither its description nor its
/// signature is there, or it is no zip file. A zip file that cannot be read in place is a
/// [`NotChecked`]; one that contradicts itself can be opened, and the checker finds that
/// out.
pub fn open(path: &Path) -> io::Result<Box<dyn BundleFiles>> {
    let refused = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, NotABundle(why)));
    if path.metadata()?.is_dir() {
        let has = |name: &str| path.join(name).symlink_metadata().is_ok();
        if has(DESCRIPTION) || has(TAG_SIGNATURE) {
            return Ok(Box::new(FolderBundle::new(path.to_owned())));
        }
        return match FolderBundle::one_deeper(path)? {
            Some(bundle) => Ok(Box::new(bundle)),
            None if has(BAGIT) => refused(OTHER_BAG),
            None => refused("there is no bundle.json in this folder"),
        };
    }
    let bundle = ZipBundle::open(path)?;
    match bundle.holds() {
        _ if bundle.is_no_zip() => refused("this is not a zip file"),
        Some(Holds::Zip) => Err(NotChecked::new(ZIP_IN_ZIP, OUTER_ONE).into()),
        Some(Holds::Backslashes) => Err(NotChecked::new(BACKSLASHES, UNPACK).into()),
        Some(Holds::Bag) => refused(OTHER_BAG),
        Some(Holds::Other) => refused("there is no bundle.json in this zip file"),
        Some(Holds::Bundle) | None => Ok(Box::new(bundle)),
    }
}
