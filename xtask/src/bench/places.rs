//! Where desks and what is measured beside them lie, and the throw-away copies that are written to.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::sample::{self, Sample, VERSION};

/// The folder for everything that is made once: `STAPLE_BENCH_DIR`, or `target/bench` of this repository.
pub(super) fn folder() -> PathBuf {
    let named = std::env::var_os("STAPLE_BENCH_DIR").filter(|name| !name.is_empty());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    named.map_or_else(|| root.join("target").join("bench"), PathBuf::from)
}

/// The desk of a sample, made now where it is not there yet.
///
/// # Errors
/// When it cannot be made.
pub fn desk(sample: Sample) -> Result<PathBuf, Failure> {
    let dir = folder().join(format!("desk-v{VERSION}-{}", sample.tickets));
    if !dir.exists() {
        eprintln!("making a desk of {} tickets in {}", sample.tickets, dir.display());
        made_whole(&dir, |dir| sample::make(dir, sample).map(drop))?;
    }
    Ok(dir)
}

/// Makes a folder under another name first, so that one whose making was interrupted is never taken for whole.
pub(super) fn made_whole(dir: &Path, make: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".making");
    let making = dir.with_file_name(name);
    if making.exists() {
        std::fs::remove_dir_all(&making)?;
    }
    std::fs::create_dir_all(dir.parent().unwrap_or(Path::new(".")))?;
    make(&making)?;
    Ok(std::fs::rename(&making, dir)?)
}

/// A copy to write to. Objects, which nobody changes, are shared by hard links where the file system can.
pub(super) fn copy_desk(desk: &Path, copy: &Path) -> Result<(), Failure> {
    fresh(copy)?;
    for entry in std::fs::read_dir(desk)? {
        let name = entry?.file_name();
        if name != ".git" {
            copied(&["-a"], &desk.join(&name), copy)?;
        }
    }
    let (from, to) = (desk.join(".git"), copy.join(".git"));
    std::fs::create_dir(&to)?;
    for entry in std::fs::read_dir(&from)? {
        let name = entry?.file_name();
        // What an index of ours has left there would be measured instead of a first one.
        if name == "objects" {
            copied(&["-al"], &from.join(&name), &to).or_else(|_| copied(&["-a"], &from.join(&name), &to))?;
        } else if name != "staple" {
            copied(&["-a"], &from.join(&name), &to)?;
        }
    }
    // The copies are other files to the file system; without this every `git status` would read them all.
    sample::git(copy, &["update-index", "-q", "--refresh"])
}

/// A copy of any folder.
pub(super) fn copy_folder(from: &Path, copy: &Path) -> Result<(), Failure> {
    fresh(copy)?;
    copied(&["-a"], &from.join("."), copy)
}

fn fresh(dir: &Path) -> Result<(), Failure> {
    if dir.exists() {
        std::fs::remove_dir_all(dir)?;
    }
    Ok(std::fs::create_dir_all(dir)?)
}

fn copied(options: &[&str], from: &Path, to: &Path) -> Result<(), Failure> {
    let status = Command::new("cp").args(options).arg(from).arg(to).status()?;
    if status.success() { Ok(()) } else { Err(format!("cp could not copy {}", from.display()).into()) }
}
