//! `Key: value` lines in commit messages.

/// The first line of `message`, trimmed.
pub fn subject(message: &str) -> &str {
    message.lines().next().unwrap_or("").trim()
}

/// Every `Key: value` line below the subject, in order, wherever it stands.
///
/// Git takes trailers from the last paragraph alone; people put text below them, and forges squash several messages into one.
pub fn trailers(message: &str) -> Vec<(String, String)> {
    message.lines().skip(1).filter_map(trailer).collect()
}

fn trailer(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(':')?;
    let wordlike = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let starts = key.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let value = value.strip_prefix([' ', '\t'])?.trim();
    (wordlike && starts && !value.is_empty()).then(|| (key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_are_found_anywhere_below_the_subject() {
        let message = "Fix: not a trailer\n\nTicket: T-7k3mqp\nmore text\nhttp://x\n\nOp-Id: abc\r\n: no\nNo Key: x\n";
        let expected = [("Ticket", "T-7k3mqp"), ("Op-Id", "abc")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(trailers(message), expected);
        assert_eq!(subject(message), "Fix: not a trailer");
    }
}
