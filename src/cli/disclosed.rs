//! What an export would disclose, with values, before it is written.

use std::collections::BTreeMap;
use std::io::Write;

use vouchsafe_archive::{DisclosedValue, Disclosures, ExportPlan, Reader, export};
use vouchsafe_core::model::{ExhibitId, WithholdingReason};

use super::error::CommandError;
use super::json;
use super::output::{self, FIELDS_INDENT, printable, shorten};

/// At most this many values are printed before a bundle is written; nobody would read more.
const MAX_VALUES: u64 = 20;
/// At most this much of each, in columns.
const MAX_WIDTH: usize = 200;

/// Prints every value that would be disclosed, and the names of the fields that would be withheld.
pub fn print_all(out: &mut dyn Write, archive: &Reader, plan: &ExportPlan) -> Result<(), CommandError> {
    for planned in &plan.exhibits {
        let told = export::disclosures(archive, plan, planned)?;
        print_one(out, &planned.exhibit.to_string(), &told, None)?;
        writeln!(out, "    withheld: {}", names(&told.withheld))?;
    }
    let agents = export::disclosures_about_agents(archive, plan)?;
    if !agents.is_empty() {
        print_one(out, "Agents", &agents, None)?;
        writeln!(out, "    withheld: {}", names(&agents.withheld))?;
    }
    Ok(())
}

/// Prints the values if they are few, and otherwise the command that lists them.
pub fn print_few(out: &mut dyn Write, archive: &Reader, plan: &ExportPlan) -> Result<(), CommandError> {
    let values: u64 = plan.disclosed.values().sum();
    if values > MAX_VALUES {
        writeln!(out, "  The same command with --dry-run lists all {} values", output::number(values))?;
        return Ok(());
    }
    if values == 0 {
        return Ok(());
    }
    for planned in &plan.exhibits {
        print_some(out, &planned.exhibit.to_string(), &export::disclosures(archive, plan, planned)?)?;
    }
    print_some(out, "Agents", &export::disclosures_about_agents(archive, plan)?)
}

fn print_some(out: &mut dyn Write, of: &str, told: &Disclosures) -> Result<(), CommandError> {
    match told.disclosed.is_empty() {
        true => Ok(()),
        false => print_one(out, of, told, Some(MAX_WIDTH)),
    }
}

/// Prints the values of an exhibit or of agents, each in at most this many columns. They are indented further than the
/// program's own words, so that none can look like those.
fn print_one(out: &mut dyn Write, of: &str, told: &Disclosures, limit: Option<usize>) -> Result<(), CommandError> {
    writeln!(out, "  {of}")?;
    let label = |value: &DisclosedValue| {
        let origin = value.origin.as_ref().map(|origin| format!(" of {}", printable(origin.as_str())));
        let earlier = if value.is_earlier { ", an earlier value" } else { "" };
        format!("{}{}{earlier}", value.field, origin.unwrap_or_default())
    };
    let labels: Vec<_> = told.disclosed.iter().map(label).collect();
    let width = labels.iter().map(String::len).max().unwrap_or(0);
    for (label, value) in labels.iter().zip(&told.disclosed) {
        let text = output::value(&value.value);
        let text = limit.map_or_else(|| text.clone(), |limit| shorten(&text.replace('\n', "\\n"), limit));
        output::labelled(out, FIELDS_INDENT, label, width, &text)?;
    }
    Ok(())
}

/// The same as data, with the exhibits that are left out.
pub fn json<'a>(
    archive: &Reader,
    plan: &'a ExportPlan,
    left_out: &BTreeMap<ExhibitId, WithholdingReason>,
    named_in_the_report: BTreeMap<String, Option<String>>,
) -> Result<json::ExportRehearsed<'a>, CommandError> {
    let mut exhibits = Vec::new();
    for planned in &plan.exhibits {
        let told = export::disclosures(archive, plan, planned)?;
        exhibits.push(json::RehearsedExhibit { exhibit: planned.exhibit, told });
    }
    Ok(json::ExportRehearsed {
        agents: export::disclosures_about_agents(archive, plan)?,
        disclosed: &plan.disclosed,
        dry_run: true,
        entries: plan.entries,
        exhibits,
        histories_not_handed_on: &plan.histories_not_handed_on,
        left_out: left_out.iter().map(|(exhibit, reason)| (exhibit.to_string(), *reason)).collect(),
        letters_not_handed_on: &plan.letters_not_handed_on,
        named_in_the_report,
        size_bytes: plan.size_bytes,
        withheld: &plan.withheld,
    })
}

/// Names of fields with their counts.
pub fn names(counts: &BTreeMap<String, u64>) -> String {
    let names: Vec<_> = counts.iter().map(|(name, count)| format!("{name} ({count})")).collect();
    if names.is_empty() { "no fields".to_owned() } else { names.join(", ") }
}
