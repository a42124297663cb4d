//! What strangers send, and what it must not harm. `tests/viewer/strangers.py` makes it. All testimony here is invented.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::desk::{Desk, Said, has_tool};

/// What strangers send to a desk.
struct Sent {
    desk: Desk,
    keys: Value,
}

impl Sent {
    /// Everything of this kind; nothing where there is no Python.
    fn new(test: &str, kind: &str) -> Option<Self> {
        if !has_tool(test, "python3") {
            return None;
        }
        let desk = Desk::named("victim.example/v");
        fs::create_dir(desk.path("sent")).unwrap();
        let mut command = Command::new("python3");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/viewer/strangers.py");
        command.arg(script).arg(kind).arg(desk.path("sent")).env("PYTHONDONTWRITEBYTECODE", "1");
        let keys = Said::by(command).well().json();
        Some(Self { desk, keys })
    }

    fn key(&self, whose: &str) -> &str {
        self.keys[whose].as_str().unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.desk.path("sent").join(name).to_str().unwrap().to_owned()
    }

    fn names(&self, beginning: &str) -> Vec<String> {
        let names = fs::read_dir(self.desk.path("sent")).unwrap().map(|item| item.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.starts_with(beginning));
        names.sort();
        names
    }

    fn check(&self, name: &str, whose: &str) -> Said {
        self.desk.run(["check", &self.path(name), "--trust", self.key(whose)])
    }

    fn import(&self, name: &str, whose: &str) -> Said {
        self.desk.run(["import", &self.path(name), "--trust", self.key(whose)])
    }

    fn accept_anything(&self, name: &str) -> Said {
        self.desk.run(["import", &self.path(name), "--accept-self-consistent"])
    }

    /// The exhibit that was taken in with this value of a field.
    fn exhibit(&self, words: &str) -> String {
        let all = self.desk.exhibits();
        let found: Vec<_> = all.iter().filter(|exhibit| exhibit.to_string().contains(words)).collect();
        assert_eq!(found.len(), 1, "{words}: {all:#?}");
        found[0]["exhibit"].as_str().unwrap().to_owned()
    }

    fn export(&self, exhibits: &[&str], to: &str) -> Said {
        let more = ["--to", to, "--purpose", "court", "--recipient", "court"];
        self.desk.run([["export"].as_slice(), exhibits, &more].concat())
    }
}

/// Everything that is taken in one day: a bundle that does harm later does it now.
fn genuine_bundles_still_come_in(sent: &Sent, after: &str) {
    let said = sent.import("genuine", "genuine");
    assert_eq!(said.code, 0, "after {after}: {said:#?}");
    assert!(said.err.is_empty(), "after {after}: {said:#?}");
    let exhibit = sent.desk.exhibits().last().unwrap()["exhibit"].as_str().unwrap().to_owned();
    for arguments in [["show", &exhibit], ["custody", &exhibit]] {
        sent.desk.run(arguments).well();
    }
    sent.export(&[&exhibit], "out").well();
    sent.desk.check_sound();
}

#[test]
fn a_dossier_that_no_entry_names_is_told_and_does_not_come_in() {
    const NAME: &str = "a_dossier_that_no_entry_names_is_told_and_does_not_come_in";
    let Some(names) = Sent::new(NAME, "framing").map(|sent| sent.names("unnamed-")) else { return };
    assert!(names.len() > 5);
    for name in names {
        let sent = Sent::new(NAME, "framing").unwrap();
        sent.check(&name, "evil").code(1).says("DEGRADED").says("B206").says("no entry names this dossier");
        sent.import(&name, "evil").well().says("B206");
        let dossiers: Vec<_> = received(&sent.desk).iter().map(|body| dossier_names(&sent.desk, body)).collect();
        assert!(dossiers.concat().iter().all(|file| !file.starts_with("foreign/")), "{name}: {dossiers:?}");
        genuine_bundles_still_come_in(&sent, &name);
    }
}

/// The bodies of what the log says of bundles.
fn received(desk: &Desk) -> Vec<Value> {
    let lines = desk.run(["log", "--json"]).well().json_lines();
    lines.into_iter().filter(|line| line["event"] == "bundle.received").map(|line| line["body"].clone()).collect()
}

/// The names in a dossier, as `tar` lists them.
fn dossier_names(desk: &Desk, body: &Value) -> Vec<String> {
    let object = format!("objects/{}", body["dossier"].as_str().unwrap());
    let member = crate::volume::member(&desk.volume(0), &object, 0);
    let content = crate::volume::content(&desk.volume(0), &member);
    let path = desk.write("dossier.tar", content);
    let mut command = Command::new("tar");
    command.arg("-tf").arg(path);
    Said::by(command).well().out.lines().map(str::to_owned).collect()
}

/// What somebody changed in a dossier that an entry names is found, also where nobody asks for that part of it; and what
/// is of another archive of the same name accuses nobody.
#[test]
fn nothing_in_a_dossier_frames_a_third_archive() {
    const NAME: &str = "nothing_in_a_dossier_frames_a_third_archive";
    let Some(names) = Sent::new(NAME, "framing").map(|sent| sent.names("named-")) else { return };
    assert!(names.len() > 3);
    for name in names {
        let sent = Sent::new(NAME, "framing").unwrap();
        let said = sent.check(&name, "evil");
        match name.as_str() {
            "named-namesake" => drop(sent.import(&name, "evil").well()),
            _ => {
                assert_eq!(said.code, 1, "{name}: {said:#?}");
                let findings = said.says("foreign/");
                assert!(["B203", "B205"].iter().any(|code| findings.out.contains(code)), "{name}: {findings:#?}");
                // An addition is told; what is changed is refused. Neither is believed.
                let _ = sent.import(&name, "evil");
            }
        }
        genuine_bundles_still_come_in(&sent, &name);
    }
}

#[test]
fn archives_of_one_name_are_told_apart_everywhere() {
    const NAME: &str = "archives_of_one_name_are_told_apart_everywhere";
    for order in [["impostor", "genuine", "second"], ["genuine", "second", "impostor"]] {
        let Some(sent) = Sent::new(NAME, "namesakes") else { return };
        for name in order {
            match name {
                // Nothing from outside speaks for it: under a name that is known by other keys it does not come in.
                "impostor" if order[0] == "genuine" => {
                    drop(sent.accept_anything(name).code(1).says("B702").says("Nothing was imported"));
                }
                "impostor" => drop(sent.accept_anything(name).well()),
                name => drop(sent.import(name, name).well()),
            }
        }
        let second = sent.exhibit("TITLE OF THE SECOND");
        let genuine = sent.desk.exhibits();
        let genuine = genuine
            .iter()
            .find(|one| {
                one["fields"]["languages"] == serde_json::json!(["ko"])
                    || one["fields"]["original_name"]
                        .as_str()
                        .is_some_and(|name| name.starts_with("X-5K3Y") && !one.to_string().contains("TITLE OF"))
            })
            .unwrap();
        let genuine = genuine["exhibit"].as_str().unwrap().to_owned();
        assert_ne!(genuine, second);
        // Each shows its own history, and no other's words.
        let custody = sent.desk.run(["custody", &genuine]).well();
        assert!(custody.out.contains(sent.key("archivist")), "{custody:#?}");
        assert!(!custody.out.contains("REMARK OF"), "{custody:#?}");
        let custody = sent.desk.run(["custody", &second]).well().says("REMARK OF THE SECOND");
        assert!(!custody.out.contains(sent.key("archivist")), "{custody:#?}");
        let shown = [&genuine, &second].map(|exhibit| {
            let said = sent.desk.run(["show", exhibit]).well();
            said.out.lines().find(|line| line.trim_start().starts_with("came from")).unwrap().to_owned()
        });
        assert!(
            shown.iter().all(|line| line.contains("ngo.example/dprk (") && !line.contains("not compared")),
            "{shown:?}"
        );
        assert_ne!(shown[0], shown[1]);
        // Both leave together, and apart; whoever checks is told that there are two.
        sent.export(&[&genuine], "one").well();
        sent.export(&[&second], "other").well();
        sent.export(&[&genuine, &second], "both").well();
        let both = sent.desk.path("both");
        let said = sent.desk.run(["check", both.to_str().unwrap()]).code(3).says("UNVERIFIABLE").says("B703");
        let keys = said.out.lines().filter(|line| line.starts_with("        fingerprint "));
        assert_eq!(keys.count(), 2, "{said:#?}");
        let report = fs::read_to_string(both.join("report/report.html")).unwrap();
        let called: std::collections::BTreeSet<_> =
            report.match_indices("In the archive ngo.example/dprk (").map(|(at, _)| &report[at..at + 44]).collect();
        assert_eq!(called.len(), 2, "{called:?}");
        if order[0] == "impostor" {
            let impostor = sent.exhibit("TITLE OF THE IMPOSTOR");
            sent.desk.run(["show", &impostor]).well().says("was not compared with one from outside");
            sent.desk.run(["custody", &impostor]).well().says("REMARK OF THE IMPOSTOR").says("was NOT compared");
            sent.export(&[&genuine, &impostor, &second], "three").well();
        }
        sent.desk.run(["rebuild"]).well();
        sent.import("genuine", "genuine").well().says("Nothing was changed");
        sent.desk.check_sound();
    }
}

#[test]
fn an_offer_that_somebody_replays_is_nobodys_offer() {
    const NAME: &str = "an_offer_that_somebody_replays_is_nobodys_offer";
    let Some(sent) = Sent::new(NAME, "replay") else { return };
    let answer = |step: &[&str], letter: &str, to: &str| {
        let path = sent.path(letter);
        sent.desk.run([["transfer"].as_slice(), step, &["--offer", &path, "--letter", to]].concat())
    };
    let refuse = ["refuse", "--reason", "The keys are not theirs.", "--accept-self-consistent"];
    // An entry names its archive: in another log it is nobody's offer.
    for letter in ["replayed-1.letter", "replayed-2.letter"] {
        answer(&refuse, letter, "no").failed("it belongs to another archive");
    }
    // The genuine one was never answered.
    let bundle = sent.path("bundle");
    let accept = ["accept", &bundle, "--trust", sent.key("genuine")];
    answer(&accept, "genuine.letter", "yes").well().says("Accepted, as entry");
    answer(&accept, "genuine.letter", "yes-again").well().says("already accepted");
    let exhibit = sent.desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let custody = sent.desk.run(["custody", &exhibit]).well();
    assert_eq!(custody.out.matches("was accepted").count(), 1, "{custody:#?}");
    assert_eq!(
        custody.out.matches("was refused").count(),
        0,
        "what was replayed is no part of its history: {custody:#?}"
    );
    let list = sent.desk.run(["transfer", "list"]).well();
    assert_eq!(list.out.matches("from ngo.example/dprk").count(), 1, "{list:#?}");
    sent.desk.check_sound();
}

/// No field of a letter stands where the program's own words do, or looks like them.
#[test]
fn a_letter_cannot_speak_in_the_programs_place() {
    const NAME: &str = "a_letter_cannot_speak_in_the_programs_place";
    let Some(sent) = Sent::new(NAME, "spoof") else { return };
    let own = |said: &Said| {
        // What the program says stands at most two columns in; whatever the letter says, further.
        said.out.lines().filter(|line| !line.starts_with("   ")).map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    for name in ["keys", "lines"] {
        let (letter, bundle) = (sent.path(&format!("{name}.letter")), sent.path(&format!("{name}-bundle")));
        let read = sent.desk.run(["transfer", "read", &letter]).well();
        let to = format!("{name}.answer");
        let accept = ["transfer", "accept", &bundle, "--offer", &letter, "--letter", &to, "--accept-self-consistent"];
        let accepted = sent.desk.run(accept).well();
        for said in [&read, &accepted] {
            let words = own(said);
            assert_eq!(words.matches("administrator").count(), 1, "{said:#?}");
            let (genuine, evil) = (sent.key("administrator"), sent.key("evil administrator"));
            assert!(words.contains(evil) && !words.contains(genuine), "{said:#?}");
            assert!(!words.contains("matches one that was given"), "{said:#?}");
            let place = |text: &str| said.out.find(text).unwrap();
            assert!(place(evil) < place("The letter says (not checked):"), "the fingerprint comes first: {said:#?}");
            assert!(place("The letter says (not checked):") < place(genuine), "{said:#?}");
        }
    }
    // Nor does a field that came in a bundle, in the history of the exhibit.
    let exhibit = sent.desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    let custody = sent.desk.run(["custody", &exhibit]).well();
    let at_4 = custody.out.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    for line in at_4 {
        assert!(["administrator", "log_key", "when"].iter().all(|name| !line.trim().starts_with(name)), "{line}");
    }
}

#[test]
fn custody_from_a_sender_whom_nobody_compared_is_marked_everywhere() {
    const NAME: &str = "custody_from_a_sender_whom_nobody_compared_is_marked_everywhere";
    let Some(sent) = Sent::new(NAME, "spoof") else { return };
    let marked = |key: Option<&str>, desk: &Desk, name: &str| {
        let (letter, bundle) = (sent.path("keys.letter"), sent.path("keys-bundle"));
        let arguments = ["transfer", "accept", &bundle, "--offer", &letter, "--letter", name];
        let trust = key.map_or(vec!["--accept-self-consistent"], |key| vec!["--trust", key]);
        desk.run([arguments.as_slice(), &trust].concat()).well();
        let exhibit = desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
        let show = desk.run(["show", &exhibit]).well();
        let custody = desk.run(["custody", &exhibit]).well();
        let log = desk.run(["log"]).well();
        desk.run(["export", &exhibit, "--to", "out", "--purpose", "court", "--recipient", "court"]).well();
        let report = fs::read_to_string(desk.path("out/report/report.html")).unwrap();
        let premis = fs::read_to_string(desk.path("out/metadata/premis.xml")).unwrap();
        let case = fs::read_to_string(desk.path("out/metadata/case.jsonld")).unwrap();
        let line = |text: &str, words: &str| text.lines().find(|line| line.contains(words)).unwrap().to_owned();
        let json = desk.run(["show", &exhibit, "--json"]).well().json();
        assert_eq!(json["custody"]["anchored"], key.is_some(), "{json}");
        let texts = [
            line(&show.out, "  custody "),
            line(&custody.out, "custody passed"),
            line(&log.out, "custody passed"),
            line(&report, "Custody passed from one archive to another"),
            premis,
            case,
        ];
        texts.map(|text| text.contains("was not compared with one from outside") || text.contains("did NOT compare"))
    };
    assert_eq!(marked(None, &sent.desk, "a"), [true; 6]);
    let other = Desk::named("other.example/o");
    assert_eq!(marked(Some(sent.key("keys.letter")), &other, "b"), [false; 6]);
}

#[test]
fn where_one_side_speaks_alone_it_is_said() {
    const NAME: &str = "where_one_side_speaks_alone_it_is_said";
    let Some(sent) = Sent::new(NAME, "one-sided") else { return };
    let said = sent.check("bundle", "evil").well().says("SOUND");
    let not_checked = said.out.split("NOT checked").nth(1).unwrap();
    assert!(not_checked.contains("1 entry says: the word of one side"), "{said:#?}");
    // And by whoever takes it in.
    sent.import("bundle", "evil").well();
    let exhibit = sent.desk.exhibits()[0]["exhibit"].as_str().unwrap().to_owned();
    sent.desk.run(["custody", &exhibit]).well().says("the word of one side");
    sent.export(&[&exhibit], "out").well();
    let report = fs::read_to_string(sent.desk.path("out/report/report.html")).unwrap();
    assert!(report.contains("The word of one side"));
    let page = fs::read_to_string(sent.desk.path("out/verify.html")).unwrap();
    assert!(page.contains("the word of one side"));
}

/// What a small bundle makes a check do grows as the bundle does, and not as its square.
#[test]
fn a_history_that_is_named_again_and_again_is_read_once() {
    const NAME: &str = "a_history_that_is_named_again_and_again_is_read_once";
    let Some(sent) = Sent::new(NAME, "work") else { return };
    let counted = [10_u64, 20, 40].map(|number| {
        let path = sent.path(&format!("again-{number}"));
        let report =
            sent.desk.run(["check", "--json", &path, "--trust", sent.key(&format!("again-{number}"))]).well().json();
        let foreign = report["exhibits"][0]["foreign"].as_array().unwrap().len() as u64;
        (foreign, report["checked"]["foreign_entries"].as_u64().unwrap())
    });
    // Each history is told once, and each of its entries is read once: the ingest, and the remarks.
    assert_eq!(counted, [(1, 11), (1, 21), (1, 41)]);
    for number in [10, 20, 40] {
        let name = format!("again-{number}");
        sent.import(&name, &name).well();
    }
    for exhibit in sent.desk.exhibits() {
        let exhibit = exhibit["exhibit"].as_str().unwrap();
        let entries = sent.desk.run(["custody", "--json", exhibit]).well().json_lines();
        let of_the_partner = |entry: &&Value| entry["foreign"]["origin"] == "partner.example/p";
        assert_eq!(entries.iter().filter(of_the_partner).count() % 10, 1, "each of its entries once: {entries:?}");
        sent.export(&[exhibit], &format!("out-{exhibit}")).well();
    }
    let all: Vec<PathBuf> = fs::read_dir(sent.desk.path(".")).unwrap().map(|item| item.unwrap().path()).collect();
    assert_eq!(all.iter().filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("out-X")).count(), 3);
}
