//! Chores of the project: `cargo xtask tidy`, `cargo xtask sample`, `cargo xtask bench`, `cargo xtask links`, `cargo xtask torture`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xtask::Failure;
use xtask::bench::{self, Bench};
use xtask::links::{self, Links};
use xtask::sample::{self, Sample};
use xtask::torture;

const USAGE: &str = "\
usage: cargo xtask CHORE

  tidy                                     check the rules of the house
  sample --size N [--seed S] [--dir DIR]   make a desk of N tickets, in DIR or where bench looks for it
  bench [--size N] [--runs K] [--cold-runs K] [--json FILE]
                                           measure the program beside git, fossil and taskwarrior
  links --bundle FILE --csv FILE [--program FILE]
                                           compare the links of a history's commits with a table of them, and their tags with git's
  torture sync [--clones N] [--edits N] [--seed S] [--dir DIR] [--program FILE]
                                           have clones exchange a desk, and cut them off at random
  torture kills [--every N] [--program FILE]
                                           cut an exchange off at every Nth of its system calls, with strace
  torture faults [--every N] [--only COMMAND] [--program FILE]
                                           let every Nth system call of each kind of write fail, or be its last, with strace

What is made once lies in STAPLE_BENCH_DIR, or target/bench.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((chore, [])) if chore == "tidy" => Ok(tidy()),
        Some((chore, rest)) if chore == "sample" => sample(rest),
        Some((chore, rest)) if chore == "bench" => bench(rest),
        Some((chore, rest)) if chore == "links" => compare_links(rest),
        Some((chore, rest)) if chore == "torture" => torture(rest),
        _ => Err(USAGE.into()),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("{failure}");
        ExitCode::from(2)
    })
}

fn tidy() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let found = xtask::tidy(root);
    for line in &found {
        println!("{line}");
    }
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn sample(words: &[String]) -> Result<ExitCode, Failure> {
    let options = Options::read(words, &["--size", "--seed", "--dir"])?;
    let mut sample = Sample::of(options.number("--size")?.ok_or(USAGE)?);
    let Some(dir) = options.text("--dir") else {
        if options.text("--seed").is_some() {
            return Err("a desk of another seed needs --dir: bench takes its own for the same every time".into());
        }
        println!("{}", bench::desk(sample)?.display());
        return Ok(ExitCode::SUCCESS);
    };
    sample.seed = options.number("--seed")?.map_or(sample.seed, |seed| seed as u64);
    let made = sample::make(Path::new(dir), sample)?;
    println!("{}: {} tickets in {} commits", dir, made.tickets, made.commits);
    Ok(ExitCode::SUCCESS)
}

fn bench(words: &[String]) -> Result<ExitCode, Failure> {
    let options = Options::read(words, &["--size", "--runs", "--cold-runs", "--json"])?;
    let bench = Bench {
        sample: Sample::of(options.number("--size")?.unwrap_or(10_000)),
        runs: options.number("--runs")?.unwrap_or(11).max(1),
        cold_runs: options.number("--cold-runs")?.unwrap_or(3),
        json: options.text("--json").map(PathBuf::from),
    };
    print!("{}", bench::bench(&bench)?);
    Ok(ExitCode::SUCCESS)
}

fn compare_links(words: &[String]) -> Result<ExitCode, Failure> {
    let options = Options::read(words, &["--bundle", "--csv", "--program"])?;
    let file = |name| options.text(name).map(PathBuf::from).ok_or(USAGE);
    let links = Links { bundle: file("--bundle")?, csv: file("--csv")?, program: program(&options)? };
    let outcome = links::run(&links)?;
    outcome.differences.iter().for_each(|difference| println!("{difference}"));
    println!("{}", outcome.summary);
    Ok(if outcome.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The program that is named, or this repository's own.
fn program(options: &Options) -> Result<PathBuf, Failure> {
    match options.text("--program") {
        Some(named) => Ok(std::path::absolute(named)?),
        None => torture::program(),
    }
}

fn torture(words: &[String]) -> Result<ExitCode, Failure> {
    let (what, rest) = words.split_first().ok_or(USAGE)?;
    let options = Options::read(rest, &["--clones", "--edits", "--seed", "--dir", "--program", "--every", "--only"])?;
    let program = program(&options)?;
    let outcome = match what.as_str() {
        "sync" => torture::sync::run(&torture::sync::Torture {
            clones: options.number("--clones")?.unwrap_or(8).max(1),
            edits: options.number("--edits")?.unwrap_or(100),
            seed: options.number("--seed")?.unwrap_or(1) as u64,
            dir: options.text("--dir").map(PathBuf::from),
            program,
        })?,
        "kills" => torture::kills::run(&torture::kills::Kills {
            every: options.number("--every")?.unwrap_or(1).max(1),
            program,
        })?,
        "faults" => torture::faults::run(&torture::faults::Faults {
            every: options.number("--every")?.unwrap_or(1).max(1),
            only: options.text("--only").map(str::to_owned),
            program,
        })?,
        _ => return Err(USAGE.into()),
    };
    outcome.violations.iter().for_each(|violation| println!("{violation}"));
    println!("{}", outcome.summary);
    Ok(if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Options with a value each.
struct Options(Vec<(String, String)>);

impl Options {
    fn read(words: &[String], known: &[&str]) -> Result<Self, Failure> {
        let mut out = Vec::new();
        for pair in words.chunks(2) {
            match pair {
                [name, value] if known.contains(&name.as_str()) => out.push((name.clone(), value.clone())),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(Self(out))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Failure> {
        let parse = |text: &str| text.parse().map_err(|_| format!("{name} needs a number, not {text}").into());
        self.text(name).map(parse).transpose()
    }
}
