//! The other archive's letter in bundles: what makes that custody passed more than the word of one side. All of it is invented.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::desk::{Desk, Said};
use crate::transfer::Two;

const ALL: &str = "partner_archive,partner_origin,partner_letter";
const PARTNER: &str = "partner_archive,partner_origin";

/// Custody of the exhibit passed from the sender to the receiver, and both logs say so.
fn passed() -> (Two, String) {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &["--note", "The seal was whole."]).well();
    two.settle(&two.receiver.path("answer.letter")).well();
    let own = two.receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    (two, own)
}

fn export(desk: &Desk, exhibit: &str, to: &str, more: &[&str]) -> Said {
    let arguments = ["export", exhibit, "--to", to, "--purpose", "hearing", "--recipient", "Court Five"];
    desk.run([arguments.as_slice(), more].concat())
}

fn check(desk: &Desk, bundle: &str) -> Said {
    desk.run(["check", bundle, "--trust", &desk.fingerprint()])
}

/// The letters that lie in a bundle.
fn letters(bundle: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(bundle.join("letters")).into_iter().flatten();
    items.map(|item| item.unwrap().path()).collect()
}

#[test]
fn a_bundle_holds_the_other_sides_letter_where_all_that_it_tells_is_disclosed() {
    let (two, own) = passed();
    let sides = [
        (&two.sender, &two.exhibit, two.receiver.path("answer.letter"), "b.example/case-7"),
        (&two.receiver, &own, two.sender.path("offer.letter"), "a.example/interviews"),
    ];
    for (desk, exhibit, letter, other) in sides {
        // Nothing of it unasked.
        export(desk, exhibit, "default", &[]).well();
        assert!(letters(&desk.path("default")).is_empty());
        check(desk, "default").well().says("the letter of the other archive, which would prove it, is withheld");
        let report = fs::read_to_string(desk.path("default/report/report.html")).unwrap();
        assert!(report.contains("The letter of the other archive is withheld"), "{report}");
        assert!(
            !String::from_utf8_lossy(&fs::read(desk.path("default/report/report.html")).unwrap()).contains("seal 17")
        );
        // In part, it proves nothing; so it stays behind, and that is said.
        let said = export(desk, exhibit, "partner", &["--disclose", PARTNER]).well();
        said.says("--disclose partner_letter adds it, with the fields in it (method, ");
        assert!(letters(&desk.path("partner")).is_empty());
        check(desk, "partner").well().says("the word of one side");
        // Whole.
        let dry = desk.run(["export", exhibit, "--dry-run", "--json", "--disclose", ALL]).well().json();
        let values = dry["exhibits"][0]["disclosed"].as_array().unwrap();
        let of_other = |value: &&Value| value["origin"].as_str().is_some_and(|origin| origin.contains(other));
        let told = values.iter().filter(of_other).map(|value| value["value"].as_str().unwrap());
        assert!(told.clone().any(|value| value == "by courier, seal 17"), "{values:#?}");
        assert!(values.iter().any(|value| value["field"] == "partner_letter.method"), "{values:#?}");
        export(desk, exhibit, "all", &["--disclose", ALL]).well();
        let found = letters(&desk.path("all"));
        assert_eq!(found.len(), 1);
        assert_eq!(fs::read(&found[0]).unwrap(), fs::read(&letter).unwrap());
        let said = check(desk, "all").well();
        said.says("SOUND").says("in which the other archive");
        let report = fs::read_to_string(desk.path("all/report/report.html")).unwrap();
        assert!(report.contains("in which the other archive"));
        assert!(report.contains("서신이 이 제출 묶음에 들어 있습니다"));
        // Another letter in its place fails the exhibit; none at all is missing.
        fs::write(&found[0], fs::read(desk.path("default/bundle.json")).unwrap()).unwrap();
        check(desk, "all").code(1).says("B605").says("does not prove it");
        fs::remove_file(&found[0]).unwrap();
        check(desk, "all").code(1).says("B202");
    }
    two.check_sound();
}

/// The third archive sees it, and hands it on where it may.
#[test]
fn the_letter_goes_along_the_chain() {
    let (two, own) = passed();
    export(&two.receiver, &own, "to-c", &["--disclose", ALL]).well();
    let third = Desk::named("c.example/court");
    let (bundle, key) = (two.receiver.path("to-c"), two.receiver.fingerprint());
    third.run(["import", bundle.to_str().unwrap(), "--trust", &key]).well();
    let exhibit = third.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    third.run(["custody", &exhibit]).well().says("in which the other archive");
    let handed = |to: &str, more: &[&str], words: &str| {
        export(&third, &exhibit, to, more).well();
        let said = check(&third, to).well();
        let report = fs::read_to_string(third.path(to).join("report/report.html")).unwrap();
        assert!(report.contains(words), "{to}: {report}");
        let foreign = fs::read_dir(third.path(to).join("foreign")).unwrap();
        let dossiers: Vec<_> = foreign.map(|item| fs::read(item.unwrap().path()).unwrap()).collect();
        let holds = |words: &str| {
            dossiers.iter().any(|dossier| dossier.windows(words.len()).any(|window| window == words.as_bytes()))
        };
        // The names of letters stand in the manifest; what they tell does not.
        assert!(holds("letters/"), "{said:#?}");
        holds("by courier, seal 17")
    };
    assert!(handed("whole", &["--disclose", ALL], "in which the other archive"));
    assert!(!handed("less", &["--disclose", PARTNER], "The word of one side"));
    assert!(!handed("least", &[], "The letter of the other archive is withheld"));
    third.check_sound();
}

#[test]
fn a_letter_that_cannot_be_read_keeps_no_exhibit_back() {
    let (two, own) = passed();
    let letter = fs::read(two.sender.path("offer.letter")).unwrap();
    let volume = fs::read(two.receiver.volume(0)).unwrap();
    let at = volume.windows(letter.len()).position(|window| window == letter).unwrap();
    crate::volume::flip(&two.receiver.volume(0), at + 100, 1);
    let said = export(&two.receiver, &own, "all", &["--disclose", PARTNER]).well();
    said.says("is not in the bundle, since it cannot be read").says("vouchsafe repair");
    check(&two.receiver, "all").well().says("the word of one side");
}

/// A letter is asked for by a name of its own: to whom copies were issued is another matter.
#[test]
fn with_the_letter_nothing_else_is_disclosed() {
    let (two, own) = passed();
    let desk = &two.receiver;
    desk.run(["get", &own, "--to", "copy.txt", "--purpose", "translation", "--recipient", "Translator Nine"]).well();
    export(desk, &own, "with", &["--disclose", ALL]).well();
    let entries = fs::read_dir(desk.path("with/exhibits").join(&own)).unwrap();
    for entry in entries {
        assert!(!fs::read_to_string(entry.unwrap().path()).unwrap().contains("Translator Nine"));
    }
    // Who withholds the other archive withholds its letter.
    export(desk, &own, "without", &["--disclose", "partner_letter", "--withhold", "partner_archive"]).well();
    assert!(letters(&desk.path("without")).is_empty());
    export(desk, &own, "everything", &["--disclose-all", "--withhold", "partner_letter"]).well();
    assert!(letters(&desk.path("everything")).is_empty());
    // A name that stands for nothing is a slip.
    let other = desk.ingest("other.txt", "Another invented testimony.\n");
    export(desk, &other, "other", &["--disclose", "partner_letter"]).code(2);
}
