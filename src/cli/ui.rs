//! Data to standard output, what happened to standard error.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::environment::Environment;
use super::error::{CliError, Exit};
use super::place::Place;
use crate::render::json;
use crate::render::plain::{clean, for_terminal};

/// How a text stands out on a terminal. Nothing depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Headings, ids.
    Bold,
    /// What is beside the point.
    Dim,
    /// What is late or wrong.
    Red,
    /// What is new or right.
    Green,
    /// What wants a look.
    Yellow,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
        }
    }
}

/// Where a command writes.
pub(crate) struct Ui {
    color_out: bool,
    color_err: bool,
    /// Whether standard output is a terminal.
    pub(crate) terminal: bool,
    /// Columns to fill.
    pub(crate) width: usize,
    buffer: String,
    pager: Option<String>,
    rows: usize,
    /// Whether a write is committed or staged: what cannot be shown any more does not undo it.
    pub(crate) has_written: bool,
    /// The folder one stands in.
    folder: PathBuf,
    /// The top of the desk's work tree, once there is one.
    root: Option<PathBuf>,
    /// Whether a line of [`Ui::slow_progress`] stands there.
    busy: Rc<Cell<bool>>,
}

/// Work that takes no longer needs no line about it.
const MOMENT: Duration = Duration::from_millis(500);

impl Ui {
    /// Without colour, for what happens before anything is known.
    pub(crate) fn plain() -> Self {
        Self {
            color_out: false,
            color_err: false,
            terminal: false,
            width: 100,
            buffer: String::new(),
            pager: None,
            rows: 24,
            has_written: false,
            folder: PathBuf::new(),
            root: None,
            busy: Rc::default(),
        }
    }

    /// As the environment says.
    pub(crate) fn new(environment: &Environment) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let plain = environment.variable("NO_COLOR").is_some() || environment.variable("TERM") == Some("dumb");
        let size = |name: &str| environment.variable(name).and_then(|n| n.parse::<usize>().ok());
        let (columns, lines) = terminal_size();
        Self {
            color_out: terminal && !plain,
            color_err: std::io::stderr().is_terminal() && !plain,
            terminal,
            width: size("COLUMNS").or(columns).unwrap_or(100).clamp(40, 200),
            buffer: String::new(),
            pager: environment.variable("STAPLE_PAGER").or(environment.variable("PAGER")).map(str::to_owned),
            rows: size("LINES").or(lines).unwrap_or(24),
            has_written: false,
            folder: environment.folder.clone(),
            root: None,
            busy: Rc::default(),
        }
    }

    /// Colour as a setting says: auto, always or never.
    pub(crate) fn color(&mut self, setting: &str) {
        match setting {
            "always" => (self.color_out, self.color_err) = (true, true),
            "never" => (self.color_out, self.color_err) = (false, false),
            _ => {}
        }
    }

    /// The top of the work tree that commands in hints are about.
    pub(crate) fn about(&mut self, root: &Path) {
        self.root = Some(root.to_owned());
    }

    /// Where one stands as seen from that work tree.
    pub(crate) fn place(&self) -> Option<Place> {
        Some(Place::new(&self.folder, self.root.as_ref()?))
    }

    /// The program that long text is paged with, where a setting names one.
    pub(crate) fn page_with(&mut self, setting: &str) {
        if !setting.is_empty() {
            self.pager = Some(setting.to_owned());
        }
    }

    /// Columns a table may fill: those of the terminal; a pipe or a file takes every cell whole.
    pub(crate) fn table_width(&self) -> usize {
        if self.terminal { self.width } else { usize::MAX }
    }

    /// A text for standard output, in a style.
    pub(crate) fn style(&self, style: Style, text: &str) -> String {
        if self.color_out && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }

    /// Adds a line of data. It is written when the command is done, so that nothing is half printed when it fails.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) {
        self.buffer.push_str(text.as_ref());
        self.buffer.push('\n');
    }

    /// Adds a value as JSON.
    pub(crate) fn json(&mut self, value: &serde_json::Value) {
        self.line(json::line(value));
    }

    /// Adds data as it is.
    pub(crate) fn text(&mut self, text: &str) {
        self.buffer.push_str(text);
    }

    /// Says what happened.
    pub(crate) fn status(&mut self, text: impl AsRef<str>) {
        self.say(&clean(text.as_ref()));
    }

    /// Says what could be done next.
    pub(crate) fn hint(&mut self, text: impl AsRef<str>) {
        let word = self.paint(Style::Dim, "hint:");
        self.say(&format!("{word} {}", clean(text.as_ref())));
    }

    /// Says what is not as it should be.
    pub(crate) fn warn(&mut self, text: impl AsRef<str>) {
        let word = self.paint(Style::Yellow, "warning:");
        self.say(&format!("{word} {}", clean(text.as_ref())));
    }

    /// Says why the command failed.
    pub(crate) fn error(&mut self, error: &CliError) {
        if !error.message.is_empty() {
            let word = self.paint(Style::Red, "error:");
            self.say(&format!("{word} {}", clean(&error.message)));
        }
        for hint in &error.hints {
            self.hint(hint);
        }
        if let (Some(path), Some(place)) = (&error.commit_first, self.place()) {
            self.hint(format!("commit your own edit first: {}", place.commit(path)));
        }
    }

    /// Shows how far something is as a bar, on a terminal only.
    pub(crate) fn progress(&mut self, what: &str, done: usize, all: usize, things: &str) {
        progress_line(&bar(what, done, all, things));
    }

    /// Takes the progress line away.
    pub(crate) fn progress_done(&mut self) {
        progress_line("");
    }

    /// Shows how far work is that takes longer than a moment. The line goes away with what is said or written next.
    pub(crate) fn slow_progress(&self, what: &'static str, things: &'static str) -> Box<dyn FnMut(usize, usize)> {
        let (begun, shown) = (Instant::now(), Rc::clone(&self.busy));
        Box::new(move |done, all| {
            if all > 0 && begun.elapsed() >= MOMENT {
                shown.set(true);
                progress_line(&bar(what, done, all, things));
            }
        })
    }

    /// Takes away the line of work that is over.
    fn rest(&self) {
        if self.busy.replace(false) {
            progress_line("");
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color_err { format!("\u{1b}[{}m{text}\u{1b}[0m", style.code()) } else { text.to_owned() }
    }

    /// A closed standard error must not undo a command that has committed.
    fn say(&self, text: &str) {
        self.rest();
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Writes the data; long text on a terminal goes through the pager.
    pub(crate) fn finish(&mut self) -> Result<(), CliError> {
        self.rest();
        let data = std::mem::take(&mut self.buffer);
        if data.is_empty() {
            return Ok(());
        }
        // A file or another program takes data as it is.
        let data = if self.terminal { for_terminal(&data) } else { data.into() };
        if self.terminal && data.lines().count() >= self.rows && self.page(&data) {
            return Ok(());
        }
        let mut out = std::io::stdout();
        match out.write_all(data.as_bytes()).and_then(|()| out.flush()) {
            // `staple list | head` is no failure.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) if self.has_written => {
                self.warn(format!("it is done, and standard output cannot be written: {error}"));
                Ok(())
            }
            Err(error) => Err(CliError::refused(format!("standard output cannot be written: {error}"), "")),
            Ok(()) => Ok(()),
        }
    }

    fn page(&self, data: &str) -> bool {
        let command = self.pager.as_deref().unwrap_or("less");
        let mut words = command.split_whitespace();
        let Some(program) = words.next() else { return false };
        let child = std::process::Command::new(program)
            .args(words)
            .env("LESS", std::env::var("LESS").unwrap_or_else(|_| "FRX".into()))
            .stdin(std::process::Stdio::piped())
            .spawn();
        let Ok(mut child) = child else { return false };
        if let Some(input) = child.stdin.as_mut() {
            // The reader may quit before the end.
            let _ = input.write_all(data.as_bytes());
        }
        drop(child.stdin.take());
        child.wait().is_ok()
    }

    /// Shows what the argument parser says: help to standard output, errors to standard error.
    pub(crate) fn clap(&mut self, error: &clap::Error) -> ExitCode {
        if error.use_stderr() {
            let text = error.render();
            let text = if self.color_err { text.ansi().to_string() } else { text.to_string() };
            // What was typed may come from a script that took it from a record.
            self.say(&for_terminal(text.trim_end()));
            if let Some(clap::error::ContextValue::String(word)) =
                error.get(clap::error::ContextKind::InvalidSubcommand)
            {
                let near = super::args::nearest_verbs(word);
                if !near.is_empty() {
                    self.hint(format!("of tickets there is: staple {}", near.join(", staple ")));
                }
            }
            return ExitCode::from(Exit::Usage as u8);
        }
        let text = error.render();
        let text = if self.color_out { text.ansi().to_string() } else { text.to_string() };
        self.text(&text);
        match self.finish() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(Exit::Refused as u8),
        }
    }
}

fn bar(what: &str, done: usize, all: usize, things: &str) -> String {
    const CELLS: usize = 24;
    let filled = (done * CELLS).checked_div(all).unwrap_or(CELLS).min(CELLS);
    let bar = format!("{}{}", "#".repeat(filled), " ".repeat(CELLS - filled));
    format!("{what} [{bar}] {done} of {all} {things}")
}

fn progress_line(text: &str) {
    if std::io::stderr().is_terminal() {
        // What cannot be shown is no reason to stop.
        let _ = write!(std::io::stderr(), "\r\u{1b}[K{text}");
        let _ = std::io::stderr().flush();
    }
}

fn terminal_size() -> (Option<usize>, Option<usize>) {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout()) {
        let some = |n: u16| Some(usize::from(n)).filter(|n| *n > 0);
        return (some(size.ws_col), some(size.ws_row));
    }
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_colour_reaches_the_terminal_as_it_is() {
        let ui = Ui { color_out: true, color_err: true, ..Ui::plain() };
        let mut texts: Vec<String> = [Style::Bold, Style::Dim, Style::Red, Style::Green, Style::Yellow]
            .into_iter()
            .map(|style| ui.style(style, "words"))
            .collect();
        let mut program = crate::cli::command();
        texts.push(program.render_long_help().ansi().to_string());
        let misspelt = program.try_get_matches_from(["staple", "lst", "--colour"]).expect_err("no such command");
        texts.push(misspelt.render().ansi().to_string());
        for text in texts {
            assert!(text.contains('\u{1b}'), "{text}");
            assert_eq!(for_terminal(&text), text);
        }
    }
}
