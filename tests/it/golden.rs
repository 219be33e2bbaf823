//! The contract on bytes: tests/golden/ is a desk with a complete file of every kind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use staple::record::{Kind, Record, message};
use staple::store::layout::{Located, locate};
use staple::text;

/// The files of the golden desk: path from its root, and text.
pub(crate) fn files() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    out.sort();
    out
}

fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, out);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            out.push((name, text));
        }
    }
}

fn records() -> Vec<(Record, String)> {
    let mut out = Vec::new();
    for (path, text) in files() {
        let Some(Located::Record(kind, name)) = locate(&path) else { continue };
        let parsed = text::parse(kind, &name, &path, text.as_bytes());
        assert_eq!(parsed.findings, [], "{path}");
        out.push((parsed.record.unwrap(), text));
    }
    out
}

#[test]
fn a_record_read_and_made_anew_has_the_same_bytes() {
    for (record, text) in records() {
        assert_eq!(text::create(&record), text, "{}", record.path);
    }
}

#[test]
fn every_kind_and_every_key_stands_in_a_golden_file() {
    let mut set: BTreeSet<(Kind, &str)> = BTreeSet::new();
    let mut kinds_of_message = BTreeSet::new();
    let records = records();
    for record in records.iter().flat_map(|(record, _)| std::iter::once(record).chain(&record.messages)) {
        set.extend(record.written_keys().filter(|key| !record.get(key.name).is_unset()).map(|k| (record.kind, k.name)));
        if record.kind == Kind::Message {
            kinds_of_message.insert(record.text("kind").to_owned());
        }
    }
    for kind in Kind::ALL {
        for key in kind.schema().keys {
            assert!(set.contains(&(kind, key.name)), "{} {}", kind.word(), key.name);
        }
    }
    assert_eq!(kinds_of_message, message::KINDS.iter().map(|kind| (*kind).to_owned()).collect());
    assert!(records.iter().any(|(record, _)| record.messages.len() > 1), "a ticket with bound messages");
}
