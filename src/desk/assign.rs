//! What a typed value means for a key: times as people say them, bare slugs, prefixes of ids.

use super::{Desk, Draft, WriteError, resolve};
use crate::record::Value;
use crate::record::change::assign::{Assignment, Operator, items};
use crate::record::schema::{Key, Type};
use crate::record::time::Time;
use crate::record::when::{DayEdge, Direction, When, parse_when};
use crate::text;

/// Keys whose days and times lie ahead when the text does not say.
const AHEAD: &[&str] = &["next-update", "trial-until", "revisit", "available-until"];

impl Desk {
    /// The value that an assignment to `key` gives or names.
    ///
    /// # Errors
    /// When the text cannot be read as the key's type, or names a record that is not there.
    pub fn typed(&self, draft: &Draft<'_>, key: &Key, assignment: &Assignment) -> Result<Value, WriteError> {
        let text = assignment.value.as_str();
        let changes_list = assignment.operator != Operator::Becomes;
        if text.is_empty() {
            if changes_list {
                let message = format!("`{}` is to change by nothing", key.name);
                return Err(WriteError::usage(message, format!("name the item: {}+=ITEM or {0}-=ITEM", key.name)));
            }
            return Ok(Value::Unset);
        }
        match key.ty {
            Type::Time => self.typed_time(key, text),
            Type::Day => Ok(Value::Day(self.when(key, text)?.day(&self.zone))),
            Type::Bool => match text.to_lowercase().as_str() {
                "true" | "yes" => Ok(Value::Bool(true)),
                "false" | "no" => Ok(Value::Bool(false)),
                _ => Err(wrong(key, "must be true or false")),
            },
            Type::Ref(targets) => Ok(resolve::typed(draft, targets, text)?.into()),
            Type::Refs(targets) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                let found: Result<Vec<String>, WriteError> =
                    parts.map(|part| resolve::typed(draft, targets, part)).collect();
                Ok(found?.into())
            }
            // Steps and the like are sentences: a line each, commas and all.
            Type::Ordered if !changes_list => Ok(lines(text).into()),
            Type::Ordered => Ok(vec![text.to_owned()].into()),
            Type::List if changes_list => Ok(items(text).into()),
            _ => text::typed(key.ty, text).map_err(|problem| wrong(key, &problem)),
        }
    }

    fn typed_time(&self, key: &Key, text: &str) -> Result<Value, WriteError> {
        let ahead = AHEAD.contains(&key.name);
        // A promise for a day holds until the end of its working hours.
        let edge = if ahead { DayEdge::At(jiff::civil::time(17, 0, 0, 0)) } else { DayEdge::Start };
        let time: Time = self.when(key, text)?.instant(&self.zone, edge);
        if ahead && time < self.now {
            let message = format!("`{text}` has passed; `{}` lies ahead", key.name);
            return Err(WriteError::usage(message, format!("such as {}=3d", key.name)));
        }
        if !ahead && time > self.now {
            let message = format!("`{text}` is in the future; `{}` says what has happened", key.name);
            return Err(WriteError::usage(message, format!("such as {}=\"yesterday 17:00\"", key.name)));
        }
        Ok(time.into())
    }

    fn when(&self, key: &Key, text: &str) -> Result<When, WriteError> {
        let direction = if AHEAD.contains(&key.name) { Direction::Future } else { Direction::Past };
        parse_when(text, self.now, &self.zone, direction).map_err(|error| wrong(key, &error.to_string()))
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn wrong(key: &Key, problem: &str) -> WriteError {
    WriteError::usage(format!("`{}` {problem}", key.name), format!("it is {}", key.meaning))
}
