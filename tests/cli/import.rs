//! Bundles that are taken into another archive. All testimony here is invented.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vouchsafe_bundle::{FolderBundle, NotedBundle};
use vouchsafe_core::verify::bundle::BundleFiles as _;

use crate::desk::{Desk, Said, copy_folder, noise};

const SENDER: &str = "a.example/interviews";
const RECEIVER: &str = "b.example/case-7";

/// The sender's desk, with two exhibits that have a title and a remark.
fn sender() -> (Desk, Vec<String>) {
    let desk = Desk::named(SENDER);
    desk.write("metadata.yaml", "title: Testimony of Witness Seventeen\nlanguages: [ko]\n");
    desk.write("in/interview.txt", "An invented testimony.\n");
    let said = desk.run(["ingest", "--json", "--meta", "metadata.yaml", "in/interview.txt"]).well();
    let first = said.json_lines()[0]["exhibit"].as_str().unwrap().to_owned();
    desk.run(["note", &first, "read to the source"]).well();
    // Large enough to be streamed in pieces.
    let second = desk.ingest("recording.bin", noise(7, 3 * 1024 * 1024 + 17));
    (desk, vec![first, second])
}

/// Exports exhibits into a folder with this name and tells where it is.
fn export<'a>(desk: &'a Desk, exhibits: impl IntoIterator<Item = &'a str>, to: &'a str, more: &[&'a str]) -> PathBuf {
    let mut arguments = vec!["export", "--purpose", "handing over", "--recipient", "Partner", "--to", to];
    arguments.extend(exhibits);
    arguments.extend(more);
    desk.run(arguments).well();
    desk.path(to)
}

fn import(desk: &Desk, bundle: &Path, key: &str) -> Said {
    desk.run(["import", bundle.to_str().unwrap(), "--trust", key])
}

/// The exhibits that an import made, as pairs of the sender's and the own name.
fn names(said: &Said) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let exhibits = said.json()["exhibits"].as_array().unwrap().clone();
    exhibits.iter().map(|exhibit| (text(&exhibit["foreign_exhibit"]), text(&exhibit["exhibit"]))).collect()
}

fn import_json(desk: &Desk, bundle: &Path, key: &str) -> Said {
    desk.run(["import", "--json", bundle.to_str().unwrap(), "--trust", key])
}

/// Takes an object of the archive out of its volumes, with nothing but `tar`.
fn object(desk: &Desk, object: &str, to: &str) -> PathBuf {
    let output = Command::new("tar").arg("-xOf").arg(desk.volume(0)).arg(format!("objects/{object}")).output().unwrap();
    assert!(output.status.success());
    desk.write(to, output.stdout)
}

fn all_files(folder: &Path, below: &Path, found: &mut BTreeSet<PathBuf>) {
    for item in fs::read_dir(folder.join(below)).unwrap() {
        let item = item.unwrap();
        let name = below.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            all_files(folder, &name, found);
        } else {
            found.insert(name);
        }
    }
}

#[test]
fn exhibits_of_a_bundle_become_exhibits_here_and_keep_their_history() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let bundle = export(&a, exhibits.iter().map(String::as_str), "bundle", &["--disclose", "title"]);
    let key = a.fingerprint();
    let said = b.run(["import", bundle.to_str().unwrap(), "--trust", &key, "--sender", "Partner in the north"]).well();
    said.says("Received 2 exhibits of a.example/interviews").says(&exhibits[0]).says("new");
    b.check_sound();
    assert_eq!(b.exhibits().len(), 2);
    let names = names(&import_json(&b, &bundle, &key).well());
    let (_, own) = names.iter().find(|(foreign, _)| *foreign == exhibits[0]).unwrap();
    assert_ne!(*own, exhibits[0]);
    // Both archives' acts in one line of time, the disclosed field among them, the others not.
    let custody = b.run(["custody", own]).well();
    let custody = custody
        .says("of the log a.example/interviews, about its exhibit")
        .says("Testimony of Witness Seventeen")
        .says("withheld by the sender")
        .says("its fingerprint was compared with one from outside");
    let place = |words: &str| custody.out.find(words).unwrap_or_else(|| panic!("{words}: {custody:#?}"));
    assert!(place("noted") < place("received it in the bundle"), "{custody:#?}");
    assert!(!custody.out.contains("read to the source"), "{custody:#?}");
    let entries = b.run(["custody", "--json", own]).well().json_lines();
    let origins: Vec<_> = entries.iter().map(|entry| entry["foreign"]["origin"].as_str()).collect();
    assert_eq!(origins, [Some(SENDER), Some(SENDER), None, None, None], "{entries:?}");
    assert_eq!(entries[0]["foreign"]["findings"], serde_json::json!([]));
    b.run(["log"]).well().says("received 2 exhibits of a.example/interviews").says("from Partner in the north");
    // The own index, made anew from the volumes, says the same.
    b.run(["rebuild"]).well();
    assert_eq!(b.run(["custody", own]).well().out, custody.out);
    b.run(["get", own, "--to", "copy", "--purpose", "reading", "--recipient", "me"]).well();
    assert_eq!(fs::read(b.path("copy")).unwrap(), fs::read(a.path("in/interview.txt")).unwrap());
}

#[test]
fn with_tar_alone_the_bundle_can_be_made_again_byte_for_byte() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let bundle = export(&a, exhibits.iter().map(String::as_str), "bundle", &[]);
    let said = import_json(&b, &bundle, &a.fingerprint()).well();
    let dossier = object(&b, said.json()["dossier"].as_str().unwrap(), "dossier.tar");
    let again = b.path("again");
    fs::create_dir(&again).unwrap();
    let tar = Command::new("tar").arg("-xf").arg(&dossier).arg("-C").arg(&again).status().unwrap();
    assert!(tar.success());
    for line in fs::read_to_string(again.join("manifest-sha256.txt")).unwrap().lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        object(&b, digest, &format!("again/{name}"));
    }
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    all_files(&bundle, Path::new(""), &mut before);
    all_files(&again, Path::new(""), &mut after);
    assert_eq!(before, after);
    for name in before {
        assert!(fs::read(bundle.join(&name)).unwrap() == fs::read(again.join(&name)).unwrap(), "{}", name.display());
    }
    b.run(["check", "again", "--trust", &a.fingerprint()]).well().says("SOUND");
}

/// What somebody put beside a bundle on its way is no part of it, however large it is.
#[test]
fn what_no_manifest_lists_is_not_taken_in() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let bundle = export(&a, exhibits.iter().map(String::as_str), "bundle", &[]);
    let stray = format!("exhibits/{}/extra", exhibits[0]);
    fs::File::create(bundle.join(&stray)).unwrap().set_len(64 << 30).unwrap();
    let said = import_json(&b, &bundle, &a.fingerprint()).well();
    let dossier = object(&b, said.json()["dossier"].as_str().unwrap(), "dossier.tar");
    let listed = Command::new("tar").arg("-tf").arg(&dossier).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.lines().any(|name| name == "bundle.json"), "{listed}");
    assert!(!listed.lines().any(|name| name == stray), "{listed}");
    b.check_sound();
}

#[test]
fn the_same_bundle_twice_changes_nothing() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let bundle = export(&a, exhibits.iter().map(String::as_str), "bundle", &[]);
    import(&b, &bundle, &a.fingerprint()).well();
    let before = b.volume_bytes();
    import(&b, &bundle, &a.fingerprint()).well().says("Nothing was changed").says("already held");
    assert!(b.volume_bytes() == before);
    // A zip file of the same bundle has the same tag manifest; one that is exported anew has another.
    let later = export(&a, exhibits.iter().map(String::as_str), "later.zip", &[]);
    import(&b, &later, &a.fingerprint()).well().says("held; its newer history was added");
    assert_eq!(b.exhibits().len(), 2);
    b.check_sound();
    let own = b.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    // Of the two bundles, the one with the longer log tells the history, once.
    let entries = b.run(["custody", "--json", &own]).well().json_lines();
    let ingests = entries.iter().filter(|entry| entry["event"] == "exhibit.ingested").count();
    assert_eq!(ingests, 2, "{entries:?}");
}

#[test]
fn bytes_that_are_held_already_are_not_written_again() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    b.ingest("own.bin", fs::read(a.path("recording.bin")).unwrap());
    let bundle = export(&a, [exhibits[1].as_str()], "bundle", &[]);
    let size_bytes = b.volume_bytes().len();
    import(&b, &bundle, &a.fingerprint()).well().says("the archive already held the same bytes");
    assert!(b.volume_bytes().len() < size_bytes + 2 * 1024 * 1024);
    assert_eq!(b.exhibits().len(), 2);
    b.check_sound();
}

#[test]
fn without_a_key_from_outside_it_is_refused_unless_that_is_wished() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let bundle = export(&a, [exhibits[0].as_str()], "bundle", &[]);
    let before = b.volume_bytes();
    let bundle = bundle.to_str().unwrap();
    b.run(["import", bundle]).failed("no fingerprint from outside").hints("--trust").hints("--accept-self-consistent");
    assert!(b.volume_bytes() == before);
    b.run(["import", bundle, "--accept-self-consistent"]).well().says("NOT compared");
    let log = b.run(["log", "--json"]).well().json_lines();
    let entry = log.iter().find(|entry| entry["event"] == "bundle.received").unwrap();
    assert_eq!(entry["body"]["anchored"], false);
    let own = b.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    b.run(["custody", &own]).well().says("NOT compared with one from outside");
}

#[test]
fn a_bundle_that_does_not_hold_is_refused() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let bundle = export(&a, [exhibits[0].as_str()], "bundle", &[]);
    let before = b.volume_bytes();
    // Another archive's key.
    import(&b, &bundle, &b.fingerprint()).code(1).says("Nothing was imported").says("B305");
    // A changed object, a changed entry, a missing receipt, a link.
    let object = format!("data/{}.txt", exhibits[0]);
    let entry = format!("exhibits/{}/0000", exhibits[0]);
    type Defect<'a> = (&'a str, &'a dyn Fn(&Path));
    let defects: [Defect<'_>; 4] = [
        ("B502", &|folder| fs::write(folder.join(&object), "Another testimony.").unwrap()),
        ("B203", &|folder| fs::write(folder.join(format!("{entry}.json")), "{}").unwrap()),
        ("B202", &|folder| fs::remove_file(folder.join(format!("{entry}.tlog-proof"))).unwrap()),
        ("B102", &|folder| std::os::unix::fs::symlink("/etc/passwd", folder.join("report/again")).unwrap()),
    ];
    for (number, (code, defect)) in defects.into_iter().enumerate() {
        let damaged = a.path(format!("damaged-{number}"));
        copy_folder(&bundle, &damaged);
        defect(&damaged);
        import(&b, &damaged, &a.fingerprint()).code(1).says("Nothing was imported").says(code);
    }
    import(&b, &a.path("no such bundle"), &a.fingerprint()).failed("cannot read the bundle");
    import(&a, &bundle, &a.fingerprint()).failed("from this archive").hints("check");
    assert!(b.volume_bytes() == before);
    b.check_sound();
}

#[test]
fn two_histories_of_one_log_are_found() {
    let (a, exhibits) = sender();
    // The sender's archive with its keys, copied: each goes on by itself.
    let fork = Desk::bare();
    copy_folder(&a.archive(), &fork.archive());
    copy_folder(&a.path("home"), &fork.path("home"));
    a.run(["note", &exhibits[0], "one history"]).well();
    fork.run(["note", &exhibits[0], "another history"]).well();
    let key = a.fingerprint();
    let first = export(&a, [exhibits[0].as_str()], "first", &[]);
    let same_size = export(&fork, [exhibits[0].as_str()], "same-size", &[]);
    fork.run(["note", &exhibits[1], "and on"]).well();
    let longer = export(&fork, [exhibits[0].as_str()], "longer", &[]);
    let b = Desk::named(RECEIVER);
    import(&b, &first, &key).well();
    let before = b.volume_bytes();
    for bundle in [&same_size, &longer] {
        // By itself each is sound.
        b.run(["check", bundle.to_str().unwrap(), "--trust", &key]).well().says("SOUND");
        import(&b, bundle, &key).code(1).says("Nothing was imported").says("B701");
        // Whoever holds both needs no archive to see it, and no statement of completeness.
        let of = |bundle: &Path| bundle.to_str().unwrap().to_owned();
        for (one, other) in [(bundle, &first), (&first, bundle)] {
            let said = b.run(["check", &of(one), "--trust", &key, "--earlier", &of(other)]).code(1);
            said.says("FAILED").says("B701").says("NOT compared");
        }
    }
    assert!(b.volume_bytes() == before);
    // A bundle of the history that came first is taken in as before.
    import(&b, &export(&a, [exhibits[1].as_str()], "second", &[]), &key).well();
    b.check_sound();
}

#[test]
fn another_archive_of_the_same_name_is_another_archive() {
    let (a, exhibits) = sender();
    let (stranger, others) = sender();
    let b = Desk::named(RECEIVER);
    import(&b, &export(&a, [exhibits[0].as_str()], "bundle", &[]), &a.fingerprint()).well();
    let bundle = export(&stranger, [others[0].as_str()], "bundle", &[]);
    // Where nothing speaks for it, it could be anybody's who only uses the name.
    let said = b.run(["import", bundle.to_str().unwrap(), "--accept-self-consistent"]).code(1);
    said.says("Nothing was imported").says("B702").says("Nothing from outside says that this is a second archive");
    import(&b, &bundle, &stranger.fingerprint()).well().says("Received 1 exhibit").says("B703");
    b.check_sound();
}

/// What an archive hands on of others is compared as well: with what came before, and with the archive's own log.
#[test]
fn two_histories_of_one_log_are_found_also_where_another_archive_hands_one_on() {
    let (a, exhibits) = sender();
    let fork = Desk::bare();
    copy_folder(&a.archive(), &fork.archive());
    copy_folder(&a.path("home"), &fork.path("home"));
    a.run(["note", &exhibits[0], "one history"]).well();
    fork.run(["note", &exhibits[0], "another history"]).well();
    let (b, c) = (Desk::named(RECEIVER), Desk::named("c.example/court"));
    let at_c = names(&import_json(&c, &export(&a, [exhibits[0].as_str()], "one", &[]), &a.fingerprint()).well());
    let at_b = names(&import_json(&b, &export(&fork, [exhibits[0].as_str()], "another", &[]), &a.fingerprint()).well());
    let from_b = export(&b, [at_b[0].1.as_str()], "bundle", &[]);
    let (of_a, of_c) = (a.volume_bytes(), c.volume_bytes());
    import(&c, &from_b, &b.fingerprint()).code(1).says("Nothing was imported").says("B701").says("foreign/");
    // The archive whose log it is knows best.
    import(&a, &from_b, &b.fingerprint()).code(1).says("B701").says("another log of this archive");
    assert!(c.volume_bytes() == of_c);
    let from_c = export(&c, [at_c[0].1.as_str()], "bundle", &[]);
    import(&b, &from_c, &c.fingerprint()).code(1).says("B701");
    // An archive that only has its name.
    let (stranger, others) = sender();
    let d = Desk::named("d.example/appeal");
    let at_d = import_json(&d, &export(&stranger, [others[0].as_str()], "bundle", &[]), &stranger.fingerprint()).well();
    let from_d = export(&d, [names(&at_d)[0].1.as_str()], "bundle", &[]);
    assert!(a.volume_bytes() == of_a);
    import(&c, &from_d, &d.fingerprint()).well().says("B703").says("two archives call themselves a.example/interviews");
    import(&a, &from_d, &d.fingerprint()).well().says("B703").says("this archive shows one");
    // What belongs together still comes back to where it began.
    import(&a, &from_c, &c.fingerprint()).well();
    a.check_sound();
}

/// Whoever takes an archive over finds in it what the other one said, and knows whose word it is.
#[test]
fn what_the_sender_discloses_is_found_here_and_own_words_stay() {
    let (a, exhibits) = sender();
    let exhibit = exhibits[0].as_str();
    a.run(["describe", exhibit, "collection=Case 3", "place=a camp"]).well();
    let b = Desk::named(RECEIVER);
    let everything = ["--disclose-all", "--withhold", "place,agent_name"];
    let taken = names(&import_json(&b, &export(&a, [exhibit], "first", &everything), &a.fingerprint()).well());
    let own = taken[0].1.as_str();
    for search in [vec!["Seventeen"], vec!["interview.txt"], vec!["--field", "collection=Case 3"]] {
        b.run(["find"].into_iter().chain(search)).well().says(own);
    }
    let shown = || b.run(["show", own, "--json"]).well().json()["fields"].clone();
    let fields = shown();
    assert_eq!((&fields["described_by"], &fields["collection"]), (&SENDER.into(), &"Case 3".into()), "{fields}");
    assert!(fields.get("place").is_none() && fields.get("note").is_none(), "{fields}");
    b.run(["export", "--collection", "Case 3", "--purpose", "p", "--recipient", "r", "--to", "onward"]).well();
    // Whoever is shown some of it is shown whose word it is, unless that is not wished.
    let is_told = |bundle: &str| {
        let fields = fs::read_to_string(b.path(bundle).join(format!("exhibits/{own}/0002.fields.json"))).unwrap();
        (fields.contains("Seventeen"), fields.contains(SENDER))
    };
    assert_eq!(is_told("onward"), (false, true), "the languages are disclosed");
    export(&b, [own], "with-title", &["--disclose", "title"]);
    export(&b, [own], "unsaid", &["--disclose", "title", "--withhold", "described_by"]);
    assert_eq!((is_told("with-title"), is_told("unsaid")), ((true, true), (true, false)));
    // What this archive says itself is not replaced by a newer word of the sender; everything else is.
    b.run(["describe", own, "title=Recording 17"]).well();
    a.run(["describe", exhibit, "title=Interview 17", "collection=Case 4"]).well();
    import(&b, &export(&a, [exhibit], "second", &everything), &a.fingerprint()).well();
    let fields = shown();
    assert_eq!((&fields["title"], &fields["collection"]), (&"Recording 17".into(), &"Case 4".into()), "{fields}");
    // The same again adds nothing.
    let entries = |said: Said| said.well().json_lines().len();
    let before = entries(b.run(["log", "--json"]));
    import(&b, &export(&a, [exhibit], "third", &everything), &a.fingerprint()).well();
    assert_eq!(entries(b.run(["log", "--json"])), before + 2, "the bundle, and that the exhibit came in it");
    b.check_sound();
}

/// A hostile sender could say so much of one exhibit that no commit holds it: what is over a limit stays in the dossier.
#[test]
fn of_what_the_sender_discloses_so_much_is_taken_over_as_a_commit_holds() {
    let (a, exhibits) = sender();
    let exhibit = exhibits[0].as_str();
    for part in 0..6 {
        let fields: Vec<_> = (0..120).map(|number| format!("field_{part}_{number}=a value")).collect();
        a.run(["describe", "--new-field", exhibit].into_iter().chain(fields.iter().map(String::as_str))).well();
    }
    for number in 0..12 {
        let long = format!("long_{number}={}", "x".repeat(60_000 * (1 + number % 2)));
        a.run(["describe", "--new-field", exhibit, &long]).well();
    }
    let b = Desk::named(RECEIVER);
    let taken = names(&import_json(&b, &export(&a, [exhibit], "bundle", &["--disclose-all"]), &a.fingerprint()).well());
    let fields = b.run(["show", &taken[0].1, "--json"]).well().json()["fields"].as_object().unwrap().len();
    assert!((300..=515).contains(&fields), "{fields}");
    b.run(["rebuild"]).well();
    b.check_sound();
    // Only an import says whose word something is.
    a.run(["describe", exhibit, "described_by=somebody"]).misunderstood("described_by");
}

/// What an archive that takes over must have, and a court may ask for.
#[test]
fn earlier_values_leave_the_archive_only_where_they_are_asked_for() {
    let (a, exhibits) = sender();
    let exhibit = exhibits[0].as_str();
    a.run(["describe", exhibit, "title=Interview 17", "created_date=2003"]).well();
    a.run(["describe", exhibit, "created_date=2004"]).well();
    a.run(["describe", exhibit, "created_date=2004"]).well();
    let values = |to: &str, more: &[&str]| -> BTreeSet<String> {
        let bundle = export(&a, [exhibit], to, more);
        let mut files = BTreeSet::new();
        all_files(&bundle.join("exhibits"), Path::new(""), &mut files);
        let fields = files.iter().filter(|name| name.to_str().unwrap().ends_with(".fields.json"));
        let all: Vec<Value> = fields
            .map(|name| serde_json::from_slice(&fs::read(bundle.join("exhibits").join(name)).unwrap()).unwrap())
            .collect();
        let values = all.iter().flat_map(|file| file.as_array().unwrap().iter());
        values.map(|field| format!("{}={}", field[1].as_str().unwrap(), field[2])).collect()
    };
    let has = |found: &BTreeSet<String>, value: &str| found.contains(value);
    let newest = values("newest", &["--disclose", "title,created_date"]);
    assert!(has(&newest, r#"created_date="2004""#) && !has(&newest, r#"created_date="2003""#), "{newest:?}");
    let dates = values("dates", &["--disclose-earlier", "created_date"]);
    assert!(has(&dates, r#"created_date="2003""#) && !dates.iter().any(|one| one.starts_with("title")), "{dates:?}");
    let all = values("all", &["--disclose-all"]);
    for value in [r#"title="Testimony of Witness Seventeen""#, r#"created_date="2003""#, r#"note="read to the source""#]
    {
        assert!(has(&all, value), "{value}: {all:?}");
    }
    // An equal value that was said again is no correction, and tells nothing more.
    let said = a.run(["check", "newest", "--json"]).json();
    let withheld = |bundle: &str| a.run(["check", bundle, "--json"]).json()["exhibits"][0]["withheld_fields"].clone();
    assert_eq!(withheld("all"), 0, "{said}");
    let refused =
        ["export", exhibit, "--to", "x", "--purpose", "p", "--recipient", "r", "--disclose-all", "--disclose", "title"];
    a.run(refused).misunderstood("cannot be used with");
}

/// A log under a known name that another archive handed on was compared with no key; it does not keep out the one that is.
#[test]
fn a_planted_log_does_not_keep_the_genuine_one_out() {
    let (a, exhibits) = sender();
    let (stranger, others) = sender();
    let (c, d) = (Desk::named("c.example/court"), Desk::named("d.example/appeal"));
    let at_d = import_json(&d, &export(&stranger, [others[0].as_str()], "bundle", &[]), &stranger.fingerprint()).well();
    import(&c, &export(&d, [names(&at_d)[0].1.as_str()], "bundle", &[]), &d.fingerprint()).well();
    let genuine = export(&a, [exhibits[0].as_str()], "bundle", &[]);
    // Neither was compared with anything: they are two archives, and that is said.
    c.run(["import", genuine.to_str().unwrap(), "--accept-self-consistent"]).well().says("B703");
    let more = export(&a, [exhibits[1].as_str()], "more", &[]);
    import(&c, &more, &a.fingerprint()).well();
    // From now on the genuine one is known, and the other one does not come in under its name unless it is known as well.
    let later = export(&stranger, [others[1].as_str()], "later", &[]);
    c.run(["import", later.to_str().unwrap(), "--accept-self-consistent"]).code(1).says("B702");
    import(&c, &later, &stranger.fingerprint()).well().says("B703");
    c.check_sound();
}

/// A title is often corrected because it named somebody: the old one does not go out in the dossier in which it came.
#[test]
fn a_value_that_was_corrected_is_not_handed_on_in_an_older_dossier() {
    let (a, exhibits) = sender();
    let exhibit = exhibits[0].as_str();
    let (b, c) = (Desk::named(RECEIVER), Desk::named("c.example/court"));
    let at_b =
        names(&import_json(&b, &export(&a, [exhibit], "first", &["--disclose", "title"]), &a.fingerprint()).well());
    let at_b = at_b[0].1.as_str();
    let old = "Testimony of Witness Seventeen";
    let holds = |bundle: &Path, words: &str| {
        let mut files = BTreeSet::new();
        all_files(bundle, Path::new(""), &mut files);
        let content: Vec<u8> = files.iter().flat_map(|name| fs::read(bundle.join(name)).unwrap()).collect();
        content.windows(words.len()).any(|part| part == words.as_bytes())
    };
    // As long as nobody corrected it, it is handed on if that is wished.
    assert!(holds(&export(&b, [at_b], "uncorrected", &["--disclose", "title"]), old));
    // Corrected by the archive that it came from.
    a.run(["describe", exhibit, "title=Interview 17"]).well();
    import(&b, &export(&a, [exhibit], "second", &["--disclose", "title"]), &a.fingerprint()).well();
    let corrected = export(&b, [at_b], "corrected", &["--disclose", "title"]);
    assert!(!holds(&corrected, old) && holds(&corrected, "Interview 17"));
    // Corrected again by the second archive, and handed on by a third one.
    b.run(["describe", at_b, "title=Recording 17"]).well();
    let again = export(&b, [at_b], "again", &["--disclose", "title"]);
    assert!(!holds(&again, old) && !holds(&again, "Interview 17") && holds(&again, "Recording 17"));
    let at_c = names(&import_json(&c, &corrected, &b.fingerprint()).well());
    import(&c, &again, &b.fingerprint()).well();
    let from_c = export(&c, [at_c[0].1.as_str()], "bundle", &["--disclose", "title"]);
    assert!(!holds(&from_c, "Interview 17") && holds(&from_c, "Recording 17"));
    c.check_sound();
}

#[test]
fn what_changed_between_check_and_taking_in_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.json"), "first").unwrap();
    let opened = FolderBundle::new(folder.path().to_owned());
    let noted = NotedBundle::new(&opened);
    noted.list().unwrap();
    let path = "bundle.json".parse().unwrap();
    let mut go_on = |_: &[u8]| ControlFlow::Continue(());
    noted.read_again(&path, &mut go_on).unwrap_err();
    noted.read(0, &mut go_on).unwrap();
    noted.read_again(&path, &mut go_on).unwrap();
    fs::write(folder.path().join("bundle.json"), "other").unwrap();
    let error = noted.read_again(&path, &mut go_on).unwrap_err();
    assert!(error.to_string().contains("it changed after it was checked"), "{error}");
}

/// What must not be handed on: of the exhibit that stays behind, and what was disclosed to the second archive alone.
const NOT_HANDED_ON: &[&str] =
    &["Testimony of Witness Eighteen", "Testimony of Witness Seventeen", "read to the source"];

#[test]
fn an_exhibit_takes_the_whole_chain_along_and_nothing_else() {
    let (a, exhibits) = sender();
    a.run(["describe", &exhibits[1], "title=Testimony of Witness Eighteen"]).well();
    let (b, c, d) = (Desk::named(RECEIVER), Desk::named("c.example/court"), Desk::named("d.example/appeal"));
    let all: Vec<_> = exhibits.iter().map(String::as_str).collect();
    let from_a = export(&a, all, "bundle", &["--disclose", "title,note"]);
    let taken = names(&import_json(&b, &from_a, &a.fingerprint()).well());
    let (_, at_b) = taken.iter().find(|(foreign, _)| *foreign == exhibits[0]).unwrap();
    let (_, other_at_b) = taken.iter().find(|(foreign, _)| *foreign == exhibits[1]).unwrap();
    b.run(["note", at_b, "seen by us"]).well();

    // What A disclosed to B, B withholds unless it is named; and the other exhibit stays behind.
    let from_b = export(&b, [at_b.as_str()], "bundle", &[]);
    let check = b.run(["check", "bundle", "--trust", &b.fingerprint()]).well();
    check.says("SOUND").says("came from a.example/interviews as").says(&format!("fingerprint {}", a.paper()));
    let mut files = BTreeSet::new();
    all_files(&from_b, Path::new(""), &mut files);
    let content: Vec<u8> = files.iter().flat_map(|name| fs::read(from_b.join(name)).unwrap()).collect();
    for words in NOT_HANDED_ON {
        assert!(!content.windows(words.len()).any(|part| part == words.as_bytes()), "{words}");
    }
    let with_title = export(&b, [at_b.as_str()], "with-title", &["--disclose", "title,original_name,source_path"]);
    let report = b.run(["check", "--json", with_title.to_str().unwrap(), "--trust", &b.fingerprint()]).well().json();
    assert_eq!(report["exhibits"][0]["foreign"][0]["entries"], 2, "{report}");
    // Who reads the report sees where the exhibit was before, and of its fields what is handed on.
    let page = |bundle: &Path| fs::read_to_string(bundle.join("report/report.html")).unwrap();
    for (page, is_disclosed) in [(page(&from_b), false), (page(&with_title), true)] {
        assert_eq!(page.matches("In the archive a.example/interviews").count(), 2, "{page}");
        assert!(page.contains("Its fingerprint was compared with one from outside"), "{page}");
        assert_eq!(page.contains("Testimony of Witness Seventeen"), is_disclosed, "{page}");
    }

    // At the third, and at the fourth, all three histories are one.
    let taken = names(&import_json(&c, &from_b, &b.fingerprint()).well());
    let at_c = taken[0].1.as_str();
    let other = export(&b, [other_at_b.as_str()], "other", &[]);
    let other_at_c = names(&import_json(&c, &other, &b.fingerprint()).well())[0].1.clone();
    let from_c = export(&c, [at_c, &other_at_c], "bundle", &[]);
    let taken = names(&import_json(&d, &from_c, &c.fingerprint()).well());
    assert!(page(&from_c).contains("fingerprint of a.example/interviews was not compared by this archive"));
    let (_, at_d) = taken.iter().find(|(foreign, _)| foreign == at_c).unwrap();
    let entries = d.run(["custody", "--json", at_d]).well().json_lines();
    let mut origins: Vec<_> =
        entries.iter().map(|entry| entry["foreign"]["origin"].as_str().unwrap_or("own")).collect();
    origins.dedup();
    assert_eq!(origins, [SENDER, RECEIVER, "c.example/court", "own"], "{entries:#?}");
    assert!(entries.iter().all(|entry| entry["foreign"]["findings"].as_array().is_none_or(Vec::is_empty)));
    d.run(["custody", at_d]).well().says("handed on by c.example/court").says("handed on by b.example/case-7");
    // And handed on once more, all of it goes along, the two parts of A's dossier as one.
    let own: Vec<_> = d.exhibits().iter().map(|exhibit| exhibit["exhibit"].as_str().unwrap().to_owned()).collect();
    let from_d = export(&d, own.iter().map(String::as_str), "bundle", &[]);
    assert_eq!(fs::read_dir(from_d.join("foreign")).unwrap().count(), 4);
    let said = d.run(["check", "bundle", "--trust", &d.fingerprint()]).well().says("SOUND");
    assert_eq!(said.out.matches("came from a.example/interviews as").count(), 2, "{said:#?}");
    assert!(!said.out.contains("is not in this bundle"), "{said:#?}");
    for desk in [&b, &c, &d] {
        desk.check_sound();
    }
}

#[test]
fn a_damaged_dossier_does_not_hide_the_exhibits_own_history() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let from_a = export(&a, [exhibits[0].as_str()], "bundle", &[]);
    import(&b, &from_a, &a.fingerprint()).well();
    let at_b = b.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let whole = b.run(["custody", &at_b]).well().out;
    assert!(!whole.contains("NOT SHOWN"), "{whole}");
    let good = fs::read(b.volume(0)).unwrap();
    let find = |what: &str| good.windows(what.len()).position(|part| part == what.as_bytes()).unwrap();
    // In the content of these files of the dossier, and in a header.
    for (file, behind) in
        [("log/checkpoint", 512), ("bundle.json", 512), ("manifest-sha256.txt", 512), ("bundle.json", 100)]
    {
        crate::volume::flip(&b.volume(0), find(&format!("{file}\0\0\0")) + behind, 1);
        let said = b.run(["custody", &at_b]).code(1);
        let said = said.says("NOT SHOWN: its history in another archive, as ").says("cannot be read: ");
        said.says("received it in the bundle").says("Proved by the log b.example/case-7").says("vouchsafe repair");
        let said = b.run(["custody", "--json", &at_b]).code(1).notes("WARNING: its history in another archive");
        assert!(said.json_lines().iter().all(|entry| entry["foreign"].is_null()), "{said:#?}");
        fs::write(b.volume(0), &good).unwrap();
    }
    assert_eq!(b.run(["custody", &at_b]).well().out, whole);
}

#[test]
fn a_chain_that_does_not_hold_is_found() {
    let (a, exhibits) = sender();
    let b = Desk::named(RECEIVER);
    let from_a = export(&a, [exhibits[0].as_str()], "bundle", &[]);
    import(&b, &from_a, &a.fingerprint()).well();
    let at_b = b.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let from_b = export(&b, [at_b.as_str()], "bundle", &[]);
    let dossier = fs::read_dir(from_b.join("foreign")).unwrap().next().unwrap().unwrap().path();
    let good = fs::read(&dossier).unwrap();
    let check = || b.run(["check", "bundle", "--trust", &b.fingerprint()]).code(1);
    // An entry in it is changed: the tag manifest of B says so, and that of A.
    let place = good.windows(15).position(|part| part == b"exhibit.ingeste").unwrap();
    let mut changed = good.clone();
    changed[place] ^= 1;
    fs::write(&dossier, &changed).unwrap();
    check().says("FAILED").says("B203").says(dossier.file_name().unwrap().to_str().unwrap());
    fs::write(&dossier, &good[..good.len() - 512]).unwrap();
    check().says("FAILED").says("B603").says("it is not a dossier");
    fs::remove_file(&dossier).unwrap();
    check().says("FAILED").says("B202");
}

#[test]
fn a_bundle_of_a_copy_that_was_written_on_is_not_said_to_be_here() {
    let desk = Desk::new();
    let first = desk.ingest("first.txt", "first");
    let second = desk.ingest("second.txt", "second");
    // The same archive on another computer, with the same keys; both are written on.
    copy_folder(&desk.archive(), &desk.path("laptop"));
    let on_laptop = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.env("VOUCHSAFE_ARCHIVE", desk.path("laptop")).env("VOUCHSAFE_HOME", desk.path("laptop-home"));
        Said::by(command)
    };
    copy_folder(&desk.path("home"), &desk.path("laptop-home"));
    desk.ingest("here.txt", "here");
    desk.write("there.txt", "there");
    let there =
        on_laptop(&["ingest", "--json", "there.txt"]).well().json_lines()[0]["exhibit"].as_str().unwrap().to_owned();
    let export = |exhibits: &[&str], to: &str| {
        let arguments = ["export", "--purpose", "p", "--recipient", "r", "--to", to];
        on_laptop(&[arguments.as_slice(), exhibits].concat()).well();
    };
    export(&[&first, &second, &there], "mixed");
    export(&[&first], "held");
    export(&[&there], "missing.zip");
    let key = desk.fingerprint();
    let before = desk.volume_bytes();
    let said = desk.run(["import", "mixed", "--trust", &key]).found("1 of its 3 exhibits is NOT here");
    let said =
        said.hints(&format!("NOT here: {there}")).hints(&format!("here: {first}")).hints(&format!("here: {second}"));
    assert!(!said.err.contains("its exhibits are here"), "{said:#?}");
    let said = said.hints("keep that copy").hints("both copies were written to");
    assert!(!said.err.contains(&format!("NOT here: {first}")), "{said:#?}");
    desk.run(["import", "missing.zip", "--trust", &key]).found("1 of its 1 exhibits is NOT here");
    desk.run(["import", "held", "--trust", &key])
        .found("its exhibits are here, but its log is not")
        .hints("both copies were written to");
    // One that only this archive made is what it was.
    desk.run(["export", &first, "--purpose", "p", "--recipient", "r", "--to", "own"]).well();
    desk.run(["import", "own", "--trust", &key]).failed("which already has its exhibits");
    assert!(desk.volume_bytes().starts_with(&before));
    desk.check_sound();
}
