//! What a court uses to check a bundle without this program: `verify.html` in a real browser and `verify.sh` in every
//! shell that is here, on bundles that `tests/viewer/bundles.py` writes from the text of the format alone.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the scripts in `tests/viewer` exit with where a tool is missing that they need.
const NOT_RUN: i32 = 77;

fn viewer(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/viewer").join(name)
}

/// A Python that can do what the script needs: Debian's own knows Debian's Selenium, another one may come first.
fn run(test: &str, script: &str, arguments: &[&str]) {
    let mut said = Vec::from(format!("{test}: Python is not here"));
    for python in ["python3", "/usr/bin/python3"] {
        let mut command = Command::new(python);
        command.args(["-W", "ignore"]).arg(viewer(script)).args(arguments).stdin(Stdio::null());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let Ok(output) = command.output() else { continue };
        if output.status.code() != Some(NOT_RUN) {
            let [text, errors] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
            assert!(output.status.success(), "{text}{errors}");
            return;
        }
        said = output.stdout;
    }
    // Past the capture of the test harness: what did not run is said.
    let _ = writeln!(std::io::stderr(), "{}", String::from_utf8_lossy(&said).trim_end());
}

/// A script that asks the program itself, too.
fn run_with_program(test: &str, script: &str, arguments: &[&str]) {
    run(test, script, &[arguments, &[crate::desk::PROGRAM]].concat());
}

#[test]
fn the_page_lets_no_script_run_but_its_own() {
    run("the_page_lets_no_script_run_but_its_own", "seal_page.py", &["--check"]);
}

#[test]
fn the_script_finds_what_is_wrong_with_a_bundle() {
    run("the_script_finds_what_is_wrong_with_a_bundle", "script.py", &[]);
}

#[test]
fn the_page_finds_what_is_wrong_with_a_bundle() {
    run("the_page_finds_what_is_wrong_with_a_bundle", "view.py", &[]);
}

#[test]
fn the_program_finds_what_is_wrong_with_a_bundle() {
    run_with_program("the_program_finds_what_is_wrong_with_a_bundle", "program.py", &[]);
}

/// What can be given with `--trust`: every form, and every slip. The script is asked by `script.py`.
#[test]
fn the_program_takes_every_form_of_a_fingerprint_for_what_it_is() {
    run_with_program("the_program_takes_every_form_of_a_fingerprint_for_what_it_is", "trust_forms.py", &["program"]);
}

#[test]
fn the_page_takes_every_form_of_a_fingerprint_for_what_it_is() {
    run("the_page_takes_every_form_of_a_fingerprint_for_what_it_is", "trust_forms.py", &["page"]);
}

/// Bundles by chance, from one seed; with `VOUCHSAFE_LONG` many more.
#[test]
fn the_readers_agree_on_bundles_that_nobody_thought_of() {
    run_with_program("the_readers_agree_on_bundles_that_nobody_thought_of", "differ.py", &[]);
}

const ANEW: &str = "`VOUCHSAFE_BLESS=1 cargo test --test main -- viewer::the_document` writes the table anew";

/// The table in the document is what the other tests here saw, in the same order.
#[test]
fn the_document_says_what_finds_what() {
    let path = viewer("../../docs/bundle.md");
    let document = fs::read_to_string(&path).unwrap();
    let expected = fs::read_to_string(viewer("expected.tsv")).unwrap();
    let cell = |text: &str| match text {
        "-" => "not given".to_owned(),
        "cannot see" => "not seen".to_owned(),
        other => other.to_owned(),
    };
    let row = |row: &str| {
        let cells: Vec<_> = row.split('\t').collect();
        let [_, what, page, script, program] = cells[..] else { panic!("{row}") };
        format!("| {what} | {} | {} | {} |\n", cell(program), cell(page), cell(script))
    };
    let rows: Vec<_> = expected.lines().filter(|line| !line.starts_with('#')).map(row).collect();
    assert!(rows.len() > 50);
    let heading = "| what is wrong | `vouchsafe check` | `verify.html` | `verify.sh` |\n|---|---|---|---|\n";
    let (before, rest) = document.split_once(heading).expect("docs/bundle.md has no such table");
    let table: usize = rest.split_inclusive('\n').take_while(|line| line.starts_with('|')).map(str::len).sum();
    if std::env::var_os("VOUCHSAFE_BLESS").is_some() {
        fs::write(path, format!("{before}{heading}{}{}", rows.concat(), &rest[table..])).unwrap();
        return;
    }
    let found: Vec<_> = rest[..table].split_inclusive('\n').collect();
    for (found, row) in found.iter().zip(&rows) {
        assert_eq!(found, row, "{ANEW}");
    }
    assert_eq!(found.len(), rows.len(), "{ANEW}");
}
