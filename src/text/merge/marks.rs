//! The marks around a conflict, as git writes them, and what each side has in a text with such marks.

use std::collections::BTreeSet;

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

/// Lines of the sides' own texts that look like marks, such as those of a text that tells of conflicts: a heading
/// underlined with seven signs is enough. The marks of a merge need another size, or they cut the text in the wrong place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnMarks(BTreeSet<(char, usize)>);

impl OwnMarks {
    /// Those in the contents of files. Line ends that are written as `\n` count, since a merge may write a text out by lines.
    pub fn of(contents: &[&str]) -> Self {
        let mut found = BTreeSet::new();
        for line in contents.iter().flat_map(|text| text.split('\n')) {
            for part in line.split("\\n").flat_map(|part| part.split(['"', '\''])) {
                let part = part.trim();
                let sign = part.chars().next().filter(|sign| SIGNS.contains(sign));
                found.extend(sign.and_then(|sign| Some((sign, mark(part, sign)?.0))));
            }
        }
        Self(found)
    }

    /// The first size from `least` on, and from git's seven on, that no line has.
    pub(super) fn free_size(&self, least: usize) -> usize {
        let mut size = least.max(LEAST);
        while SIGNS.iter().any(|sign| self.has(*sign, size)) {
            size += 1;
        }
        size
    }

    fn has(&self, sign: char, size: usize) -> bool {
        self.0.contains(&(sign, size))
    }
}

/// The signs that marks are made of.
const SIGNS: [char; 4] = ['<', '|', '=', '>'];

/// The size of git's own marks; shorter ones are not looked for.
const LEAST: usize = 7;

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
    sides_beside(text, &OwnMarks::default())
}

/// Takes a text apart at its marks, of which those that the sides have themselves are none. Nothing when a conflict has no
/// end, or when what is a mark of the merge and what a side's own cannot be told apart.
pub fn sides_beside(text: &str, own: &OwnMarks) -> Option<Sides> {
    let mut out = Sides { ours: String::new(), theirs: String::new(), marks: None };
    let (mut part, mut size) = (Part::Outside, 0);
    let mut is_unclear = false;
    let mut last_is_mark = false;
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end_matches(['\n', '\r']);
        last_is_mark = false;
        if part == Part::Outside {
            match mark(plain, '<') {
                Some((found, _)) if own.has('<', found) => is_unclear = true,
                Some((found, label)) => {
                    (part, size) = (Part::Ours, found);
                    if out.marks.is_none() {
                        let theirs = label_after(text, found).unwrap_or_default();
                        out.marks = Some(Marks { size, ours: label.to_owned(), theirs });
                    }
                    continue;
                }
                None => {}
            }
            out.ours.push_str(line);
            out.theirs.push_str(line);
            continue;
        }
        let sign = SIGNS.into_iter().find(|sign| is_mark(plain, *sign, size));
        part = match (part, sign) {
            (Part::Ours, Some('|')) if !own.has('|', size) => Part::Base,
            (Part::Ours | Part::Base, Some('=')) => Part::Theirs,
            (Part::Theirs, Some('>')) if !own.has('>', size) => Part::Outside,
            (_, Some(_)) => return None,
            (part, None) => {
                match part {
                    Part::Ours => out.ours.push_str(line),
                    Part::Theirs => out.theirs.push_str(line),
                    Part::Base | Part::Outside => {}
                }
                part
            }
        };
        last_is_mark = sign.is_some();
    }
    if last_is_mark && !text.ends_with('\n') {
        // A file whose last line has no end: the mark stands for that line.
        for side in [&mut out.ours, &mut out.theirs] {
            side.truncate(side.trim_end_matches('\n').trim_end_matches('\r').len());
        }
    }
    let is_told = part == Part::Outside && (out.marks.is_some() || !is_unclear);
    is_told.then_some(out)
}

/// How many signs a line of at least seven begins with, and the words behind them.
fn mark(line: &str, sign: char) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches(sign);
    let size = line.len() - rest.len();
    let label = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    (size >= LEAST).then_some((size, label))
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

    #[test]
    fn marks_of_the_texts_themselves_are_no_marks_of_the_merge() {
        let own = OwnMarks::of(&["x = \"\"\"\nNotes\n=======\n<<<<<<<<< HEAD\n\"\"\"\n", "y = \"one\\n>>>>>>>> two\""]);
        assert_eq!(own.free_size(7), 10);
        assert_eq!(OwnMarks::of(&["a =======", "b\n<<<<<<"]).free_size(7), 7);
        let marks = Marks { size: 10, ..Marks::default() };
        let text = marks.around("Notes\n=======\n", "<<<<<<<<< HEAD\n>>>>>>>> two\n");
        let found = sides_beside(&text, &own).unwrap();
        assert_eq!(
            (found.ours.as_str(), found.theirs.as_str()),
            ("Notes\n=======\n", "<<<<<<<<< HEAD\n>>>>>>>> two\n")
        );
        // Git's own merge knows nothing of them: clear with one middle, not with two.
        let unclear = Marks::default().around("Notes\n=======\n", "b\n");
        assert_eq!(sides_beside(&unclear, &own), None);
        let clear = Marks::default().around("a\n", "b\n");
        assert_eq!(sides_beside(&clear, &own).unwrap().ours, "a\n");
        assert_eq!(sides_beside("<<<<<<<<< HEAD\n", &own), None);
    }

    #[test]
    fn a_last_line_without_end_stays_one() {
        let found = sides("a\n<<<<<<< x\nb\n=======\nc\n>>>>>>> y").unwrap();
        assert_eq!((found.ours.as_str(), found.theirs.as_str()), ("a\nb", "a\nc"));
    }
}
