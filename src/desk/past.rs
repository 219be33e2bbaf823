//! The desk over time: which records held when, and the lives of its tickets.
//!
//! A commit that was undone and the commit that undid it are left out, as if neither had been.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::lives::{Life, Lives, Version};
use super::records::Records;
use super::{At, Desk};
use crate::index::{RecordVersion, TicketVersion};
use crate::record::id::TicketId;
use crate::record::ticket_state::TicketState;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record};
use crate::store::layout::{Located, locate};
use crate::store::timeline::{Change, Line, fold_at};
use crate::store::{self, ObjectId, Snapshot, trailers};

/// A desk's past, up to one commit.
pub struct Past {
    commit: Option<ObjectId>,
    source: Source,
    snapshot: Snapshot,
}

/// Where the past is read from.
enum Source {
    /// The commits themselves.
    Line(Line),
    /// The index: versions of tickets and of other records, in the order of the timeline.
    Index(Vec<TicketVersion>, Vec<RecordVersion>),
}

impl Desk {
    /// The past up to `rev`, or up to HEAD.
    ///
    /// With `from`, what windows need that do not reach before that moment: the life of a ticket may be missing that was done by
    /// then, stayed so and stands for no duplicate. Reading it costs what went on since, not what there ever was.
    ///
    /// # Errors
    /// When the repository cannot be read or has no such revision.
    pub fn past(&self, rev: Option<&str>, from: Option<Time>) -> Result<Past, store::Error> {
        let head = self.store().head()?.commit;
        let commit = match rev {
            Some(rev) => Some(self.store().resolve(rev)?),
            None => head,
        };
        let Some(commit) = commit else {
            let source = Source::Line(Line::default());
            return Ok(Past { commit: None, source, snapshot: self.store().head_snapshot()? });
        };
        let snapshot = self.store().snapshot_of(commit)?;
        if Some(commit) == head
            && let Some((tickets, records)) = self.through_committed(|reading| reading.versions(from))?
        {
            return Ok(Past { commit: Some(commit), source: Source::Index(tickets, records), snapshot });
        }
        let mut line = self.store().timeline_of(commit, None, self.settings().text("branch"))?;
        leave_out_undone(&mut line, self.store())?;
        Ok(Past { commit: Some(commit), source: Source::Line(line), snapshot })
    }

    /// Nothing but what cannot be read in the commit that a past ends in, whose last readable versions the past tells instead.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn unreadable_in(&self, past: &Past) -> Result<Records, store::Error> {
        let Some(commit) = past.commit else { return Ok(Records::default()) };
        let at = At::Rev(commit.to_string());
        let found = self.through_index_at(&at, |reading| reading.nothing())?;
        found.map_or_else(|| self.records(&at), Ok)
    }
}

impl Past {
    /// The commit it ends in; nothing before the first.
    pub fn commit(&self) -> Option<ObjectId> {
        self.commit
    }

    /// When that commit took place, by the earlier of its dates.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn time(&self, store: &store::Store) -> Result<Option<Time>, store::Error> {
        let Some(commit) = self.commit else { return Ok(None) };
        let info = store.commit_info(commit)?;
        Ok(Some(info.author.time.min(info.committer.time)))
    }

    /// The desk's files as that commit has them.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Drops what took effect after `time`, a moment that counts itself.
    pub fn cut(&mut self, time: Time) {
        match &mut self.source {
            Source::Line(line) => {
                for position in &mut line.positions {
                    position.changes.retain(|change| change.effective <= time.unix());
                }
            }
            Source::Index(tickets, records) => {
                tickets.retain(|version| version.effective <= time.unix());
                records.retain(|version| version.effective <= time.unix());
            }
        }
    }

    /// The life of every ticket, or of those that [`Desk::past`] was asked for. Versions that cannot be read are passed over.
    ///
    /// # Errors
    /// When an object cannot be read.
    pub fn lives(&self) -> Result<Lives, store::Error> {
        let mut of_ticket: BTreeMap<TicketId, Traces> = BTreeMap::new();
        match &self.source {
            Source::Line(line) => self.trace(line, &mut of_ticket)?,
            Source::Index(tickets, _) => {
                for version in by_time(tickets, |version| version.effective) {
                    let effective = Time::from_unix(version.effective);
                    let said = version.said.clone().map(|said| Version::new(said, effective));
                    of_ticket.entry(version.id).or_default().add(&version.month, version.there, said, effective);
                }
            }
        }
        let life = |(id, traces): (TicketId, Traces)| Some(Life::new(id, traces.versions)?.removed(traces.removed));
        Ok(Lives::new(of_ticket.into_iter().filter_map(life)))
    }

    /// Follows the files of tickets along the timeline.
    fn trace(&self, line: &Line, of_ticket: &mut BTreeMap<TicketId, Traces>) -> Result<(), store::Error> {
        let mut read: HashMap<ObjectId, Option<Rc<Record>>> = HashMap::new();
        for change in by_time(line.positions.iter().flat_map(|position| &position.changes), |change| change.effective) {
            let Some(Located::Record(Kind::Ticket, Name::Ticket(id))) = locate(&change.path) else { continue };
            let effective = Time::from_unix(change.effective);
            let record = match change.new.map(|blob| (blob, read.get(&blob))) {
                None => None,
                Some((_, Some(known))) => known.clone(),
                Some((blob, None)) => {
                    let found = self.record(change, blob)?.map(Rc::new);
                    read.insert(blob, found.clone());
                    found
                }
            };
            let said = record.map(|record| Version::new(TicketState::of(&record), effective));
            of_ticket.entry(id).or_default().add(&change.path, change.new.is_some(), said, effective);
        }
        Ok(())
    }

    fn record(&self, change: &Change, blob: ObjectId) -> Result<Option<Record>, store::Error> {
        let Some(Located::Record(kind, name)) = locate(&change.path) else { return Ok(None) };
        Ok(self.snapshot.record(kind, &name, &change.path, blob)?.record)
    }

    /// The records in effect before `t`; of all kinds but tickets and messages, whose past is in [`Past::lives`].
    ///
    /// # Errors
    /// When an object cannot be read.
    pub fn records_before(&self, t: Time) -> Result<Records, store::Error> {
        let mut records = Records::default();
        let files = match &self.source {
            Source::Line(line) => fold_at(line, t.unix() - 1),
            Source::Index(_, records) => fold(records, t.unix() - 1),
        };
        for (path, blob) in files {
            let Some(Located::Record(kind, name)) = locate(&path) else { continue };
            if !matches!(kind, Kind::Ticket | Kind::Message) {
                records.add_parsed(self.snapshot.record(kind, &name, &path, blob)?);
            }
        }
        records.settle();
        Ok(records)
    }
}

/// What a ticket's files left behind on the timeline.
#[derive(Default)]
struct Traces {
    versions: Vec<Version>,
    paths: BTreeSet<String>,
    removed: Option<Time>,
}

impl Traces {
    fn add(&mut self, file: &str, there: bool, said: Option<Version>, effective: Time) {
        if there {
            self.paths.insert(file.to_owned());
            self.removed = None;
        } else {
            self.paths.remove(file);
            self.removed = self.paths.is_empty().then_some(effective);
        }
        self.versions.extend(said);
    }
}

/// Things of the timeline as they took effect: what a pull brought may lie behind what was done after it.
fn by_time<'t, T>(things: impl IntoIterator<Item = &'t T>, effective: impl Fn(&T) -> i64) -> Vec<&'t T> {
    let mut things: Vec<&T> = things.into_iter().collect();
    things.sort_by_key(|thing| effective(thing));
    things
}

/// For each record its last version in effect at `at`; of two at one moment the later position counts.
fn fold(versions: &[RecordVersion], at: i64) -> BTreeMap<String, ObjectId> {
    let mut last: BTreeMap<&str, &RecordVersion> = BTreeMap::new();
    for version in versions.iter().filter(|version| version.effective <= at) {
        let known = last.entry(&version.path).or_insert(version);
        if version.effective >= known.effective {
            *known = version;
        }
    }
    last.into_iter().filter_map(|(path, version)| Some((path.to_owned(), version.blob?))).collect()
}

/// Takes out each commit that another undid, with the one that undid it. The last undoing is looked at first, so that an
/// undoing that was itself undone takes nothing out.
fn leave_out_undone(line: &mut Line, store: &store::Store) -> Result<(), store::Error> {
    let mut out: BTreeSet<ObjectId> = BTreeSet::new();
    for position in line.positions.iter().rev() {
        if out.contains(&position.commit) {
            continue;
        }
        let message = store.commit_info(position.commit)?.message;
        if !message.contains("\nUndoes:") {
            continue;
        }
        for (_, undone) in trailers::trailers(&message).iter().filter(|(key, _)| key == "Undoes") {
            let target = line.positions.iter().map(|other| other.commit).find(|id| is_named(*id, undone));
            if let Some(target) = target.filter(|target| *target != position.commit) {
                out.extend([target, position.commit]);
            }
        }
    }
    line.positions.retain(|position| !out.contains(&position.commit));
    Ok(())
}

/// Whether `text` is the id of the commit or a beginning of it that is long enough to mean only one.
fn is_named(commit: ObjectId, text: &str) -> bool {
    text.len() >= 7 && commit.to_string().starts_with(&text.to_ascii_lowercase())
}
