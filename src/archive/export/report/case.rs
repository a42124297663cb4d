//! `metadata/case.jsonld`: the provenance of the exhibits in the words of the CASE and UCO ontologies.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Contents, Failure, Told, ToldAgent, ToldExhibit, words};
use crate::model::{AgentKind, EventKind, Timestamp};

pub(super) fn write(contents: &Contents<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let context = json!({
        "case-investigation": "https://ontology.caseontology.org/case/investigation/",
        "kb": "urn:vouchsafe:",
        "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
        "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
        "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
        "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
        "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
        "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
        "uco-vocabulary": "https://ontology.unifiedcyberontology.org/uco/vocabulary/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    });
    writeln!(out, "{{\"@context\":{context},\n\"@graph\":[")?;
    let mut graph = Graph { out, is_empty: true };
    let mut programs = BTreeSet::new();
    for agent in contents.agents()? {
        graph.add(&identity(&agent))?;
    }
    for exhibit in contents.exhibits() {
        let exhibit = exhibit?;
        if programs.insert(exhibit.software().to_owned()) {
            graph.add(&tool(exhibit.software()))?;
        }
        graph.add(&file(&exhibit))?;
        for told in &exhibit.entries {
            graph.add(&action(&exhibit, told))?;
        }
        graph.add(&provenance(&exhibit))?;
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

fn id(name: impl std::fmt::Display) -> Value {
    json!({ "@id": format!("kb:{name}") })
}

/// The name of a key or program as a part of an IRI: what may not stand there is written as `%XX`.
fn encoded(name: impl std::fmt::Display) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b':' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    name.to_string().bytes().map(byte).collect()
}

fn typed(kind: &str, value: impl std::fmt::Display) -> Value {
    json!({ "@type": kind, "@value": value.to_string() })
}

fn time(at: Timestamp) -> Value {
    typed("xsd:dateTime", at)
}

fn identity(agent: &ToldAgent) -> Value {
    let key = agent.record.public_key.id();
    let kind = match agent.record.kind {
        AgentKind::Person => "uco-identity:Person",
        AgentKind::Organisation => "uco-identity:Organization",
        AgentKind::Software => "uco-identity:Identity",
    };
    let mut node = json!({
        "@id": format!("kb:key-{}", encoded(key)),
        "@type": kind,
        "uco-core:description": format!("The holder of the key {key}, introduced by {}", agent.introduced.message),
    });
    if let Some(name) = &agent.name {
        node["uco-core:name"] = json!(name.to_string());
    }
    node
}

fn tool(program: &str) -> Value {
    let (name, version) = program.split_once('/').unwrap_or((program, ""));
    json!({
        "@id": format!("kb:tool-{}", encoded(program)),
        "@type": "uco-tool:Tool",
        "uco-core:name": name,
        "uco-tool:version": version,
    })
}

fn file(exhibit: &ToldExhibit<'_>) -> Value {
    let planned = exhibit.planned;
    let name = planned.exhibit;
    json!({
        "@id": format!("kb:file-{name}"),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": format!("kb:file-facet-{name}"),
                "@type": "uco-observable:FileFacet",
                "uco-observable:filePath": exhibit.file.as_str(),
                "uco-observable:sizeInBytes": typed("xsd:integer", planned.size_bytes),
            },
            {
                "@id": format!("kb:content-facet-{name}"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:mimeType": planned.media_type.as_str(),
                "uco-observable:sizeInBytes": typed("xsd:integer", planned.size_bytes),
                "uco-observable:hash": [{
                    "@id": format!("kb:hash-{name}"),
                    "@type": "uco-types:Hash",
                    "uco-types:hashMethod": typed("uco-vocabulary:HashNameVocab", "SHA256"),
                    "uco-types:hashValue": typed("xsd:hexBinary", planned.object),
                }],
            },
        ],
    })
}

fn action(exhibit: &ToldExhibit<'_>, told: &Told) -> Value {
    let entry = &told.signed.entry;
    let mut said = vec![format!("{}, recorded at {}", entry.event.kind(), entry.recorded_at)];
    said.push(words::particulars(&entry.event));
    said.extend(told.fields.iter().map(|field| format!("{}: {}", field.name(), field.value())));
    if told.withheld_fields > 0 {
        said.push(format!("fields withheld: {}", told.withheld_fields));
    }
    said.push(format!("signed entry: {}; receipt: {}", told.message, told.receipt));
    said.retain(|part| !part.is_empty());
    let mut node = json!({
        "@id": format!("kb:entry-{}", entry.index),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": words::event(entry.event.kind()).0,
        "uco-core:description": said,
        "uco-action:startTime": time(entry.occurred_at),
        "uco-action:performer": id(format_args!("key-{}", encoded(entry.actor))),
        "uco-action:object": [id(format_args!("file-{}", exhibit.planned.exhibit))],
    });
    if entry.event.kind() == EventKind::ExhibitIngested {
        node["uco-action:instrument"] = json!([id(format_args!("tool-{}", encoded(exhibit.software())))]);
        node["uco-action:result"] = json!([id(format_args!("provenance-{}", exhibit.planned.exhibit))]);
    }
    node
}

fn provenance(exhibit: &ToldExhibit<'_>) -> Value {
    let name = exhibit.planned.exhibit;
    json!({
        "@id": format!("kb:provenance-{name}"),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": name.to_string(),
        "uco-core:object": [id(format_args!("file-{name}"))],
    })
}
