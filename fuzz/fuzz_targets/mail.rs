//! Any bytes as a mail.
#![no_main]

#[path = "../../tests/it/properties/mail.rs"]
mod mail;

libfuzzer_sys::fuzz_target!(init: pass_over_the_parser(), |bytes: &[u8]| mail::holds(bytes));

/// A panic of the mail parser is caught, and the mail refused as damaged. The hook of libFuzzer would end the process first.
fn pass_over_the_parser() {
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|place| place.file().contains("/mail-parser-")) {
            end(panic);
        }
    }));
}
