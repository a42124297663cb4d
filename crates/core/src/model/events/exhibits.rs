//! Events of one exhibit in this archive: it was ingested, described, noted, copied, or a gap in its custody was declared.

use std::collections::HashMap;

use super::body::bodies;
use super::declaration::{
    ANYONE, ARCHIVISTS, About, Bilingual, Brought, Declaration, Declared, Particulars, PremisTerm,
};
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
                let (object, software) = (body.object, &body.software);
                Particulars::Numbers(
                    format!("SHA-256 {object}, {size} bytes, computed by {software}"),
                    format!("SHA-256 {object}, {size}바이트, 계산한 프로그램 {software}"),
                )
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
            particulars: |_| Particulars::Nothing,
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
            particulars: |_| Particulars::Nothing,
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
            particulars: |body| {
                let object = body.object;
                Particulars::Numbers(format!("SHA-256 of the copy {object}"), format!("사본의 SHA-256 {object}"))
            },
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
                Particulars::Words(format!("from {from} to {to}"), format!("{from_ko}부터 {to_ko}까지"))
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
                    return Err(Broken(OTHER_OBJECT));
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

/// What is said of an entry that copies another object than that of its exhibit.
pub(crate) const OTHER_OBJECT: Bilingual =
    ("it speaks of another object than the exhibit's", "증거물의 것이 아닌 원본 객체를 말합니다");

#[cfg(test)]
mod tests {
    use super::super::testing::{at, check, digest, exhibit, sentence};
    use super::super::{Event, EventKind};
    use super::*;
    use crate::model::agent::Role;
    use crate::model::ids::EntryIndex;

    const ARCHIVISTS: &[Role] = &[Role::Administrator, Role::Archivist];

    fn ingested(object: u8) -> ExhibitIngested {
        ExhibitIngested {
            fields: Vec::new(),
            media_type: Some("text/plain".parse().unwrap()),
            object: digest(object),
            size_bytes: 5,
            software: "vouchsafe/1".to_owned(),
        }
    }

    fn copied(object: u8) -> CopyIssued {
        CopyIssued { fields: Vec::new(), object: digest(object) }
    }

    fn gap(from: &str, to: &str) -> GapDeclared {
        GapDeclared { fields: Vec::new(), from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn bodies_have_one_form_and_makers() {
        let object = digest(1);
        check(
            ingested(1),
            &format!(
                r#"{{"fields":[],"media_type":"text/plain","object":"{object}","size_bytes":5,"software":"vouchsafe/1"}}"#
            ),
            ARCHIVISTS,
        );
        check(ExhibitDescribed { fields: vec![object] }, &format!(r#"{{"fields":["{object}"]}}"#), ARCHIVISTS);
        check(ExhibitNoted { fields: vec![object] }, &format!(r#"{{"fields":["{object}"]}}"#), Role::ALL);
        check(copied(1), &format!(r#"{{"fields":[],"object":"{object}"}}"#), Role::ALL);
        check(gap("..", "2005-07"), r#"{"fields":[],"from":"..","to":"2005-07"}"#, ARCHIVISTS);
    }

    #[test]
    fn an_ingest_and_a_description_give_fields_their_values() {
        let describing = EventKind::ALL.iter().filter(|kind| kind.describes_an_exhibit());
        assert!(describing.eq(&[EventKind::ExhibitIngested, EventKind::ExhibitDescribed]));
        let brought = Brought { object: digest(1), size_bytes: 5 };
        assert_eq!(Event::from(ingested(1)).brings(), [brought]);
        assert_eq!(Event::from(ingested(1)).numbers(), [5]);
        assert!(Event::from(copied(1)).brings().is_empty());
    }

    #[test]
    fn entries_of_an_exhibit_are_counted_from_its_ingest_on() {
        let mut exhibits = Exhibits::default();
        let of = |number| At { exhibit: Some(exhibit(number)), ..at(4) };
        assert_eq!(exhibits.count(exhibit(1)), None);
        exhibits.take((&ingested(1)).into(), &of(1)).unwrap();
        assert_eq!((exhibits.count(exhibit(1)), exhibits.count(exhibit(1))), (Some(1), Some(2)));
        assert_eq!((exhibits.len(), exhibits.count(exhibit(2))), (1, None));
    }

    #[test]
    fn a_working_copy_is_of_the_object_of_its_exhibit() {
        let mut exhibits = Exhibits::default();
        let of = |number| At { exhibit: Some(exhibit(number)), ..at(4) };
        exhibits.take((&ingested(1)).into(), &of(1)).unwrap();
        exhibits.take((&copied(1)).into(), &of(1)).unwrap();
        let broken = exhibits.take((&copied(2)).into(), &of(1)).unwrap_err();
        assert_eq!(broken.0.0, "it speaks of another object than the exhibit's");
        // Of what object an ingest that is not understood is, nobody knows.
        exhibits.ingest(Some(exhibit(2)), None);
        exhibits.take((&copied(2)).into(), &of(2)).unwrap();
    }

    #[test]
    fn a_gap_does_not_end_before_it_begins() {
        for (from, to, is_good) in [("2003", "2003", true), ("2004", "2003-12-31", false), ("..", "2003", true)] {
            assert_eq!(Event::from(gap(from, to)).flaw(EntryIndex(1)).is_none(), is_good, "{from} {to}");
        }
    }

    #[test]
    fn the_ends_of_a_gap_are_told_in_words() {
        assert_eq!(
            Event::from(gap("..", "2005-07")).particulars().both(),
            "from a time that is not known to 2005-07 / 알 수 없는 때부터 2005년 7월까지"
        );
        assert_eq!(
            Event::from(gap("2003", "2005-07-08")).particulars().both(),
            "from 2003 to 2005-07-08 / 2003년부터 2005년 7월 8일까지"
        );
        for (from, to, when) in [
            ("2003", "2004", "from 2003 to 2004"),
            ("2003", "..", "from 2003 on, until when is not known"),
            ("..", "2004", "until 2004, since when is not known"),
            ("..", "..", "when is not known"),
        ] {
            assert_eq!(sentence(gap(from, to)), format!("Kim declared that it is not known who had it ({when})"));
        }
    }
}
