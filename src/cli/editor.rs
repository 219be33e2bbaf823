//! Text from the user's editor, or from a prompt where there is none.

use std::io::{BufRead, Write};

use super::environment::Environment;
use super::error::CliError;
use super::ui::Ui;
use crate::desk::Desk;

/// The line below which nothing of the text is kept.
const CUT: &str = "# --- what is below this line is not kept ---";

/// The editor's command: of the person's settings, git's, or the environment; nothing when none is set.
pub(crate) fn program(environment: &Environment, desk: &Desk) -> Option<String> {
    let setting = Some(desk.settings().text("editor").to_owned()).filter(|text| !text.is_empty());
    setting
        .or_else(|| environment.variable("GIT_EDITOR").map(str::to_owned))
        .or_else(|| desk.store().config_string("core.editor"))
        .or_else(|| environment.variable("VISUAL").map(str::to_owned))
        .or_else(|| environment.variable("EDITOR").map(str::to_owned))
}

/// Asks for a text: in the editor, or at a prompt that ends with a lone dot.
pub(crate) fn ask(ui: &mut Ui, environment: &Environment, desk: &Desk, about: &str) -> Result<String, CliError> {
    if !environment.input_is_terminal {
        return Err(CliError::usage(format!("the text of {about} is missing"), "give it with -m TEXT, -F FILE or -"));
    }
    match program(environment, desk) {
        Some(program) => {
            let start = format!("\n{CUT}\n# {about}\n");
            let text = edit(desk, &program, &start, "txt")?;
            Ok(text.split(CUT).next().unwrap_or_default().trim().to_owned())
        }
        None => prompt(ui, about),
    }
}

fn prompt(ui: &mut Ui, about: &str) -> Result<String, CliError> {
    ui.status(format!("{about}: type the text, end it with a line that is a lone dot"));
    let mut text = String::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line == "." {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// Opens `text` in the editor and gives back what was saved.
pub(crate) fn edit(desk: &Desk, program: &str, text: &str, ending: &str) -> Result<String, CliError> {
    let folder = desk.store().git_dir().join("staple");
    std::fs::create_dir_all(&folder)?;
    // Two editors at once must not meet in one file: the text of one record would go into the other.
    let path = folder.join(format!("EDIT-{}.{ending}", std::process::id()));
    let mut file = std::fs::File::create(&path)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    // As git does it: the command may have options, and is the user's own.
    let status =
        std::process::Command::new("sh").arg("-c").arg(format!("{program} \"$1\"")).arg("sh").arg(&path).status()?;
    if !status.success() {
        let hint = format!("your text is in {}", path.display());
        return Err(CliError::refused(format!("the editor `{program}` ended with an error"), hint));
    }
    let saved = std::fs::read_to_string(&path)?;
    // The last text stays at hand, should it be refused.
    let _ = std::fs::rename(&path, folder.join(format!("EDIT.{ending}")));
    Ok(saved)
}
