//! Records that are committed, read from the file that has them or else from git.

use super::*;
use crate::record::slug::Slug;
use crate::record::{Kind, Name};

const KIM: &str = "people/kim.toml";

/// What the committed record says its name is; nothing where it cannot be read.
fn name(desk: &Desk) -> Option<String> {
    let (store, slug) = (desk.store(), Slug::parse("kim").unwrap());
    let snapshot = store.head_snapshot().unwrap();
    let blob = ObjectId::from_hex(desk.git(&["rev-parse", &format!("HEAD:{KIM}")]).as_bytes()).unwrap();
    let read = store.committed_record(&snapshot, Kind::Person, &Name::Slug(slug), KIM, blob).ok()?;
    Some(read.record.unwrap().text("name").to_owned())
}

#[test]
fn a_file_is_read_in_the_place_of_a_blob_only_while_it_is_that_blob() {
    let desk = Desk::new();
    desk.write(KIM, "name = \"Kim\"\n");
    desk.git(&["add", KIM]);
    desk.git(&["commit", "-qm", "Second"]);
    assert_eq!(name(&desk).as_deref(), Some("Kim"));
    let blob = desk.git(&["rev-parse", &format!("HEAD:{KIM}")]);
    let (object, kept) = (desk.dir.join(".git/objects").join(&blob[..2]).join(&blob[2..]), desk.dir.join("kept"));
    std::fs::rename(&object, &kept).unwrap();
    assert_eq!(name(&desk).as_deref(), Some("Kim"), "the file has it");
    desk.write(KIM, "name = \"Kym\"\n");
    assert_eq!(name(&desk), None, "only git has it, and git has lost it");
    std::fs::rename(&kept, &object).unwrap();
    assert_eq!(name(&desk).as_deref(), Some("Kim"), "an edit is not what is committed");
    std::fs::remove_file(desk.dir.join(KIM)).unwrap();
    assert_eq!(name(&desk).as_deref(), Some("Kim"));
    std::fs::create_dir(desk.dir.join(KIM)).unwrap();
    assert_eq!(name(&desk).as_deref(), Some("Kim"));
    std::fs::remove_dir(desk.dir.join(KIM)).unwrap();
    #[cfg(unix)]
    {
        assert!(Command::new("mkfifo").arg(desk.dir.join(KIM)).status().unwrap().success());
        assert_eq!(name(&desk).as_deref(), Some("Kim"), "nobody waits for what a pipe brings");
    }
}
