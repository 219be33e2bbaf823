//! `staple merge-driver`: what git runs for record files that both sides of a merge changed.
//!
//! Git holds its lock of the staging area meanwhile, so nothing is looked up: three files and a path go in, one file comes out.

use std::path::{Path, PathBuf};

use super::error::{CliError, Exit, with_causes};
use super::ui::Ui;
use crate::desk::Desk;
use crate::record::Kind;
use crate::store::layout::{Located, locate};
use crate::store::{self, Store};
use crate::text::merge::{Conflict, Contested, Marks, Merged, Versions, merge};

/// Merge one record file key by key; git runs it, as staple setup tells it to
///
/// Writes the result over OURS. Exits 0 when the merge is clean and 1 when a conflict is left, which is marked around the
/// lines of its key alone. With any other exit code nothing was merged and OURS is as it was, so that git merge-file can step
/// in. See staple help merging.
#[derive(Debug, clap::Args)]
#[command(
    hide = true,
    after_help = "Examples:\n  staple merge-driver base.toml ours.toml theirs.toml 7 tickets/2026-11/7k3mqp.toml"
)]
pub(crate) struct MergeDriverArgs {
    /// The version both sides began with (%O)
    base: PathBuf,

    /// Our version, which the result replaces (%A)
    ours: PathBuf,

    /// Their version (%B)
    theirs: PathBuf,

    /// How many signs a conflict mark has (%L)
    #[arg(value_name = "SIZE", default_value = "7")]
    size: usize,

    /// The path of the file in the repository (%P)
    #[arg(default_value = "")]
    path: String,

    /// What our side is called in conflict marks (%X)
    #[arg(long, value_name = "NAME", default_value = "")]
    ours_label: String,

    /// What their side is called in conflict marks (%Y)
    #[arg(long, value_name = "NAME", default_value = "")]
    theirs_label: String,
}

/// What git runs. Where the program is missing or fails, git's own merge of three files steps in: git would keep our side
/// and leave no marks. What a killed program began to write goes; `merge-file` counts conflicts, of which git is told one.
/// Placeholders are quoted by git itself; before 2.44 it leaves those of the labels as they are.
const DRIVER: &str = "staple merge-driver --ours-label=%X --theirs-label=%Y -- %O %A %B %L %P; r=$?; \
                      if [ $r -gt 1 ]; then rm -f %A.staple-new; \
                      x=%X s=%S y=%Y; if [ \"$x\" = %\"\"X ]; then x=ours s=base y=theirs; fi; \
                      git merge-file -q --marker-size=%L -L \"$x\" -L \"$s\" -L \"$y\" %A %O %B; r=$?; fi; [ $r -eq 0 ]";

/// What became of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Configured {
    /// The driver is set up now.
    Now,
    /// It was already.
    Before,
    /// Somebody set up another one, which is left alone.
    Otherwise,
}

/// Has git of this repository run the driver. The configuration is the user's own: no repository brings it along.
pub(crate) fn configure(store: &Store) -> Result<Configured, store::Error> {
    match store.config_string("merge.staple.driver").as_deref() {
        Some(DRIVER) => return Ok(Configured::Before),
        Some(other) if !other.starts_with("staple merge-driver") => return Ok(Configured::Otherwise),
        _ => {}
    }
    store.set_config("merge.staple.name", "records of Staple, key by key")?;
    store.set_config("merge.staple.driver", DRIVER)?;
    Ok(Configured::Now)
}

/// Sets the driver up and says so; a repository that cannot be configured is no reason to fail.
pub(crate) fn install(ui: &mut Ui, desk: &Desk) {
    match configure(desk.store()) {
        Ok(Configured::Now) => ui.status("records merge key by key in this clone (git config merge.staple.driver)"),
        Ok(Configured::Before) => {}
        Ok(Configured::Otherwise) => ui.warn("git config merge.staple.driver names another program, and is left alone"),
        Err(error) => ui.warn(format!("records merge by lines: {}", with_causes(&error))),
    }
}

pub(crate) fn cmd_merge_driver(ui: &mut Ui, args: &MergeDriverArgs) -> Result<(), CliError> {
    match run(args) {
        Ok(merged) if merged.conflicts.is_empty() => Ok(()),
        Ok(merged) => {
            ui.status(format!("{}: {}", args.path, words(&merged.conflicts)));
            Err(CliError::silent(Exit::Findings))
        }
        Err(error) => {
            ui.status(format!("{}: {error}", args.path));
            Err(CliError::silent(Exit::Refused))
        }
    }
}

fn run(args: &MergeDriverArgs) -> std::io::Result<Merged> {
    let [base, ours, theirs] = [&args.base, &args.ours, &args.theirs].map(std::fs::read);
    let (base, ours, theirs) = (base?, ours?, theirs?);
    let versions = Versions { base: &base, ours: &ours, theirs: &theirs };
    // An older git does not know the placeholders, and leaves them as they are.
    let label =
        |given: &str, plain: &str| if given.is_empty() || given.starts_with('%') { plain } else { given }.to_owned();
    let marks = Marks {
        size: args.size.clamp(1, 1_000),
        ours: label(&args.ours_label, "ours"),
        theirs: label(&args.theirs_label, "theirs"),
    };
    let merged = guarded(|| merge(kind_of(&args.path), versions, &marks, &[]))
        .ok_or_else(|| std::io::Error::other("the merge failed"))?;
    replace(&args.ours, &merged.text)?;
    Ok(merged)
}

/// What `work` gives; nothing when it panics, which is a fault of ours that must not cost anybody a merge.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok();
    std::panic::set_hook(hook);
    done
}

/// Replaces a file as a whole: what runs when we are killed must find our version untorn.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".staple-new");
    let written = std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, path));
    if written.is_err() {
        // It lies in the work tree, where a person would find it; that it cannot be removed is the lesser trouble.
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

/// The kind of record at a path; the desk may lie in any folder of the repository.
fn kind_of(path: &str) -> Option<Kind> {
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    starts.into_iter().find_map(|at| locate(&path[at..])).and_then(|found| match found {
        Located::Record(kind, _) => Some(kind),
        Located::Attachment { .. } => None,
    })
}

/// The keys in conflict, as the line on standard error has them.
fn words(conflicts: &[Conflict]) -> String {
    let one = |conflict: &Conflict| {
        let key = match (conflict.what, conflict.key.as_str()) {
            (Contested::File, _) => {
                return "the file as a whole: it was merged by lines, since not all of it is a sound record".to_owned();
            }
            (Contested::Comment, "") => "comment".to_owned(),
            (Contested::Comment, key) => format!("comment of {key}"),
            (_, "") => "whole message".to_owned(),
            (_, key) => key.to_owned(),
        };
        conflict.message.as_ref().map_or(key.clone(), |id| format!("{key} of message {id}"))
    };
    let mut keys: Vec<String> = conflicts.iter().map(one).collect();
    keys.dedup();
    format!("conflict in {}", keys.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_known_wherever_the_desk_lies() {
        assert_eq!(kind_of("tickets/2026-11/7k3mqp.toml"), Some(Kind::Ticket));
        assert_eq!(kind_of("our stuff/support/people/sam.toml"), Some(Kind::Person));
        assert_eq!(kind_of("support/staple.toml"), Some(Kind::Settings));
        assert_eq!(kind_of("tickets/2026-11/7k3mqp.20261120T080500Z-4hx2.own.toml"), None);
        assert_eq!(kind_of("Cargo.toml"), None);
    }

    #[test]
    fn a_panic_is_caught() {
        assert_eq!(guarded(|| -> i32 { panic!("no") }), None);
    }
}
