//! Deposits that come again: what is held already, what a dry run tells, what becomes of metadata.

use crate::desk::{Desk, Said};

/// How many held files came with metadata that was not applied, by the sum at the end.
fn not_applied(said: &Said) -> u64 {
    said.json_lines().into_iter().find(|line| line["summary"] == true).unwrap()["metadata_not_applied"]
        .as_u64()
        .unwrap()
}

#[test]
fn metadata_that_is_not_applied_to_a_held_file_is_told() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/b.txt", "b");
    desk.write("deposit/b.txt.meta.yaml", "title: from the beginning\n");
    desk.run(["ingest", "deposit"]).well();
    let ingest = |more: &[&str]| desk.run(["ingest", "--json", "deposit"].iter().chain(more).copied()).well();

    assert_eq!(not_applied(&ingest(&[])), 0, "the same metadata as before is no news");
    let said = desk.run(["ingest", "deposit"]).well();
    assert!(!said.out.contains("NOT applied"), "{said:#?}");

    desk.write("deposit/b.txt.meta.yaml", "title: corrected\n");
    let said = ingest(&[]);
    assert_eq!(not_applied(&said), 1);
    let files = said.files();
    assert_eq!((&files[0]["metadata_not_applied"], &files[1]["metadata_not_applied"]), (&false.into(), &true.into()));
    let exhibit = files[1]["exhibit"].as_str().unwrap();
    let said = desk
        .run(["ingest", "deposit", "--dry-run"])
        .well()
        .says("Metadata of 1 file already held would NOT be applied");
    said.says("`vouchsafe describe EXHIBIT FIELD=VALUE`").says(&format!("  {exhibit}  deposit/b.txt\n"));
    desk.run(["show", exhibit]).well().says("from the beginning");

    desk.run(["describe", exhibit, "title=corrected"]).well();
    assert_eq!(not_applied(&ingest(&[])), 0, "now it is what the exhibit says");
    assert_eq!(not_applied(&ingest(&["--source", "Depositor 1"])), 2, "options count as well");
    desk.check_sound();
}

#[test]
fn metadata_of_a_large_held_file_is_told_as_well() {
    let desk = Desk::new();
    desk.write("large.bin", crate::desk::noise(1, 3_000_000));
    desk.run(["ingest", "large.bin", "--title", "one"]).well();
    assert_eq!(not_applied(&desk.run(["ingest", "--json", "large.bin", "--title", "one"]).well()), 0);
    assert_eq!(not_applied(&desk.run(["ingest", "--json", "large.bin", "--title", "two"]).well()), 1);
}

#[test]
fn a_dry_run_counts_as_the_ingest_will() {
    let desk = Desk::new();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/same-as-a.txt", "a");
    desk.write("deposit/b.txt", "b");
    desk.write("large.bin", crate::desk::noise(1, 3_000_000));
    // One file is named twice, another lies in a folder that is named as well.
    let paths = ["ingest", "--json", "deposit/a.txt", "large.bin", "deposit", "large.bin", "deposit/../deposit/b.txt"];
    let count = |said: Said| {
        let sum = said.json_lines().into_iter().find(|line| line["summary"] == true).unwrap();
        ["seen", "ingested", "already_held", "refused", "same_object", "ingested_bytes"].map(|name| sum[name].clone())
    };
    let before = desk.volume_bytes();
    let told = count(desk.run(paths.iter().chain(&["--dry-run"])).well());
    assert_eq!(desk.volume_bytes(), before);
    let done = count(desk.run(paths).well());
    assert_eq!(told, done);
    assert_eq!(told[..5], [7, 4, 3, 0, 1]);
    desk.check_sound();
}

#[test]
fn a_dry_run_speaks_of_what_would_happen_and_asks_for_nothing() {
    let desk = Desk::bare();
    desk.write("passphrase", "an invented passphrase\n");
    desk.run(["init", "archive", "--origin", "test.example/a", "--passphrase-file", "passphrase"]).well();
    desk.write("deposit/a.txt", "a");
    desk.write("deposit/same-as-a.txt", "a");
    // There is no terminal to ask for a passphrase.
    let said = desk.run(["ingest", "--dry-run", "deposit"]).well();
    said.says("2 seen = 2 to be ingested + 0 already held + 0 refused")
        .says("(to be ingested)")
        .says("the archive already holds the bytes, or would, from another place");
    let said = desk.run(["ingest", "--dry-run", "--json", "deposit", "deposit/a.txt"]).well();
    let files = said.files();
    assert_eq!(files.iter().filter(|file| file["status"] == "would_be_ingested").count(), 2);
    assert!(files.iter().all(|file| file["exhibit"].is_null() && file["index"].is_null()), "{files:?}");
    desk.run(["ingest", "deposit"]).failed("passphrase");
    desk.run(["ingest", "deposit", "--passphrase-file", "passphrase"]).well();
    let said = desk.run(["ingest", "--dry-run", "--json", "deposit/a.txt"]).well();
    assert!(said.files()[0]["exhibit"].is_string(), "what is held has a name: {said:#?}");
}

#[test]
fn a_depositor_gets_a_page_of_her_own_files() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.write("incoming/other/secret-name.txt", "the words of somebody else\n");
    desk.run(["ingest", "incoming/other", "--source", "Depositor 1"]).well();
    desk.write("incoming/K-21/면담/<b>녹취록</b>.txt", "an invented testimony\n");
    // The same bytes as those of the other, who must not become known by that.
    desk.write("incoming/K-21/copy.txt", "the words of somebody else\n");
    std::os::unix::fs::symlink("../other/secret-name.txt", desk.path("incoming/K-21/link")).unwrap();
    let ingest = ["ingest", "incoming/K-21", "--source", "Depositor 2", "--receipt-page", "page.html"];
    desk.run(ingest).code(1);
    let page = std::fs::read_to_string(desk.path("page.html")).unwrap();
    assert_eq!(std::fs::metadata(desk.path("page.html")).unwrap().permissions().mode() & 0o777, 0o600);
    for has in [
        "<bdi>면담/&lt;b&gt;녹취록&lt;/b&gt;.txt</bdi>",
        "<bdi>copy.txt</bdi>",
        "<li><bdi>link</bdi></li>",
        "default-src 'none'",
        "자료 수령 확인서",
        "Receipt for a deposit",
    ] {
        assert!(page.contains(has), "{has}: {page}");
    }
    for digest in ["an invented testimony\n", "the words of somebody else\n"] {
        assert!(page.contains(&vouchsafe_core::digest::Digest::of(digest.as_bytes()).to_string()), "{page}");
    }
    let code = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>();
    let shown = page.split("Fingerprint of the archive").nth(1).unwrap().split("</tr>").next().unwrap();
    let shown: String = shown.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    assert!(code(&shown).contains(&code(&desk.paper())), "{shown}");
    // Nobody else is in it: no other file, no other depositor, no folder of this machine, nobody's name unasked.
    for lacks in ["secret-name", "Depositor", "incoming", "K-21", "Administrator"] {
        assert!(!page.contains(lacks), "{lacks}: {page}");
    }
    assert_eq!(page.matches("<code class=\"name\">X-").count(), 2);
    // It never overwrites anything, lies outside of the archive, and is made again when the files are brought again.
    desk.run(ingest).misunderstood("something of this name already exists");
    desk.run(["ingest", "incoming/K-21", "--receipt-page", "archive/page.html"]).code(2);
    let source = ["--source", "Depositor 2", "--receipt-page", "again.html", "--receipt-names-agent"];
    desk.run(["ingest", "incoming/K-21"].iter().chain(&source)).code(1);
    let again = std::fs::read_to_string(desk.path("again.html")).unwrap();
    assert!(again.contains("<bdi>copy.txt</bdi>") && again.contains("<bdi>Administrator</bdi>"), "{again}");
    // Whoever brings the same bytes under the same path does not learn who brought them before, nor when, nor as what.
    for other in [&["--source", "Depositor 3"][..], &[]] {
        let name = format!("other{}.html", other.len());
        let page = ["--receipt-page", &name, "--receipt-names-agent"];
        desk.run(["ingest", "incoming/K-21"].iter().chain(other).chain(&page)).code(1);
        let page = std::fs::read_to_string(desk.path(&name)).unwrap();
        assert!(page.contains("already held by the archive") && page.contains("<bdi>copy.txt</bdi>"), "{page}");
        let names = page.matches("<code class=\"name\">X-").count();
        assert!(names == 0 && !page.contains("Administrator") && !page.contains("SHA256:"), "{page}");
    }
}
