//! Expected output in files: `tests/it/snapshots/NAME.txt`, rewritten with `STAPLE_BLESS=1 cargo test`.

use std::path::Path;

/// Checks text against its snapshot; with `STAPLE_BLESS=1` the text becomes the snapshot.
#[track_caller]
pub(crate) fn check_snapshot(name: &str, text: impl ToString) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots").join(format!("{name}.txt"));
    let bless = std::env::var_os("STAPLE_BLESS").is_some_and(|value| value == "1");
    if let Err(message) = compare(&path, &text.to_string(), bless) {
        panic!("{message}");
    }
}

pub(crate) fn compare(path: &Path, text: &str, bless: bool) -> Result<(), String> {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == text {
        return Ok(());
    }
    if bless {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("the snapshot is written");
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(expected.as_str(), text);
    let shown = diff.unified_diff().header("expected", "found").to_string();
    Err(format!("{} differs\n{shown}if this is right: STAPLE_BLESS=1 cargo test", path.display()))
}
