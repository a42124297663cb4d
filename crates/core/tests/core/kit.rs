//! The page and the scripts that check bundles share no code with the program, but they must know the same events. Their tables
//! are written from the declarations: into `crates/archive/kit/`, between a line with "generated" and the next one with "end of".
//! After a change that is meant, `VOUCHSAFE_BLESS=1 cargo test -p vouchsafe-core --test core -- kit` writes them; what is then
//! wrong in the page is its seal, which `tests/viewer/seal_page.py` renews.

use std::collections::BTreeSet;
use std::fs;

use vouchsafe_core::model::{
    Answer, Bilingual, Direction, EventKind, MAX_FAILED_OBJECTS, Medium, Member, RepairSource, Role, Site, Verdict,
};

use crate::data;

const PAGE: &str = "crates/archive/kit/verify.html";
const SHELL_SCRIPT: &str = "crates/archive/kit/verify.sh";
const POWERSHELL_SCRIPT: &str = "crates/archive/kit/verify.ps1";

/// How the page and the shell script check a member.
struct Form {
    page: String,
    script: String,
}

/// The form of a member. Of texts, only the name says what they are.
fn form(member: Member) -> Form {
    let inner = member.type_name.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>'));
    let (page, script) = match (inner.unwrap_or(member.type_name), member.name) {
        ("Digest", _) => ("HEX32".to_owned(), "\\\"$H\\\"".to_owned()),
        ("Vec<Digest>", "fields") => ("DIGESTS".to_owned(), "$LIST".to_owned()),
        ("Vec<Digest>", "failed_objects") => (format!("sortedOf(HEX32, 0, {MAX_FAILED_OBJECTS})"), "$LIST".to_owned()),
        ("u64" | "EntryIndex", _) => ("whole".to_owned(), "$N".to_owned()),
        ("bool", _) => ("oneOf(true, false)".to_owned(), "(true|false)".to_owned()),
        ("KeyId", _) => ("KEY_ID".to_owned(), "\\\"$ID\\\"".to_owned()),
        ("Timestamp", _) => ("TIME".to_owned(), "\\\"$T\\\"".to_owned()),
        ("ExhibitId", _) => ("matching(EXHIBIT)".to_owned(), "\\\"$X\\\"".to_owned()),
        ("CopyId", _) => ("matching(REPLICA)".to_owned(), "\\\"C$SUBJECT\\\"".to_owned()),
        ("MediaType", _) => ("MEDIA_TYPE".to_owned(), "\\\"$MEDIA/$MEDIA\\\"".to_owned()),
        ("GapBound", _) => ("gapBound".to_owned(), "\\\"$GAP\\\"".to_owned()),
        ("AgentRecord", _) => ("AGENT".to_owned(), "$AGENT".to_owned()),
        ("Vec<Role>", _) => ("ROLES".to_owned(), "$ROLES".to_owned()),
        ("Recovery", _) => ("RECOVERY".to_owned(), "$RECOVERY".to_owned()),
        ("String", "software") => ("SOFTWARE".to_owned(), "\\\"$SOFTWARE\\\"".to_owned()),
        ("String", "log_key") => ("(value) => { verifierKey(value); }".to_owned(), "\\\"$VKEY\\\"".to_owned()),
        ("String", "log_key_pq") => ("(value) => { verifierKeyPq(value); }".to_owned(), "\\\"$VKEY_PQ\\\"".to_owned()),
        ("Coverage", _) => ("coverage".to_owned(), NO_FORM.to_owned()),
        ("Vec<Stretch>", _) => ("stretches".to_owned(), NO_FORM.to_owned()),
        ("Verdict", _) => one_of(Verdict::ALL.iter().map(|word| word.as_str())),
        ("Medium", _) => one_of(Medium::ALL.iter().map(|word| word.as_str())),
        ("Site", _) => one_of(Site::ALL.iter().map(|word| word.as_str())),
        ("RepairSource", _) => one_of(RepairSource::ALL.iter().map(|word| word.as_str())),
        ("Direction", _) => one_of(Direction::ALL.iter().map(|word| word.as_str())),
        ("Answer", _) => one_of(Answer::ALL.iter().map(|word| word.as_str())),
        (other, name) => panic!("give the member {name} of the type {other} a form in tests/core/kit.rs"),
    };
    Form { page, script }
}

/// The shell script never sees such a member: no bundle holds entries of these kinds.
const NO_FORM: &str = "no form";

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> (String, String) {
    let words: Vec<_> = words.collect();
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    (format!("oneOf({})", quoted.join(", ")), format!("\\\"({})\\\"", words.join("|")))
}

/// Whether the body may lack it. An ingest has its media type unless it is sealed, which both readers treat by itself.
fn is_optional(member: Member) -> bool {
    member.type_name.starts_with("Option<") && member.name != "media_type"
}

/// The kinds whose entries lie in bundles.
fn in_bundles(kind: EventKind) -> bool {
    kind.is_about_an_exhibit() || kind.changes_who_may_sign()
}

fn roles_of(kind: EventKind) -> Vec<&'static str> {
    Role::ALL.iter().filter(|&&role| kind.is_allowed_to(role)).map(|role| role.as_str()).collect()
}

fn kinds_that(is_meant: impl Fn(EventKind) -> bool) -> Vec<&'static str> {
    EventKind::ALL.iter().filter(|kind| is_meant(**kind)).map(|kind| kind.as_str()).collect()
}

// --- the page ---------------------------------------------------------------------------------

fn page_events() -> String {
    let list =
        |words: &[&str]| format!("[{}]", words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", "));
    let mut text = "const EVENTS = {\n".to_owned();
    for kind in EventKind::ALL {
        let roles = roles_of(*kind);
        let roles = match roles.len() {
            4 => "ALL".to_owned(),
            3 => "EXPORTERS".to_owned(),
            _ => list(&roles),
        };
        let members = |optional| {
            let members = kind.members().iter().filter(|member| member.name != "fields");
            let members = members.filter(|member| is_optional(**member) == optional).map(|member| {
                let form = form(*member).page;
                if form == member.name { form } else { format!("{}: {form}", member.name) }
            });
            members.collect::<Vec<_>>().join(", ")
        };
        let braced = |members: String| if members.is_empty() { "{}".to_owned() } else { format!("{{ {members} }}") };
        let some = members(true);
        let some = if some.is_empty() { String::new() } else { format!(", {}", braced(some)) };
        text += &format!("  '{kind}': [{roles}, {}{some}],\n", braced(members(false)));
    }
    text += "};\n";
    text += &format!("const ABOUT_AGENTS = {};\n", list(&kinds_that(EventKind::changes_who_may_sign)));
    text += &format!("const ABOUT_AN_EXHIBIT = {};\n", list(&kinds_that(EventKind::is_about_an_exhibit)));
    text + &format!("const DESCRIBES = {};\n", list(&kinds_that(EventKind::describes_an_exhibit)))
}

fn page_titles(of: impl Fn(Bilingual) -> &'static str) -> String {
    let titles = EventKind::ALL.iter().filter_map(|kind| {
        let title = of(kind.page_title()?);
        assert!(!title.contains(['\'', '\\']), "{title}");
        Some(format!("'{kind}': '{title}'"))
    });
    format!("    events: {{ {} }},\n", titles.collect::<Vec<_>>().join(", "))
}

// --- the scripts ------------------------------------------------------------------------------

/// The arms of a `case` for these words, seven in a line; a pattern cannot be continued on the next one.
fn arms(kinds: &[&str], then: &str) -> String {
    kinds.chunks(7).map(|line| format!("    {}) {then}\n", line.join(" | "))).collect()
}

/// The body of a kind as an expression: the members in order, with what may be attached to any at its place. Of what lies before
/// `fields`, which is always there, each has a comma after it; of what lies after, each has one before it.
fn script_body(kind: EventKind) -> String {
    let mut parts: Vec<(&str, String)> = Vec::new();
    let mut is_behind = false;
    for member in kind.members() {
        let quoted = format!("\\\"{}\\\":{}", member.name, form(*member).script);
        is_behind |= member.name == "fields";
        let part = match (member.name, is_optional(*member)) {
            ("fields", _) => quoted,
            ("media_type", _) => "$media".to_owned(),
            (_, true) if is_behind => format!("(,{quoted})?"),
            (_, false) if is_behind => format!(",{quoted}"),
            (_, true) => format!("({quoted},)?"),
            (_, false) => format!("{quoted},"),
        };
        parts.push((member.name, part));
    }
    if kind != EventKind::ArchiveCreated {
        parts.push(("approvals", "$approved".to_owned()));
    }
    parts.push(("sealed", "$sealing".to_owned()));
    parts.sort();
    format!("\\\\{{{}\\\\}}", parts.into_iter().map(|(_, part)| part).collect::<String>())
}

fn script_bodies() -> String {
    let mut bodies: Vec<(String, Vec<&str>)> = Vec::new();
    for kind in EventKind::ALL.iter().filter(|kind| in_bundles(**kind)) {
        let body = script_body(*kind);
        assert!(!body.contains(NO_FORM), "{kind} needs a form in tests/core/kit.rs");
        match bodies.iter_mut().find(|(one, _)| *one == body) {
            Some((_, kinds)) => kinds.push(kind.as_str()),
            None => bodies.push((body, vec![kind.as_str()])),
        }
    }
    bodies.iter().map(|(body, kinds)| arms(kinds, &format!("printf %s \"{body}\" ;;"))).collect()
}

fn script_roles() -> String {
    let all: BTreeSet<_> = EventKind::ALL.iter().map(|kind| roles_of(*kind)).collect();
    let arms = all.iter().map(|roles| {
        let then = if roles.is_empty() { ";;".to_owned() } else { format!("printf '{}' ;;", roles.join(" ")) };
        arms(&kinds_that(|kind| roles_of(kind) == *roles), &then)
    });
    arms.collect()
}

fn powershell_events() -> String {
    let lines: Vec<_> = EventKind::ALL
        .chunks(7)
        .map(|line| line.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", "))
        .collect();
    format!("$knownEvents = {}\n", lines.join(",\n    "))
}

// --- the files --------------------------------------------------------------------------------

/// The text with this content in the place of this name.
fn with(text: &str, name: &str, content: &str) -> String {
    let begin = format!("{name}: generated");
    let at = text.find(&begin).unwrap_or_else(|| panic!("there is no line with {begin:?}"));
    let from = at + text[at..].find('\n').unwrap() + 1;
    let end = from + text[from..].find("end of what is generated").unwrap();
    let to = text[..end].rfind('\n').unwrap() + 1;
    [&text[..from], content, &text[to..]].concat()
}

fn check(path: &str, parts: &[(&str, String)]) {
    let file = data::project_file(path);
    let text = fs::read_to_string(&file).unwrap();
    let made = parts.iter().fold(text.clone(), |text, (name, content)| with(&text, name, content));
    if data::is_blessed() {
        fs::write(file, made).unwrap();
        return;
    }
    let lines = || text.lines().zip(made.lines());
    let difference = lines().find(|(found, made)| found != made).unwrap_or_default();
    assert!(text == made, "{path} is not as declared (VOUCHSAFE_BLESS=1 writes it): {difference:#?}");
}

#[test]
fn the_page_and_the_scripts_know_the_declared_events() {
    check(
        PAGE,
        &[
            ("events", page_events()),
            ("English titles", page_titles(|(english, _)| english)),
            ("Korean titles", page_titles(|(_, korean)| korean)),
        ],
    );
    let known = arms(&kinds_that(|_| true), ";;");
    let signing = arms(&kinds_that(EventKind::changes_who_may_sign), ";;");
    let describing = arms(&kinds_that(EventKind::describes_an_exhibit), ";;");
    check(
        SHELL_SCRIPT,
        &[
            ("bodies", script_bodies()),
            ("roles", script_roles()),
            ("known events", known),
            ("events about agents", signing),
            ("events that describe", describing),
        ],
    );
    check(POWERSHELL_SCRIPT, &[("events", powershell_events())]);
    check_passing(&fs::read_to_string(data::project_file(POWERSHELL_SCRIPT)).unwrap());
}

/// The PowerShell script looks for the letter by which custody passed with an expression of its own: with the members as declared.
fn check_passing(script: &str) {
    let (_, rest) = script.split_once("\n$passing = '\"body\":").unwrap();
    let (body, _) = rest.split_once(",\"event\":").unwrap();
    let names = body.match_indices("\":").map(|(at, _)| body[..at].rsplit('"').next().unwrap());
    let names: Vec<_> = names.filter(|name| !["approvals", "sealed"].contains(name)).collect();
    assert_eq!(names, EventKind::CustodyPassed.members().iter().map(|member| member.name).collect::<Vec<_>>());
}
