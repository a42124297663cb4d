//! Events of bundles: exhibits left the archive in one, or came to it in one of another archive.

use std::collections::HashSet;

use super::body::bodies;
use super::declaration::{
    ARCHIVISTS, About, Brought, Declaration, Declared, EXPORTERS, Particulars, PremisTerm, unanchored,
};
use super::rule::{At, Broken};
use crate::digest::Digest;
use crate::model::amounts::{bytes, count};
use crate::model::ids::ExhibitId;

bodies! {
    /// An event of a bundle.
    BundleEvent

    /// Exhibits left the archive in a bundle.
    BundleExported {
        /// SHA-256 of the bundle's tag manifest, which covers all of it.
        bundle: Digest,
        /// How many exhibits it holds.
        exhibits: u64,
        /// Fields (recipient, purpose).
        fields: Vec<Digest>,
        /// How many objects: two exhibits of one object are one.
        objects: u64,
        /// Size of the log at the bundle's checkpoint.
        size: u64,
        /// Bytes of the exhibits.
        size_bytes: u64,
        /// The program that made it, with its version.
        software: String,
        /// Fields of the exhibits' entries that are not disclosed in it.
        withheld_fields: u64,
    }
    /// An exhibit left the archive in a bundle; the entry of the bundle says to whom and what for.
    ExhibitExported {
        /// The bundle, as in its [`BundleExported`].
        bundle: Digest,
        /// Digests of fields.
        fields: Vec<Digest>,
        /// Fields of this exhibit's entries that are not disclosed in it.
        withheld_fields: u64,
    }
    /// A bundle of another archive was checked and taken in.
    BundleReceived {
        /// Whether its fingerprint was compared with one from outside. If not, it was only shown to agree with itself.
        anchored: bool,
        /// SHA-256 of the bundle's tag manifest, which covers all of it.
        bundle: Digest,
        /// The object that holds all files of the bundle but the exhibits' own bytes.
        dossier: Digest,
        /// How many exhibits it holds.
        exhibits: u64,
        /// Fields (sender, and which archive that is).
        fields: Vec<Digest>,
        /// Findings of the check that make it worse than sound.
        findings: u64,
        /// Root of the sender's log at the bundle's checkpoint.
        root: Digest,
        /// Size of the sender's log at the bundle's checkpoint.
        size: u64,
        /// Size of the dossier.
        size_bytes: u64,
        /// The program that checked and took it in, with its version.
        software: String,
    }
    /// An exhibit came from another archive; the bundle's dossier holds its history there.
    ExhibitReceived {
        /// The bundle, as in its [`BundleReceived`], which comes before.
        bundle: Digest,
        /// Digests of fields.
        fields: Vec<Digest>,
        /// What the exhibit is called in the sender's archive.
        foreign_exhibit: ExhibitId,
    }
}

impl Declared for BundleExported {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "bundle.exported",
        about: About::Archive,
        made_by: EXPORTERS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |body| Some(&body.software),
        sentence: |body, scene| {
            let (exhibits, withheld) = (count(body.exhibits, "exhibit"), count(body.withheld_fields, "field"));
            format!(
                "{} exported {exhibits} in the bundle {} for {} ({}; {}, {withheld} withheld)",
                scene.who,
                body.bundle.short(),
                scene.text("recipient"),
                scene.text("purpose"),
                bytes(body.size_bytes),
            )
        },
    };
}

impl Declared for ExhibitExported {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "exhibit.exported",
        about: About::Exhibit {
            describes: false,
            title: (
                "Exported in another bundle; to whom and what for is not in this bundle",
                "다른 제출 묶음으로 반출 (받는 사람과 목적은 이 묶음에 들어 있지 않음)",
            ),
            page_title: ("Exported in a bundle", "제출 묶음으로 반출"),
            premis: Some(PremisTerm { label: "exporting", code: "exp" }),
            particulars: |body| {
                let (bundle, withheld) = (body.bundle, body.withheld_fields);
                Particulars::Numbers(
                    format!("bundle {bundle}, fields withheld in it: {withheld}"),
                    format!("제출 묶음 {bundle}, 그 묶음의 비공개 항목 {withheld}건"),
                )
            },
        },
        made_by: EXPORTERS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let withheld = count(body.withheld_fields, "field");
            format!("{} exported it in the bundle {} ({withheld} withheld)", scene.who, body.bundle.short())
        },
    };
}

impl Declared for BundleReceived {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "bundle.received",
        about: About::Archive,
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |body| Some(Brought { object: body.dossier, size_bytes: body.size_bytes }),
        software: |body| Some(&body.software),
        sentence: |body, scene| {
            let sender = (scene.field)("sender").map(|sender| format!(" from {sender}"));
            format!(
                "{} received {} of {} in the bundle {}{}{}",
                scene.who,
                count(body.exhibits, "exhibit"),
                scene.partner,
                body.bundle.short(),
                sender.unwrap_or_default(),
                unanchored(body.anchored),
            )
        },
    };
}

impl Declared for ExhibitReceived {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "exhibit.received",
        about: About::Exhibit {
            describes: false,
            title: ("Received from another archive", "다른 보존소에서 인수"),
            page_title: ("Received from another archive", "다른 보존소에서 인수"),
            premis: Some(PremisTerm { label: "accession", code: "acc" }),
            particulars: |body| {
                let (bundle, there) = (body.bundle, body.foreign_exhibit);
                Particulars::Numbers(
                    format!("bundle {bundle}, there called {there}"),
                    format!("제출 묶음 {bundle}, 그곳에서의 이름 {there}"),
                )
            },
        },
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let (bundle, there) = (body.bundle.short(), body.foreign_exhibit);
            format!("{} received it in the bundle {bundle}, where it is called {there}", scene.who)
        },
    };
}

/// The bundles that a log has received and exported so far.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    received: HashSet<Digest>,
    exported: HashSet<Digest>,
}

impl Bundles {
    /// Takes in an entry.
    pub fn take(&mut self, event: BundleEvent<'_>, at: &At) -> Result<(), Broken> {
        match event {
            BundleEvent::BundleExported(body) => {
                at.reaches(body.size)?;
                self.exported.insert(body.bundle);
                Ok(())
            }
            BundleEvent::BundleReceived(body) if !self.received.insert(body.bundle) => {
                Err(Broken(("this bundle was received before", "이 제출 묶음은 이미 받았습니다")))
            }
            BundleEvent::ExhibitReceived(body) if !self.has_received(body.bundle) => at.missing((
                "it speaks of a bundle that was not received before",
                "그때까지 받지 않은 제출 묶음을 말합니다",
            )),
            BundleEvent::BundleReceived(_) | BundleEvent::ExhibitReceived(_) | BundleEvent::ExhibitExported(_) => {
                Ok(())
            }
        }
    }

    /// Whether a bundle was received.
    pub fn has_received(&self, bundle: Digest) -> bool {
        self.received.contains(&bundle)
    }

    /// Whether a bundle was exported.
    pub fn has_exported(&self, bundle: Digest) -> bool {
        self.exported.contains(&bundle)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::super::testing::{at, check, digest, exhibit, sentence};
    use super::*;
    use crate::model::agent::Role;

    fn exported(bundle: u8, size: u64) -> BundleExported {
        BundleExported {
            bundle: digest(bundle),
            exhibits: 2,
            fields: Vec::new(),
            objects: 1,
            size,
            size_bytes: 9,
            software: "vouchsafe/1".to_owned(),
            withheld_fields: 3,
        }
    }

    fn received(bundle: u8) -> BundleReceived {
        BundleReceived {
            anchored: false,
            bundle: digest(bundle),
            dossier: digest(8),
            exhibits: 2,
            fields: Vec::new(),
            findings: 0,
            root: digest(9),
            size: 7,
            size_bytes: 9,
            software: "vouchsafe/1".to_owned(),
        }
    }

    fn exhibit_received(bundle: u8) -> ExhibitReceived {
        ExhibitReceived { bundle: digest(bundle), fields: Vec::new(), foreign_exhibit: exhibit(1) }
    }

    #[test]
    fn bodies_have_one_form_and_lawyers_export_too() {
        let exporters = &[Role::Administrator, Role::Archivist, Role::Lawyer];
        let archivists = &[Role::Administrator, Role::Archivist];
        let (bundle, dossier, root) = (digest(1), digest(8), digest(9));
        let counts = r#""objects":1,"size":4,"size_bytes":9,"software":"vouchsafe/1","withheld_fields":3"#;
        let json = format!(r#"{{"bundle":"{bundle}","exhibits":2,"fields":[],{counts}}}"#);
        check(exported(1, 4), &json, exporters);
        check(
            ExhibitExported { bundle, fields: Vec::new(), withheld_fields: 3 },
            &format!(r#"{{"bundle":"{bundle}","fields":[],"withheld_fields":3}}"#),
            exporters,
        );
        let names = format!(r#""anchored":false,"bundle":"{bundle}","dossier":"{dossier}","exhibits":2,"fields":[]"#);
        let rest = format!(r#""findings":0,"root":"{root}","size":7,"size_bytes":9,"software":"vouchsafe/1""#);
        check(received(1), &format!("{{{names},{rest}}}"), archivists);
        let json = format!(r#"{{"bundle":"{bundle}","fields":[],"foreign_exhibit":"{}"}}"#, exhibit(1));
        check(exhibit_received(1), &json, archivists);
    }

    #[test]
    fn a_dossier_comes_in_with_a_bundle() {
        assert_eq!(Event::from(received(1)).brings(), [Brought { object: digest(8), size_bytes: 9 }]);
        assert!(Event::from(exported(1, 4)).brings().is_empty());
    }

    #[test]
    fn a_bundle_is_received_once_and_before_its_exhibits() {
        let mut bundles = Bundles::default();
        let taken = bundles.take((&exhibit_received(1)).into(), &at(3)).map_err(|Broken((broken, _))| broken);
        assert_eq!(taken, Err("it speaks of a bundle that was not received before"));
        bundles.take((&exhibit_received(1)).into(), &At { may_be_hidden: true, ..at(3) }).unwrap();
        bundles.take((&received(1)).into(), &at(4)).unwrap();
        bundles.take((&exhibit_received(1)).into(), &at(5)).unwrap();
        let again = bundles.take((&received(1)).into(), &at(6));
        assert_eq!(again.map_err(|Broken((broken, _))| broken), Err("this bundle was received before"));
        assert!(bundles.has_received(digest(1)) && !bundles.has_received(digest(2)));
    }

    #[test]
    fn a_bundle_is_of_a_log_that_was_there() {
        let mut bundles = Bundles::default();
        assert!(bundles.take((&exported(1, 5)).into(), &at(4)).is_err());
        assert!(!bundles.has_exported(digest(1)));
        bundles.take((&exported(1, 4)).into(), &at(4)).unwrap();
        assert!(bundles.has_exported(digest(1)));
    }

    #[test]
    fn a_sender_is_named_beside_the_archive() {
        assert_eq!(
            sentence(received(1)),
            "Kim received 2 exhibits of partner.example in the bundle 01010101 from [sender] (its fingerprint was \
             not compared with one from outside)"
        );
    }
}
