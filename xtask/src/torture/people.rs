//! People at machines of their own, each with a home and a clone of one desk.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::Failure;

/// A person with a clone, who has work of their own lying about in it.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: String,
    program: PathBuf,
    home: PathBuf,
    pub(super) desk: PathBuf,
}

/// What `git status --porcelain` says of the work lying about.
const OWN_WORK: &str = "AM own-staged.txt\n?? own-untracked.txt\n";
/// How often an unsound repository is looked at again, half a second apart.
const LOOKS: usize = 6;

impl Person {
    pub(super) fn new(dir: &Path, name: &str, program: &Path) -> Result<Self, Failure> {
        let (home, desk) = (dir.join(name).join("home"), dir.join(name).join("desk"));
        std::fs::create_dir_all(&home)?;
        std::fs::create_dir_all(&desk)?;
        let git = format!(
            "[user]\n\tname = {name}\n\temail = {name}@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n\
             [maintenance]\n\tauto = false\n[core]\n\tautocrlf = false\n[safe]\n\tdirectory = *\n"
        );
        std::fs::write(home.join(".gitconfig"), git)?;
        let person = Self { name: name.to_owned(), program: program.to_owned(), home, desk };
        // A repository of its own from the beginning: the folder may lie in another one, which must never be written to.
        person.git(&["init", "--quiet"])?;
        Ok(person)
    }

    /// Staged, edited and untracked work that nothing must touch.
    pub(super) fn leave_own_work(&self) -> Result<(), Failure> {
        std::fs::write(self.desk.join("own-staged.txt"), "staged\n")?;
        self.git(&["add", "own-staged.txt"])?;
        std::fs::write(self.desk.join("own-staged.txt"), "edited\n")?;
        Ok(std::fs::write(self.desk.join("own-untracked.txt"), "untracked\n")?)
    }

    /// What became of it; nothing when it is as it was left and there is nothing else.
    pub(super) fn own_work_wrong(&self) -> Result<Option<String>, Failure> {
        let status = self.git(&["status", "--porcelain"])?;
        if status != OWN_WORK {
            return Ok(Some(format!("git status of {}: {status:?}", self.name)));
        }
        let staged = self.git(&["show", ":own-staged.txt"])?;
        let edited = std::fs::read_to_string(self.desk.join("own-staged.txt"))?;
        Ok((staged != "staged\n" || edited != "edited\n").then(|| format!("{}'s own work was changed", self.name)))
    }

    /// What became of it, whatever else there is.
    pub(super) fn own_work_changed(&self) -> Result<Option<String>, Failure> {
        let status = self.git(&["status", "--porcelain"])?;
        let lost = OWN_WORK.lines().find(|own| !status.lines().any(|line| line == *own));
        let staged = self.git(&["show", ":own-staged.txt"]).unwrap_or_default();
        let edited = std::fs::read_to_string(self.desk.join("own-staged.txt"))?;
        let kept = lost.is_none() && staged == "staged\n" && edited == "edited\n";
        Ok((!kept).then(|| format!("own work was changed: {status:?}")))
    }

    /// The same person with a copy of the desk in another folder, which is made anew.
    pub(super) fn copy_to(&self, folder: &Path) -> Result<Self, Failure> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        let desk = folder.join("desk");
        let status = Command::new("cp").arg("-a").arg(&self.desk).arg(&desk).status()?;
        if !status.success() {
            return Err(format!("{} could not be copied", self.desk.display()).into());
        }
        let copy = Self { desk, ..self.clone() };
        // The staging area knows the files of the copy, as it would had they been checked out here.
        copy.git(&["update-index", "-q", "--refresh"]).or_else(|_| Ok::<_, Failure>(String::new()))?;
        Ok(copy)
    }

    fn prepared(&self, mut command: Command) -> Command {
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["GIT_", "STAPLE_", "XDG_"].iter().any(|start| text.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        command.current_dir(&self.desk).stdin(Stdio::null());
        command.env("GIT_CEILING_DIRECTORIES", self.desk.parent().unwrap_or(&self.desk));
        command.env("HOME", &self.home).env("LC_ALL", "C").env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    /// The program at a moment, a number of seconds after the beginning of a run.
    pub(super) fn staple_command(&self, moment: usize, args: &[&str]) -> Command {
        self.at(moment, Command::new(&self.program), args)
    }

    /// As [`Person::staple_command`], begun by another program that takes it as its last arguments.
    pub(super) fn under(&self, mut starter: Command, moment: usize, args: &[&str]) -> Command {
        starter.arg(&self.program);
        self.at(moment, starter, args)
    }

    fn at(&self, moment: usize, mut command: Command, args: &[&str]) -> Command {
        command.args(args);
        let mut command = self.prepared(command);
        let (hours, minutes, seconds) = (moment / 3600, moment / 60 % 60, moment % 60);
        let (day, hours) = (1 + hours / 24, hours % 24);
        command.env("STAPLE_NOW", format!("2026-11-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z"));
        command
    }

    pub(super) fn staple(&self, moment: usize, args: &[&str]) -> Result<Output, Failure> {
        Ok(self.staple_command(moment, args).output()?)
    }

    /// Runs the program, which must succeed, and gives what it wrote to stdout.
    pub(super) fn staple_ok(&self, moment: usize, args: &[&str]) -> Result<String, Failure> {
        let output = self.staple(moment, args)?;
        if !output.status.success() {
            return Err(format!("{}: staple {}: {}", self.name, args.join(" "), said(&output)).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs git, which must succeed, and gives what it wrote to stdout.
    pub(super) fn git(&self, args: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new("git");
        command.args(args);
        let output = self.prepared(command).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            // What `git fsck` finds is on its stdout.
            return Err(format!("{}: git {}: {} | {stdout}", self.name, args.join(" "), said(&output)).into());
        }
        Ok(stdout)
    }

    pub(super) fn head(&self) -> Result<String, Failure> {
        Ok(self.git(&["rev-parse", "HEAD"])?.trim().to_owned())
    }

    /// What `git fsck --strict` finds; nothing when all is sound.
    ///
    /// A git that a killed program had begun may still be fetching, and `git fsck` lists the objects before it reads the
    /// references: what is fetched in between it calls missing. So only what stays is told.
    pub(super) fn unsound(&self) -> Option<String> {
        let look = || self.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]).err();
        let mut found = look();
        for _ in 0..LOOKS {
            found.as_ref()?;
            std::thread::sleep(std::time::Duration::from_millis(500));
            found = look();
        }
        found.map(|error| error.to_string())
    }
}

/// What a run wrote to stderr, in a line.
pub(super) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " | ");
    format!("{}: {text}", output.status)
}

impl Person {
    /// Takes a copy of the desk at an address.
    pub(super) fn clone_from(&self, address: &str) -> Result<(), Failure> {
        self.git(&["remote", "add", "origin", address])?;
        self.git(&["fetch", "--quiet", "origin"])?;
        self.git(&["checkout", "--quiet", "-B", "main", "--track", "origin/main"]).map(drop)
    }
}

/// A bare repository that everybody exchanges with, and its address.
pub(super) fn hub(dir: &Path, owner: &Person) -> Result<String, Failure> {
    let path = dir.join("hub.git");
    let text = path.to_str().ok_or("the folder's name is no text")?;
    owner.git(&["init", "--quiet", "--bare", text])?;
    owner.git(&["--git-dir", text, "config", "gc.auto", "0"])?;
    owner.git(&["--git-dir", text, "config", "receive.autogc", "false"])?;
    Ok(format!("file://{text}"))
}
