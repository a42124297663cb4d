//! The ways out of errors of the system.

use std::io;

use vouchsafe_core::format::salvage::is_of_the_process;

use vouchsafe_check::check_error::LIMIT_HINT;

/// What to do about an error of the system.
pub fn io_hint(source: &io::Error) -> Option<String> {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("the disk is full: free some space and run the command again; what was acknowledged is \
                safe".to_owned())
        }
        io::ErrorKind::FileTooLarge => Some(
            "the file system or a limit (ulimit -f) does not allow such a large file: keep the archive elsewhere. What \
             was acknowledged is safe"
                .to_owned(),
        ),
        _ if is_of_the_process(source) => Some(LIMIT_HINT.to_owned()),
        io::ErrorKind::PermissionDenied => Some("your user account has no permission for this".to_owned()),
        _ => None,
    }
}
