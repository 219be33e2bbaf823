//! The program's settings, layer upon layer, each value with the place it came from.
//!
//! Pure: files, git's configuration, the environment and flags are read by the caller and given as text. A later layer wins
//! where it may speak at all: the desk decides what must be the same for everybody, a person decides the rest, and what
//! names a program or a path is never taken from the repository. A value that cannot be taken is a finding, and the layer
//! below it holds.

mod file;
mod keys;

pub use file::{FileError, FlatKey, flatten, set};
pub use keys::{Form, KEYS, Key, Scope, lookup};

use crate::record::finding::Finding;
use crate::record::shell::shell_word;
use std::collections::BTreeMap;
use std::fmt;

const DEFAULTS: &str = include_str!("defaults.toml");

/// Names that begin with `STAPLE_` and are no settings: they move the clock and the random ids, and mark our own hooks.
const NOT_SETTINGS: [&str; 4] = ["STAPLE_NOW", "STAPLE_SEED", "STAPLE_BLESS", "STAPLE_HOOK"];

/// Where a value may come from; a later one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The program itself.
    Defaults,
    /// The desk's `staple.toml`.
    Desk,
    /// The person's own file.
    User,
    /// git's configuration, `staple.*`.
    Git,
    /// Variables of the environment, `STAPLE_*`.
    Environment,
    /// The command line.
    Flags,
}

impl Layer {
    /// The layer in words, for `config list --show-origin`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Defaults => "default",
            Self::Desk => "desk",
            Self::User => "user",
            Self::Git => "git",
            Self::Environment => "environment",
            Self::Flags => "flag",
        }
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// The place in it: a file, a file and line, a variable, a flag.
    pub place: String,
    /// The line in a file, from 1; 0 where there is none.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.layer, self.line) {
            (Layer::Defaults, _) => f.write_str("default"),
            (_, 0) => f.write_str(&self.place),
            (_, line) => write!(f, "{}:{line}", self.place),
        }
    }
}

/// What the layers say, as the caller found it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// The desk's `staple.toml`, see [`flatten`]. "" reads as unset, and `format` is left to whoever opens the desk.
    pub desk: &'a [FlatKey],
    /// The person's own file: its path as people know it, and its text.
    pub user: Option<(&'a str, &'a str)>,
    /// git's configuration: key (`staple.color`), value, origin as git tells it. The last one of a key wins.
    pub git: &'a [(String, String, String)],
    /// The environment; names that do not begin with `STAPLE_` are passed over.
    pub environment: Option<&'a BTreeMap<String, String>>,
    /// Settings given on the command line: name and value.
    pub flags: &'a [(String, String)],
}

/// One setting as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// The value; "" is unset.
    pub text: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Why a value cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No setting has this name.
    #[error("no setting is called {name}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Settings that may have been meant.
        nearest: Vec<String>,
    },
    /// The text has not the form of the setting.
    #[error("{name} cannot be {text:?}; it is {expected}")]
    Value {
        /// The setting.
        name: String,
        /// The text.
        text: String,
        /// The form in words.
        expected: String,
    },
    /// The setting names a program or a path, which a repository must not.
    #[error("{name} names a program or a path, and the repository must not choose what runs on your machine")]
    NotFromRepository {
        /// The setting.
        name: String,
    },
    /// Each person decides this one.
    #[error("{name} is for each person to choose, not for the desk")]
    NotFromDesk {
        /// The setting.
        name: String,
    },
    /// The desk decides this one.
    #[error("{name} is decided by the desk, so that everybody reads the same")]
    OnlyFromDesk {
        /// The setting.
        name: String,
    },
}

impl SettingError {
    /// The cure; "" when the message says it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { nearest, .. } if nearest.is_empty() => "staple config list shows them all".to_owned(),
            Self::Unknown { nearest, .. } => format!("did you mean {}?", nearest.join(" or ")),
            Self::Value { .. } => String::new(),
            Self::NotFromRepository { name } | Self::NotFromDesk { name } => {
                format!("set it for yourself: git config --global {} VALUE", shell_word(&format!("staple.{name}")))
            }
            Self::OnlyFromDesk { name } => {
                format!("set it in staple.toml: staple config set {} VALUE", shell_word(name))
            }
        }
    }

    fn finding(&self, origin: &Origin) -> Finding {
        let make = match self {
            Self::Unknown { .. } => |path: &str, text| Finding::warning("unknown-setting", path, text),
            Self::Value { .. } => |path: &str, text| Finding::error("bad-setting", path, text),
            Self::NotFromRepository { .. } => |path: &str, text| Finding::error("setting-not-allowed", path, text),
            Self::NotFromDesk { .. } | Self::OnlyFromDesk { .. } => {
                |path: &str, text| Finding::warning("misplaced-setting", path, text)
            }
        };
        make(&origin.place, self.to_string()).at(origin.line, usize::from(origin.line > 0)).hint(self.hint())
    }
}

/// Checks that `layer` may set `name` to `text`, and gives its key.
///
/// # Errors
///
/// [`SettingError`] says whether the name, the text or the layer is wrong.
pub fn check(name: &str, text: &str, layer: Layer) -> Result<&'static Key, SettingError> {
    let key = lookup(name)?;
    let name = name.to_owned();
    if !key.scope.allows(layer) {
        return Err(match key.scope {
            Scope::Desk => SettingError::OnlyFromDesk { name },
            Scope::User => SettingError::NotFromDesk { name },
            Scope::UserOnly => SettingError::NotFromRepository { name },
        });
    }
    if !key.form.accepts(text) {
        return Err(SettingError::Value { name, text: text.to_owned(), expected: key.form.words() });
    }
    Ok(key)
}

/// The settings as they hold, by name.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, Setting>,
    findings: Vec<Finding>,
    unread: Option<Finding>,
}

impl Settings {
    /// Lays the layers over each other.
    pub fn resolve(layers: &Layers<'_>) -> Self {
        let mut settings = Self::default();
        settings.take_file(Layer::Defaults, "default", DEFAULTS);
        for (name, text, line) in layers.desk.iter().filter(|(name, text, _)| name != "format" && !text.is_empty()) {
            settings.take(Layer::Desk, "staple.toml", *line, name, text);
        }
        if let Some((path, text)) = layers.user {
            settings.take_file(Layer::User, path, text);
        }
        for (key, text, origin) in layers.git {
            if let Some(name) = git_name(key) {
                settings.take(Layer::Git, origin, 0, &name, text);
            }
        }
        for (variable, text) in layers.environment.into_iter().flatten() {
            if let Some(name) = variable_name(variable) {
                settings.take(Layer::Environment, variable, 0, &name, text);
            }
        }
        for (name, text) in layers.flags {
            settings.take(Layer::Flags, &format!("--config {name}"), 0, name, text);
        }
        settings
    }

    /// The setting of a name; nothing for an unknown name, or for one such as `repo.web.path` that nobody set.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.values.get(name)
    }

    /// The text of a setting, "" when it is unset.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", |setting| setting.text.as_str())
    }

    /// The number of a setting, 0 when it is unset or no number.
    pub fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or(0)
    }

    /// The items of a setting that is a list.
    pub fn items(&self, name: &str) -> Vec<&str> {
        file::items(self.text(name)).collect()
    }

    /// The desk's time zone.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        crate::record::time::zone(self.text("zone")).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// Where the clone of the code repository `name` lies, if the person said so.
    pub fn repository_path(&self, name: &str) -> Option<&str> {
        Some(self.text(&format!("repo.{name}.path"))).filter(|path| !path.is_empty())
    }

    /// Every setting with its origin, in the order of [`KEYS`].
    pub fn list(&self) -> Vec<&Setting> {
        let place = |name: &str| KEYS.iter().position(|key| key.name == name).unwrap_or(KEYS.len());
        let mut all: Vec<&Setting> = self.values.values().collect();
        all.sort_by_key(|setting| place(&setting.name));
        all
    }

    /// The values that were not taken, and why, in the order of the layers.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Notes that the desk's file cannot be read, and why; nothing of it counts then.
    pub fn note_unread(&mut self, finding: Finding) {
        self.findings.insert(0, finding.clone());
        self.unread = Some(finding);
    }

    /// Why the desk's file, which is there, cannot be read.
    pub fn unread(&self) -> Option<&Finding> {
        self.unread.as_ref()
    }

    fn take_file(&mut self, layer: Layer, path: &str, text: &str) {
        match flatten(text) {
            Ok(keys) => keys.iter().for_each(|(name, text, line)| self.take(layer, path, *line, name, text)),
            Err(error) => {
                self.findings.push(Finding::error("not-toml", path, error.message).at(error.line, 1));
            }
        }
    }

    fn take(&mut self, layer: Layer, place: &str, line: usize, name: &str, text: &str) {
        let origin = Origin { layer, place: place.to_owned(), line };
        match check(name, text, layer) {
            Ok(_) => {
                let setting = Setting { name: name.to_owned(), text: text.to_owned(), origin };
                self.values.insert(name.to_owned(), setting);
            }
            Err(error) => self.findings.push(error.finding(&origin)),
        }
    }
}

/// `staple.Bind-After-Days` is `bind-after-days`: git is blind to case but in the middle of `staple.repo.Web.path`.
fn git_name(key: &str) -> Option<String> {
    let (section, name) = key.split_once('.')?;
    if !section.eq_ignore_ascii_case("staple") {
        return None;
    }
    Some(match name.rsplit_once('.') {
        Some((middle, last)) => format!("{middle}.{}", last.to_ascii_lowercase()),
        None => name.to_ascii_lowercase(),
    })
}

/// `STAPLE_MAIL_COMMAND` is `mail-command`, `STAPLE_SYNC_THROUGH` is `sync.through`.
fn variable_name(variable: &str) -> Option<String> {
    let name = variable.strip_prefix("STAPLE_")?;
    let setting = !NOT_SETTINGS.contains(&variable) && !name.is_empty();
    let name = name.to_ascii_lowercase().replace('_', "-");
    // A variable has no dots.
    let dotted = KEYS.iter().find(|key| key.name.contains('.') && key.name.replace('.', "-") == name);
    setting.then(|| dotted.map_or(name, |key| key.name.to_owned()))
}

#[cfg(test)]
mod tests;
