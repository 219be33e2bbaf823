//! Many clones edit one desk and exchange it at random; exchanges are cut off at random moments.
//!
//! What must hold: nobody's own work is touched, no edit is lost or made twice, everybody ends with one line of history, and git and
//! the program find nothing wrong with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::people::{Person, hub, said};
use crate::Failure;
use crate::sample::chance::Chance;

/// How wild it gets.
#[derive(Debug, Clone)]
pub struct Torture {
    /// How many clones there are.
    pub clones: usize,
    /// How many edits each makes.
    pub edits: usize,
    /// Of what is done when; how the clones get in each other's way differs each time.
    pub seed: u64,
    /// The folder it happens in, kept; one of its own that goes away when nothing was found.
    pub dir: Option<PathBuf>,
    /// The program.
    pub program: PathBuf,
}

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// In a line.
    pub summary: String,
    /// What must never happen and did.
    pub violations: Vec<String>,
}

/// Tickets that all clones edit.
const SHARED: usize = 12;
/// Keys that belong to one clone each, so that nobody has to decide anything.
const KEYS: [&str; 3] = ["product", "version", "contact"];
/// Of a hundred edits, how many are followed by an exchange.
const SYNCS: usize = 35;
/// Of a hundred exchanges, how many are cut off.
const CUTS: usize = 60;
/// Of a hundred cuts, how many are followed by a look at every object.
const FSCKS: usize = 10;

#[derive(Debug, Default)]
struct Counts {
    syncs: usize,
    cuts: usize,
    beaten: usize,
    violations: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// When it could not be set up; what was found wrong is in the outcome.
pub fn run(torture: &Torture) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let dir = super::scratch(torture.dir.as_deref(), "sync")?;
    let people = set_up(torture, &dir)?;
    let tickets = tickets(&people[0])?;
    let workers: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(number, person)| {
            let (person, tickets, torture) = (person.clone(), tickets.clone(), torture.clone());
            std::thread::spawn(move || {
                let mut worker = Worker::new(&torture, number, person, tickets);
                let done = worker.work();
                let error = done.err().map(|error| error.to_string());
                worker.counts.violations.extend(error);
                worker.counts
            })
        })
        .collect();
    let mut all = Counts::default();
    for worker in workers {
        let counts = worker.join().map_err(|_| "a worker ended early")?;
        all.syncs += counts.syncs;
        all.cuts += counts.cuts;
        all.beaten += counts.beaten;
        all.violations.extend(counts.violations);
    }
    let (found, commits) = final_check(torture, &people, &mut all.violations)?;
    let (wanted, seconds) = (torture.clones * torture.edits, began.elapsed().as_secs());
    let summary = format!(
        "sync: seed {}, {} clones x {} edits, {} syncs, {} cut off, {} beaten: {found} of {wanted} edits there, a history of {commits} \
         commits, {} violations, {seconds} s",
        torture.seed,
        torture.clones,
        torture.edits,
        all.syncs,
        all.cuts,
        all.beaten,
        all.violations.len()
    );
    if all.violations.is_empty() && torture.dir.is_none() {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(Outcome { summary, violations: all.violations })
}

fn set_up(torture: &Torture, dir: &Path) -> Result<Vec<Person>, Failure> {
    let first = Person::new(dir, "clone-0", &torture.program)?;
    let address = hub(dir, &first)?;
    first.staple_ok(0, &["init"])?;
    for ticket in 0..SHARED {
        let title = format!("Ticket {ticket}");
        first.staple_ok(ticket, &["new", &title, "--text", "It does not work"])?;
    }
    first.git(&["remote", "add", "origin", &address])?;
    first.staple_ok(60, &["sync"])?;
    let mut people = vec![first];
    for number in 1..torture.clones {
        let person = Person::new(dir, &format!("clone-{number}"), &torture.program)?;
        person.clone_from(&address)?;
        people.push(person);
    }
    people.iter().try_for_each(Person::leave_own_work)?;
    Ok(people)
}

fn tickets(person: &Person) -> Result<Vec<String>, Failure> {
    let listed = person.staple_ok(100, &["list", "--template", "{{ ref }}"])?;
    Ok(listed.lines().map(str::to_owned).collect())
}

/// One clone at work.
struct Worker {
    number: usize,
    edits: usize,
    clones: usize,
    person: Person,
    tickets: Vec<String>,
    chance: Chance,
    counts: Counts,
    /// How long an exchange takes that is not cut off.
    usual: Duration,
}

impl Worker {
    fn new(torture: &Torture, number: usize, person: Person, tickets: Vec<String>) -> Self {
        let chance = Chance::new(torture.seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
        let usual = Duration::from_millis(300);
        let (edits, clones) = (torture.edits, torture.clones);
        Self { number, edits, clones, person, tickets, chance, counts: Counts::default(), usual }
    }

    fn work(&mut self) -> Result<(), Failure> {
        for edit in 0..self.edits {
            let moment = 120 + (edit * self.clones + self.number) * 7;
            self.edit(edit, moment)?;
            if self.chance.percent(SYNCS) {
                match self.chance.percent(CUTS) {
                    true => self.cut_sync(moment + 1)?,
                    false => drop(self.sync(moment + 1)?),
                }
            }
        }
        for _ in 0..50 {
            if self.sync(100_000)? {
                return Ok(());
            }
        }
        self.wrong("50 exchanges in a row were beaten");
        Ok(())
    }

    fn wrong(&mut self, what: impl Into<String>) {
        self.counts.violations.push(format!("{}: {}", self.person.name, what.into()));
    }

    fn edit(&mut self, edit: usize, moment: usize) -> Result<(), Failure> {
        let name = format!("edit-{}-{edit}", self.number);
        let ticket = self.chance.one(&self.tickets).clone();
        let (label, value, text) = (format!("labels+={name}"), self.own_key(&name), format!("text of {name}"));
        let args: Vec<&str> = match self.chance.below(10) {
            0..=3 => vec!["note", &ticket, "-m", &text],
            4..=6 => vec!["set", &ticket, &label],
            7..=8 if value.is_some() => vec!["set", &ticket, value.as_deref().unwrap_or_default()],
            _ => vec!["new", &name],
        };
        let args = [args.as_slice(), &["--op-id", &name]].concat();
        let output = self.person.staple(moment, &args)?;
        if !output.status.success() {
            self.wrong(format!("staple {}: {}", args.join(" "), said(&output)));
        }
        Ok(())
    }

    /// A key that nobody else sets, of this clone alone.
    fn own_key(&self, value: &str) -> Option<String> {
        KEYS.get(self.number).map(|key| format!("{key}={value}"))
    }

    /// An exchange to its end; whether it came to a good one.
    fn sync(&mut self, moment: usize) -> Result<bool, Failure> {
        self.counts.syncs += 1;
        let began = Instant::now();
        let output = self.person.staple(moment, &["sync"])?;
        self.usual = (self.usual + began.elapsed()) / 2;
        let done = output.status.success();
        if !done && output.status.code() == Some(3) && said(&output).contains("others pushed to") {
            self.counts.beaten += 1;
        } else if !done {
            self.wrong(format!("sync: {}", said(&output)));
        }
        let wrong = self.person.own_work_wrong()?;
        wrong.into_iter().for_each(|wrong| self.wrong(format!("after a sync: {wrong}")));
        Ok(done)
    }

    /// An exchange that is killed at a random moment of its usual time. Git, if it runs, goes on by itself.
    fn cut_sync(&mut self, moment: usize) -> Result<(), Failure> {
        self.counts.syncs += 1;
        self.counts.cuts += 1;
        let before = self.person.head()?;
        let mut command = self.person.staple_command(moment, &["sync"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let micros = self.chance.below(self.usual.as_micros() as usize * 5 / 4 + 1);
        std::thread::sleep(Duration::from_micros(micros as u64));
        let _ = child.kill();
        child.wait()?;
        let after = self.person.head()?;
        // The branch is where it was, or has all of it: our newest edit on top.
        let newest = |at: &str| self.person.git(&["log", "-1", "--format=%an %s", at]);
        if after != before && newest(&after)? != newest(&before)? {
            let names = self.person.git(&["log", "-1", "--format=%an", &before])?;
            let is_own = names.trim() == self.person.name;
            if is_own {
                self.wrong(format!("cut off between {before} and {after}"));
            }
        }
        if self.chance.percent(FSCKS) {
            let unsound = self.person.unsound();
            unsound.into_iter().for_each(|unsound| self.wrong(unsound));
        }
        Ok(())
    }
}

/// Exchanges until everybody has the same, and looks at all of it; how many edits there are, and how many commits.
fn final_check(torture: &Torture, people: &[Person], violations: &mut Vec<String>) -> Result<(usize, usize), Failure> {
    for person in people.iter().chain(people) {
        let output = person.staple(200_000, &["sync"])?;
        if !output.status.success() {
            violations.push(format!("{}: last sync: {}", person.name, said(&output)));
        }
    }
    let first = &people[0];
    let head = first.head()?;
    for person in people {
        if person.head()? != head {
            violations.push(format!("{} ended elsewhere", person.name));
        }
        violations.extend(person.unsound());
        violations.extend(person.own_work_wrong()?);
        let checked = person.staple(200_001, &["check"])?;
        if !checked.status.success() {
            violations.push(format!("{}: check: {}", person.name, said(&checked)));
        }
    }
    if !first.git(&["log", "--merges", "--oneline"])?.is_empty() {
        violations.push("there are merges".to_owned());
    }
    let messages = first.git(&["log", "--format=%B"])?;
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for name in messages.lines().filter_map(|line| line.strip_prefix("Op-Id: edit-")) {
        *times.entry(name).or_default() += 1;
    }
    let mut found = 0;
    for clone in 0..torture.clones {
        for edit in 0..torture.edits {
            match times.get(format!("{clone}-{edit}").as_str()) {
                Some(1) => found += 1,
                Some(many) => violations.push(format!("edit-{clone}-{edit} is there {many} times")),
                None => violations.push(format!("edit-{clone}-{edit} is lost")),
            }
        }
    }
    lost_words(first, violations)?;
    let commits = first.git(&["rev-list", "--count", "HEAD"])?.trim().parse()?;
    Ok((found, commits))
}

/// Every text, label and title that a commit brought must still stand somewhere: nobody took one away.
fn lost_words(person: &Person, violations: &mut Vec<String>) -> Result<(), Failure> {
    let words = |rev: &[&str]| -> Result<Vec<String>, Failure> {
        let found = person.git(&[&["log", "-p", "--format=", "--unified=0"], rev, &["--", "tickets"]].concat())?;
        let added = found.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++"));
        // Keys of one value are set anew, and rightly lose what they had.
        let lasts = added.filter(|line| !KEYS.iter().any(|key| line[1..].starts_with(&format!("{key} = "))));
        let names = lasts.filter_map(|line| line.find("edit-").map(|at| &line[at..]));
        let name = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
            text[..end].to_owned()
        };
        let mut names: Vec<String> = names.map(name).collect();
        names.sort();
        names.dedup();
        Ok(names)
    };
    let standing = person.git(&["grep", "-h", "-o", "-E", "edit-[0-9]+-[0-9]+", "HEAD", "--", "tickets"])?;
    let standing: std::collections::BTreeSet<&str> = standing.lines().collect();
    for name in words(&[])?.iter().filter(|name| !standing.contains(name.as_str())) {
        violations.push(format!("the words of {name} are lost"));
    }
    Ok(())
}
