//! What to do where `staple sync` stops: commands that can be pasted as they are, in the folder where one stands.

use std::path::Path;

use super::super::environment::Environment;
use super::super::error::{CliError, with_causes};
use super::super::open::Globals;
use super::super::place::{Place, path_word};
use crate::desk::sync::{Route, SyncFailure};
use crate::desk::{Desk, WriteError};
use crate::record::shell::shell_word;
use crate::store::sync::replay::Stop;
use crate::store::sync::{NoUpstream, address};
use crate::store::{self, ObjectId, Obstacle};

/// Where the user stands, and so how commands are written.
pub(super) struct Cures<'a> {
    desk: &'a Desk,
    place: Place,
    /// `staple`, or with `-C` where that is how the desk was named.
    pub(super) staple: String,
}

impl<'a> Cures<'a> {
    pub(super) fn new(desk: &'a Desk, globals: &Globals, environment: &Environment) -> Self {
        let place = Place::new(&environment.folder, desk.store().work_dir());
        let staple = match &globals.folder {
            Some(folder) => format!("staple -C {}", path_word(folder)),
            None => "staple".to_owned(),
        };
        Self { desk, place, staple }
    }

    /// The error for a failure, with its cure.
    pub(super) fn of(&self, failure: SyncFailure) -> CliError {
        let mut error = self.cured(failure);
        if error.hints.iter().any(|hint| hint.contains("--autostash")) && self.desk.store().has_staged() {
            error.hints.push("what you staged stays as it is, but is no longer staged after that".to_owned());
        }
        error
    }

    fn cured(&self, failure: SyncFailure) -> CliError {
        let (git, staple) = (&self.place.git, &self.staple);
        let message = with_causes(&failure);
        let hint = match failure {
            SyncFailure::Write(error) => return self.landing(error),
            SyncFailure::Stopped { stop, route } => return self.stopped(*stop, &route),
            SyncFailure::NoUpstream(no) => return CliError::refused(message, self.no_upstream(&no)),
            SyncFailure::Rewritten { route, commit, own, .. } => return self.rewritten(message, &route, commit, own),
            SyncFailure::Settings { .. } => {
                format!("set it right first: which branch is the desk's stands in it; see {staple} check")
            }
            SyncFailure::Detached => {
                let go = format!("{git} switch {}", self.likely_branch());
                match self.of_head_alone() {
                    0 => format!("go to the desk's branch first: {go}"),
                    count => format!(
                        "no branch has {} of HEAD: {}; then go to the desk's branch, and bring it there: {go} && {git} merge NAME",
                        super::commits(count),
                        self.name_head()
                    ),
                }
            }
            SyncFailure::Unborn { .. } => format!("make a first change, such as: {staple} setup"),
            SyncFailure::NoBranch { route } => {
                let (theirs, ours) = (in_full(&route.upstream.branch), in_full(&route.branch));
                format!("make it from the remote's: {git} fetch {} {}", remote(&route), shell_word(&format!("{theirs}:{ours}")))
            }
            SyncFailure::NoSuchBranch { route } => format!("make it there: {}", self.first_push(&route)),
            SyncFailure::NoRoom { route, .. } => format!(
                "choose another name for it there: {git} push -u {} {}",
                remote(&route),
                shell_word(&format!("{}:refs/heads/NAME", in_full(&route.branch)))
            ),
            SyncFailure::Gone { route } => format!(
                "make it there again: {}; or follow another: {git} branch --set-upstream-to=BRANCH {}",
                self.first_push(&route),
                shell_word(&route.branch)
            ),
            SyncFailure::NotFetched { route, .. } => format!(
                "see where it points and whether you may read it: {git} remote -v, {git} fetch {}",
                remote(&route)
            ),
            SyncFailure::NotKept { route, .. } => format!(
                "try again when no other git is at work here; names that the remote has no more are dropped by: \
                 {git} remote prune {}",
                remote(&route)
            ),
            SyncFailure::Busy { .. } => {
                "your commits are safe here; if nobody pushes for long, whoever keeps the remote has to look for a lock \
                 that was left"
                    .to_owned()
            }
            SyncFailure::Protected { .. } => format!("propose them instead: {staple} sync --pull-request"),
            SyncFailure::NotPushed { is_request: true, .. } => {
                format!(
                    "see what it says, and whether you may write to it: {git} remote -v; your commits are safe here"
                )
            }
            // A bundle, or a program for an address that only fetches.
            SyncFailure::NotPushed { route, words, .. } if words.contains("does not support") => format!(
                "nothing can be pushed to such an address; name another one for that: {git} remote set-url --push {} \
                 ADDRESS; your commits are safe here",
                remote(&route)
            ),
            SyncFailure::NotPushed { route, .. } => format!(
                "see what it says, and whether you may write to it: {git} remote -v, {git} push {}; your commits are safe here",
                self.destination(&route)
            ),
            SyncFailure::NotEverywhere { route, .. } => {
                format!("see what it says: {git} remote -v, {git} push {}", self.destination(&route))
            }
            SyncFailure::Beaten { .. } => format!("your commits are safe here; run it again: {staple} sync"),
            SyncFailure::RequestMoved { .. } => {
                "your commits are safe here; ask them, or wait until their pull request has landed".to_owned()
            }
        };
        CliError::refused(message, hint)
    }

    /// The steps to a decision on what both sides changed.
    pub(super) fn decide(&self, route: &Route) -> Vec<String> {
        let mut steps = vec![
            ("take theirs in", format!("{} pull --no-rebase {}", self.place.git, source(route))),
            ("decide what it stops at", format!("{} conflicts", self.staple)),
            ("end the merge", format!("{} commit --no-edit", self.place.git)),
            ("exchange", format!("{} sync", self.staple)),
        ];
        if let Some((go, back)) = self.there_and_back(route) {
            steps.insert(0, ("go to the desk's branch", go));
            steps.push(("go back", back));
        }
        steps.iter().enumerate().map(|(at, (what, command))| format!("{}. {what}: {command}", at + 1)).collect()
    }

    /// How to publish another branch.
    pub(super) fn publish(&self, route: &Route, branch: &str) -> String {
        format!("{} push -u {} {}", self.place.git, remote(route), shell_word(&self.here(branch)))
    }

    /// How many commits HEAD has that the branch it was probably taken off has not; 0 where that cannot be known.
    fn of_head_alone(&self) -> usize {
        let store = self.desk.store();
        let tip = store.reference(&format!("refs/heads/{}", self.likely_branch())).ok().flatten();
        let head = store.head().ok().and_then(|head| head.commit);
        tip.zip(head).and_then(|(tip, head)| store.between(tip, head).ok()).map_or(0, |commits| commits.len())
    }

    /// How to keep what HEAD alone has.
    pub(super) fn name_head(&self) -> String {
        format!("{} switch -c NAME", self.place.git)
    }

    /// What landing refuses concerns files of the user's, not the record that a command was about.
    fn landing(&self, error: WriteError) -> CliError {
        match error {
            WriteError::Store(store::Error::Uncommitted { path, .. }) => self.in_the_way(&path).unwrap_or_else(|| {
                CliError::refused(
                    format!("{path} was changed by others, and has edits of yours that are not committed"),
                    self.uncommitted(&path),
                )
            }),
            WriteError::Store(ref error @ store::Error::CheckedOut { ref path, .. }) if !path.exists() => {
                CliError::refused(
                    error.to_string(),
                    format!(
                        "bring that folder back, or have git forget it where it is gone for good: see {} worktree list",
                        self.place.git
                    ),
                )
            }
            WriteError::Store(store::Error::CheckedOut { branch, path }) => CliError::refused(
                format!("{branch} is checked out in {}", path.display()),
                format!("exchange it there: staple -C {} sync", path_word(&path.join(self.desk.store().prefix()))),
            ),
            WriteError::Store(ref error @ store::Error::InUse { ref path, what, .. }) => {
                let end = if what == "bisect" { "bisect reset".to_owned() } else { format!("{what} --continue") };
                CliError::refused(error.to_string(), format!("finish it there first: git -C {} {end}", path_word(path)))
            }
            WriteError::Store(store::Error::Locked { path }) if path.ends_with("sync-lock") => {
                CliError::refused("another staple sync is under way", "try again when it has ended")
            }
            error => error.into(),
        }
    }

    /// What becomes of something of the user's that git does not have, or has as something else, where others put something. Git itself
    /// would delete what is ignored.
    fn in_the_way(&self, path: &str) -> Option<CliError> {
        let store = self.desk.store();
        let obstacle = store.obstacle(path).ok().filter(|obstacle| *obstacle != Obstacle::None)?;
        let full = store.work_dir().join(path);
        let free = |name: &String| full.with_file_name(name).symlink_metadata().is_err();
        let plain = format!("{}.mine", full.file_name()?.to_string_lossy());
        let numbered = (2..).map(|count| format!("{plain}-{count}"));
        let aside = full.with_file_name(std::iter::once(plain.clone()).chain(numbered).find(free)?);
        let (from, to) = match self.place.is_root {
            true => (path_word(Path::new(path)), path_word(aside.strip_prefix(store.work_dir()).unwrap_or(&aside))),
            false => (path_word(&full), path_word(&aside)),
        };
        let (what, back) = match obstacle {
            Obstacle::Replaced => {
                let back = format!(" && {} restore -- {}", self.place.git, self.place.pathspec(path));
                ("is something else here than git has there", back)
            }
            _ => ("is not known to git here", String::new()),
        };
        let message = format!("{path} {what}, and in the way of what others changed");
        let hint = format!("set yours aside: mv -- {from} {to}{back} && {} sync", self.staple);
        Some(CliError::refused(message, hint))
    }

    /// What becomes of an edit that is in the way of others' changes.
    fn uncommitted(&self, path: &str) -> String {
        let (git, store) = (&self.place.git, self.desk.store());
        let file = self.place.pathspec(path);
        let is_there = store.work_dir().join(path).symlink_metadata().is_ok();
        if !store.prefix().is_empty() && !path.starts_with(&format!("{}/", store.prefix())) {
            // Committed, it would travel with no sync.
            let untracked = if is_there { "-u " } else { "" };
            return format!(
                "it is not of the desk; set yours aside: {git} stash push {untracked}-- {file} && {} sync && {git} stash pop",
                self.staple
            );
        }
        format!("commit yours first: {}; then {} sync", self.place.commit(path), self.staple)
    }

    /// How to go on where the remote dropped what our line is built on.
    fn rewritten(&self, message: String, route: &Route, dropped: ObjectId, own: usize) -> CliError {
        let (git, branch, upstream) = (&self.place.git, shell_word(&route.branch), self.upstream(route));
        let back = self.there_and_back(route).map_or(String::new(), |(_, back)| format!(" && {back}"));
        // What is dropped here may be the last copy, so it keeps a name.
        let ours = self.here(&route.branch);
        let keep = format!(
            "{git} branch {} {}",
            shell_word(&self.free_branch(&format!("{}-kept", route.branch))),
            shell_word(&ours)
        );
        let follow = match own {
            // Entries that a write left to be looked at again would stop it.
            0 if route.is_checked_out => {
                format!("drop it here too: {git} update-index -q --refresh; {keep} && {git} reset --keep {upstream}")
            }
            0 => format!("drop it here too: {keep} && {git} branch -f {branch} {upstream}"),
            _ => {
                let dropped = dropped.to_hex_with_len(7);
                format!(
                    "take along only yours: {keep} && {git} rebase --onto {upstream} {dropped} {branch} --autostash{back}"
                )
            }
        };
        let range = shell_word(&format!("{}..{ours}", self.upstream_name(route)));
        let hints = vec![
            format!("{follow}; then {} sync", self.staple),
            format!("ask whoever did it before you bring it back: {git} log {range}"),
        ];
        CliError { hints, ..CliError::refused(message, "") }
    }

    fn stopped(&self, stop: Stop, route: &Route) -> CliError {
        let git = &self.place.git;
        let message = with_causes(&stop);
        let hint = match stop {
            Stop::OutsideDesk { .. } => {
                let is_first = !self.is_there(&route.upstream.tracking);
                let push = match is_first {
                    true => self.first_push(route),
                    false => self.on_branch(
                        route,
                        &format!(
                            "{git} pull --rebase --autostash {} && {git} push {}",
                            source(route),
                            self.destination(route)
                        ),
                    ),
                };
                format!("push it yourself when it is ready: {push}")
            }
            Stop::Merge { .. } => {
                let join = self.on_branch(route, &format!("{git} pull --no-rebase {}", source(route)));
                format!("join theirs once more: {join}; then {} sync", self.staple)
            }
            Stop::Unrelated if self.desk.store().is_shallow() => format!(
                "see whether it is the right remote: {git} remote -v; this clone is shallow and may lack it: \
                 {git} fetch --unshallow {}",
                remote(route)
            ),
            Stop::Unrelated => format!(
                "see whether it is the right remote: {git} remote -v; where all of its history was rewritten, go on in a fresh clone"
            ),
            Stop::Conflict { .. } => format!("see what it is about: {} sync", self.staple),
            Stop::Store(store::Error::Symlink { path } | store::Error::InTheWay { path }) => {
                if let Some(error) = self.in_the_way(&path) {
                    return error;
                }
                let message = format!("{path} was changed by others, or by you, in a way that only git puts in place");
                let pull = self.on_branch(route, &format!("{git} pull --rebase --autostash {}", source(route)));
                return CliError::refused(
                    message,
                    format!("take theirs in with git: {pull}; then {} sync", self.staple),
                );
            }
            Stop::Store(store::Error::BadPath { .. }) => {
                let pull = format!(
                    "{git} pull --rebase --autostash {} && {git} push {}",
                    source(route),
                    self.destination(route)
                );
                format!("exchange it with git: {}", self.on_branch(route, &pull))
            }
            Stop::Store(error) => return error.into(),
        };
        CliError::refused(message, hint)
    }

    fn no_upstream(&self, no: &NoUpstream) -> String {
        let git = &self.place.git;
        let follow = |remote: &str, branch: &str| match self.is_there(&format!("refs/remotes/{remote}/{branch}")) {
            true => {
                let to = shell_word(&format!("{remote}/{branch}"));
                format!("{git} branch --set-upstream-to={to} {}", shell_word(branch))
            }
            false => format!("{git} config {} {}", shell_word(&format!("branch.{branch}.remote")), shell_word(remote)),
        };
        match no {
            NoUpstream::NoRemote => format!("name one: {git} remote add origin ADDRESS; then {} sync", self.staple),
            NoUpstream::SeveralRemotes { branch, remotes } => {
                format!("say which: {}", follow(remotes.first().map_or("origin", String::as_str), branch))
            }
            NoUpstream::Local { branch, .. } if self.is_there(&format!("refs/remotes/origin/{branch}")) => {
                format!("have it follow a remote's: {}", follow("origin", branch))
            }
            NoUpstream::Local { branch, .. } => {
                format!("have it follow none: {git} branch --unset-upstream {}", shell_word(branch))
            }
        }
    }

    /// `then`, on the desk's branch.
    fn on_branch(&self, route: &Route, then: &str) -> String {
        match self.there_and_back(route) {
            Some((go, back)) => format!("{go} && {then} && {back}"),
            None => then.to_owned(),
        }
    }

    /// The ways to the desk's branch and back; none when it is checked out.
    fn there_and_back(&self, route: &Route) -> Option<(String, String)> {
        if route.is_checked_out {
            return None;
        }
        let head = self.desk.store().head().ok()?;
        let back = match (head.branch, head.commit) {
            (Some(branch), _) => shell_word(&branch),
            (None, commit) => format!("--detach {}", commit?.to_hex_with_len(12)),
        };
        Some((
            format!("{} switch {}", self.place.git, shell_word(&route.branch)),
            format!("{} switch {back}", self.place.git),
        ))
    }

    /// The first push of the desk's branch, from which on it follows what it was pushed to.
    fn first_push(&self, route: &Route) -> String {
        format!("{} push -u {}", self.place.git, self.destination(route))
    }

    /// The remote and what goes where, as `git push` takes them.
    fn destination(&self, route: &Route) -> String {
        let (ours, theirs) = (in_full(&route.branch), in_full(&route.upstream.branch));
        format!("{} {}", remote(route), shell_word(&format!("{ours}:{theirs}")))
    }

    /// A branch of this clone as git takes it for nothing else: not for a tag of that name, nor for an option.
    fn here(&self, branch: &str) -> String {
        let is_plain = branch.starts_with(char::is_alphanumeric) && branch != "HEAD";
        match is_plain && !self.is_there(&format!("refs/tags/{branch}")) {
            true => branch.to_owned(),
            false => in_full(branch),
        }
    }

    fn free_branch(&self, name: &str) -> String {
        let names = std::iter::once(name.to_owned()).chain((2..100).map(|count| format!("{name}-{count}")));
        names.into_iter().find(|name| !self.is_there(&in_full(name))).unwrap_or_else(|| "NAME".to_owned())
    }

    fn upstream(&self, route: &Route) -> String {
        shell_word(self.upstream_name(route))
    }

    /// The tracking reference, in full where something else has its short name too.
    fn upstream_name<'r>(&self, route: &'r Route) -> &'r str {
        let short = route.upstream.short();
        let is_taken = ["refs/heads", "refs/tags"].iter().any(|folder| self.is_there(&format!("{folder}/{short}")));
        if is_taken { &route.upstream.tracking } else { short }
    }

    fn likely_branch(&self) -> &'static str {
        ["main", "master"].into_iter().find(|name| self.is_there(&format!("refs/heads/{name}"))).unwrap_or("BRANCH")
    }

    fn is_there(&self, reference: &str) -> bool {
        self.desk.store().reference(reference).is_ok_and(|found| found.is_some())
    }
}

/// The remote and the branch there, as `git pull` takes them.
fn source(route: &Route) -> String {
    format!("{} {}", remote(route), shell_word(&in_full(&route.upstream.branch)))
}

/// A branch by its full name: the short one may be that of a tag there, which git would take, or read as something else.
fn in_full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

/// The remote as it is written in a command: one whose address has a password in it by where git keeps it.
fn remote(route: &Route) -> String {
    let name = &route.upstream.remote;
    match address::shown(name) == *name {
        true => shell_word(name),
        false => format!("\"$(git config {})\"", shell_word(&format!("branch.{}.remote", route.branch))),
    }
}
