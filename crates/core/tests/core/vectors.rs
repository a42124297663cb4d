//! Makes and runs the vectors in `fixtures/vectors`: one scenario a file, as other readers may run them too.
//!
//! They are made from the example archive, by changing its texts: what this program would refuse to
//! write is in them as well. After a change that is meant,
//! `VOUCHSAFE_BLESS=1 cargo test -p vouchsafe-core --test core -- vectors` writes them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::fields;
use vouchsafe_core::format::{Approval, Entry, FormatError, Letter, LogKey, Receipt, SignedCheckpoint, SignedEntry};
use vouchsafe_core::model::{Disclosure, Event, FieldValue, Origin, Role};
use vouchsafe_core::sign::{PublicKey, SigningKey};
use vouchsafe_core::verify::letter::{self, LetterError};

use crate::attached::approval_of;
use crate::data;
use crate::example::{self, administrator, archivist, log_signer};
use crate::fido::Token;
use crate::samples::{in_order, key, origin, sign_message};
use crate::who_may_sign::{
    changed, log_key_changed, log_key_of, recovered, recovery, recovery_set, rotated, second_key,
};

// --- what is made of them ---------------------------------------------------------------------

/// A vector: its header, and the bytes.
struct Vector {
    header: HashMap<String, String>,
    bytes: Vec<u8>,
}

impl Vector {
    fn read(bytes: &[u8]) -> Self {
        let at = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let header = str::from_utf8(&bytes[..at]).unwrap();
        let header = header.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        });
        Self { header: header.collect(), bytes: bytes[at + 2..].to_vec() }
    }

    fn get(&self, name: &str) -> &str {
        self.header.get(name).unwrap_or_else(|| panic!("the header has no {name:?}"))
    }

    /// What our reader makes of it, in the words of the header `expect`.
    fn judge(&self) -> &'static str {
        let verdict = match self.get("what") {
            "entry" => SignedEntry::parse(&self.bytes).map(|read| {
                assert_eq!(read.line(), self.bytes);
                // Vectors that are refused before their signature is looked at name no key.
                self.header.get("key").is_none_or(|key| read.verifies(0, &key.parse::<PublicKey>().unwrap()))
            }),
            "fields" => fields::parse_line(&self.bytes).map(|read| {
                assert_eq!(fields::to_line(&read).unwrap(), self.bytes);
                let committed = self.get("commits").split(',').filter(|digest| !digest.is_empty());
                let committed: Vec<Digest> = committed.map(|digest| digest.parse().unwrap()).collect();
                fields::match_commitments(&read, &committed)
            }),
            "checkpoint" => SignedCheckpoint::parse(&self.bytes).map(|read| {
                assert_eq!(read.text().as_bytes(), self.bytes);
                read.is_signed_by(&self.log_key())
            }),
            "receipt" => Receipt::parse(&self.bytes).map(|read| {
                assert_eq!(read.to_string().as_bytes(), self.bytes);
                read.check(&self.log_key()).is_ok()
            }),
            "letter" => match letter::check(&self.bytes) {
                Ok(told) => {
                    assert_eq!(Letter::parse(&self.bytes).unwrap().to_bytes().unwrap(), self.bytes);
                    Ok(told.shown.fingerprint.to_string() == self.get("archive"))
                }
                Err(LetterError::Format(error)) => Err(error),
                Err(LetterError::NotUnderstood { .. }) => return "not understood",
                Err(_) => Ok(false),
            },
            other => panic!("nothing is known of {other:?}"),
        };
        match verdict {
            Ok(true) if self.is_newer() => "not understood",
            Ok(true) => "ok",
            Ok(false) => "does not hold",
            Err(FormatError::Shape { .. }) => "shape",
            Err(FormatError::NotCanonical { .. }) => "not canonical",
            Err(FormatError::Rule { .. }) => "rule",
            Err(FormatError::NotUnderstood { .. }) => "not understood",
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether it is an entry that holds, and that format 1 does not know.
    fn is_newer(&self) -> bool {
        self.get("what") == "entry" && SignedEntry::parse(&self.bytes).unwrap().entry.event.not_understood().is_some()
    }

    fn log_key(&self) -> LogKey {
        self.get("log key").parse().unwrap()
    }
}

/// The files of the vectors, by name. Where they are to be written anew, that is done before they are read.
fn files() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
        let folder = data::project_file("fixtures/vectors");
        let in_folder = || -> Vec<PathBuf> {
            let all = fs::read_dir(&folder).unwrap().map(|item| item.unwrap().path());
            all.filter(|path| path.extension().is_none()).collect()
        };
        if data::is_blessed() {
            in_folder().iter().for_each(|path| fs::remove_file(path).unwrap());
            made().iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
        }
        let named = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        in_folder().into_iter().map(|path| (named(path.clone()), fs::read(path).unwrap())).collect()
    });
    &FILES
}

#[test]
fn every_vector_is_judged_as_its_header_says() {
    for (name, bytes) in files() {
        let vector = Vector::read(bytes);
        assert!(name.starts_with(&format!("{}-", vector.get("what"))), "{name}");
        assert_eq!(vector.judge(), vector.get("expect"), "{name}: {}", vector.get("why"));
    }
}

#[test]
fn the_vectors_are_made_from_the_example_archive() {
    let made = made();
    for (name, bytes) in files() {
        let expected = made.get(name).unwrap_or_else(|| panic!("{name}: nothing makes it"));
        assert!(bytes == expected, "{name} is not as it is made (VOUCHSAFE_BLESS=1 writes it)");
    }
    let missing: Vec<_> = made.keys().filter(|name| !files().contains_key(*name)).collect();
    assert!(missing.is_empty(), "{missing:?} are not there (VOUCHSAFE_BLESS=1 writes them)");
}

// --- how they are made ------------------------------------------------------------------------

/// The vectors so far, by name.
#[derive(Default)]
struct Maker(BTreeMap<String, Vec<u8>>);

impl Maker {
    /// Adds a vector. The first word of the name says what it is.
    fn add(&mut self, name: &str, expect: &str, why: &str, more: &[(&str, &str)], bytes: impl AsRef<[u8]>) {
        let (what, _) = name.split_once('-').unwrap();
        let mut header = format!("what: {what}\nexpect: {expect}\nwhy: {why}\n");
        for (name, value) in more {
            header += &format!("{name}: {value}\n");
        }
        let file = [header.as_bytes(), b"\n", bytes.as_ref()].concat();
        assert!(self.0.insert(name.to_owned(), file).is_none(), "{name} is there twice");
    }
}

/// The text with the first `from` replaced.
fn put(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in {text}");
    text.replacen(from, to, 1)
}

fn text_of(entry: &SignedEntry) -> (String, String) {
    (String::from_utf8(entry.line().to_vec()).unwrap(), String::from_utf8(entry.message()).unwrap())
}

fn made() -> BTreeMap<String, Vec<u8>> {
    let mut maker = Maker::default();
    add_entries(&mut maker);
    add_refused_entries(&mut maker);
    add_entries_of_agents(&mut maker);
    add_signatures(&mut maker);
    add_changes_of_who_may_sign(&mut maker);
    add_fido_signatures(&mut maker);
    add_attached(&mut maker);
    add_fields(&mut maker);
    add_checkpoints(&mut maker);
    add_receipts(&mut maker);
    add_letters(&mut maker);
    maker.0
}

/// The numbers of the keys that sign.
const ADMINISTRATOR: u8 = 1;
const ARCHIVIST: u8 = 3;

/// Entries that are well-formed, and what they nearly are not.
fn add_entries(maker: &mut Maker) {
    let (log, _) = example::log();
    let ((created, _), (ingested, message)) = (text_of(&log.entries[0]), text_of(&log.entries[2]));
    let (administrator, archivist) = (administrator().public().to_openssh(), archivist().public().to_openssh());
    let by_archivist = [("key", archivist.as_str())];
    let ok = "ok";
    maker.add("entry-ingested", ok, "bytes came into custody", &by_archivist, &ingested);
    maker.add("entry-noted", ok, "the third entry about its exhibit", &by_archivist, log.entries[4].line());
    maker.add("entry-created", ok, "the first entry of a log", &[("key", &administrator)], created);
    let both = sign_message(&message, [ARCHIVIST, ADMINISTRATOR]);
    maker.add("entry-two-signatures", ok, "two agents sign one entry", &by_archivist, both);
    let newer = "not understood";
    let (_, noted) = text_of(&log.entries[4]);
    let noted_as = |changes: &[(&str, &str)]| {
        let changed = changes.iter().fold(noted.clone(), |text, (from, to)| put(&text, from, to));
        sign_message(&changed, [ARCHIVIST])
    };
    let event = ("exhibit.noted", "exhibit.weighed");
    let weighed = noted_as(&[event, ("\"fields\"", "\"a\":[{\"b\":null}],\"fields\"")]);
    maker.add("entry-unknown-event", newer, "an event that format 1 does not know", &by_archivist, weighed);
    let of_record = r#""record":"R-7K3M-9QRT-2WXY-4ABC","record_sequence":0,"recorded_at""#;
    let exhibit = r#""exhibit":"X-5K3Y-FTF2-A592-PRKT","exhibit_sequence":2,"#;
    let record = noted_as(&[("exhibit.noted", "record.created"), (exhibit, ""), ("\"recorded_at\"", of_record)]);
    maker.add("entry-unknown-record", newer, "an event about a record", &by_archivist, record);
    let version = noted_as(&[("vouchsafe-entry/1", "vouchsafe-entry/2"), ("\"format\"", "\"flag\":true,\"format\"")]);
    maker.add("entry-version-2", newer, "an entry of another version, with another member", &by_archivist, &version);
    let statement = noted_as(&[("exhibit.noted", "checkpoint.stamped"), (exhibit, "")]);
    maker.add("entry-statement", newer, "what a later version says of a checkpoint", &by_archivist, statement);
    let long = |bytes: usize| {
        let (before, _) = version.split_once(r#""signature":""#).unwrap();
        format!(r#"{before}"signature":"{}"}}]}}"#, BASE64.encode(vec![7; bytes]))
    };
    let no = "does not hold";
    maker.add(
        "entry-version-2-long-signature",
        no,
        "a signature of another kind than the key",
        &by_archivist,
        long(8192),
    );
    maker.add("entry-version-2-longer-signature", "shape", "a signature over the limit", &[], long(8193));
    let late = message.replace("2026-11-23T09:02:00.120Z", "9999-12-31T23:59:59.999Z");
    let late = sign_message(&late, [ARCHIVIST]);
    maker.add("entry-last-millisecond", ok, "the last time that can be written", &by_archivist, late);
    let largest = sign_message(&put(&message, r#""size_bytes":55"#, r#""size_bytes":9007199254740991"#), [ARCHIVIST]);
    maker.add("entry-largest-number", ok, "the largest number, 2^53 - 1", &by_archivist, largest);
    let software = |name: &str| sign_message(&put(&message, "vouchsafe/0.1.0", name), [ARCHIVIST]);
    let longest = software(&format!("!{}~", "x".repeat(98)));
    maker.add("entry-software-longest", ok, "a program's name of 100 characters", &by_archivist, longest);

    for (name, why, bad) in [
        ("empty", "a program without a name", String::new()),
        ("space", "a program's name with a space", "vouchsafe 0.1.0".to_owned()),
        ("long", "a program's name of 101 characters", "x".repeat(101)),
    ] {
        maker.add(&format!("entry-software-{name}"), "rule", why, &[], software(&bad));
    }
    let strings = r#"\u0000\u001f\b\t\n\f\r\"\\/"#.to_owned() + "\u{7f}\u{2028}\u{e9}e\u{301}\u{1f5ff}";
    let why = "every kind of character that a string can hold, in a program's name";
    maker.add("entry-strings", "rule", why, &[], software(&strings));
}

/// Entries that a reader must refuse.
fn add_refused_entries(maker: &mut Maker) {
    let (log, _) = example::log();
    let (ingested, message) = text_of(&log.entries[2]);
    let (_, noted) = text_of(&log.entries[4]);
    let signed = |message: &str| sign_message(message, [ARCHIVIST]);
    let changed = |from: &str, to: &str| put(&ingested, from, to);
    let signed_change = |from: &str, to: &str| signed(&put(&message, from, to));
    let (exhibit, sequence) = (r#""exhibit":"X-5K3Y-FTF2-A592-PRKT","#, r#""exhibit_sequence":0,"#);
    let size = r#""size_bytes":55"#;

    let mut add = |name: &str, why: &str, bytes: String| maker.add(name, "not canonical", why, &[], bytes);
    add("entry-newline", "the newline is not part of the line", format!("{ingested}\n"));
    add("entry-white-space", "white space between tokens", changed(r#""index":2"#, r#""index": 2"#));
    let (format, index) = (r#""format":"vouchsafe-entry/1""#, r#""index":2"#);
    let turned = changed(&format!("{format},{index}"), &format!("{index},{format}"));
    add("entry-order", "members in another order", turned);
    let escaped = changed("vouchsafe/0.1.0", r"vouchsafe\/0.1.0");
    add("entry-escape", "a character that is escaped needlessly", escaped);

    let mut add = |name: &str, why: &str, bytes: &[u8]| maker.add(name, "shape", why, &[], bytes);
    let why = "the last member counts for some readers, the first for others";
    add("entry-repeated-member", why, changed(index, r#""index":2,"index":3"#).as_bytes());
    let flag = changed(format, &format!(r#""flag":true,{format}"#));
    add("entry-unknown-member", "a member that format 1 does not know", flag.as_bytes());
    let float = changed(size, r#""size_bytes":55.0"#);
    add("entry-float", "a whole number in another form", float.as_bytes());
    let exponent = changed(size, r#""size_bytes":1e3"#);
    add("entry-exponent", "a whole number in another form", exponent.as_bytes());
    let half = changed("vouchsafe/0.1.0", r"\ud800");
    add("entry-lone-surrogate", "half of a character", half.as_bytes());
    let marked = [b"\xef\xbb\xbf", ingested.as_bytes()].concat();
    add("entry-byte-order-mark", "a byte order mark in front", &marked);
    add("entry-upper-case-digest", "a digest in upper case", changed("d7e0de60", "D7E0DE60").as_bytes());
    let occurred = |time: &str| format!(r#""occurred_at":"{time}""#);
    let leap = changed(&occurred("2026-11-23T09:02:00.120Z"), &occurred("2016-12-31T23:59:60.000Z"));
    add("entry-leap-second", "a leap second", leap.as_bytes());

    let mut add = |name: &str, why: &str, bytes: String| maker.add(name, "rule", why, &[], bytes);
    let large = signed_change(size, r#""size_bytes":9007199254740992"#);
    add("entry-large-number", "2^53: readers that use floating point take it for its neighbour", large);
    let version = changed("vouchsafe-entry/1", "vouchsafe-entry/0");
    add("entry-version-0", "an entry of a version that there is not", version);
    let event = signed_change("exhibit.ingested", "exhibit.deleted");
    add("entry-unknown-event-sequence-0", "an unknown event that begins the history of an exhibit", event);
    let order = {
        let digests = log.entries[2].entry.event.fields();
        let [first, second] = [digests[0], digests[1]].map(|digest| format!(r#""{digest}""#));
        signed_change(&format!("{first},{second}"), &format!("{second},{first}"))
    };
    add("entry-fields-out-of-order", "their order would tell something", order);
    let nameless = signed(&put(&put(&message, exhibit, ""), sequence, ""));
    add("entry-exhibit-missing", "an event about an exhibit that names none", nameless);
    let why = "an event about an exhibit that does not say how many are before it";
    add("entry-sequence-missing", why, signed(&put(&noted, r#""exhibit_sequence":2,"#, "")));
    let second = signed_change(sequence, r#""exhibit_sequence":1,"#);
    add("entry-ingested-sequence-1", "an ingest is the first entry about its exhibit", second);
    let first = signed(&put(&noted, r#""exhibit_sequence":2,"#, r#""exhibit_sequence":0,"#));
    add("entry-noted-sequence-0", "the first entry about an exhibit is its ingest", first);
    let later = signed_change(&occurred("2026-11-23T09:02:00.120Z"), &occurred("2026-11-23T09:02:00.121Z"));
    add("entry-occurred-after-recorded", "it was recorded before it happened", later);
}

/// Entries about agents and keys that a reader must refuse.
fn add_entries_of_agents(maker: &mut Maker) {
    let (log, _) = example::log();
    let (added, message) = text_of(&log.entries[1]);
    let (_, created) = text_of(&log.entries[0]);
    let signed = |message: &str| sign_message(message, [ADMINISTRATOR]);
    let null = put(&added, r#""format""#, r#""exhibit":null,"format""#);
    maker.add("entry-null", "shape", "null in the place of a member that is not there", &[], null);
    let mut add = |name: &str, why: &str, message: String| maker.add(name, "rule", why, &[], signed(&message));
    let roles = |roles: &str| put(&message, r#"["archivist"]"#, roles);
    add("entry-role-twice", "a role that is repeated", roles(r#"["archivist","archivist"]"#));
    add("entry-no-role", "an agent who may do nothing", roles("[]"));
    let sequence = put(&message, r#""format""#, r#""exhibit_sequence":1,"format""#);
    add("entry-sequence-without-exhibit", "an event about no exhibit that counts those about one", sequence);
    let [own, other] = [origin(), other_log()].map(|name| LogKey::new(name, log_signer().public().clone()).to_string());
    let other = put(&created, &own, &other);
    add("entry-log-key-other-name", "a log's key under the name of another log", other);

    let archivist = archivist();
    let nothing = "a key that proves nothing, ";
    let first_byte = |byte: u8| std::array::from_fn(|at| if at == 0 { byte } else { 0 });
    let one_in_another_encoding: [u8; 32] = std::array::from_fn(|at| match at {
        0 => 0xee,
        31 => 0x7f,
        _ => 0xff,
    });
    for (name, key, why) in [
        ("small-order", first_byte(0), format!("{nothing}a point of order 4")),
        ("identity", first_byte(1), format!("{nothing}the neutral point: any signature fits it")),
        ("not-canonical", one_in_another_encoding, format!("{nothing}the neutral point in another encoding")),
        (
            "mixed-order",
            plus_point_of_order_2(archivist.public()),
            "a key that proves little, a good point plus the point of order 2".to_owned(),
        ),
    ] {
        let key = BASE64.encode([b"\0\0\0\x0bssh-ed25519\0\0\0\x20".as_slice(), &key].concat());
        let message = put(&message, &archivist.public().to_openssh(), &format!("ssh-ed25519 {key}"));
        maker.add(&format!("entry-weak-key-{name}"), "shape", &why, &[], signed(&message));
    }
}

/// Entries with signatures that do not hold, or that are too many or too few.
fn add_signatures(maker: &mut Maker) {
    let (log, _) = example::log();
    let (ingested, message) = text_of(&log.entries[2]);
    let (administrator, archivist) = (administrator(), archivist());
    let [by_administrator, by_archivist] = [&administrator, &archivist].map(|key| key.public().to_openssh());
    let signature = &log.entries[2].signatures[0].signature;
    let text = signature.to_string();

    let mut add = |name: &str, why: &str, key: &str, bytes: &str| {
        maker.add(name, "does not hold", why, &[("key", key)], bytes);
    };
    let other = put(&ingested, r#""size_bytes":55"#, r#""size_bytes":56"#);
    add("entry-other-message", "the signature of another message", &by_archivist, &other);
    let why = "signed by the archivist, checked with the key of the administrator";
    add("entry-other-key", why, &by_administrator, &ingested);
    let why =
        "the second half of the signature is over the order of the group: a second signature that anybody could make";
    let mut bytes = signature.to_bytes();
    add_order_of_the_group(&mut bytes[32..]);
    add("entry-signature-plus-order", why, &by_archivist, &put(&ingested, &text, &BASE64.encode(bytes)));
    let plain = archivist.sign(message.as_bytes()).to_string();
    let why = "the message itself is signed, not its SSHSIG data";
    add("entry-signed-without-namespace", why, &by_archivist, &put(&ingested, &text, &plain));

    // The last digit in front of the padding carries two bits of the signature, and four that are zero.
    let mut spare = text.clone().into_bytes();
    let last = spare.len() - 3;
    assert!(matches!(spare[last], b'A' | b'Q' | b'g' | b'w'));
    spare[last] += 1;
    let spare = put(&ingested, &text, str::from_utf8(&spare).unwrap());
    let why = "the bits at the end of base64 that stand for nothing are not zero";
    maker.add("entry-signature-spare-bits", "shape", why, &[], spare);

    let mut add = |name: &str, why: &str, bytes: String| maker.add(name, "rule", why, &[], bytes);
    add("entry-no-signature", "nobody signed it", sign_message(&message, []));
    let keys = [ARCHIVIST].into_iter().chain((1..=17).filter(|&key| key != ARCHIVIST));
    add("entry-seventeen-signatures", "more signatures than are allowed", sign_message(&message, keys));
    let twice = sign_message(&message, [ARCHIVIST, ADMINISTRATOR, ARCHIVIST]);
    add("entry-key-signs-twice", "two signatures by one key", twice);
}

/// Entries that change who may sign: each in its form, and each in one that must be refused.
fn add_changes_of_who_may_sign(maker: &mut Maker) {
    let (log, _) = example::log();
    let by_administrator = administrator().public().to_openssh();
    let message = |event: Event| {
        let entry = Entry { event, ..log.entries[1].entry.clone() };
        String::from_utf8(entry.message()).unwrap()
    };
    let changed = message(changed(ARCHIVIST, &[Role::Investigator]));
    let rotated = message(rotated(ARCHIVIST, 23, Role::Archivist));
    let recovered = message(recovered(16, Role::Administrator));
    let set = message(recovery_set(&[11, 12, 13], 2));
    let log_key = message(log_key_changed(5));
    let signed = |message: &str| sign_message(message, [ADMINISTRATOR]);
    let mut ok = |name: &str, why: &str, bytes: String| {
        maker.add(name, "ok", why, &[("key", &by_administrator)], bytes);
    };
    ok("entry-agent-changed", "an agent has other roles", signed(&changed));
    let until = put(&changed, r#""body":{"#, r#""body":{"expires":"2027-01-01T00:00:00.000Z","#);
    ok("entry-agent-changed-expires", "an agent's key ends", signed(&until));
    ok(
        "entry-agent-rotated",
        "a key is replaced, and the new one signs, too",
        sign_message(&rotated, [ADMINISTRATOR, 23]),
    );
    ok("entry-agent-recovered", "recovery keys sign, too", sign_message(&recovered, [ADMINISTRATOR, 11, 12]));
    ok("entry-recovery-set", "of three recovery keys, two must sign", signed(&set));
    ok("entry-log-key-changed", "the log has another key", signed(&log_key));
    let next = put(&log_key, r#"},"event""#, &format!(r#","next_log_key":"{}"}},"event""#, Digest::of(b"a key")));
    ok("entry-log-key-changed-next", "and the one after it is announced", signed(&next));

    let second = |of: &str| put(&log_key, r#"},"event""#, &format!(r#","log_key_pq":"{}"}},"event""#, second_key(of)));
    ok("entry-log-key-changed-second", "and a second key beside it", signed(&second("ngo.example/dprk")));

    let mut rule = |name: &str, why: &str, message: &str| maker.add(name, "rule", why, &[], signed(message));
    rule("entry-log-key-changed-second-name", "a second key under another name", &second("other.example"));
    rule("entry-agent-changed-no-role", "an agent who may do nothing", &put(&changed, r#"["investigator"]"#, "[]"));
    let threshold = |number: &str| put(&set, r#""threshold":2"#, &format!(r#""threshold":{number}"#));
    rule("entry-recovery-threshold-0", "recovery keys of which none must sign", &threshold("0"));
    rule("entry-recovery-threshold-4", "more recovery keys must sign than there are", &threshold("4"));
    let keys: Vec<_> = recovery(&[11, 12, 13], 2).keys.iter().map(PublicKey::to_openssh).collect();
    let turned = put(&set, &format!(r#""{}","{}""#, keys[0], keys[1]), &format!(r#""{}","{}""#, keys[1], keys[0]));
    rule("entry-recovery-order", "recovery keys out of order", &turned);
    let twice = put(&set, &keys[1], &keys[0]);
    rule("entry-recovery-key-twice", "a recovery key that is there twice", &twice);
    let own = log_key_of(5).to_string();
    let hash = own.split('+').nth(1).unwrap();
    let other_hash = put(&log_key, &own, &own.replacen(hash, "00000000", 1));
    rule("entry-log-key-changed-other-hash", "a log key under the hash of another one", &other_hash);
    let exhibit = put(&changed, r#""format""#, r#""exhibit":"X-5K3Y-FTF2-A592-PRKT","exhibit_sequence":8,"format""#);
    rule("entry-agent-changed-of-exhibit", "an event about an agent that names an exhibit", &exhibit);
}

/// Signatures by keys of FIDO authenticators.
fn add_fido_signatures(maker: &mut Maker) {
    let (log, _) = example::log();
    let (touched, untouched) = (Token::touched(key(7)), Token::untouched(key(7)));
    let entry = Entry { actor: touched.public().id(), ..log.entries[4].entry.clone() };
    let public = touched.public().to_openssh();
    let mut add = |name: &str, expect: &str, why: &str, signed: &SignedEntry| {
        maker.add(name, expect, why, &[("key", &public)], signed.line());
    };
    add("entry-fido", "ok", "signed by a key in an authenticator that was touched", &touched.sign_entry(&entry));
    let no = "does not hold";
    add("entry-fido-untouched", no, "the authenticator was not touched", &untouched.sign_entry(&entry));
    let plain = touched.sign_as_plain_key(&entry);
    add("entry-fido-signed-as-plain", no, "the key signs as one outside of an authenticator does", &plain);
    let other = touched.sign_entry(&Entry { salt: example::salt("another"), ..entry.clone() });
    let text = |signed: &SignedEntry| String::from_utf8(signed.line().to_vec()).unwrap();
    let (good, other) = (text(&touched.sign_entry(&entry)), text(&other));
    let signature = |text: &str| text[text.find(r#""signature":""#).unwrap()..].to_owned();
    let moved = put(&good, &signature(&good), &signature(&other));
    maker.add("entry-fido-other-message", no, "the signature of another message", &[("key", &public)], moved);
    let short = put(&good, &signature(&good), r#""signature":"AAAA"}]}"#);
    maker.add("entry-fido-short-signature", "shape", "a signature of three bytes", &[], short);
}

/// What any entry may carry: that others approved it, and that its fields are sealed.
fn add_attached(maker: &mut Maker) {
    let (log, _) = example::log();
    let (_, noted) = text_of(&log.entries[4]);
    let by_archivist = archivist().public().to_openssh();
    let signed = |message: &str| sign_message(message, [ARCHIVIST]);
    let sealed = |epoch: &str| {
        let (fields, key) = (Digest::of(b"a sealed line"), Digest::of(b"a key"));
        let sealed = format!(r#","sealed":{{"epoch":{epoch},"fields":"{fields}","key":"{key}"}}}},"event""#);
        signed(&put(&noted, r#"},"event""#, &sealed))
    };
    let why = "its fields are sealed: the form and the signature hold, and what it says is not opened";
    maker.add("entry-sealed", "ok", why, &[("key", &by_archivist)], sealed("1"));
    maker.add("entry-sealed-epoch-0", "rule", "epochs begin with 1", &[], sealed("0"));
    let approval = approval_of("exhibit.noted", &administrator());
    let approved = |changes: &dyn Fn(String) -> String| {
        let Approval { key, nonce, not_after, request, signature } = &approval;
        let text = format!(
            r#"{{"key":"{key}","nonce":"{nonce}","not_after":"{not_after}","request":"{request}","signature":"{signature}"}}"#
        );
        signed(&put(&noted, r#""body":{"#, &format!(r#""body":{{"approvals":[{}],"#, changes(text))))
    };
    let why = "another agent approved it: whether the approval holds is for the log to say, and not for the line";
    maker.add("entry-approved", "ok", why, &[("key", &by_archivist)], approved(&|text| text));
    let mut rule = |name: &str, why: &str, bytes: String| maker.add(name, "rule", why, &[], bytes);
    rule("entry-approved-by-nobody", "a list of approvals without any", approved(&|_| String::new()));
    rule("entry-approved-twice", "two approvals by one key", approved(&|text| format!("{text},{text}")));
}

/// The sum of this point and (0, -1), the point of order 2: (x, y) becomes (-x, -y).
fn plus_point_of_order_2(key: &PublicKey) -> [u8; 32] {
    let mut y = *key.as_bytes();
    let sign = y[31] & 0x80;
    y[31] &= 0x7f;
    // 2^255 - 19 less y, the lowest byte first.
    let mut borrow = 0;
    let mut sum = std::array::from_fn(|at| {
        let prime = match at {
            0 => 0xed,
            31 => 0x7f,
            _ => 0xff,
        };
        let less = prime - i32::from(y[at]) - borrow;
        borrow = i32::from(less < 0);
        u8::try_from(less + 256 * borrow).unwrap()
    });
    sum[31] |= sign ^ 0x80;
    sum
}

/// Adds 2^252 + 27742317777372353535851937790883648493 to a number, the lowest byte first.
fn add_order_of_the_group(number: &mut [u8]) {
    const LOW: u128 = 27_742_317_777_372_353_535_851_937_790_883_648_493;
    let mut order = [0; 32];
    order[..16].copy_from_slice(&LOW.to_le_bytes());
    order[31] = 0x10;
    let mut carry = 0;
    for (byte, added) in number.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(added) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
}

fn commitments(disclosures: &[Disclosure]) -> String {
    let digests: Vec<_> = disclosures.iter().map(|disclosure| disclosure.digest().to_string()).collect();
    digests.join(",")
}

fn add_fields(maker: &mut Maker) {
    let (_, all) = example::log();
    let disclosures = &all[2];
    let text = |disclosures: &[Disclosure]| String::from_utf8(fields::to_line(disclosures).unwrap()).unwrap();
    let line = text(disclosures);
    let commits = commitments(disclosures);
    let commits = [("commits", commits.as_str())];
    let why = "a text, a list, a number, bytes, and a value that is not known";
    maker.add("fields-all-kinds", "ok", why, &commits, &line);
    let withdrawn = FieldValue::Withdrawn("it named somebody".to_owned());
    let withdrawn = Disclosure(example::salt("withdrawn"), "title".parse().unwrap(), withdrawn);
    let why = "an earlier value that no longer stands, and why";
    maker.add("fields-withdrawn", "ok", why, &[("commits", &withdrawn.digest().to_string())], text(&[withdrawn]));
    maker.add("fields-none", "ok", "an entry without fields", &[("commits", "")], "[]");
    let strings = (0..0x20).filter_map(char::from_u32).chain("\"\\/ \u{7f}\u{2028}\u{e9}e\u{301}증\u{1f5ff}".chars());
    let strings = Disclosure(example::salt("strings"), "text".parse().unwrap(), FieldValue::Text(strings.collect()));
    let why = "every kind of character that a string can hold, each in its one form";
    maker.add("fields-strings", "ok", why, &[("commits", &strings.digest().to_string())], text(&[strings]));

    let mut add = |name: &str, why: &str, bytes: String| maker.add(name, "does not hold", why, &commits, bytes);
    add("fields-changed", "a value that is not the one that was signed", put(&line, r#""ko""#, r#""en""#));
    let fewer: Vec<_> = disclosures.iter().filter(|one| one.name().as_str() != "pages").cloned().collect();
    let why = "one of the fields is left out: fine in what is handed over, not in a volume";
    add("fields-left-out", why, text(&fewer));
    let turned: Vec<_> = disclosures.iter().rev().cloned().collect();
    add("fields-order", "the digests of the disclosures are not in ascending order", text(&turned));

    let mut add = |name: &str, expect: &str, why: &str, from: &str, to: &str| {
        maker.add(name, expect, why, &[], put(&line, from, to));
    };
    add("fields-white-space", "not canonical", "white space between tokens", r#""pages",1"#, r#""pages", 1"#);
    add("fields-escape", "not canonical", "a Korean letter that is escaped", "증", r"\uc99d");
    add("fields-lone-surrogate", "shape", "half of a character", "증", r"\ud800");
    let why = "the bits at the end of base64 that stand for nothing are not zero";
    add("fields-spare-bits", "shape", why, r#"eHQ=""#, r#"eHR=""#);
    add("fields-float", "shape", "a number that is not whole", r#""pages",1"#, r#""pages",1.5"#);
    add("fields-large-number", "rule", "2^53", r#""pages",1"#, r#""pages",9007199254740992"#);
    add("fields-null", "shape", "null says nothing; unknown says why", r#""pages",1"#, r#""pages",null"#);
    add("fields-nested", "shape", "a list in a list", r#"["ko","en"]"#, r#"[["ko"]]"#);
    add("fields-name", "shape", "a name in upper case", r#""pages""#, r#""Pages""#);

    let twice =
        |number| Disclosure(example::salt(&format!("{number}")), "pages".parse().unwrap(), FieldValue::Integer(number));
    let twice: Vec<_> = in_order((1..=2).map(twice).collect()).iter().map(Disclosure::to_bytes).collect();
    let twice = [b"[".as_slice(), &twice.join(&b','), b"]"].concat();
    maker.add("fields-repeated-name", "rule", "two values under one name", &[], twice);
}

fn other_log() -> Origin {
    "other.example".parse().unwrap()
}

fn verifier_key(name: Origin, key: &SigningKey) -> String {
    LogKey::new(name, key.public().clone()).to_string()
}

fn add_checkpoints(maker: &mut Maker) {
    let (log, _) = example::log();
    let signed = log.checkpoint(origin(), &log_signer());
    let text = signed.text();
    let log_key = example::log_key().to_string();
    let mut add = |name: &str, expect: &str, why: &str, key: &str, text: &str| {
        maker.add(name, expect, why, &[("log key", key)], text);
    };
    add("checkpoint-good", "ok", "eight entries", &log_key, text);
    let cosigned = format!("{text}— cosigner.example bm90IGEgc2lnbmF0dXJl\n");
    add("checkpoint-cosigned", "ok", "a line by a cosigner that the reader does not know", &log_key, &cosigned);

    let (no, other_key) = ("does not hold", verifier_key(origin(), &key(ADMINISTRATOR)));
    add("checkpoint-other-key", no, "signed by the log, checked with another key", &other_key, text);
    let elsewhere = verifier_key(other_log(), &log_signer());
    add("checkpoint-other-origin", no, "the same key under the name of another log", &elsewhere, text);
    // The line that the other log's key makes, under the text of this log.
    let (note, _) = text.split_once("\n\n").unwrap();
    let note = format!("{note}\n");
    let hash = u32::from_str_radix(elsewhere.split('+').nth(1).unwrap(), 16).unwrap();
    let signature = [hash.to_be_bytes().as_slice(), log_signer().sign(note.as_bytes()).as_bytes()].concat();
    let by_other = format!("{note}\n— {} {}\n", other_log(), BASE64.encode(signature));
    let why = "signed by another log, with its own key and under its own name";
    add("checkpoint-other-name", no, why, &elsewhere, &by_other);
    add("checkpoint-other-size", no, "a size that was not signed", &log_key, &put(text, "\n21\n", "\n9\n"));

    let zero = put(text, "\n21\n", "\n021\n");
    add("checkpoint-zero-in-front", "rule", "a number in another form", &log_key, &zero);
    let extension = put(text, "\n\n", "\nextension\n\n");
    add("checkpoint-extension", "not canonical", "a line that format 1 does not know", &log_key, &extension);
    add("checkpoint-not-signed", "rule", "no signature line", &log_key, &format!("{note}\n"));
    add("checkpoint-crlf", "rule", "line ends of another kind", &log_key, &text.replace('\n', "\r\n"));
}

fn add_receipts(maker: &mut Maker) {
    let (log, _) = example::log();
    let receipt = log.receipt(2, log.checkpoint(origin(), &log_signer())).to_string();
    let (entry, _) = text_of(&log.entries[2]);
    let log_key = example::log_key().to_string();
    let lines: Vec<_> = receipt.lines().collect();
    let extra = |entry: &str| put(&receipt, lines[1], &format!("extra {}", BASE64.encode(entry)));
    let mut add = |name: &str, expect: &str, why: &str, text: &str| {
        maker.add(name, expect, why, &[("log key", &log_key)], text);
    };
    add("receipt-good", "ok", "the entry at index 2 of twelve", &receipt);
    let no = "does not hold";
    let (first, second, third) = (lines[3], lines[4], lines[5]);
    let swapped = put(&receipt, &format!("{first}\n{second}"), &format!("{second}\n{first}"));
    add("receipt-path-swapped", no, "the path leads to another root", &swapped);
    add("receipt-path-short", no, "a hash of the path is left out", &put(&receipt, &format!("{third}\n"), ""));
    let long = put(&receipt, third, &format!("{third}\n{third}"));
    add("receipt-path-long", no, "a hash of the path too many", &long);
    let other = extra(&put(&entry, r#""size_bytes":55"#, r#""size_bytes":56"#));
    add("receipt-other-entry", no, "an entry that is not in the log", &other);
    let index = put(&receipt, "\nindex 2\n", "\nindex 3\n");
    add("receipt-other-index", "rule", "its index is not the index of the entry", &index);
    let version = put(&receipt, "tlog-proof@v1", "tlog-proof@v2");
    add("receipt-version-2", "not understood", "a proof of another version", &version);
    let bare = put(&receipt, first, first.trim_end_matches('='));
    add("receipt-no-padding", "rule", "base64 in another form", &bare);
    let newline = extra(&format!("{entry}\n"));
    add("receipt-entry-newline", "not canonical", "the entry inside ends with a newline", &newline);

    let other_key = verifier_key(origin(), &key(ADMINISTRATOR));
    let why = "signed by the log, checked with another key";
    maker.add("receipt-other-key", no, why, &[("log key", &other_key)], receipt);
}

/// What one archive tells another of a transfer.
fn add_letters(maker: &mut Maker) {
    let (log, fields) = example::log();
    let head = log.checkpoint(origin(), &log_signer());
    let of = |indices: &[u64]| {
        let receipts = indices.iter().map(|&index| log.receipt(index, head.clone())).collect();
        let told = fields[usize::try_from(*indices.last().unwrap()).unwrap()].clone();
        let letter = Letter { archive: log.fingerprint(), fields: told, receipts };
        String::from_utf8(letter.to_bytes().unwrap()).unwrap()
    };
    let good = of(&[0, 1, 11]);
    let archive = log.fingerprint().to_string();
    let mut add = |name: &str, expect: &str, why: &str, text: &str| {
        maker.add(name, expect, why, &[("archive", &archive)], text);
    };
    add("letter-offer", "ok", "custody is offered", &good);
    add("letter-acceptance", "ok", "custody is accepted", &of(&[0, 1, 15]));
    let no = "does not hold";
    add("letter-other-archive", no, "it names another archive than its first receipt proves", &{
        put(&good, &format!(r#""archive":"{archive}""#), &format!(r#""archive":"{}""#, Digest::of(b"another")))
    });
    add("letter-signer-missing", no, "the entry that added its signer is left out", &of(&[0, 11]));
    add("letter-of-no-transfer", no, "it tells of an entry that is about no transfer", &of(&[0, 1, 9]));
    add("letter-other-fields", no, "its fields are not those of its entry", &put(&good, "seal 17", "seal 18"));
    add("letter-version-2", "not understood", "a letter of another version", &put(&good, "letter/1", "letter/2"));
    add("letter-no-newline", "rule", "the line feed at its end is missing", good.trim_end());
    add("letter-white-space", "not canonical", "white space between tokens", &put(&good, ":", ": "));
}
