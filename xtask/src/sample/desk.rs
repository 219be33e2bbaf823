//! Everything that happens on a sample desk, in one order of time, each event one commit.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use staple::record::Name;
use staple::record::id::TicketId;
use staple::record::time::Time;
use staple::store::Signature;
use staple::store::bulk::BulkCommit;
use staple::text;

use super::chance::Chance;
use super::life::{Done, Life, Teller};
use super::spread;
use super::standing::{Standing, ZONE};
use super::words::Words;
use super::{END, Sample};
use crate::Failure;

const BIND_AFTER_SECONDS: i64 = 90 * 86_400;
/// As many records as a commit of the program names in lines of their own.
const NAMED: usize = 20;
/// How many tickets a commit of the branch `few-open` ends.
const AT_ONCE: usize = 100;

/// Where commits go, one after another.
pub(super) type Sink<'a> = dyn FnMut(BulkCommit) -> Result<(), Failure> + 'a;

/// A desk while it is told.
pub(super) struct Desk {
    sample: Sample,
    end: Time,
    zone: jiff::tz::TimeZone,
    words: Words,
    standing: Standing,
    chance: Chance,
    lives: BTreeMap<usize, Life>,
    /// Done tickets that are not bound yet, by when they were done.
    unbound: VecDeque<(Time, usize)>,
}

impl Desk {
    pub(super) fn new(sample: Sample) -> Result<Self, Failure> {
        let end = Time::parse(END).ok_or("the end of samples is no time")?;
        let mut chance = Chance::new(sample.seed);
        let words = Words::new(&mut chance);
        let began = spread::month_start(end, sample.months());
        let standing = Standing::new(sample.tickets, began, &words, &mut chance);
        let zone = jiff::tz::TimeZone::get(ZONE).unwrap_or(jiff::tz::TimeZone::UTC);
        Ok(Self { sample, end, zone, words, standing, chance, lives: BTreeMap::new(), unbound: VecDeque::new() })
    }

    /// Tells everything up to the end.
    pub(super) fn tell(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let began = spread::month_start(self.end, self.sample.months());
        self.standing_records(began.plus(-3_600), sink)?;
        let opened = spread::openings(self.sample.tickets, self.sample.months(), self.end, &mut self.chance);
        let open = spread::left_open(&opened, self.sample.open(), self.end, &mut self.chance);
        let mut ids = BTreeSet::new();
        let mut months_back = self.sample.months();
        // What is to come: the time, a number that keeps the order of equal times, and the ticket.
        let mut coming: BinaryHeap<Reverse<(Time, usize)>> = BinaryHeap::new();
        let mut place = 0;
        loop {
            let next_step = coming.peek().map(|Reverse((at, _))| *at);
            let next_opening = opened.get(place).copied();
            let Some(now) = next_step.into_iter().chain(next_opening).min() else { break };
            while months_back > 0 && now >= spread::month_start(self.end, months_back - 1) {
                months_back -= 1;
                self.bind(spread::month_start(self.end, months_back), sink)?;
            }
            let ticket = if next_step.is_some_and(|at| at == now) {
                let Some(Reverse((_, ticket))) = coming.pop() else { break };
                self.step(ticket, now, sink)?;
                ticket
            } else {
                let id = self.new_id(&mut ids);
                self.open(place, id, now, open[place], sink)?;
                place += 1;
                place - 1
            };
            if let Some(next) = self.lives.get(&ticket).and_then(Life::next) {
                coming.push(Reverse((next, ticket)));
            }
        }
        self.bind(self.end, sink)
    }

    /// Ends open tickets, the same for every machine, until as many are left as on a desk of a tenth the size.
    pub(super) fn few_open(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let open: Vec<usize> =
            self.lives.iter().filter(|(_, life)| !life.is_done()).map(|(ticket, _)| *ticket).collect();
        let keep = self.sample.few_open();
        let kept = |place: usize| place * keep / open.len() != (place + 1) * keep / open.len();
        let ending: Vec<usize> =
            open.iter().enumerate().filter(|(place, _)| !kept(*place)).map(|(_, ticket)| *ticket).collect();
        for (part, tickets) in ending.chunks(AT_ONCE).enumerate() {
            let at = self.end.plus(60 * (part as i64 + 1));
            let (mut files, mut touched) = (Vec::new(), Vec::new());
            for ticket in tickets {
                let teller = teller(&self.standing, &self.words, &self.zone, self.end);
                let Some(life) = self.lives.get_mut(ticket) else { continue };
                let done = teller.end(life, at, &mut self.chance).map_err(|refusal| refusal.message)?;
                files.extend(done.files);
                touched.extend(done.touched);
            }
            let subject = format!("{} tickets: reply, resolved", tickets.len());
            let person = Some(part % self.standing.people.len());
            let commit = self.commit(at, person, &subject, "ticket reply", &touched, files);
            sink(commit)?;
        }
        Ok(())
    }

    fn standing_records(&mut self, at: Time, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let files = self.standing.records.iter().map(|record| (record.path.clone(), text::create(record))).collect();
        let names: Vec<Name> = self.standing.records.iter().map(|record| record.name.clone()).collect();
        let commit = self.commit(at, Some(0), "desk made", "init", &names, files);
        sink(commit)
    }

    fn new_id(&mut self, ids: &mut BTreeSet<TicketId>) -> TicketId {
        loop {
            if let Some(id) = TicketId::from_random(self.chance.bits()).filter(|id| ids.insert(*id)) {
                return id;
            }
        }
    }

    fn open(
        &mut self,
        ticket: usize,
        id: TicketId,
        at: Time,
        stays_open: bool,
        sink: &mut Sink<'_>,
    ) -> Result<(), Failure> {
        let teller = teller(&self.standing, &self.words, &self.zone, self.end);
        let (life, done) = teller.open(id, at, stays_open, &mut self.chance).map_err(|refusal| refusal.message)?;
        let id = life.ticket.reference();
        self.lives.insert(ticket, life);
        self.event(at, &id, done, sink)
    }

    fn step(&mut self, ticket: usize, at: Time, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let teller = teller(&self.standing, &self.words, &self.zone, self.end);
        let Some(life) = self.lives.get_mut(&ticket) else { return Ok(()) };
        let done = teller.step(life, &mut self.chance).map_err(|refusal| refusal.message)?;
        let id = life.ticket.reference();
        if life.is_done() {
            self.unbound.push_back((at, ticket));
        }
        done.map_or(Ok(()), |done| self.event(at, &id, done, sink))
    }

    fn event(&mut self, at: Time, id: &str, done: Done, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let subject = format!("{id}: {}", done.summary);
        let commit = self.commit(at, done.person, &subject, done.action, &done.touched, done.files);
        sink(commit)
    }

    /// What `staple bind` does at `now`.
    fn bind(&mut self, now: Time, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let (mut files, mut gone, mut touched) = (Vec::new(), Vec::new(), Vec::new());
        while self.unbound.front().is_some_and(|(done, _)| *done <= now.plus(-BIND_AFTER_SECONDS)) {
            let Some(life) = self.unbound.pop_front().and_then(|(_, ticket)| self.lives.remove(&ticket)) else {
                continue;
            };
            files.push((life.ticket.path.clone(), life.bound()));
            touched.push(life.ticket.name);
            gone.extend(life.messages.into_iter().map(|message| message.path));
        }
        if files.is_empty() {
            return Ok(());
        }
        let subject = format!("{} tickets bound", files.len());
        let mut commit = self.commit(now, Some(0), &subject, "bind", &touched, files);
        commit.writes.extend(gone.into_iter().map(|path| (path, None)));
        sink(commit)
    }

    fn commit(
        &mut self,
        at: Time,
        person: Option<usize>,
        subject: &str,
        action: &str,
        touched: &[Name],
        files: Vec<(String, String)>,
    ) -> BulkCommit {
        let (name, email) = match person.map(|person| &self.standing.people[person]) {
            Some(person) => (person.name.clone(), person.email.clone()),
            None => ("Support mailbox".to_owned(), "support@example.com".to_owned()),
        };
        let offset_seconds = self.zone.to_offset(at.timestamp()).seconds();
        let by = Signature { name, email, time: at, offset_seconds };
        let mut message = format!("{}\n\nAction: {action}\n", subject.chars().take(100).collect::<String>());
        if touched.len() > NAMED {
            message.push_str(&format!("Records: {}\n", touched.len()));
        } else {
            touched.iter().for_each(|name| message.push_str(&format!("Record: {}\n", reference(name))));
        }
        message.push_str(&format!("Op-Id: {:016x}\n", self.chance.bits()));
        let writes = files.into_iter().map(|(path, text)| (path, Some(text.into_bytes()))).collect();
        BulkCommit { author: by.clone(), committer: by, message, writes }
    }
}

fn teller<'a>(standing: &'a Standing, words: &'a Words, zone: &jiff::tz::TimeZone, end: Time) -> Teller<'a> {
    Teller { standing, words, zone: zone.clone(), end }
}

fn reference(name: &Name) -> String {
    match name {
        Name::Message(ticket, id) => format!("{ticket} {id}"),
        name => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use staple::record::{Kind, Record, lifecycle};
    use staple::store::layout::{Located, locate};

    /// The files after all commits, and the commits.
    fn told(sample: Sample) -> (BTreeMap<String, Vec<u8>>, Vec<BulkCommit>) {
        let (mut files, mut commits) = (BTreeMap::new(), Vec::new());
        let mut desk = Desk::new(sample).expect("a desk");
        desk.tell(&mut |commit: BulkCommit| {
            for (path, bytes) in &commit.writes {
                match bytes {
                    Some(bytes) => drop(files.insert(path.clone(), bytes.clone())),
                    None => drop(files.remove(path).ok_or_else(|| format!("{path} was not there"))?),
                }
            }
            commits.push(commit);
            Ok(())
        })
        .expect("a story");
        (files, commits)
    }

    fn records(files: &BTreeMap<String, Vec<u8>>) -> Vec<Record> {
        let parse = |(path, bytes): (&String, &Vec<u8>)| {
            let Some(Located::Record(kind, name)) = locate(path) else { panic!("{path} is no record") };
            let parsed = text::parse(kind, &name, path, bytes);
            assert!(parsed.findings.is_empty(), "{path}: {:?}", parsed.findings);
            parsed.record.expect("a record")
        };
        files.iter().map(parse).collect()
    }

    #[test]
    fn every_file_is_as_the_program_writes_it_and_nothing_is_to_be_found() {
        let (files, _) = told(Sample::of(30));
        let records = records(&files);
        for record in &records {
            let written = text::create(record);
            assert_eq!(written.as_bytes(), files[&record.path], "{}", record.path);
            let loose = records.iter().filter(|m| m.kind == Kind::Message && m.ticket_id() == record.ticket_id());
            let messages: Vec<&Record> = loose.chain(&record.messages).collect();
            assert_eq!(lifecycle::findings(record, &messages), vec![], "{}", record.path);
        }
        assert_eq!(records.iter().filter(|record| record.kind == Kind::Ticket).count(), 30);
    }

    #[test]
    fn one_ticket_in_twenty_stays_open_and_old_done_ones_are_bound() {
        let (files, commits) = told(Sample::of(200));
        let records = records(&files);
        let tickets: Vec<&Record> = records.iter().filter(|record| record.kind == Kind::Ticket).collect();
        let open = tickets.iter().filter(|ticket| !staple::record::ticket::is_done(ticket.text("status"))).count();
        assert_eq!(open, 10);
        let bound = tickets.iter().filter(|ticket| !ticket.messages.is_empty()).count();
        assert!((100..200).contains(&bound), "{bound} of 200 are bound");
        assert!((600..1_000).contains(&commits.len()), "{} commits", commits.len());
        assert!(commits.is_sorted_by_key(|commit| commit.author.time));
        let end = Time::parse(END).expect("a time");
        assert!(commits.iter().all(|commit| commit.author.time <= end));
    }

    #[test]
    fn the_same_size_and_seed_give_the_same_commits() {
        let bytes = |commits: &[BulkCommit]| format!("{commits:?}");
        assert_eq!(bytes(&told(Sample::of(25)).1), bytes(&told(Sample::of(25)).1));
        let other = Sample { seed: 1, ..Sample::of(25) };
        assert_ne!(bytes(&told(Sample::of(25)).1), bytes(&told(other).1));
    }

    #[test]
    fn few_open_leaves_as_many_open_as_a_tenth_of_the_desk_has() {
        let mut desk = Desk::new(Sample::of(400)).expect("a desk");
        desk.tell(&mut |_| Ok(())).expect("a story");
        let mut ended = 0;
        desk.few_open(&mut |commit| {
            assert!(commit.writes.len() <= 2 * AT_ONCE);
            ended += 1;
            Ok(())
        })
        .expect("an end");
        assert_eq!(ended, 1);
        assert_eq!(desk.lives.values().filter(|life| !life.is_done()).count(), 2);
    }
}
