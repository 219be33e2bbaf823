//! What is measured, in the order in which one thing does not disturb the next: reads on a copy that nobody changed, then the
//! index on its way after other commits, then writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Bench;
use super::figures::{Figures, Rows, at_ten_thousand};
use super::peers::{fossil_id, task_id};
use super::places::{copy_desk, copy_folder};
use super::process::{Line, Surroundings, forget_files};
use crate::Failure;
use crate::sample::chance::Chance;
use crate::sample::{FEW_OPEN, LAST_WEEK};

/// A word that many tickets have.
const WORD: &str = "invoice";
/// Tickets that one command changes together.
const TOGETHER: usize = 100;
/// Commits the index is behind.
const BEHIND: usize = 1_000;
/// Runs of what takes seconds.
const LONG_RUNS: usize = 3;
/// What has taken longer than this in all is not run again.
const PATIENCE_MS: f64 = 30_000.0;

/// Where and with what it is played.
pub(super) struct Stage<'a> {
    pub(super) bench: &'a Bench,
    pub(super) around: &'a Surroundings,
    pub(super) program: &'a Path,
    pub(super) desk: &'a Path,
    /// A desk of 10,000 tickets beside a larger one: the same questions are asked of both, turn and turn about.
    pub(super) smaller: Option<PathBuf>,
    pub(super) fossil: Option<PathBuf>,
    pub(super) task: Option<PathBuf>,
    /// The folder of the throw-away copies; removed at the end.
    pub(super) copies: &'a Path,
}

/// What is asked for, chosen from the desk's history.
struct Asked {
    ticket: String,
    rare_word: String,
    together: Vec<String>,
}

/// A copy of the smaller desk, and what is asked of it.
type Smaller = Option<(PathBuf, Asked)>;

/// One thing to measure again and again: its row, and the command of a round.
type Part<'a> = (String, Box<dyn Fn(usize) -> Line + 'a>);

/// Measures everything.
pub(super) fn play(stage: &Stage<'_>) -> Result<Rows, Failure> {
    let mut rows = Rows::new();
    let played = acts(stage, &mut rows);
    // Whatever went wrong, the copies are of no use to anybody.
    let _ = std::fs::remove_dir_all(stage.copies);
    played.map(|()| rows)
}

fn acts(stage: &Stage<'_>, rows: &mut Rows) -> Result<(), Failure> {
    let (ours, theirs) = (stage.copies.join("ours"), stage.copies.join("theirs"));
    copy_desk(stage.desk, &ours)?;
    let smaller = smaller(stage)?;
    let asked = asked(stage, &ours)?;
    first_index(stage, &ours, rows);
    reads(stage, &ours, &asked, &smaller, rows);
    elsewhere(stage, &ours, &asked, &smaller, rows)?;
    behind(stage, &ours, rows)?;
    after_one(stage, &ours, rows)?;
    copy_desk(stage.desk, &theirs)?;
    writes(stage, &ours, &theirs, &asked, rows)
}

fn smaller(stage: &Stage<'_>) -> Result<Smaller, Failure> {
    let Some(desk) = &stage.smaller else { return Ok(None) };
    let copy = stage.copies.join("smaller");
    copy_desk(desk, &copy)?;
    let asked = asked(stage, &copy)?;
    Ok(Some((copy, asked)))
}

/// What is asked of the smaller desk, where there is one.
fn smaller_reads<'a>(stage: &Stage<'_>, smaller: &Smaller) -> Vec<Part<'a>> {
    let Some((desk, asked)) = smaller else { return Vec::new() };
    let staple = |row: &str, arguments: &[&str]| part(&at_ten_thousand(row), stage.staple(desk, arguments));
    vec![
        staple("list open", &["list"]),
        staple("show", &["show", &asked.ticket]),
        staple("history", &["history", &asked.ticket]),
        staple("search", &["search", WORD]),
    ]
}

fn asked(stage: &Stage<'_>, desk: &Path) -> Result<Asked, Failure> {
    let git = |arguments: &[&str]| stage.around.output("git", desk, arguments);
    let count: usize = git(&["rev-list", "--count", "HEAD"])?.trim().parse()?;
    let skip = format!("--skip={}", count / 2);
    let subjects = git(&["log", "--format=%s", &skip, "--max-count=2000", "HEAD"])?;
    let ticket = subjects.lines().find(|line| line.ends_with("customer wrote, working again"));
    let ticket = ticket.and_then(|line| line.split_once(':')).map(|(id, _)| id.to_owned());
    let rare = subjects.lines().filter_map(|line| line.split_once(": new, ")?.1.rsplit_once(", "));
    let rare = rare.map(|(_, name)| name).find(|name| !name.contains(' ') && *name == name.to_lowercase());
    let files = git(&["ls-tree", "-r", "--name-only", "HEAD", "tickets/"])?;
    let ids = files.lines().filter_map(|path| path.rsplit('/').next()?.strip_suffix(".toml"));
    Ok(Asked {
        ticket: ticket.ok_or("no ticket to show in the middle of the history")?,
        rare_word: rare.unwrap_or("nothing").to_owned(),
        together: ids.filter(|name| !name.contains('.')).take(TOGETHER).map(|id| format!("T-{id}")).collect(),
    })
}

impl Stage<'_> {
    fn staple(&self, desk: &Path, arguments: &[&str]) -> Line {
        Line::new(self.program, desk, arguments)
    }

    fn fossil(&self, store: &Path, arguments: &[&str]) -> Line {
        Line::new("fossil", store, &[arguments, &["-R", "tickets.fossil"]].concat())
    }

    fn task(&self, store: &Path, arguments: &[&str]) -> Line {
        let mut line = Line::new("task", store, arguments);
        line.variables.push(("TASKRC".to_owned(), store.join("taskrc").into()));
        line.variables.push(("TASKDATA".to_owned(), store.join("data").into()));
        line
    }

    /// Whether the program has a command.
    fn knows(&self, command: &str) -> bool {
        self.around
            .command(self.program, self.copies)
            .args([command, "--help"])
            .output()
            .is_ok_and(|run| run.status.success())
    }

    /// Runs every part once a round. The first round only warms up, and what fails in it is left out; what takes long is run
    /// less often, and what takes very long counts from the first time on.
    ///
    /// Each round has an order of its own: what runs after a large process finds the processor's caches full of that one's
    /// memory, which is a quarter of a short command's time.
    fn rounds(&self, rows: &mut Rows, runs: usize, parts: &[Part<'_>]) {
        let mut chance = Chance::new(0);
        for round in 0..=runs {
            for (name, line) in chance.order(parts) {
                let figures = rows.entry(name.clone()).or_default();
                if figures.note.starts_with("failed") || is_enough(figures) {
                    continue;
                }
                match line(round).time(self.around) {
                    Ok(ms) if round > 0 || ms > PATIENCE_MS => figures.warm_ms.push(ms),
                    Ok(_) => {}
                    Err(failed) => figures.note = failed.to_string(),
                }
            }
        }
    }

    fn cold_rounds(&self, rows: &mut Rows, parts: &[Part<'_>]) {
        for _ in 0..self.bench.cold_runs {
            for (name, line) in parts {
                let usable = |figures: &&mut Figures| !figures.note.starts_with("failed") && !is_enough(figures);
                let Some(figures) = rows.get_mut(name).filter(usable) else { continue };
                if !forget_files() {
                    figures.note = "cold: not measured, the machine does not let us".to_owned();
                } else if let Ok(ms) = line(0).time(self.around) {
                    figures.cold_ms.push(ms);
                }
            }
        }
    }

    fn peaks(&self, rows: &mut Rows, parts: &[Part<'_>], round: usize) {
        for (name, line) in parts {
            if let Some(figures) = rows.get_mut(name).filter(|figures| !figures.note.starts_with("failed")) {
                figures.peak_kib = line(round).peak_kib(self.around);
            }
        }
    }
}

/// Whether a row has taken so long that another run would say little for its time.
fn is_enough(figures: &Figures) -> bool {
    figures.warm_ms.iter().sum::<f64>() > PATIENCE_MS
}

fn part<'a>(name: &str, line: Line) -> Part<'a> {
    (name.to_owned(), Box::new(move |_| line.clone()))
}

/// The first list of a desk, which makes the index.
fn first_index(stage: &Stage<'_>, desk: &Path, rows: &mut Rows) {
    let line = stage.staple(desk, &["list"]);
    let figures = rows.entry("first index".to_owned()).or_default();
    for _ in 0..stage.bench.runs.min(LONG_RUNS) {
        if is_enough(figures) {
            break;
        }
        forget_index(desk);
        match line.time(stage.around) {
            Ok(ms) => figures.warm_ms.push(ms),
            Err(failed) => figures.note = failed.to_string(),
        }
    }
    if !indexes(desk).is_empty() {
        forget_index(desk);
    } else if figures.note.is_empty() {
        figures.note = "the program keeps no index; this is any list".to_owned();
    }
    figures.peak_kib = line.peak_kib(stage.around);
    let git = [part("git log -p", Line::new("git", desk, &["log", "-p", "--first-parent"]))];
    // One warm-up run less would do, but the first one reads the pack from the disk.
    stage.rounds(rows, stage.bench.runs.min(LONG_RUNS), &git);
}

fn indexes(desk: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(desk.join(".git").join("staple")).into_iter().flatten().flatten();
    files
        .map(|file| file.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("index")))
        .collect()
}

fn forget_index(desk: &Path) {
    // A file that stays shows in the figures.
    indexes(desk).iter().for_each(|path| drop(std::fs::remove_file(path)));
}

fn reads(stage: &Stage<'_>, desk: &Path, asked: &Asked, smaller: &Smaller, rows: &mut Rows) {
    let staple = |arguments: &[&str]| stage.staple(desk, arguments);
    let mut parts = vec![
        part("list open", staple(&["list"])),
        part("list filter", staple(&["list", "topic:billing"])),
        part("list word", staple(&["list", WORD])),
        part("show", staple(&["show", &asked.ticket])),
        part("history", staple(&["history", &asked.ticket])),
        part("digest", staple(&["digest", "managers", "--week", LAST_WEEK])),
        part("git rev-parse", Line::new("git", desk, &["rev-parse", "HEAD"])),
        part("git status", Line::new("git", desk, &["status"])),
    ];
    if stage.knows("search") {
        parts.push(part("search", staple(&["search", WORD])));
        parts.push(part("search rare", staple(&["search", &asked.rare_word])));
    } else {
        for name in ["search", "search rare"] {
            rows.insert(name.to_owned(), Figures { note: "not there".to_owned(), ..Figures::default() });
        }
    }
    fossil_reads(stage, asked, &mut parts, rows);
    task_reads(stage, asked, &mut parts, rows);
    parts.extend(smaller_reads(stage, smaller));
    stage.rounds(rows, stage.bench.runs, &parts);
    stage.cold_rounds(rows, &parts);
    stage.peaks(rows, &parts, 0);
}

/// Fossil lists by its own report. Its command `search` looks at titles in the timeline only, so its full-text index is asked by
/// SQL as its web pages ask it, which is the faster way; `show` has no command of its own and is the export of one row.
fn fossil_reads(stage: &Stage<'_>, asked: &Asked, parts: &mut Vec<Part<'_>>, rows: &mut Rows) {
    let Some(store) = &stage.fossil else { return absent("fossil: list open", rows) };
    let fossil = |arguments: &[&str]| stage.fossil(store, arguments);
    let id = fossil_id(&asked.ticket);
    let full_text = |word: &str| {
        format!(
            "SELECT t.tkt_uuid, t.title FROM ftsidx JOIN ftsdocs d ON d.rowid = ftsidx.rowid \
             JOIN ticket t ON t.tkt_id = d.rid WHERE d.type = 't' AND ftsidx MATCH '{word}' ORDER BY t.tkt_mtime DESC"
        )
    };
    parts.extend([
        part("fossil: list open", fossil(&["ticket", "show", "1", "status='Open'"])),
        part("fossil: list filter", fossil(&["ticket", "show", "1", "status='Open' AND subsystem='billing'"])),
        part("fossil: show", fossil(&["ticket", "show", "0", &format!("tkt_uuid='{id}'")])),
        part("fossil: history", fossil(&["ticket", "history", &id])),
        part("fossil: search", fossil(&["sql", &full_text(WORD)])),
        part("fossil: search rare", fossil(&["sql", &full_text(&asked.rare_word)])),
        part("fossil: search titles", fossil(&["search", WORD])),
    ]);
}

fn task_reads(stage: &Stage<'_>, asked: &Asked, parts: &mut Vec<Part<'_>>, rows: &mut Rows) {
    let Some(store) = &stage.task else { return absent("task: list open", rows) };
    let task = |arguments: &[&str]| stage.task(store, arguments);
    parts.extend([
        part("task: list open", task(&["list"])),
        part("task: list filter", task(&["project:billing", "list"])),
        part("task: search", task(&[&format!("/{WORD}/"), "all"])),
        part("task: search rare", task(&[&format!("/{}/", asked.rare_word), "all"])),
        part("task: show", task(&[&task_id(&asked.ticket), "info"])),
    ]);
}

fn absent(row: &str, rows: &mut Rows) {
    rows.insert(
        row.to_owned(),
        Figures { note: "not installed, or the desk is too large for it".to_owned(), ..Figures::default() },
    );
}

/// A branch on which few tickets are open: the switch, and reads there, which are not slowed by how many are open.
fn elsewhere(stage: &Stage<'_>, desk: &Path, asked: &Asked, smaller: &Smaller, rows: &mut Rows) -> Result<(), Failure> {
    let list = stage.staple(desk, &["list"]);
    let git = |arguments: &[&str]| stage.around.output("git", desk, arguments);
    if git(&["rev-parse", "--verify", "--quiet", FEW_OPEN]).is_err() {
        return Ok(());
    }
    for _ in 0..stage.bench.runs.min(LONG_RUNS) {
        if rows.get("after a branch switch").is_some_and(is_enough) {
            break;
        }
        git(&["switch", "--quiet", FEW_OPEN])?;
        measure(stage, &list, "after a branch switch", rows);
        git(&["switch", "--quiet", "main"])?;
        list.time(stage.around)?;
    }
    git(&["switch", "--quiet", FEW_OPEN])?;
    let mut parts = vec![
        part("list open, few-open", list),
        part("show, few-open", stage.staple(desk, &["show", &asked.ticket])),
        part("history, few-open", stage.staple(desk, &["history", &asked.ticket])),
    ];
    if stage.knows("search") {
        parts.push(part("search, few-open", stage.staple(desk, &["search", WORD])));
    }
    parts.extend(smaller_reads(stage, smaller));
    stage.rounds(rows, stage.bench.runs, &parts);
    stage.peaks(rows, &parts, 0);
    git(&["switch", "--quiet", "main"]).map(drop)
}

fn measure(stage: &Stage<'_>, line: &Line, row: &str, rows: &mut Rows) {
    let figures = rows.entry(row.to_owned()).or_default();
    match line.time(stage.around) {
        Ok(ms) => figures.warm_ms.push(ms),
        Err(failed) => figures.note = failed.to_string(),
    }
}

/// The index is behind HEAD by many commits.
fn behind(stage: &Stage<'_>, desk: &Path, rows: &mut Rows) -> Result<(), Failure> {
    let list = stage.staple(desk, &["list"]);
    let git = |arguments: &[&str]| stage.around.output("git", desk, arguments);
    let earlier = format!("main~{BEHIND}");
    if git(&["rev-parse", "--verify", "--quiet", &earlier]).is_err() {
        return Ok(());
    }
    for _ in 0..stage.bench.runs.min(LONG_RUNS) {
        if rows.get("after 1,000 commits").is_some_and(is_enough) {
            break;
        }
        git(&["switch", "--quiet", "--detach", &earlier])?;
        list.time(stage.around)?;
        git(&["switch", "--quiet", "main"])?;
        measure(stage, &list, "after 1,000 commits", rows);
    }
    Ok(())
}

/// HEAD moved on by one commit that plain git made.
fn after_one(stage: &Stage<'_>, desk: &Path, rows: &mut Rows) -> Result<(), Failure> {
    let list = stage.staple(desk, &["list"]);
    list.time(stage.around)?;
    for round in 0..stage.bench.runs {
        if rows.get("after one commit").is_some_and(is_enough) {
            break;
        }
        git_edit(stage, desk, round)?;
        stage.around.output("git", desk, &["-c", "core.fsync=none", "commit", "--quiet", "--all", "-m", "edited"])?;
        measure(stage, &list, "after one commit", rows);
        measure(stage, &list, "after one commit, again", rows);
    }
    Ok(())
}

/// Edits one ticket's file in the work tree, another one each round, and returns its path.
fn git_edit(stage: &Stage<'_>, desk: &Path, round: usize) -> Result<String, Failure> {
    let files = stage.around.output("git", desk, &["ls-files", "tickets/"])?;
    let tickets: Vec<&str> = files.lines().filter(|path| path.matches('.').count() == 1).collect();
    let path = tickets.get(tickets.len().saturating_sub(1 + round)).ok_or("no ticket to edit")?;
    let text = std::fs::read_to_string(desk.join(path))?;
    let edited = text.replacen("\nversion = \"", &format!("\nversion = \"{round}."), 1);
    std::fs::write(desk.join(path), edited)?;
    Ok((*path).to_owned())
}

fn writes(stage: &Stage<'_>, ours: &Path, theirs: &Path, asked: &Asked, rows: &mut Rows) -> Result<(), Failure> {
    let text = "Since this morning we see a white page.\n\nPlease have a look; nobody here can work.";
    let id = asked.ticket.as_str();
    let staple = |arguments: &[&str]| stage.staple(ours, arguments);
    let mut parts: Vec<Part<'_>> = vec![
        (
            "create".into(),
            Box::new(move |round| {
                staple(&[
                    "ticket",
                    "new",
                    &format!("White page {round}"),
                    "--contact",
                    "kim@acme.example",
                    "--text",
                    text,
                ])
            }),
        ),
        ("set".into(), Box::new(move |round| staple(&["set", id, &format!("version={round}.1")]))),
        (
            "set of 100".into(),
            Box::new(move |round| {
                let value = format!("version={round}.2");
                let mut words: Vec<&str> = vec!["set", "--yes"];
                words.extend(asked.together.iter().map(String::as_str));
                words.push(&value);
                staple(&words)
            }),
        ),
    ];
    peer_writes(stage, asked, &mut parts)?;
    stage.rounds(rows, stage.bench.runs, &parts);
    stage.peaks(rows, &parts, stage.bench.runs + 1);
    git_writes(stage, theirs, rows)
}

fn peer_writes<'a>(stage: &'a Stage<'_>, asked: &'a Asked, parts: &mut Vec<Part<'a>>) -> Result<(), Failure> {
    let id = asked.ticket.as_str();
    if let Some(store) = &stage.fossil {
        let copy = stage.copies.join("fossil");
        copy_folder(store, &copy)?;
        let other = copy.clone();
        parts.push((
            "fossil: create".into(),
            Box::new(move |round| {
                let title = format!("White page {round}");
                stage.fossil(
                    &copy,
                    &["ticket", "add", "title", &title, "status", "Open", "comment", "We see a white page."],
                )
            }),
        ));
        parts.push((
            "fossil: set".into(),
            Box::new(move |round| {
                stage.fossil(&other, &["ticket", "set", &fossil_id(id), "foundin", &format!("{round}.1")])
            }),
        ));
    }
    if let Some(store) = &stage.task {
        let copy = stage.copies.join("task");
        copy_folder(store, &copy)?;
        let other = copy.clone();
        parts.push((
            "task: create".into(),
            Box::new(move |round| stage.task(&copy, &["add", &format!("White page {round}"), "project:billing"])),
        ));
        parts.push((
            "task: set".into(),
            Box::new(move |round| stage.task(&other, &[&task_id(id), "modify", &format!("project:billing.{round}")])),
        ));
    }
    Ok(())
}

/// `git add` and `git commit` of one file, together, with and without what makes them last through a power cut.
fn git_writes(stage: &Stage<'_>, desk: &Path, rows: &mut Rows) -> Result<(), Failure> {
    let kinds: BTreeMap<&str, &[&str]> =
        [("git add, commit", &[][..]), ("git add, commit, fsync", &["-c", "core.fsync=all"][..])].into();
    for round in 0..=stage.bench.runs {
        for (place, (row, options)) in kinds.iter().enumerate() {
            let path = git_edit(stage, desk, 2 * round + place)?;
            let line = |words: &[&str]| Line::new("git", desk, &[options, words].concat());
            let add = line(&["add", &path]).time(stage.around)?;
            let commit = line(&["commit", "--quiet", "-m", "edited"]).time(stage.around)?;
            if round > 0 {
                rows.entry((*row).to_owned()).or_default().warm_ms.push(add + commit);
            }
        }
    }
    Ok(())
}
