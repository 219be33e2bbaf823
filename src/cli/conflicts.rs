//! `staple conflicts`: walks through what a merge left for a person.

use serde_json::{Value as Json, json};
use similar::{ChangeTag, TextDiff};

use super::error::{CliError, Exit};
use super::shared::FormArgs;
use super::show::print;
use super::ui::Ui;
use crate::desk::Desk;
use crate::desk::conflicts::{Contest, Contests, Decision, State, chosen, contests, decide, named, settle};
use crate::record::shell::shell_word;
use crate::render::text::{Lines, Tone};
use crate::report::conflicts::{ConflictView, KeyConflict, views};
use crate::report::words::Clock;
use crate::store::SideNames;
use crate::text::merge::Side;

/// Show what a merge, rebase, cherry-pick or revert left for you to decide, and decide it key by key
///
/// Lists every unmerged record with the keys that both sides changed: what each was, and what either side says. With a record
/// and a key one of them is decided; with a record alone all of them. A record in which nothing contradicts any more is staged, and
/// git goes on with the command that is named last. The list exits 4 while something is left to decide.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple conflicts\n  staple conflicts 7k3 status --theirs\n  staple conflicts 7k3 cause --value \"the link lasts an hour\"\n  staple conflicts 7k3 --ours\n  staple conflicts --settle"
)]
pub(crate) struct ConflictsArgs {
    /// The record, or its path
    #[arg(value_name = "REF")]
    reference: Option<String>,

    /// The key; all of them when left out
    #[arg(value_name = "KEY", requires = "reference")]
    key: Option<String>,

    /// Keep what our side says: the branch you are on; in a rebase what you rebase onto
    #[arg(long, requires = "reference", conflicts_with_all = ["theirs", "both", "value"])]
    ours: bool,

    /// Take what their side says: what is merged in; in a rebase your own commit
    #[arg(long, requires = "reference", conflicts_with_all = ["both", "value"])]
    theirs: bool,

    /// Keep ours and add theirs after it, in a text or a list
    #[arg(long, requires = "reference", conflicts_with = "value")]
    both: bool,

    /// Say something else; - reads standard input
    #[arg(long, value_name = "VALUE", requires = "key", allow_hyphen_values = true)]
    value: Option<String>,

    /// Stage every record in which nothing contradicts, such as after a merge without the driver
    #[arg(long, conflicts_with_all = ["reference", "json", "template", "format"])]
    settle: bool,

    #[command(flatten)]
    form: FormArgs,
}

impl ConflictsArgs {
    fn decision(&self) -> Result<Option<Decision>, CliError> {
        Ok(match &self.value {
            Some(text) if text == "-" => Some(Decision::Value(super::shared::standard_input()?.trim_end().to_owned())),
            Some(text) => Some(Decision::Value(text.clone())),
            None if self.ours => Some(Decision::Side(Side::Ours)),
            None if self.theirs => Some(Decision::Side(Side::Theirs)),
            None if self.both => Some(Decision::Side(Side::Both)),
            None => None,
        })
    }
}

pub(crate) fn cmd_conflicts(ui: &mut Ui, desk: &Desk, args: &ConflictsArgs) -> Result<(), CliError> {
    let mut found = contests(desk)?;
    if args.settle {
        return settle_all(ui, desk, &found);
    }
    if let (Some(reference), Some(decision)) = (&args.reference, args.decision()?) {
        let contest = named(&found.files, reference)?;
        let done = decide(desk, contest, args.key.as_deref(), &decision)?;
        let what = args.key.as_deref().unwrap_or("every key");
        let what = if matches!(contest.state, State::Keys(_)) { what } else { "the whole file" };
        let by = by_words(&decision, &found.names);
        let left = if done { "; nothing left in it, staged" } else { "" };
        ui.status(format!("{}: {what} {by}{left}", contest.path));
        return next(ui, desk, &contests(desk)?);
    }
    if let Some(reference) = &args.reference {
        let path = named(&found.files, reference)?.path.clone();
        found.files.retain(|contest| contest.path == path);
        if let (Some(key), [Contest { state: State::Keys(conflicts), .. }]) = (&args.key, found.files.as_slice()) {
            chosen(conflicts, Some(key))?;
        }
    }
    list(ui, desk, &found, args)
}

fn by_words(decision: &Decision, names: &SideNames) -> String {
    match decision {
        Decision::Side(Side::Ours) => format!("as {} has it", names.ours),
        Decision::Side(Side::Theirs) => format!("as {} has it", names.theirs),
        Decision::Side(Side::Both) => "as both have it".to_owned(),
        Decision::Value(_) => "as you say".to_owned(),
    }
}

fn settle_all(ui: &mut Ui, desk: &Desk, found: &Contests) -> Result<(), CliError> {
    for contest in found.files.iter().filter(|contest| !contest.is_open()) {
        settle(desk, contest)?;
        ui.status(format!("{}: nothing contradicts, staged", contest.path));
    }
    next(ui, desk, &contests(desk)?)
}

fn list(ui: &mut Ui, desk: &Desk, found: &Contests, args: &ConflictsArgs) -> Result<(), CliError> {
    let clock = Clock { now: desk.now(), zone: desk.zone() };
    let mut views = views(&found.files, &clock);
    if let Some(key) = &args.key {
        for view in &mut views {
            view.keys.retain(|conflict| conflict.name == *key);
        }
    }
    if !args.form.print(ui, "conflicts", &views, |view| item(view, &found.names))? {
        show(ui, &views, &found.names);
        next(ui, desk, found)?;
    }
    let is_open = found.files.iter().any(Contest::is_open);
    if is_open { Err(CliError::silent(Exit::Conflict)) } else { Ok(()) }
}

/// Says how to go on.
fn next(ui: &mut Ui, desk: &Desk, found: &Contests) -> Result<(), CliError> {
    let open = found.files.iter().filter(|contest| contest.is_open()).count();
    let settled = found.files.len() - open;
    if settled > 0 {
        let files = if settled == 1 { "1 record has" } else { &format!("{settled} records have") };
        ui.hint(format!("{files} nothing to decide: staple conflicts --settle"));
    }
    if found.files.iter().any(|contest| matches!(contest.state, State::Keys(_))) {
        ui.hint("decide a key: staple conflicts REF KEY --ours, --theirs, --both or --value VALUE");
    }
    if let Some(whole) =
        found.files.iter().find(|contest| contest.is_open() && !matches!(contest.state, State::Keys(_)))
    {
        ui.hint(format!("keep one side of a file: staple conflicts {} --ours or --theirs", shell_word(&whole.path)));
    }
    if open > 0 {
        return Ok(());
    }
    if found.elsewhere > 0 {
        ui.hint(format!("{} other unmerged files are not the desk's: git status", found.elsewhere));
    } else if settled == 0 {
        match desk.store().in_progress() {
            Some("bisect") | None => ui.status("nothing is in conflict"),
            // Git commits nothing that changes nothing, and says so in many words.
            Some(what @ ("cherry-pick" | "revert")) if desk.store().nothing_is_staged()? => {
                ui.hint(format!("nothing is left of it; go on without: git {what} --skip"));
            }
            Some("git am") => ui.hint("nothing is left to decide; go on: git am --continue"),
            Some(what) => ui.hint(format!("nothing is left to decide; go on: git {what} --continue")),
        }
    }
    Ok(())
}

pub(crate) fn show(ui: &mut Ui, views: &[ConflictView], names: &SideNames) {
    let mut out = Lines::new(ui.width);
    for view in views {
        out.gap();
        out.wrapped(Tone::Strong, 0, &format!("{}  {}", view.reference, view.label));
        out.wrapped(Tone::Dim, 2, &view.path);
        match (view.what, view.has) {
            ("one side", Some(side)) => {
                let (has, other) =
                    if side == "ours" { (&names.ours, &names.theirs) } else { (&names.theirs, &names.ours) };
                out.wrapped(Tone::Plain, 2, &format!("{has} changed it, {other} took it away: --{side} keeps it"));
            }
            ("by hand", _) => out.wrapped(Tone::Plain, 2, &by_hand(view)),
            ("nothing", _) => out.wrapped(Tone::Plain, 2, "nothing contradicts"),
            _ => {}
        }
        if view.why.is_none()
            && let Some(words) = standing(view, names)
        {
            out.wrapped(Tone::Plain, 2, &words);
        }
        for conflict in &view.keys {
            key(&mut out, conflict, names);
        }
    }
    print(ui, &out.done());
}

fn by_hand(view: &ConflictView) -> String {
    let why = match view.why {
        Some("attachment") => return "both sides changed it, and it is kept whole: --ours or --theirs".to_owned(),
        Some("no record") => "it is no record, so that it is not merged",
        Some("no file") => "a side, or what stands there, is a link, a folder or a submodule, or cannot be read",
        Some("own marks") => "its text has lines like conflict marks, so that those of the merge cannot be told apart",
        _ => "a side is no sound record",
    };
    format!("{why}: --ours or --theirs keeps one side whole; or edit the file to keep what is right, then git add it")
}

/// Says of a file on which nobody has worked what would be lost if it were staged as it stands.
fn standing(view: &ConflictView, names: &SideNames) -> Option<String> {
    let SideNames { ours, theirs } = names;
    let (has, lacks) = match view.stands? {
        "ours" => (format!("as {ours} has it"), format!("nothing of {theirs}")),
        "theirs" => (format!("as {theirs} has it"), format!("nothing of {ours}")),
        "base" => ("as it was before both".to_owned(), "nothing of either side".to_owned()),
        _ => return Some("the file is missing from the work tree; it is made again with what you decide".to_owned()),
    };
    Some(format!("the file is {has}, without marks and with {lacks} in it"))
}

fn key(out: &mut Lines, conflict: &KeyConflict, names: &SideNames) {
    let about = if conflict.only_comment { " (its comment; see the file)" } else { "" };
    out.wrapped(Tone::Plain, 2, &format!("{}{about}", conflict.name));
    if conflict.only_comment {
        return;
    }
    let (ours, theirs) = (format!("--ours ({})", names.ours), format!("--theirs ({})", names.theirs));
    let sides = [("before".to_owned(), &conflict.before), (ours, &conflict.ours), (theirs, &conflict.theirs)];
    let is_long = sides.iter().any(|(_, text)| text.contains('\n'));
    let column = sides.iter().map(|(word, _)| word.chars().count()).max().unwrap_or(0).min(40);
    for (i, (word, text)) in sides.iter().enumerate() {
        let lines = match (text.as_str(), i) {
            ("", _) => vec!["(unset)".to_owned()],
            (_, 0) if is_long => continue,
            (text, _) if is_long => changed(&conflict.before, text),
            (text, _) => vec![text.to_owned()],
        };
        out.beside(4, word, column, &lines);
    }
}

/// Long text line by line: what a side took away and what it added.
fn changed(before: &str, after: &str) -> Vec<String> {
    let lines = |text: &str| format!("{text}\n");
    let (before, after) = (lines(before), lines(after));
    let diff = TextDiff::from_lines(&before, &after);
    let signs = diff.iter_all_changes().filter_map(|change| {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => return None,
        };
        let line = change.value().trim_end();
        (!line.is_empty()).then(|| format!("{sign} {line}"))
    });
    signs.collect()
}

pub(crate) fn item(view: &ConflictView, names: &SideNames) -> Json {
    let keys = view.keys.iter().map(|conflict| {
        let KeyConflict { name, before, ours, theirs, only_comment, can_hold_both } = conflict;
        json!({
            "key": name, "before": before, "ours": ours, "theirs": theirs,
            "only-comment": only_comment, "can-hold-both": can_hold_both,
        })
    });
    json!({
        "ref": view.reference,
        "path": view.path,
        "what": view.what,
        "has": view.has,
        "why": view.why,
        "stands": view.stands,
        "ours": names.ours,
        "theirs": names.theirs,
        "keys": keys.collect::<Vec<_>>(),
    })
}
