//! A log of cases: rows of case, activity and time, as process tools export them.
//!
//! Each row is an event, recorded even where it changes no key, so that the desk's history has as many commits as the log has
//! rows. A case's first event opens its ticket. What a column says of a ticket is set again when it changes in the log; what
//! people change on the desk meanwhile stays.

use std::collections::BTreeMap;

use super::event_map::{Column, EventMap, Meaning, Part, Template};
use super::history::{Author, Event, History, LeftOut, Problem, Step, one_line, recordable, stable_hash};
use crate::record::Value;
use crate::record::slug::Slug;
use crate::record::time::Time;

/// The largest row that is read, in bytes: a record that took in much more could not be read again.
const LARGEST_ROW: usize = 1 << 20;

/// Why a log could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The map names what the log does not have.
    Map(Vec<Problem>),
    /// Rows are wrong.
    File(Vec<Problem>),
}

/// Reads a log by its map. `now` is the moment of the command.
///
/// # Errors
/// Every column the log does not have, or every row that is wrong.
pub fn read(bytes: &[u8], map: &EventMap, now: Time) -> Result<History, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(map.separator)
        .from_reader(bytes)
        .into_byte_records();
    let header: Vec<String> = match rows.next() {
        Some(Ok(header)) => header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    if header.iter().all(String::is_empty) {
        return Err(Error::File(vec![Problem::new(1, "the log is empty", "its first row names the columns")]));
    }
    let columns = Columns::find(&header, map).map_err(Error::Map)?;
    let mut log = Log { map, bytes, header, columns, now, rows: Vec::new(), problems: Vec::new() };
    let mut last = None;
    for row in rows {
        last = row.as_ref().ok().and_then(|row| row.position().cloned()).or(last);
        log.row(row);
    }
    if let Some(last) = last.filter(|last| is_not_closed(bytes, last.byte())) {
        let hint = "close it, or write a quote inside a cell twice";
        log.problems.push(Problem::new(line(bytes, &last), "a quote is not closed, and takes in the rows below", hint));
    }
    if !log.problems.is_empty() {
        return Err(Error::File(log.problems));
    }
    Ok(log.history())
}

/// The line of a row; where lines end in CR LF, or blank ones are before it, the reader gives the end of the row above.
fn line(bytes: &[u8], position: &csv::Position) -> usize {
    let rest = bytes.get(position.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() as usize + ends
}

/// Whether a quote that is open at the end of the file made one row of the lines from `start` on.
fn is_not_closed(bytes: &[u8], start: u64) -> bool {
    let row = bytes.get(start as usize..).unwrap_or_default().trim_ascii();
    row.contains(&b'\n') && row.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Where the columns of the map stand.
struct Columns(BTreeMap<String, usize>);

impl Columns {
    fn find(header: &[String], map: &EventMap) -> Result<Self, Vec<Problem>> {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (place, name) in header.iter().enumerate() {
            let nth = header[..place].iter().filter(|other| *other == name).count() + 1;
            places.insert(format!("{name}#{nth}"), place);
            places.entry(name.clone()).or_insert(place);
        }
        let templates = map.ticket.iter().map(|(_, template)| template).chain(&map.labels);
        let in_templates = templates.flat_map(|template| &template.0).filter_map(|part| match part {
            Part::Column(column) => Some(column),
            Part::Text(_) => None,
        });
        let single = [Some(&map.case), Some(&map.activity), map.detail.as_ref(), Some(&map.time)];
        let authors = [map.author.as_ref(), map.author_email.as_ref()];
        let mut problems: Vec<Problem> = single
            .into_iter()
            .chain(authors)
            .flatten()
            .chain(in_templates)
            .filter(|column| !places.contains_key(&column.name))
            .map(|column| {
                let hint = format!("it has: {}", header.join(", "));
                Problem::new(column.line, format!("the log has no column `{}`", column.name), hint)
            })
            .collect();
        problems.dedup();
        if problems.is_empty() { Ok(Self(places)) } else { Err(problems) }
    }

    fn text<'r>(&self, row: &'r [String], column: &Column) -> &'r str {
        self.0.get(&column.name).and_then(|place| row.get(*place)).map_or("", |text| text.trim())
    }
}

/// One row that was understood.
struct Row {
    case: String,
    at: Time,
    offset_seconds: i32,
    cells: Vec<String>,
}

struct Log<'m> {
    map: &'m EventMap,
    bytes: &'m [u8],
    header: Vec<String>,
    columns: Columns,
    now: Time,
    rows: Vec<Row>,
    problems: Vec<Problem>,
}

impl Log<'_> {
    fn row(&mut self, row: Result<csv::ByteRecord, csv::Error>) {
        let width = self.header.len();
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map_or(0, |position| position.line() as usize);
                self.problems.push(Problem::new(line, format!("not CSV: {error}"), ""));
                return;
            }
        };
        let line = row.position().map_or(0, |position| line(self.bytes, position));
        if row.len() != width {
            let message = format!("{} cells where the header has {width}", row.len());
            let hint = "export the log again, or quote cells that hold the separator";
            self.problems.push(Problem::new(line, message, hint));
            return;
        }
        if row.as_slice().len() > LARGEST_ROW {
            let hint = "look for a quote before it that is not closed";
            self.problems.push(Problem::new(line, "the row has over 1 MB, too much for a ticket", hint));
            return;
        }
        let cells: Result<Vec<String>, _> =
            row.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned)).collect();
        let Ok(cells) = cells else {
            self.problems.push(Problem::new(line, "not UTF-8 text", "save the log as UTF-8"));
            return;
        };
        match self.understood(cells) {
            Ok(row) => self.rows.push(row),
            Err((message, hint)) => self.problems.push(Problem::new(line, message, hint)),
        }
    }

    fn understood(&self, cells: Vec<String>) -> Result<Row, (String, String)> {
        let (map, columns) = (self.map, &self.columns);
        let case = columns.text(&cells, &map.case).to_owned();
        if case.is_empty() || case.chars().any(char::is_control) {
            return Err((format!("no case in `{}`", map.case.name), String::new()));
        }
        let text = columns.text(&cells, &map.time);
        let (at, offset_seconds) = self.time(text).ok_or_else(|| {
            let hint = match map.time_format.as_str() {
                "" => "say how it is written in the map: time-format = \"%d.%m.%Y %H:%M:%S\"".to_owned(),
                format => format!("the map says time-format = \"{format}\""),
            };
            (format!("`{text}` is no time"), hint)
        })?;
        let at = recordable(at, self.now).map_err(|message| (message, String::new()))?;
        if self.meaning(&cells).is_none() {
            let activity = self.activity(&cells);
            let hint = format!("say in the map what it means: [status], then \"{activity}\" = \"working\" or \"same\"");
            return Err((format!("the map has no status for `{activity}`"), hint));
        }
        Ok(Row { case, at, offset_seconds, cells })
    }

    fn time(&self, text: &str) -> Option<(Time, i32)> {
        let (stamp, offset) = if self.map.time_format.is_empty() {
            let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
            let stamp: jiff::Timestamp = text.parse().ok()?;
            (stamp, pieces.to_numeric_offset().unwrap_or(jiff::tz::Offset::UTC))
        } else {
            let broken = jiff::fmt::strtime::parse(&self.map.time_format, text).ok()?;
            match broken.offset() {
                Some(offset) => (broken.to_timestamp().ok()?, offset),
                None => {
                    let date = broken.to_date().ok()?;
                    let time = broken.to_time().unwrap_or(jiff::civil::Time::midnight());
                    let zoned = date.to_datetime(time).to_zoned(self.map.zone.clone()).ok()?;
                    (zoned.timestamp(), zoned.offset())
                }
            }
        };
        Some((Time::from_unix(stamp.as_second()), offset.seconds()))
    }

    /// The activity, with its detail where the map names one.
    fn activity(&self, cells: &[String]) -> String {
        let activity = one_line(self.columns.text(cells, &self.map.activity));
        match &self.map.detail {
            Some(detail) => format!("{activity}/{}", one_line(self.columns.text(cells, detail))),
            None => activity,
        }
    }

    fn meaning(&self, cells: &[String]) -> Option<&Meaning> {
        let whole = self.activity(cells);
        let bare = one_line(self.columns.text(cells, &self.map.activity));
        self.map.status.get(&whole).or_else(|| self.map.status.get(&bare))
    }

    fn history(mut self) -> History {
        // Stable, so that rows of one second keep the order of the file.
        self.rows.sort_by_key(|row| row.at);
        let mut cases: Vec<String> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut states: Vec<State> = Vec::new();
        let mut events = Vec::new();
        for row in &self.rows {
            let case = *places.entry(row.case.as_str()).or_insert_with(|| {
                cases.push(row.case.clone());
                states.push(State::default());
                cases.len() - 1
            });
            events.push(self.event(case, row, &mut states[case]));
        }
        let mut left_out = LeftOut::default();
        let used = self.used();
        for (place, name) in self.header.iter().enumerate().filter(|(place, _)| !used.contains(place)) {
            for _ in self.rows.iter().filter(|row| !row.cells[place].trim().is_empty()) {
                left_out.add(format!("column {name}"), "the map does not use it");
            }
        }
        History { system: self.map.system.clone(), cases, events, left_out }
    }

    /// The columns the map uses.
    fn used(&self) -> Vec<usize> {
        let map = self.map;
        let templates = map.ticket.iter().map(|(_, template)| template).chain(&map.labels);
        let in_templates = templates.flat_map(|template| &template.0).filter_map(|part| match part {
            Part::Column(column) => Some(column),
            Part::Text(_) => None,
        });
        let single = [Some(&map.case), Some(&map.activity), map.detail.as_ref(), Some(&map.time)];
        let all = single.into_iter().chain([map.author.as_ref(), map.author_email.as_ref()]).flatten();
        all.chain(in_templates).filter_map(|column| self.columns.0.get(&column.name).copied()).collect()
    }

    fn event(&self, case: usize, row: &Row, state: &mut State) -> Event {
        let activity = self.activity(&row.cells);
        let values = self.values(&row.cells, &activity, &state.values);
        let labels = self.labels(&row.cells);
        let first = state.values.is_empty();
        let changed: Vec<(&'static str, Value)> = values
            .iter()
            .filter(|(key, value)| first || (**key != "title" && state.values.get(*key) != Some(*value)))
            .map(|(key, value)| (*key, value.clone().into()))
            .collect();
        let moved = changed.iter().find(|(key, _)| *key == "status").map(|(_, value)| value.to_string());
        let summary = match moved {
            _ if first => format!("new, {}", values.get("title").map_or("", String::as_str)),
            Some(status) => format!("{status}, {activity}"),
            None => activity.clone(),
        };
        let steps = if first {
            let mut sets = changed;
            sets.push(("labels", labels.clone().into()));
            vec![Step::Open(sets)]
        } else {
            let remove = state.labels.iter().filter(|label| !labels.contains(label)).cloned().collect::<Vec<_>>();
            let add = labels.iter().filter(|label| !state.labels.contains(label)).cloned().collect::<Vec<_>>();
            let mut steps = Vec::new();
            if !changed.is_empty() {
                steps.push(Step::Set(changed));
            }
            if !(add.is_empty() && remove.is_empty()) {
                steps.push(Step::Labels { add, remove });
            }
            steps
        };
        (state.values, state.labels) = (values, labels);
        let name = state.name(row.at, &activity);
        Event {
            case,
            name,
            at: row.at,
            offset_seconds: row.offset_seconds,
            author: self.author(&row.cells),
            summary,
            steps,
            always: true,
        }
    }

    /// What the row says of each key, "" being unset.
    fn values(&self, cells: &[String], activity: &str, before: &Values) -> Values {
        let mut values = Values::new();
        for (key, template) in &self.map.ticket {
            let text = self.filled(template, cells).unwrap_or_default();
            let slug = matches!(*key, "customer" | "channel" | "topic");
            let text = if slug { Slug::from_title(&text).map_or(text, |slug| slug.to_string()) } else { text };
            values.insert(key, text);
        }
        // A title must be there, whatever the columns hold.
        let title = values.entry("title").or_default();
        if title.is_empty() {
            title.push_str(self.columns.text(cells, &self.map.case));
        }
        let (status, waiting_on, resolution) = match self.meaning(cells) {
            Some(Meaning::Status { status, waiting_on, resolution }) => {
                (*status, waiting_on.as_str(), resolution.as_str())
            }
            _ => {
                let of = |key| before.get(key).map_or("", String::as_str);
                let status = before.get("status").map_or("new", String::as_str);
                for key in ["waiting-on", "waiting-for", "resolution"] {
                    values.insert(key, of(key).to_owned());
                }
                values.insert("status", status.to_owned());
                return values;
            }
        };
        values.insert("status", status.to_owned());
        values.insert("waiting-on", waiting_on.to_owned());
        values.insert("waiting-for", if waiting_on.is_empty() { String::new() } else { activity.to_owned() });
        values.insert("resolution", resolution.to_owned());
        values
    }

    fn labels(&self, cells: &[String]) -> Vec<String> {
        let filled = self.map.labels.iter().filter_map(|template| self.filled(template, cells));
        let mut labels: Vec<String> =
            filled.filter_map(|text| Slug::from_title(&text)).map(|s| s.to_string()).collect();
        labels.sort();
        labels.dedup();
        labels
    }

    /// The text of a template; nothing when all its columns are empty.
    fn filled(&self, template: &Template, cells: &[String]) -> Option<String> {
        let mut out = String::new();
        let (mut columns, mut empty) = (0, 0);
        for part in &template.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Column(column) => {
                    let text = self.columns.text(cells, column);
                    columns += 1;
                    empty += usize::from(text.is_empty());
                    out.push_str(text);
                }
            }
        }
        (columns == 0 || empty < columns).then(|| one_line(&out))
    }

    fn author(&self, cells: &[String]) -> Author {
        let of = |column: &Option<Column>| column.as_ref().map_or("", |column| self.columns.text(cells, column));
        let (name, email) = (of(&self.map.author), of(&self.map.author_email));
        if email.is_empty() { Author::called(name) } else { Author { name: name.to_owned(), email: email.to_owned() } }
    }
}

type Values = BTreeMap<&'static str, String>;

/// What the log said of a case so far.
#[derive(Default)]
struct State {
    values: Values,
    labels: Vec<String>,
    names: BTreeMap<String, usize>,
}

impl State {
    /// A name for the event that a row inserted before it does not change: its time and a mark of its activity.
    fn name(&mut self, at: Time, activity: &str) -> String {
        let name = format!("{}-{:04x}", at.compact(), stable_hash(activity) & 0xffff);
        let count = self.names.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}-{count}") }
    }
}

#[cfg(test)]
mod tests;
