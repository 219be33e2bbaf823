//! Slugs: the names people choose.

use std::fmt;

/// A name of 1 to 50 characters, `[a-z0-9]+(-[a-z0-9]+)*`, and not a device name of Windows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

fn is_device(text: &str) -> bool {
    DEVICES.contains(&text)
        || (text.len() == 4
            && (text.starts_with("com") || text.starts_with("lpt"))
            && text.as_bytes()[3].is_ascii_digit()
            && text.as_bytes()[3] != b'0')
}

impl Slug {
    /// Reads a slug, strictly.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = !text.is_empty()
            && text.len() <= 50
            && text
                .split('-')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        (plain && !is_device(text)).then(|| Self(text.to_owned()))
    }

    /// The slug nearest to a title: lower case, runs of anything else as one hyphen, cut at a word. Nothing when no letter
    /// or digit of ASCII is left.
    pub fn from_title(title: &str) -> Option<Self> {
        let mut out = String::new();
        for c in title.chars() {
            match fold(c) {
                Some(c) => out.push(c),
                None if c == '\'' || c == '’' => {}
                None if !out.is_empty() && !out.ends_with('-') => out.push('-'),
                None => {}
            }
        }
        while out.len() > 50 || out.ends_with('-') {
            let cut = out.rfind('-').filter(|&at| at >= 10).unwrap_or(50.min(out.len() - 1));
            out.truncate(cut);
        }
        Self::parse(&out).or_else(|| Self::parse(&format!("{out}-1")))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fold(c: char) -> Option<char> {
    let c = c.to_lowercase().next().unwrap_or(c);
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => Some('a'),
        'ç' => Some('c'),
        'è' | 'é' | 'ê' | 'ë' => Some('e'),
        'ì' | 'í' | 'î' | 'ï' => Some('i'),
        'ñ' => Some('n'),
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => Some('o'),
        'ù' | 'ú' | 'û' | 'ü' => Some('u'),
        _ => None,
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn slugs_are_strict() {
        for good in ["a", "reset-password", "2fa", "a-b-c"] {
            assert!(Slug::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a_b", "é", "con", "lpt1", &"x".repeat(51)] {
            assert!(Slug::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn titles_become_slugs() {
        assert_eq!(Slug::from_title("Can't log in (Café)!").unwrap().as_str(), "cant-log-in-cafe");
        assert_eq!(Slug::from_title("???"), None);
        let long = Slug::from_title(&"word ".repeat(30)).unwrap();
        assert!(long.as_str().len() <= 50 && !long.as_str().ends_with('-'));
        assert_eq!(Slug::from_title("con").unwrap().as_str(), "con-1");
    }
}
