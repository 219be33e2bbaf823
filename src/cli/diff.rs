//! Differences for people to read.

use similar::{ChangeTag, TextDiff};

use super::ui::{Style, Ui};
use crate::desk::FileChange;
use crate::render::plain::clean_line;

/// Shows what changes in each file, in the form of `git diff`.
pub(crate) fn show_files(ui: &mut Ui, files: &[FileChange]) {
    for file in files {
        let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|b| String::from_utf8_lossy(b).into_owned());
        let (before, after) = (text(&file.before), text(&file.after));
        let name = |there: bool| if there { file.path.as_str() } else { "/dev/null" };
        ui.line(ui.style(Style::Bold, &format!("--- {}", name(before.is_some()))));
        ui.line(ui.style(Style::Bold, &format!("+++ {}", name(after.is_some()))));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        if before.contains('\0') || after.contains('\0') {
            ui.line("binary file");
            continue;
        }
        let diff = TextDiff::from_lines(&before, &after);
        for group in diff.grouped_ops(2) {
            for op in group {
                for change in diff.iter_changes(&op) {
                    let (mark, style) = match change.tag() {
                        ChangeTag::Delete => ("-", Some(Style::Red)),
                        ChangeTag::Insert => ("+", Some(Style::Green)),
                        ChangeTag::Equal => (" ", None),
                    };
                    let line = format!("{mark}{}", clean_line(change.value().trim_end_matches(['\n', '\r'])));
                    ui.line(style.map_or(line.clone(), |style| ui.style(style, &line)));
                }
            }
        }
    }
}
