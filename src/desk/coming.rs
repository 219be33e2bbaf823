//! Changes that customers will notice, as commits announce them in lines `Support-Impact: …`.

use std::collections::HashSet;

use super::Desk;
use super::links::Missing;
use crate::record::commit_words::CommitWords;
use crate::record::time::Time;
use crate::store::code::CodeRepository;
use crate::store::{self, ObjectId};

/// A change that customers will notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    /// What they will notice, as its author wrote it.
    pub text: String,
    /// What the desk calls the repository; "" for its own.
    pub repository: String,
    /// The commit that said it first.
    pub commit: ObjectId,
    /// When that was recorded.
    pub recorded: Time,
}

impl Desk {
    /// What commits recorded from one moment up to, not including, another say that customers will notice, the earliest first, and the
    /// repositories that could not be asked. What a later commit of that time takes back is left out, and each is told once.
    ///
    /// Of the desk's own repository the commits that `commit` holds are read, and where the desk has a branch of its own those
    /// of the code's main branch; of others those of their main branch, as far as this clone has them.
    ///
    /// # Errors
    /// When this repository cannot be read.
    pub fn coming(
        &self,
        commit: Option<ObjectId>,
        from: Time,
        until: Time,
    ) -> Result<(Vec<Coming>, Vec<Missing>), store::Error> {
        let own = self.store.code();
        let main = if self.settings.text("branch").is_empty() { None } else { own.main_tip() };
        let mut found = self.announced(&own, "", commit.into_iter().chain(main), from, until)?;
        let (others, mut missing) = self.clones();
        for (name, code) in others {
            match self.announced(&code, &name, code.main_tip(), from, until) {
                Ok(theirs) => found.extend(theirs),
                Err(error) => missing.push(Missing::because(name, &error)),
            }
        }
        found.sort_by(|a, b| (a.recorded, &a.repository, a.commit).cmp(&(b.recorded, &b.repository, b.commit)));
        // Copied, squashed or pulled into another repository, it is still one change.
        let mut told = HashSet::new();
        found.retain(|coming| told.insert(coming.text.to_lowercase()));
        Ok((found, missing))
    }

    fn announced(
        &self,
        code: &CodeRepository,
        name: &str,
        tips: impl IntoIterator<Item = ObjectId>,
        from: Time,
        until: Time,
    ) -> Result<Vec<Coming>, store::Error> {
        let closing = self.closing_words();
        let mut commits = code.since(tips, from, |message| CommitWords::read(message, &closing))?;
        commits.retain(|commit| commit.recorded < until);
        let back: Vec<String> =
            commits.iter().flat_map(|commit| commit.said.reverts.iter().map(|id| id.to_lowercase())).collect();
        let is_back = |id: &ObjectId| back.iter().any(|back| id.to_string().starts_with(back.as_str()));
        let standing = commits.into_iter().filter(|commit| commit.said.reverts.is_empty() && !is_back(&commit.id));
        Ok(standing
            .flat_map(|commit| {
                let (commit, recorded, impacts) = (commit.id, commit.recorded, commit.said.impacts);
                impacts.into_iter().map(move |text| Coming { text, repository: name.to_owned(), commit, recorded })
            })
            .collect())
    }
}
