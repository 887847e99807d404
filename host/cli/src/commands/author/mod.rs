//! `lombard plugin` for those who write plugins.
//!
//! Owns: which function is behind which word. Must not know: languages, and
//! the form of cases; they are `lombard-author`'s.

mod bench;
mod build;
mod cases;
mod instance;
mod new;
mod pack;
mod run;
mod stage;
mod watch;

use crate::arguments::AuthorCommand;
use crate::context::Context;

pub(super) use build::built;

pub(super) async fn run(context: &Context, command: AuthorCommand) -> anyhow::Result<()> {
    match command {
        AuthorCommand::New {
            name,
            kind,
            lang,
            parent,
        } => new::run(context, &name, kind, lang, &parent),
        AuthorCommand::Build { project } => build::run(context, &project).await,
        AuthorCommand::Test {
            project,
            cases,
            accept,
        } => cases::run(context, &project, &cases, accept).await,
        AuthorCommand::Watch { project } => watch::run(context, &project).await,
        AuthorCommand::Bench { project, calls } => bench::run(context, &project, calls).await,
        AuthorCommand::Run(options) => run::run(context, &options).await,
        AuthorCommand::Pack {
            component,
            manifest,
            out,
        } => pack::run(context, &component, &manifest, out),
    }
}
