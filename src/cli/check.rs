//! `staple check`: the desk's records, and what commits say of tickets.

mod branches;
pub(crate) mod commits;

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::environment::Environment;
use super::error::{CliError, Exit};
use super::open::{self, Globals};
use super::shared::{FormArgs, ReadArgs, WriteArgs, incomplete, now_at, report, warn_unreadable};
use super::ui::{Style, Ui};
use crate::check::{self, Clock, Input, Rule, cross_edit};
use crate::desk::{At, Desk, Draft, Records, WriteError, resolve};
use crate::record::finding::{Finding, Severity};
use crate::record::time::Time;
use crate::record::{Kind, Record};
use crate::render::{findings as form, plain};
use crate::store::ObjectId;
use crate::store::layout::{Located, locate};
use crate::text;

/// Notes of one rule that are shown one by one.
const SHOWN_NOTES: usize = 5;

/// Look for what is wrong in the desk's records
///
/// Reads everything, uncommitted edits too; with --as-of what a commit holds. Exits 1 when there are errors; warnings and notes are shown and exit 0.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  staple check\n  staple check commits origin/main..HEAD\n  staple check 7k3 people/\n  staple check --fix -n\n  staple check --as-of main\n  staple check --explain unsorted-list"
)]
pub(crate) struct CheckArgs {
    #[command(subcommand)]
    other: Option<CheckCommand>,

    /// Only these: references, files or folders
    #[arg(value_name = "REF|PATH")]
    only: Vec<String>,

    /// Add missing keys and sort lists, in one commit
    #[arg(long)]
    fix: bool,

    /// Show every note, however many there are of one rule
    #[arg(long)]
    all: bool,

    /// Only what is wrong since the branch parted from this one: findings that the commit they have in common has are left out
    #[arg(long, value_name = "REV", conflicts_with_all = ["fix", "as_of"])]
    base: Option<String>,

    /// As it was at a commit, or in effect on a date
    #[arg(long, value_name = "REV|DATE", help_heading = "Reading")]
    as_of: Option<String>,

    /// JSON in a versioned envelope; the same as --format json
    #[arg(long, conflicts_with_all = ["template", "format"], help_heading = "Reading")]
    json: bool,

    /// The form of the output: text, json, sarif (2.1.0), or forge for annotations in a pull request
    #[arg(long, value_name = "FORM", value_parser = ["text", "json", "sarif", "forge"], help_heading = "Reading")]
    format: Option<String>,

    /// A template filled for each item, such as '{{ ref }} {{ title }}'
    #[arg(long, value_name = "TEMPLATE", conflicts_with = "format", help_heading = "Reading")]
    template: Option<String>,

    /// List the rules
    #[arg(long, conflicts_with_all = ["fix", "explain"])]
    rules: bool,

    /// Say what a rule finds, why, and how to mend it
    #[arg(long, value_name = "RULE", conflicts_with = "fix")]
    explain: Option<String>,

    #[command(flatten)]
    write: WriteArgs,
}

#[derive(Debug, clap::Subcommand)]
enum CheckCommand {
    Commits(commits::CommitsArgs),
    Branches(branches::BranchesArgs),
}

pub(crate) fn cmd_check(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &CheckArgs,
) -> Result<(), CliError> {
    let form = FormArgs { json: args.json, format: args.format.clone(), template: args.template.clone() };
    let read = ReadArgs { as_of: args.as_of.clone(), form };
    if args.rules {
        return list_rules(ui, &read.form);
    }
    if let Some(name) = &args.explain {
        return explain(ui, name);
    }
    let desk = open::desk(ui, globals, environment)?;
    match &args.other {
        Some(CheckCommand::Commits(args)) => return commits::cmd_commits(ui, globals, environment, &desk, args),
        Some(CheckCommand::Branches(args)) => return branches::cmd_branches(ui, &desk, args),
        None => {}
    }
    let at = read.at(&desk)?;
    if args.fix {
        desk.store().settle_dead_run()?;
    }
    let records = desk.records(&at)?;
    let only = scope(&desk, environment, &records, &args.only)?;
    if args.fix {
        if at != At::Now {
            return Err(CliError::usage("the past cannot be mended", "leave out --as-of, or --fix"));
        }
        return fix(ui, &desk, &records, &only, &args.write);
    }
    let mut found = findings(&desk, &records, &only, &at)?;
    if at == At::Now {
        tell_cross_edits(&desk, &mut found, &only)?;
    }
    if let Some(base) = &args.base {
        found = since(&desk, base, found, &only)?;
    }
    match args.format.as_deref() {
        Some("sarif") => ui.json(&form::sarif(&in_repository(&desk, &found), &check::rules())),
        Some("forge") => annotate(ui, environment, &in_repository(&desk, &found)),
        _ if read.form.print(ui, "findings", &found, item)? => {}
        _ => show(ui, &found, args.all),
    }
    let read = records.all().filter(|record| is_in(&record.path, &only)).count();
    ui.status(format!("{} checked{}", number(read, "record"), counts(&found)));
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        Err(CliError::silent(Exit::Findings))
    } else {
        Ok(())
    }
}

/// How many findings there are, as the end of a sentence.
fn counts(found: &[Finding]) -> String {
    let count = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let counts = [Severity::Error, Severity::Warning, Severity::Note];
    if found.is_empty() {
        return ", nothing found".to_owned();
    }
    format!(": {}", counts.map(|severity| number(count(severity), severity.word())).join(", "))
}

fn number(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// Beginnings of the paths that are asked about; empty for all.
fn scope(desk: &Desk, environment: &Environment, records: &Records, only: &[String]) -> Result<Vec<String>, CliError> {
    let mut out = Vec::new();
    for word in only {
        let here = environment.folder.join(word.trim_start_matches("./"));
        let from_here = here.strip_prefix(desk.store().root()).ok().filter(|_| here.exists());
        let path = from_here.map(|path| path.to_string_lossy().replace('\\', "/"));
        let path = path.or_else(|| desk.store().root().join(word).exists().then(|| word.clone()));
        if let Some(path) = path {
            out.push(path.trim_end_matches('/').to_owned());
            continue;
        }
        let record = resolve::any(records, word)?;
        out.push(record.path.clone());
        if record.kind == Kind::Ticket {
            // Its messages and attachments lie beside it.
            out.push(record.path.trim_end_matches("toml").to_owned());
        }
    }
    Ok(out)
}

fn is_in(path: &str, only: &[String]) -> bool {
    let begins = |start: &String| {
        path == start
            || start.is_empty()
            || start.ends_with('.') && path.starts_with(start.as_str())
            || path.strip_prefix(start.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    only.is_empty() || only.iter().any(begins)
}

pub(crate) fn findings(desk: &Desk, records: &Records, only: &[String], at: &At) -> Result<Vec<Finding>, CliError> {
    let is_now = *at == At::Now;
    // Clocks and settings are what the desk has now, and so are the lines of its files.
    let clocks = if is_now { desk.clock_findings()? } else { Vec::new() };
    let clocks: Vec<Clock> = clocks
        .iter()
        .map(|clock| Clock {
            commit: clock.commit.to_hex_with_len(7).to_string(),
            recorded: Time::from_unix(clock.recorded),
            cut_to: Time::from_unix(clock.cut_to),
        })
        .collect();
    let input = Input { records, clocks: &clocks, today: now_at(desk, at)?.day_in(desk.zone()) };
    let mut found = check::findings(&input);
    // What reading the settings found about the desk's own file, where the record says nothing about the line.
    for finding in desk.settings().findings().iter().filter(|f| is_now && f.path == "staple.toml") {
        if !found.iter().any(|other| other.path == finding.path && other.line == finding.line) {
            found.insert(0, finding.clone());
        }
    }
    found.retain(|finding| is_in(&finding.path, only));
    if is_now {
        found.iter_mut().for_each(|finding| place(desk, records, finding));
    }
    Ok(found)
}

/// Findings that the desk did not have where the branch parted from `base`.
fn since(desk: &Desk, base: &str, found: Vec<Finding>, only: &[String]) -> Result<Vec<Finding>, CliError> {
    let store = desk.store();
    let Some(head) = store.head()?.commit else { return Ok(found) };
    let Some(common) = store.merge_base(head, store.resolve(base)?)? else {
        let hint = "a shallow clone may lack it: git fetch --unshallow";
        return Err(CliError::refused(format!("{base} and this branch have no commit in common here"), hint));
    };
    let before = findings_at(desk, common, only)?;
    // A clock that was ahead is of the commit that has it.
    let news: BTreeSet<String> =
        store.between(common, head)?.iter().map(|commit| commit.to_hex_with_len(7).to_string()).collect();
    let is_old_clock = |finding: &Finding| {
        finding.rule == check::CLOCK_RULE && !news.iter().any(|commit| finding.message.contains(commit.as_str()))
    };
    Ok(cross_edit::new_ones(found, &before).into_iter().filter(|finding| !is_old_clock(finding)).collect())
}

fn findings_at(desk: &Desk, commit: ObjectId, only: &[String]) -> Result<Vec<Finding>, CliError> {
    let at = At::Rev(commit.to_string());
    let records = desk.records(&at)?;
    findings(desk, &records, only, &at)
}

/// Where HEAD is a merge, names the commits of both sides in what only both together break.
fn tell_cross_edits(desk: &Desk, found: &mut [Finding], only: &[String]) -> Result<(), CliError> {
    let store = desk.store();
    let parents = store.head()?.commit.map(|head| store.commit_info(head)).transpose()?.map(|head| head.parents);
    let Some([one, other]) = parents.as_deref().and_then(|parents| <[ObjectId; 2]>::try_from(parents).ok()) else {
        return Ok(());
    };
    if found.iter().all(|finding| finding.severity == Severity::Note) {
        return Ok(());
    }
    let Some(common) = store.merge_base(one, other)? else { return Ok(()) };
    let sides = [store.between(common, one)?, store.between(common, other)?];
    let last = |path: &str| {
        let last = |side: &[ObjectId]| store.last_to_change(side, path).ok().flatten();
        let short = |id: ObjectId| id.to_hex_with_len(7).to_string();
        Some([last(&sides[0]).map(short)?, last(&sides[1]).map(short)?])
    };
    let (one, other) = (findings_at(desk, one, only)?, findings_at(desk, other, only)?);
    cross_edit::tell(found, [&one, &other], last);
    Ok(())
}

/// Findings with paths from the repository's root, as forges want them.
fn in_repository(desk: &Desk, found: &[Finding]) -> Vec<Finding> {
    let moved = |finding: &Finding| Finding { path: desk.store().repository_path(&finding.path), ..finding.clone() };
    found.iter().map(moved).collect()
}

/// Annotations in the form of the forge that runs us.
fn annotate(ui: &mut Ui, environment: &Environment, found: &[Finding]) {
    if environment.variable("GITLAB_CI").is_some() {
        ui.line(form::code_quality(found).to_string());
        return;
    }
    for line in form::workflow_commands(found) {
        ui.line(line);
    }
}

/// Gives a finding about a key the line of that key, so that an editor can jump there.
fn place(desk: &Desk, records: &Records, finding: &mut Finding) {
    let Some(key) = finding.message.split('`').nth(1).filter(|_| finding.line == 0) else { return };
    let Some(Located::Record(kind, name)) = locate(&finding.path) else { return };
    // Of a bound message the key stands further down than the ticket's own.
    let bound = kind == Kind::Ticket && finding.message.contains("message T-");
    if kind.schema().key(key).is_none() || records.get(kind, &name).is_none() && kind != Kind::Message || bound {
        return;
    }
    let text = std::fs::read_to_string(desk.store().root().join(&finding.path)).unwrap_or_default();
    if let Some((line, column)) = text::place_of_key(&text, key) {
        (finding.line, finding.column) = (line, column);
    }
}

fn item(finding: &Finding) -> Json {
    json!({
        "rule": finding.rule,
        "severity": finding.severity.word(),
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "cure": finding.hint,
    })
}

pub(crate) fn show(ui: &mut Ui, found: &[Finding], all: bool) {
    let is_note = |finding: &&Finding| finding.severity == Severity::Note;
    let mut folded: BTreeSet<&str> = BTreeSet::new();
    for finding in found {
        let same = || found.iter().filter(is_note).filter(|other| other.rule == finding.rule);
        if finding.severity == Severity::Note && !all && same().count() > SHOWN_NOTES {
            if folded.insert(finding.rule) {
                let files: BTreeSet<&str> = same().map(|finding| finding.path.as_str()).collect();
                let count = number(same().count(), "note");
                let line = format!("{count} in {}, such as {finding}", number(files.len(), "file"));
                ui.line(plain::clean_line(&line));
                cure(ui, finding);
            }
            continue;
        }
        let style = match finding.severity {
            Severity::Error => Style::Red,
            Severity::Warning => Style::Yellow,
            Severity::Note => Style::Dim,
        };
        let line = plain::clean_line(&finding.to_string());
        ui.line(ui.style(style, &line));
        cure(ui, finding);
    }
    if !folded.is_empty() {
        ui.hint("every note: staple check --all");
    }
}

fn cure(ui: &mut Ui, finding: &Finding) {
    if !finding.hint.is_empty() {
        ui.line(format!("  {}", plain::clean_line(&finding.hint)));
    }
}

fn list_rules(ui: &mut Ui, form: &FormArgs) -> Result<(), CliError> {
    let rules = check::rules();
    let item =
        |rule: &&check::Rule| json!({ "rule": rule.name, "what": rule.what, "why": rule.why, "cure": rule.cure });
    if form.print(ui, "rules", &rules, item)? {
        return Ok(());
    }
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules {
        ui.line(format!("{:width$}  {}", rule.name, rule.what));
    }
    ui.hint("more about one: staple check --explain RULE");
    Ok(())
}

fn explain(ui: &mut Ui, name: &str) -> Result<(), CliError> {
    let rules = check::rules();
    let Some(rule) = rules.iter().find(|rule| rule.name == name) else {
        let near = crate::record::nearest::nearest(name, rules.iter().map(|rule| rule.name));
        let hint = near
            .first()
            .map_or("see them all: staple check --rules".to_owned(), |near| format!("did you mean {near}?"));
        return Err(CliError::usage(format!("there is no rule `{name}`"), hint));
    };
    let Rule { name, what, why, example, cure } = rule;
    let name = ui.style(Style::Bold, name);
    ui.line(name);
    for (word, text) in [("finds", what), ("why", why), ("example", example), ("cure", cure)] {
        for (i, line) in plain::wrap(text, 84).into_iter().enumerate() {
            ui.line(format!("  {:9}{line}", if i == 0 { word } else { "" }).trim_end());
        }
    }
    Ok(())
}

/// Adds missing keys and sorts lists. Unknown keys and everything else stay.
fn fix(ui: &mut Ui, desk: &Desk, records: &Records, only: &[String], write: &WriteArgs) -> Result<(), CliError> {
    let loose = records
        .tickets_with_messages()
        .flat_map(|ticket| records.messages(ticket))
        .filter(|message| matches!(locate(&message.path), Some(Located::Record(Kind::Message, _))));
    let wanted: Vec<&Record> = records.all().chain(loose).filter(|record| is_in(&record.path, only)).collect();
    let (dirty, wanted): (Vec<&Record>, Vec<&Record>) =
        wanted.into_iter().partition(|record| records.uncommitted.contains(&record.path));
    let mut options = write.options(desk, "check --fix")?;
    // What was wrong with a record before is no reason to leave its keys missing.
    options.unguarded = true;
    let done = desk.write(&options, |draft| {
        let mut fixed = Vec::new();
        for record in &wanted {
            if fix_one(draft, record)? {
                fixed.push(record.reference());
            }
        }
        match fixed.as_slice() {
            [] => draft.summary("", "nothing to mend"),
            [one] => draft.summary(one, "missing keys added, lists sorted"),
            many => draft.summary("", format!("{} records: missing keys added, lists sorted", many.len())),
        }
        Ok(())
    })?;
    report(ui, desk, &done)?;
    for record in dirty {
        ui.hint(format!("left as it is: {} has edits that are not committed", record.path));
    }
    warn_unreadable(ui, records);
    // Whether there was nothing to do is not known then.
    if ui.has_written { Ok(()) } else { incomplete(records) }
}

fn fix_one(draft: &mut Draft<'_>, record: &Record) -> Result<bool, WriteError> {
    let Some(bytes) = draft.read(&record.path)? else { return Ok(false) };
    let Ok(before) = String::from_utf8(bytes) else { return Ok(false) };
    let Some(now) = text::parse(record.kind, &record.name, &record.path, before.as_bytes()).record else {
        return Ok(false);
    };
    let fixed = text::add_missing_keys(&before, &now).and_then(|text| text::sort_lists(&text, now.schema()));
    let after = fixed.map_err(|source| WriteError::Edit { path: record.path.clone(), source })?;
    if after == before {
        return Ok(false);
    }
    draft.write_record(record.kind, &record.name, &record.path, &after);
    Ok(true)
}
