//! `metadata/case.jsonld`: the provenance of the exhibits in the words of the CASE and UCO ontologies.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};
use uuid::Uuid;

use super::contents::Contents;
use super::language::ReportLanguage;
use super::told::{Told, ToldAgent, ToldExhibit};
use super::words;
use vouchsafe_archive::ReportError as Failure;
use vouchsafe_core::format::ArchiveIdentity;
use vouchsafe_core::model::{AgentKind, EventKind, Timestamp};

/// Writes it. What it holds was validated with the shapes of CASE 1.5 (`tests/cli/report.rs`).
pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let ids = Ids { archive: contents.archive.identity() };
    let context = json!({
        "case-investigation": "https://ontology.caseontology.org/case/investigation/",
        "kb": "urn:vouchsafe:",
        "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
        "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
        "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
        "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
        "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
        "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    });
    writeln!(out, "{{\"@context\":{context},\n\"@graph\":[")?;
    let mut graph = Graph { out, is_empty: true };
    let mut programs = BTreeSet::new();
    for agent in contents.agents()? {
        graph.add(&ids.identity(&agent))?;
    }
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        if programs.insert(exhibit.software().to_owned()) {
            graph.add(&ids.tool(exhibit.software()))?;
        }
        graph.add(&ids.file(&exhibit))?;
        for told in &exhibit.entries {
            graph.add(&ids.action(&exhibit, told))?;
        }
        graph.add(&ids.provenance(&exhibit))?;
    }
    graph.out.write_all(b"\n]}\n")?;
    Ok(())
}

/// The nodes, one a line.
struct Graph<'a> {
    out: &'a mut dyn Write,
    is_empty: bool,
}

impl Graph<'_> {
    fn add(&mut self, node: &Value) -> io::Result<()> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.write_all(b",\n")?;
        }
        serde_json::to_writer(&mut *self.out, node)?;
        Ok(())
    }
}

/// What things are called: each by its kind and a UUID, as CASE asks for, which is always the same for the same thing of
/// the same archive (RFC 9562, version 5).
struct Ids {
    archive: ArchiveIdentity,
}

impl Ids {
    fn id(&self, kind: &str, name: impl std::fmt::Display) -> String {
        let name = format!("urn:vouchsafe:{}:{}:{kind}:{name}", self.archive.origin(), self.archive.fingerprint());
        format!("kb:{kind}-{}", Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
    }

    fn reference(&self, kind: &str, name: impl std::fmt::Display) -> Value {
        json!({ "@id": self.id(kind, name) })
    }
}

fn typed(kind: &str, value: impl std::fmt::Display) -> Value {
    json!({ "@type": kind, "@value": value.to_string() })
}

fn time(at: Timestamp) -> Value {
    typed("xsd:dateTime", at)
}

impl Ids {
    fn identity(&self, agent: &ToldAgent) -> Value {
        let key = agent.record.public_key.id();
        let kind = match agent.record.kind {
            AgentKind::Person => "uco-identity:Person",
            AgentKind::Organisation => "uco-identity:Organization",
            AgentKind::Software => "uco-identity:Identity",
        };
        let mut node = json!({
            "@id": self.id("key", key),
            "@type": kind,
            "uco-core:description": format!("The holder of the key {key}, introduced by {}", agent.introduced.message),
        });
        if let Some(name) = &agent.name {
            node["uco-core:name"] = json!(name.to_string());
        }
        node
    }

    fn tool(&self, program: &str) -> Value {
        let (name, version) = program.split_once('/').unwrap_or((program, ""));
        json!({
            "@id": self.id("tool", program),
            "@type": "uco-tool:Tool",
            "uco-core:name": name,
            "uco-tool:version": version,
        })
    }

    fn file(&self, exhibit: &ToldExhibit<'_>) -> Value {
        let planned = exhibit.planned;
        let name = planned.exhibit;
        json!({
            "@id": self.id("file", name),
            "@type": "uco-observable:File",
            "uco-core:hasFacet": [
                {
                    "@id": self.id("file-facet", name),
                    "@type": "uco-observable:FileFacet",
                    "uco-observable:filePath": exhibit.file.as_str(),
                    "uco-observable:sizeInBytes": typed("xsd:integer", planned.size_bytes),
                },
                {
                    "@id": self.id("content-facet", name),
                    "@type": "uco-observable:ContentDataFacet",
                    "uco-observable:mimeType": planned.media_type.as_str(),
                    "uco-observable:sizeInBytes": typed("xsd:integer", planned.size_bytes),
                    "uco-observable:hash": [{
                        "@id": self.id("hash", name),
                        "@type": "uco-types:Hash",
                        "uco-types:hashMethod": "SHA256",
                        "uco-types:hashValue": typed("xsd:hexBinary", planned.object),
                    }],
                },
            ],
        })
    }

    fn action(&self, exhibit: &ToldExhibit<'_>, told: &Told) -> Value {
        let entry = &told.signed.entry;
        let mut said = vec![format!("{}, recorded at {}", entry.event.name(), entry.recorded_at)];
        said.push(words::particulars(&entry.event, ReportLanguage::English));
        said.extend(told.remarks.iter().map(|(remark, _)| (*remark).to_owned()));
        said.extend(told.fields.iter().map(|field| format!("{}: {}", field.name(), field.value())));
        if told.withheld_fields > 0 {
            said.push(format!("fields withheld: {}", told.withheld_fields));
        }
        said.push(format!("signed entry: {}; receipt: {}", told.message, told.receipt));
        said.retain(|part| !part.is_empty());
        let mut node = json!({
            "@id": self.id("entry", entry.index),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": words::event(&entry.event).0,
            "uco-core:description": said,
            "uco-action:startTime": time(entry.occurred_at),
            "uco-action:performer": self.reference("key", entry.actor),
            "uco-action:object": [self.reference("file", exhibit.planned.exhibit)],
        });
        if entry.event.kind() == Some(EventKind::ExhibitIngested) {
            node["uco-action:instrument"] = json!([self.reference("tool", exhibit.software())]);
            node["uco-action:result"] = json!([self.reference("provenance", exhibit.planned.exhibit)]);
        }
        node
    }

    fn provenance(&self, exhibit: &ToldExhibit<'_>) -> Value {
        let name = exhibit.planned.exhibit;
        json!({
            "@id": self.id("provenance", name),
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": name.to_string(),
            "uco-core:object": [self.reference("file", name)],
        })
    }
}
