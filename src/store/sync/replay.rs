//! Our own commits put on top of theirs, in memory: nothing moves before all of it is known to fit.
//!
//! A commit is replayed by merging what it changed into the commit below it, file by file; records go key by key. The author,
//! the author's date and the message stay, and whoever replays is the committer.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::super::error::{Error, gix_error, io_error};
use super::super::messages;
use super::super::snapshot::tree_of;
use super::super::trailers::{subject, trailers};
use super::super::{Actor, Store, Unmerged};
use super::merging::{TreeMerge, Trees};
use crate::record::time::Time;

/// How our line stands to theirs.
#[derive(Debug)]
pub enum Standing {
    /// Both are the same, or theirs has nothing that ours has not, and the other way round.
    Level,
    /// Theirs goes on where ours ends.
    Behind,
    /// Ours goes on where theirs ends.
    Ahead,
    /// Both went on.
    Parted,
}

/// Why our commits cannot be put on top of theirs by a program.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A commit that is not only of the desk.
    #[error("{} \"{subject}\" is not pushed and changes {path}, which is not of the desk", short(*commit))]
    OutsideDesk {
        /// The commit.
        commit: ObjectId,
        /// Its subject.
        subject: String,
        /// The first such path, from the repository's root.
        path: String,
    },
    /// A merge that does more than join the remote's line, or whose result is not the plain one.
    #[error("{} \"{subject}\" is a merge that is not pushed, and theirs has gone on since", short(*commit))]
    Merge {
        /// The commit.
        commit: ObjectId,
        /// Its subject.
        subject: String,
    },
    /// The two lines have no commit in common.
    #[error("the branch here and the one there have no commit in common")]
    Unrelated,
    /// Both changed the same, not to the same. Our side is what this clone has, their side what the remote has.
    #[error("both changed the same")]
    Conflict {
        /// What would be left unmerged.
        unmerged: Vec<Unmerged>,
    },
    /// The repository refused or failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Who replays, and when.
#[derive(Debug, Clone)]
pub struct Replayer {
    /// Who.
    pub committer: Actor,
    /// When.
    pub time: Time,
    /// The zone's offset east of UTC, in seconds.
    pub offset_seconds: i32,
}

impl Replayer {
    /// As git writes it.
    pub(crate) fn signature(&self) -> gix::actor::Signature {
        gix::actor::Signature {
            name: self.committer.name.as_str().into(),
            email: self.committer.email.as_str().into(),
            time: gix::date::Time::new(self.time.unix(), self.offset_seconds),
        }
    }

    /// The same for a commit whose texts have this encoding.
    fn signature_in(&self, encoding: Option<&[u8]>) -> gix::actor::Signature {
        let mut signature = self.signature();
        // A name that cannot be said in it is left as it is.
        if let Some(name) = encoding.and_then(|encoding| messages::bytes(&self.committer.name, encoding)) {
            signature.name = name.into();
        }
        signature
    }
}

/// Our commits on top of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The last of them; theirs where nothing of ours is left.
    pub tip: ObjectId,
    /// Each of ours with what it became, oldest first; nothing where theirs has its change already.
    pub commits: Vec<(ObjectId, Option<ObjectId>)>,
}

impl Store {
    /// How `ours` stands to `theirs`.
    ///
    /// # Errors
    /// When history cannot be read.
    pub fn standing_of(&self, ours: ObjectId, theirs: ObjectId) -> Result<(Standing, Option<ObjectId>), Error> {
        if ours == theirs {
            return Ok((Standing::Level, Some(ours)));
        }
        let base = self.merge_base(ours, theirs)?;
        let standing = match base {
            Some(base) if base == ours => Standing::Behind,
            Some(base) if base == theirs => Standing::Ahead,
            _ => Standing::Parted,
        };
        Ok((standing, base))
    }

    /// Our own commits that `theirs` has not, oldest first, each found to touch nothing but the desk.
    ///
    /// Nothing as `theirs` is a remote that has no commit yet.
    ///
    /// # Errors
    /// [`Stop::OutsideDesk`], or when history cannot be read.
    pub fn own_commits(&self, ours: ObjectId, theirs: Option<ObjectId>) -> Result<Vec<ObjectId>, Stop> {
        let mut commits = match theirs {
            Some(theirs) => self.between(theirs, ours)?,
            None => self.history_of(ours)?.into_iter().collect(),
        };
        commits.reverse();
        if self.prefix().is_empty() {
            return Ok(commits);
        }
        let inside = format!("{}/", self.prefix());
        for commit in &commits {
            let paths = self.paths_of_its_own(*commit)?;
            if let Some(path) = paths.into_iter().find(|path| !path.starts_with(&inside)) {
                let subject = subject(&self.commit_info(*commit)?.message).to_owned();
                return Err(Stop::OutsideDesk { commit: *commit, subject, path });
            }
        }
        Ok(commits)
    }

    /// The paths that a commit changed; of a merge those that are as in none of its parents.
    fn paths_of_its_own(&self, commit: ObjectId) -> Result<BTreeSet<String>, Error> {
        let tree = tree_of(self.repo(), commit)?;
        let parents = self.commit_info(commit)?.parents;
        let parents = parents.into_iter().filter(|parent| self.repo().has_object(*parent));
        let mut paths: Option<BTreeSet<String>> = None;
        for parent in parents {
            let changed = self.tree_changes(Some(tree_of(self.repo(), parent)?), Some(tree))?;
            let changed: BTreeSet<String> = changed.into_iter().map(|change| change.path).collect();
            paths = Some(match paths {
                None => changed,
                Some(before) => before.intersection(&changed).cloned().collect(),
            });
        }
        match paths {
            Some(paths) => Ok(paths),
            None => Ok(self.tree_changes(None, Some(tree))?.into_iter().map(|change| change.path).collect()),
        }
    }

    /// Puts our commits since `base` on top of `theirs`; writes objects only.
    ///
    /// # Errors
    /// When a person has to decide something, or the repository refuses.
    pub fn replay(&self, ours: ObjectId, theirs: ObjectId, who: &Replayer) -> Result<Replayed, Stop> {
        let Some(base) = self.merge_base(ours, theirs)? else { return Err(Stop::Unrelated) };
        let line = self.own_line(ours, theirs)?;
        let mut known = Known::of(self, base, ours, theirs, &line)?;
        let mut tip = theirs;
        let mut commits = Vec::with_capacity(line.len());
        let mut written = Vec::new();
        for commit in line {
            if known.landed.contains(&commit) {
                commits.push((commit, None));
                continue;
            }
            match self.replay_one(commit, tip, &known, who, &mut written)? {
                None => commits.push((commit, None)),
                Some(new) => {
                    known.renamed.insert(commit.to_string(), new.to_string());
                    commits.push((commit, Some(new)));
                    tip = new;
                }
            }
        }
        self.flush_objects(&written)?;
        Ok(Replayed { tip, commits })
    }

    /// Our commits to replay, oldest first: merges that only joined the remote's line are left out.
    fn own_line(&self, ours: ObjectId, theirs: ObjectId) -> Result<Vec<ObjectId>, Stop> {
        let own: BTreeSet<ObjectId> = self.own_commits(ours, Some(theirs))?.into_iter().collect();
        let mut line = Vec::new();
        let mut seen = 0;
        let mut at = ours;
        let mut last_merge = None;
        while own.contains(&at) {
            seen += 1;
            let info = self.commit_info(at)?;
            match info.parents.as_slice() {
                [] => return Err(Stop::Unrelated),
                [_] => line.push(at),
                [first, second] if self.is_plain_merge(at, *first, *second)? => last_merge = Some(at),
                _ => return Err(self.stopped_at(at)?),
            }
            at = info.parents[0];
        }
        match last_merge {
            // A line of its own was merged, which lies beside the first parents.
            Some(merge) if seen < own.len() => Err(self.stopped_at(merge)?),
            _ => {
                line.reverse();
                Ok(line)
            }
        }
    }

    fn is_empty_commit(&self, commit: ObjectId) -> Result<bool, Error> {
        let Some(parent) = self.commit_info(commit)?.parents.first().copied() else { return Ok(false) };
        Ok(tree_of(self.repo(), parent)? == tree_of(self.repo(), commit)?)
    }

    /// Whether what commits from `first` to `last` changed is there in the tree of `landing`: merging it would change nothing.
    ///
    /// # Errors
    /// When a commit or a file is unreadable.
    pub fn contains_change(&self, landing: ObjectId, first: ObjectId, last: ObjectId) -> Result<bool, Error> {
        let parent = self.commit_info(first)?.parents.first().copied();
        let base = parent.map(|parent| tree_of(self.repo(), parent)).transpose()?;
        let (ours, theirs) = (tree_of(self.repo(), landing)?, tree_of(self.repo(), last)?);
        let merged = self.merge_trees(&Trees { base, ours, theirs })?;
        Ok(merged.items.is_empty() && merged.unmerged.is_empty())
    }

    fn stopped_at(&self, merge: ObjectId) -> Result<Stop, Error> {
        let subject = subject(&self.commit_info(merge)?.message).to_owned();
        Ok(Stop::Merge { commit: merge, subject })
    }

    /// Whether a merge has what its parents give when nobody decides anything.
    fn is_plain_merge(&self, merge: ObjectId, first: ObjectId, second: ObjectId) -> Result<bool, Error> {
        let Some(base) = self.merge_base(first, second)? else { return Ok(false) };
        let merged = self.merge_commits(base, first, second)?;
        if !merged.unmerged.is_empty() {
            return Ok(false);
        }
        let tree = self.write_tree(Some(first), &merged.items, &mut Vec::new())?;
        Ok(tree == tree_of(self.repo(), merge)?)
    }

    /// What a merge of two commits gives, their common one being known.
    fn merge_commits(&self, base: ObjectId, ours: ObjectId, theirs: ObjectId) -> Result<TreeMerge, Error> {
        let tree = |commit| tree_of(self.repo(), commit);
        self.merge_trees(&Trees { base: Some(tree(base)?), ours: tree(ours)?, theirs: tree(theirs)? })
    }

    fn replay_one(
        &self,
        commit: ObjectId,
        onto: ObjectId,
        known: &Known,
        who: &Replayer,
        written: &mut Vec<ObjectId>,
    ) -> Result<Option<ObjectId>, Stop> {
        let parent = self.commit_info(commit)?.parents.first().copied();
        let (was, is) = (parent.map(|parent| tree_of(self.repo(), parent)).transpose()?, tree_of(self.repo(), commit)?);
        let onto_tree = tree_of(self.repo(), onto)?;
        let merged = self.merge_trees(&Trees { base: was, ours: onto_tree, theirs: is })?;
        if !merged.unmerged.is_empty() {
            return Err(Stop::Conflict { unmerged: self.conflict_of_all(known, merged.unmerged)? });
        }
        // A commit that never changed anything says something by being there.
        if merged.items.is_empty() && was != Some(is) {
            return Ok(None);
        }
        written.extend(merged.written);
        let tree = self.write_tree(Some(onto), &merged.items, written)?;
        let new = self.commit_anew(commit, onto, tree, known, who)?;
        written.push(new);
        Ok(Some(new))
    }

    /// What a person will have to decide when everything is merged at once, which is how they will be asked; where that leaves
    /// nothing, what stopped the replay.
    fn conflict_of_all(&self, known: &Known, single: Vec<Unmerged>) -> Result<Vec<Unmerged>, Error> {
        let all = self.merge_commits(known.base, known.ours, known.theirs)?.unmerged;
        if !all.is_empty() {
            return Ok(all);
        }
        // There theirs is what is replayed.
        Ok(single.into_iter().map(Unmerged::turned).collect())
    }

    /// The commit with another parent and tree. It is signed if it was, or would be now, and never if it must stay unnamed.
    fn commit_anew(
        &self,
        old: ObjectId,
        parent: ObjectId,
        tree: ObjectId,
        known: &Known,
        who: &Replayer,
    ) -> Result<ObjectId, Error> {
        let what = || format!("commit {old} is unreadable");
        let found = self.repo().find_commit(old).map_err(gix_error(what()))?;
        // The author and the message stay byte for byte: neither need be UTF-8, and a zone of `-0000` says that it is not known.
        let was = found.decode().map_err(gix_error(what()))?;
        let is_signature = |name: &[u8]| name.starts_with(b"gpgsig");
        let was_signed = was.extra_headers.iter().any(|(name, _)| is_signature(name));
        let is_unnamed = was.committer().map_err(gix_error(what()))?.email == Actor::anonymous().email.as_str();
        let is_imported = trailers(&was.message.to_str_lossy()).iter().any(|(key, _)| key == "Imported");
        let mut committer = Vec::new();
        let signature = who.signature_in(was.encoding.map(|name| name.as_ref()));
        signature.write_to(&mut committer).map_err(io_error("the committer"))?;
        let (tree, parent, message) = (tree.to_string(), parent.to_string(), known.renamed_in(was.message));
        let headers = was.extra_headers.iter().filter(|(name, _)| !is_signature(name) && *name != "mergetag");
        let commit = gix::objs::CommitRef {
            tree: tree.as_str().into(),
            parents: [parent.as_str().into()].into_iter().collect(),
            author: was.author,
            committer: if is_unnamed { was.committer } else { committer.as_slice().into() },
            encoding: was.encoding,
            message: message.as_slice().into(),
            extra_headers: headers.cloned().collect(),
        };
        let unsigned = |error: gix::Error| Error::Sign { reason: error.to_string() };
        let options = match (was_signed || !is_imported) && !is_unnamed {
            true => self.repo().commit_signing_options_if_enabled().map_err(unsigned)?,
            false => None,
        };
        let written = match options {
            Some(options) => self.repo().write_object(commit.sign(options).map_err(unsigned)?),
            None => self.repo().write_object(commit),
        };
        Ok(written.map_err(gix_error("the commit cannot be written"))?.detach())
    }
}

/// What theirs has of ours already, by another way: a pull request that was rebased or squashed.
struct Known {
    base: ObjectId,
    ours: ObjectId,
    theirs: ObjectId,
    /// Those of ours.
    landed: BTreeSet<ObjectId>,
    /// Commits of ours by what they became.
    renamed: BTreeMap<String, String>,
}

impl Known {
    fn of(store: &Store, base: ObjectId, ours: ObjectId, theirs: ObjectId, line: &[ObjectId]) -> Result<Self, Error> {
        let mut landed = landed_by_name(store, line, &store.between(ours, theirs)?)?;
        if stands_whole(store, base, ours, theirs)? {
            for commit in line {
                // What changes nothing stands nowhere but in the history.
                if !store.is_empty_commit(*commit)? {
                    landed.insert(*commit);
                }
            }
        }
        Ok(Self { base, ours, theirs, landed, renamed: BTreeMap::new() })
    }

    /// The message with the new names of commits that it takes back.
    fn renamed_in(&self, message: &[u8]) -> Vec<u8> {
        let mut out = message.to_vec();
        for (key, old) in trailers(&message.to_str_lossy()) {
            if let ("Undoes", Some(new)) = (key.as_str(), self.renamed.get(&old)) {
                out = out.replace(format!("Undoes: {old}"), format!("Undoes: {new}"));
            }
        }
        out
    }
}

/// Whether everything that ours changed stands in theirs as ours has it.
fn stands_whole(store: &Store, base: ObjectId, ours: ObjectId, theirs: ObjectId) -> Result<bool, Error> {
    let tree = |commit| tree_of(store.repo(), commit);
    let changed = |from, to| -> Result<BTreeMap<String, _>, Error> {
        let found = store.tree_changes(Some(from), Some(to))?;
        Ok(found.into_iter().map(|change| (change.path, change.is)).collect())
    };
    let (base, our_tree, their_tree) = (tree(base)?, tree(ours)?, tree(theirs)?);
    let (own, other) = (changed(base, our_tree)?, changed(base, their_tree)?);
    if own.is_empty() || own.iter().any(|(path, is)| other.get(path) != Some(is)) {
        return Ok(false);
    }
    // What came and went again on our side is in no sum of it.
    for commit in store.between(theirs, ours)? {
        if store.paths_of_its_own(commit)?.iter().any(|path| !own.contains_key(path)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Those of our `line`, oldest first, whose operations commits of theirs name, where what landed has their change too: a commit
/// that was amended since keeps its name and says something else.
fn landed_by_name(store: &Store, line: &[ObjectId], theirs: &[ObjectId]) -> Result<BTreeSet<ObjectId>, Error> {
    let mut named: BTreeMap<String, Vec<(ObjectId, String)>> = BTreeMap::new();
    for commit in theirs {
        let message = store.commit_info(*commit)?.message;
        for operation in random_operations(&message) {
            named.entry(operation).or_default().push((*commit, message.clone()));
        }
    }
    let mut claims = Vec::with_capacity(line.len());
    for commit in line {
        claims.push(claimed(&store.commit_info(*commit)?.message, &named, store.is_empty_commit(*commit)?));
    }
    let mut landed = BTreeSet::new();
    for first in 0..line.len() {
        for landing in &claims[first] {
            if landed.contains(&line[first]) {
                break;
            }
            // A squash has of commits that go on from each other only what the last of them left.
            let run = claims[first..].iter().take_while(|claim| claim.contains(landing)).count();
            for length in BTreeSet::from([run, 1]).into_iter().rev() {
                let part = &line[first..first + length];
                if store.contains_change(*landing, part[0], part[length - 1])? {
                    landed.extend(part);
                    break;
                }
            }
        }
    }
    Ok(landed)
}

/// The commits among `named` that say to be the one with this message. A squash keeps the subjects; what only bears the same name is
/// something else. All that an empty commit has is its message, so that must be there whole.
fn claimed(message: &str, named: &BTreeMap<String, Vec<(ObjectId, String)>>, is_empty: bool) -> BTreeSet<ObjectId> {
    let words = if is_empty { message.trim() } else { subject(message) };
    let mut claims = BTreeSet::new();
    for operation in random_operations(message) {
        let all = named.get(&operation).into_iter().flatten();
        let found: Vec<ObjectId> =
            all.filter(|(_, theirs)| theirs.contains(words)).map(|(commit, _)| *commit).collect();
        if found.is_empty() {
            return BTreeSet::new();
        }
        claims.extend(found);
    }
    claims
}

/// The names of operations that a message has and that were drawn at random: one that somebody gave may stand for two changes.
fn random_operations(message: &str) -> impl Iterator<Item = String> {
    let is_random = |id: &str| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found = trailers(message).into_iter().filter(|(key, _)| key.eq_ignore_ascii_case("op-id"));
    found.map(|(_, id)| id).filter(move |id| is_random(id))
}

fn short(id: ObjectId) -> String {
    id.to_hex_with_len(7).to_string()
}
