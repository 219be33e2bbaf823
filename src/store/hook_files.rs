//! Hooks of ours in a clone, beside those that are there.
//!
//! Git runs one file a hook. A hook that is there already is kept under another name, and ours runs it first; taking ours away puts
//! it back.

use std::path::{Path, PathBuf};

use super::Store;
use super::error::{Error, io_error};

/// The line by which a hook of ours is known.
const MARK: &str = "# Made by `staple hooks install`; `staple hooks remove` takes it away.";

/// How a hook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookState {
    /// None is there.
    None,
    /// One of somebody else's.
    Theirs,
    /// Ours.
    Ours,
    /// Ours, and one that was there before runs first.
    Both,
}

impl Store {
    /// The folder of this clone's hooks; nothing where hooks lie elsewhere (`core.hooksPath`), in a folder that others share.
    pub fn own_hooks_folder(&self) -> Option<PathBuf> {
        let configured = self.repo().config_snapshot().trusted_path("core.hooksPath").ok().flatten();
        let own = self.common_dir().join("hooks");
        match configured {
            None => Some(own),
            Some(folder) => Some(own).filter(|own| super::discover::absolute(&self.work_dir().join(folder)) == *own),
        }
    }

    /// How the hook `name` stands in `folder`.
    pub fn hook_state(folder: &Path, name: &str) -> HookState {
        let ours = std::fs::read_to_string(folder.join(name)).is_ok_and(|text| text.lines().any(|line| line == MARK));
        match (ours, folder.join(name).exists(), kept(folder, name).exists()) {
            (true, _, false) => HookState::Ours,
            (true, _, true) => HookState::Both,
            (false, true, _) => HookState::Theirs,
            (false, false, _) => HookState::None,
        }
    }

    /// Puts our hook `name` into `folder`. Gives how it stood before.
    ///
    /// # Errors
    /// When a file cannot be written or moved; then the hook that was there is still there.
    pub fn install_hook(folder: &Path, name: &str) -> Result<HookState, Error> {
        let before = Self::hook_state(folder, name);
        let (path, kept) = (folder.join(name), kept(folder, name));
        std::fs::create_dir_all(folder).map_err(io_error(folder))?;
        let new = folder.join(format!("{name}.staple-new"));
        std::fs::write(&new, script(name)).map_err(io_error(&new))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).map_err(io_error(&new))?;
        }
        if before == HookState::Theirs {
            if kept.exists() {
                std::fs::remove_file(&new).map_err(io_error(&new))?;
                let reason = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
                return Err(io_error(&kept)(reason));
            }
            std::fs::rename(&path, &kept).map_err(io_error(&kept))?;
        }
        std::fs::rename(&new, &path).map_err(io_error(&path))?;
        Ok(before)
    }

    /// Takes our hook `name` out of `folder` and puts back the one that was there before. Gives how it stood before.
    ///
    /// # Errors
    /// When a file cannot be removed or moved.
    pub fn remove_hook(folder: &Path, name: &str) -> Result<HookState, Error> {
        let before = Self::hook_state(folder, name);
        let (path, kept) = (folder.join(name), kept(folder, name));
        match before {
            HookState::Both => std::fs::rename(&kept, &path).map_err(io_error(&path))?,
            HookState::Ours => std::fs::remove_file(&path).map_err(io_error(&path))?,
            HookState::None | HookState::Theirs => {}
        }
        Ok(before)
    }

    /// The tree that git would commit from the staging area, or from the one that `index_file` names, as git's own environment
    /// gives it to hooks.
    ///
    /// # Errors
    /// When git is missing or the staging area holds conflicts.
    pub fn staged_tree(&self, index_file: Option<&str>) -> Result<gix::ObjectId, Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        if let Some(index_file) = index_file {
            command.env("GIT_INDEX_FILE", index_file);
        }
        let printed = git.finish(command.arg("write-tree"))?;
        let printed = String::from_utf8_lossy(&printed);
        let output = printed.trim().to_owned();
        gix::ObjectId::from_hex(output.as_bytes())
            .map_err(|_| Error::GitFailed { command: "write-tree".into(), output })
    }
}

/// Where a hook is kept that was there before ours.
fn kept(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.before-staple"))
}

fn script(name: &str) -> String {
    format!(
        "#!/bin/sh
{MARK}
# The hook that was here before is {name}.before-staple, and runs first.
before=\"$(dirname \"$0\")/{name}.before-staple\"
if [ -x \"$before\" ]; then
    \"$before\" \"$@\" || exit $?
fi
# Staple runs hooks on its own commits, and has looked at those already.
if [ -n \"$STAPLE_HOOK\" ] || ! command -v staple >/dev/null 2>&1; then
    exit 0
fi
exec staple hooks run {name} \"$@\"
"
    )
}
