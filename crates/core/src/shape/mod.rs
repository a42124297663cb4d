//! The shapes of what is printed as JSON: each type describes its own members, so that a page of reference can be made from
//! the types and cannot differ from them.
//!
//! [`described!`] declares a type and its description together. Nothing here is about the formats, which are
//! specified by hand: only about what commands print.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Types that are one kind of value, whatever is in them.
macro_rules! plain {
    ($($type:ty => $kind:expr),* $(,)?) => {
        $(impl Described for $type {
            fn kind() -> Kind {
                $kind
            }
        })*
    };
}

mod texts;

/// A JSON object: its members, as they are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The name of the type.
    pub name: &'static str,
    /// What it is, in sentences.
    pub about: String,
    /// Its members, in the order in which they are declared.
    pub members: Vec<Member>,
}

/// A member of a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it means, in sentences, with its unit.
    pub about: String,
    /// What its value is.
    pub kind: Kind,
    /// Whether it is left out where there is nothing to say.
    pub may_be_absent: bool,
}

/// What a JSON value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Number,
    /// `true` or `false`.
    Truth,
    /// A text, with what it is; empty if it is any.
    Text(&'static str),
    /// One of these texts.
    Words(Vec<String>),
    /// A list.
    List(Box<Kind>),
    /// An object whose members are named by what it holds.
    Map(Box<Kind>),
    /// A value or `null`.
    OrNull(Box<Kind>),
    /// An object of a known shape.
    Object(Shape),
    /// Anything, with where it is specified.
    Any(&'static str),
}

/// What knows the shape of its own JSON.
pub trait Described {
    /// The shape of every value of this type.
    fn kind() -> Kind;
}

impl Member {
    /// A member that is always there.
    #[must_use]
    pub fn new(name: &str, kind: Kind, about: &str) -> Self {
        Self { name: name.to_owned(), about: about.to_owned(), kind, may_be_absent: false }
    }

    /// A member that is left out where there is nothing to say, and not `null`.
    #[must_use]
    pub fn optional(name: &str, kind: Kind, about: &str) -> Self {
        let kind = match kind {
            Kind::OrNull(kind) => *kind,
            kind => kind,
        };
        Self { may_be_absent: true, ..Self::new(name, kind, about) }
    }

    /// The members of an object that are printed among those of another; none of what is no object.
    #[must_use]
    pub fn of(kind: Kind) -> Vec<Self> {
        match kind {
            Kind::Object(shape) => shape.members,
            // A part that may be missing takes its members with it.
            Kind::OrNull(kind) => {
                Self::of(*kind).into_iter().map(|member| Self { may_be_absent: true, ..member }).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The lines of a doc comment as prose: links to Rust items are only their names.
#[must_use]
pub fn prose(lines: &[&str]) -> String {
    let joined = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let mut text = String::new();
    let mut rest = joined.as_str();
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else { break };
        text.push_str(before);
        text.push_str(&format!("`{name}`"));
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    text.push_str(rest);
    text.trim().to_owned()
}

/// The text that a value without members is printed as; empty if it is none.
#[must_use]
pub fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Declares a type that is printed as JSON, and its description: a struct with named members, or an enum of plain words.
///
/// The descriptions are the doc comments. `#[serde(skip)]`, `#[serde(flatten)]` and `skip_serializing_if` count as serde
/// means them; no other attribute that changes what is printed is known here, but for `rename_all` of an enum.
#[macro_export]
macro_rules! described {
    (@docs [$($doc:literal)*]) => { $crate::shape::prose(&[$($doc),*]) };
    (@docs [$($doc:literal)*] [doc = $line:literal] $($rest:tt)*) => {
        $crate::shape::described!(@docs [$($doc)* $line] $($rest)*)
    };
    (@docs [$($doc:literal)*] $other:tt $($rest:tt)*) => { $crate::shape::described!(@docs [$($doc)*] $($rest)*) };

    (@member $members:ident $name:ident ($type:ty) $make:ident [$($doc:literal)*]) => {{
        let kind = <$type as $crate::shape::Described>::kind();
        let about = $crate::shape::prose(&[$($doc),*]);
        $members.push($crate::shape::Member::$make(stringify!($name), kind, &about));
    }};
    (@member $members:ident $name:ident ($type:ty) $make:ident $docs:tt [serde(skip)] $($rest:tt)*) => {};
    (@member $members:ident $name:ident ($type:ty) $make:ident $docs:tt [serde(flatten)] $($rest:tt)*) => {
        $members.extend($crate::shape::Member::of(<$type as $crate::shape::Described>::kind()));
    };
    (@member $members:ident $name:ident ($type:ty) $make:ident $docs:tt [serde($($how:tt)*)] $($rest:tt)*) => {
        $crate::shape::described!(@member $members $name ($type) optional $docs $($rest)*)
    };
    (@member $members:ident $name:ident ($type:ty) $make:ident [$($doc:literal)*] [doc = $line:literal] $($rest:tt)*) => {
        $crate::shape::described!(@member $members $name ($type) $make [$($doc)* $line] $($rest)*)
    };

    (
        $(#$attr:tt)*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $($(#$of_member:tt)* $member_vis:vis $member:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#$attr)*
        $vis struct $name $(<$life>)? { $($(#$of_member)* $member_vis $member: $type),* }

        impl $(<$life>)? $crate::shape::Described for $name $(<$life>)? {
            fn kind() -> $crate::shape::Kind {
                let mut members = Vec::new();
                $($crate::shape::described!(@member members $member ($type) new [] $($of_member)*);)*
                let about = $crate::shape::described!(@docs [] $($attr)*);
                $crate::shape::Kind::Object($crate::shape::Shape { name: stringify!($name), about, members })
            }
        }
    };
    (
        $(#$attr:tt)*
        $vis:vis enum $name:ident { $($(#$of_word:tt)* $word:ident),* $(,)? }
    ) => {
        $(#$attr)*
        $vis enum $name { $($(#$of_word)* $word),* }

        impl $crate::shape::Described for $name {
            fn kind() -> $crate::shape::Kind {
                $crate::shape::Kind::Words(vec![$($crate::shape::word(&Self::$word)),*])
            }
        }
    };
}

plain! {
    u8 => Kind::Number,
    u32 => Kind::Number,
    u64 => Kind::Number,
    usize => Kind::Number,
    bool => Kind::Truth,
    str => Kind::Text(""),
    String => Kind::Text(""),
    Path => Kind::Text("a path"),
    PathBuf => Kind::Text("a path"),
}

pub use described;

impl<T: Described + ?Sized> Described for &T {
    fn kind() -> Kind {
        T::kind()
    }
}

impl<T: Described + ?Sized> Described for Box<T> {
    fn kind() -> Kind {
        T::kind()
    }
}

impl<T: Described> Described for Option<T> {
    fn kind() -> Kind {
        Kind::OrNull(Box::new(T::kind()))
    }
}

impl<T: Described> Described for [T] {
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }
}

impl<T: Described> Described for Vec<T> {
    fn kind() -> Kind {
        <[T]>::kind()
    }
}

impl<T: Described> Described for BTreeSet<T> {
    fn kind() -> Kind {
        <[T]>::kind()
    }
}

impl<K, T: Described> Described for BTreeMap<K, T> {
    fn kind() -> Kind {
        Kind::Map(Box::new(T::kind()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    described! {
        /// How far it is.
        #[derive(serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        enum Distance {
            /// Within reach.
            VeryNear,
            /// Out of reach.
            Far,
        }
    }

    described! {
        /// A thing,
        /// see [`Distance`].
        #[derive(serde::Serialize)]
        struct Thing<'a> {
            /// Its name.
            name: &'a str,
            /// How far.
            #[serde(skip_serializing_if = "Option::is_none")]
            distance: Option<Distance>,
            /// Not printed.
            #[serde(skip)]
            _hidden: (),
            /// Its parts.
            #[serde(flatten)]
            parts: Parts,
        }
    }

    described! {
        /// Parts.
        #[derive(serde::Serialize)]
        struct Parts {
            /// How large each is, in bytes.
            sizes: Vec<Option<u64>>,
        }
    }

    #[test]
    fn a_type_describes_what_is_printed_of_it() {
        let Kind::Object(shape) = Thing::kind() else { panic!("it is an object") };
        assert_eq!((shape.name, shape.about.as_str()), ("Thing", "A thing, see `Distance`."));
        let words = Kind::Words(vec!["very-near".to_owned(), "far".to_owned()]);
        let sizes = Kind::List(Box::new(Kind::OrNull(Box::new(Kind::Number))));
        assert_eq!(
            shape.members,
            [
                Member::new("name", Kind::Text(""), "Its name."),
                Member::optional("distance", words, "How far."),
                Member::new("sizes", sizes, "How large each is, in bytes."),
            ]
        );
        let thing = Thing { name: "x", distance: None, _hidden: (), parts: Parts { sizes: vec![] } };
        assert_eq!(serde_json::to_string(&thing).unwrap(), r#"{"name":"x","sizes":[]}"#);
    }

    #[test]
    fn links_to_items_become_their_names() {
        assert_eq!(
            prose(&[" At most [`MAX`](crate::MAX) of", " them, as [`Kind`] says"]),
            "At most `MAX` of them, as `Kind` says"
        );
    }
}
