//! `staple help`: the manual's topics, and the help of every command.
//!
//! Topics are Markdown files of this folder, compiled in. What a table of the program knows (keys, fields, moves, settings)
//! is filled in from that table, so that the manual cannot go stale.

mod tables;

use super::args;
use super::error::CliError;
use super::ui::{Style, Ui};
use crate::record::nearest::nearest;
use crate::render::plain::wrap;

/// Read the manual: a topic, or the help of a command
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple help\n  staple help start\n  staple help ticket reply\n  staple help reply"
)]
pub(crate) struct HelpArgs {
    /// A topic, or a command
    #[arg(value_name = "TOPIC")]
    words: Vec<String>,
}

/// A topic of the manual.
struct Topic {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

const fn topic(name: &'static str, about: &'static str, text: &'static str) -> Topic {
    Topic { name, about, text }
}

/// The topics, in the order people meet them.
const TOPICS: &[Topic] = &[
    topic("start", "five minutes: a desk, a ticket, a week", include_str!("help/start.md")),
    topic("records", "every kind of record with its keys", include_str!("help/records.md")),
    topic("lifecycles", "the moves there are, and what each state needs", include_str!("help/lifecycles.md")),
    topic("queries", "finding records", include_str!("help/queries.md")),
    topic("search", "words in every record, the best answer first", include_str!("help/search.md")),
    topic("index", "what makes it fast; the tables of staple sql", include_str!("help/index.md")),
    topic("times", "when it happened, when it was recorded, --as-of", include_str!("help/times.md")),
    topic("commits", "what a write leaves behind; --why, --at, --stage, undo", include_str!("help/commits.md")),
    topic("merging", "two people change one record; staple conflicts", include_str!("help/merging.md")),
    topic("sync", "exchanging the desk with the others", include_str!("help/sync.md")),
    topic("history", "who did what, when, and why", include_str!("help/history.md")),
    topic("linking", "commits, tickets, releases, and who must be told", include_str!("help/linking.md")),
    topic(
        "pull-requests",
        "what a branch adds, in words and in the pipeline; hooks",
        include_str!("help/pull-requests.md"),
    ),
    topic("digests", "telling people what happened", include_str!("help/digests.md")),
    topic("imports", "bringing a past along", include_str!("help/imports.md")),
    topic("templates", "output in your own form", include_str!("help/templates.md")),
    topic("settings", "who decides what, and where", include_str!("help/settings.md")),
    topic("desk-layout", "where a desk lives, its folders; public repositories", include_str!("help/desk-layout.md")),
    topic("erasure", "taking words or files out of history", include_str!("help/erasure.md")),
    topic("security", "what others can and cannot do to you", include_str!("help/security.md")),
    topic("exit-codes", "what a command's end means to a script", include_str!("help/exit-codes.md")),
    topic("json", "one envelope for every listing", include_str!("help/json.md")),
];

/// No text is easier to read on longer lines.
const WIDEST: usize = 88;

pub(crate) fn cmd_help(ui: &mut Ui, args: &HelpArgs) -> Result<(), CliError> {
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            contents(ui);
            Ok(())
        }
        [name] if find(name).is_some() => {
            if let Some(topic) = find(name) {
                show(ui, &tables::filled(topic.text));
                also_a_command(ui, topic.name);
            }
            Ok(())
        }
        words => command_help(ui, words),
    }
}

fn find(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name.eq_ignore_ascii_case(name))
}

fn contents(ui: &mut Ui) {
    let heading = ui.style(Style::Bold, "The manual");
    ui.line(heading);
    ui.line("");
    for topic in TOPICS {
        ui.line(format!("  {:15}{}", topic.name, topic.about));
    }
    ui.line("");
    ui.line("staple help TOPIC shows one; staple help COMMAND, such as staple help reply, shows a command's");
    ui.line("own help, and staple --help lists the commands.");
}

fn also_a_command(ui: &mut Ui, name: &str) {
    if args::with_ticket_verbs().find_subcommand(name).is_some() {
        ui.line("");
        ui.line(format!("The options of the command: staple {name} --help"));
    }
}

/// The help of the command that `words` name; a verb of tickets may stand alone.
fn command_help(ui: &mut Ui, words: &[&str]) -> Result<(), CliError> {
    let mut command = args::with_ticket_verbs();
    command.build();
    let mut found = &command;
    for (depth, word) in words.iter().enumerate() {
        found = found.find_subcommand(word).ok_or_else(|| unknown(found, words, depth))?;
    }
    let text = found.clone().render_long_help();
    let text = if ui.style(Style::Bold, "x") == "x" { text.to_string() } else { text.ansi().to_string() };
    ui.text(&text);
    Ok(())
}

fn unknown(command: &clap::Command, words: &[&str], depth: usize) -> CliError {
    let typed = words[..=depth].join(" ");
    let mut names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    if depth == 0 {
        names.extend(TOPICS.iter().map(|topic| topic.name));
    }
    let before = words[..depth].iter().map(|word| format!("{word} ")).collect::<String>();
    let near = nearest(words[depth], names.iter().copied());
    let hint = if near.is_empty() {
        "staple help lists the topics, staple --help the commands".to_owned()
    } else {
        let near: Vec<String> = near.iter().map(|name| format!("staple help {before}{name}")).collect();
        format!("did you mean {}?", near.join(" or "))
    };
    CliError::usage(format!("`{typed}` is neither a topic nor a command"), hint)
}

/// Shows a text of headings, paragraphs, lists and indented lines, wrapped.
fn show(ui: &mut Ui, text: &str) {
    for line in laid_out(text, ui.width.min(WIDEST)) {
        match line {
            Line::Heading(text) => {
                let text = ui.style(Style::Bold, &text);
                ui.line(text);
            }
            Line::Plain(text) => ui.line(text),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Heading(String),
    Plain(String),
}

fn laid_out(text: &str, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
            out.push(Line::Heading(heading.to_owned()));
        } else if line.starts_with("    ") {
            // Commands and tables stand as they are.
            out.push(Line::Plain(line.to_owned()));
        } else if let Some(item) = line.strip_prefix("- ") {
            for (i, part) in wrap(&plain(item), width.saturating_sub(4)).into_iter().enumerate() {
                out.push(Line::Plain(format!("{}{part}", if i == 0 { "  - " } else { "    " })));
            }
        } else {
            out.extend(wrap(&plain(line), width).into_iter().map(Line::Plain));
            if line.is_empty() {
                out.push(Line::Plain(String::new()));
            }
        }
    }
    out
}

/// Without the marks around commands.
fn plain(line: &str) -> String {
    line.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_filled_and_fits_a_terminal() {
        for topic in TOPICS {
            let text = tables::filled(topic.text);
            let left = text.lines().find(|line| line.starts_with("{{"));
            assert!(text.starts_with("# ") && left.is_none(), "{} {left:?}", topic.name);
            for line in laid_out(&text, WIDEST) {
                let (Line::Heading(line) | Line::Plain(line)) = line;
                assert!(line.chars().count() <= 118, "{}: {line}", topic.name);
            }
        }
    }

    #[test]
    fn prose_is_wrapped_and_commands_stand() {
        let lines = laid_out("# Head\n\none two three\n- four five six\n    staple x y z w\n", 9);
        let plain = |text: &str| Line::Plain(text.to_owned());
        let expected = vec![
            Line::Heading("Head".to_owned()),
            plain(""),
            plain("one two"),
            plain("three"),
            plain("  - four"),
            plain("    five"),
            plain("    six"),
            plain("    staple x y z w"),
        ];
        assert_eq!(lines, expected);
    }
}
