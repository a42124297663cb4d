//! Events of one exhibit in this archive: it was ingested, described, noted, copied, or a gap in its custody was declared.

use std::collections::HashMap;

use super::body::bodies;
use super::declaration::{ANYONE, ARCHIVISTS, About, Brought, Declaration, Declared, PremisTerm};
use super::rule::{At, Broken};
use crate::digest::Digest;
use crate::model::amounts::{count, number};
use crate::model::gap::GapBound;
use crate::model::ids::{ExhibitId, MediaType};

bodies! {
    /// An event of one exhibit in this archive.
    ExhibitEvent

    /// Bytes came into custody.
    ExhibitIngested {
        /// Fields of the exhibit.
        fields: Vec<Digest>,
        /// Media type as recognised from content at ingest; none where it is sealed.
        #[serde(skip_serializing_if = "Option::is_none")]
        media_type: Option<MediaType>,
        /// The object.
        object: Digest,
        /// Its size.
        size_bytes: u64,
        /// The program that read and hashed it, with its version.
        software: String,
    }
    /// Fields were added; they replace earlier ones of the same name in what is shown, never in the log.
    ExhibitDescribed {
        /// The new fields.
        fields: Vec<Digest>,
    }
    /// A remark was added.
    ExhibitNoted {
        /// Fields (the text).
        fields: Vec<Digest>,
    }
    /// A working copy left the archive.
    CopyIssued {
        /// Fields (recipient, purpose).
        fields: Vec<Digest>,
        /// The object that was copied out, hashed again on the way.
        object: Digest,
    }
    /// It is not known who had an exhibit in a stretch of time, and that is said.
    GapDeclared {
        /// Fields (reason).
        fields: Vec<Digest>,
        /// When the stretch begins.
        from: GapBound,
        /// When it ends.
        to: GapBound,
    }
}

impl Declared for ExhibitIngested {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "exhibit.ingested",
        about: About::Exhibit {
            describes: true,
            title: ("Ingested: came into custody", "수록 (보관 시작)"),
            page_title: ("Taken into custody", "수록 (보관 시작)"),
            premis: Some(PremisTerm { label: "ingestion", code: "ing" }),
            particulars: |body| {
                let size = number(body.size_bytes);
                format!("SHA-256 {}, {size} bytes, computed by {}", body.object, body.software)
            },
        },
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |body| Some(Brought { object: body.object, size_bytes: body.size_bytes }),
        software: |body| Some(&body.software),
        sentence: |body, scene| {
            let (size, media_type) = (count(body.size_bytes, "byte"), MediaType::told(body.media_type.as_ref()));
            format!("{} ingested {size} of {media_type}", scene.who)
        },
    };
}

impl Declared for ExhibitDescribed {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "exhibit.described",
        about: About::Exhibit {
            describes: true,
            title: ("Described: fields were added", "서술 정보 추가"),
            page_title: ("Description added", "서술 정보 추가"),
            premis: Some(PremisTerm { label: "metadata modification", code: "mem" }),
            particulars: |_| String::new(),
        },
        made_by: ARCHIVISTS,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let verb = if scene.is_withdrawal { "withdrew what was said of it" } else { "described it" };
            format!("{} {verb} ({})", scene.who, count(body.fields.len() as u64, "field"))
        },
    };
}

impl Declared for ExhibitNoted {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "exhibit.noted",
        about: About::Exhibit {
            describes: false,
            title: ("A remark was added", "비고 추가"),
            page_title: ("Remark added", "비고 추가"),
            premis: Some(PremisTerm { label: "metadata modification", code: "mem" }),
            particulars: |_| String::new(),
        },
        made_by: ANYONE,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |_, scene| format!("{} noted", scene.who),
    };
}

impl Declared for CopyIssued {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "copy.issued",
        about: About::Exhibit {
            describes: false,
            title: ("A working copy was issued", "작업용 사본 발급"),
            page_title: ("Working copy issued", "작업용 사본 발급"),
            premis: Some(PremisTerm { label: "dissemination", code: "dis" }),
            particulars: |body| format!("SHA-256 of the copy {}", body.object),
        },
        made_by: ANYONE,
        flaw: |_, _| None,
        brings: |_| None,
        software: |_| None,
        sentence: |_, scene| format!("{} issued a working copy", scene.who),
    };
}

impl Declared for GapDeclared {
    const DECLARATION: Declaration<Self> = Declaration {
        name: "gap.declared",
        about: About::Exhibit {
            describes: false,
            title: ("Declared: it is not known who had it", "보관 공백을 기록함 (해당 기간의 보관자를 알 수 없음)"),
            page_title: (
                "Declared: it is not known who had it",
                "보관 공백을 기록함 (해당 기간의 보관자를 알 수 없음)",
            ),
            premis: None,
            particulars: |body| {
                let ((from, from_ko), (to, to_ko)) = (body.from.in_words(), body.to.in_words());
                format!("from {from} to {to} / {from_ko}부터 {to_ko}까지")
            },
        },
        made_by: ARCHIVISTS,
        flaw: |body, _| body.from.begins_after(&body.to).then_some("its `from` lies behind its `to`"),
        brings: |_| None,
        software: |_| None,
        sentence: |body, scene| {
            let when = match (body.from.is_known(), body.to.is_known()) {
                (true, true) => format!("from {} to {}", body.from, body.to),
                (true, false) => format!("from {} on, until when is not known", body.from),
                (false, true) => format!("until {}, since when is not known", body.to),
                (false, false) => "when is not known".to_owned(),
            };
            format!("{} declared that it is not known who had it ({when})", scene.who)
        },
    };
}

/// An exhibit that was ingested.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exhibit {
    /// What was ingested; not known where its ingest is not understood.
    pub object: Option<Digest>,
    /// How many entries are about it so far.
    entries: u64,
}

/// The exhibits that a log has ingested so far.
#[derive(Debug, Default)]
pub(crate) struct Exhibits(HashMap<ExhibitId, Exhibit>);

impl Exhibits {
    /// Counts one more entry about an exhibit. Returns how many there were before; `None` if it was not ingested.
    pub fn count(&mut self, exhibit: ExhibitId) -> Option<u64> {
        let held = self.0.get_mut(&exhibit)?;
        held.entries += 1;
        Some(held.entries - 1)
    }

    /// Takes in the entry that ingests an exhibit. What object that is, an entry that is not understood does not say.
    pub fn ingest(&mut self, exhibit: Option<ExhibitId>, object: Option<Digest>) {
        self.0.extend(exhibit.map(|exhibit| (exhibit, Exhibit { object, entries: 1 })));
    }

    /// Takes in an entry. That its exhibit was ingested before, if it is no ingest, and not before if it is one, was checked.
    pub fn take(&mut self, event: ExhibitEvent<'_>, at: &At) -> Result<(), Broken> {
        match event {
            ExhibitEvent::ExhibitIngested(body) => self.ingest(at.exhibit, Some(body.object)),
            ExhibitEvent::CopyIssued(body) => {
                let object = at.exhibit.and_then(|exhibit| self.0.get(&exhibit)?.object);
                if object.is_some_and(|object| object != body.object) {
                    return Err(Broken("it speaks of another object than the exhibit's"));
                }
            }
            ExhibitEvent::ExhibitDescribed(_) | ExhibitEvent::ExhibitNoted(_) | ExhibitEvent::GapDeclared(_) => {}
        }
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// One of them.
    pub fn get(&self, exhibit: ExhibitId) -> Option<&Exhibit> {
        self.0.get(&exhibit)
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (ExhibitId, &Exhibit)> {
        self.0.iter().map(|(id, exhibit)| (*id, exhibit))
    }
}
