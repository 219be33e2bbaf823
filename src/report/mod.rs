//! Views: plain structs in the reader's words. No markup, and no record among their fields.

pub mod conflicts;
pub mod day;
pub mod digest;
pub mod edits;
pub mod fixes;
pub mod history;
pub mod kind_list;
pub mod record_view;
pub mod release;
pub mod review;
pub mod search;
pub mod ticket_list;
pub mod ticket_view;
pub mod told;
pub mod words;
