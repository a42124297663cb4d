//! What is made from the table of fields: the page that lists them, and what the page that checks a bundle calls them. With
//! `VOUCHSAFE_BLESS=1` both are written anew.

use std::fs;
use std::path::{Path, PathBuf};

use vouchsafe_core::model::vocabulary::{AS_WRITTEN, FIELDS, FieldKind, KnownField, Obligation, When, WrittenBy};

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn compare_or_write(path: &str, made: &str) {
    if std::env::var_os("VOUCHSAFE_BLESS").is_some() {
        fs::write(project(path), made).unwrap();
    }
    let there = fs::read_to_string(project(path)).unwrap_or_default();
    let different = there.lines().zip(made.lines()).find(|(there, made)| there != made);
    assert!(there == made, "{path} is not what the table of fields says; VOUCHSAFE_BLESS=1 writes it: {different:?}");
}

const INTRODUCTION: &str = "# Fields

The fields that have a fixed meaning. This page is made from the table in `crates/core/src/model/vocabulary/table.rs`, as are metadata
files, options, searching, the report and the page that checks a bundle. A field that is not here may have any name and any value, below
`fields:` in a metadata file or with `--field NAME=VALUE`.

## How to give them

- **Name.** Wherever a name is typed, the English or Korean label means the same: `describe X-7K3M 증인=K-17`. Letter case, spaces
  and hyphens make no difference. A word in lower-case Latin letters that is not in the first column is a field of your own.
- **Not known.** `unknown:REASON` (or `모름:이유`) answers any field whose value is not known.
- **Dates** are EDTF. A date in other words is kept twice if it can be read in only one way: as it was read, and as it was written, in
  the field whose name ends with `_as_written`. Otherwise, only the words are kept.
- **Lists**: separate the items by semicolons; `\\;` is a semicolon within an item. In a metadata file, write `[one, two]`. Write `none`
  if there is none.
- **Languages** are kept as tags (BCP 47). `ko`, `Korean` and `한국어` are all understood.
- **Coordinates** are latitude, longitude in decimal degrees (WGS 84), and how far off that may be: `41.79, 128.88 ±500 m`.
- **Choices** are kept as their code. The code and both labels are understood. Of a closed list, any other value is refused when it is
  given; what an archive already holds stays.
- **Places.** `place` is where the exhibit was made. `place_names` has the same place in other scripts and spellings, `depicted_places`
  the places that it shows, `interview_place` where a witness was heard. `coordinates` belong to `place`.

## What a court asks

A missing field keeps no evidence out. `show` asks the questions that are open, and grades the description:

| grade | what it means |
|---|---|
| complete | every mandatory field that applies has a value, or is `unknown` with the reason |
| partial | who gave it, who made it, when and where are answered; other mandatory fields are not |
| thin | something is described, but not all of these four |
| undescribed | nobody has described it |

What the program records itself needs no field: name and path of the file, size, SHA-256, time of the ingest, and the agent who
ingested it. Of a testimony, `interviewers`, `interview_date`, `interview_place` and `interview_languages` also answer who made it, when,
where and in which language.

*Asked by* names the document that a field comes from. It claims no conformance: the Berkeley Protocol, the CSO Guidelines and
ISO/IEC 27037 are known here from quotations only.

";

fn row(field: &KnownField) -> String {
    let asked = match (field.obligation, field.when) {
        (Obligation::Optional, _) => String::new(),
        (Obligation::Mandatory, When::Always) => "mandatory".to_owned(),
        (Obligation::Mandatory, when) => format!("mandatory {}", when.name()),
        (Obligation::Recommended, When::Always) => "recommended".to_owned(),
        (Obligation::Recommended, when) => format!("recommended {}", when.name()),
    };
    let values = match (field.choices.is_empty(), field.is_closed) {
        (true, _) => field.kind.name().to_owned(),
        (false, true) => format!("[choice](#{})", field.name),
        (false, false) => format!("[choice](#{}), or text", field.name),
    };
    let cells = [
        &format!("`{}`", field.name),
        field.english,
        field.korean,
        field.meaning,
        &values,
        &asked,
        field.asked_by,
        field.dublin_core.unwrap_or_default(),
        field.premis.unwrap_or_default(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

const COLUMNS: &str = "| name | English | Korean | what | value | asked | asked by | Dublin Core | PREMIS 3 |\n";

/// The questions and the choices of fields, each with a heading of its own.
fn questions_and_choices() -> String {
    let mut page = "## Questions\n\n| field | what a court asks | 법정에서 묻는 것 |\n|---|---|---|\n".to_owned();
    for field in FIELDS.iter().filter(|field| field.obligation != Obligation::Optional) {
        page.push_str(&format!("| `{}` | {} | {} |\n", field.name, field.question[0], field.question[1]));
    }
    page.push_str("\n## Choices\n\n");
    for field in FIELDS.iter().filter(|field| !field.choices.is_empty()) {
        let more = if field.is_closed { "" } else { " Any other text is accepted, too." };
        page.push_str(&format!("### {}\n\n{}.{more}\n\n", field.name, field.english));
        page.push_str("| code | English | Korean |\n|---|---|---|\n");
        for choice in field.choices {
            page.push_str(&format!("| `{}` | {} | {} |\n", choice.code, choice.english, choice.korean));
        }
        page.push('\n');
    }
    page
}

#[test]
fn the_page_of_fields_is_made_from_the_table() {
    let mut page = INTRODUCTION.to_owned();
    let names = |is_so: fn(&KnownField) -> bool| {
        let names = FIELDS.iter().filter(|field| is_so(field)).map(|field| format!("`{}`", field.name));
        names.collect::<Vec<_>>().join(", ")
    };
    page.push_str(&format!(
        "A bundle withholds every field unless you name it with `--disclose`; it discloses {} without being asked. The index of \
         names, which makes searching fast, has {}.\n\n",
        names(|field| field.disclosed),
        names(|field| field.searched)
    ));
    for (heading, written_by) in [
        ("Given by a person", WrittenBy::Person),
        ("Written by the program", WrittenBy::Program),
        ("Written with an act", WrittenBy::Act),
    ] {
        page.push_str(&format!("## {heading}\n\n"));
        page.push_str(COLUMNS);
        page.push_str("|---|---|---|---|---|---|---|---|---|\n");
        page.extend(FIELDS.iter().filter(|field| field.written_by == written_by).map(row));
        page.push('\n');
    }
    page.push_str(&questions_and_choices());
    compare_or_write("docs/fields.md", &format!("{}\n", page.trim_end()));
}

/// A member of the page's table of names.
fn member(name: &str, words: &str) -> String {
    assert!(!words.contains(['\'', '\\', '\n']), "{words}");
    format!("{name}: '{words}'")
}

#[test]
fn the_page_that_checks_bundles_calls_fields_as_the_table_does() {
    let lower = |words: &str| {
        let mut letters = words.chars();
        letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let (mut english, mut korean) = (Vec::new(), Vec::new());
    for field in FIELDS {
        english.push(member(field.name, &lower(field.english)));
        korean.push(member(field.name, field.korean));
        if field.kind == FieldKind::Date {
            let name = format!("{}{AS_WRITTEN}", field.name);
            english.push(member(&name, &format!("{}, as it was written", lower(field.english))));
            korean.push(member(&name, &format!("{}(적힌 그대로)", field.korean)));
        }
    }
    let mut names = [english, korean].map(|members| format!("    names: {{ {} }},", members.join(", "))).into_iter();
    let path = "crates/archive/kit/verify.html";
    let page = fs::read_to_string(project(path)).unwrap();
    let lines = page.lines().map(|line| match line.starts_with("    names: {") {
        true => names.next().expect("the page has two languages"),
        false => line.to_owned(),
    });
    let made = lines.map(|line| line + "\n").collect::<String>();
    assert!(names.next().is_none(), "the page has two languages");
    compare_or_write(path, &made);
}
