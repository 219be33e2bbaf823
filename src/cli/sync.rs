//! `staple sync`: exchanges the desk with its remote.

use serde_json::{Value as Json, json};

use super::environment::Environment;
use super::error::{CliError, Exit, with_causes};
use super::open::{self, Globals};
use super::shared::place_words;
use super::ui::Ui;
use crate::desk::conflicts::Contest;
use crate::desk::sync::{self, Route, Step, SyncFailure, SyncOptions, Synced};
use crate::desk::{Desk, WriteError};
use crate::render::json::envelope;
use crate::report::conflicts::views;
use crate::report::words::Clock;
use crate::store::sync::NoUpstream;
use crate::store::sync::replay::Stop;
use crate::store::{self, ObjectId, SideNames, Unmerged};

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
    let done = match done {
        Ok(done) => done,
        Err(SyncFailure::Stopped { stop, route }) => {
            return Err(match *stop {
                Stop::Conflict { unmerged } => conflict(ui, &desk, unmerged, &route, args.json),
                stop => stopped(stop, &route),
            });
        }
        Err(failure) => return Err(failure.into()),
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
    hints(ui, &desk, &done)
}

/// What happened in a line.
fn words(desk: &Desk, done: &Synced) -> String {
    let place = format!("{} on {}", done.commit.to_hex_with_len(7), place_words(desk, &done.branch));
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
        return format!("nothing to do: {} has what {} has ({place})", done.branch, done.remote);
    }
    match done.dry_run {
        true => format!("{} (nothing was changed)", parts.join(", ")),
        false => format!("{} ({place})", parts.join(", ")),
    }
}

/// What else there is to know.
fn hints(ui: &mut Ui, desk: &Desk, done: &Synced) -> Result<(), CliError> {
    if done.known > 0 && !done.dry_run {
        let commits = if done.known == 1 { "1 commit of yours" } else { &format!("{} commits of yours", done.known) };
        ui.hint(format!("{commits} had landed at {} already, by a pull request or the like", done.remote));
    }
    if let Some(request) = done.request.as_ref().filter(|request| request.address.is_none()) {
        ui.hint(format!("it waits on {}; open a pull request from it to {}", request.branch, done.branch));
    }
    let head = desk.store().head()?;
    if let Some(branch) = head.branch.filter(|branch| *branch != done.branch) {
        let unpublished = desk.store().unpublished()?.len();
        if unpublished > 0 {
            let commits = if unpublished == 1 { "1 commit".to_owned() } else { format!("{unpublished} commits") };
            ui.hint(format!("{branch} has {commits} that no remote has: git push -u {} {branch}", done.remote));
        }
    }
    Ok(())
}

fn item(done: &Synced) -> Json {
    json!({
        "branch": done.branch,
        "remote": done.remote,
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
fn conflict(ui: &mut Ui, desk: &Desk, unmerged: Vec<Unmerged>, route: &Route, as_json: bool) -> CliError {
    let upstream = &route.upstream;
    let branch = match desk.settings().text("branch") {
        "" => "yours".to_owned(),
        branch => branch.to_owned(),
    };
    let names = SideNames { ours: branch, theirs: upstream.shown() };
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
    let message = format!("{records} different things here and at {}; nothing was changed", upstream.shown());
    let hints = vec![
        format!("1. take theirs in: git pull --no-rebase {} {}", remote_word(route), upstream.branch),
        "2. decide what it stops at: staple conflicts".to_owned(),
        "3. end the merge: git commit --no-edit".to_owned(),
        "4. staple sync".to_owned(),
    ];
    CliError { exit: Exit::Conflict, message, hints }
}

impl From<SyncFailure> for CliError {
    fn from(failure: SyncFailure) -> Self {
        let message = with_causes(&failure);
        let hint = match failure {
            SyncFailure::Write(error) => return landing(error),
            SyncFailure::Stopped { stop, route } => return stopped(*stop, &route),
            SyncFailure::NoUpstream(no) => return no_upstream(&no, message),
            SyncFailure::Settings { .. } => {
                "set it right first: which branch is the desk's stands in it; see staple check".to_owned()
            }
            SyncFailure::Detached => "go to the desk's branch first: git switch main, or the like".to_owned(),
            SyncFailure::Unborn { .. } => "make a first change, such as: staple setup".to_owned(),
            SyncFailure::NoBranch { branch } => format!("make it from the remote's: git switch {branch}"),
            SyncFailure::NoSuchBranch { route } => {
                format!("make it there: git push -u {} {}", remote_word(&route), route.upstream.branch)
            }
            SyncFailure::NoRoom { route, .. } => format!(
                "choose another name for it there: git push -u {} {}:NAME",
                remote_word(&route),
                route.branch
            ),
            SyncFailure::Gone { route } => format!(
                "make it there again: git push -u {} {}:{}; or follow another: git branch --set-upstream-to=BRANCH {}",
                remote_word(&route),
                route.branch,
                route.upstream.branch,
                route.branch
            ),
            SyncFailure::Rewritten { route, commit, own, .. } => return rewritten(message, &route, commit, own),
            SyncFailure::NotFetched { route, .. } => format!(
                "see where it points and whether you may read it: git remote -v, git fetch {}",
                remote_word(&route)
            ),
            SyncFailure::NotKept { route, .. } => format!(
                "try again when no other git is at work here; names that the remote has no more are dropped by: \
                 git remote prune {}",
                remote_word(&route)
            ),
            SyncFailure::Busy { .. } => {
                "your commits are safe here; if nobody pushes for long, whoever keeps the remote has to look for a lock \
                 that was left"
                    .to_owned()
            }
            SyncFailure::Protected { .. } => "propose them instead: staple sync --pull-request".to_owned(),
            SyncFailure::NotPushed { route, .. } => format!(
                "see whether you may write to it: git remote -v, git push {}; your commits are safe here",
                remote_word(&route)
            ),
            SyncFailure::Beaten { .. } => "your commits are safe here; run it again: staple sync".to_owned(),
            SyncFailure::RequestMoved { .. } => {
                "your commits are safe here; ask them, or wait until their pull request has landed".to_owned()
            }
        };
        Self::refused(message, hint)
    }
}

/// What landing refuses concerns files of the user's, not the record that a command was about.
fn landing(error: WriteError) -> CliError {
    match error {
        WriteError::Store(store::Error::Uncommitted { path, .. }) => CliError::refused(
            format!("{path} was changed by others, and has edits of yours that are not committed"),
            format!("commit yours first: git add {path} && git commit; then staple sync"),
        ),
        WriteError::Store(store::Error::Symlink { path } | store::Error::InTheWay { path }) => CliError::refused(
            format!("{path} was changed by others, and is no plain file, which only git puts in place"),
            "take theirs in with git: git pull --rebase; then staple sync",
        ),
        WriteError::Store(store::Error::CheckedOut { branch, path }) => CliError::refused(
            format!("{branch} is checked out in {}", path.display()),
            format!("exchange it there: staple -C {} sync", path.display()),
        ),
        WriteError::Store(store::Error::Locked { path }) if path.ends_with("sync-lock") => {
            CliError::refused("another staple sync is under way", "try again when it has ended")
        }
        error => error.into(),
    }
}

/// How to go on where the remote dropped what our line is built on.
fn rewritten(message: String, route: &Route, dropped: ObjectId, own: usize) -> CliError {
    let (branch, upstream) = (&route.branch, route.upstream.short());
    let follow = match own {
        0 if route.is_checked_out => format!("drop it here too: git reset --keep {upstream}"),
        0 => format!("drop it here too: git branch -f {branch} {upstream}"),
        _ => format!("take along only yours: git rebase --onto {upstream} {} {branch}", dropped.to_hex_with_len(7)),
    };
    let hints = vec![
        format!("{follow}; then staple sync"),
        format!("ask whoever did it before you bring it back: git log {upstream}..{branch}"),
    ];
    CliError { exit: Exit::Refused, message, hints }
}

/// The remote as it is written in a command: one whose address has a password in it by where git keeps it.
fn remote_word(route: &Route) -> String {
    match route.upstream.shown() {
        shown if shown == route.upstream.remote => shown,
        _ => format!("\"$(git config branch.{}.remote)\"", route.branch),
    }
}

fn stopped(stop: Stop, route: &Route) -> CliError {
    let message = with_causes(&stop);
    let hint = match stop {
        Stop::OutsideDesk { .. } => {
            format!("push it yourself when it is ready: git pull --rebase && git push {} HEAD", remote_word(route))
        }
        Stop::Merge { .. } => {
            format!(
                "join theirs once more: git pull --no-rebase {} {}; then staple sync",
                remote_word(route),
                route.upstream.branch
            )
        }
        Stop::Unrelated => {
            "see whether it is the right remote: git remote -v; a shallow clone may lack it: git fetch --unshallow"
                .to_owned()
        }
        Stop::Conflict { .. } => "see what it is about: staple sync".to_owned(),
        Stop::Store(error) => return error.into(),
    };
    CliError::refused(message, hint)
}

fn no_upstream(no: &NoUpstream, message: String) -> CliError {
    let hint = match no {
        NoUpstream::NoRemote => "name one: git remote add origin ADDRESS; then staple sync".to_owned(),
        NoUpstream::SeveralRemotes { branch, remotes } => {
            let first = remotes.first().map_or("origin", String::as_str);
            format!("say which: git branch --set-upstream-to={first}/{branch} {branch}")
        }
        NoUpstream::Local { branch, .. } => {
            format!("have it follow a remote's: git branch --set-upstream-to=origin/{branch} {branch}")
        }
    };
    CliError::refused(message, hint)
}
