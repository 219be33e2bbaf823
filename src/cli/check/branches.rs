//! `staple check branches`: which open branches will meet when they land.

use serde_json::{Value as Json, json};

use super::super::error::{CliError, Exit};
use super::super::shared::FormArgs;
use super::super::ui::Ui;
use crate::desk::Desk;
use crate::store::branches::OpenBranch;
use crate::store::layout::locate;

/// Try the open branches with each other and with the desk's branch, and say which will conflict
///
/// Nothing is merged. Conflicts are those of plain git, as the merge button of a forge meets them; what the merge driver of this clone would solve is said. Exits 1 when branches conflict.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple check branches\n  staple check branches --base origin/main\n  staple check branches fix-login origin/new-topics"
)]
pub(crate) struct BranchesArgs {
    /// The branches; every one with changes to the desk when left out
    #[arg(value_name = "BRANCH")]
    branches: Vec<String>,

    /// The branch they are to land on; HEAD when left out
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    base: String,

    #[command(flatten)]
    form: FormArgs,
}

/// A file in which two branches meet.
struct Meeting {
    one: String,
    other: String,
    path: String,
    /// The record, as one would type it; the path where it is none.
    reference: String,
    /// The driver of this clone merges it.
    solved: bool,
}

/// With more branches than these, trying each with each takes minutes.
const MOST: usize = 60;

pub(crate) fn cmd_branches(ui: &mut Ui, desk: &Desk, args: &BranchesArgs) -> Result<(), CliError> {
    let store = desk.store();
    let base = store.resolve(&args.base)?;
    let mut branches = if args.branches.is_empty() { store.open_branches(base)? } else { named(desk, &args.branches)? };
    if branches.len() > MOST {
        ui.warn(format!("{} branches are open; the first {MOST} are tried", branches.len()));
        ui.hint("name those you mean: staple check branches BRANCH…");
        branches.truncate(MOST);
    }
    let mut all = vec![OpenBranch { name: args.base.clone(), commit: base }];
    all.extend(branches);
    let mut found = Vec::new();
    for (i, one) in all.iter().enumerate() {
        for other in &all[i + 1..] {
            found.extend(meetings(desk, one, other)?);
        }
    }
    if !args.form.print(ui, "conflicts", &found, item)? {
        show(ui, &found);
        let count = all.len() - 1;
        let branches = if count == 1 { "1 open branch".to_owned() } else { format!("{count} open branches") };
        let conflicts = if found.is_empty() {
            "no conflict".to_owned()
        } else {
            format!("{} in conflict", super::number(found.len(), "file"))
        };
        ui.status(format!("{branches} tried with each other and with {}: {conflicts}", args.base));
    }
    if found.iter().any(|meeting| !meeting.solved) { Err(CliError::silent(Exit::Findings)) } else { Ok(()) }
}

fn named(desk: &Desk, names: &[String]) -> Result<Vec<OpenBranch>, CliError> {
    let open = |name: &String| Ok(OpenBranch { name: name.clone(), commit: desk.store().resolve(name)? });
    names.iter().map(open).collect()
}

/// The desk's files in which two branches meet.
fn meetings(desk: &Desk, one: &OpenBranch, other: &OpenBranch) -> Result<Vec<Meeting>, CliError> {
    let store = desk.store();
    let root = store.repository_path("");
    let inside = |path: &str| match root.as_str() {
        "" => Some(path.to_owned()),
        root => Some(path.strip_prefix(root)?.strip_prefix('/')?.to_owned()),
    };
    let paths = store.conflicts_between(one.commit, other.commit, true)?;
    let ours: Vec<String> = paths.iter().filter_map(|path| inside(path)).collect();
    if ours.is_empty() {
        return Ok(Vec::new());
    }
    let left: Vec<String> = match store.config_string("merge.staple.driver") {
        Some(_) => store.conflicts_between(one.commit, other.commit, false)?.iter().filter_map(|p| inside(p)).collect(),
        None => ours.clone(),
    };
    let meeting = |path: String| Meeting {
        one: one.name.clone(),
        other: other.name.clone(),
        reference: locate(&path).map_or_else(|| path.clone(), |located| located.about()),
        solved: !left.contains(&path),
        path,
    };
    Ok(ours.into_iter().map(meeting).collect())
}

fn show(ui: &mut Ui, found: &[Meeting]) {
    let mut last = None;
    for meeting in found {
        let pair = (meeting.one.as_str(), meeting.other.as_str());
        if last != Some(pair) {
            ui.line(format!("{} and {}", pair.0, pair.1));
            last = Some(pair);
        }
        let solved = if meeting.solved { "  (the merge driver of this clone solves it)" } else { "" };
        ui.line(format!("  {}  {}{solved}", meeting.reference, meeting.path));
    }
    if !found.is_empty() {
        ui.hint(
            "land one, then merge the desk's branch into the other where the driver is set up: staple help merging",
        );
    }
}

fn item(meeting: &Meeting) -> Json {
    json!({
        "one": meeting.one,
        "other": meeting.other,
        "ref": meeting.reference,
        "path": meeting.path,
        "solved-by-driver": meeting.solved,
    })
}
