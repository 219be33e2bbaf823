//! The marks around a conflict, as git writes them, and what each side has in a text with such marks.

/// How conflicts are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// How many signs a mark has; git's own have seven.
    pub size: usize,
    /// What our side is called.
    pub ours: String,
    /// What their side is called.
    pub theirs: String,
}

impl Default for Marks {
    fn default() -> Self {
        Self { size: 7, ours: "ours".to_owned(), theirs: "theirs".to_owned() }
    }
}

impl Marks {
    /// Both sides of a conflict between their marks, each of whole lines.
    pub(super) fn around(&self, ours: &str, theirs: &str) -> String {
        let mark = |sign: &str, label: &str| format!("{} {label}", sign.repeat(self.size)).trim_end().to_owned();
        let (open, close) = (mark("<", &self.ours), mark(">", &self.theirs));
        format!("{open}\n{ours}{}\n{theirs}{close}\n", "=".repeat(self.size))
    }
}

/// A text with marked conflicts as either side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// With our side of every conflict.
    pub ours: String,
    /// With their side of every conflict.
    pub theirs: String,
    /// The marks of the first conflict; nothing when there is none.
    pub marks: Option<Marks>,
}

/// What stands between which marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Outside,
    Ours,
    Base,
    Theirs,
}

/// Takes a text apart at its marks; nothing when a conflict has no end.
pub fn sides(text: &str) -> Option<Sides> {
    let mut out = Sides { ours: String::new(), theirs: String::new(), marks: None };
    let (mut part, mut size) = (Part::Outside, 0);
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end_matches(['\n', '\r']);
        match part {
            Part::Outside => {
                if let Some((found, label)) = mark(plain, '<') {
                    (part, size) = (Part::Ours, found);
                    if out.marks.is_none() {
                        let theirs = label_after(text, found).unwrap_or_default();
                        out.marks = Some(Marks { size, ours: label.to_owned(), theirs });
                    }
                    continue;
                }
                out.ours.push_str(line);
                out.theirs.push_str(line);
            }
            Part::Ours if is_mark(plain, '|', size) => part = Part::Base,
            Part::Ours | Part::Base if is_mark(plain, '=', size) => part = Part::Theirs,
            Part::Ours => out.ours.push_str(line),
            Part::Base => {}
            Part::Theirs if is_mark(plain, '>', size) => part = Part::Outside,
            Part::Theirs => out.theirs.push_str(line),
        }
    }
    (part == Part::Outside).then_some(out)
}

/// How many signs a line of at least seven begins with, and the words behind them.
fn mark(line: &str, sign: char) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches(sign);
    let size = line.len() - rest.len();
    let label = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    (size >= 7).then_some((size, label))
}

fn is_mark(line: &str, sign: char, size: usize) -> bool {
    mark(line, sign).is_some_and(|(found, label)| found == size && (sign != '=' || label.is_empty()))
}

fn label_after(text: &str, size: usize) -> Option<String> {
    text.lines().find_map(|line| mark(line, '>').filter(|(found, _)| *found == size)).map(|(_, label)| label.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn marks_are_written_and_taken_apart() {
        let marks = Marks { size: 9, ours: "HEAD".to_owned(), theirs: "fix (a thing)".to_owned() };
        let text = format!("a = 1\n{}z = 1\n", marks.around("b = 1\n", "b = 2\n"));
        assert_eq!(text, "a = 1\n<<<<<<<<< HEAD\nb = 1\n=========\nb = 2\n>>>>>>>>> fix (a thing)\nz = 1\n");
        let found = sides(&text).unwrap();
        assert_eq!((found.ours.as_str(), found.theirs.as_str()), ("a = 1\nb = 1\nz = 1\n", "a = 1\nb = 2\nz = 1\n"));
        assert_eq!(found.marks, Some(marks));
    }

    #[test]
    fn a_base_between_the_sides_is_passed_over_and_a_conflict_needs_its_end() {
        let text = "<<<<<<< a\nx\n||||||| b\nw\n=======\ny\n>>>>>>> c\n";
        let found = sides(text).unwrap();
        assert_eq!((found.ours.as_str(), found.theirs.as_str()), ("x\n", "y\n"));
        assert_eq!(sides("<<<<<<< a\nx\n"), None);
        assert_eq!(sides("a\n").unwrap().marks, None);
    }
}
