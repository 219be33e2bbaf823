//! Files that are damaged, missing, of enormous size or there twice: they are named, and all else goes on.

use crate::common::TestEnvironment;
use crate::reliability::{desk, ticket_file};

#[test]
fn an_unreadable_record_is_named_with_its_line_and_the_others_still_work() {
    let e = TestEnvironment::new();
    let bad = desk(&e);
    let good = e.staple_ok(&["new", "Another one"]).trim().to_owned();
    let file = ticket_file(&e, &bad);
    let sound = e.read(&file);
    let cases = [
        ("not TOML", sound.replace("title = \"The export fails\"", "title = The export fails"), ":1:"),
        (
            "a conflict",
            sound.replace("owner = \"sam\"", "<<<<<<< HEAD\nowner = \"sam\"\n=======\nowner = \"ada\"\n>>>>>>> theirs"),
            "conflict marker",
        ),
    ];
    for (what, text, said) in cases {
        e.write(&file, &text);
        let listed = e.staple(&["list"]);
        assert!(listed.stdout.contains(&good), "{what}: {listed}");
        assert!(listed.stderr.contains(&file) && listed.stderr.contains(said), "{what}: {listed}");
        assert_eq!(listed.status, 3, "{what}: {listed}");
        e.staple_ok(&["received", &good, "-m", what]);
        assert_eq!(e.read(&file), text, "{what}");
    }
}

#[test]
fn a_digest_tells_what_was_last_readable_and_says_so() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let told = e.staple_ok(&["digest", "managers", "--week", "this"]);
    assert!(told.contains("The export fails"), "{told}");
    let (file, sound) = (ticket_file(&e, &id), e.read(&ticket_file(&e, &id)));
    e.write(&file, sound.replace("title = \"The export fails\"", "title = The export fails"));
    e.git(&["commit", "-qam", "Break it"]);
    for index in ["auto", "off"] {
        e.git(&["config", "staple.index", index]);
        for args in [&["digest", "managers", "--week", "this"][..], &["digest", "managers", "--week", "this", "--json"]]
        {
            let broken = e.staple(args);
            assert!(broken.status == 3 && broken.stderr.contains(&format!("{file}:1:")), "{broken}");
            assert!(broken.stdout.contains("The export fails"), "{broken}");
        }
        // What was so before is told as it was.
        let before = ["digest", "managers", "--week", "this", "--as-of", "HEAD~1"];
        assert_eq!(e.staple_ok(&before), told);
    }
}

#[test]
fn a_person_that_git_cannot_give_stops_a_write_that_would_not_know_its_author() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let person = e.files().into_iter().find(|path| path.starts_with("people/")).unwrap();
    let blob = e.git(&["rev-parse", &format!("HEAD:{person}")]);
    let object = e.dir().join(".git/objects").join(&blob[..2]).join(blob[2..].trim());
    let whole = std::fs::read(&object).unwrap();
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "no object").unwrap();
    let head = e.git(&["rev-parse", "HEAD"]);
    let refused = e.staple(&["note", &id, "-m", "It is the length"]);
    assert!(refused.status == 3 && !refused.stderr.is_empty(), "{refused}");
    assert_eq!(e.git(&["rev-parse", "HEAD"]), head);
    std::fs::write(&object, whole).unwrap();
    e.staple_ok(&["note", &id, "-m", "It is the length"]);
    assert!(e.git(&["show", "HEAD"]).contains("by = \"sam\""));
    e.assert_clean();
}

#[test]
fn settings_of_the_desk_that_cannot_be_read_are_not_taken_for_none() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let text = e.read("staple.toml");
    std::fs::remove_file(e.dir().join("staple.toml")).unwrap();
    // A folder opens and cannot be read, by whomever.
    std::fs::create_dir(e.dir().join("staple.toml")).unwrap();
    for args in [["show", &id].as_slice(), &["note", &id, "-m", "It is the length"]] {
        let refused = e.staple(args);
        assert!(refused.status == 3 && refused.stderr.contains("staple.toml"), "{refused}");
    }
    std::fs::remove_dir(e.dir().join("staple.toml")).unwrap();
    e.write("staple.toml", text);
    e.staple_ok(&["note", &id, "-m", "It is the length"]);
    e.assert_clean();
}

#[test]
fn a_file_of_a_gigabyte_in_the_place_of_a_record_is_told_and_not_read() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let path = ticket_file(&e, &id);
    let text = e.read(&path);
    let file = std::fs::OpenOptions::new().write(true).open(e.dir().join(&path)).unwrap();
    // Sparse: it takes no place, and reading it takes all of it.
    file.set_len(1 << 30).unwrap();
    let listed = e.staple(&["list"]);
    assert!(listed.status == 3 && listed.stdout.contains(&id) && listed.stderr.contains(&path), "{listed}");
    let checked = e.staple(&["check"]);
    assert!(checked.status == 1 && checked.stdout.contains("1024 MB"), "{checked}");
    let refused = e.staple(&["set", &id, "product=atlas"]);
    assert!(refused.status == 3 && refused.stderr.contains("has uncommitted changes"), "{refused}");
    e.staple_ok(&["note", &id, "-m", "It is the length"]);
    drop(file);
    e.write(&path, text);
    e.staple_ok(&["set", &id, "product=atlas"]);
    e.assert_clean();
}

#[test]
fn a_blob_that_git_lost_hides_no_other_record() {
    let e = TestEnvironment::new();
    let lost = desk(&e);
    let id = e.staple_ok(&["new", "The invoice is wrong"]).lines().next().unwrap()[..8].to_owned();
    let path = ticket_file(&e, &lost);
    let blob = e.git(&["rev-parse", &format!("HEAD:{path}")]);
    let (folder, rest) = blob.trim().split_at(2);
    let object = e.dir().join(".git/objects").join(folder).join(rest);
    let kept = e.home().join("kept");
    std::fs::rename(&object, &kept).unwrap();
    // An index as it was, one that cannot be made, and none.
    for prepare in [None, Some("fresh"), Some("off")] {
        match prepare {
            Some("off") => drop(e.git(&["config", "staple.index", "off"])),
            Some(_) => std::fs::remove_dir_all(e.dir().join(".git/staple")).unwrap(),
            None => {}
        }
        let checked = e.staple(&["check"]);
        assert!(checked.status == 1 && checked.stdout.contains(&path), "{prepare:?} {checked}");
        if prepare.is_some() {
            let listed = e.staple(&["list"]);
            let told = [&path, blob.trim(), "git fsck"].iter().all(|word| listed.stderr.contains(word));
            assert!(listed.status == 3 && listed.stdout.contains(&id) && told, "{prepare:?} {listed}");
        }
        e.staple_ok(&["show", &id]);
        for args in [&["bind"][..], &["check", "--fix"]] {
            let unknown = e.staple(args);
            assert!(unknown.status == 3 && unknown.stderr.contains(&path), "{unknown}");
        }
        let asked = e.staple(&["show", &lost]);
        assert!(
            asked.status == 3 && asked.stderr.contains("cannot be read") && asked.stderr.contains(&path),
            "{asked}"
        );
        let refused = e.staple(&["set", &lost, "product=atlas"]);
        assert!(refused.status == 3 && refused.stderr.contains("git fsck"), "{prepare:?} {refused}");
    }
    std::fs::rename(kept, object).unwrap();
    e.git(&["config", "--unset", "staple.index"]);
    assert!(e.staple_ok(&["list"]).contains(&lost));
    e.assert_clean();
}

/// One pull request that adds a file was enough: lists showed that one, and commands wrote the other.
#[test]
fn of_a_ticket_in_two_files_nobody_chooses_one_in_silence() {
    let e = TestEnvironment::with_repository();
    e.staple_ok(&["init"]);
    e.staple_ok(&["new", "Export stops", "--text", "It stops."]);
    let path = e.files().into_iter().find(|p| p.starts_with("tickets/") && p.matches('.').count() == 1).unwrap();
    let (_, file) = path.rsplit_once('/').unwrap();
    let id = file.strip_suffix(".toml").unwrap();
    let planted = format!("tickets/2025-01/{file}");
    e.write(&planted, e.read(&path).replace("title = \"Export stops\"", "title = \"Planted\""));
    e.git(&["add", "-A"]);
    e.git(&["commit", "-qm", "Plant one"]);
    for index in ["auto", "off"] {
        e.git(&["config", "staple.index", index]);
        for args in [&["list"][..], &[], &["search", "export"], &["bind"], &["show", id], &["digest", "managers"]] {
            let read = e.staple(args);
            assert!(read.status == 3 && read.stderr.contains(&planted) && read.stderr.contains(&path), "{read}");
        }
        for args in [
            &["set", id, "product=x"][..],
            &["take", id],
            &["note", id, "-m", "x"],
            &["note", id, "-m", "x", "--branch", "main"],
        ] {
            let refused = e.staple(args);
            assert!(refused.status == 3 && refused.stderr.contains("is in two files"), "{args:?} {refused}");
        }
    }
    // Of many tickets the places are looked up all at once.
    let mut many: Vec<String> = Vec::new();
    for number in 0..12 {
        e.staple_ok(&["new", &format!("Another one, {number}")]);
    }
    let others = e.files().into_iter().filter(|p| p.starts_with("tickets/") && p.matches('.').count() == 1);
    many.extend(others.filter(|p| *p != path && *p != planted).map(|p| p[p.len() - 11..p.len() - 5].to_owned()));
    let set = |ids: &[String]| {
        e.staple(&[&["set"], &*ids.iter().map(String::as_str).collect::<Vec<_>>(), &["product=x"]].concat())
    };
    assert_eq!(set(&many).status, 0);
    many.push(id.to_owned());
    let refused = set(&many);
    assert!(refused.status == 3 && refused.stderr.contains("is in two files"), "{refused}");
    let checked = e.staple(&["check"]);
    assert!(checked.stdout.contains("[two-files]") && !checked.stdout.contains("git mv"), "{checked}");
    e.git(&["rm", "-q", &planted]);
    e.git(&["commit", "-qm", "Take it away"]);
    e.staple_ok(&["note", id, "-m", "x"]);
    e.assert_clean();
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_record_is_told_and_the_record_stays_as_committed() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let file = ticket_file(&e, &id);
    std::fs::rename(e.dir().join(&file), e.dir().join("aside.toml")).unwrap();
    std::os::unix::fs::symlink(e.dir().join("aside.toml"), e.dir().join(&file)).unwrap();
    let ask = |args: &[&str], index: &str| {
        e.git(&["config", "staple.index", index]);
        let said = e.staple(args);
        assert!(said.status == 3 && said.stderr.contains("a symbolic link"), "{args:?} {index}: {said}");
        assert!(said.stdout.contains("The export fails"), "{args:?} {index}: {said}");
        (said.stdout, said.stderr)
    };
    // The first read with an index looks at everything, the next ones at what changed.
    assert_eq!(ask(&["list"], "auto"), ask(&["list"], "off"));
    assert_eq!(ask(&["list"], "auto"), ask(&["list"], "off"));
    assert_eq!(ask(&["show", &id], "auto"), ask(&["show", &id], "off"));
}

/// Git leaves the file of such a merge as HEAD has it, and nothing of it looks changed.
#[test]
fn a_file_that_the_other_side_took_away_is_told_as_unmerged() {
    let e = TestEnvironment::new();
    let id = desk(&e);
    let file = ticket_file(&e, &id);
    e.git(&["checkout", "--quiet", "-b", "side"]);
    e.git(&["rm", "--quiet", &file]);
    e.git(&["commit", "--quiet", "-m", "Take it away"]);
    e.git(&["checkout", "--quiet", "-"]);
    e.staple_ok(&["set", &id, "product=atlas"]);
    e.staple_ok(&["list"]);
    assert_ne!(e.try_git(&["merge", "--quiet", "side"]).status, 0);
    let ask = |index: &str| {
        e.git(&["config", "staple.index", index]);
        e.staple(&["list"])
    };
    let (with, without) = (ask("auto"), ask("off"));
    assert!(with.status == 3 && with.stderr.contains(&file), "{with}");
    assert_eq!((with.stdout, with.stderr), (without.stdout, without.stderr));
    e.git(&["merge", "--abort"]);
    assert_eq!((ask("auto").status, ask("off").status), (0, 0));
}
