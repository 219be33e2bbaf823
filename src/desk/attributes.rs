//! Which files git hands to the merge driver: lines in the desk's `.gitattributes`.
//!
//! Where the driver is not set up, as on a forge, git takes the lines for its own merge by lines.

use super::draft::Draft;
use super::error::WriteError;
use crate::store::layout::FOLDERS;

/// The file, from the desk's root.
pub const PATH: &str = ".gitattributes";

const ABOUT: &str = "# Records merge key by key where Staple is set up (staple setup), elsewhere by lines.";

/// Adds the lines that are missing to the desk's file, and says whether there were any. What else stands there is kept.
///
/// # Errors
/// When the file cannot be read.
pub fn put(draft: &mut Draft<'_>) -> Result<bool, WriteError> {
    let before = draft.text(PATH)?;
    let Some(after) = with_lines(&before) else { return Ok(false) };
    draft.write(PATH.to_owned(), Some(after.into_bytes()));
    Ok(true)
}

/// The text with a line for each folder of records; nothing when it has them all. A folder for which somebody said how to
/// merge it is left to them.
fn with_lines(text: &str) -> Option<String> {
    let patterns = FOLDERS.iter().map(|folder| format!("/{folder}/**/*.toml"));
    let patterns = std::iter::once("/staple.toml".to_owned()).chain(patterns);
    let is_said = |pattern: &str| {
        text.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(pattern) && words.any(|word| word.contains("merge") || word == "binary")
        })
    };
    let missing: Vec<String> =
        patterns.filter(|pattern| !is_said(pattern)).map(|pattern| format!("{pattern} merge=staple")).collect();
    if missing.is_empty() {
        return None;
    }
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = text.to_owned();
    if !out.is_empty() {
        if !out.ends_with('\n') {
            out.push_str(line_end);
        }
        out.push_str(line_end);
    }
    for line in std::iter::once(ABOUT).chain(missing.iter().map(String::as_str)) {
        out.push_str(line);
        out.push_str(line_end);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_added_once_and_others_are_kept() {
        let whole = with_lines("").unwrap();
        assert!(whole.contains("\n/staple.toml merge=staple\n/tickets/**/*.toml merge=staple\n"), "{whole}");
        assert_eq!(with_lines(&whole), None);
        let own = "*.png binary\n/tickets/**/*.toml -merge";
        let after = with_lines(own).unwrap();
        assert!(after.starts_with(&format!("{own}\n\n{ABOUT}\n/staple.toml merge=staple\n/playbooks/**")), "{after}");
        assert_eq!(with_lines(&after), None);
    }
}
