//! Exports of a collection that say how much of it they hold. All exhibits are invented.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;
use vouchsafe_archive::keys::KeyFile;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::bundle::BUNDLE_NAMESPACE;

use crate::desk::{Desk, Said, checker};

/// A desk with four exhibits of Case 3, the last of them by a later description, and one of Case 4.
fn desk() -> (Desk, Vec<String>) {
    let desk = Desk::new();
    let mut exhibits = Vec::new();
    for (name, collection) in [("a", "Case 3"), ("b", "Case 3"), ("c", "Case 3"), ("d", "Case 4"), ("e", "Case 4")] {
        desk.write("metadata.yaml", format!("title: Statement {name}\ncollection: {collection}\n"));
        desk.write(format!("in/{name}.txt"), format!("An invented statement: {name}.\n"));
        let said = desk.run(["ingest", "--json", "--meta", "metadata.yaml", &format!("in/{name}.txt")]).well();
        exhibits.push(said.json_lines()[0]["exhibit"].as_str().unwrap().to_owned());
    }
    desk.run(["describe", &exhibits[3], "collection=Case 3"]).well();
    (desk, exhibits)
}

fn export<'a>(desk: &Desk, arguments: impl IntoIterator<Item = &'a str>) -> Said {
    desk.run(["export", "--purpose", "hearing", "--recipient", "Court Five"].into_iter().chain(arguments))
}

/// An export of Case 3 without the second and the fourth exhibit.
fn export_a_part(desk: &Desk, exhibits: &[String], to: &str, more: &[&str]) -> Said {
    desk.write("left-out.txt", format!("# not yet\n\n{} consent\n", exhibits[3]));
    let one = format!("{}=witness-identity", exhibits[1]);
    let arguments = ["--collection", "Case 3", "--leave-out", &one, "--leave-out-from", "left-out.txt", "--to", to];
    export(desk, arguments.into_iter().chain(more.iter().copied()))
}

fn check(desk: &Desk, bundle: &str, earlier: &str) -> Said {
    desk.run(["check", bundle, "--trust", &desk.fingerprint(), "--earlier", earlier])
}

#[test]
fn what_is_left_out_is_counted_and_recognised_when_it_is_disclosed() {
    let (desk, exhibits) = desk();
    let said = export_a_part(&desk, &exhibits, "first", &[]).well();
    let said = said.says("left out:  2 exhibits of the collection (witness-identity 1, consent 1)");
    let holds =
        "The collection holds 4 exhibits at log size 7: 2 are here, 2 are withheld (witness-identity 1, consent 1)";
    said.says(holds);
    desk.run(["check", "first", "--trust", &desk.fingerprint()])
        .well()
        .says(holds)
        .says("what was never put into the collection is not counted");
    let report = desk.run(["check", "first", "--json"]).json();
    let withheld = serde_json::json!({"witness-identity": 1, "consent": 1});
    let stated = serde_json::json!({"collection": null, "held": 4, "included": 2, "size": 7, "withheld": withheld});
    assert_eq!(report["completeness"], stated);
    let page = fs::read_to_string(desk.path("first/report/report.html")).unwrap();
    for (english, korean, count) in
        [("Exhibits in the collection", "모음의 증거물 수", "4"), ("Withheld", "비공개", "2")]
    {
        let row = format!("{english}<br><span lang=\"ko\">{korean}</span></th><td><bdi>{count}</bdi></td>");
        assert!(page.contains(&row), "{row}");
    }
    assert!(page.contains("it would tell who a witness is 증인의 신원이 드러날 우려: 1; "), "{page}");
    // Nothing tells which they are.
    let statement = fs::read_to_string(desk.path("first/completeness.json")).unwrap();
    assert!(exhibits[..4].iter().filter(|exhibit| statement.contains(*exhibit)).count() == 2, "{statement}");
    // One of them is disclosed later, with an exhibit of another collection.
    desk.run(["note", &exhibits[1], "she agrees now"]).well();
    export(&desk, [exhibits[1].as_str(), &exhibits[4], "--disclose", "collection", "--to", "later"]).well();
    let said = check(&desk, "later", "first").well();
    said.says("SOUND")
        .says("1 of the 2 withheld then is here now (witness-identity 1)")
        .says("1 exhibit of this bundle did not belong to the collection then");
    let compared = desk.run(["check", "later", "--earlier", "first", "--json"]).json()["earlier"]["compared"].clone();
    assert_eq!((&compared["left_out"], &compared["not_compared"]), (&0.into(), &0.into()), "{compared}");
    // Where its collection is not disclosed, it cannot be told from any other.
    export(&desk, [exhibits[1].as_str(), &exhibits[0], "--to", "closed"]).well();
    let said = check(&desk, "closed", "first").well();
    said.says("1 exhibit could NOT be compared, since its `collection` is not disclosed")
        .says("0 of the 2 withheld then are shown to be here");
    // The small program says the same.
    let small = Command::new(checker());
    let small = Said::by(desk.prepare(small, ["later", "--earlier", "first"]));
    assert_eq!(small.out, desk.run(["check", "later", "--earlier", "first"]).out);
    desk.check_sound();
}

#[test]
fn the_name_of_a_collection_is_told_only_where_it_is_disclosed() {
    let (desk, exhibits) = desk();
    export(&desk, ["--collection", "Case 3", "--to", "whole"]).well().says("4 are here\n");
    export_a_part(&desk, &exhibits, "open", &["--disclose", "collection"])
        .well()
        .says("The collection \"Case 3\" holds 4");
    let statement = |bundle: &str| -> Value {
        serde_json::from_slice(&fs::read(desk.path(bundle).join("completeness.json")).unwrap()).unwrap()
    };
    assert_eq!((&statement("whole")["collection"], &statement("open")["collection"]), (&Value::Null, &"Case 3".into()));
    // Two statements have nothing in common by which an exhibit could be followed.
    export_a_part(&desk, &exhibits, "again", &[]).well();
    let members = |bundle: &str| statement(bundle)["withheld"].as_array().unwrap().clone();
    assert!(members("open").iter().all(|one| members("again").iter().all(|other| one["member"] != other["member"])));
    // Others than those of the collection: then nothing is stated.
    let said = export(&desk, [exhibits[4].as_str(), "--collection", "Case 3", "--to", "more"]).well();
    said.says("does not state how many exhibits the collection holds");
    assert!(!desk.path("more/completeness.json").exists());
    check(&desk, "more", "whole").well().says("This bundle proves that its log continues the log of the earlier one");
    check(&desk, "whole", "open").misunderstood("it is not an earlier bundle");
    // Also where nothing was stated, the logs are compared.
    export(&desk, [exhibits[0].as_str(), "--to", "last"]).well();
    check(&desk, "last", "more").well().says("The earlier bundle has no statement of completeness");
}

#[test]
fn what_is_left_out_must_make_sense() {
    let (desk, exhibits) = desk();
    let with = |arguments: &[&str]| {
        export(&desk, ["--to", "bundle", "--collection", "Case 3"].into_iter().chain(arguments.iter().copied()))
    };
    let of = |number: usize, reason: &str| format!("{}={reason}", exhibits[number]);
    with(&["--leave-out", &of(4, "consent")]).misunderstood("is not in the collection");
    with(&["--leave-out", &of(0, "shame")]).misunderstood("witness-identity, family, third-party");
    with(&["--leave-out", &exhibits[0]]).misunderstood("no reason is given");
    with(&["--leave-out", &of(0, "consent"), "--leave-out", &of(0, "family")]).misunderstood("is already left out");
    with(&["--leave-out", &of(0, "consent"), &exhibits[1]]).misunderstood("cannot be used with");
    desk.write("list", "one two three\n");
    with(&["--leave-out-from", "list"]).misunderstood("list, line 1");
    with(&["--leave-out-from", "nothing"]).failed("cannot read it");
    let all: Vec<_> = (0..4).flat_map(|number| ["--leave-out".to_owned(), of(number, "court-order")]).collect();
    with(&all.iter().map(String::as_str).collect::<Vec<_>>())
        .misunderstood("every exhibit of the collection is left out");
    export(&desk, ["--leave-out", &of(1, "consent"), "--to", "bundle"])
        .misunderstood("required arguments were not provided");
    assert!(!desk.path("bundle").exists());
}

/// A collection from which an exhibit was moved, and one that was put into it, at two times.
#[test]
fn two_statements_of_one_collection_tell_both_numbers() {
    let (desk, exhibits) = desk();
    export_a_part(&desk, &exhibits, "first", &["--disclose", "collection"]).well();
    for exhibit in [&exhibits[0], &exhibits[1]] {
        desk.run(["describe", exhibit, "collection=Case 4"]).well();
    }
    export(&desk, ["--collection", "Case 3", "--disclose", "collection", "--to", "second"]).well();
    let said = check(&desk, "second", "first").well();
    said.says(
        "The collection held 4 exhibits then and holds 2 now; of the 4 that were counted then, 2 are in this bundle",
    )
    .says("have been moved out of the collection, or are no longer counted");
    let held =
        |earlier| desk.run(["check", "second", "--json", "--earlier", earlier]).json()["earlier"]["held"].clone();
    assert_eq!(held("first"), serde_json::json!({"then": 4, "now": 2, "counted_then_here_now": 2}));
    // Of another collection, or of one that is not named, nothing is said.
    export(&desk, ["--collection", "Case 3", "--to", "nameless"]).well();
    assert_eq!(held("second")["now"], 2);
    let said = check(&desk, "nameless", "second").well();
    assert!(!said.out.contains("holds 2 now"), "{said:#?}");
}

#[test]
fn a_degraded_earlier_bundle_is_told_first() {
    let (desk, exhibits) = desk();
    export_a_part(&desk, &exhibits, "first", &[]).well();
    fs::write(desk.path("first/report/more.txt"), "not of the archive").unwrap();
    export(&desk, [exhibits[1].as_str(), "--disclose", "collection", "--to", "later"]).well();
    let said = check(&desk, "later", "first").code(1);
    let first: Vec<_> = said.out.lines().take(1).collect();
    assert!(first[0].starts_with("SOUND"), "{said:#?}");
    assert_eq!(first[0], "SOUND, BUT THE EARLIER BUNDLE IS DEGRADED", "the first line tells of both: {said:#?}");
    said.says("B205");
}

/// Puts a changed statement into a bundle, and signs it as the archive would.
fn state(desk: &Desk, bundle: &str, change: impl Fn(&mut Value)) {
    let folder = desk.path(bundle);
    let before = fs::read(folder.join("completeness.json")).unwrap();
    let mut statement: Value = serde_json::from_slice(&before).unwrap();
    change(&mut statement);
    let after = format!("{statement}\n");
    fs::write(folder.join("completeness.json"), &after).unwrap();
    let manifest = fs::read_to_string(folder.join("tagmanifest-sha256.txt")).unwrap();
    let line = |content: &[u8]| format!("{}  completeness.json\n", Digest::of(content));
    assert!(manifest.contains(&line(&before)));
    let manifest = manifest.replace(&line(&before), &line(after.as_bytes()));
    let key = KeyFile::read(&desk.key("agent")).unwrap().open(None).unwrap();
    let signature = key.sign_sshsig(BUNDLE_NAMESPACE, manifest.as_bytes());
    let armored = signature.to_sshsig(BUNDLE_NAMESPACE, key.public()).unwrap();
    fs::write(folder.join("tagmanifest-sha256.txt.sig"), armored).unwrap();
    fs::write(folder.join("tagmanifest-sha256.txt.ed25519"), key.sign(manifest.as_bytes()).as_bytes()).unwrap();
    fs::write(folder.join("tagmanifest-sha256.txt"), manifest).unwrap();
}

/// An archive that says that its collection is smaller than it is: everything it signs holds, until it shows more.
#[test]
fn an_archive_that_leaves_an_exhibit_out_of_its_statement_is_found() {
    let (desk, exhibits) = desk();
    export_a_part(&desk, &exhibits, "first", &["--disclose", "collection"]).well();
    state(&desk, "first", |statement| {
        statement["held"] = 3.into();
        let withheld = statement["withheld"].as_array_mut().unwrap();
        withheld.retain(|one| one["reason"] != "consent");
    });
    desk.run(["check", "first", "--trust", &desk.fingerprint()]).well().says("holds 3 exhibits");
    export(&desk, [exhibits[1].as_str(), &exhibits[3], "--disclose", "collection", "--to", "later"]).well();
    let said = check(&desk, "later", "first").code(1);
    said.says("B802 bundle-left-out").says(&exhibits[3]).says("1 exhibit contradicts its statement");
    // Whoever received the statement is told, and has the exhibit.
    let other = Desk::named("b.example/case-7");
    let import =
        |bundle: &str| other.run(["import", desk.path(bundle).to_str().unwrap(), "--trust", &desk.fingerprint()]);
    import("first").well();
    import("later").code(1).says("B802").says("contradicts what the same archive stated").says("Received 2 exhibits");
    assert_eq!(other.exhibits().len(), 4);
    other.check_sound();
    // A statement that does not fit its bundle is compared with nothing.
    state(&desk, "first", |statement| statement["held"] = 2.into());
    desk.run(["check", "first", "--trust", &desk.fingerprint()]).code(1).says("B801");
    check(&desk, "later", "first").code(1).says("B801").says("The two were NOT compared");
}

/// The sender's statement stays with what was received, and is not handed on.
#[test]
fn a_statement_stays_with_who_received_it() {
    let (desk, exhibits) = desk();
    export_a_part(&desk, &exhibits, "first", &[]).well();
    let other = Desk::named("b.example/case-7");
    let bundle = desk.path("first");
    let said = other.run(["import", "--json", bundle.to_str().unwrap(), "--trust", &desk.fingerprint()]).well();
    let dossier = said.json()["dossier"].as_str().unwrap().to_owned();
    let own = said.json()["exhibits"][0]["exhibit"].as_str().unwrap().to_owned();
    let files = |volume: &std::path::Path, member: &str| {
        let inner = Command::new("tar").arg("-xOf").arg(volume).arg(member).output().unwrap();
        other.write("dossier.tar", inner.stdout);
        let list = Command::new("tar").arg("-tf").arg(other.path("dossier.tar")).output().unwrap();
        String::from_utf8(list.stdout).unwrap()
    };
    let kept = files(&other.volume(0), &format!("objects/{dossier}"));
    assert!(kept.contains("completeness.json") && kept.contains("bundle.json"), "{kept}");
    export(&other, [own.as_str(), "--to", "onward"]).well();
    let handed_on = fs::read_dir(other.path("onward/foreign")).unwrap().next().unwrap().unwrap().path();
    let list = Command::new("tar").arg("-tf").arg(handed_on).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(!list.contains("completeness.json") && list.contains("bundle.json"), "{list}");
    assert!(!other.path("onward/completeness.json").exists());
    other.run(["check", "onward", "--trust", &other.fingerprint()]).well();
}

/// What is left out of what came from elsewhere is not named by the dossiers of the rest.
#[test]
fn a_dossier_that_names_what_is_left_out_stays_behind() {
    let (a, exhibits) = desk();
    let b = Desk::named("b.example/case-7");
    // The own name of each exhibit in a bundle, by the sender's.
    let import = |to: &Desk, from: &Desk, bundle: &str| -> BTreeMap<String, String> {
        let bundle = from.path(bundle);
        let said = to.run(["import", "--json", bundle.to_str().unwrap(), "--trust", &from.fingerprint()]).well().json();
        let name = |exhibit: &Value, of: &str| exhibit[of].as_str().unwrap().to_owned();
        let pair = |exhibit: &Value| (name(exhibit, "foreign_exhibit"), name(exhibit, "exhibit"));
        said["exhibits"].as_array().unwrap().iter().map(pair).collect()
    };
    export(&a, [exhibits[0].as_str(), &exhibits[1], &exhibits[2], "--to", "together"]).well();
    export(&a, [exhibits[4].as_str(), "--to", "alone"]).well();
    let mut own = import(&b, &a, "together");
    own.extend(import(&b, &a, "alone"));
    for exhibit in own.values() {
        b.run(["describe", exhibit, "collection=Case 9"]).well();
    }
    let left_out: Vec<Value> =
        b.exhibits().into_iter().filter(|row| row["exhibit"] == own[&exhibits[1]].as_str()).collect();
    let object = left_out[0]["object"].as_str().unwrap().to_owned();
    let one = format!("{}=witness-identity", own[&exhibits[1]]);
    let part = ["--collection", "Case 9", "--leave-out", &one];
    let sentence = format!("The history in {} of 2 exhibits is not in the bundle", a.origin());
    let said = export(&b, part.iter().copied().chain(["--to", "part"])).well();
    assert_eq!(said.out.matches(&sentence).count(), 2, "before and after: {said:#?}");
    said.says("can see which of its exhibits are missing here");
    let told = export(&b, part.iter().copied().chain(["--to", "again", "--json"])).well().json();
    let told = told["histories_not_handed_on"].as_array().unwrap().clone();
    assert_eq!((told.len(), &told[0]["exhibits"], &told[0]["origin"]), (1, &2.into(), &a.origin().into()));
    // The dossier that names nothing of it goes along. Nothing of the bundle has the object's digest.
    assert_eq!(fs::read_dir(b.path("part/foreign")).unwrap().count(), 1);
    let grep = |bundle: &str, text: &str| {
        Command::new("grep").arg("-rqF").arg(text).arg(b.path(bundle)).status().unwrap().success()
    };
    assert!(!grep("part", &object) && !grep("part", &exhibits[1]));
    let checked = b.run(["check", "part", "--trust", &b.fingerprint()]).well();
    checked.says("SOUND").says("is not in this bundle");
    // The report says that there is more, and not where it was.
    let page = fs::read_to_string(b.path("part/report/report.html")).unwrap();
    let sentence = "in another archive. Its history there is not in this bundle.";
    assert_eq!(page.matches(sentence).count(), 2, "{page}");
    // An exhibit that came by another road has the same bytes, and is named by the dossier all the same.
    let c = Desk::named("c.example/court");
    let taken = import(&c, &a, "together");
    c.run(["describe", &taken[&exhibits[0]], "collection=Case 1"]).well();
    let bytes = fs::read(a.path("in/b.txt")).unwrap();
    let same = c.ingest("same.txt", bytes);
    c.run(["describe", &same, "collection=Case 1"]).well();
    let one = format!("{same}=consent");
    export(&c, ["--collection", "Case 1", "--leave-out", &one, "--to", "part"]).well().says("is not in the bundle");
    assert!(!c.path("part/foreign").exists());
    // Where nothing is left out, everything goes along as it always did.
    let said = export(&b, [own[&exhibits[0]].as_str(), "--to", "whole"]).well();
    assert!(!said.out.contains("The history in"), "{said:#?}");
    assert!(grep("whole", &object));
}
