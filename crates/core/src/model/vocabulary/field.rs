//! What the table says of a field.

use super::choices::Choice;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A date of EDTF (ISO 8601-2). Where it was given in other words, they are kept beside it, in the field whose name ends
    /// with [`AS_WRITTEN`](super::AS_WRITTEN).
    Date,
    /// A list of language tags (BCP 47).
    Languages,
    /// A time of RFC 3339.
    Time,
    /// A list of texts.
    List,
    /// Latitude and longitude in decimal degrees (WGS 84), perhaps with how far off the place may be.
    Coordinates,
}

impl FieldKind {
    /// In a word or two, for the documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date (EDTF)",
            Self::Languages => "languages (BCP 47)",
            Self::Time => "time (RFC 3339)",
            Self::List => "list of texts",
            Self::Coordinates => "coordinates (WGS 84)",
        }
    }
}

/// Who writes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenBy {
    /// A person who describes an exhibit: in metadata files, with `ingest` and with `describe`.
    Person,
    /// The program, of what it observes itself. Nobody else may give it.
    Program,
    /// A person who acts, as a part of what is recorded: the purpose of an export, the reason of a gap.
    Act,
}

/// How much the description of an exhibit needs a field. A field that is missing keeps no evidence out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// A description is not complete without it.
    Mandatory,
    /// It is not missed in a complete description, but it is asked for.
    Recommended,
    /// Nobody asks for it.
    Optional,
}

/// Of which exhibits a field is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Of all.
    Always,
    /// Of what a person testifies: a witness is named, or the category is a testimony.
    Testimony,
    /// Of what was captured online: the category is a web capture, or it came so.
    Online,
    /// Of what somebody collected and nobody handed over: what was captured online or extracted from a device.
    Collected,
    /// Of what was extracted from a device.
    Device,
    /// Of recordings of picture or sound.
    Recording,
    /// Of what shows something: pictures and recordings of pictures.
    Picture,
    /// Of what has a date when it was made.
    Dated,
}

impl When {
    /// In a few words that follow "asked", for the documentation; empty if always.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "",
            Self::Testimony => "of testimony",
            Self::Online => "of online captures",
            Self::Collected => "of online captures and extracts from devices",
            Self::Device => "of extracts from devices",
            Self::Recording => "of video and audio",
            Self::Picture => "of images and video",
            Self::Dated => "if `created_date` is given",
        }
    }
}

/// A field with a fixed meaning.
#[derive(Debug, Clone, Copy)]
pub struct KnownField {
    /// Its name in entries, metadata files and options.
    pub name: &'static str,
    /// What its values are.
    pub kind: FieldKind,
    /// What it is called in English, as a heading.
    pub english: &'static str,
    /// What it is called in Korean.
    pub korean: &'static str,
    /// What is to be written into it, as the end of a sentence.
    pub meaning: &'static str,
    /// Who writes it.
    pub written_by: WrittenBy,
    /// How much a description needs it.
    pub obligation: Obligation,
    /// Of which exhibits it is asked for.
    pub when: When,
    /// What a court asks if it is missing, in English and in Korean; empty where nobody asks.
    pub question: [&'static str; 2],
    /// The values that have a fixed meaning, where there is a list of them.
    pub choices: &'static [Choice],
    /// Whether any other value than the choices is refused where it is given. What an archive holds already stays as it is.
    pub is_closed: bool,
    /// What asks for it: documents with their paragraphs.
    pub asked_by: &'static str,
    /// Whether a bundle discloses it unless it is said otherwise. Only what can say nothing of a person, a place or a time
    /// may be; everything else is withheld.
    pub disclosed: bool,
    /// Whether `find` looks into it where no field is named.
    pub searched: bool,
    /// The element of PREMIS 3 that has the same meaning, where there is one.
    pub premis: Option<&'static str>,
    /// The term of Dublin Core (DCMI Metadata Terms) that has the same meaning, where there is one.
    pub dublin_core: Option<&'static str>,
}

/// A field that anybody who describes an exhibit may give; the program uses nothing of it but its value.
pub(super) const fn described(
    name: &'static str,
    english: &'static str,
    korean: &'static str,
    meaning: &'static str,
) -> KnownField {
    KnownField {
        name,
        kind: FieldKind::Text,
        english,
        korean,
        meaning,
        written_by: WrittenBy::Person,
        obligation: Obligation::Optional,
        when: When::Always,
        question: ["", ""],
        choices: &[],
        is_closed: false,
        asked_by: "",
        disclosed: false,
        searched: false,
        premis: None,
        dublin_core: None,
    }
}

impl KnownField {
    pub(super) const fn of(mut self, kind: FieldKind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) const fn by(mut self, written_by: WrittenBy) -> Self {
        self.written_by = written_by;
        self
    }

    pub(super) const fn mandatory(mut self, when: When, english: &'static str, korean: &'static str) -> Self {
        self.obligation = Obligation::Mandatory;
        self.when = when;
        self.question = [english, korean];
        self
    }

    pub(super) const fn recommended(mut self, when: When, english: &'static str, korean: &'static str) -> Self {
        self.obligation = Obligation::Recommended;
        self.when = when;
        self.question = [english, korean];
        self
    }

    /// Only these values may be given.
    pub(super) const fn one_of(mut self, choices: &'static [Choice]) -> Self {
        self.choices = choices;
        self.is_closed = true;
        self
    }

    /// These values have a fixed meaning, and others may be given.
    pub(super) const fn such_as(mut self, choices: &'static [Choice]) -> Self {
        self.choices = choices;
        self
    }

    pub(super) const fn asked_by(mut self, documents: &'static str) -> Self {
        self.asked_by = documents;
        self
    }

    pub(super) const fn dublin_core(mut self, term: &'static str) -> Self {
        self.dublin_core = Some(term);
        self
    }

    pub(super) const fn premis(mut self, element: &'static str) -> Self {
        self.premis = Some(element);
        self
    }

    pub(super) const fn searched(mut self) -> Self {
        self.searched = true;
        self
    }

    pub(super) const fn disclosed(mut self) -> Self {
        self.disclosed = true;
        self
    }
}
