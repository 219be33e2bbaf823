//! Calls to the installed git program, for what gix cannot do.

#[cfg(target_os = "linux")]
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{Error, io_error};

/// The git program of this machine, by absolute path.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    program: PathBuf,
    isolated: bool,
}

/// Variables that would point a child at another repository; git sets them for hooks, and we may run in one.
const SCRUBBED: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
];

impl Git {
    /// Finds git on the path; `isolated` keeps user and system configuration out.
    pub(crate) fn find(isolated: bool) -> Result<Self, Error> {
        let name = format!("git{}", std::env::consts::EXE_SUFFIX);
        let path = std::env::var_os("PATH").ok_or(Error::GitMissing)?;
        // A relative folder on the path would run a program out of whatever folder we are in.
        let mut folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
        let program = folders.find_map(|folder| Some(folder.join(&name)).filter(|file| file.is_file()));
        Ok(Self { program: program.ok_or(Error::GitMissing)?, isolated })
    }

    /// A call that works in `dir` and on the repository found there.
    pub(crate) fn command(&self, dir: &Path) -> Command {
        let mut command = Command::new(&self.program);
        for name in SCRUBBED {
            command.env_remove(name);
        }
        if self.isolated {
            command.env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
            command.env("GIT_CONFIG_NOSYSTEM", "1");
        }
        command.current_dir(dir).args(["-c", "core.fsmonitor=false"]);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a prepared call and gives what it printed.
    pub(crate) fn finish(&self, command: &mut Command) -> Result<Vec<u8>, Error> {
        let output = command.output().map_err(io_error(&self.program))?;
        self.finished(command, output)
    }

    /// As [`Git::finish`], with `input` on its stdin.
    pub(crate) fn finish_with(&self, command: &mut Command, input: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = io_error(&self.program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(io_error(&self.program))?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // It may answer before it has read all. One that stops reading says why.
            scope.spawn(move || stdin.map(|mut stdin| std::io::Write::write_all(&mut stdin, input)));
            child.wait_with_output()
        });
        self.finished(command, output.map_err(failed)?)
    }

    fn finished(&self, command: &Command, output: std::process::Output) -> Result<Vec<u8>, Error> {
        if output.status.success() {
            return Ok(output.stdout);
        }
        // The first two arguments are the fixed `-c core.fsmonitor=false`.
        let command = command.get_args().nth(2).map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default();
        Err(Error::GitFailed { command, output: printed(&output) })
    }
}

/// What a failed child had to say, both streams.
pub(crate) fn printed(output: &std::process::Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !stdout.trim().is_empty() {
        text.push('\n');
        text.push_str(stdout.trim());
    }
    text.trim().to_owned()
}

/// Whether a git program may be running on this machine; true where that cannot be seen.
///
/// One in another container that shares the repository is not seen.
#[cfg(target_os = "linux")]
pub(crate) fn may_be_running() -> bool {
    // Where the processes of others are hidden, so is the first one.
    if std::fs::read("/proc/1/comm").is_err() {
        return true;
    }
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let ids = processes.flatten().filter(|entry| entry.file_name().as_encoded_bytes()[0].is_ascii_digit());
    ids.into_iter().any(|entry| is_running_git(&entry.path()))
}

/// Whether a process is a git that still does something: one that has ended and that nobody has asked after keeps its name.
#[cfg(target_os = "linux")]
fn is_running_git(process: &Path) -> bool {
    // More would cost two more calls for each of what may be hundreds of processes.
    let mut name = [0; 3];
    let opened = std::fs::File::open(process.join("comm"));
    if !opened.is_ok_and(|mut file| file.read_exact(&mut name).is_ok()) || name != *b"git" {
        return false;
    }
    // `12 (git) Z ...`: the name may itself hold a parenthesis.
    let stat = std::fs::read(process.join("stat")).unwrap_or_default();
    !matches!(stat.rsplit(|byte| *byte == b')').next(), Some([b' ', b'Z' | b'X', ..]))
}

/// Whether a git program may be running on this machine; true where that cannot be seen.
#[cfg(not(target_os = "linux"))]
pub(crate) fn may_be_running() -> bool {
    true
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_git_that_has_ended_is_not_running() {
        let mut git = Command::new("git");
        let mut child =
            git.args(["hash-object", "--stdin"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let process = PathBuf::from(format!("/proc/{}", child.id()));
        let said = |file: &str| std::fs::read_to_string(process.join(file)).unwrap();
        // It has our name until it is on its way.
        while said("comm") != "git\n" {
            std::thread::yield_now();
        }
        assert!(is_running_git(&process), "it waits for what it is to hash");
        drop(child.stdin.take());
        let mut hash = String::new();
        // Ends when the process has closed it, which is a moment before the process is gone.
        child.stdout.take().unwrap().read_to_string(&mut hash).unwrap();
        while !said("stat").contains(") Z") {
            std::thread::yield_now();
        }
        assert!(!is_running_git(&process), "nobody has asked after it yet");
        child.wait().unwrap();
        assert!(!is_running_git(&process), "it is gone");
    }

    #[test]
    fn a_program_of_another_name_is_no_git() {
        assert!(!is_running_git(Path::new("/proc/self")));
    }
}
