//! Takes out of a text what tells whose it was: addresses, numbers and known names.
//!
//! What it cannot know (a name that stands nowhere else, a place, a project) stays; a person reads the text once more.

/// Words that say what kind of company it is; a name is known without them too.
const LEGAL_FORMS: &[&str] =
    &["gmbh", "ag", "kg", "se", "inc", "ltd", "llc", "corp", "co", "bv", "sa", "sas", "srl", "plc", "limited", "&"];
/// Fewer digits are counts, versions and years rather than numbers to call.
const CALLABLE: usize = 7;

/// Replaces known names, addresses and numbers.
#[derive(Debug, Default)]
pub(crate) struct Stripper {
    /// Texts and what stands for them, as told.
    known: Vec<(String, &'static str)>,
}

impl Stripper {
    /// A way to reach someone, `Ada Jones <ada@acme.example>` or only part of it: the name and each of its parts.
    pub(crate) fn address(&mut self, text: &str) {
        let (name, rest) = text.split_once('<').unwrap_or((text, ""));
        self.know(rest.trim_end_matches(['>', ' ']), "[address]");
        let name = name.trim().trim_matches('"');
        if name.contains('@') {
            return self.know(name, "[address]");
        }
        if name.chars().filter(char::is_ascii_digit).count() >= CALLABLE {
            return self.know(name, "[number]");
        }
        self.know(name, "[name]");
        for part in name.split_whitespace().filter(|part| part.chars().count() >= 3) {
            self.know(part, "[name]");
        }
    }

    /// The name of a customer, with and without its legal form.
    pub(crate) fn company(&mut self, name: &str) {
        self.know(name, "the customer");
        let words: Vec<&str> = name.split_whitespace().collect();
        let is_form = |word: &&str| LEGAL_FORMS.contains(&word.trim_end_matches(['.', ',']).to_lowercase().as_str());
        let kept = words.len() - words.iter().rev().take_while(|word| is_form(word)).count();
        self.know(words[..kept].join(" ").trim_end_matches(','), "the customer");
    }

    fn know(&mut self, text: &str, stand_in: &'static str) {
        let text = text.trim();
        if !text.is_empty() && !self.known.iter().any(|(known, _)| known.eq_ignore_ascii_case(text)) {
            self.known.push((text.to_owned(), stand_in));
            // The longest first, or "Acme" would leave the "GmbH" of "Acme GmbH".
            self.known.sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
        }
    }

    /// The text with a stand-in for each.
    pub(crate) fn strip(&self, text: &str) -> String {
        let mut text = addresses(text);
        for (known, stand_in) in &self.known {
            text = replace_word(&text, known, stand_in);
        }
        numbers(&text)
    }
}

/// Mail addresses: characters around an `@` with a dot after it.
fn addresses(text: &str) -> String {
    let in_local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    let in_domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let start = before.trim_end_matches(in_local).len();
        let end = after.len() - after.trim_start_matches(in_domain).len();
        let domain = after[..end].trim_end_matches(['.', '-']);
        if start < before.len() && domain.contains('.') {
            out.push_str(&before[..start]);
            out.push_str("[address]");
            rest = &after[domain.len()..];
        } else {
            out.push_str(&rest[..=at]);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Runs of digits, spaces and the marks of telephone numbers with seven digits or more; days such as 2026-11-22 stay.
fn numbers(text: &str) -> String {
    let in_number = |c: char| c.is_ascii_digit() || " +-()/.".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let run = &from[..from.len() - from.trim_start_matches(in_number).len()];
        let run = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let run = if run.is_empty() { &from[..1] } else { run };
        let part_of_word = before.ends_with(|c: char| c.is_alphabetic() || c == '_');
        let digits = run.chars().filter(char::is_ascii_digit).count();
        let is_number = digits >= CALLABLE && !part_of_word && !run.split(' ').any(is_day);
        out.push_str(if is_number { "[number]" } else { run });
        rest = &from[run.len()..];
    }
    out.push_str(rest);
    out
}

fn is_day(text: &str) -> bool {
    crate::record::time::Day::parse(text).is_some()
}

/// Replaces `word` where it stands as a word of its own, blind to case.
fn replace_word(text: &str, word: &str, stand_in: &str) -> String {
    let wanted: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_word = |c: Option<&(usize, char)>| c.is_some_and(|(_, c)| c.is_alphanumeric());
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = i + word.chars().count();
        let here = chars.get(i..end).is_some_and(|run| {
            run.iter().flat_map(|(_, c)| c.to_lowercase()).eq(wanted.iter().copied())
                && !(i > 0 && is_word(chars.get(i - 1)))
                && !is_word(chars.get(end))
        });
        if here {
            out.push_str(stand_in);
            i = end;
        } else {
            out.push(chars[i].1);
            i += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Stripper::default().strip(text), expected);
    }

    #[test]
    fn addresses_and_numbers_go_and_facts_stay() {
        check("write to a.b+c@mail.acme.example.", "write to [address].");
        check("@home costs 5 @ 3.50", "@home costs 5 @ 3.50");
        check("call (030) 123-45 67 or +1 555 0100 22", "call [number] or [number]");
        check("error 4711 in v2.4.1 since 2026-11-22 (2 GB)", "error 4711 in v2.4.1 since 2026-11-22 (2 GB)");
        check("order A12345678 (+)", "order A12345678 (+)");
    }

    #[test]
    fn names_go_as_whole_words_in_any_case() {
        let mut stripper = Stripper::default();
        stripper.company("Pär & Co. Ltd");
        stripper.address("\"Ada Jones\" <ada@par.example>");
        assert_eq!(stripper.strip("PÄR, pärs, Pär & Co. Ltd: ada"), "the customer, pärs, the customer: [name]");
        assert_eq!(stripper.strip("Adam of ADA@PAR.EXAMPLE"), "Adam of [address]");
        let mut empty = Stripper::default();
        empty.address("");
        empty.company("");
        assert_eq!(empty.strip("as it was"), "as it was");
    }
}
