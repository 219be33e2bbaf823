//! The index file: whatever is wrong with it, answers stay right and the next one comes from a sound index.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::desks::small;
use super::questions::ask_these;
use crate::common::TestEnvironment;
use crate::merges::Dice;

const QUESTIONS: &[&[&str]] =
    &[&["list", "--all", "--json"], &["customer", "list", "--json"], &["search", "export", "--json"]];

/// A desk with a fresh index, all of it in one file.
struct Kept {
    e: TestEnvironment,
    id: String,
    answers: Vec<String>,
    sound: Vec<u8>,
}

impl Kept {
    fn new() -> Self {
        let (e, ids) = small();
        let mut kept = Self { e, id: ids[0].clone(), answers: Vec::new(), sound: Vec::new() };
        kept.answers = kept.ask();
        kept.remove();
        kept.ask();
        kept.sound = fs::read(kept.file()).unwrap();
        kept
    }

    fn folder(&self) -> PathBuf {
        self.e.dir().join(".git/staple")
    }

    fn file(&self) -> PathBuf {
        self.folder().join("index.sqlite")
    }

    fn remove(&self) {
        for name in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"] {
            let _ = fs::remove_file(self.folder().join(name));
            let _ = fs::remove_dir_all(self.folder().join(name));
        }
    }

    /// Puts bytes in the place of the index.
    fn put(&self, bytes: &[u8]) {
        self.remove();
        fs::write(self.file(), bytes).unwrap();
        only_ours(&self.file());
    }

    fn ask(&self) -> Vec<String> {
        let asked = QUESTIONS.iter().map(|question| question.to_vec());
        let asked = asked.chain([vec!["show", &self.id, "--json"], vec!["history", &self.id, "--json"]]);
        asked
            .map(|question| {
                let output = self.e.staple(&question);
                format!("{question:?} {output}")
            })
            .collect()
    }

    #[track_caller]
    fn answers_are_right(&self, what: &str) {
        let found = self.ask();
        for (found, right) in found.iter().zip(&self.answers) {
            assert_eq!(found, right, "{what}");
        }
        assert_eq!(left_over(&self.folder()), Vec::<String>::new(), "{what}");
    }

    /// Whether the index is there and answers, or every answer comes from reading everything.
    fn is_sound(&self) -> bool {
        fs::read(self.file()).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"))
    }
}

fn only_ours(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Files that somebody began to build and left.
fn left_over(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("building-")).collect()
}

#[test]
fn an_index_cut_short_at_any_length_is_made_again() {
    let kept = Kept::new();
    let size = kept.sound.len();
    let lengths = (0..size).step_by(size / 20).chain([1, 15, 16, 99, 100, 101, 4095, 4096, 4097, size - 1]);
    for length in lengths {
        kept.put(&kept.sound[..length]);
        kept.answers_are_right(&format!("cut to {length} of {size} bytes"));
        assert!(kept.is_sound(), "cut to {length} of {size} bytes");
    }
}

#[test]
fn a_page_of_the_index_that_is_lost_is_noticed() {
    let kept = Kept::new();
    let mut dice = Dice(5);
    for (page, start) in (0..kept.sound.len()).step_by(4096).enumerate() {
        for random in [false, true] {
            let mut bytes = kept.sound.clone();
            for byte in &mut bytes[start..start + 4096] {
                *byte = if random { dice.next() as u8 } else { 0 };
            }
            kept.put(&bytes);
            kept.answers_are_right(&format!("page {page}, random {random}"));
        }
    }
}

#[test]
fn a_foreign_file_in_the_place_of_the_index_is_replaced() {
    let kept = Kept::new();
    kept.put(b"not a database at all, but long enough to be looked at\n");
    kept.answers_are_right("text");
    assert!(kept.is_sound());
    let (other, _) = small();
    other.staple_ok(&["new", "Elsewhere"]);
    other.staple_ok(&["list"]);
    other.git(&["update-ref", "refs/heads/else", "HEAD"]);
    let theirs = other.dir().join(".git/staple");
    kept.remove();
    for name in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"] {
        if theirs.join(name).exists() {
            fs::copy(theirs.join(name), kept.folder().join(name)).unwrap();
        }
    }
    kept.answers_are_right("the index of another desk");
    // A log that belongs to another database, beside ours and beside none.
    for sound in [true, false] {
        kept.remove();
        if sound {
            kept.put(&kept.sound);
        }
        fs::copy(theirs.join("index.sqlite"), kept.folder().join("index.sqlite-journal")).unwrap();
        kept.answers_are_right(&format!("a foreign journal, beside an index {sound}"));
        fs::write(kept.folder().join("index.sqlite-wal"), b"not a log").unwrap();
        fs::write(kept.folder().join("index.sqlite-shm"), vec![7; 32768]).unwrap();
        kept.answers_are_right(&format!("a foreign log, beside an index {sound}"));
    }
}

#[test]
fn tables_of_another_make_are_replaced() {
    let kept = Kept::new();
    for sql in [
        "PRAGMA user_version = 99",
        "UPDATE meta SET value = '9.9.9' WHERE key = 'program'",
        "UPDATE meta SET value = x'00' WHERE key = 'head'",
        "DELETE FROM meta",
        "UPDATE meta SET value = value + 1 WHERE key = 'scope'",
        "CREATE TABLE more (x)",
        "CREATE VIEW more AS SELECT 1",
        "CREATE TRIGGER more AFTER DELETE ON edited BEGIN DELETE FROM ticket; END",
        "DROP TABLE twice",
        "DROP INDEX ticket_id",
        "CREATE TABLE words_more (x)",
        "UPDATE ticket SET blob = zeroblob(20)",
        "UPDATE record SET blob = zeroblob(20)",
        "UPDATE message SET blob = zeroblob(20)",
        "UPDATE ticket SET opened = 'never'",
        "UPDATE ticket SET title = x'ff00ff'",
        "UPDATE ticket SET opened = 9223372036854775807, next_update = -9223372036854775808, last_contact = 9223372036854775807",
    ] {
        kept.put(&kept.sound);
        let database = rusqlite::Connection::open(kept.file()).unwrap();
        database.execute_batch(sql).unwrap();
        drop(database);
        kept.answers_are_right(sql);
    }
}

#[test]
fn what_is_no_file_in_the_place_of_the_index_is_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let kept = Kept::new();
    let elsewhere = kept.e.home().join("mine.txt");
    fs::write(&elsewhere, "mine\n").unwrap();
    kept.remove();
    symlink(&elsewhere, kept.file()).unwrap();
    symlink(&elsewhere, kept.folder().join("index.building-1-0")).unwrap();
    kept.answers_are_right("a link");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine\n");
    assert!(!kept.file().symlink_metadata().unwrap().is_symlink(), "the link gives way");

    kept.remove();
    fs::create_dir_all(kept.file().join("inside")).unwrap();
    kept.answers_are_right("a folder");
    kept.remove();

    kept.put(&kept.sound);
    fs::set_permissions(kept.file(), fs::Permissions::from_mode(0o400)).unwrap();
    kept.answers_are_right("read-only");
    kept.put(&kept.sound);
    fs::set_permissions(kept.file(), fs::Permissions::from_mode(0o666)).unwrap();
    kept.answers_are_right("anybody may write it");
    assert_eq!(fs::metadata(kept.file()).unwrap().permissions().mode() & 0o777, 0o600);

    // The folder itself is a file, and cannot be written.
    kept.remove();
    fs::remove_dir_all(kept.folder()).unwrap();
    fs::write(kept.folder(), "a file\n").unwrap();
    assert_eq!(kept.ask(), kept.answers, "a file in the place of the folder");
}

#[test]
fn a_builder_that_is_killed_leaves_nothing_behind() {
    let kept = Kept::new();
    for round in 0..25u64 {
        if round % 2 == 0 {
            kept.remove();
        } else {
            kept.e.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
        }
        let mut command = kept.e.staple_command(&["list", "--all", "--json"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(1_500 * round));
        let _ = child.kill();
        child.wait().unwrap();
        let question: Vec<Vec<&str>> = vec![vec!["list", "--all", "--json"], vec!["history", &kept.id]];
        ask_these(&kept.e, &question);
    }
    // Whoever builds next clears up after those that are gone.
    fs::write(kept.folder().join("index.building-4711"), "begun\n").unwrap();
    fs::write(kept.folder().join("index.building-4711-wal"), "begun\n").unwrap();
    kept.remove();
    kept.e.staple_ok(&["list"]);
    assert_eq!(left_over(&kept.folder()), Vec::<String>::new());
}

#[test]
fn an_object_that_only_history_needs_may_be_missing() {
    let kept = Kept::new();
    kept.remove();
    let path = super::desks::path_of(&kept.e, &kept.id);
    let first = kept.e.git(&["log", "--format=%H", "--diff-filter=A", "--", &path]);
    let blob = kept.e.git(&["rev-parse", &format!("{}:{path}", first.trim())]);
    let (folder, rest) = blob.trim().split_at(2);
    fs::remove_file(kept.e.dir().join(".git/objects").join(folder).join(rest)).unwrap();
    for _ in 0..2 {
        ask_these(&kept.e, &[vec!["list", "--all", "--json"], vec!["show", &kept.id], vec!["search", "export"]]);
        assert_eq!(kept.e.staple(&["list"]).status, 0);
    }
}

#[test]
fn a_full_disk_fails_no_command() {
    let kept = Kept::new();
    kept.remove();
    for kilobytes in [1, 20, 60, 200] {
        let command = kept.e.staple_command(&["list", "--all", "--json"]);
        let script = format!("ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
        let mut limited = std::process::Command::new("bash");
        limited.arg("-c").arg(script).arg(command.get_program()).args(command.get_args());
        limited.current_dir(kept.e.dir()).env_clear();
        limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = limited.output().unwrap();
        let found = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{kilobytes} kB: {}", String::from_utf8_lossy(&output.stderr));
        assert!(kept.answers[0].contains(found.trim()), "{kilobytes} kB");
    }
    kept.answers_are_right("after a full disk");
}

#[test]
fn a_write_succeeds_whatever_the_index_is() {
    let kept = Kept::new();
    for (round, broken) in [&b"rubbish"[..], b"", &kept.sound[..5000]].into_iter().enumerate() {
        kept.put(broken);
        kept.e.staple_ok(&["note", &kept.id, "-m", &format!("note {round}")]);
        let shown = kept.e.staple_ok(&["show", &kept.id]);
        assert!(shown.contains(&format!("note {round}")), "{shown}");
    }
    kept.remove();
    fs::create_dir_all(kept.file().join("inside")).unwrap();
    kept.e.staple_ok(&["note", &kept.id, "-m", "beside a folder"]);
    assert!(kept.e.staple_ok(&["show", &kept.id]).contains("beside a folder"));
}
