//! What commands print with `--json`: one type a shape, from which `docs/json.md` is made.

mod archive;
mod exhibits;
mod files;
mod handed_over;
mod page;

pub use archive::*;
pub use exhibits::*;
pub use files::*;
pub use handed_over::*;
pub use page::write_page;

use vouchsafe_check::text::escaped;

/// A value as JSON on one line, without the line's end, safe to print: its members in alphabetical order.
pub fn line(value: &impl serde::Serialize) -> std::io::Result<String> {
    Ok(escaped(&serde_json::to_value(value)?.to_string()))
}
