//! A metadata file is one however it is called and however it is named on the command line.

use std::fs;

use crate::desk::{Desk, Said};

const NAME: &str = "Kim Invented";

fn creator_of(desk: &Desk, said: &Said, path: &str) -> Option<String> {
    let files = said.files();
    let file = files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("{path}: {files:#?}"));
    let shown = desk.run(["show", "--json", file["exhibit"].as_str().unwrap()]).well().json();
    shown["fields"]["creator"].as_str().map(str::to_owned)
}

fn reason_of(said: &Said, path: &str) -> String {
    let files = said.files();
    let file = files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("{path}: {files:#?}"));
    file["reason"].as_str().unwrap_or_else(|| panic!("{file:#}")).to_owned()
}

fn metadata() -> String {
    format!("creator: {NAME}\n")
}

#[test]
fn a_shell_that_names_every_file_gives_no_metadata_away() {
    let endings = [".meta.yaml", ".meta.yml", ".META.YAML", ".Meta.Yml"];
    for ending in endings {
        let desk = Desk::new();
        desk.write("deposit/testimony.txt", "a testimony");
        let sidecar = format!("deposit/testimony.txt{ending}");
        desk.write(&sidecar, metadata());
        let roots = [
            &["deposit"][..],
            &["deposit/testimony.txt", &sidecar],
            &[&sidecar, "deposit/testimony.txt"],
            &["deposit", &sidecar],
        ];
        for root in roots {
            let said = desk.run(["ingest", "--json", "--dry-run"].iter().copied().chain(root.iter().copied())).well();
            assert_eq!(said.summary(), [1, 1, 0, 0], "{root:?} {ending}");
        }
        let said = desk.run(["ingest", "--json", "deposit/testimony.txt", &sidecar]).well();
        assert_eq!(creator_of(&desk, &said, "deposit/testimony.txt").as_deref(), Some(NAME), "{ending}");
        // The fields stand in the volume, but no object does that holds them.
        assert_eq!(desk.exhibits().len(), 1);
        let arguments =
            ["export", "--query", "", "--to", "out", "--purpose", "p", "--recipient", "r", "--withhold", "creator"];
        desk.run(arguments).well();
        for item in fs::read_dir(desk.path("out/data")).unwrap() {
            let bytes = fs::read(item.unwrap().path()).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(NAME));
        }
    }
}

#[test]
fn a_metadata_file_on_its_own_is_evidence_and_that_is_said() {
    let desk = Desk::new();
    desk.write("deposit/page.html", "a page");
    desk.write("deposit/page.html.meta.yaml", metadata());
    let said = desk.run(["ingest", "deposit/page.html.meta.yaml"]).well();
    said.says("1 metadata file ingested as evidence and not read as metadata").says("  deposit/page.html.meta.yaml");
    desk.write("deposit/lonely.txt.meta.yaml", "title: of what?\n");
    desk.run(["ingest", "deposit/lonely.txt.meta.yaml"]).well().says("1 metadata file ingested as evidence");
    // Among others it was meant for one of them.
    let said = desk.run(["ingest", "--json", "deposit/page.html", "deposit/lonely.txt.meta.yaml"]).code(1);
    assert!(reason_of(&said, "deposit/lonely.txt.meta.yaml").contains("is not beside it"));
}

#[test]
fn a_deposit_with_metadata_files_of_its_own_can_be_evidence_as_a_whole() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/a.txt.meta.yaml", metadata());
    desk.write("deposit/lonely.meta.yaml", "not: [yaml of ours\n");
    let said = desk.run(["ingest", "--json", "deposit", "--metadata-as-evidence"]).well();
    assert_eq!(said.summary(), [3, 3, 0, 0]);
    assert_eq!(said.json_lines().last().unwrap()["remarks"], 2);
    assert_eq!(creator_of(&desk, &said, "deposit/a.txt"), None);
}

#[test]
fn a_metadata_file_that_is_not_applied_is_refused_with_its_reason() {
    let desk = Desk::new();
    desk.write("deposit/interviews/a.txt", "a");
    desk.write("deposit/interviews.meta.yaml", metadata());
    desk.write("deposit/x.txt", "x");
    desk.write("deposit/x.txt.meta.yaml", "title: x\n");
    desk.write("deposit/x.txt.meta.yaml.meta.yaml", "title: y\n");
    desk.write("deposit/x.txt.meta.yml", "title: z\n");
    std::os::unix::fs::symlink("/etc/hostname", desk.path("deposit/link")).unwrap();
    desk.write("deposit/link.meta.yaml", metadata());
    let names: Vec<String> = fs::read_dir(desk.path("deposit"))
        .unwrap()
        .map(|item| format!("deposit/{}", item.unwrap().file_name().to_str().unwrap()))
        .collect();
    for roots in [vec!["deposit".to_owned()], names] {
        let said = desk.run(["ingest", "--json", "--dry-run"].iter().map(|one| (*one).to_owned()).chain(roots)).code(1);
        assert_eq!(said.summary(), [7, 2, 0, 5], "{said:#?}");
        for (name, words) in [
            ("interviews.meta.yaml", "beside a folder, so it is not applied"),
            ("x.txt.meta.yaml.meta.yaml", "a metadata file of another metadata file"),
            ("x.txt.meta.yml", "x.txt.meta.yaml is applied instead"),
            ("link.meta.yaml", "what it describes is not ingested"),
            ("link", "symbolic link"),
        ] {
            let reason = reason_of(&said, &format!("deposit/{name}"));
            assert!(reason.contains(words), "{name}: {reason}");
        }
    }
}

#[test]
fn names_in_two_unicode_forms_belong_together() {
    let (composed, decomposed) = ("\u{c99d}\u{c5b8}.txt", "\u{110c}\u{1173}\u{11bc}\u{110b}\u{1165}\u{11ab}.txt");
    for (file, sidecar) in [(composed, decomposed), (decomposed, composed)] {
        let desk = Desk::new();
        desk.write(format!("deposit/{file}"), "a testimony");
        desk.write(format!("deposit/{sidecar}.meta.yaml"), metadata());
        let said = desk.run(["ingest", "--json", "deposit"]).well();
        assert_eq!(said.summary(), [1, 1, 0, 0]);
        assert_eq!(creator_of(&desk, &said, &format!("deposit/{file}")).as_deref(), Some(NAME));
    }
    // Where both are there, each has its own.
    let desk = Desk::new();
    desk.write(format!("deposit/{composed}"), "one");
    desk.write(format!("deposit/{decomposed}"), "two");
    desk.write(format!("deposit/{composed}.meta.yaml"), metadata());
    let said = desk.run(["ingest", "--json", "deposit"]).well();
    assert_eq!(creator_of(&desk, &said, &format!("deposit/{composed}")).as_deref(), Some(NAME));
    assert_eq!(creator_of(&desk, &said, &format!("deposit/{decomposed}")), None);
}

#[test]
fn a_metadata_file_that_says_nothing_is_refused() {
    for (yaml, words) in [
        ("", "the metadata file is empty"),
        ("# later\n", "the metadata file is empty"),
        ("creator:\n", "creator: the value is empty"),
        ("creator: Null\n", "if it is a name, put it in quotation marks"),
        ("title: #1 statement\n", "what follows # is a comment"),
        ("title: a\nlanguages: 7\n", "line 2: languages must be a language such as ko, or a list"),
    ] {
        let desk = Desk::new();
        desk.write("a.txt", "a");
        desk.write("a.txt.meta.yaml", yaml);
        let said = desk.run(["ingest", "--json", "a.txt"]).code(1);
        assert!(reason_of(&said, "a.txt").contains(words), "{said:#?}");
    }
}
