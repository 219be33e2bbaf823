//! What others changed lies in the work tree as git itself would put it there.

use super::{Team, sync_ok};

#[test]
fn lines_end_as_git_would_have_them() {
    let t = Team::new();
    t.sam.write(".gitattributes", "*.bat text eol=crlf\n*.sh text eol=lf\n*.bin -text\n");
    for path in ["run.bat", "run.sh", "notes.txt", "raw.bin"] {
        t.sam.write(path, "one\ntwo\n");
    }
    t.sam.git(&["add", "."]);
    t.sam.git(&["commit", "--quiet", "-m", "Files"]);
    t.sam.staple_ok(&["set", &t.id, "severity=stuck"]);
    sync_ok(&t.sam);
    t.ada.git(&["config", "core.autocrlf", "true"]);
    sync_ok(&t.ada);
    for path in ["run.bat", "run.sh", "notes.txt", "raw.bin"] {
        let ours = t.ada.read(path);
        std::fs::remove_file(t.ada.dir().join(path)).unwrap();
        t.ada.git(&["restore", path]);
        assert_eq!(ours, t.ada.read(path), "{path}");
    }
    assert_eq!(t.ada.read("run.bat"), "one\r\ntwo\r\n");
    t.ada.assert_clean();
    // They are changed and taken away as others are.
    t.sam.write("run.bat", "three\n");
    t.sam.git(&["rm", "--quiet", "notes.txt"]);
    t.sam.git(&["commit", "--quiet", "-am", "Other files"]);
    sync_ok(&t.sam);
    t.ada.staple_ok(&["set", &t.id, "product=atlas"]);
    sync_ok(&t.ada);
    assert_eq!(t.ada.read("run.bat"), "three\r\n");
    t.ada.assert_clean();
    sync_ok(&t.sam);
    t.assert_level();
}

#[test]
fn a_new_file_that_sparse_checkout_leaves_out_gets_no_file() {
    let t = Team::new();
    t.ada.git(&["sparse-checkout", "set", "--cone", "tickets", "people", "src"]);
    t.sam.write("docs/new.md", "theirs\n");
    t.sam.write("src/new.rs", "theirs\n");
    t.sam.git(&["add", "."]);
    t.sam.git(&["commit", "--quiet", "-m", "Files"]);
    sync_ok(&t.sam);
    sync_ok(&t.ada);
    // An older git cannot be asked.
    assert_eq!(t.ada.dir().join("docs").exists(), !t.ada.git_is((2, 41)));
    assert_eq!(t.ada.read("src/new.rs"), "theirs\n");
    t.ada.assert_clean();
    t.ada.git(&["sparse-checkout", "disable"]);
    assert_eq!(t.ada.read("docs/new.md"), "theirs\n");
    t.assert_level();
}
