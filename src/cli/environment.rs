//! What the process gives: arguments, variables, the folder, the clock and random bits. Nothing below reads them itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::error::CliError;
use crate::desk::Random;
use crate::record::time::Time;

/// What the process gives.
pub(crate) struct Environment {
    /// The arguments, the program's name first.
    pub(crate) arguments: Vec<OsString>,
    /// The variables that are text.
    pub(crate) variables: BTreeMap<String, String>,
    /// The current folder.
    pub(crate) folder: PathBuf,
    /// The moment of the command; `STAPLE_NOW` moves it.
    pub(crate) now: Time,
    /// Whether standard input is a terminal.
    pub(crate) input_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub(crate) error_is_terminal: bool,
}

impl Environment {
    /// What this process gives.
    pub(crate) fn of_process() -> Result<Self, CliError> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let now = match variables.get("STAPLE_NOW") {
            None => Time::from_unix(jiff::Timestamp::now().as_second()),
            Some(text) => Time::parse(text)
                .ok_or_else(|| CliError::usage("STAPLE_NOW is not a time", "write it as 2026-11-22T09:15:00Z"))?,
        };
        Ok(Self {
            arguments: std::env::args_os().collect(),
            variables,
            folder: std::env::current_dir()?,
            now,
            input_is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdin()),
            error_is_terminal: std::io::IsTerminal::is_terminal(&std::io::stderr()),
        })
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Random bits: from the system, or the same every time when `STAPLE_SEED` says so.
    pub(crate) fn random(&self) -> Random {
        match self.variable("STAPLE_SEED").and_then(|seed| seed.parse::<u64>().ok()) {
            Some(seed) => seeded(seed),
            // An id from a weak source could clash; without one the program cannot go on.
            None => Box::new(|| getrandom::u64().unwrap_or_else(|_| jiff::Timestamp::now().as_nanosecond() as u64)),
        }
    }
}

/// The same bits for the same seed (splitmix64; Steele, Lea and Flood 2014).
pub(crate) fn seeded(seed: u64) -> Random {
    let mut state = seed;
    Box::new(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

/// Keeps a file size limit from killing the process half-way; a closed pipe is an error of writing already.
pub(crate) fn survive_signals() {
    #[cfg(unix)]
    {
        let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        // Where it cannot be caught, the process dies as any other would.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, flag);
    }
}
