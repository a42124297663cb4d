//! The collections that exist, if the one that was named does not.

use std::collections::BTreeMap;

use vouchsafe_archive::fold;
use vouchsafe_archive::{Filter, Reader};

use super::error::CommandError;
use super::output::{count, printable, shorten};
use super::typed_names::with_candidates;

/// Adds to the error the collections whose names contain what was typed, or all of them if none does.
///
/// # Errors
/// The index cannot be read.
pub fn with_collections(error: CommandError, archive: &Reader, typed: &str) -> Result<CommandError, CommandError> {
    let mut collections: BTreeMap<String, u64> = BTreeMap::new();
    archive.find(&Filter::default(), |_, row| {
        if let Some(collection) = row.field("collection") {
            *collections.entry(collection.to_string()).or_default() += 1;
        }
        true
    })?;
    let part = fold(typed);
    if collections.keys().any(|name| fold(name).contains(&part)) {
        collections.retain(|name, _| fold(name).contains(&part));
    }
    let candidate = |(name, exhibits): (&String, &u64)| {
        format!("{}  {}", shorten(&printable(name), 60), count(*exhibits, "exhibit"))
    };
    let candidates: Vec<_> = collections.iter().map(candidate).collect();
    Ok(with_candidates(error, &candidates, "vouchsafe list --collection PART"))
}
