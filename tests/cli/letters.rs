//! Letters that contradict what an archive holds from the same log. All testimony here is invented.

use std::fs;
use std::path::Path;

use crate::desk::{Desk, Said};
use crate::transfer::{Two, entries, export, on_copy};

const FORKED: &str = "its log was rewritten, or shown differently";

/// The sender's second bundle and its offer, made on this copy of its archive.
fn offer_on(two: &Two, copy: &Path, name: &str) -> Offered {
    let (bundle, letter) = (format!("{name}.zip"), format!("{name}.letter"));
    let arguments = ["export", &two.exhibit, "--to", &bundle, "--purpose", "p", "--recipient", "B"];
    on_copy(&two.sender, copy, arguments.to_vec()).well();
    let arguments = ["transfer", "offer", &bundle, "--recipient", "B", "--letter", &letter];
    on_copy(&two.sender, copy, arguments.to_vec()).well();
    Offered { bundle: two.sender.path(bundle), letter: two.sender.path(letter) }
}

/// A bundle and the letter that offers it.
struct Offered {
    bundle: std::path::PathBuf,
    letter: std::path::PathBuf,
}

impl Offered {
    fn accept(&self, two: &Two, answer: &str) -> Said {
        let (bundle, letter, key) =
            (self.bundle.to_str().unwrap(), self.letter.to_str().unwrap(), two.sender.fingerprint());
        two.receiver.run(["transfer", "accept", bundle, "--offer", letter, "--letter", answer, "--trust", &key])
    }
}

#[test]
fn two_offers_of_a_forked_log_are_not_both_taken_in() {
    let two = Two::new();
    let copies = [two.sender.copy_archive("one"), two.sender.copy_archive("other")];
    let [one, other] = [offer_on(&two, &copies[0], "first"), offer_on(&two, &copies[1], "second")];
    one.accept(&two, "one.answer").well();
    let count = entries(&two.receiver, "").len();
    let said = other.accept(&two, "other.answer").found(FORKED).hints("Keep both");
    assert!(
        said.err.contains("second.letter") && said.err.contains("the letter that was recorded as entry"),
        "{said:#?}"
    );
    let (letter, key) = (other.letter.to_str().unwrap(), two.sender.fingerprint());
    let refuse = ["transfer", "refuse", "--reason", "No.", "--letter", "l", "--offer", letter, "--trust", &key];
    two.receiver.run(refuse).found(FORKED);
    assert_eq!(entries(&two.receiver, "").len(), count);
    // Neither does a bundle of the other history come in without a letter.
    let third = ["export", &two.exhibit, "--to", "third.zip", "--purpose", "p", "--recipient", "B"];
    on_copy(&two.sender, &copies[1], third.to_vec()).well();
    let third = two.sender.path("third.zip");
    two.receiver
        .run(["import", third.to_str().unwrap(), "--trust", &key])
        .code(1)
        .says("B701")
        .says("the letter that was recorded");
    two.check_sound();
}

#[test]
fn an_offer_that_contradicts_a_received_bundle_is_refused() {
    let two = Two::new();
    let copy = two.sender.copy_archive("copy");
    let bundle = export(&two.sender, &two.exhibit, "received.zip");
    // The history that the receiver knows from the bundle goes on behind the fork.
    two.sender.run(["note", &two.exhibit, "An entry that the copy does not have."]).well();
    let later = export(&two.sender, &two.exhibit, "later.zip");
    let key = two.sender.fingerprint();
    for bundle in [&bundle, &later] {
        two.receiver.run(["import", bundle.to_str().unwrap(), "--trust", &key]).well();
    }
    let forked = offer_on(&two, &copy, "forked");
    let (letter, count) = (forked.letter.to_str().unwrap(), entries(&two.receiver, "").len());
    let refuse = ["transfer", "refuse", "--reason", "No.", "--letter", "l", "--offer", letter, "--trust", &key];
    let said = two.receiver.run(refuse).found(FORKED);
    assert!(said.err.contains("that was received as entry"), "{said:#?}");
    assert_eq!(entries(&two.receiver, "").len(), count);
}

#[test]
fn another_archive_of_the_same_name_is_refused_where_nothing_speaks_for_it() {
    let two = Two::new();
    let offer = two.offer();
    two.accept(&offer, &[]).well();
    two.settle(&two.receiver.path("answer.letter")).well();
    let again = Two { bundle: export(&two.sender, &two.exhibit, "again.zip"), ..two };
    fs::remove_file(again.sender.path("offer.letter")).unwrap();
    let offer = again.offer();
    // Somebody else, who calls the own archive as the first receiver does.
    let namesake = Two { receiver: Desk::named("b.example/case-7"), ..again };
    namesake.refuse(&offer).well();
    let answer = namesake.receiver.path("answer.letter");
    let unanchored = ["transfer", "settle", answer.to_str().unwrap(), "--accept-self-consistent"];
    let said = namesake.sender.run(unanchored).found("it is by the archive ");
    assert!(said.err.contains("the letter that was recorded as entry"), "{said:#?}");
    assert!(said.err.contains("nothing from outside says that this is a second archive of that name"), "{said:#?}");
    assert_eq!(entries(&namesake.sender, "transfer.settled").len(), 1);
    // Her key, from outside, says that she is another one.
    namesake.settle(&answer).well();
    let list = namesake.sender.run(["transfer", "list"]).well();
    assert_eq!(list.out.matches("by b.example/case-7 (").count(), 2, "two archives of one name: {list:#?}");
    // It is the same with the name of the archive itself.
    let own = Two { receiver: Desk::named("a.example/interviews"), ..namesake };
    let offer = offer.to_str().unwrap();
    let refuse = ["transfer", "refuse", "--reason", "No.", "--letter", "l", "--offer", offer];
    let said = own.receiver.run([refuse.as_slice(), &["--accept-self-consistent"]].concat());
    said.found("it is by another archive that is also named a.example/interviews");
    own.receiver.run([refuse.as_slice(), &["--trust", &own.sender.fingerprint()]].concat()).well();
    own.sender.check_sound();
    own.receiver.check_sound();
}
