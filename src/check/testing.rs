//! Small desks for the tests of rules.

use super::{Clock, Find, Input};
use crate::desk::Records;
use crate::record::time::Time;

/// The day of the tests.
pub(crate) const TODAY: &str = "2026-11-22T09:15:00Z";

/// Runs one rule over files; findings are compared as `severity path: message`.
#[track_caller]
pub(crate) fn check(find: Find, files: &[(&str, &str)], expected: &[&str]) {
    check_with(find, files, &[], expected);
}

#[track_caller]
pub(crate) fn check_with(find: Find, files: &[(&str, &str)], clocks: &[Clock], expected: &[&str]) {
    let records = Records::read(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    let today = Time::parse(TODAY).map_or_else(|| unreachable!("a time"), Time::day);
    let found = find(&Input { records: &records, clocks, today });
    let shown: Vec<String> = found.iter().map(|f| format!("{} {}: {}", f.severity.word(), f.path, f.message)).collect();
    assert_eq!(shown, expected);
}

/// A ticket's text with more lines.
pub(crate) fn ticket(status: &str, more: &str) -> String {
    format!("title = \"a\"\nstatus = \"{status}\"\nopened = 2026-11-01T08:00:00Z\n{more}")
}

/// A message's text with more lines.
pub(crate) fn message(kind: &str, more: &str) -> String {
    format!("kind = \"{kind}\"\nat = 2026-11-02T08:00:00Z\ntext = \"x\"\n{more}")
}
