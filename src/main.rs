//! The `staple` program.

fn main() -> std::process::ExitCode {
    staple::cli::main()
}
