//! `staple sync`: exchanges the desk with its remote.

mod cures;

use serde_json::{Value as Json, json};

use super::environment::Environment;
use super::error::{CliError, Exit};
use super::open::{self, Globals};
use super::shared::place_words;
use super::ui::Ui;
use crate::desk::Desk;
use crate::desk::conflicts::Contest;
use crate::desk::sync::{self, Route, Step, SyncFailure, SyncOptions, Synced};
use crate::render::json::envelope;
use crate::report::conflicts::views;
use crate::report::words::Clock;
use crate::store::sync::replay::Stop;
use crate::store::{SideNames, Unmerged};
use cures::Cures;

/// Exchange the desk with the others: fetch, put your commits on top, push
///
/// Acts on the desk's branch alone. Your commits that are not pushed yet are put on top of what others pushed, record by record
/// and key by key; when somebody pushes first, it is done again. A key that you and somebody else changed, not to the same, stops
/// it with exit 4, and the desk is left as it was. Without a connection it says what waits to be pushed, and exits 0. What you
/// staged or edited stays as it is. It may be cut off at any moment: running it again goes on from there.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple sync\n  staple sync -n\n  staple sync --pull-request\n  git config staple.sync.through pull-request"
)]
pub(crate) struct SyncArgs {
    /// Push to a branch of its own, desk/YOU-..., and print where to open the pull request
    #[arg(long)]
    pull_request: bool,

    /// Push to the desk's branch, whatever the setting sync.through says
    #[arg(long, conflicts_with = "pull_request")]
    push: bool,

    /// Ask the remote, say what would happen, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    /// JSON in a versioned envelope
    #[arg(long)]
    json: bool,
}

pub(crate) fn cmd_sync(
    ui: &mut Ui,
    globals: &Globals,
    environment: &Environment,
    args: &SyncArgs,
) -> Result<(), CliError> {
    let desk = open::desk(ui, globals, environment)?;
    let by_setting = desk.settings().text("sync.through") == "pull-request" && !args.push;
    let terminal = environment.error_is_terminal;
    let options =
        SyncOptions { pull_request: args.pull_request || by_setting, dry_run: args.dry_run, prompts: terminal };
    let done = sync::sync(&desk, options, &mut |step, remote| {
        // Git may ask for a password below it, so it is a line and stays.
        if terminal {
            ui.status(match step {
                Step::Fetching => format!("asking {remote} what is new"),
                Step::Pushing => format!("pushing to {remote}"),
            });
        }
    });
    let cures = Cures::new(&desk, globals, environment);
    let done = match done {
        Ok(done) => done,
        Err(SyncFailure::Stopped { stop, route }) => {
            return Err(match *stop {
                Stop::Conflict { unmerged } => conflict(ui, &desk, unmerged, &route, &cures, args.json),
                stop => cures.of(SyncFailure::Stopped { stop: Box::new(stop), route }),
            });
        }
        Err(failure) => return Err(cures.of(failure)),
    };
    for warning in &done.warnings {
        ui.warn(format!("{}: {}", warning.path, warning.message));
        if !warning.hint.is_empty() {
            ui.hint(&warning.hint);
        }
    }
    if args.json {
        ui.json(&envelope("sync", vec![item(&done)]));
    } else if let Some(address) = done.request.as_ref().and_then(|request| request.address.as_ref()) {
        ui.line(crate::render::plain::clean_line(address));
    }
    ui.status(words(&desk, &done));
    // What was done is done, whatever else cannot be known.
    let _ = hints(ui, &desk, &done, &cures);
    Ok(())
}

/// What happened in a line.
fn words(desk: &Desk, done: &Synced) -> String {
    let place = format!("{} on {}", done.commit.to_hex_with_len(7), place_words(desk, &done.route.branch));
    if let Some(words) = &done.offline {
        let pulled = if done.pulled > 0 { format!("pulled {}; ", done.pulled) } else { String::new() };
        let waits = match done.waiting {
            0 => "nothing waits to be pushed".to_owned(),
            1 => "1 commit waits to be pushed".to_owned(),
            many => format!("{many} commits wait to be pushed"),
        };
        return format!("{pulled}offline: {waits} ({words})");
    }
    let mut parts = Vec::new();
    let (pull, push) = if done.dry_run { ("would pull", "would push") } else { ("pulled", "pushed") };
    if done.pulled > 0 {
        parts.push(format!("{pull} {}", done.pulled));
    }
    if done.pushed > 0 {
        let to = done.request.as_ref().map(|request| format!(" to {}", request.branch)).unwrap_or_default();
        parts.push(format!("{push} {}{to}", done.pushed));
    }
    if parts.is_empty() {
        return format!("nothing to do: {} has what {} has ({place})", done.route.branch, done.route.upstream.shown());
    }
    match done.dry_run {
        true => format!("{} (nothing was changed)", parts.join(", ")),
        false => format!("{} ({place})", parts.join(", ")),
    }
}

/// What else there is to know.
fn hints(ui: &mut Ui, desk: &Desk, done: &Synced, cures: &Cures<'_>) -> Result<(), CliError> {
    if done.known > 0 && !done.dry_run {
        let commits = if done.known == 1 { "1 commit of yours" } else { &format!("{} commits of yours", done.known) };
        ui.hint(format!(
            "{commits} had landed at {} already, by a pull request or the like",
            done.route.upstream.shown()
        ));
    }
    if let Some(request) = done.request.as_ref().filter(|request| request.address.is_none()) {
        ui.hint(format!("it waits on {}; open a pull request from it to {}", request.branch, done.route.branch));
    }
    let store = desk.store();
    let head = store.head()?;
    let mut unpublished = store.unpublished()?;
    match (head.branch, head.commit) {
        (Some(branch), _) if branch != done.route.branch && !unpublished.is_empty() => {
            let publish = cures.publish(&done.route, &branch);
            ui.hint(format!("{branch} has {} that no remote has: {publish}", commits(unpublished.len())));
        }
        (None, Some(commit)) => {
            // What waits on the desk's branch was told.
            let besides = store.between(done.commit, commit)?;
            unpublished.retain(|commit| besides.contains(commit));
            if !unpublished.is_empty() {
                let name = cures.name_head();
                ui.hint(format!(
                    "HEAD is on no branch, and has {} that no remote has: {name}",
                    commits(unpublished.len())
                ));
            }
        }
        _ => {}
    }
    Ok(())
}

fn commits(count: usize) -> String {
    if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") }
}

fn item(done: &Synced) -> Json {
    json!({
        "branch": done.route.branch,
        "remote": done.route.upstream.shown(),
        "commit": done.commit.to_string(),
        "pulled": done.pulled,
        "pushed": done.pushed,
        "landed-otherwise": done.known,
        "offline": done.offline,
        "waiting": done.waiting,
        "request": done.request.as_ref().map(|request| json!({ "branch": request.branch, "address": request.address })),
        "warnings": done.warnings.iter().map(|finding| json!({ "path": finding.path, "message": finding.message })).collect::<Vec<_>>(),
        "dry-run": done.dry_run,
    })
}

/// Shows what a person must decide, and how.
fn conflict(
    ui: &mut Ui,
    desk: &Desk,
    unmerged: Vec<Unmerged>,
    route: &Route,
    cures: &Cures<'_>,
    as_json: bool,
) -> CliError {
    let branch = match desk.settings().text("branch") {
        "" => "yours".to_owned(),
        branch => branch.to_owned(),
    };
    let names = SideNames { ours: branch, theirs: route.upstream.shown() };
    let contests: Vec<Contest> = unmerged.into_iter().filter_map(Contest::of).collect();
    let clock = Clock { now: desk.now(), zone: desk.zone() };
    let views = views(&contests, &clock);
    let count = views.len();
    if as_json {
        let items = views.iter().map(|view| super::conflicts::item(view, &names)).collect();
        ui.json(&envelope("conflicts", items));
    } else {
        super::conflicts::show(ui, &views, &names);
    }
    let records = if count == 1 { "1 record says".to_owned() } else { format!("{count} records say") };
    let message = format!("{records} different things here and at {}; nothing was changed", route.upstream.shown());
    CliError { hints: cures.decide(route), ..CliError::new(Exit::Conflict, message, "") }
}
