//! Whole processes, measured from the start to the end, without a shell between.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Failure;
use crate::sample::NOW;

/// Where the kernel takes the wish to forget what it has read from disks.
const DROP_CACHES: &str = "/proc/sys/vm/drop_caches";
const GNU_TIME: &str = "/usr/bin/time";

/// What every measured process has around it, whoever calls.
#[derive(Debug, Clone)]
pub(super) struct Surroundings {
    home: PathBuf,
}

impl Surroundings {
    /// Makes a home with a made-up user in `home`, so that the settings of whoever measures do not count.
    pub(super) fn new(home: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(home)?;
        let git = "[user]\n\tname = Sam Sample\n\temail = sam@example.com\n[init]\n\tdefaultBranch = main\n\
                   [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n";
        std::fs::write(home.join(".gitconfig"), git)?;
        Ok(Self { home: home.to_owned() })
    }

    /// A program with these surroundings, begun in `folder`.
    pub(super) fn command(&self, program: impl Into<OsString>, folder: &Path) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(folder).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if ["GIT_", "STAPLE_", "XDG_", "TASK"].iter().any(|start| name_text.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        command
            .env("HOME", &self.home)
            .env("USER", "sam")
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("STAPLE_NOW", NOW);
        command
    }

    /// Runs a program to its end and returns what it prints.
    pub(super) fn output(&self, program: &str, folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
        let run = self.command(program, folder).args(arguments).output()?;
        if !run.status.success() {
            let said = String::from_utf8_lossy(&run.stderr);
            return Err(format!("{program} {}: {}", arguments.join(" "), said.trim()).into());
        }
        Ok(String::from_utf8_lossy(&run.stdout).into_owned())
    }
}

/// A command line to measure.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) folder: PathBuf,
    pub(super) variables: Vec<(String, OsString)>,
}

impl Line {
    pub(super) fn new(program: impl Into<OsString>, folder: &Path, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { program: program.into(), arguments, folder: folder.to_owned(), variables: Vec::new() }
    }

    fn command(&self, around: &Surroundings) -> Command {
        let mut command = around.command(&self.program, &self.folder);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Wall time of one run in milliseconds.
    pub(super) fn time(&self, around: &Surroundings) -> Result<f64, Failure> {
        let mut command = self.command(around);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let status = command.spawn()?.wait()?;
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        if status.success() { Ok(took) } else { Err(self.said(around).into()) }
    }

    /// What a run that failed says when it is run again.
    fn said(&self, around: &Surroundings) -> String {
        let said = self.command(around).output().map(|run| String::from_utf8_lossy(&run.stderr).trim().to_owned());
        format!("failed: {}", said.unwrap_or_default().lines().next().unwrap_or_default())
    }

    /// The most memory one run holds, in KiB, as GNU time has it from the kernel; nothing where that is not installed.
    pub(super) fn peak_kib(&self, around: &Surroundings) -> Option<u64> {
        let mut command = around.command(GNU_TIME, &self.folder);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let report = around.home.join("peak");
        command.arg("-f").arg("%M").arg("-o").arg(&report).arg(&self.program).args(&self.arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().ok().filter(|status| status.success())?;
        std::fs::read_to_string(report).ok()?.trim().parse().ok()
    }
}

/// Empties the page cache; says whether the machine lets us.
pub(super) fn forget_files() -> bool {
    // What is not yet written cannot be dropped.
    let synced = Command::new("sync").status().is_ok_and(|status| status.success());
    synced && std::fs::write(DROP_CACHES, "3").is_ok()
}
