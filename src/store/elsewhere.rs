//! Changes of the desk on a branch that is not checked out: no file of the work tree, and nothing staged, is touched.

use gix::refs::Target;
use gix::refs::transaction::{PreviousValue, RefEdit};

use super::error::{Error, gix_error};
use super::journal::{self, Item, Journal};
use super::place::Tip;
use super::staging::{self, lock_path};
use super::transaction::{ATTEMPTS, CommitSpec, Operation, Outcome, TransactError, View, Write, closed};
use super::{Head, Store};

impl Store {
    /// Commits the change that `build` makes of the desk as the branch `branch` has it; `build` runs again when the branch moved
    /// meanwhile. On the branch that is checked out here this is [`Store::transact`].
    ///
    /// # Errors
    /// When there is no such branch, it is checked out in another work tree, or anything fails on the way; then nothing is changed.
    pub fn transact_on<E: std::error::Error + 'static>(
        &self,
        branch: &str,
        operation: &Operation,
        mut build: impl FnMut(&View) -> Result<Option<(Vec<Write>, CommitSpec)>, E>,
    ) -> Result<Outcome, TransactError<E>> {
        if self.head()?.branch.as_deref() == Some(branch) {
            return self.transact(operation, build);
        }
        let _turn = self.turn()?;
        self.recover()?;
        self.refuse_checked_out(branch)?;
        for _ in 0..ATTEMPTS {
            let head = self.branch_head(branch)?;
            if operation.given
                && let Some(tip) = head.commit
                && let Some(commit) = self.find_operation_below(tip, &operation.id)?
            {
                return Ok(Outcome::Committed { commit, branch: head.branch, already: true });
            }
            let view = View::of_branch(self, head)?;
            let Some((writes, spec)) = build(&view).map_err(TransactError::Build)? else {
                return Ok(Outcome::Nothing);
            };
            if let Some(outcome) = self.commit_on(&view, writes, &spec)? {
                return Ok(outcome);
            }
        }
        Err(Error::HeadMoved.into())
    }

    fn commit_on(&self, view: &View, writes: Vec<Write>, spec: &CommitSpec) -> Result<Option<Outcome>, Error> {
        let mut written = Vec::new();
        let mut items = Vec::new();
        // The last word on a path counts.
        let writes: std::collections::BTreeMap<String, Option<Vec<u8>>> =
            writes.into_iter().map(|write| (write.path, write.bytes)).collect();
        for (path, bytes) in writes {
            let base = view.snapshot().find(&path)?;
            let path = self.repository_path(&path);
            super::transaction::check_path(&path)?;
            let new = match bytes {
                None => None,
                Some(bytes) => {
                    let failed = gix_error(format!("{path} cannot be stored"));
                    let id = self.repo().write_blob(&bytes).map_err(failed)?.detach();
                    written.push(id);
                    Some(id)
                }
            };
            if base != new {
                items.push(Item { path, base, new, ..Item::default() });
            }
        }
        if items.is_empty() {
            return Ok(Some(Outcome::Nothing));
        }
        let head = view.head();
        let tree = self.write_tree(head.commit, &items, &mut written)?;
        let message = self.run_hooks(spec.hooks, &closed(&spec.message), tree)?;
        let (commit, committer) = self.write_commit(tree, head.commit, &message, spec)?;
        written.push(commit);
        self.flush_objects(&written)?;
        let log = gix::reference::log::message("commit", message.as_str().into(), 1);
        let moved = self.move_other_branch(head, &Tip { commit, log: log.to_string(), committer })?;
        Ok(moved.then(|| Outcome::Committed { commit, branch: head.branch.clone(), already: false }))
    }

    /// Moves the branch, if it is still where `head` says; whether it was. Our turn must be held, and what a dead run left settled.
    pub(super) fn move_other_branch(&self, head: &Head, tip: &Tip) -> Result<bool, Error> {
        // Whoever is killed here leaves locks, which the next run knows by this.
        let path = self.journal_path()?;
        let locks = [self.branch_lock(head), lock_path(&self.common_dir().join("packed-refs"))];
        let locks = locks.iter().map(|lock| super::discover::absolute(lock)).collect();
        Journal { tip: Some(tip.commit), locks, ..Journal::default() }.begin(&path, self.durable)?;
        let moved = self.move_noted(head, tip);
        let _ = journal::remove(&path);
        moved
    }

    fn move_noted(&self, head: &Head, tip: &Tip) -> Result<bool, Error> {
        let branch = head.branch.as_deref().unwrap_or_default();
        let expected = match head.commit {
            Some(commit) => PreviousValue::MustExistAndMatch(Target::Object(commit)),
            None => PreviousValue::MustNotExist,
        };
        let name = full_name(branch)?;
        let edit = RefEdit::update(name, tip.commit, expected, tip.log.as_str());
        let wait = gix::lock::acquire::Fail::AfterDurationWithBackoff(staging::PATIENCE);
        let prepared = match self.repo().refs.transaction().prepare([edit], wait, wait) {
            Ok(prepared) => prepared,
            Err(_) if self.branch_head(branch)?.commit != head.commit => return Ok(false),
            Err(error) => return Err(gix_error("the branch cannot be locked")(error)),
        };
        // Whoever went to the branch since it was looked at first would find each of its new files deleted.
        self.refuse_checked_out(branch)?;
        prepared
            .commit(tip.committer.to_ref(&mut Default::default()))
            .map_err(gix_error("the branch cannot be moved"))?;
        // A branch that is where it should be is no less so where the disk was not told.
        let _ = self.flush_branch(head);
        Ok(true)
    }

    /// Where a branch of this clone is.
    fn branch_head(&self, branch: &str) -> Result<Head, Error> {
        let unknown = || Error::UnknownBranch { branch: branch.to_owned() };
        let name = full_name(branch).map_err(|_| unknown())?;
        let found = self.repo().try_find_reference(name.as_ref()).map_err(gix_error("the branch cannot be read"))?;
        let commit = found.ok_or_else(unknown)?.peel_to_commit().map_err(gix_error("the branch cannot be read"))?.id;
        Ok(Head { commit: Some(commit), branch: Some(branch.to_owned()), detached: false })
    }
}

fn full_name(branch: &str) -> Result<gix::refs::FullName, Error> {
    gix::refs::FullName::try_from(format!("refs/heads/{branch}"))
        .map_err(|_| Error::UnknownBranch { branch: branch.to_owned() })
}
