//! Views: plain structs in the reader's words. No markup, and no record among their fields.

pub mod ticket_list;
