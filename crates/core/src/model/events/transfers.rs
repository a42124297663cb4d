//! Events by which custody passes from one archive to another: an offer, its answer, and what both logs say of it in the end.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use super::body::{bodies, without_numbers};
use super::bundles::{BundleEvent, Bundles};
use super::declaration::{ARCHIVISTS, About, Brought, Declaration, Declared, Particulars, PremisTerm, unanchored};
use super::rule::{At, Broken};
use crate::digest::Digest;
use crate::model::agent::{UnknownWord, words};
use crate::model::amounts::count;
use crate::model::ids::{EntryIndex, ExhibitId};
use crate::model::text::serde_as_text;

words! {
    /// Whether custody came to an archive or left it.
    Direction {
        /// It came.
        In = "in",
        /// It left.
        Out = "out",
    }
}

words! {
    /// What another archive answered to an offer.
    Answer {
        /// It has the exhibits now.
        Accepted = "accepted",
        /// It does not take them.
        Refused = "refused",
    }
}

without_numbers!(Direction, Answer);

bodies! {
    /// An event by which custody passes between archives.
    TransferEvent

    /// Custody of the exhibits in a bundle was offered to another archive.
    TransferOffered {
        /// The bundle, as in its [`BundleExported`](super::BundleExported), which comes before.
        bundle: Digest,
        /// How many exhibits it holds.
        exhibits: u64,
        /// Fields (recipient, and how it is handed over).
        fields: Vec<Digest>,
        /// Bytes of the exhibits.
        size_bytes: u64,
    }
    /// Custody that another archive offered was accepted: the bundle was checked, its digest computed again, and its
    /// exhibits were taken in.
    TransferAccepted {
        /// Whether the sender's fingerprint was compared with one from outside.
        anchored: bool,
        /// The bundle, as in its [`BundleReceived`](super::BundleReceived), which comes before.
        bundle: Digest,
        /// Fields (which archive the other one is, and a remark).
        fields: Vec<Digest>,
        /// The object that is the sender's letter, which proves the offer.
        letter: Digest,
        /// The leaf hash of the offer, an entry of the sender's log.
        offer: Digest,
        /// Size of the letter.
        size_bytes: u64,
    }
    /// Custody that another archive offered was refused.
    TransferRefused {
        /// Whether the sender's fingerprint was compared with one from outside.
        anchored: bool,
        /// The bundle, as the offer names it.
        bundle: Digest,
        /// Fields (which archive the other one is, and the reason).
        fields: Vec<Digest>,
        /// The object that is the sender's letter, which proves the offer.
        letter: Digest,
        /// The leaf hash of the offer, an entry of the sender's log.
        offer: Digest,
        /// Size of the letter.
        size_bytes: u64,
    }
    /// The other archive's answer to an offer was taken in.
    TransferSettled {
        /// Whether the recipient's fingerprint was compared with one from outside.
        anchored: bool,
        /// What was answered.
        answer: Answer,
        /// Digests of fields.
        fields: Vec<Digest>,
        /// The object that is the recipient's letter, which proves the answer.
        letter: Digest,
        /// The [`TransferOffered`] of this log.
        offer: EntryIndex,
        /// Size of the letter.
        size_bytes: u64,
    }
    /// Custody of an exhibit passed from one archive to another, with a bundle whose offer was accepted. Both logs say so:
    /// the recipient's after its [`TransferAccepted`], the sender's after its [`TransferSettled`].
    CustodyPassed {
        /// The bundle, as in the [`ExhibitExported`](super::ExhibitExported) or
        /// [`ExhibitReceived`](super::ExhibitReceived) of this exhibit, which comes before.
        bundle: Digest,
        /// Whether it came to this archive or left it.
        direction: Direction,
        /// Fields (which archive the other one is).
        fields: Vec<Digest>,
        /// SHA-256 of the other archive's letter: as in the [`TransferAccepted`] that comes before, or in the
        /// [`TransferSettled`].
        letter: Digest,
    }
}

impl Declared for TransferOffered {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "transfer.offered",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let (exhibits, bundle) = (count(body.exhibits, "exhibit"), body.bundle.short());
            let recipient = scene.text("recipient");
            format!("{} offered custody of {exhibits} in the bundle {bundle} to {recipient}", scene.who)
        },
    };
}

impl Declared for TransferAccepted {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "transfer.accepted",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |body| Some(Brought { object: body.letter, size_bytes: body.size_bytes }),
        software: |_| None,
        sentence: |body, scene| {
            let (bundle, partner, mark) = (body.bundle.short(), scene.partner, unanchored(body.anchored));
            format!("{} accepted custody of the exhibits in the bundle {bundle} from {partner}{mark}", scene.who)
        },
    };
}

impl Declared for TransferRefused {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "transfer.refused",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |body| Some(Brought { object: body.letter, size_bytes: body.size_bytes }),
        software: |_| None,
        sentence: |body, scene| {
            let (bundle, partner, mark) = (body.bundle.short(), scene.partner, unanchored(body.anchored));
            format!("{} refused custody of the exhibits in the bundle {bundle} from {partner}{mark}", scene.who)
        },
    };
}

impl Declared for TransferSettled {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "transfer.settled",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |body| Some(Brought { object: body.letter, size_bytes: body.size_bytes }),
        software: |_| None,
        sentence: |body, scene| {
            let (partner, mark) = (scene.partner, unanchored(body.anchored));
            let answer = format!("{} by {partner}{mark}", body.answer);
            format!("{} took in the answer to the offer of entry {}: {answer}", scene.who, body.offer)
        },
    };
}

impl Declared for CustodyPassed {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "custody.passed",
        about: About::Exhibit {
            describes: false,
            title: ("Custody passed from one archive to another", "보관 책임이 한 보존소에서 다른 보존소로 넘어감"),
            page_title: ("Custody passed to another archive, or came from it", "보관 책임 이전"),
            premis: Some(PremisTerm { label: "transfer", code: "tra" }),
            particulars: |body| {
                let (english, korean) = match body.direction {
                    Direction::In => ("from another archive to this one", "다른 보존소에서 이 보존소로"),
                    Direction::Out => ("from this archive to another one", "이 보존소에서 다른 보존소로"),
                };
                let bundle = body.bundle;
                Particulars::Numbers(
                    format!("{english}, with the bundle {bundle}"),
                    format!("{korean}, 제출 묶음 {bundle}"),
                )
            },
        },
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let (from, to) = match body.direction {
                Direction::In => (scene.partner, scene.here),
                Direction::Out => (scene.here, scene.partner),
            };
            let bundle = body.bundle.short();
            format!("custody passed from {from} to {to} with the bundle {bundle}, recorded by {}", scene.who)
        },
    };
}

/// In which bundles one exhibit left the archive and came to it, as the entries about it say.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    moved: HashSet<(Direction, Digest)>,
    /// Whether an entry about it is not understood, which may record more moves.
    may_be_hidden: bool,
}

impl Moves {
    /// Takes in an entry about the exhibit.
    pub fn take(&mut self, event: BundleEvent<'_>) {
        let moved = match event {
            BundleEvent::ExhibitExported(body) => (Direction::Out, body.bundle),
            BundleEvent::ExhibitReceived(body) => (Direction::In, body.bundle),
            BundleEvent::BundleExported(_) | BundleEvent::BundleReceived(_) => return,
        };
        self.moved.insert(moved);
    }

    /// Takes in an entry about the exhibit that is not understood.
    pub const fn take_not_understood(&mut self) {
        self.may_be_hidden = true;
    }

    /// Whether custody of the exhibit may pass: the exhibit moved before, with this bundle and this way.
    pub fn check(&self, body: &CustodyPassed) -> Result<(), Broken> {
        if self.may_be_hidden || self.moved.contains(&(body.direction, body.bundle)) {
            return Ok(());
        }
        Err(Broken((
            "custody passes with a bundle that the exhibit did not leave or come in before",
            "보관 책임이 이전된 제출 묶음으로 증거물이 그때까지 나가거나 들어온 적이 없습니다",
        )))
    }
}

/// An offer of custody to another archive.
#[derive(Debug)]
struct Offer {
    bundle: Digest,
    /// Whether the key of an answer that was taken in was compared.
    settled: Option<bool>,
}

/// The offers of custody in a log so far, and what came of them.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    /// The offers to other archives.
    offered: HashMap<EntryIndex, Offer>,
    /// The offers of other archives that were answered, by their leaf hashes. An entry names its archive, so another log
    /// cannot have the same offer.
    answered: HashSet<Digest>,
    /// The bundles with which custody passed, and the letters of the other side that say so; where the entry that took one in is
    /// sealed, the letter is not known.
    passed: HashSet<(Direction, Digest, Option<Digest>)>,
    moves: HashMap<ExhibitId, Moves>,
}

impl Transfers {
    /// How an exhibit moved.
    pub fn moves(&mut self, exhibit: ExhibitId) -> &mut Moves {
        self.moves.entry(exhibit).or_default()
    }

    /// Takes in an entry.
    pub fn take(&mut self, event: TransferEvent<'_>, at: &At, bundles: &Bundles) -> Result<(), Broken> {
        let letter = |letter: Digest| (!at.is_sealed).then_some(letter);
        match event {
            TransferEvent::TransferOffered(body) if !bundles.has_exported(body.bundle) => at.missing((
                "it offers a bundle that was not exported before",
                "그때까지 반출하지 않은 제출 묶음을 제안합니다",
            )),
            TransferEvent::TransferOffered(body) => {
                self.offered.insert(at.index, Offer { bundle: body.bundle, settled: None });
                Ok(())
            }
            TransferEvent::TransferAccepted(body) if !bundles.has_received(body.bundle) => at.missing((
                "it accepts a bundle that was not received before",
                "그때까지 받지 않은 제출 묶음을 수락합니다",
            )),
            TransferEvent::TransferAccepted(body) => {
                self.answer(body.offer)?;
                self.passed.insert((Direction::In, body.bundle, letter(body.letter)));
                Ok(())
            }
            TransferEvent::TransferRefused(body) => self.answer(body.offer),
            TransferEvent::TransferSettled(body) => match self.offered.get_mut(&body.offer) {
                // Anybody can write an answer whose key nobody compared; it does not keep out the genuine one.
                Some(offer) if offer.settled.is_none() || (offer.settled == Some(false) && body.anchored) => {
                    offer.settled = Some(body.anchored);
                    // Anybody can make an answer.
                    if body.answer == Answer::Accepted && body.anchored {
                        self.passed.insert((Direction::Out, offer.bundle, letter(body.letter)));
                    }
                    Ok(())
                }
                Some(_) => Err(Broken((
                    "the offer that it names was settled before",
                    "이 기록 항목이 가리키는 인계 제안은 이미 매듭지어졌습니다",
                ))),
                None => at.missing((
                    "the entry that it names is no offer",
                    "이 기록 항목이 가리키는 것은 인계 제안이 아닙니다",
                )),
            },
            TransferEvent::CustodyPassed(body) => self.pass(body, at),
        }
    }

    fn answer(&mut self, offer: Digest) -> Result<(), Broken> {
        match self.answered.insert(offer) {
            true => Ok(()),
            false => {
                Err(Broken(("it answers an offer that was answered before", "이미 회답한 인계 제안에 회답합니다")))
            }
        }
    }

    /// Custody of an exhibit passes only with a bundle that both sides agreed on, and in which it moved.
    fn pass(&self, body: &CustodyPassed, at: &At) -> Result<(), Broken> {
        let CustodyPassed { direction, bundle, letter, .. } = *body;
        if at.may_be_hidden {
            return Ok(());
        }
        if [Some(letter), None].iter().all(|letter| !self.passed.contains(&(direction, bundle, *letter))) {
            let is_other_letter = self.passed.iter().any(|(way, passed, _)| (*way, *passed) == (direction, bundle));
            return Err(Broken(if is_other_letter {
                (
                    "custody passes by another letter than that with which the transfer was accepted",
                    "보관 책임이 이전된 서신이 인계를 수락한 서신과 다릅니다",
                )
            } else {
                (
                    "custody passes with a bundle whose transfer was not accepted before",
                    "그때까지 인계가 수락되지 않은 제출 묶음으로 보관 책임이 이전됩니다",
                )
            }));
        }
        let moves = at.exhibit.and_then(|exhibit| self.moves.get(&exhibit));
        moves.unwrap_or(&Moves::default()).check(body)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::super::testing::{at, check, digest, exhibit, sentence};
    use super::super::{BundleExported, BundleReceived, ExhibitExported, ExhibitReceived};
    use super::*;
    use crate::model::agent::Role;

    const ARCHIVISTS: &[Role] = &[Role::Administrator, Role::Archivist];
    const BUNDLE: u8 = 1;
    const LETTER: u8 = 2;
    const OFFER: EntryIndex = EntryIndex(6);

    fn offered() -> TransferOffered {
        TransferOffered { bundle: digest(BUNDLE), exhibits: 2, fields: Vec::new(), size_bytes: 9 }
    }

    fn accepted() -> TransferAccepted {
        TransferAccepted {
            anchored: true,
            bundle: digest(BUNDLE),
            fields: Vec::new(),
            letter: digest(LETTER),
            offer: digest(3),
            size_bytes: 9,
        }
    }

    fn refused() -> TransferRefused {
        let TransferAccepted { anchored, bundle, fields, letter, offer, size_bytes } = accepted();
        TransferRefused { anchored, bundle, fields, letter, offer, size_bytes }
    }

    fn settled(answer: Answer, anchored: bool) -> TransferSettled {
        TransferSettled { anchored, answer, fields: Vec::new(), letter: digest(LETTER), offer: OFFER, size_bytes: 9 }
    }

    fn passed(direction: Direction) -> CustodyPassed {
        CustodyPassed { bundle: digest(BUNDLE), direction, fields: Vec::new(), letter: digest(LETTER) }
    }

    /// A log that exported the bundle and received it, each with one exhibit.
    fn bundles(transfers: &mut Transfers) -> Bundles {
        let mut bundles = Bundles::default();
        let (bundle, fields, software) = (digest(BUNDLE), Vec::new(), String::new());
        let out = BundleExported {
            bundle,
            exhibits: 1,
            fields: fields.clone(),
            objects: 1,
            size: 1,
            size_bytes: 1,
            software: software.clone(),
            withheld_fields: 0,
        };
        let back = BundleReceived {
            anchored: true,
            bundle,
            dossier: digest(4),
            exhibits: 1,
            fields: fields.clone(),
            findings: 0,
            root: digest(5),
            size: 1,
            size_bytes: 1,
            software,
        };
        bundles.take((&out).into(), &at(2)).unwrap();
        bundles.take((&back).into(), &at(3)).unwrap();
        let left = ExhibitExported { bundle, fields: fields.clone(), withheld_fields: 0 };
        transfers.moves(exhibit(1)).take((&left).into());
        let came = ExhibitReceived { bundle, fields, foreign_exhibit: exhibit(9) };
        transfers.moves(exhibit(2)).take((&came).into());
        bundles
    }

    fn take<'a>(
        transfers: &mut Transfers,
        event: impl Into<TransferEvent<'a>>,
        at: At,
        bundles: &Bundles,
    ) -> Result<(), &'static str> {
        transfers.take(event.into(), &at, bundles).map_err(|Broken((broken, _))| broken)
    }

    fn of(number: u8) -> At {
        At { exhibit: Some(exhibit(number)), ..at(9) }
    }

    #[test]
    fn bodies_have_one_form_and_archivists_make_them() {
        let (bundle, letter, offer) = (digest(BUNDLE), digest(LETTER), digest(3));
        let json = format!(r#"{{"bundle":"{bundle}","exhibits":2,"fields":[],"size_bytes":9}}"#);
        check(offered(), &json, ARCHIVISTS);
        let names = format!(r#""bundle":"{bundle}","fields":[],"letter":"{letter}","offer":"{offer}""#);
        let json = format!(r#"{{"anchored":true,{names},"size_bytes":9}}"#);
        check(accepted(), &json, ARCHIVISTS);
        check(refused(), &json, ARCHIVISTS);
        let names = format!(r#""answer":"refused","fields":[],"letter":"{letter}","offer":6"#);
        let json = format!(r#"{{"anchored":false,{names},"size_bytes":9}}"#);
        check(settled(Answer::Refused, false), &json, ARCHIVISTS);
        let json = format!(r#"{{"bundle":"{bundle}","direction":"in","fields":[],"letter":"{letter}"}}"#);
        check(passed(Direction::In), &json, ARCHIVISTS);
    }

    #[test]
    fn a_letter_comes_in_with_each_answer() {
        let letter = [Brought { object: digest(LETTER), size_bytes: 9 }];
        for event in [Event::from(accepted()), refused().into(), settled(Answer::Accepted, true).into()] {
            assert_eq!(event.brings(), letter);
        }
        assert_eq!(Event::from(settled(Answer::Accepted, true)).numbers(), [6, 9]);
        assert!(Event::from(passed(Direction::In)).brings().is_empty());
    }

    #[test]
    fn only_a_bundle_that_was_there_is_offered_or_accepted() {
        let (mut transfers, none) = (Transfers::default(), Bundles::default());
        let offer = take(&mut transfers, &offered(), at(6), &none);
        assert_eq!(offer, Err("it offers a bundle that was not exported before"));
        let answer = take(&mut transfers, &accepted(), at(6), &none);
        assert_eq!(answer, Err("it accepts a bundle that was not received before"));
        let hidden = At { may_be_hidden: true, ..at(6) };
        assert_eq!(take(&mut transfers, &offered(), hidden, &none), Ok(()));
        assert_eq!(take(&mut transfers, &accepted(), hidden, &none), Ok(()));
    }

    #[test]
    fn an_offer_is_answered_once() {
        let mut transfers = Transfers::default();
        let bundles = bundles(&mut transfers);
        assert_eq!(take(&mut transfers, &refused(), at(6), &bundles), Ok(()));
        let again = take(&mut transfers, &accepted(), at(7), &bundles);
        assert_eq!(again, Err("it answers an offer that was answered before"));
    }

    #[test]
    fn an_answer_that_nobody_compared_does_not_keep_out_the_genuine_one() {
        let mut transfers = Transfers::default();
        let bundles = bundles(&mut transfers);
        let unknown = take(&mut transfers, &settled(Answer::Accepted, true), at(7), &bundles);
        assert_eq!(unknown, Err("the entry that it names is no offer"));
        assert_eq!(take(&mut transfers, &offered(), at(OFFER.0), &bundles), Ok(()));
        assert_eq!(take(&mut transfers, &settled(Answer::Accepted, false), at(7), &bundles), Ok(()));
        // Anybody could have made that answer.
        let early = take(&mut transfers, &passed(Direction::Out), of(1), &bundles);
        assert_eq!(early, Err("custody passes with a bundle whose transfer was not accepted before"));
        assert_eq!(take(&mut transfers, &settled(Answer::Accepted, true), at(8), &bundles), Ok(()));
        assert_eq!(take(&mut transfers, &passed(Direction::Out), of(1), &bundles), Ok(()));
        let third = take(&mut transfers, &settled(Answer::Refused, true), at(9), &bundles);
        assert_eq!(third, Err("the offer that it names was settled before"));
    }

    #[test]
    fn custody_passes_with_the_letter_that_accepted_it_and_the_bundle_that_the_exhibit_moved_in() {
        let mut transfers = Transfers::default();
        let bundles = bundles(&mut transfers);
        assert_eq!(take(&mut transfers, &accepted(), at(7), &bundles), Ok(()));
        let other = CustodyPassed { letter: digest(7), ..passed(Direction::In) };
        let by_another = take(&mut transfers, &other, of(2), &bundles);
        assert_eq!(by_another, Err("custody passes by another letter than that with which the transfer was accepted"));
        let not_moved = take(&mut transfers, &passed(Direction::In), of(1), &bundles);
        let expected = "custody passes with a bundle that the exhibit did not leave or come in before";
        assert_eq!(not_moved, Err(expected));
        assert_eq!(take(&mut transfers, &passed(Direction::In), of(3), &bundles), Err(expected));
        assert_eq!(take(&mut transfers, &passed(Direction::In), of(2), &bundles), Ok(()));
        // An entry about the exhibit that is not understood may have said that it moved.
        transfers.moves(exhibit(3)).take_not_understood();
        assert_eq!(take(&mut transfers, &passed(Direction::In), of(3), &bundles), Ok(()));
    }

    #[test]
    fn the_letter_of_a_sealed_entry_is_not_known() {
        let mut transfers = Transfers::default();
        let bundles = bundles(&mut transfers);
        assert_eq!(take(&mut transfers, &accepted(), At { is_sealed: true, ..at(7) }, &bundles), Ok(()));
        let any_letter = CustodyPassed { letter: digest(7), ..passed(Direction::In) };
        assert_eq!(take(&mut transfers, &any_letter, of(2), &bundles), Ok(()));
    }

    #[test]
    fn the_sentence_says_which_way_custody_passed() {
        let said = |direction| sentence(passed(direction));
        let (bundle, by) = (digest(BUNDLE).short(), "recorded by Kim");
        let came = format!("custody passed from partner.example to this archive with the bundle {bundle}, {by}");
        let left = format!("custody passed from this archive to partner.example with the bundle {bundle}, {by}");
        assert_eq!((said(Direction::In), said(Direction::Out)), (came, left));
    }
}
