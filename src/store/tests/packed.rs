//! Objects that are looked up in packs one by one.

use gix::objs::Find;

use super::*;

/// A desk whose objects lie in a pack with differences, but for those of the last commit; its ids.
fn desk(hash: &str) -> (Desk, Vec<ObjectId>) {
    let desk = Desk::unborn();
    std::fs::remove_dir_all(desk.dir.join(".git")).unwrap();
    desk.git(&["init", "-q", "-b", "main", &format!("--object-format={hash}")]);
    let text = |last: usize| (0..=last).map(|line| format!("# line {line} of many\n")).collect::<String>();
    for last in 40..50 {
        desk.write("tickets/2026-11/aaa.toml", &text(last));
        desk.git(&["add", "."]);
        desk.git(&["commit", "-qm", "Another line"]);
    }
    desk.git(&["repack", "-q", "-a", "-d"]);
    desk.write("src/code.rs", "fn main() {}\n");
    desk.git(&["add", "."]);
    desk.git(&["commit", "-qm", "Code"]);
    let ids = ids(&desk);
    (desk, ids)
}

fn ids(desk: &Desk) -> Vec<ObjectId> {
    let listed = desk.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    listed.lines().map(|id| ObjectId::from_hex(id.as_bytes()).unwrap()).collect()
}

fn in_memory(store: &Store) -> usize {
    store.repo().objects.num_objects_in_memory()
}

#[test]
fn objects_are_found_in_packs_as_git_has_them() {
    for hash in ["sha1", "sha256"] {
        let (desk, ids) = desk(hash);
        let deltas = desk.git(&["cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"]);
        assert!(deltas.lines().any(|base| !base.trim_matches('0').is_empty()), "{deltas}");
        let store = desk.store();
        let read = store.with_objects_beside(&ids, 0);
        assert_eq!(in_memory(&read), ids.len(), "{hash}");
        for id in &ids {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            let found = read.repo().objects.try_find(id, &mut ours).unwrap().unwrap().kind;
            assert_eq!(found, store.repo().objects.try_find(id, &mut theirs).unwrap().unwrap().kind);
            assert_eq!(ours, theirs);
        }
        // Others are asked of git.
        let head = store.head().unwrap().commit.unwrap();
        let none = store.with_objects_beside(&[store.null_id()], 0);
        assert_eq!(in_memory(&none), 0);
        assert_eq!(none.commit_info(head).unwrap().message, "Code\n");
    }
}

#[test]
fn offsets_of_large_packs_are_read() {
    let (desk, _) = desk("sha1");
    desk.git(&["repack", "-q", "-a", "-d"]);
    let folder = desk.dir.join(".git/objects/pack");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let pack = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
    std::fs::remove_file(pack.with_extension("idx")).unwrap();
    let _ = std::fs::remove_file(pack.with_extension("rev"));
    // As if the objects beyond the offset 64 lay beyond 2 GB.
    desk.git(&["index-pack", "--index-version=2,0x40", pack.to_str().unwrap()]);
    let ids = ids(&desk);
    assert_eq!(in_memory(&desk.store().with_objects_beside(&ids, 0)), ids.len());
}

#[test]
fn what_is_not_as_expected_is_left_to_gix() {
    let (desk, ids) = desk("sha1");
    let store = desk.store();
    assert_eq!(in_memory(&store.with_objects(&ids)), 0, "short lists are opened");
    let many: Vec<ObjectId> = ids.iter().cycle().take(100).copied().collect();
    assert_eq!(in_memory(&store.with_objects_beside(&many, 0)), 0, "for many objects lists are opened");
    // Bytes of the pack change one after the other: what is found is whole, or nothing is.
    desk.git(&["repack", "-q", "-a", "-d"]);
    let folder = desk.dir.join(".git/objects/pack");
    let paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "pack" || end == "idx")) {
        let mut permissions = path.metadata().unwrap().permissions();
        #[allow(clippy::permissions_set_readonly_false)]
        permissions.set_readonly(false);
        std::fs::set_permissions(path, permissions).unwrap();
        let whole = std::fs::read(path).unwrap();
        for at in (0..whole.len()).step_by(37) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            std::fs::write(path, &bytes).unwrap();
            let read = desk.store().with_objects_beside(&ids, 0);
            let found = read.repo().objects.clone().take_object_memory().unwrap_or_default();
            for (id, (kind, data)) in found.iter() {
                assert_eq!(gix::objs::compute_hash(id.kind(), *kind, data).unwrap(), *id, "byte {at}");
            }
        }
        for length in (0..whole.len()).step_by(97) {
            std::fs::write(path, &whole[..length]).unwrap();
            assert!(in_memory(&desk.store().with_objects_beside(&ids, 0)) <= ids.len());
        }
        std::fs::write(path, &whole).unwrap();
    }
    let (old, new) = (desk.git(&["rev-parse", "HEAD~1"]), desk.git(&["rev-parse", "HEAD"]));
    desk.git(&["replace", &old, &new]);
    assert_eq!(in_memory(&desk.store().with_objects_beside(&ids, 0)), 0, "one object stands for another");
}
