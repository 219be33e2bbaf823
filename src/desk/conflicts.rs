//! What a merge left for a person: unmerged records key by key, and settling them.
//!
//! The state is the file itself: read with our side of every mark and with their side, and merged again over the base. So
//! what git's own merge marked by lines comes down to the keys that contradict, and what somebody mended by hand stays. A
//! file that is still as one version has it was neither marked nor mended, as where attributes keep git from merging it:
//! the versions themselves are merged then, since staging it would drop the other side without a word.

use super::error::WriteError;
use super::{Desk, Records};
use crate::record::shell::shell_word;
use crate::record::{Kind, Name, Record, Value};
use crate::store::layout::{Located, locate};
use crate::store::{SideNames, Unmerged};
use crate::text::merge::{Choice, Conflict, Contested, Merged, OwnMarks, Side, Sides, Versions, merge, sides_beside};
use crate::text::{self, parse};

/// An unmerged file of the desk.
#[derive(Debug, Clone)]
pub struct Contest {
    /// The path from the repository's root.
    pub path: String,
    /// The path from the desk's root.
    pub desk_path: String,
    /// What it holds; nothing when it is no record.
    pub record: Option<(Kind, Name)>,
    /// What about it.
    pub state: State,
    unmerged: Unmerged,
}

/// What is to be decided about an unmerged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Keys that both sides changed, not to the same.
    Keys(Vec<Conflict>),
    /// Nothing: what is left does not contradict.
    Settled,
    /// One side has the file and the other took it away. The side that has it.
    OneSided(Side),
    /// Git took a new message for a bound one that was renamed; it only has to be kept. The side that has it.
    Misnamed(Side),
    /// It cannot be solved key by key: one side is kept as a whole, or an editor helps.
    ByHand(Reason),
}

/// Why a file cannot be solved key by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is no record.
    NoRecord,
    /// It is an attachment, whatever is in it.
    Attachment,
    /// A version, or what was made of it by hand, is no sound record.
    NotSound,
    /// A side, or what stands there, is no plain file or cannot be read.
    NoFile,
    /// Its text has lines like marks itself, and those of the merge cannot be told from them.
    OwnMarks,
}

/// A version of an unmerged file that the work tree still has, so that nobody has worked on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What both sides began with.
    Base,
    /// Ours.
    Ours,
    /// Theirs.
    Theirs,
    /// No file at all, although both sides have one.
    Nothing,
}

/// What a person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// As one side has it, or both one after the other.
    Side(Side),
    /// A value of one's own, as it is typed.
    Value(String),
}

/// The unmerged files of the desk, the sides' names, and how many files outside the desk are unmerged.
#[derive(Debug, Clone)]
pub struct Contests {
    /// The files, by path.
    pub files: Vec<Contest>,
    /// What the sides are.
    pub names: SideNames,
    /// Unmerged files of the repository outside the desk.
    pub elsewhere: usize,
}

/// What a merge left.
///
/// # Errors
/// When the repository cannot be read.
pub fn contests(desk: &Desk) -> Result<Contests, WriteError> {
    let unmerged = desk.store().unmerged()?;
    let elsewhere = unmerged.iter().filter(|file| file.desk_path.is_none()).count();
    let files: Vec<Contest> = unmerged.into_iter().filter_map(Contest::of).collect();
    let label = files.iter().find_map(|file| file.taken().and_then(|taken| taken.marks)).map(|marks| marks.theirs);
    let names = desk.store().side_names(label.as_deref())?;
    Ok(Contests { files, names, elsewhere })
}

impl Contest {
    pub(crate) fn of(unmerged: Unmerged) -> Option<Self> {
        let desk_path = unmerged.desk_path.clone()?;
        let record = match locate(&desk_path) {
            Some(Located::Record(kind, name)) => Some((kind, name)),
            _ => None,
        };
        let mut out = Self { path: unmerged.path.clone(), desk_path, record, state: State::Settled, unmerged };
        out.state = out.stands();
        Some(out)
    }

    fn stands(&self) -> State {
        if self.unmerged.is_odd {
            return State::ByHand(Reason::NoFile);
        }
        // A message never says that it happened at another time: what stands for its base is another message then.
        let of = |side, bytes: &[u8]| {
            let at = |bytes| self.read(bytes).and_then(|message| message.time("at"));
            let base = self.unmerged.base.as_deref().and_then(at);
            let is_message = matches!(self.record, Some((Kind::Message, _)));
            if is_message && base != at(bytes) { State::Misnamed(side) } else { State::OneSided(side) }
        };
        match (&self.unmerged.ours, &self.unmerged.theirs) {
            (Some(ours), None) => of(Side::Ours, ours),
            (None, Some(theirs)) => of(Side::Theirs, theirs),
            // Both took it away, or gave it other names.
            (None, None) => State::Settled,
            (Some(_), Some(_)) => match self.merged(&[]) {
                None => State::ByHand(self.reason()),
                // Somebody took the marks out, and what they left is to be a record.
                Some(merged) if self.read(&merged.text).is_none() && merged.conflicts.is_empty() => {
                    State::ByHand(Reason::NotSound)
                }
                Some(merged) if merged.conflicts.is_empty() => State::Settled,
                Some(merged) if merged.conflicts.iter().any(|c| c.what == Contested::File) => {
                    State::ByHand(Reason::NotSound)
                }
                Some(merged) => State::Keys(merged.conflicts),
            },
        }
    }

    /// Whether it is an attachment of a message.
    pub fn is_attachment(&self) -> bool {
        matches!(locate(&self.desk_path), Some(Located::Attachment { .. }))
    }

    fn reason(&self) -> Reason {
        let is_text = |bytes: &Option<Vec<u8>>| bytes.as_deref().is_none_or(|bytes| std::str::from_utf8(bytes).is_ok());
        let Unmerged { ours, theirs, file, .. } = &self.unmerged;
        match self.record {
            None if self.is_attachment() => Reason::Attachment,
            None => Reason::NoRecord,
            Some(_) if [ours, theirs, file].into_iter().all(is_text) && self.own_marks().is_some() => Reason::OwnMarks,
            Some(_) => Reason::NotSound,
        }
    }

    /// The lines of both sides that look like marks; nothing when there are none.
    fn own_marks(&self) -> Option<OwnMarks> {
        let text = |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
        let own = OwnMarks::of(&[&text(&self.unmerged.ours), &text(&self.unmerged.theirs)]);
        (own != OwnMarks::default()).then_some(own)
    }

    /// The version that the work tree still has, where both sides have the file; nothing once somebody, or git, wrote
    /// something else. Line ends are the work tree's own.
    pub fn standing(&self) -> Option<Standing> {
        let Unmerged { base, ours, theirs, file, .. } = &self.unmerged;
        let (Some(ours), Some(theirs), false) = (ours, theirs, self.unmerged.is_odd) else { return None };
        let Some(file) = file.as_deref().map(with_plain_ends) else { return Some(Standing::Nothing) };
        let is = |version: &[u8]| with_plain_ends(version) == file;
        if is(ours) {
            Some(Standing::Ours)
        } else if is(theirs) {
            Some(Standing::Theirs)
        } else {
            base.as_deref().is_some_and(is).then_some(Standing::Base)
        }
    }

    /// Both sides of the file as it stands: of every mark, or as a whole where nobody has worked on it. Nothing when it is no
    /// text, or its marks cannot be told.
    fn taken(&self) -> Option<Sides> {
        let Unmerged { ours, theirs, file, .. } = &self.unmerged;
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        if let (Some(_), Some(ours), Some(theirs)) = (self.standing(), ours, theirs) {
            let has_returns = |bytes: &[u8]| bytes.windows(2).any(|pair| pair == b"\r\n");
            // What is written back has the line ends that the work tree gave the file.
            let are_added = file.as_deref().is_some_and(has_returns) && !has_returns(ours) && !has_returns(theirs);
            let side = |bytes| text(bytes).map(|side| if are_added { side.replace('\n', "\r\n") } else { side });
            return Some(Sides { ours: side(ours)?, theirs: side(theirs)?, marks: None });
        }
        sides_beside(&text(file.as_deref()?)?, &self.own_marks().unwrap_or_default())
    }

    fn merged(&self, choices: &[Choice]) -> Option<Merged> {
        self.merged_of(&self.taken()?, choices)
    }

    fn merged_of(&self, taken: &Sides, choices: &[Choice]) -> Option<Merged> {
        let (kind, _) = self.record.as_ref()?;
        let versions = Versions {
            base: self.unmerged.base.as_deref().unwrap_or_default(),
            ours: taken.ours.as_bytes(),
            theirs: taken.theirs.as_bytes(),
        };
        // A file without marks stands as it is, once it is a record again.
        let marks = taken.marks.clone().unwrap_or_default();
        Some(merge(Some(*kind), versions, &marks, choices))
    }

    /// The record in a version of the file; nothing where it is no sound one.
    fn read(&self, bytes: &[u8]) -> Option<Record> {
        let (kind, name) = self.record.as_ref()?;
        parse(*kind, name, &self.desk_path, bytes).record
    }

    /// The record as the base, our side and their side have it; nothing where one has none.
    pub fn versions(&self) -> [Option<Record>; 3] {
        let read = |bytes: &[u8]| self.read(bytes);
        let taken = self.taken();
        let side = |whole: &Option<Vec<u8>>, taken: Option<&String>| match (whole, taken) {
            (Some(_), Some(taken)) => read(taken.as_bytes()),
            (whole, _) => whole.as_deref().and_then(read),
        };
        [
            self.unmerged.base.as_deref().and_then(read),
            side(&self.unmerged.ours, taken.as_ref().map(|taken| &taken.ours)),
            side(&self.unmerged.theirs, taken.as_ref().map(|taken| &taken.theirs)),
        ]
    }

    /// Whether a person has to decide something.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Settled | State::Misnamed(_))
    }
}

/// Every CRLF as LF.
fn with_plain_ends(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    out
}

/// The file that `text` names: a path, or a reference as everywhere.
///
/// # Errors
/// When no unmerged file, or more than one, has the name.
pub fn named<'c>(contests: &'c [Contest], text: &str) -> Result<&'c Contest, WriteError> {
    let is_path = |contest: &&Contest| contest.path == text || contest.desk_path == text;
    if let Some(found) = contests.iter().find(is_path) {
        return Ok(found);
    }
    let known = contests.iter().filter_map(|contest| {
        let unmerged = &contest.unmerged;
        let taken = contest.taken().map(|taken| taken.ours.into_bytes());
        let bytes = taken.or_else(|| unmerged.ours.clone()).or_else(|| unmerged.theirs.clone())?;
        Some((contest.desk_path.clone(), bytes))
    });
    let records = Records::read(known);
    let found = match text {
        "staple.toml" => records.settings().map(|settings| settings.path.clone()),
        text => super::resolve::any(&records, text).ok().map(|record| record.path.clone()),
    };
    let found = found.and_then(|path| contests.iter().find(|contest| contest.desk_path == path));
    found.ok_or_else(|| {
        WriteError::usage(format!("no unmerged record is named `{text}`"), "see what is left: staple conflicts")
    })
}

/// Decides one key of a file, or with no key all of them, or which side's file stays. The file is written; once nothing in
/// it contradicts it is staged. Gives whether it was.
///
/// # Errors
/// When nothing of that name is in conflict, or the decision does not fit.
pub fn decide(desk: &Desk, contest: &Contest, key: Option<&str>, decision: &Decision) -> Result<bool, WriteError> {
    let conflicts = match (&contest.state, decision) {
        (State::Keys(conflicts), _) => conflicts,
        (State::OneSided(has) | State::Misnamed(has), Decision::Side(side)) if key.is_none() => {
            return one_side(desk, contest, *has, *side);
        }
        (State::OneSided(_) | State::Misnamed(_), _) => {
            let message = "one side has the file and the other took it away, so one of them is chosen as a whole";
            return Err(WriteError::usage(
                message,
                format!("staple conflicts {} --ours or --theirs", shell_word(&contest.path)),
            ));
        }
        (State::Settled, _) => {
            return Err(WriteError::usage("nothing contradicts in it any more", "staple conflicts --settle stages it"));
        }
        (State::ByHand(_), Decision::Side(side @ (Side::Ours | Side::Theirs))) if key.is_none() => {
            let is_ours = *side == Side::Ours;
            let version = if is_ours { &contest.unmerged.ours } else { &contest.unmerged.theirs };
            match version {
                Some(_) => desk.store().settle_as(&contest.path, is_ours)?,
                None => desk.store().settle_as_gone(&contest.path)?,
            }
            return Ok(true);
        }
        (State::ByHand(reason), _) => return Err(by_hand(contest, *reason)),
    };
    let chosen = chosen(conflicts, key)?;
    let (Some(first), Some(taken)) = (chosen.first(), contest.taken()) else {
        return Err(by_hand(contest, Reason::NotSound));
    };
    let merged = match decision {
        Decision::Side(Side::Both) if chosen.iter().any(|conflict| !conflict.can_hold_both) => {
            let message = format!("`{}` holds one value, not both", name_of(first));
            return Err(WriteError::usage(message, "choose --ours, --theirs or --value VALUE"));
        }
        Decision::Side(side) => {
            let choice = |c: &&Conflict| Choice { message: c.message.clone(), key: c.key.clone(), side: *side };
            let choices: Vec<Choice> = chosen.iter().map(choice).collect();
            contest.merged_of(&taken, &choices)
        }
        Decision::Value(_) if chosen.len() > 1 => {
            return Err(WriteError::usage("a value is for one key", "name it: staple conflicts REF KEY --value VALUE"));
        }
        Decision::Value(value) => contest.merged_of(&with_value(contest, &taken, first, value)?, &[]),
    };
    let merged = merged.ok_or_else(|| by_hand(contest, Reason::NotSound))?;
    let store = desk.store();
    store.write_unmerged(&contest.path, &merged.text)?;
    if merged.conflicts.is_empty() {
        store.settle(&contest.path)?;
    }
    Ok(merged.conflicts.is_empty())
}

/// The conflicts of a key, or all of them.
///
/// # Errors
/// When the key is not in conflict.
pub fn chosen<'c>(conflicts: &'c [Conflict], key: Option<&str>) -> Result<Vec<&'c Conflict>, WriteError> {
    let chosen: Vec<&Conflict> =
        conflicts.iter().filter(|conflict| key.is_none_or(|key| name_of(conflict) == key)).collect();
    if chosen.is_empty() {
        let names: Vec<String> = conflicts.iter().map(name_of).collect();
        let message = format!("`{}` is not in conflict", key.unwrap_or_default());
        return Err(WriteError::usage(message, format!("these are: {}", names.join(", "))));
    }
    Ok(chosen)
}

fn by_hand(contest: &Contest, reason: Reason) -> WriteError {
    let why = match reason {
        Reason::NoRecord => "it is no record",
        Reason::Attachment => "it is an attachment",
        Reason::NotSound => "a side, or what was made of it, is no sound record",
        Reason::NoFile => "a side, or what stands there, is no plain file or cannot be read",
        Reason::OwnMarks => "its text has lines like conflict marks itself",
    };
    let (path, word) = (&contest.path, shell_word(&contest.path));
    let hint = format!("keep one side whole: staple conflicts {word} --ours or --theirs; or edit it, then git add it");
    WriteError::usage(format!("{path} cannot be solved key by key: {why}"), hint)
}

/// Writes and stages a file in which nothing contradicts.
///
/// # Errors
/// When the file cannot be written or staged.
pub fn settle(desk: &Desk, contest: &Contest) -> Result<(), WriteError> {
    let store = desk.store();
    if let State::Misnamed(side) = &contest.state {
        return one_side(desk, contest, *side, *side).map(|_| ());
    }
    if let Some(merged) = contest.merged(&[]) {
        store.write_unmerged(&contest.path, &merged.text)?;
    }
    Ok(store.settle(&contest.path)?)
}

fn one_side(desk: &Desk, contest: &Contest, has: Side, wanted: Side) -> Result<bool, WriteError> {
    let store = desk.store();
    if wanted != has {
        store.settle_as_gone(&contest.path)?;
        return Ok(true);
    }
    // What stands in the work tree may have been edited since.
    match contest.unmerged.file {
        Some(_) => store.settle(&contest.path)?,
        None => store.settle_as(&contest.path, has == Side::Ours)?,
    }
    Ok(true)
}

/// Both sides with a value of one's own in a key.
fn with_value(contest: &Contest, taken: &Sides, conflict: &Conflict, typed: &str) -> Result<Sides, WriteError> {
    let Some((kind, _)) = &contest.record else { return Ok(taken.clone()) };
    let schema = if conflict.message.is_some() { Kind::Message.schema() } else { kind.schema() };
    let Some(key) = schema.key(&conflict.key) else {
        let hint = format!("choose --ours or --theirs, or edit {}", contest.path);
        return Err(WriteError::usage(format!("`{}` is no key of a {}", name_of(conflict), kind.word()), hint));
    };
    let value: Value = text::typed(key.ty, typed)
        .map_err(|wrong| WriteError::usage(format!("`{}` {wrong}", key.name), "see staple help records"))?;
    if key.required && value.is_unset() {
        return Err(WriteError::usage(format!("`{}` must be set to {}", key.name, key.ty.words()), ""));
    }
    let set = |side: &str| -> Result<String, WriteError> {
        let sets = [(key.name, value.clone())];
        let edited = match &conflict.message {
            Some(id) => text::edit_bound(side, id, &sets),
            None => text::edit(side, schema, &sets),
        };
        edited.map_err(|error| WriteError::edit(&contest.path, error))
    };
    Ok(Sides { ours: set(&taken.ours)?, theirs: set(&taken.theirs)?, marks: taken.marks.clone() })
}

/// What a conflict is called: its key, of a bound message with the id before it, of a whole message the id.
pub fn name_of(conflict: &Conflict) -> String {
    match (&conflict.message, conflict.key.as_str()) {
        (None, "") => "comment".to_owned(),
        (None, key) => key.to_owned(),
        (Some(id), "") => id.clone(),
        (Some(id), key) => format!("{id}.{key}"),
    }
}
