//! `staple check`.
