//! What is made from the table of fields: the page that lists them, and what the page that checks a bundle calls them. With
//! `VOUCHSAFE_BLESS=1` both are written anew.

use std::fs;
use std::path::{Path, PathBuf};

use vouchsafe_core::model::vocabulary::{AS_WRITTEN, FIELDS, FieldKind, KnownField, WrittenBy};

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

The fields that have a fixed meaning. This page is made from the table in `crates/core/src/model/vocabulary.rs`, as are metadata files,
the options of `ingest`, searching, the report and the page that checks a bundle. A field that is not here may have any name and any
value, below `fields:` in a metadata file or with `--field NAME=VALUE`.

A date that is given in other words than EDTF is kept twice: as it was read in the field, and as it was written in the field
whose name ends with `_as_written`. `unknown:REASON` says of any field that its value is not known, and why.

*Disclosed*: whether a bundle discloses the field unless it is said otherwise. Everything else is withheld.

";

fn row(field: &KnownField) -> String {
    let yes = |is: bool| if is { "yes" } else { "" };
    format!(
        "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        field.name,
        field.english,
        field.korean,
        field.meaning,
        field.kind.name(),
        yes(field.disclosed),
        yes(field.searched),
        field.dublin_core.unwrap_or_default(),
        field.premis.unwrap_or_default(),
    )
}

#[test]
fn the_page_of_fields_is_made_from_the_table() {
    let mut page = INTRODUCTION.to_owned();
    for (heading, written_by) in [
        ("Given by whoever describes an exhibit", WrittenBy::Person),
        ("Written by the program", WrittenBy::Program),
        ("Written with an act", WrittenBy::Act),
    ] {
        page.push_str(&format!("## {heading}\n\n"));
        page.push_str("| name | English | Korean | what | kind | disclosed | searched | Dublin Core | PREMIS 3 |\n");
        page.push_str("|---|---|---|---|---|---|---|---|---|\n");
        page.extend(FIELDS.iter().filter(|field| field.written_by == written_by).map(row));
        page.push('\n');
    }
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
