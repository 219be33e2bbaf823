//! The same tickets in the stores of Fossil and Taskwarrior, to measure what people would use instead.
//!
//! Fossil gets every event as a ticket change of its own, as its artifacts hold them: the first message as `comment`, later ones
//! as `icomment`, with status, title, topic (`subsystem`), severity and contact; `fossil reconstruct` makes the repository of
//! them and its full-text search of tickets is switched on. Taskwarrior has no history; it gets each ticket by `task import` as
//! a task with the topic as project and the messages as annotations. Sizes of text and numbers of events are equal.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use staple::record::ticket::is_done;
use staple::record::time::Time;
use staple::record::{Kind, Name, Record};
use staple::store::bulk::BulkCommit;
use staple::store::layout::{Located, locate};
use staple::text;

use super::places::{folder, made_whole};
use super::process::Surroundings;
use crate::Failure;
use crate::sample::{Sample, VERSION, tell};

/// Artifacts in one folder and arguments in one call.
const AT_ONCE: usize = 500;
/// Switches on search of tickets and its index.
const FOSSIL_SEARCH: &[&[&str]] = &[&["fts-config", "enable", "t"], &["fts-config", "index", "on"]];

/// The folder of Fossil's store, made where it is not there: one file, `tickets.fossil`. Nothing where Fossil is not installed.
pub(super) fn fossil(sample: Sample, around: &Surroundings) -> Result<Option<PathBuf>, Failure> {
    if around.output("fossil", Path::new("."), &["version"]).is_err() {
        return Ok(None);
    }
    let dir = folder().join(format!("fossil-v{VERSION}-{}", sample.tickets));
    if !dir.exists() {
        eprintln!("bringing {} tickets to fossil", sample.tickets);
        made_whole(&dir, |dir| make_fossil(dir, sample, around))?;
    }
    Ok(Some(dir))
}

/// The folder of Taskwarrior's store, made where it is not there: `taskrc` and `data/`. Nothing where it is not installed.
pub(super) fn taskwarrior(sample: Sample, around: &Surroundings) -> Result<Option<PathBuf>, Failure> {
    if around.output("task", Path::new("."), &["--version"]).is_err() {
        return Ok(None);
    }
    let dir = folder().join(format!("task-v{VERSION}-{}", sample.tickets));
    if !dir.exists() {
        eprintln!("bringing {} tickets to taskwarrior", sample.tickets);
        made_whole(&dir, |dir| make_taskwarrior(dir, sample, around))?;
    }
    Ok(Some(dir))
}

/// The name Fossil knows a ticket by: forty hexadecimal digits that begin with the id's own.
pub(super) fn fossil_id(id: &str) -> String {
    let hex: String = id.trim_start_matches("T-").bytes().map(|byte| format!("{byte:02x}")).collect();
    hex.chars().cycle().take(40).collect()
}

/// The name Taskwarrior knows a ticket by.
pub(super) fn task_id(id: &str) -> String {
    let hex = fossil_id(id);
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// The records that a commit of a sample writes; nothing of a binding, which changes no words.
fn written(commit: &BulkCommit) -> Vec<Record> {
    if commit.message.contains("\nAction: bind\n") {
        return Vec::new();
    }
    let parse = |(path, bytes): &(String, Option<Vec<u8>>)| {
        let Some(Located::Record(kind, name)) = locate(path) else { return None };
        text::parse(kind, &name, path, bytes.as_ref()?).record
    };
    commit.writes.iter().filter_map(parse).filter(|record| record.ticket_id().is_some()).collect()
}

fn make_fossil(dir: &Path, sample: Sample, around: &Surroundings) -> Result<(), Failure> {
    let artifacts = dir.join("artifacts");
    std::fs::create_dir_all(&artifacts)?;
    let first = format!(
        "C initial\\sempty\\scheck-in\nD 2000-01-01T00:00:00\nR d41d8cd98f00b204e9800998ecf8427e\n{}",
        "T *branch * trunk\nT *sym-trunk *\nU sam\n"
    );
    let mut pending = vec![first];
    let mut written_so_far = 0;
    tell(sample, &mut |commit| {
        pending.extend(artifact(&commit));
        if pending.len() >= AT_ONCE {
            write_artifacts(&artifacts, written_so_far, &std::mem::take(&mut pending))?;
            written_so_far += 1;
        }
        Ok(())
    })?;
    write_artifacts(&artifacts, written_so_far, &pending)?;
    around.output("fossil", dir, &["reconstruct", "tickets.fossil", "artifacts"])?;
    std::fs::remove_dir_all(&artifacts)?;
    for arguments in FOSSIL_SEARCH {
        around.output("fossil", dir, &[*arguments, &["-R", "tickets.fossil"]].concat())?;
    }
    around.output("fossil", dir, &["user", "default", "sam", "-R", "tickets.fossil"]).map(drop)
}

/// A ticket change artifact without its last line, the checksum; nothing where a commit changes no ticket.
fn artifact(commit: &BulkCommit) -> Option<String> {
    let records = written(commit);
    let id = records.first()?.ticket_id()?.to_string();
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    let new = commit.message.contains("\nAction: ticket new\n");
    for record in &records {
        if record.kind == Kind::Message {
            fields.insert(if new { "comment" } else { "icomment" }, record.text("text").to_owned());
            continue;
        }
        let status = if is_done(record.text("status")) { "Closed" } else { "Open" };
        fields.insert("status", status.to_owned());
        for (field, key) in [("subsystem", "topic"), ("severity", "severity"), ("resolution", "resolution")] {
            if let Some(text) = record.text_of(key) {
                fields.insert(field, text.to_owned());
            }
        }
        if new {
            fields.insert("title", record.text("title").to_owned());
            fields.insert("private_contact", record.text("contact").to_owned());
        }
    }
    let time = commit.author.time.to_string();
    let mut out = format!("D {}.000\n", time.trim_end_matches('Z'));
    for (field, text) in fields {
        // Writing to a string does not fail.
        let _ = writeln!(out, "J {field} {}", fossil_text(&text));
    }
    let _ = write!(out, "K {}\nU {}\n", fossil_id(&id), fossil_text(&commit.author.name));
    Some(out)
}

/// Text as Fossil's cards hold it.
fn fossil_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace(' ', "\\s")
}

/// Writes artifacts with their checksums to a folder of their own.
fn write_artifacts(artifacts: &Path, number: usize, texts: &[String]) -> Result<(), Failure> {
    let dir = artifacts.join(format!("{number:04}"));
    std::fs::create_dir(&dir)?;
    let names: Vec<String> = (0..texts.len()).map(|place| format!("{place:03}")).collect();
    for (name, text) in names.iter().zip(texts) {
        std::fs::write(dir.join(name), text)?;
    }
    let sums = std::process::Command::new("md5sum").current_dir(&dir).args(&names).output()?;
    for line in String::from_utf8_lossy(&sums.stdout).lines() {
        let Some((sum, name)) = line.split_once("  ") else { continue };
        let mut file = std::fs::OpenOptions::new().append(true).open(dir.join(name))?;
        writeln!(file, "Z {sum}")?;
    }
    Ok(())
}

fn make_taskwarrior(dir: &Path, sample: Sample, around: &Surroundings) -> Result<(), Failure> {
    std::fs::create_dir_all(dir.join("data"))?;
    let mut tasks: BTreeMap<String, (Record, Vec<Record>, Time)> = BTreeMap::new();
    tell(sample, &mut |commit| {
        let (mut tickets, messages): (Vec<Record>, Vec<Record>) =
            written(&commit).into_iter().partition(|record| record.kind == Kind::Ticket);
        if let Some(ticket) = tickets.pop() {
            let at = commit.author.time;
            let task = tasks.entry(ticket.reference()).or_insert_with(|| (ticket.clone(), Vec::new(), at));
            (task.0, task.2) = (ticket, at);
        }
        for message in messages {
            let id = message.ticket_id().map(|id| id.to_string()).unwrap_or_default();
            if let Some(task) = tasks.get_mut(&id) {
                task.1.push(message);
            }
        }
        Ok(())
    })?;
    let list: Vec<serde_json::Value> =
        tasks.values().map(|(ticket, messages, at)| task(ticket, messages, *at)).collect();
    std::fs::write(dir.join("taskrc"), "confirmation=no\nverbose=nothing\nhooks=off\njournal.info=on\n")?;
    let mut child = around
        .command("task", dir)
        .env("TASKRC", dir.join("taskrc"))
        .env("TASKDATA", dir.join("data"))
        .args(["import", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(serde_json::to_string(&list)?.as_bytes())?;
    }
    if child.wait()?.success() { Ok(()) } else { Err("task import failed".into()) }
}

fn task(ticket: &Record, messages: &[Record], at: Time) -> serde_json::Value {
    let annotations: Vec<serde_json::Value> = messages
        .iter()
        .filter_map(|message| match &message.name {
            Name::Message(_, id) => {
                Some(serde_json::json!({ "entry": id.at().compact(), "description": message.text("text") }))
            }
            _ => None,
        })
        .collect();
    let mut task = serde_json::json!({
        "uuid": task_id(&ticket.reference()),
        "description": ticket.text("title"),
        "entry": ticket.time("opened").unwrap_or(at).compact(),
        "status": if is_done(ticket.text("status")) { "completed" } else { "pending" },
        "annotations": annotations,
    });
    if is_done(ticket.text("status")) {
        task["end"] = at.compact().into();
    }
    if let Some(topic) = ticket.text_of("topic") {
        task["project"] = topic.into();
    }
    task
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_a_ticket_is_a_change_of_its_own_and_bindings_are_none() {
        let (mut changes, mut events) = (Vec::new(), 0);
        tell(Sample::of(30), &mut |commit| {
            events +=
                usize::from(commit.message.contains("\nAction: ticket") || commit.message.contains("\nAction: note"));
            changes.extend(artifact(&commit));
            Ok(())
        })
        .expect("a story");
        assert_eq!(changes.len(), events);
        assert_eq!(changes.iter().filter(|change| change.contains("\nJ title ")).count(), 30);
        let cards =
            |change: &String| change.lines().map(|line| line.split(' ').take(2).collect()).collect::<Vec<String>>();
        assert!(changes.iter().all(|change| cards(change).is_sorted()), "cards are out of order");
    }

    #[test]
    fn names_for_the_peers_keep_ids_apart() {
        assert_eq!(fossil_id("T-7k3mqp"), "376b336d7170376b336d7170376b336d7170376b");
        assert_eq!(task_id("T-7k3mqp"), "376b336d-7170-476b-836d-7170376b336d");
    }
}
