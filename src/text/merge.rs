//! Three-way merge of record files, key by key.
//!
//! Begins with our file and takes over what theirs changed, so that comments, unknown keys, order and line ends stay as
//! they are. A value that one side changed is taken from it; of a list that both changed, items come and go one by one; text
//! goes by lines; any other value that both changed, not to the same, is a conflict, marked around the lines of that key alone.
//! Bound messages go by their ids. What is no sound TOML is merged by lines and is never called clean.
//!
//! Pure: three texts in, one out. Which rules a merge breaks across keys is the business of `check`.

mod arrange;
mod lines;
mod lists;
mod marks;
mod pieces;
mod shape;

use toml::de::DeTable;

use crate::record::schema::{Key, Schema, Type};
use crate::record::{Kind, Value};

use super::create::written;
use super::parse::typed_value;
use arrange::arrange;
use lines::{Chunk, three_way};
pub use marks::{Marks, OwnMarks, Sides, sides, sides_beside};
use pieces::{Cut, Piece, Section, cut};
use shape::{Shape, laid_down, plain};

/// The three versions of a file.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// What both sides began with; empty when both made the file.
    pub base: &'a [u8],
    /// Our side.
    pub ours: &'a [u8],
    /// Their side.
    pub theirs: &'a [u8],
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text, with marks around what is in conflict.
    pub text: Vec<u8>,
    /// What a person must solve; empty when the merge is clean.
    pub conflicts: Vec<Conflict>,
}

/// One key that a person must solve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The id of the bound message it belongs to.
    pub message: Option<String>,
    /// The key; "" for a whole message, or the whole file.
    pub key: String,
    /// What about it.
    pub what: Contested,
    /// Both sides' lines could stand, one after the other.
    pub can_hold_both: bool,
}

/// What both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contested {
    /// The value.
    Value,
    /// The comment above or behind it.
    Comment,
    /// A whole message: one side took it away, the other changed it.
    Message,
    /// The whole file: a side is no sound record, so that it was merged by lines.
    File,
}

/// What a person chose for a key in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The id of the bound message.
    pub message: Option<String>,
    /// The key.
    pub key: String,
    /// What it is to be.
    pub side: Side,
}

/// A side of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Ours.
    Ours,
    /// Theirs.
    Theirs,
    /// Ours and then theirs.
    Both,
}

/// Merges three versions of a file of a kind; nothing as the kind for a file that is no record, which is merged by lines.
///
/// `choices` says what becomes of keys in conflict; those without one are marked.
pub fn merge(kind: Option<Kind>, versions: Versions<'_>, marks: &Marks, choices: &[Choice]) -> Merged {
    let Versions { base, ours, theirs } = versions;
    if let Some(text) = agreed(Some(base), ours, theirs).filter(|_| choices.is_empty()) {
        return Merged { text: text.to_vec(), conflicts: Vec::new() };
    }
    let by_keys = kind.and_then(|kind| Merge::new(kind, marks, choices).by_keys(versions));
    by_keys.unwrap_or_else(|| by_lines(kind.is_some(), versions, marks))
}

/// The one of two versions that counts when at most one side changed it, or both to the same.
fn agreed<'a, T: PartialEq + ?Sized>(base: Option<&T>, ours: &'a T, theirs: &'a T) -> Option<&'a T> {
    if ours == theirs || base == Some(theirs) {
        Some(ours)
    } else if base == Some(ours) {
        Some(theirs)
    } else {
        None
    }
}

/// A stretch of the merged text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// Whole lines.
    Conflict {
        ours: String,
        theirs: String,
        can_hold_both: bool,
    },
}

/// What the base has at a place.
enum Base<'a, T> {
    Nothing,
    One(&'a T),
    /// It was itself merged from several, which differ there: neither side can be said to be unchanged.
    Contested,
}

impl<'a, T> Base<'a, T> {
    fn of(found: &[Option<&'a T>], same: impl Fn(&T, &T) -> bool) -> Self {
        match found {
            [Some(one)] => Self::One(one),
            [Some(a), Some(b)] if same(a, b) => Self::One(a),
            found if found.iter().all(Option::is_none) => Self::Nothing,
            _ => Self::Contested,
        }
    }

    fn one(&self) -> Option<&'a T> {
        match self {
            Self::One(one) => Some(one),
            _ => None,
        }
    }
}

fn is_toml(text: &str) -> bool {
    DeTable::parse(text).is_ok()
}

/// The base, or the versions it was merged from when it holds a conflict itself; nothing when it is no TOML.
fn bases(text: String, own: &OwnMarks) -> Option<Vec<String>> {
    if is_toml(&text) {
        return Some(vec![text]);
    }
    let found = sides_beside(&text, own).filter(|found| found.marks.is_some())?;
    (is_toml(&found.ours) && is_toml(&found.theirs)).then(|| vec![found.ours, found.theirs])
}

/// A merge in the making.
struct Merge<'a> {
    kind: Kind,
    marks: &'a Marks,
    choices: &'a [Choice],
    parts: Vec<Part>,
    conflicts: Vec<Conflict>,
}

/// The keys of a record or of one bound message.
#[derive(Clone, Copy)]
struct Room<'a> {
    message: Option<&'a str>,
    schema: Option<&'static Schema>,
}

impl<'a> Merge<'a> {
    fn new(kind: Kind, marks: &'a Marks, choices: &'a [Choice]) -> Self {
        Self { kind, marks, choices, parts: Vec::new(), conflicts: Vec::new() }
    }

    fn by_keys(mut self, versions: Versions<'_>) -> Option<Merged> {
        let (ours, shape) = plain(versions.ours)?;
        let (theirs, their_shape) = plain(versions.theirs)?;
        let (base, base_shape) = plain(versions.base)?;
        let base_shape = if base.is_empty() { shape } else { base_shape };
        let shape = agreed(Some(&base_shape), &shape, &their_shape).copied().unwrap_or(shape);
        if !is_toml(&ours) || !is_toml(&theirs) {
            return None;
        }
        let own = OwnMarks::of(&[&ours, &theirs]);
        let bases = bases(base, &own)?;
        let bases: Vec<Cut<'_>> = bases.iter().map(|text| cut(text)).collect();
        self.file(&bases, &cut(&ours), &cut(&theirs));
        self.finish(shape, &own)
    }

    fn file(&mut self, bases: &[Cut<'_>], ours: &Cut<'_>, theirs: &Cut<'_>) {
        let base_names = bases.first().map(Cut::names).unwrap_or_default();
        let age = |name: &str| (ours.section(name).or(theirs.section(name)).and_then(at_of), name.to_owned());
        let order = arrange(&base_names, &ours.names(), &theirs.names(), |a, b| age(a).cmp(&age(b)));
        for name in order {
            let found: Vec<Option<&Section<'_>>> = bases.iter().map(|base| base.section(name)).collect();
            match (ours.section(name), theirs.section(name)) {
                (Some(left), Some(right)) => self.section(&found, left, right),
                (Some(left), None) => self.lonely_section(&found, left, Side::Ours),
                (None, Some(right)) => self.lonely_section(&found, right, Side::Theirs),
                (None, None) => {}
            }
        }
        let end = Base::of(&bases.iter().map(|base| Some(&base.end)).collect::<Vec<_>>(), |a, b| a == b);
        let parts = comments(end.one().copied(), ours.end, theirs.end);
        self.put(None, "", Contested::Comment, parts);
    }

    /// What only one side has: new there, or gone on the other side.
    fn lonely_section(&mut self, bases: &[Option<&Section<'_>>], section: &Section<'_>, side: Side) {
        let whole = format!("{}{}", section.lead, section.text);
        match Base::of(bases, |a, b| a.text == b.text) {
            Base::Nothing => self.parts.push(Part::Text(whole)),
            Base::One(base) if base.text == section.text => {}
            _ => {
                let message = section.is_message.then_some(section.name.as_str());
                let key = if section.is_message { "" } else { section.name.as_str() };
                self.put(message, key, Contested::Message, vec![lonely(whole, side)]);
            }
        }
    }

    fn section(&mut self, bases: &[Option<&Section<'_>>], ours: &Section<'_>, theirs: &Section<'_>) {
        let room = Room {
            message: ours.is_message.then_some(ours.name.as_str()),
            schema: match (ours.is_message, ours.header.is_empty()) {
                (true, _) => Some(Kind::Message.schema()),
                (false, true) => Some(self.kind.schema()),
                (false, false) => None,
            },
        };
        let base = bases.iter().flatten().next();
        let parts = comments(base.map(|base| base.lead), ours.lead, theirs.lead);
        self.put(room.message, "", Contested::Comment, parts);
        let header = agreed(base.map(|base| base.header), ours.header, theirs.header).unwrap_or(ours.header);
        self.parts.push(Part::Text(header.to_owned()));
        let base_names = base.map(|base| base.names()).unwrap_or_default();
        let place = |name: &str| {
            let keys = room.schema.map(|schema| schema.keys).unwrap_or_default();
            (keys.iter().position(|key| key.name == name).unwrap_or(keys.len()), name.to_owned())
        };
        let order = arrange(&base_names, &ours.names(), &theirs.names(), |a, b| place(a).cmp(&place(b)));
        for name in order {
            let found: Vec<Option<&Piece<'_>>> =
                bases.iter().map(|base| base.and_then(|base| base.piece(name))).collect();
            let base = Base::of(&found, |a, b| a.statement == b.statement);
            match (ours.piece(name), theirs.piece(name)) {
                (Some(left), Some(right)) => self.piece(room, base, left, right),
                (Some(left), None) => self.lonely_piece(room, base, left, Side::Ours),
                (None, Some(right)) => self.lonely_piece(room, base, right, Side::Theirs),
                (None, None) => {}
            }
        }
    }

    /// A key that only one side has: added there, or taken out on the other side. One that is not there reads as unset.
    fn lonely_piece(&mut self, room: Room<'_>, base: Base<'_, Piece<'_>>, piece: &Piece<'_>, side: Side) {
        let whole = format!("{}{}{}", piece.lead, piece.statement, piece.tail);
        let value = |piece: &Piece<'_>| room.key(&piece.name).and_then(|key| value_of(key, piece.statement));
        match base {
            Base::Nothing => self.parts.push(Part::Text(whole)),
            Base::One(base) if base.statement == piece.statement => {}
            Base::One(base) if value(base).is_some() && value(base) == value(piece) => {}
            // Taking out a line that said nothing says nothing; and what is unset now is as good as taken out.
            Base::One(base) if [value(base), value(piece)].contains(&Some(Value::Unset)) => {
                self.parts.push(Part::Text(whole));
            }
            _ => self.put(room.message, &piece.name, Contested::Value, vec![lonely(whole, side)]),
        }
    }

    fn piece(&mut self, room: Room<'_>, base: Base<'_, Piece<'_>>, ours: &Piece<'_>, theirs: &Piece<'_>) {
        let lead = comments(base.one().map(|base| base.lead), ours.lead, theirs.lead);
        self.put(room.message, &ours.name, Contested::Comment, lead);
        let of_base = match &base {
            Base::Nothing => Some("\n"),
            base => base.one().map(|base| base.tail),
        };
        let tail = agreed(of_base, ours.tail, theirs.tail);
        let of_base = base.one().map(|base| base.statement);
        let statement = match (agreed(of_base, ours.statement, theirs.statement), room.key(&ours.name)) {
            (Some(statement), _) => Some(vec![Part::Text(statement.to_owned())]),
            // The keys that are merged from several bases are looked at as a whole.
            (None, Some(key)) if !matches!(base, Base::Contested) => {
                statements(key, of_base, ours.statement, theirs.statement)
            }
            (None, _) => None,
        };
        let conflict = |ours: String, theirs: String| vec![Part::Conflict { ours, theirs, can_hold_both: false }];
        let (what, parts) = match (statement, tail) {
            (Some(mut parts), Some(tail)) => {
                parts.push(Part::Text(tail.to_owned()));
                (Contested::Value, parts)
            }
            // Only the comments behind it meet: the value is merged, whichever of them stays.
            (Some(parts), None) if parts.iter().all(|part| matches!(part, Part::Text(_))) => {
                let text = rendered(&parts, self.marks);
                (Contested::Comment, conflict(format!("{text}{}", ours.tail), text + theirs.tail))
            }
            _ => {
                let whole = |piece: &Piece<'_>| format!("{}{}", piece.statement, piece.tail);
                (Contested::Value, conflict(whole(ours), whole(theirs)))
            }
        };
        self.put(room.message, &ours.name, what, parts);
    }

    /// Adds the parts of a key; those in conflict as chosen, or as a conflict to solve.
    fn put(&mut self, message: Option<&str>, key: &str, what: Contested, parts: Vec<Part>) {
        let choice = self.choices.iter().find(|choice| choice.message.as_deref() == message && choice.key == key);
        let mut open: Vec<bool> = Vec::new();
        for part in parts {
            match (part, choice.map(|choice| choice.side)) {
                (Part::Conflict { ours, .. }, Some(Side::Ours)) => self.parts.push(Part::Text(ours)),
                (Part::Conflict { theirs, .. }, Some(Side::Theirs)) => self.parts.push(Part::Text(theirs)),
                (Part::Conflict { ours, theirs, can_hold_both: true }, Some(Side::Both)) => {
                    self.parts.push(Part::Text(ours + &theirs));
                }
                (part, _) => {
                    if let Part::Conflict { can_hold_both, .. } = &part {
                        open.push(*can_hold_both);
                    }
                    self.parts.push(part);
                }
            }
        }
        if !open.is_empty() {
            let (message, key) = (message.map(str::to_owned), key.to_owned());
            let can_hold_both = open.into_iter().all(|can| can);
            self.conflicts.push(Conflict { message, key, what, can_hold_both });
        }
    }

    /// The text of all parts, with marks that cannot be taken for words of a record; nothing when a side would not be TOML, or
    /// could not be had back from the marks.
    fn finish(self, shape: Shape, own: &OwnMarks) -> Option<Merged> {
        let side = |ours: bool| -> String {
            let text = |part: &'_ Part| match part {
                Part::Text(text) => text.clone(),
                Part::Conflict { ours: left, theirs: right, .. } => {
                    if ours {
                        left.clone()
                    } else {
                        right.clone()
                    }
                }
            };
            self.parts.iter().map(text).collect()
        };
        let (ours, theirs) = (side(true), side(false));
        if !is_toml(&ours) || !is_toml(&theirs) {
            return None;
        }
        let marks = Marks { size: own.free_size(self.marks.size), ..self.marks.clone() };
        let text = rendered(&self.parts, &marks);
        if !self.conflicts.is_empty() {
            sides_beside(&text, own).filter(|found| found.ours == ours && found.theirs == theirs)?;
        }
        Some(Merged { text: laid_down(&text, shape), conflicts: self.conflicts })
    }
}

impl Room<'_> {
    fn key(&self, name: &str) -> Option<&'static Key> {
        self.schema.and_then(|schema| schema.key(name))
    }
}

fn rendered(parts: &[Part], marks: &Marks) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Conflict { ours, theirs, .. } => marks.around(ours, theirs),
    };
    parts.iter().map(text).collect()
}

/// What one side changed and the other took away.
fn lonely(whole: String, side: Side) -> Part {
    match side {
        Side::Theirs => Part::Conflict { ours: String::new(), theirs: whole, can_hold_both: false },
        _ => Part::Conflict { ours: whole, theirs: String::new(), can_hold_both: false },
    }
}

/// When a bound message happened, as it is written: times of one form sort as texts.
fn at_of(section: &Section<'_>) -> Option<String> {
    section.piece("at").map(|piece| piece.statement.split('=').nth(1).unwrap_or_default().trim().to_owned())
}

/// The value of a key in its statement; nothing when it cannot be read.
fn value_of(key: &Key, statement: &str) -> Option<Value> {
    let table = DeTable::parse(statement).ok()?;
    typed_value(key.ty, table.get_ref().values().next()?.get_ref())
}

/// Merges a statement that both sides changed, by the key's type; nothing when only a person can. The last line has no end.
fn statements(key: &Key, base: Option<&str>, ours: &str, theirs: &str) -> Option<Vec<Part>> {
    if key.ty.is_list()
        && let Some(parts) = lists::merge(key.ty, base, ours, theirs)
        && !parts.is_empty()
    {
        return Some(parts);
    }
    let was = base.map_or(Some(Value::Unset), |base| value_of(key, base));
    let (left, right) = (value_of(key, ours)?, value_of(key, theirs)?);
    if left == right || was.as_ref() == Some(&right) {
        return Some(vec![Part::Text(ours.to_owned())]);
    }
    if was.as_ref() == Some(&left) {
        return Some(vec![Part::Text(theirs.to_owned())]);
    }
    match (key.ty, was?, left, right) {
        (Type::Prose, Value::Text(was), Value::Text(left), Value::Text(right)) => {
            let base = base.and_then(lines_of_prose).unwrap_or_else(|| prose(&was));
            let (ours_lines, theirs_lines) = (lines_of_prose(ours), lines_of_prose(theirs));
            let (left, right) =
                (ours_lines.unwrap_or_else(|| prose(&left)), theirs_lines.unwrap_or_else(|| prose(&right)));
            Some(by_line(ours, &base, &left, &right))
        }
        _ => None,
    }
}

/// The lines of a text between its quotes, as they are written; nothing when the quotes stand on lines with words.
fn lines_of_prose(statement: &str) -> Option<Vec<String>> {
    let (_, inside) = statement.split_once("\"\"\"\n")?;
    let inside = inside.strip_suffix("\"\"\"")?;
    let is_whole = inside.is_empty() || inside.ends_with('\n');
    is_whole.then(|| inside.split_inclusive('\n').map(str::to_owned).collect())
}

/// The lines of a text as they would be written.
fn prose(text: &str) -> Vec<String> {
    lines_of_prose(&format!("x = {}", written(Type::Prose, &text.into()))).unwrap_or_default()
}

fn by_line(statement: &str, base: &[String], ours: &[String], theirs: &[String]) -> Vec<Part> {
    let key = statement.split(['"', '\'']).next().unwrap_or_default();
    let mut parts = vec![Part::Text(format!("{key}\"\"\"\n"))];
    parts.extend(chunks(base, ours, theirs));
    if parts.iter().all(|part| matches!(part, Part::Text(text) if text.is_empty() || text.ends_with("\"\"\"\n"))) {
        return vec![Part::Text(format!("{key}\"\""))];
    }
    parts.push(Part::Text("\"\"\"".to_owned()));
    parts
}

fn chunks(base: &[String], ours: &[String], theirs: &[String]) -> Vec<Part> {
    let one = |chunk| match chunk {
        Chunk::Ours(range) => Part::Text(ours[range].concat()),
        Chunk::Theirs(range) => Part::Text(theirs[range].concat()),
        Chunk::Conflict { ours: left, theirs: right } => {
            Part::Conflict { ours: ours[left].concat(), theirs: theirs[right].concat(), can_hold_both: true }
        }
    };
    three_way(base, ours, theirs).into_iter().map(one).collect()
}

/// Merges blank lines and comments; those that differ in blank lines alone are as ours has them.
fn comments(base: Option<&str>, ours: &str, theirs: &str) -> Vec<Part> {
    if let Some(text) = agreed(base, ours, theirs) {
        return vec![Part::Text(text.to_owned())];
    }
    let words = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    if words(ours) == words(theirs) || words(theirs) == words(base.unwrap_or_default()) {
        return vec![Part::Text(ours.to_owned())];
    }
    if words(ours) == words(base.unwrap_or_default()) {
        return vec![Part::Text(theirs.to_owned())];
    }
    let lines = |text: &str| -> Vec<String> { text.split_inclusive('\n').map(str::to_owned).collect() };
    chunks(&lines(base.unwrap_or_default()), &lines(ours), &lines(theirs))
}

/// Merges by lines, as git does. What should be a record is left for a person to look at, marks or none.
pub fn by_lines(is_record: bool, versions: Versions<'_>, marks: &Marks) -> Merged {
    let whole = Conflict { message: None, key: String::new(), what: Contested::File, can_hold_both: false };
    let Versions { base, ours, theirs } = versions;
    if [base, ours, theirs].into_iter().any(|bytes| bytes.contains(&0)) {
        // Lines mean nothing in it.
        return Merged { text: ours.to_vec(), conflicts: vec![whole] };
    }
    let own = [ours, theirs].map(String::from_utf8_lossy);
    let size = OwnMarks::of(&[&own[0], &own[1]]).free_size(marks.size);
    let marks = Marks { size, ..marks.clone() };
    fn lines(bytes: &[u8]) -> Vec<&[u8]> {
        bytes.split_inclusive(|byte| *byte == b'\n').collect()
    }
    let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs));
    let line_end = if ours.first().is_some_and(|line| line.ends_with(b"\r\n")) { "\r\n" } else { "\n" };
    let mut text: Vec<u8> = Vec::new();
    let mut is_clean = true;
    for chunk in three_way(&base, &ours, &theirs) {
        match chunk {
            Chunk::Ours(range) => text.extend(ours[range].concat()),
            Chunk::Theirs(range) => text.extend(theirs[range].concat()),
            Chunk::Conflict { ours: left, theirs: right } => {
                is_clean = false;
                let around = marks.around("\0", "\0").replace('\n', line_end);
                let sides = [ours[left].concat(), theirs[right].concat()];
                for (i, mark) in around.split('\0').enumerate() {
                    text.extend(mark.as_bytes());
                    let Some(side) = sides.get(i) else { continue };
                    text.extend(side);
                    if !side.is_empty() && !side.ends_with(b"\n") {
                        text.extend(line_end.as_bytes());
                    }
                }
            }
        }
    }
    Merged { text, conflicts: if is_clean && !is_record { Vec::new() } else { vec![whole] } }
}
