//! The table of settings: name, form, who may set it, meaning.
//!
//! A new setting is a line here and one in defaults.toml; a desk's setting is also a key of the desk's record.

use super::{Layer, SettingError};
use crate::record::nearest::nearest;

/// Who decides a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The desk, in its `staple.toml`, so that everybody reads the same lists and digests.
    Desk,
    /// Each person: their own file, git's configuration, the environment.
    User,
    /// Each person, and never the repository: it names a program or a path, and whoever may push could run it here.
    UserOnly,
}

impl Scope {
    /// Whether a layer may set what is in this scope.
    pub fn allows(self, layer: Layer) -> bool {
        match layer {
            Layer::Defaults | Layer::Flags => true,
            Layer::Desk => self == Self::Desk,
            Layer::User | Layer::Git | Layer::Environment => self != Self::Desk,
        }
    }
}

/// The form of a setting's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One line of text.
    Line,
    /// The name of a branch, without `refs/heads/`.
    Branch,
    /// A whole number of days, 0 to 36,500.
    Days,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A time zone of the IANA database.
    Zone,
    /// Short texts without commas, written with commas between.
    Words,
    /// A command line.
    Program,
    /// A folder.
    Path,
}

impl Form {
    /// The form in words, for errors and the manual.
    pub fn words(self) -> String {
        match self {
            Self::Line => "one line of text".to_owned(),
            Self::Branch => "a branch like main".to_owned(),
            Self::Days => "a number of days, 0 to 36500".to_owned(),
            Self::Word(words) => {
                let shown: Vec<&str> = words.iter().map(|w| if w.is_empty() { "\"\"" } else { *w }).collect();
                format!("one of {}", shown.join(", "))
            }
            Self::Zone => "a time zone like Europe/Berlin".to_owned(),
            Self::Words => "texts with commas between".to_owned(),
            Self::Program => "a command".to_owned(),
            Self::Path => "a folder".to_owned(),
        }
    }

    pub(super) fn accepts(self, text: &str) -> bool {
        let plain = !text.chars().any(char::is_control);
        match self {
            Self::Line | Self::Words | Self::Program | Self::Path => plain,
            Self::Branch => text.is_empty() || plain && is_branch(text),
            Self::Days => text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|n| n <= 36_500),
            Self::Word(words) => words.contains(&text),
            Self::Zone => crate::record::time::zone(text).is_some(),
        }
    }
}

/// git's rules for a branch (git-check-ref-format), and no leading `-`, since the name is handed to git as an argument.
fn is_branch(text: &str) -> bool {
    let bad = ["..", "@{", "//", "/."];
    !text.starts_with(['-', '/', '.'])
        && !text.ends_with(['/', '.'])
        && !text.contains([' ', '~', '^', ':', '?', '*', '[', '\\'])
        && !bad.iter().any(|b| text.contains(b))
        && !text.split('/').any(|part| part.ends_with(".lock"))
        && text != "@"
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The name, kebab-case. `NAME` between dots stands for any name.
    pub name: &'static str,
    /// The form of its text.
    pub form: Form,
    /// Who decides it.
    pub scope: Scope,
    /// What it says, one line for the manual.
    pub meaning: &'static str,
}

const fn key(name: &'static str, form: Form, scope: Scope, meaning: &'static str) -> Key {
    Key { name, form, scope, meaning }
}

/// Every setting, the desk's first.
pub static KEYS: &[Key] = &[
    key("name", Form::Line, Scope::Desk, "what the desk is called"),
    key("branch", Form::Branch, Scope::Desk, "the branch the desk lives on; unset is the branch that is checked out"),
    key("zone", Form::Zone, Scope::Desk, "the time zone of days and weeks"),
    key("language", Form::Line, Scope::Desk, "the language the desk writes in"),
    key("products", Form::Words, Scope::Desk, "the products it supports"),
    key("privacy", Form::Word(&["", "references"]), Scope::Desk, "references: personal data stays in another system"),
    key(
        "repositories",
        Form::Words,
        Scope::Desk,
        "repositories with code whose commits fix tickets, each a name and a URL with a space between",
    ),
    key("release-tags", Form::Words, Scope::Desk, "which tags are releases, such as v*; none for all"),
    key(
        "closing-words",
        Form::Words,
        Scope::Desk,
        "words before a ticket's id in a commit that say it is fixed; none for fixes, closes, resolves",
    ),
    key("bind-after-days", Form::Days, Scope::Desk, "days after which a done ticket is bound"),
    key("desk", Form::Path, Scope::UserOnly, "where the desk lies, for a code repository without one"),
    key("editor", Form::Program, Scope::UserOnly, "the editor for longer text; unset is git's own"),
    key("pager", Form::Program, Scope::UserOnly, "the pager for long output; unset is git's own"),
    key("mail-command", Form::Program, Scope::UserOnly, "the command that sends a mail given on its input"),
    key(
        "hooks",
        Form::Word(&["commit-msg", "all", "none"]),
        Scope::User,
        "which of the repository's hooks run before a commit",
    ),
    key(
        "sync.through",
        Form::Word(&["push", "pull-request"]),
        Scope::User,
        "how staple sync hands your commits over: to the desk's branch, or for a pull request",
    ),
    key("index", Form::Word(&["auto", "off"]), Scope::User, "off: every read goes through all records"),
    key("color", Form::Word(&["auto", "always", "never"]), Scope::User, "when output is coloured"),
    key("repo.NAME.path", Form::Path, Scope::UserOnly, "where your clone of the code repository NAME lies"),
];

/// The setting of a name.
///
/// # Errors
///
/// [`SettingError::Unknown`] with the nearest names.
pub fn lookup(name: &str) -> Result<&'static Key, SettingError> {
    KEYS.iter().find(|key| matches(key.name, name)).ok_or_else(|| SettingError::Unknown {
        name: name.to_owned(),
        nearest: nearest(name, KEYS.iter().map(|key| key.name)),
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once(".NAME.") {
        None => pattern == name,
        Some((first, last)) => name
            .strip_prefix(first)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_suffix(last))
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|middle| !middle.is_empty()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn forms_take_what_they_say_and_nothing_else() {
        for (form, good, bad) in [
            (Form::Days, vec!["0", "90", "36500"], vec!["", "-1", "+1", "ninety", "36501", "1.5"]),
            (Form::Zone, vec!["UTC", "Europe/Berlin"], vec!["", "Mars/Olympus", "Berlin"]),
            (Form::Word(&["", "references"]), vec!["", "references"], vec!["yes"]),
            (
                Form::Branch,
                vec!["", "main", "desk/live"],
                vec!["-x", "a..b", "a b", "a/", "a.lock", "@", "a~1", "a\nb"],
            ),
            (Form::Line, vec!["", "Help desk"], vec!["a\nb", "\u{1b}[0m"]),
        ] {
            good.iter().for_each(|text| assert!(form.accepts(text), "{form:?} {text:?}"));
            bad.iter().for_each(|text| assert!(!form.accepts(text), "{form:?} {text:?}"));
        }
    }

    #[test]
    fn a_pattern_takes_any_name_and_not_none() {
        assert_eq!(lookup("repo.website.path").unwrap().name, "repo.NAME.path");
        assert_eq!(lookup("repo.web.site.path").unwrap().name, "repo.NAME.path");
        for bad in ["repo.path", "repo..path", "repo.x.url", "repository.x.path"] {
            assert!(lookup(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_keys_of_the_desk_are_those_of_its_record() {
        let ours: Vec<&str> = KEYS.iter().filter(|key| key.scope == Scope::Desk).map(|key| key.name).collect();
        let record = crate::record::desk_settings::SCHEMA.keys.iter().map(|key| key.name);
        assert_eq!(ours, record.filter(|name| *name != "format").collect::<Vec<_>>());
    }

    #[test]
    fn whatever_names_a_program_or_a_path_is_closed_to_the_repository() {
        for key in KEYS.iter().filter(|key| matches!(key.form, Form::Program | Form::Path)) {
            assert!(!key.scope.allows(Layer::Desk) && key.scope == Scope::UserOnly, "{}", key.name);
        }
    }
}
