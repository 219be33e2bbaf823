//! One exchange, cut off at each of its system calls in turn, as strace can (Linux).
//!
//! What must hold after each: the branch is where it was or where it was to be, git finds the repository sound, nobody's own work is
//! touched, the user's next commit takes in nothing but that, and the next exchange brings everything to its end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::people::{Person, hub, said};
use super::sync::Outcome;
use crate::Failure;

/// Which system calls of one exchange to cut.
#[derive(Debug, Clone)]
pub struct Kills {
    /// Every how many of the calls that change something; 1 for each of them.
    pub every: usize,
    /// The program.
    pub program: PathBuf,
}

/// Calls that change something, or wait for what changes something.
const CALLS: [&str; 19] = [
    "openat",
    "write",
    "pwrite64",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "fsync",
    "fdatasync",
    "syncfs",
    "ftruncate",
    "clone3",
];

/// Runs it.
///
/// # Errors
/// When it could not be set up, such as without strace.
pub fn run(kills: &Kills) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let dir = super::scratch(None, "kills")?;
    let mut stage = Stage::new(&dir, &kills.program)?;
    let mut outcome = Outcome::default();
    let (mut cuts, mut calls) = (0, 0);
    for call in CALLS {
        let mut nth = 1;
        loop {
            match stage.cut(call, nth, &mut outcome.violations)? {
                Cut::Off => cuts += 1,
                Cut::NotReached => break,
                Cut::Unknown => break,
            }
            nth += kills.every;
        }
        calls += usize::from(nth > 1);
    }
    outcome.summary = format!(
        "kills: {cuts} cuts at {calls} kinds of system calls, every {}: {} violations, {} s",
        kills.every,
        outcome.violations.len(),
        began.elapsed().as_secs()
    );
    if outcome.violations.is_empty() {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(outcome)
}

enum Cut {
    /// The exchange was killed at the call.
    Off,
    /// It ended before it came to so many of them.
    NotReached,
    /// The system has no such call.
    Unknown,
}

/// Two people and their desk; before each cut both have something that the other has not.
struct Stage {
    mover: Person,
    cut: Person,
    ticket: String,
    round: usize,
}

impl Stage {
    fn new(dir: &Path, program: &Path) -> Result<Self, Failure> {
        let mover = Person::new(dir, "mover", program)?;
        let address = hub(dir, &mover)?;
        mover.staple_ok(0, &["init"])?;
        let ticket = mover.staple_ok(1, &["new", "Ticket", "--text", "It does not work"])?;
        mover.git(&["remote", "add", "origin", &address])?;
        mover.staple_ok(2, &["sync"])?;
        let cut = Person::new(dir, "cut", program)?;
        cut.clone_from(&address)?;
        cut.leave_own_work()?;
        Ok(Self { mover, cut, ticket, round: 0 })
    }

    fn cut(&mut self, call: &str, nth: usize, violations: &mut Vec<String>) -> Result<Cut, Failure> {
        self.round += 1;
        let (moment, round) = (100 + self.round * 10, self.round);
        let (label, text) = (format!("labels+=mover-{round}"), format!("cut {round}"));
        self.mover.staple_ok(moment, &["set", &self.ticket, &label])?;
        self.mover.staple_ok(moment + 1, &["sync"])?;
        self.cut.staple_ok(moment + 2, &["set", &self.ticket, &format!("labels+=cut-{round}")])?;
        self.cut.staple_ok(moment + 2, &["note", &self.ticket, "-m", &text])?;
        let before = self.cut.head()?;
        let mut strace = Command::new("strace");
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={nth}"));
        strace.args(["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject]);
        let mut command = self.cut.under(strace, moment + 3, &["sync"]);
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
        if said(&output).contains("invalid system call") {
            return Ok(Cut::Unknown);
        }
        let reached = !output.status.success();
        let mut wrong = |what: String| violations.push(format!("{call} {nth}: {what}"));
        let after = self.cut.head()?;
        let newest = self.cut.git(&["log", "-4", "--format=%an"])?;
        if after != before && newest != "cut\ncut\nmover\ncut\n" && newest != "cut\ncut\nmover\nmover\n" {
            wrong(format!("HEAD is neither the old nor the new: {newest:?}"));
        }
        self.cut.unsound().into_iter().for_each(&mut wrong);
        self.next_commit(&mut wrong)?;
        let again = self.cut.staple(moment + 4, &["sync"])?;
        if !again.status.success() {
            wrong(format!("the next sync: {}", said(&again)));
        }
        self.cut.own_work_wrong()?.into_iter().for_each(&mut wrong);
        self.mover.staple_ok(moment + 5, &["sync"])?;
        if self.mover.head()? != self.cut.head()? {
            wrong("the two did not come to the same".to_owned());
        }
        let text_is_there = self.mover.git(&["grep", "-q", &format!("^{text}$"), "HEAD"]).is_ok();
        let labels = self.mover.git(&["grep", "-h", "-o", "-E", "(mover|cut)-[0-9]+", "HEAD"])?;
        if !text_is_there || labels.lines().count() != 2 * round {
            wrong("an edit is lost".to_owned());
        }
        Ok(if reached { Cut::Off } else { Cut::NotReached })
    }

    /// What the user's next commit would take in, tried on a copy: their own staged work alone, if the program comes first, and
    /// never anything that takes a record back.
    fn next_commit(&self, wrong: &mut impl FnMut(String)) -> Result<(), Failure> {
        let changed = self.cut.git(&["diff", "--cached", "--name-status"])?;
        let reverted = changed.lines().filter(|line| line.starts_with('D'));
        reverted.for_each(|line| wrong(format!("the next commit would take away {line}")));
        // What would be committed of a record is what was to be landed, and not what was before.
        for line in changed.lines().filter(|line| line.contains("tickets/")) {
            let path = line.split('\t').next_back().unwrap_or_default();
            let head = self.cut.git(&["show", &format!("HEAD:{path}")]).unwrap_or_default();
            let staged = self.cut.git(&["show", &format!(":{path}")])?;
            let lost = head.lines().find(|line| line.contains("\"cut-") && !staged.contains(*line));
            lost.into_iter().for_each(|line| wrong(format!("the next commit would take back {line}")));
        }
        Ok(())
    }
}
