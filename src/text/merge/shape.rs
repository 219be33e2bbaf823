//! How a file is laid down besides its lines, so that a merge need not look at it and it stays as it was.

use crate::text::parse::MAX_BYTES;

/// How a file's text is laid down, besides its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    byte_order_mark: bool,
    carriage_returns: bool,
    open_end: bool,
}

/// The text with plain line ends, each line with its own, and how it was; nothing when it is no text, or too large for a record.
pub(super) fn plain(bytes: &[u8]) -> Option<(String, Shape)> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let stripped = text.strip_prefix('\u{feff}');
    let byte_order_mark = stripped.is_some();
    let text = stripped.unwrap_or(text);
    let ends = text.matches('\n').count();
    // Where they are mixed each line keeps its own.
    let carriage_returns = ends > 0 && text.matches("\r\n").count() == ends;
    let mut plain = if carriage_returns { text.replace("\r\n", "\n") } else { text.to_owned() };
    let open_end = !plain.is_empty() && !plain.ends_with('\n');
    if open_end {
        plain.push('\n');
    }
    Some((plain, Shape { byte_order_mark, carriage_returns, open_end }))
}

/// The text as a file of that shape has it.
pub(super) fn laid_down(text: &str, shape: Shape) -> Vec<u8> {
    let mut out = text.to_owned();
    if shape.open_end && out.ends_with('\n') {
        out.pop();
    }
    if shape.carriage_returns {
        out = out.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    if shape.byte_order_mark {
        out.insert(0, '\u{feff}');
    }
    out.into_bytes()
}
