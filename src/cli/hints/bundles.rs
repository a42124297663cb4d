//! The ways out where a bundle is not made or not taken in.

use vouchsafe_archive::ArchiveError;
use vouchsafe_bundle::is_no_bundle;
use vouchsafe_core::verify::bundle::NotChecked;

use super::super::remedy::command;
use vouchsafe_check::check_error::NO_BUNDLE_HINT;

/// What to do about bundles.
pub fn hint(error: &ArchiveError) -> Option<String> {
    match error {
        ArchiveError::BundleNotNamed { kept_in, .. } => {
            Some(format!("it is in {}; give it a name yourself: it must not be changed", kept_in.display()))
        }
        ArchiveError::BundleNotSound { .. } => Some(
            "nothing was handed out. `vouchsafe verify` tells whether the archive is sound; if it is, please report this"
                .to_owned(),
        ),
        ArchiveError::TooManyFiles { .. } => Some("export the exhibits in several bundles".to_owned()),
        ArchiveError::Stopped => Some("nothing was handed out; what was taken in and committed stays".to_owned()),
        ArchiveError::BundleUnreadable { source, .. } if NotChecked::of(source).is_some() => {
            NotChecked::of(source).map(|why| why.hint.0.to_owned())
        }
        ArchiveError::BundleUnreadable { source, .. } if is_no_bundle(source) => Some(NO_BUNDLE_HINT.to_owned()),
        ArchiveError::BundleUnreadable { path, .. } if !path.exists() => {
            Some("nothing was taken in; see whether the name of the bundle is right".to_owned())
        }
        ArchiveError::BundleUnreadable { .. } => Some(
            "exhibits that were committed before are safe; put the bundle right and run the command again, which goes on"
                .to_owned(),
        ),
        ArchiveError::BundleHoldsOwnKey { .. } => Some(
            "nothing was taken in. Whoever made the bundle has that key: find out whose it is, and if it is still trusted, revoke it with \
             `vouchsafe agent revoke`; then ask for a bundle without that file"
                .to_owned(),
        ),
        ArchiveError::BundleUnfit { remedy: Some(remedy), .. } => Some(command(*remedy).0.to_owned()),
        ArchiveError::OwnBundle { .. } => Some("to check it: vouchsafe check".to_owned()),
        _ => None,
    }
}
