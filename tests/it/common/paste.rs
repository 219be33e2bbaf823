//! The commands that a message names, pasted into a shell.

use super::TestEnvironment;

/// Pastes what a message proposes between `from` and the end of its line, or `to`, into a shell that stands in `folder`.
#[track_caller]
pub(crate) fn paste(environment: &TestEnvironment, folder: &str, said: &str, from: &str, to: &str) -> String {
    let line = said.split_once(from).map(|(_, rest)| rest.lines().next().unwrap_or_default());
    let line = line.unwrap_or_else(|| panic!("{from}\n{said}"));
    let pasted = if to.is_empty() { line } else { line.split_once(to).expect(to).0 };
    let staple = environment.staple_command(&[]);
    let programs = std::path::Path::new(staple.get_program()).parent().expect("a folder").to_owned();
    let mut path = vec![programs];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", pasted]).current_dir(environment.dir().join(folder)).env_clear();
    shell.envs(staple.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.env("PATH", std::env::join_paths(path).expect("a PATH")).output().expect("a shell");
    let words = [output.stdout, output.stderr].concat();
    format!("{pasted}\n{}\n{}", output.status, String::from_utf8_lossy(&words))
}
