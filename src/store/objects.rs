//! Writing blobs, trees and commits, and flushing them.

use std::thread::Scope;
use std::time::SystemTime;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::error::{Error, gix_error};
use super::file_state::add_state;
use super::files::{Flush, flush_disk};
use super::journal::Item;
use super::snapshot::tree_of;
use super::transaction::{CommitSpec, Sign};
use super::{Actor, Store};

/// More objects than this are flushed by one call for the whole disk.
const MANY: usize = 64;

impl Store {
    /// Whether the repository has an object.
    pub fn has(&self, id: ObjectId) -> bool {
        self.repo().has_object(id)
    }

    /// Some objects and what the file system says of the places where they may be; the same as long as none of them came or went.
    /// Nothing when a change right now might not show, or where other repositories may keep them.
    pub fn state_of_places(&self, ids: &[ObjectId]) -> Option<Vec<u8>> {
        let objects = self.repo().objects.store_ref().path();
        if objects.join("info/alternates").exists() {
            return None;
        }
        let taken = SystemTime::now();
        let mut states = Vec::new();
        add_state(&objects.join("pack"), taken, &mut states)?;
        for id in ids {
            states.extend_from_slice(id.as_bytes());
            add_state(&objects.join(id.to_hex_with_len(2).to_string()), taken, &mut states)?;
        }
        Some(states)
    }

    /// The id that no object has.
    pub fn null_id(&self) -> ObjectId {
        ObjectId::null(self.repo().object_hash())
    }

    /// Writes the tree of `parent` with the items changed; adds every object written to `written`.
    pub(crate) fn write_tree(
        &self,
        parent: Option<ObjectId>,
        items: &[Item],
        written: &mut Vec<ObjectId>,
    ) -> Result<ObjectId, Error> {
        let repo = self.repo();
        let failed = || gix_error("a tree cannot be written");
        let root = match parent {
            Some(commit) => repo.find_tree(tree_of(repo, commit)?).map_err(failed())?,
            None => repo.empty_tree(),
        };
        let mut editor = root.edit().map_err(failed())?.detach();
        for item in items {
            let parts = item.path.split('/').map(gix::bstr::BStr::new);
            match item.new {
                Some(id) => {
                    let kind = if item.executable { EntryKind::BlobExecutable } else { EntryKind::Blob };
                    editor.upsert(parts, kind, id).map_err(failed())?
                }
                None => editor.remove(parts).map_err(failed())?,
            };
        }
        let tree = editor.write(|tree| {
            let id = repo.write_object(tree)?.detach();
            written.push(id);
            Ok::<_, gix::Error>(id)
        });
        tree.map_err(failed())
    }

    /// Writes a commit, signed when the configuration asks for it.
    pub(crate) fn write_commit(
        &self,
        tree: ObjectId,
        parent: Option<ObjectId>,
        message: &str,
        spec: &CommitSpec,
    ) -> Result<(ObjectId, gix::actor::Signature), Error> {
        let author = match &spec.author {
            Some(author) => author.clone(),
            None => self.identity()?,
        };
        let committer = match &spec.committer {
            Some(committer) => committer.clone(),
            None => self.committer()?,
        };
        let committer = stamp(committer, spec.committer_time.unix(), spec.committer_offset_seconds);
        let mut commit = gix::objs::Commit {
            tree,
            parents: parent.into_iter().collect(),
            author: stamp(author, spec.author_time.unix(), spec.author_offset_seconds),
            committer: committer.clone(),
            encoding: None,
            message: message.into(),
            extra_headers: Vec::new(),
        };
        let unsigned = |error: gix::Error| Error::Sign { reason: error.to_string() };
        if spec.sign == Sign::Config
            && let Some(options) = self.repo().commit_signing_options_if_enabled().map_err(unsigned)?
        {
            commit = commit.sign(options).map_err(unsigned)?;
        }
        let id = self.repo().write_object(&commit).map_err(gix_error("the commit cannot be written"))?;
        Ok((id.detach(), committer))
    }

    /// Begins to flush loose objects and their folders; objects in packs were flushed when the pack was written.
    ///
    /// # Errors
    /// When many are flushed at once, and that fails.
    pub(crate) fn begin_flush<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        ids: &[ObjectId],
    ) -> Result<Flush<'scope>, Error> {
        let root = self.repo().objects.store_ref().path();
        if !self.durable || (ids.len() > MANY && flush_disk(root)?) {
            return Ok(Flush::begin(scope, Vec::new()));
        }
        let mut folders = std::collections::BTreeSet::from([root.to_owned()]);
        let mut paths = Vec::new();
        for id in ids {
            let hex = id.to_string();
            let folder = root.join(&hex[..2]);
            paths.push(folder.join(&hex[2..]));
            folders.insert(folder);
        }
        paths.extend(folders);
        Ok(Flush::begin(scope, paths))
    }

    /// Flushes loose objects and their folders.
    pub(crate) fn flush_objects(&self, ids: &[ObjectId]) -> Result<(), Error> {
        std::thread::scope(|scope| self.begin_flush(scope, ids)?.wait())
    }

    /// The commit and its first parents, up to 1,000.
    pub(crate) fn first_parents(&self, tip: ObjectId) -> Result<impl Iterator<Item = ObjectId> + '_, Error> {
        let mut next = Some(tip);
        let mut buffer = Vec::new();
        let walk = std::iter::from_fn(move || {
            use gix::objs::FindExt;
            let id = next?;
            // The history of a shallow clone ends where its commits do.
            let commit = self.repo().objects.find_commit_iter(&id, &mut buffer).ok();
            next = commit.and_then(|commit| commit.parent_ids().next());
            Some(id)
        });
        Ok(walk.take(1_000))
    }
}

fn stamp(actor: Actor, seconds: i64, offset: i32) -> gix::actor::Signature {
    let time = gix::date::Time::new(seconds, offset);
    gix::actor::Signature { name: actor.name.into(), email: actor.email.into(), time }
}
