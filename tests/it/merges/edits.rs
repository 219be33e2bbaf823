//! Random edits of one record and its messages, made with the product's own changes.

use std::collections::BTreeMap;

use staple::record::change::ticket::{self as verbs, AfterReply, Case, Resolve, Wait, Words};
use staple::record::change::{Change, Moment, Plan, Refusal};
use staple::record::id::TicketId;
use staple::record::schema::{Key, Target, Type};
use staple::record::slug::Slug;
use staple::record::time::Time;
use staple::record::{Kind, Name, Record, Value};
use staple::store::layout::{Located, locate, message_path, slug_path, ticket_path};
use staple::text;

/// Numbers that look random and are the same for the same seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn word(&mut self) -> String {
        let first = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jade"];
        let last = ["bank", "crest", "field", "gate", "hill", "lake", "moor", "path", "ridge", "well"];
        format!("{}-{}", self.pick(&first), self.pick(&last))
    }

    fn time(&mut self) -> Time {
        Time::parse("2026-11-01T08:00:00Z").unwrap().plus(self.below(2_000_000) as i64)
    }
}

/// The files of one side: a record, and of a ticket its messages.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) kind: Kind,
    pub(crate) path: String,
    pub(crate) files: BTreeMap<String, String>,
}

impl Side {
    /// A record with values, and of a ticket a few messages; now and then with key lines taken out by hand.
    pub(crate) fn random(kind: Kind, dice: &mut Dice) -> Self {
        let (name, path) = if kind == Kind::Ticket {
            let id = TicketId::parse("7k3mqp").unwrap();
            (Name::Ticket(id), ticket_path(id, Time::parse("2026-11-01T08:00:00Z").unwrap()))
        } else {
            let slug = Slug::parse("sample").unwrap();
            (Name::Slug(slug.clone()), slug_path(kind, &slug))
        };
        let mut record = Record::new(kind, name, path.clone());
        for key in kind.schema().keys {
            if key.required || dice.below(3) > 0 {
                let value = value(key, &Value::Unset, dice);
                record.set(key.name, value);
            }
        }
        let mut side = Self { kind, path: path.clone(), files: BTreeMap::new() };
        side.files.insert(path.clone(), text::create(&record));
        if kind == Kind::Ticket {
            for _ in 0..1 + dice.below(3) {
                side.say("received", dice);
            }
            if dice.below(4) == 0 {
                side.bind();
                side.say("note", dice);
            }
        }
        if dice.below(3) == 0 {
            for _ in 0..1 + dice.below(2) {
                side.take_out_a_key(dice);
            }
        }
        side
    }

    fn take_out_a_key(&mut self, dice: &mut Dice) {
        let last = self.kind.schema().keys.len() - 1;
        let key = &self.kind.schema().keys[dice.below(last)];
        let text = self.text().to_owned();
        let unset = if key.ty.is_list() { "[]" } else { "\"\"" };
        let line = format!("{} = {unset}\n\n", key.name);
        // The anchor of the addition stays.
        if !key.required && key.name != self.kind.schema().anchor {
            self.put(text.replacen(&line, "", 1));
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.files[&self.path]
    }

    fn put(&mut self, text: String) {
        self.files.insert(self.path.clone(), text);
    }

    pub(crate) fn record(&self) -> Record {
        read(&self.path, self.text())
    }

    /// All messages: the bound ones, and the loose ones that are not bound.
    pub(crate) fn messages(&self) -> Vec<Record> {
        let mut out = self.record().messages;
        let loose = self.files.iter().filter(|(path, _)| **path != self.path).map(|(path, text)| read(path, text));
        for message in loose {
            if !out.iter().any(|bound| bound.name == message.name) {
                out.push(message);
            }
        }
        out.sort_by(|a, b| (a.time("at"), &a.name).cmp(&(b.time("at"), &b.name)));
        out
    }

    /// One to three edits; what each was, for the report of a failure.
    pub(crate) fn edit(&mut self, dice: &mut Dice) -> Vec<String> {
        (0..1 + dice.below(3)).map(|_| self.edit_once(dice)).collect()
    }

    fn edit_once(&mut self, dice: &mut Dice) -> String {
        let choice = dice.below(10);
        match (self.kind, choice) {
            (Kind::Ticket, 0..=1) => self.say("note", dice),
            (Kind::Ticket, 2..=3) => self.verb(dice),
            (Kind::Ticket, 4) => self.bind(),
            (_, 5) => {
                let fixed = text::add_missing_keys(self.text(), &self.record()).unwrap();
                self.put(fixed);
                "check --fix".to_owned()
            }
            _ => self.set_a_key(dice),
        }
    }

    /// One to three edits as people make them in an editor: comments, keys of their own, another way to write a value.
    pub(crate) fn edit_by_hand(&mut self, dice: &mut Dice) -> Vec<String> {
        (0..1 + dice.below(3)).map(|_| self.edit_once_by_hand(dice)).collect()
    }

    fn edit_once_by_hand(&mut self, dice: &mut Dice) -> String {
        let text = self.text().to_owned();
        let block = text.find("# messages").unwrap_or(text.len());
        let keys: Vec<usize> = key_lines(&text[..block]);
        let at = *dice.pick(&keys);
        let end = at + text[at..].find('\n').unwrap();
        let written = &text[at..end];
        let key = written.split(" = ").next().unwrap();
        let is_plain = written.ends_with('"') && written.matches('"').count() == 2;
        let own = format!("mine-{}", dice.below(2));
        match dice.below(5) {
            0 => {
                self.put(format!("{}# {}\n{}", &text[..at], line(dice), &text[at..]));
                format!("comment above {key}")
            }
            1 if is_plain => {
                self.put(format!("{}  # {}{}", &text[..end], line(dice), &text[end..]));
                format!("comment behind {key}")
            }
            2 if is_plain && !written.contains('\\') => {
                self.put(format!("{}{}{}", &text[..at], written.replace('"', "'"), &text[end..]));
                format!("other quotes of {key}")
            }
            // Never above the first key, so that a line's end stands before each.
            3 if at > 0 && !text.contains(&format!("\n{own} = ")) => {
                self.put(format!("{}{own} = \"{}\"\n\n{}", &text[..at], dice.word(), &text[at..]));
                format!("{own} above {key}")
            }
            _ => match text.find(&format!("\n{own} = ")) {
                Some(at) => {
                    let end = at + 1 + text[at + 1..].find('\n').unwrap();
                    self.put(format!("{}\n{own} = \"{}\"{}", &text[..at], dice.word(), &text[end..]));
                    format!("{own} anew")
                }
                None => "nothing".to_owned(),
            },
        }
    }

    /// Ends every line as Windows does.
    pub(crate) fn end_lines_with_carriage_returns(&mut self) {
        for text in self.files.values_mut() {
            *text = text.replace('\n', "\r\n");
        }
    }

    fn set_a_key(&mut self, dice: &mut Dice) -> String {
        let keys = self.kind.schema().keys;
        let mut key = &keys[dice.below(keys.len())];
        // Missing keys are added above the anchor, for which a key was chosen that hardly ever changes. A ticket's are not.
        while self.kind != Kind::Ticket && key.name == self.kind.schema().anchor {
            key = &keys[dice.below(keys.len())];
        }
        let value = value(key, self.record().get(key.name), dice);
        self.set(&[(key.name, value.clone())]);
        format!("set {}={value}", key.name)
    }

    fn set(&mut self, sets: &[(&str, Value)]) {
        let text = text::edit(self.text(), self.kind.schema(), sets).unwrap();
        self.put(text);
    }

    fn say(&mut self, kind: &str, dice: &mut Dice) -> String {
        let mut record = self.with_moment(dice, |case, moment| {
            let id = case.ticket.ticket_id().unwrap();
            verbs::new_message(id, kind, &Words::plain(format!("about {}\nand more", moment.by)), moment).0
        });
        record.set("text", format!("{}\n{}", dice.word(), dice.word()));
        let Name::Message(_, id) = record.name else { unreachable!() };
        self.files.insert(message_path(&self.path, id), text::create(&record));
        format!("{kind} {id}")
    }

    /// Moves every loose message into the ticket, as `staple bind` does.
    pub(crate) fn bind(&mut self) -> String {
        let bound = self.record().messages;
        let loose: Vec<Record> =
            self.messages().into_iter().filter(|m| !bound.iter().any(|b| b.name == m.name)).collect();
        let text = text::bind(self.text(), &loose);
        self.files.retain(|path, _| *path == self.path);
        self.put(text);
        format!("bind {}", loose.len())
    }

    fn with_moment<T>(&self, dice: &mut Dice, f: impl FnOnce(Case<'_>, &mut Moment<'_>) -> T) -> T {
        let ticket = self.record();
        let messages = self.messages();
        let messages: Vec<&Record> = messages.iter().collect();
        let (at, by) = (dice.time(), dice.word());
        let mut random = || dice.next();
        let mut moment = Moment { at, by, zone: jiff::tz::TimeZone::UTC, random: &mut random };
        f(Case { ticket: &ticket, messages: &messages }, &mut moment)
    }

    fn verb(&mut self, dice: &mut Dice) -> String {
        let choice = dice.below(6);
        let after = dice.time().plus(5_000_000);
        let plan: Result<Plan, Refusal> = self.with_moment(dice, |case, moment| match choice {
            0 => verbs::take(case, "robin"),
            1 => verbs::reply(case, &Words::plain("We look at it."), &AfterReply::default(), moment),
            2 => {
                let on = "team:engineering".to_owned();
                verbs::wait(case, &Wait { on, what: "a fix".to_owned(), next_update: Some(after) }, moment)
            }
            3 => {
                let how = Resolve { resolution: "answered".to_owned(), ..Resolve::default() };
                let after = AfterReply { resolve: Some(how), ..AfterReply::default() };
                verbs::reply(case, &Words::plain("It works now."), &after, moment)
            }
            4 => verbs::reopen(case),
            _ => verbs::drop(case, "mistake"),
        });
        let Ok(plan) = plan else { return "refused".to_owned() };
        for change in plan.changes {
            match change {
                Change::Set { sets, .. } => self.set(&sets),
                Change::Create(message) => {
                    let Name::Message(_, id) = message.name else { unreachable!() };
                    self.files.insert(message_path(&self.path, id), text::create(&message));
                }
                Change::Attach { .. } => {}
            }
        }
        plan.summary
    }
}

/// The record in a file that must be sound.
pub(crate) fn read(path: &str, text: &str) -> Record {
    let Some(Located::Record(kind, name)) = locate(path) else { panic!("{path} is no record") };
    let parsed = text::parse(kind, &name, path, text.as_bytes());
    assert!(parsed.is_sound(), "{path}: {:?}\n{text}", parsed.findings);
    parsed.record.unwrap()
}

/// A new value for a key, from the old one.
fn value(key: &Key, old: &Value, dice: &mut Dice) -> Value {
    if !key.required && dice.below(6) == 0 {
        return Value::Unset;
    }
    match key.ty {
        Type::Line => Value::Text(format!("{} {}", dice.word(), dice.word())),
        Type::Prose => Value::Text(changed_lines(old, dice).join("\n")),
        Type::Word(words) => Value::Text((*dice.pick(words)).to_owned()),
        Type::Time => Value::Time(dice.time()),
        Type::Day => Value::Day(dice.time().day()),
        Type::Bool => Value::Bool(dice.below(2) == 0),
        Type::Number => Value::Number(dice.below(100) as i64),
        Type::Ref(targets) => Value::Text(target(targets, dice)),
        Type::List => list(old, dice, |dice| dice.word()),
        Type::Refs(targets) => list(old, dice, |dice| target(targets, dice)),
        Type::Ordered => Value::List(changed_lines(old, dice)),
        Type::Rows(fields) => {
            let mut rows = match old {
                Value::Rows(rows) => rows.clone(),
                _ => Vec::new(),
            };
            if !rows.is_empty() && dice.below(3) == 0 {
                rows.remove(dice.below(rows.len()));
            }
            let row = fields.iter().map(|f| (f.name.to_owned(), value(f, &Value::Unset, dice))).collect();
            if !rows.contains(&row) {
                rows.push(row);
            }
            Value::Rows(rows)
        }
    }
}

fn target(targets: &[Target], dice: &mut Dice) -> String {
    let kinds = targets.iter().filter(|t| **t != Target::TheCustomer).count();
    match dice.pick(targets) {
        Target::Ticket => format!("T-{}a{:04}", dice.below(9), dice.below(9_000)),
        Target::Of(_) if kinds == 1 => dice.word(),
        Target::Of(kind) => format!("{}:{}", kind.word(), dice.word()),
        Target::Release => format!("release:v{}", dice.below(9)),
        Target::Vendor => format!("vendor:{}", dice.word()),
        Target::TheCustomer => "customer".to_owned(),
    }
}

fn list(old: &Value, dice: &mut Dice, mut item: impl FnMut(&mut Dice) -> String) -> Value {
    let mut items = match old {
        Value::List(items) => items.clone(),
        _ => Vec::new(),
    };
    if !items.is_empty() && dice.below(2) == 0 {
        items.remove(dice.below(items.len()));
    }
    for _ in 0..1 + dice.below(3) {
        items.push(item(dice));
    }
    items.sort();
    items.dedup();
    Value::List(items)
}

/// Lines with one put in, taken out or written anew; some lines where there were none. No two lines are the same.
fn changed_lines(old: &Value, dice: &mut Dice) -> Vec<String> {
    let mut lines: Vec<String> = match old {
        Value::Text(text) => text.lines().map(str::to_owned).collect(),
        Value::List(items) => items.clone(),
        _ => Vec::new(),
    };
    if lines.is_empty() {
        return (0..2 + dice.below(6)).map(|_| line(dice)).collect();
    }
    let at = dice.below(lines.len());
    match dice.below(3) {
        0 => lines.insert(at, line(dice)),
        1 if lines.len() > 1 => drop(lines.remove(at)),
        _ => lines[at] = line(dice),
    }
    lines
}

/// Where the lines of a record's own keys begin, those with values of one line or of many.
fn key_lines(text: &str) -> Vec<usize> {
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let is_key = |at: &usize| {
        let word = text[*at..].split(" = ").next().unwrap_or_default();
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())
    };
    starts.filter(is_key).collect()
}

fn line(dice: &mut Dice) -> String {
    format!("{} {} {}", dice.word(), dice.word(), dice.below(100_000))
}
