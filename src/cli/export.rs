//! `vouchsafe export`

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use vouchsafe_archive::metadata::name_of;
use vouchsafe_archive::query::Query;
use vouchsafe_archive::{
    ArchiveError, DisclosurePolicy, ExportForm, ExportPlan, ExportRequest, Exported, Filter, HistoryNotHandedOn,
    LetterNotHandedOn, PARTNER_LETTER, Reader, WhyLetterStays, WhyNotHandedOn, export, unfinished_beside,
};
use vouchsafe_core::model::vocabulary::{PURPOSE, RECIPIENT};
use vouchsafe_core::model::{EventKind, ExhibitId, FieldName, WithholdingReason};
use vouchsafe_core::sign::KeyId;
use vouchsafe_core::verify::Severity;
use vouchsafe_core::verify::bundle::{MAX_FOREIGN_BYTES, MAX_SHARING};

use super::agent::check_permission;
use super::collection_names::with_collections;
use super::context::Context;
use super::disclosed;
use super::done::Done;
use super::error::CommandError;
use super::exhibit_names::find_exhibit;
use super::foreign::way_out;
use super::json;
use super::left_out::LeftOut;
use super::output::{self, bytes, count, printable};
use super::passed::warn_if_passed;
use super::places::check_outside;
use super::say;
use super::watcher::Watcher;
use vouchsafe_check::check;
use vouchsafe_story::{ReportLanguage, Story};

/// Export exhibits as a bundle, for a court or an expert
///
/// A bundle holds the exhibits with all their entries, signatures and receipts, and everything needed to check them
/// with `vouchsafe check` or with ordinary tools. The exhibits themselves are always included whole. All fields but
/// `languages` are withheld unless you name them with --disclose. Before anything is written, the command prints what
/// is disclosed and what is withheld. With --dry-run it lists every value and writes nothing.
///
/// For readers, the bundle holds a report in English, in Korean, or in both (report/report.html, and report/report.pdf
/// for up to 1,000 exhibits), drafts of a certification and of a custodian's statement, and lists for spreadsheets and
/// review platforms. None of them reveals what is withheld.
///
/// If you export exactly one collection, the bundle states how many exhibits the collection holds. With --leave-out, an
/// exhibit of the collection stays out of the bundle but is counted, by a commitment and a reason. If that exhibit is
/// disclosed later, `vouchsafe check --earlier` confirms that it was one of them; until then, the bundle does not
/// reveal which one it is. A history from another archive is left out too if its dossier names such an exhibit. But
/// anybody who has the bundle in which they arrived together can infer it from what is missing.
///
/// The bundle gets its final name only after it has been checked and the export is recorded in the log.
#[derive(clap::Args)]
pub struct Arguments {
    /// The names of the exhibits, or the beginnings of them
    #[arg(value_name = "EXHIBIT")]
    exhibits: Vec<String>,
    /// All exhibits of the collection with exactly this name. If other exhibits are exported as well, the bundle does
    /// not state how many the collection holds
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// All exhibits that answer this query, as `vouchsafe find` would list them
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,
    #[command(flatten)]
    left_out: LeftOut,
    /// The folder to write, or the zip file if the name ends with .zip; must not exist
    #[arg(long, value_name = "PLACE", required_unless_present = "dry_run")]
    to: Option<PathBuf>,
    /// What the bundle is for; a court will ask
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    purpose: Option<String>,
    /// Who receives the bundle
    #[arg(long, value_name = "NAME", required_unless_present = "dry_run")]
    recipient: Option<String>,
    /// Write and record nothing; list every value that would be disclosed, and what would be withheld or left out.
    /// Needs no key, place, purpose or recipient
    #[arg(long)]
    dry_run: bool,
    /// Fields to disclose besides `languages`, by name or label, separated by commas. `agent_name` means the names of agents;
    /// `partner_letter` means the letters of other archives by which custody passed. `purpose` and `recipient` also put
    /// those of this export into the report
    #[arg(long, value_name = "FIELD", value_delimiter = ',', value_parser = name_of)]
    disclose: Vec<FieldName>,
    /// Fields to disclose with all their values, including earlier values that were corrected later
    #[arg(long, value_name = "FIELD", value_delimiter = ',', value_parser = name_of)]
    disclose_earlier: Vec<FieldName>,
    /// Disclose every field with all its values, and the names of agents: for an archive that takes over custody
    #[arg(long, conflicts_with_all = ["disclose", "disclose_earlier"])]
    disclose_all: bool,
    /// Fields to withhold that would otherwise be disclosed
    #[arg(long, value_name = "FIELD", value_delimiter = ',', value_parser = name_of)]
    withhold: Vec<FieldName>,
    /// The language of the report and the custodian's statement: `en`, `ko`, or `both` line by line
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    language: ReportLanguage,
}

/// Why a bundle of a collection has no statement of completeness.
const NO_STATEMENT: &str = "The bundle does not state how many exhibits the collection holds, because it contains \
    other exhibits too. To get that statement, export the collection by itself";

pub fn run(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    check_arguments(arguments)?;
    match (&arguments.to, &arguments.purpose, &arguments.recipient, arguments.dry_run) {
        (Some(to), Some(purpose), Some(recipient), false) => export(context, arguments, to, purpose, recipient),
        _ => rehearse(context, arguments),
    }
}

/// Shows what an export would disclose; only reads the archive.
fn rehearse(context: &Context, arguments: &Arguments) -> Result<Done, CommandError> {
    let archive = context.open()?;
    let selection = select(&archive, arguments)?;
    let signer = context.signer(&archive);
    let plan = plan(&archive, arguments, &selection, signer)?;
    warn_if_passed(&archive, plan.exhibits.iter().map(|planned| &planned.exhibit))?;
    if signer.is_none() {
        say::caution(
            "the key that would sign is not on this machine; the bundle would also contain the entries that \
            introduced it",
        );
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if context.options.json {
        output::json(
            &mut out,
            &disclosed::json(
                &archive,
                &plan,
                &selection.left_out,
                named_in_the_report(&plan, arguments)
                    .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)))
                    .collect(),
            )?,
        )?;
    } else {
        announce(&mut out, &plan, arguments)?;
        for (exhibit, reason) in &selection.left_out {
            writeln!(out, "    {exhibit}: {reason}")?;
        }
        disclosed::print_all(&mut out, &archive, &plan)?;
        writeln!(out, "This was a dry run: nothing was written or recorded")?;
    }
    out.flush()?;
    Ok(Done::Well)
}

/// What the bundle will hold.
fn plan(
    archive: &Reader,
    arguments: &Arguments,
    selection: &Selection,
    signer: Option<KeyId>,
) -> Result<ExportPlan, CommandError> {
    let policy = DisclosurePolicy::new(&arguments.disclose, &arguments.withhold)
        .with_earlier_values(&arguments.disclose_earlier);
    let policy = if arguments.disclose_all { policy.with_everything() } else { policy };
    let left_out = selection.left_out.keys().copied().collect();
    let mut plan = export::plan(archive, &selection.exhibits, &left_out, policy, signer)?;
    if let (Some(collection), true) = (&arguments.collection, selection.is_collection) {
        export::plan_completeness(archive, &mut plan, collection, &selection.left_out)?;
    }
    for name in arguments.disclose.iter().chain(&arguments.disclose_earlier).chain(&arguments.withhold) {
        // A mistyped name would disclose what it should withhold. Every export has a purpose and a recipient.
        let is_of_the_export = [PURPOSE, RECIPIENT].contains(&name.as_str());
        if !is_of_the_export
            && !plan.disclosed.contains_key(name.as_str())
            && !plan.withheld.contains_key(name.as_str())
        {
            return Err(CommandError::usage(format!("no entry of these exhibits has a field {name}"))
                .hint("`vouchsafe custody EXHIBIT` lists their fields"));
        }
    }
    Ok(plan)
}

fn export(
    context: &Context,
    arguments: &Arguments,
    to: &Path,
    purpose: &str,
    recipient: &str,
) -> Result<Done, CommandError> {
    let mut session = context.open_to_write()?;
    let selection = select(session.reader(), arguments)?;
    let keys = check_permission(context, session.reader(), EventKind::BundleExported)?;
    let plan = plan(session.reader(), arguments, &selection, Some(keys.agent.public().id()))?;
    match context.options.json {
        false => {
            let mut out = std::io::stdout().lock();
            announce(&mut out, &plan, arguments)?;
            disclosed::print_few(&mut out, session.reader(), &plan)?;
        }
        true if arguments.collection.is_some() && plan.completeness.is_none() => say::caution(NO_STATEMENT),
        true => {}
    }
    warn_if_passed(session.reader(), plan.exhibits.iter().map(|planned| &planned.exhibit))?;
    let is_zip = to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    let request = ExportRequest {
        plan,
        to: to.to_owned(),
        form: if is_zip { ExportForm::Zip } else { ExportForm::Folder },
        recipient: recipient.to_owned(),
        purpose: purpose.to_owned(),
        threads: 0,
    };
    for left in unfinished_beside(&request.to) {
        say::warning(format_args!(
            "{} is not a bundle: it is left from an interrupted export, or belongs to one that is still running. It \
             may hold copies of exhibits; remove it when no export is running",
            shown(&left)
        ));
    }
    let watcher = Watcher::new(context);
    let story = Story { language: arguments.language };
    let exported = export::export(&mut session, &request, &story, &keys, &watcher);
    watcher.finish();
    let exported = exported?;
    context.recorded(exported.index);
    print_exported(context, &request, &exported)
}

fn check_arguments(arguments: &Arguments) -> Result<(), CommandError> {
    for (name, text) in [("purpose", &arguments.purpose), ("recipient", &arguments.recipient)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(CommandError::usage(format!("the {name} is empty")));
        }
    }
    let disclosed = || arguments.disclose.iter().chain(&arguments.disclose_earlier);
    if let Some(name) = disclosed().find(|name| arguments.withhold.contains(name)) {
        return Err(CommandError::usage(format!("{name}: the same command both discloses and withholds this field")));
    }
    arguments.to.as_deref().map_or(Ok(()), check_place)
}

/// Whether a bundle can be written there.
fn check_place(to: &Path) -> Result<(), CommandError> {
    if to.symlink_metadata().is_ok() {
        return Err(ArchiveError::Exists { path: to.to_owned() }.into());
    }
    if to.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(CommandError::usage(format!("{}: the name of a bundle cannot end with a slash", to.display()))
            .hint("give the name of a new folder, or of a new file that ends with .zip"));
    }
    check_outside(to)?;
    let parent = to.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(CommandError::incomplete(format!("{}: there is no such folder", parent.display()))
            .hint("create that folder first; the command creates only the last part of --to"));
    }
    Ok(())
}

/// What is asked for.
struct Selection {
    exhibits: Vec<ExhibitId>,
    /// The exhibits of the collection that are not among them.
    left_out: BTreeMap<ExhibitId, WithholdingReason>,
    /// Whether the two together are a collection and nothing else.
    is_collection: bool,
}

fn select(archive: &Reader, arguments: &Arguments) -> Result<Selection, CommandError> {
    let typed = arguments.exhibits.iter().map(|typed| find_exhibit(archive, typed));
    let mut exhibits = typed.collect::<Result<Vec<_>, _>>()?;
    if let Some(query) = &arguments.query {
        let filter = Filter::asking(Query::parse(query)?);
        archive.find(&filter, |exhibit, _| {
            exhibits.push(exhibit);
            true
        })?;
    }
    let members = match &arguments.collection {
        Some(collection) => export::collection(archive, collection)?,
        None => BTreeSet::new(),
    };
    let left_out = arguments.left_out.read(archive)?;
    if let Some(stranger) = left_out.keys().find(|exhibit| !members.contains(exhibit)) {
        return Err(CommandError::usage(format!(
            "{stranger}: it cannot be left out, since it is not in the collection"
        ))
        .hint("`vouchsafe show` names the collection that it is in"));
    }
    let is_collection = !members.is_empty() && exhibits.iter().all(|exhibit| members.contains(exhibit));
    exhibits.extend(members.iter().filter(|member| !left_out.contains_key(member)));
    match exhibits.is_empty() {
        false => Ok(Selection { exhibits, left_out, is_collection }),
        true if !left_out.is_empty() => {
            Err(CommandError::usage("every exhibit of the collection is left out, so the bundle would be empty"))
        }
        true if arguments.collection.is_some() || arguments.query.is_some() => {
            let error = CommandError::usage("no exhibit matches");
            Err(match &arguments.collection {
                Some(collection) => {
                    let whole = "--collection needs the whole name of a collection; `vouchsafe list --collection PART` \
                        finds it";
                    with_collections(error.hint(whole), archive, collection)?
                }
                None => error.hint("see `vouchsafe list`"),
            })
        }
        true => Err(CommandError::usage("no exhibits to export are named")
            .hint("name exhibits, or give --collection NAME or --query QUERY")),
    }
}

/// Shows what the bundle will contain, before it is written.
fn announce(out: &mut dyn Write, plan: &ExportPlan, arguments: &Arguments) -> Result<(), CommandError> {
    writeln!(
        out,
        "{} ({}) with {}{}",
        count(plan.exhibits.len() as u64, "exhibit"),
        bytes(plan.size_bytes),
        count(plan.entries, "entry"),
        arguments.recipient.as_ref().map(|name| format!(", for {}", printable(name))).unwrap_or_default(),
    )?;
    writeln!(out, "  disclosed: {}", disclosed::names(&plan.disclosed))?;
    writeln!(out, "  withheld:  {}", disclosed::names(&plan.withheld))?;
    for (name, text) in named_in_the_report(plan, arguments) {
        let text = text.map_or_else(|| "(as given at the export)".to_owned(), printable);
        writeln!(out, "  the report names the {name} of this export: {text}")?;
    }
    writeln!(out, "  The bundle contains the exhibits themselves, whole: nothing inside them is withheld.")?;
    match &plan.completeness {
        Some(stated) if stated.withheld_exhibits() > 0 => writeln!(
            out,
            "  left out:  {} of the collection ({}), counted by commitments",
            count(stated.withheld_exhibits(), "exhibit"),
            check::reasons(&stated.withheld),
        )?,
        None if arguments.collection.is_some() => writeln!(out, "  {NO_STATEMENT}")?,
        _ => {}
    }
    Ok(print_not_handed_on(out, plan)?)
}

/// The fields of the export itself that the report names, each with the value that was given.
fn named_in_the_report<'a>(
    plan: &ExportPlan,
    arguments: &'a Arguments,
) -> impl Iterator<Item = (&'static str, Option<&'a str>)> {
    let given = [(PURPOSE, arguments.purpose.as_deref()), (RECIPIENT, arguments.recipient.as_deref())];
    given.into_iter().filter(|(name, _)| plan.discloses_of_the_export(name))
}

/// Names the histories that are left out so that nothing reveals an exhibit that is left out.
fn print_not_handed_on(out: &mut dyn Write, plan: &ExportPlan) -> std::io::Result<()> {
    for history in &plan.histories_not_handed_on {
        let origin = history.origin.as_ref().map_or("an archive", |origin| origin.as_str());
        let (origin, of) = (printable(origin), count(history.exhibits, "exhibit"));
        writeln!(out, "  The history in {origin} of {of} is not in the bundle, {}.", why_not(&history.reason))?;
    }
    let names_left_out = |history: &HistoryNotHandedOn| history.reason == WhyNotHandedOn::NamesLeftOut;
    for LetterNotHandedOn { letter, reason } in &plan.letters_not_handed_on {
        let why = match reason {
            WhyLetterStays::Withheld { tells } => {
                let tells: Vec<_> = tells.iter().map(String::as_str).collect();
                format!(
                    "though it would prove that; --disclose {PARTNER_LETTER} adds it, with the fields in it ({})",
                    tells.join(", ")
                )
            }
            WhyLetterStays::CountsLeftOut => {
                "since it counts the exhibits that were handed over, and so reveals that some are left out".to_owned()
            }
            WhyLetterStays::Unreadable { found } => {
                format!("since it cannot be read ({}); see `vouchsafe repair`", output::printable(found))
            }
        };
        let letter = &letter.to_string()[..12];
        writeln!(out, "  The other archive's letter {letter}…, by which custody passed, is not in the bundle, {why}.")?;
    }
    if plan.histories_not_handed_on.iter().any(names_left_out) {
        writeln!(
            out,
            "  WARNING: the entries about these exhibits still name the bundle in which they arrived. Whoever has that \
             bundle\n\
             \x20 (its sender and its recipients) can see which of its exhibits are missing here, and so what is left out."
        )?;
    }
    Ok(())
}

/// Why a history is not in the bundle.
fn why_not(reason: &WhyNotHandedOn) -> String {
    match reason {
        WhyNotHandedOn::NamesLeftOut => "since its dossier names an exhibit that is left out".to_owned(),
        WhyNotHandedOn::Unreadable { found, is_damaged } => {
            format!("since its dossier cannot be read ({}); {}", output::printable(found), way_out(*is_damaged))
        }
        WhyNotHandedOn::DoesNotHold { found } => {
            format!("since the bundle would fail its check with it ({})", output::printable(found))
        }
        WhyNotHandedOn::Contradicts { found } => {
            format!("since another history of the same log contradicts it ({})", output::printable(found))
        }
        WhyNotHandedOn::SharedByTooMany => {
            format!(
                "since more than {MAX_SHARING} exhibits come from one exhibit in it; export fewer of them at a \
                time"
            )
        }
        WhyNotHandedOn::TooLarge { size_bytes } => format!(
            "since it would take {}, and a bundle may hold {} of such histories; export fewer exhibits at a time",
            bytes(*size_bytes),
            bytes(MAX_FOREIGN_BYTES),
        ),
    }
}

fn print_exported(context: &Context, request: &ExportRequest, exported: &Exported) -> Result<Done, CommandError> {
    let mut out = std::io::stdout().lock();
    if context.options.json {
        let value = json::ExportDone {
            completeness: &exported.report.completeness,
            disclosed: &request.plan.disclosed,
            exported,
            findings: &exported.report.findings,
            histories_not_handed_on: &request.plan.histories_not_handed_on,
            letters_not_handed_on: &request.plan.letters_not_handed_on,
            verdict: exported.report.verdict,
            withheld: &request.plan.withheld,
        };
        output::json(&mut out, &value)?;
        return Ok(outcome(request, exported));
    }
    writeln!(out, "Wrote {}, checked it, and recorded it as entry {}", shown(&request.to), exported.index)?;
    writeln!(out, "  bundle {}", exported.bundle)?;
    if let Some(stated) = &exported.report.completeness {
        writeln!(out, "  {}", check::completeness(stated))?;
    }
    print_not_handed_on(&mut out, &request.plan)?;
    if let Some(fingerprint) = exported.report.fingerprint {
        writeln!(
            out,
            "Send the recipient the archive's fingerprint through a separate channel; the bundle is checked against it:"
        )?;
        writeln!(out, "  {}", fingerprint.paper())?;
    }
    if !exported.report.findings.is_empty() {
        writeln!(out, "Checking the bundle will report these findings:")?;
        for finding in &exported.report.findings {
            writeln!(out, "{}", output::finding_line(finding))?;
        }
    }
    Ok(outcome(request, exported))
}

fn outcome(request: &ExportRequest, exported: &Exported) -> Done {
    let was_asked_for = |history: &HistoryNotHandedOn| history.reason == WhyNotHandedOn::NamesLeftOut;
    match exported.report.worst() {
        None | Some(Severity::Notice) if request.plan.histories_not_handed_on.iter().all(was_asked_for) => Done::Well,
        _ => Done::WithFindings,
    }
}

fn shown(path: &Path) -> String {
    output::printable(&path.display().to_string())
}
