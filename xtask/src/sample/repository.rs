//! Carries a sample into a git repository: fast-import, a checkout, and everything packed as `git gc` packs it.

use std::path::Path;
use std::process::{Command, Stdio};

use staple::store::Store;
use staple::store::bulk::BulkCommit;
use staple::store::discover::Discover;

use super::Sample;
use super::desk::Desk;
use crate::Failure;

/// The branch on which few tickets are open.
pub(crate) const FEW_OPEN: &str = "few-open";

/// What was made.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Tickets.
    pub tickets: usize,
    /// Commits of the branch `main`.
    pub commits: usize,
}

/// Makes the sample in `dir`, which must not exist: branches `main`, checked out, and `few-open`.
///
/// # Errors
/// When `dir` is there already, or git refuses or is not there.
pub fn make(dir: &Path, sample: Sample) -> Result<Made, Failure> {
    if dir.exists() {
        return Err(format!("{} is there already", dir.display()).into());
    }
    std::fs::create_dir_all(dir)?;
    git(dir, &["init", "--quiet", "--initial-branch=main"])?;
    let mut desk = Desk::new(sample)?;
    let commits = write(dir, "main", None, |sink| desk.tell(sink))?;
    let tip = output(dir, &["rev-parse", "refs/heads/main"])?;
    if sample.few_open() > 0 {
        write(dir, FEW_OPEN, Some(&tip), |sink| desk.few_open(sink))?;
    }
    git(dir, &["reset", "--quiet", "--hard", "main"])?;
    // Not gc.auto's choice: one pack, references packed and a commit-graph, whatever the machine's configuration says.
    git(dir, &["-c", "gc.writeCommitGraph=true", "gc", "--quiet", "--prune=now"])?;
    Ok(Made { tickets: sample.tickets, commits })
}

/// Writes what `tell` tells to `branch`, on top of `base`, and returns how many commits there were.
fn write(
    dir: &Path,
    branch: &str,
    base: Option<&str>,
    tell: impl FnOnce(&mut dyn FnMut(BulkCommit) -> Result<(), Failure>) -> Result<(), Failure>,
) -> Result<usize, Failure> {
    let store = Store::open_at(&Discover::at(dir), "")?;
    let base = base.map(|rev| store.resolve(rev)).transpose()?;
    let (mut bulk, _alive) = store.start_bulk(branch, base)?;
    let mut commits = 0;
    tell(&mut |commit| {
        bulk.commit(&commit)?;
        commits += 1;
        Ok(())
    })?;
    let tip = bulk.finish()?.to_string();
    git(dir, &["update-ref", &format!("refs/heads/{branch}"), &tip])?;
    git(dir, &["update-ref", "-d", &format!("refs/staple/import/{branch}")])?;
    Ok(commits)
}

/// Runs git in `dir`.
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> Result<(), Failure> {
    output(dir, arguments).map(drop)
}

/// Runs git in `dir` and returns what it prints, trimmed.
pub(crate) fn output(dir: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let run = Command::new("git").arg("-C").arg(dir).args(arguments).stdin(Stdio::null()).output()?;
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr);
        return Err(format!("git {}: {}", arguments.join(" "), said.trim()).into());
    }
    Ok(String::from_utf8_lossy(&run.stdout).trim().to_owned())
}
