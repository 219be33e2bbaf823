//! The program from outside: real repositories, real commands, what a user sees.

mod common;
mod tidy;
