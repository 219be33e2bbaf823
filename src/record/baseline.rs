//! A baseline: locked process limits, with the reason they were set.

use super::schema::{Schema, Type, key, req};

/// The keys of a baseline. Limits are decimal texts in the measure's own unit.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("measure", Type::Line, "the measure, such as customer-time"),
        req("locked", Type::Day, "when the limits were locked"),
        req("reason", Type::Prose, "why they were set or set anew"),
        key("since", Type::Day, "first day of the data they come from"),
        key("until", Type::Day, "last day of the data they come from"),
        key("mean", Type::Line, "the mean"),
        key("upper", Type::Line, "the upper limit"),
        key("lower", Type::Line, "the lower limit; unset when there is none"),
        key("range", Type::Line, "the mean moving range"),
        key("retired", Type::Day, "the day they ended"),
    ],
    anchor: "locked",
};
