//! Commands that change something, with one of their system calls failing, or killed at it, as strace can (Linux).
//!
//! For each command a dry run is traced, and then run again on a copy of its desk once for every call that might fail and every way it
//! might, and once killed there. What must hold after each is what RELIABILITY calls I1 to I9; a table says for each command what was
//! tried and what did not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use super::people::{Person, said};
use super::sync::Outcome;
use crate::Failure;

/// Which faults to try.
#[derive(Debug, Clone)]
pub struct Faults {
    /// Every how many of them; 1 for each.
    pub every: usize,
    /// The one command to try; all of them.
    pub only: Option<String>,
    /// The program.
    pub program: PathBuf,
}

/// Not an error of a call, but the end of the program at it.
const KILL: &str = "KILL";
/// The calls that may fail, and how.
const CALLS: [(&str, &[&str]); 16] = [
    ("openat", &["EMFILE", "EACCES", "EIO", "ENOSPC", KILL]),
    ("write", &["EIO", "ENOSPC", KILL]),
    ("pwrite64", &["EIO", "ENOSPC", KILL]),
    ("writev", &["EIO", "ENOSPC", KILL]),
    ("ftruncate", &["EIO", "ENOSPC", KILL]),
    ("fsync", &["EIO", "ENOSPC", KILL]),
    ("fdatasync", &["EIO", "ENOSPC", KILL]),
    ("rename", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("renameat", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("renameat2", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("link", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("linkat", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("mkdir", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("mkdirat", &["EIO", "ENOSPC", "EACCES", KILL]),
    ("unlink", &["EIO", "EACCES", KILL]),
    ("unlinkat", &["EIO", "EACCES", KILL]),
];
/// Files of the machine, which a program that cannot open them does not begin with.
const MACHINE: [&str; 7] = ["\"/lib", "\"/usr/", "\"/etc/", "\"/proc/", "\"/sys/", "\"/dev/", "\"/opt/"];
/// What is judged.
const INVARIANTS: [&str; 8] = ["I1", "I2", "I3", "I4", "I5", "I6", "I8", "I9"];
/// The operation's name.
const OPERATION: &str = "faulted";
/// When the desks were made, in seconds after the beginning, at the latest.
const PREPARED: usize = 1_000;

/// One command to try.
struct Case {
    name: &'static str,
    args: Vec<String>,
    /// The branch it moves.
    tip: &'static str,
    /// When it runs, where that matters.
    now: Option<&'static str>,
}

impl Case {
    fn is_staged(&self) -> bool {
        self.args.iter().any(|arg| arg == "--stage")
    }

    fn names_operation(&self) -> bool {
        self.args.iter().any(|arg| arg == "--op-id")
    }
}

/// What was found of one command.
#[derive(Default)]
struct Found {
    points: usize,
    /// As many of them as killed the program.
    kills: usize,
    /// Faults whose call the run did not come to.
    missed: usize,
    /// Locks that could not be taken away, as git's own could not.
    locks: usize,
    violations: BTreeMap<&'static str, usize>,
}

/// Runs it.
///
/// # Errors
/// When it could not be set up, such as without strace.
pub fn run(faults: &Faults) -> Result<Outcome, Failure> {
    if Command::new("strace").arg("-V").output().is_err() {
        return Err("strace is not installed: its package is called strace everywhere".into());
    }
    let began = Instant::now();
    let dir = super::scratch(None, "faults")?;
    let (sam, cases) = prepare(&dir, &faults.program)?;
    let mut outcome = Outcome::default();
    let mut table = format!("{:8} {:>6} {:>5} {:>6} {:>5}", "command", "points", "kills", "missed", "locks");
    INVARIANTS.iter().for_each(|name| table.push_str(&format!(" {name:>4}")));
    let mut points = 0;
    for case in cases.iter().filter(|case| faults.only.as_deref().is_none_or(|only| only == case.name)) {
        let found = Trial::new(&dir, &sam, case)?.run(faults.every, &mut outcome.violations)?;
        points += found.points;
        let Found { points: tried, kills, missed, locks, .. } = found;
        write!(table, "\n{:8} {tried:>6} {kills:>5} {missed:>6} {locks:>5}", case.name)?;
        for name in INVARIANTS {
            write!(table, " {:>4}", found.violations.get(name).copied().unwrap_or_default())?;
        }
        eprintln!("{}", table.lines().last().unwrap_or_default());
    }
    if points == 0 {
        return Err("no such command: new, set, note, reply, rename, bind, fix, undo, branch, stage, import".into());
    }
    outcome.summary = format!(
        "{table}\nfaults: {points} points, every {}: {} violations, {} s",
        faults.every,
        outcome.violations.len(),
        began.elapsed().as_secs()
    );
    std::fs::remove_dir_all(&dir)?;
    Ok(outcome)
}

/// A desk on which every command has something to do, and the commands.
fn prepare(dir: &Path, program: &Path) -> Result<(Person, Vec<Case>), Failure> {
    let sam = Person::new(dir, "sam", program)?;
    sam.staple_ok(0, &["init"])?;
    sam.staple_ok(1, &["customer", "new", "Brightwater"])?;
    let ticket = sam.staple_ok(2, &["new", "The export fails", "--customer", "brightwater", "--text", "At 2 GB"])?;
    sam.staple_ok(3, &["take", &ticket])?;
    let done = sam.staple_ok(4, &["new", "The import fails", "--text", "At once"])?;
    for (moment, args) in [["take", &done].as_slice(), &["note", &done, "-m", "a look"]].iter().enumerate() {
        sam.staple_ok(5 + moment, args)?;
    }
    sam.staple_ok(8, &["reply", &done, "-m", "It is mended", "--resolve", "fixed"])?;
    // A record that somebody wrote by hand, and forgot a key.
    let path = sam.desk.join("customers").join("brightwater.toml");
    let text = std::fs::read_to_string(&path)?;
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("segment = ")).collect();
    std::fs::write(&path, kept.join("\n") + "\n")?;
    sam.git(&["commit", "--quiet", "-a", "-m", "By hand"])?;
    sam.staple_ok(PREPARED, &["set", &ticket, "labels+=first"])?;
    let last = sam.head()?;
    sam.git(&["branch", "desk"])?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let events = root.join("tests/data/events/problems.csv").to_string_lossy().into_owned();
    let map = root.join("examples/bpi-2013.toml").to_string_lossy().into_owned();
    sam.leave_own_work()?;
    let case = |name, tip, args: &[&str]| {
        let mut args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let has_name = name != "stage" && name != "import";
        args.extend(["--op-id", OPERATION].iter().filter(|_| has_name).map(|&arg| arg.to_owned()));
        Case { name, args, tip, now: (name == "bind").then_some("2027-02-21T09:15:00Z") }
    };
    let cases = vec![
        case("new", "main", &["new", "The print is grey", "--text", "Since today"]),
        case("set", "main", &["set", &ticket, "labels+=second"]),
        case("note", "main", &["note", &ticket, "-m", "It is the length"]),
        case("reply", "main", &["reply", &ticket, "-m", "We are on it"]),
        case("rename", "main", &["rename", "brightwater", "clearwater"]),
        case("bind", "main", &["bind"]),
        case("fix", "main", &["check", "--fix"]),
        case("undo", "main", &["undo", &last]),
        case("branch", "desk", &["note", &ticket, "-m", "From elsewhere", "--branch", "desk"]),
        case("stage", "main", &["set", &ticket, "labels+=staged", "--stage"]),
        case("import", "main", &["import", "events", &events, "--map", &map]),
    ];
    Ok((sam, cases))
}

/// A desk as one command leaves it.
#[derive(Debug, PartialEq, Eq)]
struct State {
    /// The commit of the branch that the command moves.
    tip: String,
    /// The files there, the user's own left out.
    tree: String,
    /// What is staged.
    staged: String,
    /// Files of the work tree with their bytes.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

/// One command on copies of one desk.
struct Trial<'a> {
    dir: &'a Path,
    sam: &'a Person,
    case: &'a Case,
    before: State,
    after: State,
    listed: String,
    number: usize,
}

/// How a run came to grief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// One call failed.
    Fault,
    /// Several did, as calls are counted by thread: where the way back fails too, what is half there is for the next command to put
    /// right, and judged after it.
    Faults,
    /// It was killed, and had no way back.
    Kill,
}

/// A call of a run: its name, which of its kind in its thread, and the error it is to give.
type Point = (&'static str, usize, &'static str);

impl<'a> Trial<'a> {
    fn new(dir: &'a Path, sam: &'a Person, case: &'a Case) -> Result<Self, Failure> {
        let copy = sam.copy_to(&dir.join("expected"))?;
        let before = state(&copy, case)?;
        let output = command(&copy, case, None).output()?;
        if !output.status.success() {
            return Err(format!("{}: {}", case.name, said(&output)).into());
        }
        let after = state(&copy, case)?;
        if before == after {
            return Err(format!("{}: nothing was done: {}", case.name, said(&output)).into());
        }
        copy.git(&["commit", "--quiet", "-m", "Mine"])?;
        let listed = list(&copy)?;
        Ok(Self { dir, sam, case, before, after, listed, number: 0 })
    }

    fn run(mut self, every: usize, violations: &mut Vec<String>) -> Result<Found, Failure> {
        let mut found = Found::default();
        for point in self.points()?.into_iter().step_by(every) {
            self.number += 1;
            let Some((failed, wrongs)) = self.attempt(point, &mut found)? else {
                found.missed += 1;
                continue;
            };
            found.points += 1;
            found.kills += usize::from(point.2 == KILL);
            for (invariant, what) in wrongs {
                *found.violations.entry(invariant).or_default() += 1;
                violations.push(format!("{}: {failed}: {invariant}: {what}", self.case.name));
            }
        }
        Ok(found)
    }

    /// The calls of a run that may fail.
    fn points(&self) -> Result<Vec<Point>, Failure> {
        let copy = self.sam.copy_to(&self.dir.join("traced"))?;
        let trace = self.dir.join("trace");
        let mut strace = Command::new("strace");
        let names: Vec<&str> = CALLS.iter().map(|(call, _)| *call).collect();
        let names = format!("trace=?{}", names.join(",?"));
        strace.args(["-f", "-qq", "-s", "200", "-e", "signal=none", "-e", &names, "-o"]).arg(&trace);
        let output = command(&copy, self.case, Some(strace)).output()?;
        if !output.status.success() {
            return Err(format!("{} when traced: {}", self.case.name, said(&output)).into());
        }
        let text = std::fs::read_to_string(&trace)?;
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut points = BTreeSet::new();
        for line in text.lines() {
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let Some((name, arguments)) = rest.trim_start().split_once('(') else { continue };
            let Some((call, errnos)) = CALLS.iter().find(|(call, _)| *call == name) else { continue };
            let nth = counts.entry((thread, name)).or_default();
            *nth += 1;
            if MACHINE.iter().any(|start| arguments.contains(start)) {
                continue;
            }
            // Opening what is there fills no disk, and changes nothing before it is killed.
            let reads = *call == "openat" && !arguments.contains("O_CREAT");
            let apt = |errno: &&&str| !reads || !["ENOSPC", KILL].contains(*errno);
            points.extend(errnos.iter().filter(apt).map(|errno| (*call, *errno, *nth)));
        }
        Ok(points.into_iter().map(|(call, errno, nth)| (call, nth, errno)).collect())
    }

    /// Lets one call fail, and says which it was and what of the desk does not hold; `None` when the run did not come to it.
    fn attempt(&self, (call, nth, errno): Point, found: &mut Found) -> Result<Option<(String, Vec<Wrong>)>, Failure> {
        let copy = self.sam.copy_to(&self.dir.join("tried"))?;
        let trace = self.dir.join("trace");
        let mut strace = Command::new("strace");
        let how = if errno == KILL { "signal=KILL".to_owned() } else { format!("error={errno}") };
        let (traced, inject) = (format!("trace={call}"), format!("inject={call}:{how}:when={nth}"));
        strace.args(["-f", "-qq", "-s", "200", "-e", "signal=none", "-e", &traced, "-e", &inject, "-o"]).arg(&trace);
        let output = command(&copy, self.case, Some(strace)).output()?;
        let text = std::fs::read_to_string(&trace)?;
        let of_call = |line: &&str| line.contains(&format!(" {call}("));
        let injected: Vec<&str> = match errno {
            // strace ends as the program did.
            KILL if output.status.code().is_none() => text.lines().rfind(of_call).into_iter().collect(),
            KILL => Vec::new(),
            _ => text.lines().filter(|line| line.ends_with("(INJECTED)")).collect(),
        };
        let Some((_, failed)) = injected.first().and_then(|line| line.split_once(' ')) else { return Ok(None) };
        let failed = format!("{errno} at {}", failed.trim());
        let harm = match injected.len() {
            _ if errno == KILL => Harm::Kill,
            1 => Harm::Fault,
            _ => Harm::Faults,
        };
        // A lock whose removal itself fails stays, as git's own would; whoever is told so takes it away by hand.
        for lock in injected.iter().filter(|line| line.contains("unlink")).filter_map(|line| line.split('"').nth(1)) {
            let path = copy.desk.join(lock);
            if lock.ends_with(".lock") && path.exists() {
                found.locks += 1;
                std::fs::remove_file(path)?;
            }
        }
        let mut wrongs = Vec::new();
        self.judge(&copy, &output, harm, &mut wrongs)?;
        Ok(Some((failed, wrongs)))
    }

    /// Judges the desk as it was left.
    fn judge(&self, copy: &Person, output: &Output, harm: Harm, wrongs: &mut Vec<Wrong>) -> Result<(), Failure> {
        let ended = said(output);
        if let Some(unsound) = copy.unsound() {
            wrongs.push(("I1", format!("{unsound} ({ended})")));
        }
        let now = state(copy, self.case)?;
        let is_new = if self.case.is_staged() { now.staged == self.after.staged } else { now.tip == self.after.tip };
        let expected = if is_new { &self.after } else { &self.before };
        if now.tip != expected.tip {
            wrongs.push(("I2", format!("the branch is at {} ({ended})", now.tip)));
        }
        if let Some(changed) = copy.own_work_changed()? {
            wrongs.push(("I3", format!("{changed} ({ended})")));
        }
        let is_temporary = |path: &Path| path.to_string_lossy().ends_with(".staple-new");
        for (path, bytes) in now.files.iter().filter(|(path, _)| harm == Harm::Fault || !is_temporary(path)) {
            let known = [self.before.files.get(path), self.after.files.get(path)];
            if !known.contains(&Some(bytes)) {
                wrongs.push(("I4", format!("{} is neither old nor new ({ended})", path.display())));
            }
        }
        if harm == Harm::Fault && (now.staged != expected.staged || now.files != expected.files) {
            wrongs.push(("I5", format!("git status: {:?} ({ended})", copy.git(&["status", "--porcelain"])?)));
        }
        if harm != Harm::Kill && output.status.success() != is_new {
            wrongs.push(("I9", format!("it is done: {is_new}; {ended}")));
        }
        if ended.contains("panicked") || (harm != Harm::Kill && output.status.code().is_none()) {
            wrongs.push(("I9", ended.clone()));
        }
        // Whichever comes first.
        match harm {
            Harm::Fault if self.number.is_multiple_of(2) => {
                self.next_commit(copy, is_new, wrongs)?;
                self.again(copy, true, wrongs)?;
                // What was staged only now is committed by the user too.
                Self::rest(copy, wrongs);
            }
            Harm::Kill if self.number.is_multiple_of(2) => {
                let taken = self.next_commit_after_a_kill(copy, is_new, wrongs)?;
                self.again(copy, !taken, wrongs)?;
                Self::rest(copy, wrongs);
            }
            _ => {
                self.again(copy, true, wrongs)?;
                self.next_commit(copy, true, wrongs)?;
            }
        }
        match list(copy) {
            Ok(listed) if listed == self.listed => {}
            Ok(listed) => wrongs.push(("I8", format!("staple list: {listed}"))),
            Err(error) => wrongs.push(("I8", error.to_string())),
        }
        let left = copy.git(&["status", "--porcelain"])?;
        if !left.lines().all(|line| line[3..].starts_with("own-")) {
            wrongs.push(("I5", format!("at the end git status: {left:?}")));
        }
        Ok(())
    }

    /// What the user commits once all is done, which nothing may stand in the way of.
    fn rest(copy: &Person, wrongs: &mut Vec<Wrong>) {
        if let Err(error) = copy.git(&["commit", "--quiet", "--allow-empty", "-m", "The rest"]) {
            wrongs.push(("I6", format!("the commit after it: {error}")));
        }
    }

    /// What the user commits next takes in what they staged, and nothing else.
    fn next_commit(&self, copy: &Person, is_new: bool, wrongs: &mut Vec<Wrong>) -> Result<(), Failure> {
        if let Err(error) = copy.git(&["commit", "--quiet", "-m", "Mine"]) {
            wrongs.push(("I5", format!("the next commit: {error}")));
            return Ok(());
        }
        let taken = copy.git(&["show", "--format=", "--name-only", "HEAD"])?;
        let with_ours = |path: &str| path.starts_with("own-") || (self.case.is_staged() && is_new);
        if !taken.contains("own-staged.txt") || !taken.lines().all(with_ours) {
            wrongs.push(("I5", format!("the next commit took in {taken:?}")));
        }
        Ok(())
    }

    /// What the user commits right after a kill undoes nothing of ours; it may take in what was about to be committed. Whether it did.
    fn next_commit_after_a_kill(&self, copy: &Person, is_new: bool, wrongs: &mut Vec<Wrong>) -> Result<bool, Failure> {
        match copy.git(&["commit", "--quiet", "-m", "Mine"]) {
            Ok(_) => {}
            // A lock of ours is left; the next command takes it away.
            Err(error) if error.to_string().contains(".lock") => return Ok(false),
            Err(error) => {
                wrongs.push(("I5", format!("the next commit: {error}")));
                return Ok(false);
            }
        }
        let taken = copy.git(&["show", "--format=", "--name-only", "HEAD"])?;
        let now = state(copy, self.case)?;
        // A line of the staging area as one of a tree.
        let of_staged = |line: &str| line.replacen(' ', " blob ", 1).replacen(" 0\t", "\t", 1);
        let known = |line: &&str| {
            let was = self.before.tree.lines().any(|before| before == *line);
            let is = self.after.tree.lines().any(|after| after == *line);
            is || (was && !is_new) || self.after.staged.lines().any(|staged| of_staged(staged) == *line)
        };
        let unknown: Vec<&str> = now.tree.lines().filter(|line| !known(line)).collect();
        if self.case.tip == "main" && !unknown.is_empty() {
            wrongs.push(("I5", format!("the next commit made of our records {unknown:?}")));
        }
        Ok(taken.lines().any(|path| !path.starts_with("own-")))
    }

    /// The same command again brings it to its end, once; as one commit `by_name` where nobody else committed it.
    fn again(&self, copy: &Person, by_name: bool, wrongs: &mut Vec<Wrong>) -> Result<(), Failure> {
        let output = command(copy, self.case, None).output()?;
        if !output.status.success() {
            wrongs.push(("I6", format!("again: {}", said(&output))));
            return Ok(());
        }
        let now = state(copy, self.case)?;
        let same = if self.case.is_staged() { now.staged == self.after.staged } else { now.tree == self.after.tree };
        if !same {
            wrongs.push(("I6", format!("after a second time it is another desk: {:?}", now.tree)));
        }
        let messages = copy.git(&["log", "--format=%B", self.case.tip])?;
        let times = messages.lines().filter(|line| *line == format!("Op-Id: {OPERATION}")).count();
        if by_name && self.case.names_operation() && times != 1 {
            wrongs.push(("I6", format!("it was done {times} times")));
        }
        Ok(())
    }
}

/// An invariant and what does not hold.
type Wrong = (&'static str, String);

fn list(person: &Person) -> Result<String, Failure> {
    person.staple_ok(PREPARED + 60, &["list", "--all"])
}

fn command(person: &Person, case: &Case, starter: Option<Command>) -> Command {
    let args: Vec<&str> = case.args.iter().map(String::as_str).collect();
    let mut command = match starter {
        Some(starter) => person.under(starter, PREPARED + 30, &args),
        None => person.staple_command(PREPARED + 30, &args),
    };
    if let Some(now) = case.now {
        command.env("STAPLE_NOW", now);
    }
    // The same ids each time, so that the commits are the same too.
    command.env("STAPLE_SEED", "7");
    command
}

fn state(person: &Person, case: &Case) -> Result<State, Failure> {
    let not_own = |text: String| -> String {
        let lines = text.lines().filter(|line| !line.ends_with("own-staged.txt"));
        lines.map(|line| format!("{line}\n")).collect()
    };
    let mut files = BTreeMap::new();
    read_files(&person.desk, Path::new(""), &mut files)?;
    Ok(State {
        tip: person.git(&["rev-parse", case.tip])?.trim().to_owned(),
        tree: not_own(person.git(&["ls-tree", "-r", case.tip])?),
        staged: not_own(person.git(&["ls-files", "--stage"])?),
        files,
    })
}

/// The files of a work tree, git's own and the user's left out.
fn read_files(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name();
        let path = folder.join(&name);
        match entry.file_type()?.is_dir() {
            true if name == ".git" => {}
            true => read_files(root, &path, files)?,
            false if name.to_string_lossy().starts_with("own-") => {}
            false => drop(files.insert(path, std::fs::read(entry.path())?)),
        }
    }
    Ok(())
}
