//! The ways out if a bundle cannot be exported or imported.

use vouchsafe_archive::ArchiveError;
use vouchsafe_bundle::is_no_bundle;
use vouchsafe_core::verify::bundle::NotChecked;

use super::super::remedy::command;
use vouchsafe_check::check_error::NO_BUNDLE_HINT;

/// What to do about bundles.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::BundleNotNamed { kept_in, .. } => {
            Some(format!("it is in {}; rename it yourself, without changing its contents", kept_in.display()))
        }
        ArchiveError::BundleNotSound { .. } => Some(
            "no bundle was written. `vouchsafe verify` shows whether the archive is sound; if it is, please report this"
                .to_owned(),
        ),
        ArchiveError::TooManyFiles { .. } => Some("export the exhibits in several bundles".to_owned()),
        ArchiveError::Stopped => Some("no bundle was written; exhibits that were imported and committed \
            stay".to_owned()),
        ArchiveError::BundleUnreadable { source, .. } if NotChecked::of(source).is_some() => {
            NotChecked::of(source).map(|why| why.hint.0.to_owned())
        }
        ArchiveError::BundleUnreadable { source, .. } if is_no_bundle(source) => Some(NO_BUNDLE_HINT.to_owned()),
        ArchiveError::BundleUnreadable { path, .. } if !path.exists() => {
            Some("nothing was imported; check the name of the bundle".to_owned())
        }
        ArchiveError::BundleUnreadable { .. } => Some(
            "exhibits that were already committed are safe; restore the bundle and run the command again to resume"
                .to_owned(),
        ),
        ArchiveError::BundleHoldsOwnKey { .. } => Some(
            "nothing was imported. The maker of the bundle has that key: find out whose it is and, if it is still \
             trusted, revoke it with `vouchsafe agent revoke`. Then ask for a bundle without that file"
                .to_owned(),
        ),
        ArchiveError::BundleUnfit { remedy: Some(remedy), .. } => Some(command(*remedy).0.to_owned()),
        ArchiveError::OwnBundle { .. } => Some("nothing was imported. To check the bundle: vouchsafe check".to_owned()),
        _ => None,
    }
}
