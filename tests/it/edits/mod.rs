//! Text edits: each folder has a text, the kind and `key=value` lines, and the text that must come of it.

use staple::record::{Kind, Value};
use staple::text;

#[test]
fn only_what_is_set_changes() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/edits");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let case = entry.unwrap().path();
        if !case.is_dir() {
            continue;
        }
        let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap();
        let args = read("args");
        let mut lines = args.lines();
        let schema = Kind::from_word(lines.next().unwrap()).unwrap().schema();
        let sets: Vec<(&str, Value)> = lines
            .map(|line| {
                let (key, value) = line.split_once('=').unwrap();
                (key, text::typed(schema.key(key).unwrap().ty, value).unwrap())
            })
            .collect();
        assert_eq!(text::edit(&read("in.toml"), schema, &sets).unwrap(), read("out.toml"), "{}", case.display());
        cases += 1;
    }
    assert!(cases > 5, "{cases} cases");
}
