//! Exchanging the desk with a remote: fetch, put our own commits on top, look at what came of it, push, and again when beaten.
//!
//! Every step leaves a desk that can be worked with, and doing all of it again ends at the same place. Our commits land here before
//! they are pushed, so that it does no harm when the answer of the remote is never heard.

mod crossing;
mod failure;
mod meeting;
mod requests;

use std::time::Duration;

pub use failure::SyncFailure;
use meeting::Meeting;

use super::Desk;
use crate::record::finding::Finding;
use crate::settings::flatten;
use crate::store::sync::network::{Fetched, Listed, Push, Pushed};
use crate::store::sync::replay::Stop;
use crate::store::sync::{Upstream, address};
use crate::store::{self, ObjectId};

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
