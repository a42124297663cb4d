//! The ways out of what the system said.

use std::io;

use vouchsafe_core::format::salvage::is_of_the_process;

use vouchsafe_check::check_error::LIMIT_HINT;

/// What to do about what the system said.
pub fn io_hint(source: &io::Error) -> Option<String> {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("the disk is full: make room and run the command again; what was acknowledged is safe".to_owned())
        }
        io::ErrorKind::FileTooLarge => Some(
            "the file system, or a limit that is set (ulimit -f), does not let a file grow so large: keep the archive \
             elsewhere; what was acknowledged is safe"
                .to_owned(),
        ),
        _ if is_of_the_process(source) => Some(LIMIT_HINT.to_owned()),
        io::ErrorKind::PermissionDenied => Some("you have no permission to do this with your user account".to_owned()),
        _ => None,
    }
}
