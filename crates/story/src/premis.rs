//! `metadata/premis.xml`: the exhibits, entries and agents in the words of PREMIS 3.
//!
//! Objects are exhibits, events are the signed entries about them, agents are the keys and programs that acted.
//! Elements stand in the order of the PREMIS 3.0 schema.

use std::collections::BTreeSet;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event as XmlEvent};

use super::contents::Contents;
use super::language::ReportLanguage;
use super::told::{Ended, Told, ToldAgent, ToldExhibit};
use super::words;
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::model::vocabulary;
use vouchsafe_core::model::{Event, EventKind, FieldName, PremisTerm};

/// The kinds of identifiers, as this file names them.
const EXHIBIT: &str = "vouchsafe exhibit";
const ENTRY: &str = "vouchsafe log index";
const KEY: &str = "OpenSSH key fingerprint";
const PROGRAM: &str = "program name and version";

type Xml<'a> = Writer<&'a mut dyn Write>;

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    xml.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = BytesStart::new("premis").with_attributes([
        ("xmlns", "http://www.loc.gov/premis/v3"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("version", "3.0"),
    ]);
    xml.write_event(XmlEvent::Start(root))?;
    // The schema wants all objects first, then all events, then all agents.
    let mut programs = BTreeSet::new();
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        programs.insert(exhibit.software().to_owned());
        write_object(&mut xml, &exhibit)?;
    }
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        for told in &exhibit.entries {
            write_event(&mut xml, &exhibit, told)?;
        }
    }
    for agent in contents.agents()? {
        write_agent(&mut xml, &agent)?;
    }
    for program in &programs {
        write_program(&mut xml, program)?;
    }
    xml.write_event(XmlEvent::End(BytesEnd::new("premis")))?;
    xml.get_mut().write_all(b"\n")?;
    Ok(())
}

/// An element that holds a text.
fn text(xml: &mut Xml<'_>, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(&allowed(text)))?;
    Ok(())
}

/// An element that holds others.
fn group(xml: &mut Xml<'_>, name: &str, content: impl FnOnce(&mut Xml<'_>) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content)?;
    Ok(())
}

/// The text without the characters that XML 1.0 has no way to write.
fn allowed(text: &str) -> String {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().map(|c| if is_allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// An identifier with its kind, under the name that it has in this place.
fn identifier(xml: &mut Xml<'_>, name: &str, kind: &str, value: &str) -> io::Result<()> {
    role_identifier(xml, name, kind, value, None)
}

fn role_identifier(xml: &mut Xml<'_>, name: &str, kind: &str, value: &str, role: Option<&str>) -> io::Result<()> {
    group(xml, &format!("{name}Identifier"), |xml| {
        text(xml, &format!("{name}IdentifierType"), kind)?;
        text(xml, &format!("{name}IdentifierValue"), value)?;
        role.map_or(Ok(()), |role| text(xml, &format!("{name}Role"), role))
    })
}

fn write_object(xml: &mut Xml<'_>, exhibit: &ToldExhibit<'_>) -> io::Result<()> {
    let planned = exhibit.planned;
    xml.create_element("object").with_attribute(("xsi:type", "file")).write_inner_content(|xml| {
        identifier(xml, "object", EXHIBIT, &planned.exhibit.to_string())?;
        group(xml, "objectCharacteristics", |xml| {
            group(xml, "fixity", |xml| {
                text(xml, "messageDigestAlgorithm", "SHA-256")?;
                text(xml, "messageDigest", &planned.object.to_string())?;
                text(xml, "messageDigestOriginator", exhibit.software())
            })?;
            text(xml, "size", &planned.size_bytes.to_string())?;
            group(xml, "format", |xml| {
                group(xml, "formatDesignation", |xml| text(xml, "formatName", planned.media_type.as_str()))
            })
        })?;
        // It is there only if it was disclosed.
        if let Some(name) = exhibit.fields().find(|field| is_called(field.name(), "originalName")) {
            text(xml, "originalName", &name.value().to_string())?;
        }
        group(xml, "storage", |xml| {
            group(xml, "contentLocation", |xml| {
                text(xml, "contentLocationType", "file in the bundle")?;
                text(xml, "contentLocationValue", exhibit.file.as_str())
            })
        })?;
        for told in &exhibit.entries {
            identifier(xml, "linkingEvent", ENTRY, &told.signed.entry.index.to_string())?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_event(xml: &mut Xml<'_>, exhibit: &ToldExhibit<'_>, told: &Told) -> io::Result<()> {
    let entry = &told.signed.entry;
    let event = &entry.event;
    group(xml, "event", |xml| {
        identifier(xml, "event", ENTRY, &entry.index.to_string())?;
        write_event_type(xml, event)?;
        text(xml, "eventDateTime", &entry.occurred_at.to_string())?;
        detail(xml, &format!("{}, recorded at {}", event.name(), entry.recorded_at))?;
        let particulars = words::particulars(&entry.event, ReportLanguage::English);
        if !particulars.is_empty() {
            detail(xml, &particulars)?;
        }
        for (remark, _) in &told.remarks {
            detail(xml, remark)?;
        }
        for field in &told.fields {
            detail(xml, &format!("{}: {}", field.name(), field.value()))?;
        }
        if told.withheld_fields > 0 {
            detail(xml, &format!("fields withheld: {}", told.withheld_fields))?;
        }
        detail(xml, &format!("signed entry: {}; receipt: {}", told.message, told.receipt))?;
        for signature in &told.signed.signatures {
            role_identifier(xml, "linkingAgent", KEY, &signature.key.to_string(), Some("signer"))?;
        }
        if event.kind() == Some(EventKind::ExhibitIngested) {
            role_identifier(xml, "linkingAgent", PROGRAM, exhibit.software(), Some("executing program"))?;
        }
        identifier(xml, "linkingObject", EXHIBIT, &exhibit.planned.exhibit.to_string())
    })
}

fn write_event_type(xml: &mut Xml<'_>, event: &Event) -> io::Result<()> {
    let Some(PremisTerm { label, code }) = event.kind().and_then(EventKind::premis) else {
        return text(xml, "eventType", event.name());
    };
    let value = format!("http://id.loc.gov/vocabulary/preservation/eventType/{code}");
    let attributes = [
        ("authority", "eventType"),
        ("authorityURI", "http://id.loc.gov/vocabulary/preservation/eventType"),
        ("valueURI", value.as_str()),
    ];
    xml.create_element("eventType").with_attributes(attributes).write_text_content(BytesText::new(label))?;
    Ok(())
}

fn detail(xml: &mut Xml<'_>, said: &str) -> io::Result<()> {
    group(xml, "eventDetailInformation", |xml| text(xml, "eventDetail", said))
}

fn write_agent(xml: &mut Xml<'_>, agent: &ToldAgent) -> io::Result<()> {
    group(xml, "agent", |xml| {
        identifier(xml, "agent", KEY, &agent.record.public_key.id().to_string())?;
        if let Some(name) = &agent.name {
            text(xml, "agentName", &name.to_string())?;
        }
        text(xml, "agentType", words::agent_kind(agent.record.kind).0)?;
        for (roles, until) in agent.all_roles() {
            let until = until.map(|index| format!(", until log index {index}")).unwrap_or_default();
            for role in roles {
                text(xml, "agentNote", &format!("role: {role}{until}"))?;
            }
        }
        text(xml, "agentNote", &format!("introduced by the signed entry {}", agent.introduced.message))?;
        if let Some((english, _)) = agent.ended.map(Ended::told) {
            text(xml, "agentNote", &english)?;
        }
        Ok(())
    })
}

fn write_program(xml: &mut Xml<'_>, program: &str) -> io::Result<()> {
    group(xml, "agent", |xml| {
        identifier(xml, "agent", PROGRAM, program)?;
        text(xml, "agentName", program)?;
        text(xml, "agentType", "software")
    })
}
/// Whether a field has the meaning of this element.
fn is_called(name: &FieldName, element: &str) -> bool {
    vocabulary::field(name.as_str()).is_some_and(|field| field.premis == Some(element))
}
