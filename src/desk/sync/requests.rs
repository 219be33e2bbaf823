//! Proposing our commits: which branch they go to at the remote, and what of it may be replaced.

use std::collections::{BTreeMap, BTreeSet};

use super::{Delivered, Exchange, Meeting, Request, SyncFailure, is_below};
use crate::desk::Draft;
use crate::record::slug::Slug;
use crate::store::sync::address::shown;
use crate::store::sync::network::{Listed, Push, Pushed};
use crate::store::{ObjectId, trailers};

/// Where a proposal goes.
struct Proposal<'a> {
    remote: &'a str,
    /// What the remote has, by name.
    branches: &'a BTreeMap<String, ObjectId>,
    /// What it is to be taken into.
    theirs: ObjectId,
}

/// What stays of a commit when it is put on top of others.
#[derive(PartialEq, Eq)]
struct Identity {
    email: String,
    /// When it was written, since 1970.
    seconds: i64,
    operation: Option<String>,
}

impl Exchange<'_> {
    /// Pushes our commits to a branch of their own.
    pub(super) fn propose(&self, meeting: &Meeting, theirs: ObjectId) -> Result<Delivered, SyncFailure> {
        let store = self.desk.store();
        let remote = store.push_remote(&self.branch, &self.upstream);
        let refused = |words| {
            Err(SyncFailure::NotPushed { remote: shown(&remote), route: self.route(), is_request: true, words })
        };
        let branches = match store.branches_at(&remote, self.options.prompts)? {
            Listed::Done(branches) => branches,
            Listed::Offline(words) => return Ok(Delivered::Offline(words)),
            Listed::Refused(words) => return refused(words),
        };
        let proposal = Proposal { remote: &remote, branches: &branches, theirs };
        let Some(branch) = self.request_branch(meeting, &proposal)? else {
            return refused("every name for a branch of their own is taken there".to_owned());
        };
        let there = branches.get(&branch).copied();
        let request = |address| Ok(Delivered::Done(Some(Request { branch: branch.clone(), address })));
        if there == Some(meeting.tip) {
            return request(None);
        }
        // What we pushed may be replaced, and our own commits as they were before the remote went on, and only they.
        if let Some(there) = there
            && store.proposed(&remote, &branch)? != Some(there)
            && !self.all_ours(there, theirs, meeting)?
        {
            return Err(SyncFailure::RequestMoved { branch });
        }
        let push = Push { remote: &remote, commit: meeting.tip, branch: &branch, replacing: there };
        match store.push(&push, self.options.prompts)? {
            Pushed::Done { address } => {
                // Without the note it is looked at what the branch has.
                let _ = store.note_proposed(&remote, &branch, meeting.tip, &branches);
                request(address)
            }
            Pushed::Beaten => Ok(Delivered::Beaten),
            Pushed::Busy(words) => Ok(Delivered::Busy(words)),
            Pushed::Offline(words) => Ok(Delivered::Offline(words)),
            Pushed::Protected(words) | Pushed::Refused(words) => refused(words),
        }
    }

    /// `desk/USER-OP`: the same for the same commits, however often they are put on top of others. OP is the beginning of the first
    /// one's operation, and longer where another operation begins alike. Nothing when all such names are taken by others.
    fn request_branch(&self, meeting: &Meeting, proposal: &Proposal<'_>) -> Result<Option<String>, SyncFailure> {
        let store = self.desk.store();
        let snapshot = store.snapshot_of(meeting.tip)?;
        let me = self.desk.me_in(&Draft::new(&snapshot))?;
        let user = match me.is_empty() {
            false => me,
            true => Slug::from_title(&store.committer()?.name).map_or("someone".to_owned(), |slug| slug.to_string()),
        };
        let first = meeting.own.first().copied().unwrap_or(meeting.tip);
        let operation = operation_of(&store.commit_info(first)?.message).unwrap_or_else(|| first.to_string());
        let operation = operation.to_ascii_lowercase();
        let operation: String = operation.chars().filter(char::is_ascii_alphanumeric).collect();
        let short = [6, 12].into_iter().filter(|length| *length < operation.len()).map(|length| &operation[..length]);
        let whole = (2..10).map(|count| format!("{operation}-{count}"));
        let names = short.map(str::to_owned).chain([operation.clone()]).chain(whole);
        let mut free = None;
        for name in names {
            let mut branch = format!("desk/{user}-{name}");
            if proposal.branches.keys().any(|other| is_below(other, &branch)) {
                branch = format!("desk-{user}-{name}");
            }
            match proposal.branches.get(&branch) {
                Some(there) if self.is_request_of(first, &branch, *there, proposal)? => return Ok(Some(branch)),
                Some(_) => {}
                None => free = free.or(Some(branch)),
            }
        }
        Ok(free)
    }

    /// Whether a branch has one of our commits in some form, besides what theirs has.
    fn is_request_of(
        &self,
        commit: ObjectId,
        branch: &str,
        there: ObjectId,
        proposal: &Proposal<'_>,
    ) -> Result<bool, SyncFailure> {
        let store = self.desk.store();
        if !store.get(proposal.remote, branch, there, self.options.prompts)? {
            return Ok(false);
        }
        let known = self.identity(commit)?;
        for other in store.between(proposal.theirs, there)? {
            let other = self.identity(other)?;
            // An amended commit keeps its operation.
            if other == known || known.operation.is_some() && other.operation == known.operation {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn identity(&self, commit: ObjectId) -> Result<Identity, SyncFailure> {
        let info = self.desk.store().commit_info(commit)?;
        let operation = operation_of(&info.message);
        Ok(Identity { email: info.author.email, seconds: info.author.time.unix(), operation })
    }

    /// Whether what a branch has besides theirs are earlier forms of our own commits that say nothing which ours do not, or has landed
    /// since. Somebody who amends a commit of ours keeps its author, time and operation.
    fn all_ours(&self, there: ObjectId, theirs: ObjectId, meeting: &Meeting) -> Result<bool, SyncFailure> {
        let store = self.desk.store();
        let mut ours = Vec::new();
        for commit in &meeting.own {
            ours.push((*commit, self.identity(*commit)?));
        }
        let mut landed = BTreeSet::new();
        for commit in store.between(there, theirs)? {
            landed.extend(operations_of(&store.commit_info(commit)?.message));
        }
        for commit in store.between(theirs, there)? {
            let other = self.identity(commit)?;
            let is_ours = match ours.iter().find(|(_, own)| *own == other) {
                Some((own, _)) => self.says_all_of(*own, commit)?,
                None => other.operation.is_some_and(|operation| landed.contains(&operation)),
            };
            if !is_ours {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a commit of ours has the words and the change of another form of it.
    fn says_all_of(&self, own: ObjectId, other: ObjectId) -> Result<bool, SyncFailure> {
        let store = self.desk.store();
        // What names another commit changes with it.
        let words = |commit| -> Result<Vec<String>, SyncFailure> {
            let message = store.commit_info(commit)?.message;
            Ok(message.trim().lines().filter(|line| !line.starts_with("Undoes:")).map(str::to_owned).collect())
        };
        Ok(words(own)? == words(other)? && store.contains_change(own, other, other)?)
    }
}

fn operation_of(message: &str) -> Option<String> {
    operations_of(message).next()
}

/// The operations that a message names; that of a squash names many.
fn operations_of(message: &str) -> impl Iterator<Item = String> {
    trailers::trailers(message).into_iter().filter(|(key, _)| key.eq_ignore_ascii_case("op-id")).map(|(_, id)| id)
}
