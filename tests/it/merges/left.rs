//! What a merge leaves where nobody marked it, where the driver fails, and where texts hold marks of their own: no side is
//! ever dropped without a word.

use staple::record::Kind;
use staple::text::merge::{Choice, Conflict, Marks, OwnMarks, Side, Versions, merge, sides_beside};

use super::git::{branches, desk_with_driver, labels, make_executable, try_merge, with_program};
use super::{Dice, desk_with_a_ticket, id_of};
use crate::common::TestEnvironment;

const OURS: [(&str, &str); 2] = [("cause", "the disk"), ("product", "Ledger")];
const THEIRS: [(&str, &str); 2] = [("cause", "the cache"), ("version", "2")];

/// A merge of a ticket that attributes forbid: git leaves our side, and no marks.
fn unmarked() -> (TestEnvironment, String) {
    let (sam, path) = desk_with_driver();
    sam.write(".git/info/attributes", "/tickets/**/*.toml -merge\n");
    branches(&sam, &path, &OURS, &THEIRS);
    assert!(!try_merge(&sam, "other"));
    assert!(!sam.read(&path).contains("<<<<<<<") && sam.read(&path).contains("the disk"));
    (sam, path)
}

#[test]
fn a_file_that_git_left_unmarked_is_not_called_settled() {
    let (sam, path) = unmarked();
    let listed = sam.staple(&["conflicts"]);
    assert_eq!(listed.status, 4, "{listed}");
    assert!(listed.stdout.contains("the file is as main has it, without marks"), "{listed}");
    assert!(listed.stdout.contains("the cache"), "{listed}");
    let json: serde_json::Value = serde_json::from_str(&sam.staple(&["conflicts", "--json"]).stdout).unwrap();
    assert_eq!(json["items"][0]["stands"], "ours", "{json}");
    let before = sam.read(&path);
    sam.staple(&["conflicts", "--settle"]);
    assert_ne!(sam.git(&["ls-files", "--unmerged"]), "");
    assert_eq!(sam.read(&path), before);
    sam.staple_ok(&["conflicts", id_of(&path), "cause", "--theirs"]);
    let text = sam.read(&path);
    assert!(text.contains("product = \"Ledger\"") && text.contains("version = \"2\""), "{text}");
    assert!(text.contains("cause = \"the cache\""), "{text}");
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
}

#[test]
fn settling_an_unmarked_file_in_which_nothing_contradicts_writes_both_sides() {
    for version in ["--ours", "--theirs"] {
        let (sam, path) = desk_with_driver();
        sam.write(".git/info/attributes", "/tickets/**/*.toml -merge\n");
        branches(&sam, &path, &[("product", "Ledger")], &[("version", "2")]);
        assert!(!try_merge(&sam, "other"));
        sam.git(&["checkout", "--quiet", version, "--", &path]);
        assert_eq!(sam.staple(&["conflicts"]).status, 0);
        sam.staple_ok(&["conflicts", "--settle"]);
        let text = sam.read(&path);
        assert!(text.contains("product = \"Ledger\"") && text.contains("version = \"2\""), "{text}");
        assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
    }
}

#[test]
fn a_side_is_taken_or_a_file_mended_by_hand_and_the_merge_ends() {
    let (sam, path) = unmarked();
    // A side that was checked out whole is not staged without a further word.
    sam.git(&["checkout", "--quiet", "--theirs", "--", &path]);
    let listed = sam.staple(&["conflicts"]);
    assert!(listed.status == 4 && listed.stdout.contains("with nothing of main in it"), "{listed}");
    sam.staple_ok(&["conflicts", id_of(&path), "--ours"]);
    assert!(sam.read(&path).contains("cause = \"the disk\"") && sam.read(&path).contains("version = \"2\""));
    sam.git(&["commit", "--quiet", "--no-edit"]);
    sam.assert_clean();

    let (sam, path) = unmarked();
    sam.write(&path, sam.read(&path).replace("the disk", "the disk and the cache"));
    assert_eq!(sam.staple(&["conflicts"]).status, 0);
    sam.staple_ok(&["conflicts", "--settle"]);
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");

    let (sam, path) = unmarked();
    std::fs::remove_file(sam.dir().join(&path)).unwrap();
    let listed = sam.staple(&["conflicts"]);
    assert!(listed.status == 4 && listed.stdout.contains("is missing from the work tree"), "{listed}");
    sam.staple_ok(&["conflicts", &path, "--ours"]);
    assert!(sam.read(&path).contains("cause = \"the disk\"") && sam.read(&path).contains("version = \"2\""));
}

#[test]
fn an_unmarked_file_is_known_whatever_the_line_ends_of_the_work_tree() {
    let (sam, path) = desk_with_driver();
    branches(&sam, &path, &OURS, &THEIRS);
    sam.write(".git/info/attributes", "/tickets/**/*.toml -merge text eol=crlf\n");
    std::fs::remove_file(sam.dir().join(&path)).unwrap();
    sam.git(&["checkout", "--", &path]);
    assert!(!try_merge(&sam, "other"));
    assert!(sam.read(&path).contains("\r\n"), "{}", sam.read(&path));
    assert_eq!(sam.staple(&["conflicts"]).status, 4);
    sam.staple_ok(&["conflicts", id_of(&path), "--theirs"]);
    let text = sam.read(&path);
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
    assert!(text.contains("cause = \"the cache\"") && text.contains("product = \"Ledger\""), "{text}");
    assert!(!sam.git(&["show", &format!(":{path}")]).contains('\r'));
}

#[test]
fn a_driver_that_cannot_write_says_so_to_git_and_leaves_nothing_behind() {
    let sam = TestEnvironment::new();
    for name in ["base", "ours", "theirs"] {
        sam.write(name, format!("title = \"{name}\"\n"));
    }
    // A folder stands where the new file would be written.
    std::fs::create_dir(sam.dir().join("ours.staple-new")).unwrap();
    let run = sam.staple(&["merge-driver", "base", "ours", "theirs", "7", "topics/exports.toml"]);
    assert!(run.status > 1, "{run}");
    assert_eq!(sam.read("ours"), "title = \"ours\"\n");
}

#[cfg(unix)]
#[test]
fn whatever_becomes_of_the_driver_git_hears_0_or_1_and_the_file_is_marked() {
    // Failing, panicking, killed after it began to write, missing.
    for words in ["exit 3", "exit 101", "echo half > \"$6.staple-new\"; kill -9 $$", "exit 127"] {
        let (sam, path) = desk_with_a_ticket();
        let folder = sam.home().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("staple"), format!("#!/bin/sh\n{words}\n")).unwrap();
        make_executable(&folder.join("staple"));
        sam.set("PATH", &format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
        // Conflicts at many places, which `merge-file` counts in its exit code.
        let many = |value| ["cause", "product", "contact"].map(|key| (key, value));
        branches(&sam, &path, &many("a"), &many("b"));
        let merged = sam.try_git(&["merge", "--no-edit", "other"]);
        assert!(merged.status == 1 && merged.stdout.contains("CONFLICT (content)"), "{words}: {merged}");
        let mark = format!("<<<<<<< {}\n", labels(&sam, "other")[0]);
        assert!(sam.read(&path).matches(&mark).count() > 1, "{words}: {}", sam.read(&path));
        assert_eq!(sam.git(&["status", "--porcelain", "--ignored"]), format!("UU {path}\n"), "{words}");
    }
}

/// A line of a text that tells of conflicts: marks of several sizes, and lines that only begin like one.
fn line(dice: &mut Dice) -> String {
    let size = [7, 7, 7, 8, 9, 12][dice.below(6)];
    let sign = |sign: &str| sign.repeat(size);
    match dice.below(9) {
        0 => format!("{} HEAD", sign("<")),
        1 | 2 => sign("="),
        3 => format!("{} other", sign(">")),
        4 => format!("{} base", sign("|")),
        5 => sign(["<", ">", "|"][dice.below(3)]),
        6 => format!("{}x", sign("<")),
        7 => format!("  {}", sign("=")),
        _ => format!("word {}", dice.below(1_000)),
    }
}

fn text(dice: &mut Dice) -> Vec<String> {
    (0..dice.below(7)).map(|_| line(dice)).collect()
}

/// The lines with some put in, taken out or changed.
fn edited(lines: &[String], dice: &mut Dice) -> Vec<String> {
    let mut out = lines.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(out.len() + 1);
        match dice.below(3) {
            0 if at < out.len() => drop(out.remove(at)),
            1 if at < out.len() => out[at] = line(dice),
            _ => out.insert(at, line(dice)),
        }
    }
    out
}

/// A playbook with lines in a text, in a key of somebody's own and in a value on one line; written by hand, so that nothing is
/// escaped. What has no end is a file's last line now and then.
fn playbook(title: &str, own: &[String], prose: &[String], has_end: bool) -> String {
    let lines = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let (escaped, own, prose) = (own.join("\\n"), lines(own), lines(prose));
    let end = if has_end { "\n" } else { "" };
    format!(
        "# About\n\ntitle = \"{title}\"\n\nproblem = \"\"\"\n{prose}\"\"\"\n\nours = '''\n{own}'''\n\n\
         cause = \"x{escaped}\"\n\nlast = \"{title}\"{end}"
    )
}

#[test]
fn texts_with_marks_of_their_own_are_had_back_byte_for_byte() {
    let (mut contested, mut larger) = (0, 0);
    for seed in 1..=2_000 {
        let mut dice = Dice(seed);
        let (own, prose, has_end) = (text(&mut dice), text(&mut dice), dice.below(4) > 0);
        let base = playbook("before", &own, &prose, has_end);
        let mut side = |title| playbook(title, &edited(&own, &mut dice), &edited(&prose, &mut dice), has_end);
        let (ours, theirs) = (side("ours"), side("theirs"));
        let own = OwnMarks::of(&[&ours, &theirs]);
        let versions = Versions { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let merged = merge(Some(Kind::Playbook), versions, &Marks::default(), &[]);
        assert!(!merged.conflicts.is_empty(), "seed {seed}");
        let marked = String::from_utf8(merged.text).unwrap();
        let taken = sides_beside(&marked, &own).unwrap_or_else(|| panic!("seed {seed}: unclear\n{marked}"));
        larger += usize::from(taken.marks.as_ref().is_some_and(|marks| marks.size > 7));
        contested += merged.conflicts.len();
        for (wanted, had) in [(Side::Ours, &taken.ours), (Side::Theirs, &taken.theirs)] {
            let choice = |c: &Conflict| Choice { message: None, key: c.key.clone(), side: wanted };
            let choices: Vec<Choice> = merged.conflicts.iter().map(choice).collect();
            let chosen = merge(Some(Kind::Playbook), versions, &Marks::default(), &choices);
            assert!(chosen.conflicts.is_empty(), "seed {seed}: {:?}", chosen.conflicts);
            assert_eq!(*had, String::from_utf8(chosen.text).unwrap(), "seed {seed}\n{marked}");
        }
        // Where nothing was agreed on before, and no keys are known, each side is had back as it was.
        let (ours, theirs) = (format!("{ours}\n"), format!("{theirs}\n"));
        let versions = Versions { base: b"", ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let marked = String::from_utf8(merge(None, versions, &Marks::default(), &[]).text).unwrap();
        let taken = sides_beside(&marked, &own).unwrap_or_else(|| panic!("seed {seed}: unclear\n{marked}"));
        assert_eq!((&taken.ours, &taken.theirs), (&ours, &theirs), "seed {seed}");
    }
    assert!(contested > 4_000 && larger > 1_000, "{contested} conflicts, {larger} with larger marks");
}

/// A playbook whose text holds a heading underlined with as many signs as git's marks have, and a line like an end mark.
fn playbook_with_a_heading(person: &TestEnvironment) -> &'static str {
    let path = "playbooks/read-marks.toml";
    let problem = "--set=problem=What is this?";
    person.staple_ok(&["playbook", "new", "read-marks", "Read marks", problem, "--set", "cause=x"]);
    let told = "cause = \"\"\"\nMarks\n=======\nOne.\n>>>>>>> other\nEnd.\n\"\"\"";
    change(person, path, &[("cause = \"x\"", told), ("cause = \"\"\"\nx\n\"\"\"", told)]);
    path
}

fn change(person: &TestEnvironment, path: &str, pairs: &[(&str, &str)]) {
    let text = pairs.iter().fold(person.read(path), |text, (was, is)| text.replace(was, is));
    person.write(path, text);
    person.git(&["commit", "--quiet", "-am", "Change"]);
}

#[test]
fn a_side_is_taken_whole_though_its_text_holds_lines_like_marks() {
    let ours = ("--ours", "Merging\n=======\nOne, of ours.\n");
    for (side, kept) in [ours, ("--theirs", "Seeing\n=======\nOne, of theirs.\n")] {
        let sam = TestEnvironment::with_repository();
        with_program(&sam);
        sam.staple_ok(&["init"]);
        let path = playbook_with_a_heading(&sam);
        sam.git(&["checkout", "--quiet", "-b", "other"]);
        change(&sam, path, &[("Marks\n", "Seeing\n"), ("One.", "One, of theirs.")]);
        sam.git(&["checkout", "--quiet", "main"]);
        change(&sam, path, &[("Marks\n", "Merging\n"), ("One.", "One, of ours.")]);
        assert!(!try_merge(&sam, "other"));
        assert!(sam.read(path).contains(&format!("<<<<<<<< {}\n", labels(&sam, "other")[0])), "{}", sam.read(path));
        // Larger marks that somebody forgets are found as well.
        let checked = sam.staple(&["check"]);
        assert!(checked.status == 1 && checked.stdout.contains("conflict"), "{checked}");
        sam.staple_ok(&["conflicts", "read-marks", side]);
        let text = sam.read(path);
        assert!(text.contains(&format!("\n{kept}>>>>>>> other\nEnd.\n")), "{side} {text}");
        assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
    }
}

#[test]
fn where_marks_of_git_cannot_be_told_from_the_texts_own_a_side_is_kept_whole() {
    let sam = TestEnvironment::with_repository();
    sam.staple_ok(&["init"]);
    sam.git(&["config", "--remove-section", "merge.staple"]);
    let path = playbook_with_a_heading(&sam);
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    change(&sam, path, &[("Marks\n=======\nOne.", "Seeing\n=======\nOne, of theirs.")]);
    sam.git(&["checkout", "--quiet", "main"]);
    change(&sam, path, &[("Marks\n=======\nOne.", "Merging\n-------\nOne, of ours.")]);
    let ours = sam.read(path);
    assert!(!try_merge(&sam, "other"));
    let marked = sam.read(path);
    assert!(marked.contains("<<<<<<< HEAD\n"), "{marked}");
    let listed = sam.staple(&["conflicts"]);
    assert!(listed.status == 4 && listed.stdout.contains("lines like conflict marks"), "{listed}");
    let refused = sam.staple(&["conflicts", path, "cause", "--ours"]);
    assert!(refused.status == 2 && refused.stderr.contains("lines like conflict marks"), "{refused}");
    sam.staple(&["conflicts", "--settle"]);
    assert_eq!(sam.read(path), marked);
    sam.staple_ok(&["conflicts", path, "--ours"]);
    assert_eq!(sam.read(path), ours);
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
}

/// A ticket with an attachment that both branches write, or one takes away; the attachment's path.
fn contested_attachment(other: Option<&[u8]>) -> (TestEnvironment, String) {
    let (sam, path) = desk_with_driver();
    sam.write("shot.png", b"\x89PNG\0before");
    sam.staple_ok(&["received", id_of(&path), "-m", "See.", "--attach", "shot.png"]);
    std::fs::remove_file(sam.dir().join("shot.png")).unwrap();
    let file = sam.files().into_iter().find(|file| file.ends_with(".shot.png")).unwrap();
    sam.git(&["checkout", "--quiet", "-b", "other"]);
    match other {
        Some(bytes) => sam.write(&file, bytes),
        None => std::fs::remove_file(sam.dir().join(&file)).unwrap(),
    }
    sam.git(&["commit", "--quiet", "-am", "Theirs"]);
    sam.git(&["checkout", "--quiet", "main"]);
    sam.write(&file, b"\x89PNG\0ours");
    sam.git(&["commit", "--quiet", "-am", "Ours"]);
    assert!(!try_merge(&sam, "other"));
    (sam, file)
}

#[test]
fn an_attachment_in_conflict_is_kept_whole() {
    type Case<'b> = (Option<&'b [u8]>, &'b str, Option<&'b [u8]>);
    let cases: [Case<'_>; 4] = [
        (Some(b"\x89PNG\0theirs"), "--ours", Some(b"\x89PNG\0ours")),
        (Some(b"\x89PNG\0theirs"), "--theirs", Some(b"\x89PNG\0theirs")),
        (None, "--ours", Some(b"\x89PNG\0ours")),
        (None, "--theirs", None),
    ];
    for (other, side, kept) in cases {
        let (sam, file) = contested_attachment(other);
        let listed = sam.staple(&["conflicts"]);
        let words = if other.is_some() { "both sides changed it, and it is kept whole" } else { "took it away" };
        assert!(listed.status == 4 && listed.stdout.contains(words), "{listed}");
        assert!(listed.stdout.contains("  an attachment\n"), "{listed}");
        assert!(listed.stderr.contains(&format!("staple conflicts {file} --ours")), "{listed}");
        sam.staple(&["conflicts", "--settle"]);
        assert_ne!(sam.git(&["ls-files", "--unmerged"]), "", "nothing is staged without a word");
        if kept.is_some() {
            // What was removed meanwhile comes back.
            std::fs::remove_file(sam.dir().join(&file)).unwrap();
        }
        sam.staple_ok(&["conflicts", &file, side]);
        assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
        assert_eq!(std::fs::read(sam.dir().join(&file)).ok().as_deref(), kept);
        sam.git(&["commit", "--quiet", "--no-edit"]);
        sam.assert_clean();
    }
}

/// Seen: one record that the other side made a link stopped all of `staple conflicts`, and nothing could be decided any more.
#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_record_stops_nothing_else() {
    let (sam, path) = desk_with_driver();
    sam.write("topics/login.toml", "title = \"Login\"\n");
    sam.git(&["add", "topics"]);
    sam.git(&["commit", "--quiet", "-m", "Add a topic"]);
    branches(&sam, &path, &OURS, &THEIRS);
    sam.write("topics/login.toml", "title = \"Cannot log in\"\n");
    sam.git(&["commit", "--quiet", "-am", "Say it better"]);
    sam.git(&["checkout", "--quiet", "other"]);
    std::fs::remove_file(sam.dir().join("topics/login.toml")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", sam.dir().join("topics/login.toml")).unwrap();
    sam.git(&["commit", "--quiet", "-am", "Make it a link"]);
    sam.git(&["checkout", "--quiet", "main"]);
    assert!(!try_merge(&sam, "other"));
    let listed = sam.staple(&["conflicts"]);
    assert!(listed.status == 4 && listed.stdout.contains("is a link, a folder or a submodule"), "{listed}");
    assert!(listed.stdout.contains("the cache"), "{listed}");
    sam.staple_ok(&["conflicts", id_of(&path), "--ours"]);
    // Git keeps a file and a link apart by giving the file another name.
    sam.git(&["rm", "--quiet", "--force", "topics/login.toml~HEAD"]);
    sam.git(&["checkout", "--quiet", "HEAD", "--", "topics/login.toml"]);
    assert_eq!(sam.git(&["ls-files", "--unmerged"]), "");
    sam.git(&["commit", "--quiet", "--no-edit"]);
    assert!(sam.read("topics/login.toml").contains("Cannot log in"));
}

#[test]
fn what_a_pick_has_nothing_left_of_is_skipped() {
    let (sam, path) = desk_with_driver();
    branches(&sam, &path, &[("cause", "the disk")], &[("cause", "the cache")]);
    assert_ne!(sam.try_git(&["cherry-pick", "other"]).status, 0);
    let unknown = sam.staple(&["conflicts", id_of(&path), "no-such-key"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("these are: cause"), "{unknown}");
    let decided = sam.staple(&["conflicts", id_of(&path), "--ours"]);
    assert!(decided.stderr.contains("git cherry-pick --skip"), "{decided}");
    sam.git(&["cherry-pick", "--skip"]);
    sam.staple_ok(&["note", id_of(&path), "-m", "done"]);
}
