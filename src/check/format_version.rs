//! Desks of a newer format.

use super::{Input, Rule};
use crate::record::desk_settings::FORMAT;
use crate::record::finding::Finding;

pub(super) static RULE: Rule = Rule {
    name: "format-version",
    what: "staple.toml names a format that this program does not know",
    why: "a newer program may have laid out records in a way that this one would misread",
    example: "format = 2",
    cure: "install a newer staple",
};

pub(super) fn find(input: &Input<'_>) -> Vec<Finding> {
    let Some(settings) = input.records.settings() else { return Vec::new() };
    let Some(format) = settings.number("format").filter(|format| *format != FORMAT) else { return Vec::new() };
    let message = format!("`format` is {format}, and this program knows {FORMAT}");
    vec![Finding::error(RULE.name, &settings.path, message).hint("install a newer staple")]
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;

    #[test]
    fn a_newer_format_is_an_error() {
        check(find, &[("staple.toml", "format = 1\n")], &[]);
        let expected = "error staple.toml: `format` is 2, and this program knows 1";
        check(find, &[("staple.toml", "format = 2\n")], &[expected]);
    }
}
