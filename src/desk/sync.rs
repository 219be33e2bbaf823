//! Exchanging the desk with a remote: fetch, put our own commits on top, look at what came of it, push, and again when beaten.
//!
//! Every step leaves a desk that can be worked with, and doing all of it again ends at the same place. Our commits land here before
//! they are pushed, so that it does no harm when the answer of the remote is never heard.

mod requests;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Desk, Draft, WriteError};
use crate::check::cross_edit;
use crate::record::finding::Finding;
use crate::settings::flatten;
use crate::store::sync::network::{Fetched, Listed, Push, Pushed};
use crate::store::sync::published::Seen;
use crate::store::sync::replay::{Replayer, Standing, Stop};
use crate::store::sync::{NoUpstream, Upstream, address};
use crate::store::{self, Log, ObjectId, trailers};

/// How to exchange.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncOptions {
    /// Our commits go to a branch of their own, for a pull request.
    pub pull_request: bool,
    /// Only says what would happen; the remote is asked all the same.
    pub dry_run: bool,
    /// Git may ask for a password.
    pub prompts: bool,
}

/// What is being done, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Asking the remote what it has.
    Fetching,
    /// Sending it what we have.
    Pushing,
}

/// What came of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// Between which branches it went.
    pub route: Route,
    /// Where the branch is now, or with a dry run would be.
    pub commit: ObjectId,
    /// Commits that came from the remote.
    pub pulled: usize,
    /// Commits that went to it.
    pub pushed: usize,
    /// Commits of ours that the remote had already by another way, such as a squashed pull request.
    pub known: usize,
    /// The remote could not be reached: git's words.
    pub offline: Option<String>,
    /// Commits that wait to be pushed.
    pub waiting: usize,
    /// Where our commits wait to be looked at.
    pub request: Option<Request>,
    /// What only our edits and theirs together break.
    pub warnings: Vec<Finding>,
    /// Nothing was done.
    pub dry_run: bool,
}

/// Between which branches an exchange goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The desk's branch.
    pub branch: String,
    /// It is the branch that is checked out.
    pub is_checked_out: bool,
    /// The branch at the remote.
    pub upstream: Upstream,
}

/// A branch for a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its name at the remote.
    pub branch: String,
    /// The address at which the remote wants it to be opened, if it said so.
    pub address: Option<String>,
}

/// Why an exchange did not come to its end. What landed before stays, and a later run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SyncFailure {
    /// The desk's settings cannot be read, so it is not known which branch is the desk's.
    #[error("staple.toml:{line}: {message}")]
    Settings {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// HEAD names no branch, and the desk names none either.
    #[error("HEAD is on no branch")]
    Detached,
    /// There is nothing yet to exchange.
    #[error("{branch} has no commit yet")]
    Unborn {
        /// The branch.
        branch: String,
    },
    /// The desk's branch is not in this clone.
    #[error("the desk's branch {} is not in this clone", route.branch)]
    NoBranch {
        /// Between which branches.
        route: Box<Route>,
    },
    /// It is not known where the branch goes.
    #[error(transparent)]
    NoUpstream(#[from] NoUpstream),
    /// The remote has branches, and not this one.
    #[error("{} has no branch {}", route.upstream.shown(), route.upstream.branch)]
    NoSuchBranch {
        /// Where it should be.
        route: Box<Route>,
    },
    /// The remote has not this branch, and cannot have it: git keeps no `a/b` beside `a`.
    #[error("{} has no branch {}, and can have none beside its {other}", route.upstream.shown(), route.upstream.branch)]
    NoRoom {
        /// Where it should be.
        route: Box<Route>,
        /// The branch that is there.
        other: String,
    },
    /// The remote had the branch, and has it no more.
    #[error("{} had the branch {}, and has it no more", route.upstream.shown(), route.upstream.branch)]
    Gone {
        /// Where it was.
        route: Box<Route>,
    },
    /// The remote dropped commits that it once had and that our line is built on. They are not ours to publish again.
    #[error("{} was rewritten: {} there no longer has {} \"{subject}\", which it once had",
        route.upstream.shown(), route.upstream.branch, commit.to_hex_with_len(7))]
    Rewritten {
        /// Between which branches.
        route: Box<Route>,
        /// The newest such commit.
        commit: ObjectId,
        /// Its subject.
        subject: String,
        /// How many commits of ours go on from there.
        own: usize,
    },
    /// Our commits cannot be put on top of theirs by a program.
    #[error("{stop}")]
    Stopped {
        /// Why.
        stop: Box<Stop>,
        /// Between which branches.
        route: Box<Route>,
    },
    /// The remote, or git, said no to fetching.
    #[error("{} did not answer as it should: {words}", route.upstream.shown())]
    NotFetched {
        /// Between which branches.
        route: Box<Route>,
        /// Git's words.
        words: String,
    },
    /// What the remote has cannot be kept in this clone.
    #[error("what {} has could not be kept here: {words}", route.upstream.shown())]
    NotKept {
        /// Between which branches.
        route: Box<Route>,
        /// Git's words.
        words: String,
    },
    /// The remote does not let us push to the branch.
    #[error("{} does not take commits on {}: {words}", route.upstream.shown(), route.upstream.branch)]
    Protected {
        /// Between which branches.
        route: Box<Route>,
        /// Its words.
        words: String,
    },
    /// Pushing failed for another reason.
    #[error("{remote} did not take our commits: {words}")]
    NotPushed {
        /// The remote as it may be shown; proposals may go to another one than the branch.
        remote: String,
        /// Between which branches.
        route: Box<Route>,
        /// They went to a branch of their own.
        is_request: bool,
        /// Git's words.
        words: String,
    },
    /// Pushes go to several addresses, and one of them has not what the others have.
    #[error("{} has what {} has here, and {address} has not: {words}", route.upstream.shown(), route.branch)]
    NotEverywhere {
        /// The address as it may be shown.
        address: String,
        /// Between which branches.
        route: Box<Route>,
        /// What is known of it.
        words: String,
    },
    /// Others pushed first, again and again.
    #[error("others pushed to {branch} first, {tries} times")]
    Beaten {
        /// The branch.
        branch: String,
        /// How often we tried.
        tries: usize,
    },
    /// Somebody had the branch there in hand all the time, or left it locked.
    #[error("somebody has {} in hand at {} for longer than is worth waiting: {words}", route.upstream.branch, route.upstream.shown())]
    Busy {
        /// Between which branches.
        route: Box<Route>,
        /// The remote's words.
        words: String,
    },
    /// Somebody else added to the branch of our pull request.
    #[error("somebody else pushed to {branch}")]
    RequestMoved {
        /// The branch at the remote.
        branch: String,
    },
    /// The desk or the repository refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<store::Error> for SyncFailure {
    fn from(error: store::Error) -> Self {
        Self::Write(error.into())
    }
}

/// How often to try again when somebody else pushed first.
const TRIES: usize = 10;

/// Exchanges the desk's branch with its remote; `tell` hears of what takes time.
///
/// # Errors
/// See [`SyncFailure`]. The desk is then as it was, or as it was with what the remote had.
pub fn sync(desk: &Desk, options: SyncOptions, tell: &mut dyn FnMut(Step, &str)) -> Result<Synced, SyncFailure> {
    let _turn = desk.store().sync_turn()?;
    desk.store().clear_up()?;
    let mut exchange = Exchange::begin(desk, options)?;
    let mut busy = None;
    for attempt in 0..TRIES {
        if attempt > 0 {
            pause(desk, attempt);
        }
        let remote = exchange.upstream.shown();
        tell(Step::Fetching, &remote);
        let seen = desk.store().seen(&exchange.upstream)?;
        // The fetch may be cut off, or move the reference that says it.
        if let Some(last) = seen.last() {
            desk.store().note_seen(&exchange.upstream, last)?;
        }
        let theirs = match desk.store().fetch(&exchange.upstream, options.prompts)? {
            Fetched::Done(theirs) => theirs,
            Fetched::Offline(words) => return exchange.offline(words),
            Fetched::NotKept(words) => return Err(SyncFailure::NotKept { route: exchange.route(), words }),
            Fetched::Refused(words) => {
                return Err(SyncFailure::NotFetched { route: exchange.route(), words });
            }
        };
        let Some(meeting) = exchange.meet(theirs, &seen)? else { continue };
        if options.dry_run {
            return Ok(exchange.done(&meeting, None));
        }
        if meeting.own.is_empty() {
            return match exchange.missing()? {
                None => exchange.finish(&meeting, None),
                Some(words) => exchange.offline(words),
            };
        }
        tell(Step::Pushing, &remote);
        match exchange.deliver(&meeting)? {
            Delivered::Done(request) => return exchange.finish(&meeting, request),
            Delivered::Beaten => busy = None,
            Delivered::Busy(words) => busy = Some(words),
            Delivered::Offline(words) => return exchange.offline(words),
        }
    }
    Err(match busy {
        Some(words) => SyncFailure::Busy { route: exchange.route(), words },
        None => SyncFailure::Beaten { branch: exchange.branch, tries: TRIES },
    })
}

/// Refuses where the settings as they were read may lack the desk's branch: the one that is checked out would be pushed instead.
fn refuse_unread_settings(desk: &Desk) -> Result<(), SyncFailure> {
    let path = desk.store().root().join("staple.toml");
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(SyncFailure::Settings { line: 1, message: error.to_string() }),
    };
    let text = text.map_err(|error| {
        let read = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        SyncFailure::Settings { line, message: "not UTF-8".to_owned() }
    })?;
    let keys = flatten(&text).map_err(|error| SyncFailure::Settings { line: error.line, message: error.message })?;
    match keys.into_iter().find(|(name, _, _)| name == "branch") {
        Some((_, named, line)) if !named.is_empty() && desk.settings().text("branch").is_empty() => {
            Err(SyncFailure::Settings { line, message: format!("branch: {named} is no name of a branch") })
        }
        _ => Ok(()),
    }
}

/// Waits a little, and longer each time, so that those who were beaten together do not meet again.
fn pause(desk: &Desk, attempt: usize) {
    let most = 40_u64 << attempt.min(6);
    std::thread::sleep(Duration::from_millis(20 + desk.random() % most));
}

/// An exchange under way.
struct Exchange<'d> {
    desk: &'d Desk,
    options: SyncOptions,
    branch: String,
    upstream: Upstream,
    /// Where the branch was at the beginning.
    began: ObjectId,
    known: usize,
    warnings: Vec<Finding>,
}

/// Our line once it goes on where theirs ends.
struct Meeting {
    tip: ObjectId,
    theirs: Option<ObjectId>,
    /// Our commits, oldest first.
    own: Vec<ObjectId>,
}

/// What became of our commits.
enum Delivered {
    Done(Option<Request>),
    Beaten,
    Busy(String),
    Offline(String),
}

impl<'d> Exchange<'d> {
    fn begin(desk: &'d Desk, options: SyncOptions) -> Result<Self, SyncFailure> {
        let store = desk.store();
        refuse_unread_settings(desk)?;
        let head = store.head()?;
        let branch = match desk.settings().text("branch") {
            "" => head.branch.clone().ok_or(SyncFailure::Detached)?,
            named => named.to_owned(),
        };
        let upstream = store.upstream(&branch)?;
        let began = store.reference(&format!("refs/heads/{branch}"))?;
        let Some(began) = began else {
            return Err(match head.branch.as_deref() == Some(branch.as_str()) {
                true => SyncFailure::Unborn { branch },
                false => SyncFailure::NoBranch { route: Box::new(Route { branch, is_checked_out: false, upstream }) },
            });
        };
        let exchange = Self { desk, options, branch, upstream, began, known: 0, warnings: Vec::new() };
        if !exchange.is_checked_out()? {
            store.refuse_checked_out(&exchange.branch)?;
        }
        Ok(exchange)
    }

    /// Whether the branch is the one that is checked out now: the user may go elsewhere while the remote is asked.
    fn is_checked_out(&self) -> Result<bool, store::Error> {
        Ok(self.desk.store().head()?.branch.as_deref() == Some(self.branch.as_str()))
    }

    /// Brings our line to go on where theirs ends; nothing when the branch moved meanwhile, and all is to be done again.
    fn meet(&mut self, theirs: Option<ObjectId>, seen: &Seen) -> Result<Option<Meeting>, SyncFailure> {
        let store = self.desk.store();
        let Some(ours) = self.tip()? else { return Ok(None) };
        let Some(theirs) = theirs else {
            if !seen.is_nothing() {
                return Err(SyncFailure::Gone { route: self.route() });
            }
            let others = match store.branches_at(&self.upstream.remote, self.options.prompts)? {
                Listed::Done(others) => others,
                // The push will say it once more.
                Listed::Offline(_) | Listed::Refused(_) => BTreeMap::new(),
            };
            if !others.is_empty() {
                let blocking = others.into_keys().find(|other| is_below(other, &self.upstream.branch));
                return Err(match blocking {
                    Some(other) => SyncFailure::NoRoom { route: self.route(), other },
                    None => SyncFailure::NoSuchBranch { route: self.route() },
                });
            }
            let own = store.own_commits(ours, None).map_err(|stop| self.stopped(stop))?;
            return Ok(Some(Meeting { tip: ours, theirs: None, own }));
        };
        let (standing, base) = store.standing_of(ours, theirs)?;
        // Before anything is said of what the remote dropped: a wrong address dropped nothing.
        let Some(base) = base else { return Err(self.stopped(Stop::Unrelated)) };
        if let Some(commit) = store.withdrawn(seen, ours, theirs)? {
            let subject = trailers::subject(&store.commit_info(commit)?.message).to_owned();
            let own = store.between(commit, ours)?.len();
            return Err(SyncFailure::Rewritten { route: self.route(), commit, subject, own });
        }
        if matches!(standing, Standing::Behind | Standing::Parted) {
            store.get_lacking(&self.upstream.remote, ours, theirs, self.options.prompts)?;
        }
        let tip = match standing {
            Standing::Level | Standing::Ahead => ours,
            Standing::Behind => theirs,
            Standing::Parted => {
                let replayed = store.replay(ours, theirs, &self.replayer()?).map_err(|stop| self.stopped(stop))?;
                self.known = replayed.commits.iter().filter(|(_, new)| new.is_none()).count();
                let sides = Sides { base, ours, theirs, merged: replayed.tip, commits: &replayed.commits };
                self.warnings = cross_edits(self.desk, &sides)?;
                if !self.options.dry_run {
                    store.note_applied(&replayed.commits, theirs)?;
                }
                replayed.tip
            }
        };
        let own = store.own_commits(tip, Some(theirs)).map_err(|stop| self.stopped(stop))?;
        if tip != ours && !self.options.dry_run && !self.land(ours, tip, own.len())? {
            return Ok(None);
        }
        Ok(Some(Meeting { tip, theirs: Some(theirs), own }))
    }

    /// Where the branch is; nothing when it went away.
    fn tip(&self) -> Result<Option<ObjectId>, SyncFailure> {
        Ok(self.desk.store().reference(&format!("refs/heads/{}", self.branch))?)
    }

    fn stopped(&self, stop: Stop) -> SyncFailure {
        match stop {
            // What is no plain file, or has a name that is no text, is for git, which has to be told between which branches.
            Stop::Store(error) if !is_for_git(&error) => error.into(),
            stop => SyncFailure::Stopped { stop: Box::new(stop), route: self.route() },
        }
    }

    fn route(&self) -> Box<Route> {
        let (branch, upstream) = (self.branch.clone(), self.upstream.clone());
        let is_checked_out = self.is_checked_out().unwrap_or_default();
        Box::new(Route { branch, is_checked_out, upstream })
    }

    fn replayer(&self) -> Result<Replayer, SyncFailure> {
        let now = self.desk.now();
        let offset_seconds = self.desk.zone().to_offset(now.timestamp()).seconds();
        Ok(Replayer { committer: self.desk.store().committer()?, time: now, offset_seconds })
    }

    /// Moves the branch; false when it is no longer where it was, or no longer checked out as it was.
    fn land(&self, from: ObjectId, to: ObjectId, own: usize) -> Result<bool, SyncFailure> {
        let store = self.desk.store();
        let words = match own {
            0 => format!("sync: to {}", self.upstream.shown()),
            own => format!("sync: {own} on top of {}", self.upstream.shown()),
        };
        // Somebody without a name can still take in what others did.
        let who = self.replayer().ok();
        let log = Log { words: &words, who: who.as_ref() };
        let moved = match self.is_checked_out()? {
            true => store.land_anywhere(&self.branch, from, to, &log).map(|_| true),
            false => store.move_branch_alone(&self.branch, from, to, &log),
        };
        match moved {
            Ok(moved) => Ok(moved),
            // The branch moved, or somebody left it or went to it here.
            Err(store::Error::HeadMoved | store::Error::BranchSwitched { .. }) => Ok(false),
            Err(store::Error::CheckedOut { path, .. }) if path == store.work_dir() => Ok(false),
            Err(error) => Err(self.stopped(Stop::Store(error))),
        }
    }

    fn deliver(&self, meeting: &Meeting) -> Result<Delivered, SyncFailure> {
        if let (true, Some(theirs)) = (self.options.pull_request, meeting.theirs) {
            return self.propose(meeting, theirs);
        }
        let store = self.desk.store();
        // Our line goes on from theirs, so this only adds to it. Where the branch was set back meanwhile, adding would bring
        // back what was dropped.
        let (remote, branch) = (&self.upstream.remote, &self.upstream.branch);
        let push = Push { remote, commit: meeting.tip, branch, replacing: meeting.theirs };
        match store.push(&push, self.options.prompts)? {
            Pushed::Done { .. } => {
                if !self.upstream.is_configured {
                    // What is pushed is pushed; without it the next run finds its way as this one did.
                    let _ = store.follow_upstream(&self.branch, &self.upstream);
                }
                Ok(Delivered::Done(None))
            }
            Pushed::Beaten => Ok(Delivered::Beaten),
            Pushed::Busy(words) => Ok(Delivered::Busy(words)),
            Pushed::Offline(words) => Ok(Delivered::Offline(words)),
            Pushed::Protected(words) => Err(SyncFailure::Protected { route: self.route(), words }),
            Pushed::Refused(words) => Err(SyncFailure::NotPushed {
                remote: self.upstream.shown(),
                route: self.route(),
                is_request: false,
                words,
            }),
        }
    }

    /// Looks whether every address that pushes go to has our branch as it is: one of several may have said no to the last. Git's
    /// words where one cannot be reached.
    fn missing(&self) -> Result<Option<String>, SyncFailure> {
        let store = self.desk.store();
        let addresses = store.push_addresses(&self.upstream.remote)?;
        if addresses.len() < 2 || self.options.pull_request {
            return Ok(None);
        }
        let tip = self.tip()?;
        for address in addresses {
            let words = match store.branches_at(&address, self.options.prompts)? {
                Listed::Done(branches) if branches.get(&self.upstream.branch).copied() == tip => continue,
                Listed::Done(_) => "it has others, or lacks some".to_owned(),
                Listed::Offline(words) => return Ok(Some(words)),
                Listed::Refused(words) => words,
            };
            return Err(SyncFailure::NotEverywhere { address: address::shown(&address), route: self.route(), words });
        }
        Ok(None)
    }

    /// The remote has what we wanted it to have; keeps that as published.
    fn finish(self, meeting: &Meeting, request: Option<Request>) -> Result<Synced, SyncFailure> {
        let published = if request.is_some() || !self.shows(meeting.tip) { meeting.theirs } else { Some(meeting.tip) };
        if let Some(published) = published {
            // What is pushed is pushed; the next run sees it at the remote.
            let _ = self.desk.store().note_seen(&self.upstream, published);
        }
        Ok(self.done(meeting, request))
    }

    /// Whether the remote has what was pushed: that may go to another place than the one from which it is fetched.
    fn shows(&self, tip: ObjectId) -> bool {
        let store = self.desk.store();
        if store.push_addresses(&self.upstream.remote).is_ok_and(|addresses| addresses.is_empty()) {
            return true;
        }
        match store.branches_at(&self.upstream.remote, self.options.prompts) {
            Ok(Listed::Done(branches)) => branches.get(&self.upstream.branch) == Some(&tip),
            _ => false,
        }
    }

    fn done(self, meeting: &Meeting, request: Option<Request>) -> Synced {
        let store = self.desk.store();
        // What was there at the beginning came from nowhere.
        let pulled = meeting.theirs.map_or(0, |theirs| store.between(self.began, theirs).map_or(0, |new| new.len()));
        let waits = request.is_some();
        Synced {
            route: *self.route(),
            commit: meeting.tip,
            pulled,
            pushed: meeting.own.len(),
            known: self.known,
            offline: None,
            waiting: if waits { meeting.own.len() } else { 0 },
            request,
            warnings: self.warnings,
            dry_run: self.options.dry_run,
        }
    }

    fn offline(self, words: String) -> Result<Synced, SyncFailure> {
        let store = self.desk.store();
        let commit = self.tip()?.unwrap_or(self.began);
        let theirs = store.reference(&self.upstream.tracking)?;
        let waiting = match theirs {
            Some(theirs) => store.between(theirs, commit)?.len(),
            None => store.history_of(commit)?.len(),
        };
        let pulled = theirs.map_or(Ok(0), |theirs| {
            let is_there = commit != self.began;
            if is_there { store.between(self.began, theirs).map(|new| new.len()) } else { Ok(0) }
        })?;
        Ok(Synced {
            route: *self.route(),
            commit,
            pulled,
            pushed: 0,
            known: self.known,
            offline: Some(words),
            waiting,
            request: None,
            warnings: self.warnings,
            dry_run: self.options.dry_run,
        })
    }
}

/// Whether git can put in place what we do not.
fn is_for_git(error: &store::Error) -> bool {
    use store::Error;
    matches!(error, Error::Symlink { .. } | Error::InTheWay { .. } | Error::BadPath { .. })
}

/// Whether one branch has the name of a folder of the other.
fn is_below(one: &str, other: &str) -> bool {
    let is_in = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('/'));
    is_in(one, other) || is_in(other, one)
}

/// The four corners of a merge.
struct Sides<'a> {
    base: ObjectId,
    ours: ObjectId,
    theirs: ObjectId,
    merged: ObjectId,
    /// Our commits with what they became.
    commits: &'a [(ObjectId, Option<ObjectId>)],
}

/// What our edits and theirs break only together, each with the commits that did.
fn cross_edits(desk: &Desk, sides: &Sides<'_>) -> Result<Vec<Finding>, WriteError> {
    let store = desk.store();
    let broken = |from: ObjectId, to: ObjectId| -> Result<Vec<Finding>, WriteError> {
        let (before, after) = (store.snapshot_of(from)?, store.snapshot_of(to)?);
        let mut draft = Draft::new(&before);
        for change in store.changes_between(from, to)? {
            let bytes = change.new.map(|id| after.blob(id)).transpose()?;
            draft.put_as_is(change.path, bytes);
        }
        draft.broken_rules()
    };
    let mut found = cross_edit::new_ones(broken(sides.theirs, sides.merged)?, &broken(sides.base, sides.ours)?);
    for other in cross_edit::new_ones(broken(sides.ours, sides.merged)?, &broken(sides.base, sides.theirs)?) {
        if !found.contains(&other) {
            found.push(other);
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let (own, other) = (store.between(sides.base, sides.ours)?, store.between(sides.base, sides.theirs)?);
    let short = |id: ObjectId| {
        let became = sides.commits.iter().find(|(old, _)| *old == id).and_then(|(_, new)| *new);
        became.unwrap_or(id).to_hex_with_len(7).to_string()
    };
    for finding in &mut found {
        let last = |commits: &[ObjectId]| -> Result<Option<String>, WriteError> {
            if let Some(commit) = store.last_to_change(commits, &finding.path)? {
                return Ok(Some(short(commit)));
            }
            for commit in commits {
                // It did not touch the record, but one that this names.
                let names = |path: &str| stem(path).is_some_and(|stem| finding.message.contains(stem));
                if store.files_changed_by(*commit)?.iter().any(|file| names(&file.path)) {
                    return Ok(Some(short(*commit)));
                }
            }
            Ok(commits.first().copied().map(short))
        };
        if let (Some(here), Some(there)) = (last(&own)?, last(&other)?) {
            finding.message =
                format!("{}, by {here} here and {there} there together ({})", finding.message, finding.rule);
        }
    }
    Ok(found)
}

/// The name of a file without folders and ending.
fn stem(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.split('.').next().filter(|stem| !stem.is_empty())
}
