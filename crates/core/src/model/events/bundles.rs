//! Events of bundles: exhibits left the archive in one, or came to it in one of another archive.

use std::collections::HashSet;

use super::body::bodies;
use super::declaration::{ARCHIVISTS, About, Brought, Declaration, Declared, EXPORTERS, PremisTerm, unanchored};
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
            particulars: |body| format!("bundle {}, fields withheld in it: {}", body.bundle, body.withheld_fields),
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
            particulars: |body| format!("bundle {}, there called {}", body.bundle, body.foreign_exhibit),
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
                Err(Broken("this bundle was received before"))
            }
            BundleEvent::ExhibitReceived(body) if !self.has_received(body.bundle) => {
                at.missing("it speaks of a bundle that was not received before")
            }
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
