//! How far an exhibit is described, and what a court would ask next. A poor description keeps no evidence out.

use serde::Serialize;

use vouchsafe_core::model::vocabulary::choices::{
    AUDIO, DEVICE_EXTRACT, DEVICE_EXTRACTION, IMAGE, ONLINE_CAPTURE, SATELLITE_IMAGE, TESTIMONY_AV,
    TESTIMONY_STATEMENT, VIDEO, WEB_CAPTURE,
};
use vouchsafe_core::model::vocabulary::{
    AS_WRITTEN, CHANNEL, CREATED_DATE, CREATOR, INTERVIEW_DATE, INTERVIEW_LANGUAGES, INTERVIEW_PLACE, INTERVIEWERS,
    KnownField, LANGUAGES, OBJECT_CATEGORY, Obligation, PLACE, SOURCE, WITNESS, When, described_fields, is_observed,
};
use vouchsafe_core::model::{FieldName, FieldValue};

/// What a court asks first of any exhibit: who gave it, who made it, when and where (Leiden Guidelines A6, B2).
const ASKED_FIRST: [&str; 4] = [SOURCE, CREATOR, CREATED_DATE, PLACE];

/// Fields that a testimony answers with another one, which is as good.
const ANSWERED_BY: [(&str, &str); 4] = [
    (CREATOR, INTERVIEWERS),
    (CREATED_DATE, INTERVIEW_DATE),
    (PLACE, INTERVIEW_PLACE),
    (LANGUAGES, INTERVIEW_LANGUAGES),
];

vouchsafe_core::described! {
    /// How far an exhibit is described. The best comes first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Grade {
        /// Every mandatory field that applies has a value, or the reason why it is not known.
        Complete,
        /// Who gave it, who made it, when and where are answered; other mandatory fields are not.
        Partial,
        /// Something is described, but not all of these four.
        Thin,
        /// Nobody has described it.
        Undescribed,
    }
}

impl Grade {
    /// All grades, the best first.
    pub const ALL: [Self; 4] = [Self::Complete, Self::Partial, Self::Thin, Self::Undescribed];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Thin => "thin",
            Self::Undescribed => "undescribed",
        }
    }
}

/// How far an exhibit is described, and what is missing.
#[derive(Debug, Clone)]
pub struct Grading {
    /// The grade.
    pub grade: Grade,
    /// The fields that are missing and apply: first what a court asks first, then what else is mandatory, then what is
    /// recommended.
    pub missing: Vec<&'static KnownField>,
}

impl Grading {
    /// Those of the missing fields that keep the description from being complete.
    pub fn mandatory(&self) -> impl Iterator<Item = &'static KnownField> {
        self.missing.iter().copied().filter(|field| field.obligation == Obligation::Mandatory)
    }
}

/// Grades the description of an exhibit by its fields. What the program records itself needs no field: the name of the file, its
/// size and SHA-256, when it was ingested and by whom. `unknown` with the reason is an answer; a date that could be read in
/// no way is one, too, by its words.
#[must_use]
pub fn grade(fields: &[(FieldName, FieldValue)]) -> Grading {
    let described = Described(fields);
    let asked = described_fields().filter(|field| field.obligation != Obligation::Optional);
    let mut missing: Vec<_> =
        asked.filter(|field| described.applies(field.when) && !described.answers(field.name)).collect();
    let is_asked_first = |field: &KnownField| ASKED_FIRST.contains(&field.name);
    missing.sort_by_key(|field| (field.obligation != Obligation::Mandatory, !is_asked_first(field)));
    let is_described = fields.iter().any(|(name, _)| !is_observed(name.as_str()));
    let grade = match missing.first() {
        _ if !is_described => Grade::Undescribed,
        Some(field) if is_asked_first(field) => Grade::Thin,
        Some(field) if field.obligation == Obligation::Mandatory => Grade::Partial,
        _ => Grade::Complete,
    };
    Grading { grade, missing }
}

struct Described<'a>(&'a [(FieldName, FieldValue)]);

impl Described<'_> {
    fn value(&self, name: &str) -> Option<&FieldValue> {
        self.0.iter().find(|(found, _)| found.as_str() == name).map(|(_, value)| value)
    }

    /// Whether a field has this text.
    fn is(&self, name: &str, texts: &[&str]) -> bool {
        matches!(self.value(name), Some(FieldValue::Text(text)) if texts.contains(&text.as_str()))
    }

    fn answers(&self, name: &str) -> bool {
        let has_words = || {
            let words = |(found, _): &(FieldName, FieldValue)| found.as_str().strip_suffix(AS_WRITTEN) == Some(name);
            self.0.iter().any(words)
        };
        let other = ANSWERED_BY.iter().find(|(field, _)| *field == name).map(|(_, other)| *other);
        self.value(name).is_some() || has_words() || other.is_some_and(|other| self.answers(other))
    }

    fn applies(&self, when: When) -> bool {
        let is_online = || self.is(OBJECT_CATEGORY, &[WEB_CAPTURE]) || self.is(CHANNEL, &[ONLINE_CAPTURE]);
        let is_device = || self.is(OBJECT_CATEGORY, &[DEVICE_EXTRACT]) || self.is(CHANNEL, &[DEVICE_EXTRACTION]);
        match when {
            When::Always => true,
            When::Testimony => {
                self.is(OBJECT_CATEGORY, &[TESTIMONY_STATEMENT, TESTIMONY_AV]) || self.value(WITNESS).is_some()
            }
            When::Online => is_online(),
            When::Device => is_device(),
            When::Collected => is_online() || is_device(),
            When::Recording => self.is(OBJECT_CATEGORY, &[VIDEO, AUDIO, TESTIMONY_AV]),
            When::Picture => self.is(OBJECT_CATEGORY, &[IMAGE, VIDEO, SATELLITE_IMAGE]),
            When::Dated => matches!(self.value(CREATED_DATE), Some(FieldValue::Text(_))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata;

    /// The grade of an exhibit with these fields, and the names of those that are missing.
    fn graded(fields: &[&str]) -> (Grade, Vec<&'static str>) {
        let parsed = fields.iter().flat_map(|field| metadata::parse_argument(field).unwrap());
        let mut fields: Vec<_> = parsed.collect();
        for name in ["original_name", "source_path", "source_modified_at"] {
            fields.push((name.parse().unwrap(), FieldValue::Text("x".to_owned())));
        }
        let grading = grade(&fields);
        assert!(grading.mandatory().count() <= grading.missing.len());
        (grading.grade, grading.missing.iter().map(|field| field.name).collect())
    }

    const FIRST: [&str; 4] = ["source=K-17", "creator=K-17", "created_date=2003", "place=Tumen"];
    const REST: [&str; 11] = [
        "title=A list",
        "collection=Case 3",
        "object_category=document",
        "copy_role=evidentiary",
        "copy_generation=scan",
        "channel=in_person",
        "created_date_basis=metadata",
        "languages=ko",
        "sensitivity=restricted",
        "verification_status=unverified",
        "retention=unknown:not decided yet",
    ];

    #[test]
    fn a_description_is_graded_by_what_a_court_asks() {
        assert_eq!(graded(&[]).0, Grade::Undescribed);
        assert_eq!(graded(&["title=A list"]).0, Grade::Thin);
        assert_eq!(graded(&["box=17"]).0, Grade::Thin);
        assert_eq!(graded(&FIRST[..3]).0, Grade::Thin);
        assert_eq!(graded(&FIRST).0, Grade::Partial);
        let all = [&FIRST[..], &REST].concat();
        let (grade, missing) = graded(&all);
        assert_eq!(grade, Grade::Complete);
        assert!(missing.contains(&"events_period") && !missing.contains(&"witness"), "{missing:?}");
        for left_out in 0..all.len() {
            let mut fields = all.clone();
            let name = fields.remove(left_out).split('=').next().unwrap();
            let (grade, missing) = graded(&fields);
            assert_eq!(grade, if left_out < 4 { Grade::Thin } else { Grade::Partial }, "{name}");
            assert_eq!(missing[0], name);
        }
    }

    #[test]
    fn what_is_asked_first_stands_first_and_what_is_recommended_last() {
        let (_, missing) = graded(&["title=A list"]);
        assert_eq!(missing[..4], ["source", "creator", "created_date", "place"]);
        let place = |name| missing.iter().position(|missing| *missing == name).unwrap();
        assert!(place("retention") < place("description"));
    }

    #[test]
    fn unknown_with_the_reason_and_a_date_in_words_are_answers() {
        let unknown = ["source=unknown:not said", "creator=unknown:lost", "created_date=03/04/2005", "place=모름:가림"];
        let (grade, missing) = graded(&unknown);
        assert_eq!(grade, Grade::Partial);
        assert!(!missing.contains(&"created_date") && !missing.contains(&"created_date_basis"), "{missing:?}");
    }

    #[test]
    fn fields_are_asked_for_where_they_apply() {
        let testimony = ["interviewers", "consent", "first_account"];
        let online = ["url", "captured_date", "published_date", "collection_tool", "clock_source"];
        for (given, asked, others) in [
            ("object_category=진술서", &testimony[..], &online[..]),
            ("object_category=testimony_av", &["completeness", "interpreter"], &["depicted_places"]),
            ("witness=K-17", &testimony, &online),
            ("object_category=web_capture", &online, &testimony),
            ("channel=online_capture", &online, &["device"]),
            ("channel=device_extraction", &["device", "collection_tool"], &["url"]),
            ("object_category=image", &["depicted_places"], &["completeness"]),
            ("object_category=audio", &["completeness"], &["depicted_places"]),
            ("created_date=2003", &["created_date_basis"], &testimony),
            ("created_date=unknown:x", &[], &["created_date_basis", "created_date"]),
        ] {
            let (_, missing) = graded(&[given]);
            assert!(asked.iter().all(|name| missing.contains(name)), "{given}: {missing:?}");
            assert!(!others.iter().any(|name| missing.contains(name)), "{given}: {missing:?}");
        }
    }

    #[test]
    fn an_interview_answers_who_when_where_and_in_which_language() {
        let given = ["witness=K-17", "source=K-17", "interviewers=A; B", "interview_date=2005-03-17"];
        let more = ["interview_place=withheld", "interview_languages=조선말"];
        let (grade, missing) = graded(&[&given[..], &more].concat());
        assert_eq!(grade, Grade::Partial);
        for name in ["creator", "created_date", "place", "languages"] {
            assert!(!missing.contains(&name), "{name}: {missing:?}");
        }
        assert!(missing.contains(&"recording_mode"));
    }
}
