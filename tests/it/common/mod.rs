//! A machine of its own for each test: home, git configuration, person, clock and seed.
//!
//! Nothing of the machine that runs the tests shows through, so what the program prints is the same everywhere.

#[cfg(unix)]
pub(crate) mod paste;
mod snapshot;

pub(crate) use snapshot::{check_snapshot, compare};

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A person at a machine, in a folder that commands run in.
pub(crate) struct TestEnvironment {
    root: tempfile::TempDir,
    dir: PathBuf,
    now: RefCell<String>,
    seed: Cell<u64>,
    variables: RefCell<Vec<(String, String)>>,
}

impl TestEnvironment {
    /// Sam with an empty folder and no repository, at 2026-11-22T09:15:00Z.
    pub(crate) fn new() -> Self {
        Self::of("Sam Rivers", "sam@example.org", 1)
    }

    /// Sam with an empty repository on the branch main.
    pub(crate) fn with_repository() -> Self {
        let environment = Self::new();
        environment.git(&["init", "--quiet"]);
        environment
    }

    fn of(name: &str, email: &str, seed: u64) -> Self {
        let root = tempfile::Builder::new().prefix("staple-").tempdir().expect("a folder for the test");
        // macOS gives a path through a symbolic link, which the program would print resolved.
        let base = root.path().canonicalize().expect("the folder's real path");
        let (dir, home) = (base.join("desk"), base.join("home"));
        for folder in [&dir, &home] {
            std::fs::create_dir(folder).expect("a folder");
        }
        let configuration = format!(
            "[user]\n\tname = {name}\n\temail = {email}\n[init]\n\tdefaultBranch = main\n[core]\n\tautocrlf = false\n\
             [commit]\n\tgpgsign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[pull]\n\trebase = false\n\
             [protocol \"file\"]\n\tallow = always\n"
        );
        std::fs::write(home.join(".gitconfig"), configuration).expect("git's configuration");
        Self {
            root,
            dir,
            now: RefCell::new("2026-11-22T09:15:00Z".to_owned()),
            seed: Cell::new(seed),
            variables: RefCell::default(),
        }
    }

    /// Another person with a clone of this repository, at the same time of day.
    pub(crate) fn clone_for(&self, name: &str, email: &str) -> Self {
        let other = Self::of(name, email, self.seed.get() + 1_000);
        other.at(&self.now.borrow());
        let from = self.dir.to_str().expect("a plain path");
        other.git(&["clone", "--quiet", from, "."]);
        other
    }

    /// The folder commands run in.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The person's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.with_file_name("home")
    }

    /// Moves the clock.
    pub(crate) fn at(&self, now: &str) -> &Self {
        *self.now.borrow_mut() = now.to_owned();
        self
    }

    /// Sets a variable for the commands that follow.
    pub(crate) fn set(&self, name: &str, value: &str) -> &Self {
        self.variables.borrow_mut().push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the program. Each run has a seed of its own, counted up, so that ids differ and are the same every time.
    pub(crate) fn staple(&self, args: &[&str]) -> Output {
        self.staple_with_input(args, "")
    }

    /// Runs the program with text on its input.
    pub(crate) fn staple_with_input(&self, args: &[&str], input: &str) -> Output {
        let output = self.run(self.staple_command(args), input);
        self.seed.set(self.seed.get() + 1);
        output
    }

    /// Runs the program, which must succeed, and gives what it wrote to stdout.
    #[track_caller]
    pub(crate) fn staple_ok(&self, args: &[&str]) -> String {
        let output = self.staple(args);
        assert!(output.status == 0, "staple {args:?}\n{output}");
        output.stdout
    }

    /// The program, ready to start; for tests that kill it or run many at once.
    pub(crate) fn staple_command(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_staple"), args);
        command.env("STAPLE_NOW", &*self.now.borrow()).env("STAPLE_SEED", self.seed.get().to_string());
        command
    }

    /// Runs git as this person at this time; it must succeed, and what it wrote to stdout is given.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status == 0, "git {args:?}\n{output}");
        output.stdout
    }

    /// Whether git is of this version or a later one: older ones know less.
    pub(crate) fn git_is(&self, wanted: (u32, u32)) -> bool {
        let said = self.git(&["--version"]);
        let mut numbers = said.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok());
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= wanted
    }

    /// As [`TestEnvironment::git`], with text on its input.
    #[track_caller]
    pub(crate) fn git_with_input(&self, args: &[&str], input: &str) -> String {
        let mut command = self.command("git", args);
        command.env("GIT_AUTHOR_DATE", &*self.now.borrow()).env("GIT_COMMITTER_DATE", &*self.now.borrow());
        let output = self.run(command, input);
        assert!(output.status == 0, "git {args:?}\n{output}");
        output.stdout
    }

    /// Runs git as this person at this time.
    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        let mut command = self.command("git", args);
        command.env("GIT_AUTHOR_DATE", &*self.now.borrow()).env("GIT_COMMITTER_DATE", &*self.now.borrow());
        self.run(command, "")
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// The text of a file.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The files git tracks or would add, sorted, for finding the path of a record with a random id.
    pub(crate) fn files(&self) -> Vec<String> {
        let listed = self.git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let mut files: Vec<String> = listed.split('\0').filter(|f| !f.is_empty()).map(str::to_owned).collect();
        files.sort();
        files.dedup();
        files
    }

    /// Checks what must hold after anything: a sound repository, and nothing left staged, changed or untracked.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        let fsck = self.try_git(&["fsck", "--strict", "--no-dangling"]);
        assert!(fsck.status == 0, "git fsck\n{fsck}");
        assert_eq!(self.git(&["status", "--porcelain"]), "", "git status");
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.dir).env_clear();
        for kept in ["PATH", "TMPDIR", "SystemRoot"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        let home = self.home();
        command
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.root.path())
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("NO_COLOR", "1")
            .envs(self.variables.borrow().iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self, mut command: Command, input: &str) -> Output {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("an input");
        let input = input.to_owned();
        // On a thread of its own, or a program that writes much before it reads would wait for us for ever.
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(input.as_bytes());
        });
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("the input is written");
        Output {
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
            status: output.status.code().unwrap_or(-1),
            root: self.dir.parent().map(Path::to_path_buf).unwrap_or_default(),
        }
    }
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit code; -1 when a signal ended it.
    pub(crate) status: i32,
    root: PathBuf,
}

/// All three in one text for snapshots, with the test's own folder as `$TMP`.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = self.root.to_string_lossy();
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", text.replace(&*root, "$TMP").trim_end_matches('\n'))?;
            }
        }
        writeln!(f, "--- status {}", self.status)
    }
}
