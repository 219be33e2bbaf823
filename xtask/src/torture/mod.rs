//! Wild runs that look for what must never happen, too long and too random to be tests.
//!
//! `sync` has many clones edit one desk and exchange it, and cuts exchanges off at random moments; `kills` cuts one exchange off at each
//! of its system calls in turn; `faults` has every system call of every kind of write fail. All end with a line of counts, and fail if anything was found.

pub mod faults;
pub mod kills;
mod people;
pub mod sync;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

/// The program of this repository as `cargo build` makes it, built now.
///
/// # Errors
/// When it cannot be built.
pub fn program() -> Result<PathBuf, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--quiet", "--bin", "staple"]).current_dir(root).status()?;
    if !status.success() {
        return Err("the program could not be built".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(std::path::absolute(target.join("debug").join(format!("staple{}", std::env::consts::EXE_SUFFIX)))?)
}

/// An empty folder for a run: `dir`, or one of its own among the machine's temporary files, outside of every repository.
pub(crate) fn scratch(dir: Option<&Path>, name: &str) -> Result<PathBuf, Failure> {
    let own = || std::env::temp_dir().join(format!("staple-torture-{name}-{}", std::process::id()));
    let dir = std::path::absolute(dir.map_or_else(own, Path::to_owned))?;
    if dir.exists() && std::fs::read_dir(&dir)?.next().is_some() {
        return Err(format!("{} is not empty", dir.display()).into());
    }
    std::fs::create_dir_all(&dir)?;
    Ok(dir.canonicalize()?)
}
