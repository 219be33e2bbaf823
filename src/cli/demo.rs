//! `staple demo`: makes a desk to try things on.

use std::path::PathBuf;

use super::environment::Environment;
use super::error::{CliError, Exit, with_causes};
use super::merge_driver;
use super::ui::Ui;
use crate::desk::Desk;
use crate::desk::bulk::BulkFailure;
use crate::exchange::demo::{self, ME, Made};
use crate::settings::{Layers, Settings};
use crate::store::{Discover, Store};

/// Make a desk with a year of sample history, to try things on
///
/// A small invented company with two products: nine people, 40 customers, about 600 tickets in 3,000 commits, playbooks,
/// proposals and releases. The year ends now. The same clock gives the same commits everywhere; STAPLE_SEED gives another
/// year. In the new repository you are Sam, one of the sample people.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  staple demo\n  staple demo /tmp/desk && cd /tmp/desk && staple digest managers\n  STAPLE_NOW=2026-11-23T09:00:00Z staple demo same-everywhere"
)]
pub(crate) struct DemoArgs {
    /// The folder, which must be empty or not there yet
    #[arg(default_value = "staple-demo")]
    dir: PathBuf,
}

pub(crate) fn cmd_demo(ui: &mut Ui, environment: &Environment, args: &DemoArgs) -> Result<(), CliError> {
    let folder = environment.folder.join(&args.dir);
    let shown = args.dir.display();
    if folder.exists() && std::fs::read_dir(&folder)?.next().is_some() {
        return Err(CliError::refused(
            format!("{shown} is not empty"),
            "name another folder: staple demo staple-demo-2",
        ));
    }
    let seed = environment.variable("STAPLE_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(1);
    std::fs::create_dir_all(&folder)?;
    let discover = Discover { start: folder.clone(), ..Discover::default() };
    Store::init_repo(&folder, &discover)?;
    let store = Store::open_at(&discover, "")?;
    let (person, name, email) = ME;
    for (key, value) in [("staple.person", person), ("user.name", name), ("user.email", email)] {
        store.set_config(key, value)?;
    }
    merge_driver::configure(&store)?;
    let desk = Desk::new(store, Settings::resolve(&Layers::default()), environment.now, environment.random());
    let made = demo::make(&desk, environment.now, seed).map_err(failed)?;
    ui.status(summary(&args.dir.display().to_string(), &made));
    ui.hint(format!("there you are {name}, one of the sample people (git config staple.person)"));
    ui.hint(format!("see what is open: cd {shown} && staple list"));
    ui.hint("read the week: staple digest managers");
    ui.hint("see whose fix is out: staple release untold");
    ui.hint("read the year: git log --oneline");
    Ok(())
}

fn summary(dir: &str, made: &Made) -> String {
    format!(
        "made {dir}: {} tickets of {} customers, {} playbooks, {} proposals and {} releases in {} commits",
        made.tickets, made.customers, made.playbooks, made.proposals, made.releases, made.commits
    )
}

fn failed(failure: BulkFailure) -> CliError {
    match failure {
        BulkFailure::Write(error) => error.into(),
        BulkFailure::Store(error) => error.into(),
        BulkFailure::Bulk(error) => {
            CliError::new(Exit::Refused, with_causes(&error), "see what git can do: git --version")
        }
    }
}
