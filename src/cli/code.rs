//! Which repository a commit is looked up in: the desk's, or one with code that the desk names.

use super::environment::Environment;
use super::error::CliError;
use super::ui::Ui;
use crate::desk::Desk;
use crate::desk::links::path_key;
use crate::record::shell::shell_word;
use crate::store::code::CodeRepository;
use crate::store::{self, ObjectId};

/// A repository in which revisions are looked up.
pub(crate) struct Place {
    /// What the desk calls it; "" for the one it lies in.
    pub(crate) name: String,
    repo: CodeRepository,
    /// Nobody named it, and it need not be the one that is meant.
    is_guess: bool,
}

impl Place {
    /// The repository that `NAME@` in front of a revision names, and the revision. Without a name the one that one stands in,
    /// where the desk knows it, else the desk's own.
    pub(crate) fn of<'t>(environment: &Environment, desk: &Desk, text: &'t str) -> Result<(Self, &'t str), CliError> {
        if let Some((name, rev)) = named(text) {
            let repo = match clone_of(desk, name)? {
                Some(repo) => repo,
                None => {
                    let hint = format!("say where it lies: git config --global {} PATH", path_key(name));
                    return Err(CliError::refused(format!("no clone of {name} is known here"), hint));
                }
            };
            return Ok((Self { name: name.to_owned(), repo, is_guess: false }, rev));
        }
        let found = desk.code_around(&environment.folder);
        let is_own = found.as_ref().is_some_and(|(name, _)| name.is_empty());
        let (name, repo) = found.unwrap_or_else(|| (String::new(), desk.store().code()));
        Ok((Self { name, repo, is_guess: !is_own }, text))
    }

    /// The commit that a revision names there.
    pub(crate) fn resolve(&self, rev: &str) -> Result<ObjectId, store::Error> {
        self.repo.resolve(rev)
    }

    /// The commits of a range such as `main..HEAD`, newest first; nothing where the text is none.
    pub(crate) fn range(&self, text: &str) -> Result<Option<Vec<ObjectId>>, CliError> {
        let Some((from, to)) = ends(text, |rev| self.resolve(rev))? else { return Ok(None) };
        Ok(Some(self.repo.between(from, to)?))
    }

    /// Says where `text` was looked up, where that need not be what is meant.
    pub(crate) fn say(&self, ui: &mut Ui, desk: &Desk, text: &str) {
        if !self.is_guess {
            return;
        }
        if self.name.is_empty() {
            let folder = desk.store().work_dir().display();
            ui.status(format!("{text} is looked up in the desk's repository, {folder}"));
            ui.hint("to look in another one: NAME@COMMIT, as the desk names it (staple config get repositories)");
        } else {
            ui.status(format!("{text} is looked up in {}, where you stand", self.name));
        }
    }
}

/// The ends of a range such as `main..HEAD`; nothing where the text is none.
pub(crate) fn ends(
    text: &str,
    resolve: impl Fn(&str) -> Result<ObjectId, store::Error>,
) -> Result<Option<(ObjectId, ObjectId)>, store::Error> {
    let Some((from, to)) = text.split_once("..") else { return Ok(None) };
    let to = to.strip_prefix('.').unwrap_or(to);
    let end = |rev: &str| resolve(if rev.is_empty() { "HEAD" } else { rev });
    Ok(Some((end(from)?, end(to)?)))
}

/// `NAME` and `REV` of `NAME@REV`; git's own `main@{1}` and `@` name no repository.
pub(crate) fn named(text: &str) -> Option<(&str, &str)> {
    text.split_once('@').filter(|(name, rev)| !name.is_empty() && !rev.starts_with('{') && !name.contains(".."))
}

/// A clone of a repository that the desk names; nothing where this person does not say where it lies.
pub(crate) fn clone_of(desk: &Desk, name: &str) -> Result<Option<CodeRepository>, CliError> {
    if !desk.code_names().iter().any(|one| one.name == name) {
        let hint =
            format!("name it, with its URL: staple config set repositories {}", shell_word(&format!("{name} URL")));
        return Err(CliError::refused(format!("the desk knows no repository `{name}`"), hint));
    }
    Ok(desk.clone_of(name).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_before_the_first_at_sign() {
        assert_eq!(named("website@v1..main"), Some(("website", "v1..main")));
        assert_eq!(named("website@main@{1}"), Some(("website", "main@{1}")));
        assert_eq!(named("main@{1}..main"), None);
        assert_eq!(named("v1..main@x"), None);
        assert_eq!(named("@"), None);
    }
}
