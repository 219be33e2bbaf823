//! Templates over plain values; the only home of the template engine.
//!
//! Templates may come from a desk that somebody else wrote: fuel and recursion are limited, nothing but values is in reach, and
//! the output is capped.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

/// Steps after which a template is stopped.
const FUEL: u64 = 5_000_000;
/// The most a template may write, in bytes.
const MAX_OUTPUT: usize = 16 << 20;

/// Why a template gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The template is wrong, or asked for too much.
    #[error("template {name}: {message}")]
    Template {
        /// Its name.
        name: String,
        /// What is wrong, with the line.
        message: String,
    },
    /// It wrote too much.
    #[error("template {0} writes more than 16 MB")]
    TooLong(String),
}

/// How text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Not at all.
    None,
    /// For HTML.
    Html,
}

/// Fills the template `source` with `values`.
///
/// # Errors
/// When the template is wrong or runs out of fuel.
pub fn fill(name: &str, source: &str, values: &serde_json::Value, escape: Escape) -> Result<String, TemplateError> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    // The engine escapes by file name; what is made decides here.
    environment.set_auto_escape_callback(move |_| match escape {
        Escape::Html => AutoEscape::Html,
        Escape::None => AutoEscape::None,
    });
    // What is not set is nothing, and not the word None.
    environment.set_formatter(|out, state, value| match value.is_none() {
        true => Ok(()),
        false => minijinja::escape_formatter(out, state, value),
    });
    let failed = |error: minijinja::Error| {
        let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
        TemplateError::Template { name: name.to_owned(), message: format!("{line}{error}") }
    };
    environment.add_template(name, source).map_err(failed)?;
    let filled = environment
        .get_template(name)
        .and_then(|template| template.render(minijinja::Value::from(minijinja::value::Serde(values))))
        .map_err(failed)?;
    if filled.len() > MAX_OUTPUT { Err(TemplateError::TooLong(name.to_owned())) } else { Ok(filled) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_stopped_and_sees_no_files() {
        let fill = |source: &str| fill("t", source, &serde_json::json!({ "text": "x" }), Escape::None);
        for endless in [
            "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{{ text * 100000000 }}",
            "{% set w = 'x' * 100000 %}{% for a in range(1000) %}{{ w }}{% endfor %}",
            "{% include '/etc/passwd' %}",
            "{% import '../staple.toml' as s %}{{ s }}",
            "{% extends 'other' %}",
            "{{ text.__class__() }}",
        ] {
            assert!(fill(endless).is_err(), "{endless}");
        }
    }

    #[test]
    fn what_is_not_set_is_written_as_nothing() {
        let values = serde_json::json!({ "ref": "T-7k3mqp", "owner": null, "title": "<b>" });
        let text = "{{ ref }};{{ owner }};{{ owner or 'nobody' }};{{ title }}";
        assert_eq!(fill("t", text, &values, Escape::None).unwrap(), "T-7k3mqp;;nobody;<b>");
        assert_eq!(fill("t", text, &values, Escape::Html).unwrap(), "T-7k3mqp;;nobody;&lt;b&gt;");
    }
}
