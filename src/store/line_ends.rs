//! How lines end in the work tree: what git's settings and attributes make of a text on its way there.
//!
//! Only the way out is here; what is read back is compared without regard to line ends. The rules are those of git's convert.c.

use std::borrow::Cow;

/// What becomes of the ends of a file's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LineEnds {
    /// They stay as the blob has them.
    #[default]
    AsTheyAre,
    /// They become CRLF.
    Crlf,
    /// The same, if the file looks like a text that has no CR.
    CrlfOfText,
}

/// The settings of a repository that bear on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineEndSettings {
    /// `core.autocrlf`.
    pub(crate) autocrlf: String,
    /// `core.eol`.
    pub(crate) eol: String,
}

impl LineEndSettings {
    /// What becomes of a file with these values of its attributes `text` and `eol`.
    pub(crate) fn of(&self, text: &str, eol: &str) -> LineEnds {
        let is_input = self.autocrlf.eq_ignore_ascii_case("input");
        let is_true = ["true", "yes", "on", "1"].iter().any(|word| self.autocrlf.eq_ignore_ascii_case(word));
        let by_settings = match self.eol.to_ascii_lowercase().as_str() {
            _ if is_true || is_input => is_true,
            "crlf" => true,
            "lf" => false,
            _ => cfg!(windows),
        };
        let is_crlf = match (text, eol) {
            ("unset", _) => return LineEnds::AsTheyAre,
            ("input", _) | (_, "lf") => false,
            (_, "crlf") => true,
            ("set" | "auto", _) => by_settings,
            _ => is_true,
        };
        let is_named = text == "set" || text != "auto" && eol == "crlf";
        match (is_crlf, is_named) {
            (false, _) => LineEnds::AsTheyAre,
            (true, true) => LineEnds::Crlf,
            (true, false) => LineEnds::CrlfOfText,
        }
    }
}

impl LineEnds {
    /// A blob's bytes as the work tree has them.
    pub(crate) fn apply(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        let stays = match self {
            Self::AsTheyAre => true,
            Self::Crlf => false,
            Self::CrlfOfText => bytes.contains(&b'\r') || is_binary(bytes),
        };
        if stays || !bytes.contains(&b'\n') {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' && (at == 0 || bytes[at - 1] != b'\r') {
                out.push(b'\r');
            }
            out.push(*byte);
        }
        Cow::Owned(out)
    }
}

/// Whether git takes bytes without CR for no text: they have a NUL, or more than one in 128 that cannot be printed.
fn is_binary(bytes: &[u8]) -> bool {
    // The end of a file of old.
    let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
    let is_odd = |byte: &u8| *byte == 127 || *byte < 32 && !b"\n\x08\t\x1b\x0c".contains(byte);
    let odd = bytes.iter().filter(|byte| is_odd(byte)).count();
    let printable = bytes.iter().filter(|byte| !is_odd(byte) && **byte != b'\n').count();
    bytes.contains(&0) || printable >> 7 < odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_attributes_say_how_lines_end() {
        for (autocrlf, core_eol, text, eol, expected) in [
            ("", "lf", "unspecified", "unspecified", LineEnds::AsTheyAre),
            ("", "lf", "unspecified", "crlf", LineEnds::Crlf),
            ("", "lf", "auto", "crlf", LineEnds::CrlfOfText),
            ("", "lf", "unset", "crlf", LineEnds::AsTheyAre),
            ("", "crlf", "set", "unspecified", LineEnds::Crlf),
            ("", "crlf", "auto", "unspecified", LineEnds::CrlfOfText),
            ("", "crlf", "unspecified", "unspecified", LineEnds::AsTheyAre),
            ("true", "lf", "unspecified", "unspecified", LineEnds::CrlfOfText),
            ("true", "lf", "set", "unspecified", LineEnds::Crlf),
            ("true", "", "set", "lf", LineEnds::AsTheyAre),
            ("input", "crlf", "set", "unspecified", LineEnds::AsTheyAre),
        ] {
            let settings = LineEndSettings { autocrlf: autocrlf.to_owned(), eol: core_eol.to_owned() };
            assert_eq!(settings.of(text, eol), expected, "{autocrlf} {core_eol} {text} {eol}");
        }
    }

    #[test]
    fn lines_end_with_crlf_once() {
        assert_eq!(&*LineEnds::Crlf.apply(b"a\nb\r\n\n"), b"a\r\nb\r\n\r\n");
        assert_eq!(&*LineEnds::CrlfOfText.apply(b"a\nb\n"), b"a\r\nb\r\n");
        assert_eq!(&*LineEnds::CrlfOfText.apply(b"a\nb\r\n"), b"a\nb\r\n", "git leaves what is mixed");
        assert_eq!(&*LineEnds::CrlfOfText.apply(b"a\0\n"), b"a\0\n");
        assert_eq!(&*LineEnds::AsTheyAre.apply(b"a\n"), b"a\n");
    }
}
