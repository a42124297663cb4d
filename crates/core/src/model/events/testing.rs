//! What the tests of every family ask of a kind, and how they put its rules to the test.

use super::{At, Event, EventKind, Scene};
use crate::digest::Digest;
use crate::format::canonical;
use crate::model::agent::Role;
use crate::model::ids::{EntryIndex, ExhibitId};

/// The digest of one byte repeated.
pub fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

/// An exhibit.
pub fn exhibit(byte: u8) -> ExhibitId {
    ExhibitId::from_bytes([byte; 10])
}

/// An entry in the middle of a log, about nothing; everything before it is understood.
pub const fn at(index: u64) -> At {
    At { index: EntryIndex(index), exhibit: None, is_sealed: false, may_be_hidden: false }
}

/// Checks that the body is read and written as this JSON and nothing else, with the members that are declared; and that these
/// roles may make it.
pub fn check(event: impl Into<Event>, json: &str, made_by: &[Role]) {
    let event = event.into();
    let kind = event.kind().unwrap();
    assert_eq!(Event::from_body(kind, json).unwrap(), event, "{kind}");
    assert_eq!(String::from_utf8(canonical::to_vec_in_order(&event)).unwrap(), json, "{kind}");
    let more = json.replacen('{', r#"{"a":1,"#, 1);
    assert!(Event::from_body(kind, &more).is_err(), "{kind} has a member that is not declared");

    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
    let is_there = |name: &&str| members.contains_key(*name);
    let declared: Vec<_> = kind.members().iter().map(|member| member.name).collect();
    assert!(declared.is_sorted(), "{kind}: canonical JSON has the members in this order");
    assert_eq!(declared.iter().filter(|name| is_there(name)).count(), members.len(), "{kind}");
    for name in members.keys() {
        let mut less = members.clone();
        less.remove(name);
        let type_name = kind.members().iter().find(|member| member.name == name).unwrap().type_name;
        let is_read = Event::from_body(kind, &serde_json::to_string(&less).unwrap()).is_ok();
        assert_eq!(is_read, type_name.starts_with("Option<"), "{kind} without {name}");
    }

    let allowed: Vec<_> = Role::ALL.iter().copied().filter(|role| kind.is_allowed_to(*role)).collect();
    assert_eq!(allowed, made_by, "{kind}");
}

/// Its sentence where fields are disclosed, each with its own name as its value.
pub fn sentence(event: impl Into<Event>) -> String {
    event.into().sentence(&Scene {
        who: "Kim",
        here: "this archive",
        partner: "partner.example",
        name: &|_| "Lee".to_owned(),
        field: &|name| Some(format!("[{name}]")),
        is_withdrawal: false,
    })
}

/// All kinds have a name of their own, and titles if bundles show them.
#[test]
fn each_kind_declares_what_it_is() {
    for (number, kind) in EventKind::ALL.iter().enumerate() {
        assert!(
            EventKind::ALL[..number].iter().all(|earlier| earlier.as_str() != kind.as_str()),
            "{kind} is there twice"
        );
        assert_eq!(kind.as_str().parse::<EventKind>().unwrap(), *kind);
        let is_shown = kind.is_about_an_exhibit();
        assert!(!(is_shown && kind.changes_who_may_sign()), "{kind}");
        assert_eq!((kind.title().is_some(), kind.page_title().is_some()), (is_shown, is_shown), "{kind}");
        assert!(kind.members().iter().any(|member| member.name == "fields"), "{kind}");
    }
}
