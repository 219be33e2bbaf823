//! The value of one key.

use std::fmt;

use super::time::{Day, Time};

/// A row of a list of structures: field and value, in the fields' order.
pub type Row = Vec<(String, Value)>;

/// A value as records hold it. "" and [] read as [`Value::Unset`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// Not set.
    #[default]
    Unset,
    /// Text; without the last line's end.
    Text(String),
    /// An instant.
    Time(Time),
    /// A day.
    Day(Day),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Texts.
    List(Vec<String>),
    /// Structures.
    Rows(Vec<Row>),
}

impl Value {
    /// Whether it says nothing: unset, "" or [].
    pub fn is_unset(&self) -> bool {
        match self {
            Self::Unset => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Rows(rows) => rows.is_empty(),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => write!(f, "{time}"),
            Self::Day(day) => write!(f, "{day}"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::List(items) => f.write_str(&items.join(", ")),
            Self::Rows(rows) => {
                for (i, row) in rows.iter().enumerate() {
                    if i > 0 {
                        f.write_str("; ")?;
                    }
                    let mut first = true;
                    for (name, value) in row.iter().filter(|(_, value)| !value.is_unset()) {
                        write!(f, "{}{name} {value}", if first { "" } else { ", " })?;
                        first = false;
                    }
                }
                Ok(())
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<String>> for Value {
    fn from(items: Vec<String>) -> Self {
        Self::List(items)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unset, Into::into)
    }
}
