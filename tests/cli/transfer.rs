//! Custody that passes from one archive to another. All testimony here is invented.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::desk::{Desk, Said};
use crate::volume::log_lines;

/// Two archives, and a bundle with an exhibit of the first one.
pub struct Two {
    pub sender: Desk,
    pub receiver: Desk,
    pub exhibit: String,
    pub bundle: PathBuf,
}

impl Two {
    pub fn new() -> Self {
        let sender = Desk::named("a.example/interviews");
        let exhibit = sender.ingest("interview.txt", "An invented testimony.\n");
        let bundle = export(&sender, &exhibit, "bundle.zip");
        Self { sender, receiver: Desk::named("b.example/case-7"), exhibit, bundle }
    }

    pub fn offer(&self) -> PathBuf {
        let bundle = self.bundle.to_str().unwrap();
        let more = ["--recipient", "Desk B", "--method", "by courier, seal 17", "--letter", "offer.letter"];
        self.sender.run([["transfer", "offer", bundle].as_slice(), &more].concat()).well().says("Offered to Desk B");
        self.sender.path("offer.letter")
    }

    pub fn accept(&self, offer: &Path, more: &[&str]) -> Said {
        let (bundle, offer) = (self.bundle.to_str().unwrap(), offer.to_str().unwrap());
        let key = self.sender.fingerprint();
        let arguments = ["transfer", "accept", bundle, "--offer", offer, "--letter", "answer.letter", "--trust", &key];
        self.receiver.run([arguments.as_slice(), more].concat())
    }

    pub fn refuse(&self, offer: &Path) -> Said {
        let key = self.sender.fingerprint();
        let arguments = ["--offer", offer.to_str().unwrap(), "--letter", "answer.letter", "--trust", &key];
        self.receiver.run([["transfer", "refuse", "--reason", "The seal was broken."].as_slice(), &arguments].concat())
    }

    pub fn settle(&self, answer: &Path) -> Said {
        let key = self.receiver.fingerprint();
        self.sender.run(["transfer", "settle", answer.to_str().unwrap(), "--trust", &key])
    }

    pub fn check_sound(&self) {
        self.sender.check_sound();
        self.receiver.check_sound();
    }
}

pub fn export(desk: &Desk, exhibit: &str, to: &str) -> PathBuf {
    desk.run(["export", exhibit, "--to", to, "--purpose", "handing over", "--recipient", "Desk B"]).well();
    desk.path(to)
}

/// What the log holds of these events, oldest first.
pub fn entries(desk: &Desk, kind: &str) -> Vec<Value> {
    let lines = desk.run(["log", "--json"]).well().json_lines();
    lines.into_iter().filter(|line| line["event"].as_str().unwrap().starts_with(kind)).collect()
}

/// Works on a copy of a desk's archive, as another machine that has not seen what became of the archive since.
pub fn on_copy(desk: &Desk, copy: &Path, arguments: Vec<&str>) -> Said {
    let home = copy.with_extension("home");
    if !home.exists() {
        fs::create_dir_all(&home).unwrap();
        crate::desk::copy_folder(&desk.path("home/keys"), &home.join("keys"));
    }
    let mut command = desk.command([arguments.as_slice(), &["--archive", copy.to_str().unwrap()]].concat());
    command.env("VOUCHSAFE_HOME", home);
    Said::by(command)
}

#[test]
fn custody_that_is_offered_and_accepted_stands_in_both_logs() {
    let two = Two::new();
    let offer = two.offer();
    two.sender.run(["transfer", "list"]).well().says("to Desk B").says("open").says("1 of them open");
    two.accept(&offer, &["--note", "The seal was whole."]).well().says("Received 1 exhibit").says("Accepted, as entry");
    let answer = two.receiver.path("answer.letter");
    two.receiver.run(["transfer", "list"]).well().says("from a.example/interviews").says("accepted");
    two.settle(&answer).well().says("They have accepted custody: b.example/case-7").says("Recorded as entry");
    two.sender.run(["transfer", "list"]).well().says("accepted by b.example/case-7").says("0 of them open");
    two.check_sound();

    // Each archive holds the other's letter, byte for byte, under the name that its entry says.
    let letter = |desk: &Desk, entry: &Value, file: &Path| {
        let object = entry["body"]["letter"].as_str().unwrap();
        let member = crate::volume::member(&desk.volume(0), &format!("objects/{object}"), 0);
        assert_eq!(crate::volume::content(&desk.volume(0), &member), fs::read(file).unwrap());
    };
    let accepted = entries(&two.receiver, "transfer.");
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["body"]["anchored"], true);
    letter(&two.receiver, &accepted[0], &offer);
    let sent = entries(&two.sender, "transfer.");
    assert_eq!(sent.iter().map(|entry| &entry["event"]).collect::<Vec<_>>(), ["transfer.offered", "transfer.settled"]);
    letter(&two.sender, &sent[1], &answer);
    assert_eq!(sent[0]["body"]["bundle"], accepted[0]["body"]["bundle"]);

    // Whoever asks for an exhibit's custody sees it on both sides, also when the index was rebuilt.
    let own = two.receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let said = two.sender.run(["custody", &two.exhibit]).well();
        said.says("custody was offered to Desk B").says("accepted by b.example/case-7");
        two.receiver.run(["custody", &own]).well().says("custody that a.example/interviews offered was accepted");
        two.sender.run(["rebuild"]).well();
        two.receiver.run(["rebuild"]).well();
    }
    two.check_sound();
}

/// The exhibit's own history says it on both sides, and so does every later bundle of it.
#[test]
fn custody_that_passed_stands_in_the_exhibits_history() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &[]).well().says("custody of 1 exhibit passed here");
    let answer = two.receiver.path("answer.letter");
    two.settle(&answer).well().says("Recorded that custody of 1 exhibit passed to them");
    two.settle(&answer).well().says("Nothing was changed");
    let own = two.receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    for (desk, exhibit) in [(&two.sender, &two.exhibit), (&two.receiver, &own)] {
        let passed = entries(desk, "custody.passed");
        assert_eq!(passed.len(), 1);
        let body = &passed[0]["body"];
        assert_eq!(passed[0]["exhibit"].as_str(), Some(exhibit.as_str()));
        // Which archive the other one is, is a field: the body is shown to everybody who is given the exhibit.
        let (direction, other, way) = match desk.origin().as_str() {
            "a.example/interviews" => ("out", &two.receiver, "from this archive to b.example/case-7"),
            _ => ("in", &two.sender, "from a.example/interviews to this archive"),
        };
        assert_eq!((&body["direction"], body.as_object().unwrap().len()), (&direction.into(), 4));
        let told = desk.run(["custody", "--json", exhibit]).well().json_lines();
        let told = told.iter().find(|entry| entry["event"] == "custody.passed" && entry["foreign"].is_null()).unwrap();
        assert_eq!(told["fields"]["partner_archive"], other.fingerprint());
        desk.run(["custody", exhibit]).well().says(way);
        let bundle = export(desk, exhibit, "later");
        let key = desk.fingerprint();
        desk.run(["check", bundle.to_str().unwrap(), "--trust", &key]).well();
        let report = fs::read_to_string(bundle.join("report/report.html")).unwrap();
        assert!(report.contains("Custody passed from one archive to another") && report.contains("보관 책임이"));
        assert!(fs::read_to_string(bundle.join("metadata/premis.xml")).unwrap().contains("eventType/tra"));
    }
    two.check_sound();
}

/// Who has custody now is shown, and what is no longer here is not given away twice without a word.
#[test]
fn where_custody_is_now_is_shown_and_warned_of() {
    let two = Two::new();
    let shows = |desk: &Desk, exhibit: &str, words: &str| {
        desk.run(["show", exhibit]).well().says(words);
    };
    let offer = two.offer();
    assert_eq!(two.sender.run(["show", "--json", &two.exhibit]).well().json()["custody"], Value::Null);
    two.accept(&offer, &[]).well();
    two.settle(&two.receiver.path("answer.letter")).well();
    let own = two.receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    shows(&two.sender, &two.exhibit, "with b.example/case-7, to which it passed");
    shows(&two.receiver, &own, "here; it passed from a.example/interviews to this archive");
    let status = |desk: &Desk| desk.run(["status"]).out;
    assert!(status(&two.sender).contains("Custody of 1 exhibit has passed to b.example/case-7"));
    assert!(!status(&two.receiver).contains("Custody of"));

    let export = ["export", &two.exhibit, "--to", "again.zip", "--purpose", "p", "--recipient", "C"];
    let warning = format!("custody of {} has already passed to b.example/case-7", two.exhibit);
    two.sender.run(export).well().notes(&warning);
    let offer = ["transfer", "offer", "again.zip", "--recipient", "C", "--letter", "again.letter"];
    two.sender.run(offer).well().notes(&warning);
    // The receiver has it, and may pass it on.
    let export = ["export", &own, "--to", "on.zip", "--purpose", "p", "--recipient", "C"];
    assert!(!two.receiver.run(export).well().err.contains("has already passed"));
}

#[test]
fn an_offer_warns_of_what_the_bundle_lacks() {
    let two = Two::new();
    two.sender.run(["note", &two.exhibit, "Made after the bundle."]).well();
    let bundle = two.bundle.to_str().unwrap();
    let offer = |bundle: &str, letter: &str| {
        two.sender.run(["transfer", "offer", bundle, "--recipient", "B", "--letter", letter]).well()
    };
    let said = offer(bundle, "stale.letter").notes("1 entry about these exhibits is newer than the bundle");
    said.notes("the recipient will not learn");
    let whole = ["export", &two.exhibit, "--to", "whole.zip", "--purpose", "p", "--recipient", "B"];
    let history = two.sender.run(["custody", "--json", &two.exhibit]).well().json_lines();
    let names: std::collections::BTreeSet<_> = history
        .iter()
        .filter(|entry| entry["event"] != "exhibit.exported")
        .flat_map(|entry| entry["fields"].as_object().unwrap().keys().cloned())
        .collect();
    let disclosed: Vec<_> = names.iter().flat_map(|name| ["--disclose", name.as_str()]).collect();
    two.sender.run([whole.as_slice(), &disclosed].concat()).well();
    let said = offer("whole.zip", "whole.letter");
    assert!(!said.err.contains("WARNING"), "{said:#?}");
}

/// When, how, to whom and with which remark: on both sides, under the entry about the bundle.
#[test]
fn custody_tells_how_it_was_handed_over() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &["--note", "The seal was whole."]).well();
    two.settle(&two.receiver.path("answer.letter")).well();
    let own = two.receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    for (desk, exhibit, kind) in
        [(&two.sender, &two.exhibit, "transfer.settled"), (&two.receiver, &own, "transfer.accepted")]
    {
        let said = desk.run(["custody", exhibit]).well().says("by courier, seal 17").says("The seal was whole.");
        let entry = &entries(desk, kind)[0];
        let at = entry["occurred_at"].as_str().unwrap()[..19].replace('T', " ");
        said.says("Desk B").says(&format!("{at} UTC, entry {}", entry["index"]));
    }
}

/// What the other side signed can be given to a court, as it came.
#[test]
fn the_other_sides_letter_is_written_out_as_it_came() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &[]).well();
    let answer = two.receiver.path("answer.letter");
    two.settle(&answer).well();
    let index = |desk: &Desk, kind: &str| entries(desk, kind)[0]["index"].to_string();
    let accepted = index(&two.receiver, "transfer.accepted");
    let write = ["transfer", "letter", &accepted, "--to", "own.letter", "--theirs", "theirs.letter"];
    two.receiver.run(write).well().says("own.letter").says("theirs.letter");
    assert_eq!(fs::read(two.receiver.path("own.letter")).unwrap(), fs::read(&answer).unwrap());
    assert_eq!(fs::read(two.receiver.path("theirs.letter")).unwrap(), fs::read(&offer).unwrap());
    two.receiver.run(["transfer", "read", "theirs.letter"]).well().says("a.example/interviews offers custody");
    let settled = index(&two.sender, "transfer.settled");
    two.sender.run(["transfer", "letter", &settled, "--to", "theirs.letter"]).well();
    assert_eq!(fs::read(two.sender.path("theirs.letter")).unwrap(), fs::read(&answer).unwrap());
    two.sender.run(["transfer", "read", "theirs.letter"]).well().says("b.example/case-7 accepts custody");
    let offered = index(&two.sender, "transfer.offered");
    let none = ["transfer", "letter", &offered, "--to", "l", "--theirs", "m"];
    two.sender.run(none).failed("did not record a letter");
    assert!(!two.sender.path("l").exists());
}

/// From A to B and back: what A did itself is told as its own.
#[test]
fn an_exhibit_that_came_back_shows_this_archives_own_entries_as_its_own() {
    let two = Two::new();
    two.accept(&two.offer(), &[]).well();
    two.settle(&two.receiver.path("answer.letter")).well();
    let own = two.receiver.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let back = Two {
        bundle: export(&two.receiver, &own, "back.zip"),
        exhibit: own,
        sender: two.receiver,
        receiver: two.sender,
    };
    fs::remove_file(back.sender.path("answer.letter")).unwrap();
    fs::remove_file(back.receiver.path("offer.letter")).unwrap();
    back.accept(&back.offer(), &[]).well();
    let exhibits = back.receiver.exhibits();
    let came = exhibits.last().unwrap()["exhibit"].as_str().unwrap();
    let said = back.receiver.run(["custody", came]).well().says("this archive's own log").says("an agent of b.example");
    assert!(!said.out.contains("an agent of a.example") && !said.out.contains("handed on by"), "{said:#?}");
    back.receiver.run(["show", came]).well().says("here; it passed from b.example/case-7 to this archive");
    back.check_sound();
}

#[test]
fn custody_that_is_refused_is_told_with_its_reason() {
    let two = Two::new();
    let offer = two.offer();
    two.refuse(&offer).well().says("Refused, as entry");
    assert!(two.receiver.exhibits().is_empty());
    let settled = two.settle(&two.receiver.path("answer.letter")).well();
    settled.says("They have refused custody: b.example/case-7").says("they say  The seal was broken.");
    two.sender.run(["transfer", "list"]).well().says("refused by b.example/case-7");
    // The reason is for the sender's eyes; neither log holds it.
    assert!(!log_lines(&two.receiver.volume(0)).contains("The seal was broken."));
    two.check_sound();
}

#[test]
fn an_offer_is_answered_once_and_its_letter_can_be_written_again() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &[]).well();
    let answer = two.receiver.path("answer.letter");
    let first = fs::read(&answer).unwrap();
    fs::remove_file(&answer).unwrap();
    let count = two.receiver.run(["log", "--json"]).well().json_lines().len();
    // To accept again goes on, and there is nothing left to do but the letter.
    two.accept(&offer, &[]).well().says("It was already accepted, as entry");
    assert_eq!(fs::read(&answer).unwrap(), first);
    fs::remove_file(&answer).unwrap();
    two.refuse(&offer).failed("this offer was already answered").hints("vouchsafe transfer letter");
    assert_eq!(two.receiver.run(["log", "--json"]).well().json_lines().len(), count);
    let entry = entries(&two.receiver, "transfer.accepted")[0]["index"].to_string();
    two.receiver.run(["transfer", "letter", &entry, "--to", "again.letter"]).well();
    assert_eq!(fs::read(two.receiver.path("again.letter")).unwrap(), first);
    two.settle(&answer).code(3);
    let again = two.receiver.path("again.letter");
    two.settle(&again).well();
    two.settle(&again).well().says("Nothing was changed: already recorded");
    assert_eq!(entries(&two.sender, "transfer.settled").len(), 1);
    two.receiver.run(["transfer", "letter", "0", "--to", "no.letter"]).misunderstood("is neither an offer of custody");
    assert!(!two.receiver.path("no.letter").exists());
}

/// Two machines of one archive could answer differently; the sender takes in one answer.
#[test]
fn an_answer_that_contradicts_an_earlier_one_is_refused() {
    let two = Two::new();
    let offer = two.offer();
    let before = two.receiver.copy_archive("elsewhere");
    two.accept(&offer, &[]).well();
    let accepted = two.receiver.path("answer.letter");
    fs::rename(&accepted, two.receiver.path("accepted.letter")).unwrap();
    let refuse = ["transfer", "refuse", "--reason", "No.", "--offer", offer.to_str().unwrap(), "--letter", "no.letter"];
    let key = two.sender.fingerprint();
    // Another machine of the receiver, that has not seen the first answer.
    on_copy(&two.receiver, &before, [refuse.as_slice(), &["--trust", &key]].concat()).well();
    two.settle(&two.receiver.path("accepted.letter")).well();
    two.settle(&two.receiver.path("no.letter")).found("its log was rewritten, or shown differently");
    assert_eq!(entries(&two.sender, "transfer.settled").len(), 1);
    two.sender.check_sound();
}

#[test]
fn a_letter_without_a_key_from_outside_is_believed_only_on_request() {
    let two = Two::new();
    let offer = two.offer();
    let (bundle, offer) = (two.bundle.to_str().unwrap(), offer.to_str().unwrap());
    let accept = ["transfer", "accept", bundle, "--offer", offer, "--letter", "answer.letter"];
    two.receiver.run(accept).failed("no fingerprint from outside was given").hints("--accept-self-consistent");
    assert!(two.receiver.exhibits().is_empty() && !two.receiver.path("answer.letter").exists());
    let stranger = two.receiver.fingerprint();
    let with_stranger = [accept.as_slice(), &["--trust", &stranger]].concat();
    two.receiver.run(with_stranger).failed("whose fingerprint was not given from outside");
    assert!(two.receiver.exhibits().is_empty());
    two.receiver.run([accept.as_slice(), &["--accept-self-consistent"]].concat()).well().says("NOT compared");
    assert_eq!(entries(&two.receiver, "transfer.accepted")[0]["body"]["anchored"], false);
    assert_eq!(entries(&two.receiver, "bundle.received")[0]["body"]["anchored"], false);
    two.receiver.run(["log"]).well().says("its fingerprint was not compared with one from outside");
    two.receiver.run(["transfer", "list"]).well().says("accepted, NOT compared");
    two.check_sound();
}

/// Anybody can write an answer in the name of the recipient; it must not look like the genuine one, or keep it out.
#[test]
fn an_answer_whose_keys_nobody_compared_does_not_keep_out_the_genuine_one() {
    let two = Two::new();
    let offer = two.offer();
    let impostor = Two { receiver: Desk::named("b.example/case-7"), ..two };
    impostor.refuse(&offer).well();
    let forged = impostor.receiver.path("answer.letter");
    let settle = ["transfer", "settle", forged.to_str().unwrap(), "--accept-self-consistent"];
    impostor.sender.run(settle).well().says("NOT compared");
    impostor.sender.run(["transfer", "list"]).well().says("refused by b.example/case-7").says("NOT compared");
    impostor.sender.run(["custody", &impostor.exhibit]).well().says("not compared with one from outside");
    let two = Two { receiver: Desk::named("b.example/case-7"), ..impostor };
    two.accept(&offer, &[]).well();
    two.settle(&two.receiver.path("answer.letter")).well().says("They have accepted custody").says("Recorded");
    let list = two.sender.run(["transfer", "list"]).well();
    assert!(list.out.contains("accepted by b.example/case-7") && !list.out.contains("NOT compared"), "{list:#?}");
    two.settle(&two.receiver.path("answer.letter")).well().says("Nothing was changed");
    two.settle(&forged).failed("whose fingerprint was not given from outside");
    two.check_sound();
}

/// What the other side writes cannot look like what the program says.
#[test]
fn texts_of_the_other_side_stay_on_their_lines() {
    let two = Two::new();
    let offer = two.offer();
    let key = two.sender.fingerprint();
    let reason = "No.\nThey have accepted custody: b.example/case-7\n\u{1b}[2J";
    let refuse = ["transfer", "refuse", "--reason", reason, "--letter", "answer.letter", "--trust", &key];
    two.receiver.run([refuse.as_slice(), &["--offer", offer.to_str().unwrap()]].concat()).well();
    let said = two.settle(&two.receiver.path("answer.letter")).well();
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("They have")).count(), 1, "{said:#?}");
    assert!(!said.out.contains('\u{1b}'));
    for desk in [&two.sender, &two.receiver] {
        let log = desk.run(["log"]).well();
        assert_eq!(log.out.lines().count(), desk.run(["log", "--json"]).well().out.lines().count(), "{log:#?}");
    }
    let long = "x".repeat(2001);
    let bundle = two.bundle.to_str().unwrap();
    two.sender.run(["transfer", "offer", bundle, "--recipient", &long, "--letter", "l"]).misunderstood("too long");
}

#[test]
fn a_letter_is_read_before_it_is_answered() {
    let two = Two::new();
    let offer = two.offer();
    let read = |desk: &Desk, letter: &Path| desk.run(["transfer", "read", letter.to_str().unwrap()]);
    let said = read(&Desk::bare(), &offer).well().says("a.example/interviews offers custody");
    said.says("by courier, seal 17").says("Desk B").says("fingerprint");
    // Who accepts sees it, too, and says to what.
    two.accept(&offer, &["--note", "One seal was broken."]).well().says("by courier, seal 17");
    let answer = two.receiver.path("answer.letter");
    read(&two.sender, &answer).well().says("accepts custody").says("by courier, seal 17").says("One seal was broken.");
    two.settle(&answer).well().says("they say  One seal was broken.");
    two.receiver.run(["log"]).well();
    let json = two.sender.run(["transfer", "read", "--json", answer.to_str().unwrap()]).well().json();
    assert_eq!(
        (&json["event"], &json["fields"]["method"]),
        (&"transfer.accepted".into(), &"by courier, seal 17".into())
    );
    let broken = two.sender.write("broken.letter", &fs::read(&answer).unwrap()[1..]);
    read(&two.sender, &broken).code(3);
}

#[test]
fn a_second_offer_of_one_bundle_is_told() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &[]).well();
    two.settle(&two.receiver.path("answer.letter")).well();
    let bundle = two.bundle.to_str().unwrap();
    let again = ["transfer", "offer", bundle, "--recipient", "Desk C", "--letter", "second.letter"];
    let said = two.sender.run(again).well();
    assert!(
        said.err.contains("this bundle was already offered") && said.err.contains("accepted by b.example"),
        "{said:#?}"
    );
    let nowhere = ["transfer", "offer", bundle, "--recipient", "Desk C", "--letter", "nowhere/l"];
    two.sender.run(nowhere).misunderstood("no such folder for the letter");
    assert_eq!(entries(&two.sender, "transfer.offered").len(), 2);
}

/// A key that turned out to be stolen must not speak for the archive later.
/// The same bundle, offered again, passes again: what an earlier answer brought about is not taken for it.
#[test]
fn custody_passes_again_with_each_offer_that_is_accepted() {
    let two = Two::new();
    for round in 1..=2 {
        let offer = two.offer();
        let answer = two.receiver.path("answer.letter");
        two.accept(&offer, &[]).well().says("custody of 1 exhibit passed here");
        two.settle(&answer).well().says("custody of 1 exhibit passed to them");
        for desk in [&two.sender, &two.receiver] {
            assert_eq!(entries(desk, "custody.passed").len(), round);
        }
        // Doing it again adds nothing.
        fs::remove_file(&answer).unwrap();
        two.accept(&offer, &[]).well().says("It was already accepted");
        two.settle(&answer).well();
        for desk in [&two.sender, &two.receiver] {
            assert_eq!(entries(desk, "custody.passed").len(), round);
        }
        for letter in [offer, answer] {
            fs::remove_file(letter).unwrap();
        }
    }
    two.check_sound();
}

/// Anybody can make an answer. Custody has not passed until it is known whose it is.
#[test]
fn an_answer_whose_keys_nobody_compared_passes_no_custody() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &[]).well();
    let answer = two.receiver.path("answer.letter");
    let settle = ["transfer", "settle", answer.to_str().unwrap(), "--accept-self-consistent"];
    two.sender.run(settle).well();
    assert!(entries(&two.sender, "custody.passed").is_empty());
    two.settle(&answer).well().says("custody of 1 exhibit passed to them");
    assert_eq!(entries(&two.sender, "custody.passed").len(), 1);
    two.check_sound();
}

#[test]
fn no_letter_is_written_about_what_a_key_in_question_signed() {
    let two = Two::new();
    let mut keygen = std::process::Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(two.sender.path("stolen"));
    assert!(keygen.status().unwrap().success());
    two.sender.run(["agent", "add", "stolen.pub", "--name", "Archivist", "--role", "archivist"]).well();
    let bundle = two.bundle.to_str().unwrap();
    two.sender
        .run(["transfer", "offer", bundle, "--recipient", "B", "--letter", "offer.letter", "--key", "stolen"])
        .well();
    let index = entries(&two.sender, "transfer.offered")[0]["index"].to_string();
    two.sender.run(["transfer", "letter", &index, "--to", "again.letter"]).well();
    two.sender.run(["agent", "revoke", "Archivist", "--reason", "stolen", "--from-index", &index]).well();
    let said = two.sender.run(["transfer", "letter", &index, "--to", "third.letter"]);
    said.failed("is no longer trusted there");
    assert!(!two.sender.path("third.letter").exists());
}

/// Damages the first entry of this kind in its volume.
pub fn damage_entry(desk: &Desk, kind: &str) {
    let log = fs::read(desk.volume(0)).unwrap();
    let needle = format!("\"event\":\"{kind}\"");
    let at = log.windows(needle.len()).position(|window| window == needle.as_bytes()).unwrap();
    crate::volume::flip(&desk.volume(0), at + 12, 1);
}

/// What cannot be read may be an answer; the opposite one must not be given in the meantime.
#[test]
fn while_an_entry_about_a_transfer_is_damaged_nothing_is_answered() {
    let two = Two::new();
    let offer = two.offer();
    two.refuse(&offer).well();
    let answer = two.receiver.path("refused.letter");
    fs::rename(two.receiver.path("answer.letter"), &answer).unwrap();
    two.settle(&answer).well();
    let index = entries(&two.receiver, "transfer.refused")[0]["index"].to_string();
    damage_entry(&two.receiver, "transfer.refused");
    let unread = format!("entry {index}, which is about a transfer, cannot be read");
    two.accept(&offer, &[]).failed(&unread).hints("vouchsafe repair");
    two.refuse(&offer).failed(&unread).hints("vouchsafe repair");
    assert!(two.receiver.exhibits().is_empty() && !two.receiver.path("answer.letter").exists());
    damage_entry(&two.sender, "transfer.settled");
    two.settle(&answer).failed("which is about a transfer, cannot be read").hints("vouchsafe repair");
    let bundle = two.bundle.to_str().unwrap();
    let again = ["transfer", "offer", bundle, "--recipient", "Desk C", "--letter", "second.letter"];
    two.sender.run(again).failed("which is about a transfer, cannot be read").hints("vouchsafe repair");
    assert!(!two.sender.path("second.letter").exists());
}

#[test]
fn a_damaged_entry_about_a_transfer_hides_nothing_else() {
    let two = Two::new();
    two.offer();
    damage_entry(&two.sender, "transfer.offered");
    let said = two.sender.run(["custody", &two.exhibit]).code(1).says("exported it in the bundle");
    assert!(said.err.contains("cannot be read") && said.err.contains("vouchsafe repair"), "{said:#?}");
    two.sender.run(["transfer", "list"]).code(1).says("0 transfers");
}

#[test]
fn a_damaged_entry_about_a_bundle_hides_the_recipient_of_no_other_one() {
    let two = Two::new();
    let more = ["export", &two.exhibit, "--to", "other", "--purpose", "for the trial", "--recipient", "Court C"];
    two.sender.run(more).well();
    damage_entry(&two.sender, "bundle.exported");
    let said = two.sender.run(["custody", &two.exhibit]).code(1).says("Court C").says("for the trial");
    assert!(!said.out.contains("Desk B"), "{said:#?}");
    said.notes("cannot be read").notes("vouchsafe repair");
    let offer = |bundle: &Path| {
        let bundle = bundle.to_str().unwrap();
        two.sender.run(["transfer", "offer", bundle, "--recipient", "C", "--letter", "l"])
    };
    offer(&two.bundle).failed("cannot be read").hints("see `vouchsafe repair`");
    offer(&two.sender.path("other")).well();
}

#[test]
fn only_the_bundle_that_the_letter_offers_is_accepted() {
    let two = Two::new();
    let offer = two.offer();
    let other = export(&two.sender, &two.exhibit, "other");
    let swapped = Two { bundle: other, ..two };
    swapped.accept(&offer, &[]).failed("the letter offers");
    assert!(swapped.receiver.exhibits().is_empty() && entries(&swapped.receiver, "transfer.").is_empty());
    // A bundle that does not hold is not accepted, and the findings say why.
    let damaged = export(&swapped.sender, &swapped.exhibit, "damaged");
    let two = Two { bundle: damaged, ..swapped };
    fs::remove_file(two.sender.path("offer.letter")).unwrap();
    let offer = two.offer();
    let object = fs::read_dir(two.bundle.join("data")).unwrap().next().unwrap().unwrap().path();
    fs::write(&object, "An invented testimony!\n").unwrap();
    two.accept(&offer, &[]).code(1).says("Nothing was imported").says("B502");
    assert!(two.receiver.exhibits().is_empty() && entries(&two.receiver, "transfer.").is_empty());
    assert!(!two.receiver.path("answer.letter").exists());
    two.check_sound();
}

#[test]
fn what_was_not_exported_here_is_not_offered() {
    let two = Two::new();
    let stranger = Desk::named("c.example/other");
    let exhibit = stranger.ingest("x.txt", "x");
    let bundle = export(&stranger, &exhibit, "bundle");
    let offer = |bundle: &Path| {
        let bundle = bundle.to_str().unwrap();
        two.sender.run(["transfer", "offer", bundle, "--recipient", "B", "--letter", "l"])
    };
    offer(&bundle).failed("B305");
    // Made with this archive's keys, but its log does not know it.
    let before = two.sender.copy_archive("before");
    let unknown = export(&two.sender, &two.exhibit, "unknown");
    fs::remove_dir_all(two.sender.archive()).unwrap();
    fs::rename(before, two.sender.archive()).unwrap();
    two.sender.run(["head", "--accept"]).well();
    offer(&unknown).failed("no entry of this log records its export");
    offer(&two.sender.path("nothing")).failed("cannot read the bundle");
    assert!(!two.sender.path("l").exists());
    two.sender.write("taken", "x");
    let bundle = two.bundle.to_str().unwrap();
    two.sender.run(["transfer", "offer", bundle, "--recipient", "B", "--letter", "taken"]).failed("already exists");
    two.sender.run(["transfer", "offer", bundle, "--recipient", " ", "--letter", "l"]).misunderstood("empty");
    assert!(entries(&two.sender, "transfer.").is_empty());
}

#[test]
fn letters_that_prove_nothing_are_refused() {
    let two = Two::new();
    let offer = two.offer();
    let text = fs::read_to_string(&offer).unwrap();
    let write = |name: &str, text: &str| two.receiver.write(name, text);
    let wrongs = [
        ("", "does not end with a line feed"),
        ("{}\n", "not of the expected form"),
        (&text[..text.len() - 2], "does not end with a line feed"),
        (&text.replacen("letter/1", "letter/2", 1), "vouchsafe-letter/2"),
        (&text.replacen("letter/1", "letter/0", 1), "its format is"),
        (&text.replacen("seal 17", "seal 18", 1), "its fields are not those"),
        (&text.replacen('{', "{ ", 1), "canonical"),
    ];
    for (text, reason) in wrongs {
        let path = write("wrong.letter", text);
        two.accept(&path, &[]).failed(reason);
        two.refuse(&path).failed(reason);
    }
    two.settle(&offer).failed("it is a letter of this archive itself");
    two.accept(&offer, &[]).well();
    let answer = two.receiver.path("answer.letter");
    // An answer is no offer, and what answers another archive's offer settles nothing here.
    let third = Desk::named("c.example/other");
    let key = two.receiver.fingerprint();
    let settle = ["transfer", "settle", answer.to_str().unwrap(), "--trust", &key];
    third.run(settle).failed("it answers no offer of this archive");
    let refuse = ["transfer", "refuse", "--reason", "x", "--letter", "l", "--offer", answer.to_str().unwrap()];
    third.run([refuse.as_slice(), &["--trust", &key]].concat()).failed("it is not an offer");
    two.check_sound();
}

#[test]
fn who_may_only_investigate_hands_nothing_over() {
    let two = Two::new();
    let key = two.sender.path("inv");
    let mut keygen = std::process::Command::new("ssh-keygen");
    assert!(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap().success());
    two.sender.run(["agent", "add", "inv.pub", "--name", "Investigator", "--role", "investigator"]).well();
    let bundle = two.bundle.to_str().unwrap();
    let offer = ["transfer", "offer", bundle, "--recipient", "B", "--letter", "l", "--key", "inv"];
    two.sender.run(offer).failed("allows transfer.offered; these roles do: administrator, archivist");
    two.sender.run(["gap", &two.exhibit, "--from", "2003", "--to", "..", "--reason", "x", "--key", "inv"]).code(3);
}

#[test]
fn a_gap_is_declared_instead_of_found() {
    let desk = Desk::new();
    let exhibits = [desk.ingest("a.txt", "a"), desk.ingest("b.txt", "b")];
    let gap = |from: &str, to: &str| {
        desk.run(["gap", &exhibits[0], &exhibits[1], "--from", from, "--to", to, "--reason", "Kept by Source S."])
    };
    gap("2005", "2003").misunderstood("begins (2005) after its end (2003)");
    gap("08/07/2003", "..").misunderstood("a day, month or year");
    gap("2003-02-30", "..").misunderstood("a day, month or year");
    gap("2003", "2999").misunderstood("lies in the future");
    assert!(entries(&desk, "gap.").is_empty());
    gap("2003", "2005-07").well().says("Recorded as entry");
    let declared = entries(&desk, "gap.declared");
    assert_eq!(declared.len(), 2);
    for entry in &declared {
        assert_eq!((&entry["body"]["from"], &entry["body"]["to"]), (&"2003".into(), &"2005-07".into()));
    }
    assert!(!log_lines(&desk.volume(0)).contains("Source S."));
    let said = desk.run(["custody", &exhibits[1]]).well();
    said.says("declared that it is not known who had it (from 2003 to 2005-07)").says("Kept by Source S.");
    gap("..", "..")
        .misunderstood("neither the beginning nor the end of the gap is known")
        .hints("give at least one of them");
    gap("..", "1999-12-31").well();
    desk.run(["custody", &exhibits[0]]).well().says("until 1999-12-31, since when is not known");
    desk.check_sound();

    // Whoever is given the exhibit sees the gap, and the reason only if it is disclosed.
    desk.run(["export", &exhibits[0], "--to", "bundle", "--purpose", "p", "--recipient", "r"]).well();
    let report = fs::read_to_string(desk.path("bundle/report/report.html")).unwrap();
    assert!(report.contains("it is not known who had it") && report.contains("from 2003 to 2005-07"));
    assert!(!report.contains("Source S."));
    desk.run(["export", &exhibits[0], "--to", "told", "--purpose", "p", "--recipient", "r", "--disclose", "reason"])
        .well();
    let report = fs::read_to_string(desk.path("told/report/report.html")).unwrap();
    assert!(report.contains("Kept by Source S."));
}
