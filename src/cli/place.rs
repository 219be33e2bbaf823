//! Where the user stands, and so how commands about a repository are written: as they can be pasted there.

use std::path::{Path, PathBuf};

use crate::record::shell::shell_word;

/// Where the user stands as seen from a work tree.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `git`, or with `-C` where one stands outside.
    pub(crate) git: String,
    /// The top of the work tree.
    root: PathBuf,
    /// At its top.
    pub(crate) is_root: bool,
    /// At its top or somewhere below.
    pub(crate) is_inside: bool,
}

impl Place {
    /// The place of a folder as seen from the work tree `root`.
    pub(crate) fn new(folder: &Path, root: &Path) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (here, root) = (real(folder), real(root));
        let is_inside = here.starts_with(&root);
        let git = if is_inside { "git".to_owned() } else { format!("git -C {}", path_word(&root)) };
        Self { git, is_root: here == root, is_inside, root }
    }

    /// A path from the top of the work tree, as git takes it here.
    pub(crate) fn pathspec(&self, path: &str) -> String {
        match path {
            path if self.is_inside && !self.is_root => shell_word(&format!(":(top){path}")),
            path if path.starts_with(':') => shell_word(&format!("./{path}")),
            path => shell_word(path),
        }
    }

    /// How to commit what is at such a path, which may have been removed.
    pub(crate) fn commit(&self, path: &str) -> String {
        let (git, file) = (&self.git, self.pathspec(path));
        // What is deleted and staged cannot be added once more.
        let is_there = self.root.join(path).symlink_metadata().is_ok();
        let add = if is_there { format!("{git} add -- {file} && ") } else { String::new() };
        format!("{add}{git} commit -- {file}")
    }
}

/// A path as a word of a command.
pub(crate) fn path_word(path: &Path) -> String {
    shell_word(&path.display().to_string())
}
