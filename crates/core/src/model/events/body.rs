//! The bodies of events: strict when read, each with `fields` and with a list of its members.

use super::declaration::Member;
use crate::digest::Digest;
use crate::model::agent::Role;
use crate::model::coverage::Coverage;
use crate::model::gap::GapBound;
use crate::model::ids::{CopyId, EntryIndex, ExhibitId, MediaType};
use crate::model::time::Timestamp;
use crate::sign::KeyId;

/// What all bodies have.
pub(super) trait Body {
    /// The members, in the order in which they stand in the log.
    const MEMBERS: &'static [Member];

    /// The digests of the fields, in ascending order.
    fn fields(&self) -> &[Digest];

    /// Replaces the digests of the fields.
    fn set_fields(&mut self, digests: Vec<Digest>);

    /// Adds the numbers of all members.
    fn add_numbers(&self, numbers: &mut Vec<u64>);
}

/// A type of members. Each says which numbers it holds, so that no number escapes the check that JSON readers keep it exact.
pub(super) trait Numbers {
    /// Adds its numbers. Types whose numbers are limited otherwise, or written as text, have none.
    fn add_numbers(&self, numbers: &mut Vec<u64>);
}

/// Types without numbers.
macro_rules! without_numbers {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::model::events::body::Numbers for $type {
            fn add_numbers(&self, _: &mut Vec<u64>) {}
        })*
    };
}
pub(super) use without_numbers;

without_numbers!(
    bool,
    String,
    Digest,
    Vec<Digest>,
    KeyId,
    ExhibitId,
    CopyId,
    MediaType,
    GapBound,
    Timestamp,
    Vec<Role>
);

impl Numbers for u64 {
    fn add_numbers(&self, numbers: &mut Vec<u64>) {
        numbers.push(*self);
    }
}

impl Numbers for EntryIndex {
    fn add_numbers(&self, numbers: &mut Vec<u64>) {
        numbers.push(self.0);
    }
}

impl Numbers for Coverage {
    fn add_numbers(&self, numbers: &mut Vec<u64>) {
        numbers.extend(self.numbers());
    }
}

impl<T: Numbers> Numbers for Option<T> {
    fn add_numbers(&self, numbers: &mut Vec<u64>) {
        if let Some(value) = self {
            value.add_numbers(numbers);
        }
    }
}

/// Declares the bodies of a family, and the enum by which code that handles the family handles each of its kinds.
macro_rules! bodies {
    (
        $(#[$family_doc:meta])* $family:ident
        $($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident: $type:ty,)* })*
    ) => {
        $(#[$family_doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $family<'a> {
            $($(#[$doc])* $name(&'a $name),)*
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$member_doc])* pub $member: $type,)* }

            impl $crate::model::events::body::Body for $name {
                const MEMBERS: &'static [$crate::model::events::declaration::Member] =
                    &[$($crate::model::events::declaration::Member {
                        name: stringify!($member),
                        type_name: stringify!($type),
                    },)*];

                fn fields(&self) -> &[$crate::digest::Digest] {
                    &self.fields
                }

                fn set_fields(&mut self, digests: Vec<$crate::digest::Digest>) {
                    self.fields = digests;
                }

                fn add_numbers(&self, numbers: &mut Vec<u64>) {
                    $($crate::model::events::body::Numbers::add_numbers(&self.$member, numbers);)*
                }
            }

            impl<'a> From<&'a $name> for $family<'a> {
                fn from(body: &'a $name) -> Self {
                    Self::$name(body)
                }
            }
        )*
    };
}
pub(super) use bodies;
