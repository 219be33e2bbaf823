//! `cargo xtask tidy` as a test, so that a crossed border fails the build of whoever crossed it.

#[test]
fn the_house_is_tidy() {
    let found = xtask::tidy(std::path::Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
