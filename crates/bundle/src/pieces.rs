//! Reading a file of a bundle, piece by piece.

use std::io;
use std::ops::ControlFlow;

/// One read: small enough to stay in the processor's cache until it is hashed.
const READ_BYTES: usize = 256 * 1024;

/// Hands on what is read, piece by piece, and refuses more or less than was announced. Whether all of it was taken.
pub(super) fn hand_on(
    reader: &mut dyn io::Read,
    size_bytes: u64,
    take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<bool> {
    let length = usize::try_from(size_bytes).unwrap_or(usize::MAX).clamp(1, READ_BYTES);
    let mut buffer = vec![0; length];
    let mut done = 0;
    loop {
        let length = match reader.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        done += length as u64;
        if done > size_bytes || (length == 0 && done < size_bytes) {
            return Err(io::Error::other(format!("it does not have the {size_bytes} bytes that it should")));
        }
        if length == 0 {
            return Ok(true);
        }
        if take(&buffer[..length]).is_break() {
            return Ok(false);
        }
    }
}
