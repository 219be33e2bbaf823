//! How long the program takes, beside git, Fossil and Taskwarrior on the same tickets.
//!
//! Whole processes are measured, warm and with an empty page cache, in rounds in which every command runs once, so that noise hits
//! all of them. `scenes` says what is measured, `process` how, `peers` brings the tickets to the other programs, `places` knows
//! where everything lies, `figures` holds what was measured against the bounds, and `table` shows it. Nothing here is a test:
//! whatever the figures are, the chore succeeds.

mod figures;
mod peers;
mod places;
mod process;
mod scenes;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::sample::Sample;
use figures::bounds;
pub use places::desk;

/// Fossil and Taskwarrior are asked about desks up to this size; with more, bringing the tickets to them takes hours.
const PEERS_UP_TO: usize = 20_000;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The desk.
    pub sample: Sample,
    /// How often each command runs.
    pub runs: usize,
    /// How often with an empty page cache; this slows everybody else on the machine.
    pub cold_runs: usize,
    /// Where the figures go as JSON besides.
    pub json: Option<PathBuf>,
}

/// Builds the program, measures, and returns the table.
///
/// # Errors
/// When the program cannot be built or a desk cannot be made or copied.
pub fn bench(bench: &Bench) -> Result<String, Failure> {
    let folder = places::folder();
    let program = installed(&build()?, &folder)?;
    let around = process::Surroundings::new(&folder.join("home"))?;
    let small = bench.sample.tickets <= PEERS_UP_TO;
    let mut rows = scenes::play(&scenes::Stage {
        bench,
        around: &around,
        program: &program,
        desk: &places::desk(bench.sample)?,
        smaller: if small { None } else { Some(places::desk(Sample::of(10_000))?) },
        fossil: if small { peers::fossil(bench.sample, &around)? } else { None },
        task: if small { peers::taskwarrior(bench.sample, &around)? } else { None },
        copies: &folder.join(format!("copies-{}", std::process::id())),
    })?;
    rows.retain(|_, figures| !figures.warm_ms.is_empty() || !figures.note.is_empty());
    let kept = |tickets: usize| folder.join(format!("figures-{tickets}.json"));
    let verdicts: Vec<_> = bounds(bench.sample.tickets).iter().map(|bound| bound.judge(&rows)).collect();
    let json = table::json(bench.sample.tickets, &rows, &verdicts)?;
    std::fs::write(kept(bench.sample.tickets), &json)?;
    if let Some(path) = &bench.json {
        std::fs::write(path, &json)?;
    }
    Ok(table::text(bench.sample.tickets, &rows, &verdicts))
}

/// A copy of the program, which is what an installation runs: a file as the linker leaves it lies in smaller pieces in the page
/// cache, and each start of it takes half a millisecond longer.
fn installed(program: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let bin = folder.join("bin");
    std::fs::create_dir_all(&bin)?;
    let (new, copy) = (bin.join("new"), bin.join("staple"));
    std::fs::copy(program, &new)?;
    std::fs::rename(&new, &copy)?;
    Ok(std::path::absolute(copy)?)
}

/// Builds the release program of this repository and returns its path.
fn build() -> Result<PathBuf, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).args(["build", "--release", "--quiet", "--bin", "staple"]).current_dir(root).status()?;
    if !status.success() {
        return Err("the program could not be built".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = target.join("release").join(format!("staple{}", std::env::consts::EXE_SUFFIX));
    Ok(std::path::absolute(program)?)
}
