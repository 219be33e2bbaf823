pub fn nearest(_w: &str, _c: &[&str]) -> Vec<String> {
    vec![]
}
