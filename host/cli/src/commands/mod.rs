//! The commands, one file for each.
//!
//! Owns: which function is behind which word. Adding a command is a file here,
//! a line below and its arguments.

mod account;
mod audit;
mod author;
mod cache;
mod check;
pub(crate) mod compile;
mod demo;
mod expert;
mod import;
mod job;
mod pin;
mod plugin;
mod recommendation;
mod record;
mod replay;
mod serve;
mod session;
mod settings;
mod source;
mod token;
mod top;
mod widget;

use clap::CommandFactory as _;
use serde_json::json;

use crate::arguments::{
    AccountCommand, Arguments, Command, ExpertCommand, RecommendationCommand, SessionCommand,
    WidgetCommand,
};
use crate::bench;
use crate::context::Context;

use source::with_host;

/// Does what was asked.
pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo => demo::run(context).await,
        Command::Import { file, demo } => import::run(context, file.as_deref(), demo).await,
        Command::Plugin(command) => plugin::run(context, command).await,
        Command::Widget(WidgetCommand::Render {
            widget,
            grants,
            params,
            record,
        }) => widget::render(context, &widget, &grants, &params, &record).await,
        Command::Expert(ExpertCommand::List) => expert::list(context).await,
        Command::Expert(ExpertCommand::Run {
            id,
            symbols,
            use_case,
            record,
            ..
        }) => expert::run(context, id, &symbols, use_case, &record).await,
        Command::Expert(ExpertCommand::Pin { id, version }) => {
            pin::pin(context, id, version.as_deref()).await
        }
        Command::Expert(ExpertCommand::Unpin { id }) => pin::unpin(context, id).await,
        Command::Settings(command) => settings::run(context, command).await,
        Command::Account(AccountCommand::List) => account::list(context).await,
        Command::Recommendation(RecommendationCommand::List { limit }) => {
            recommendation::list(context, limit).await
        }
        Command::Replay(options) => replay::run(context, &options).await,
        Command::Audit(options) => audit::run(context, &options).await,
        Command::Token(command) => token::run(context, command).await,
        Command::Serve(options) => serve::run(context, &options.into()).await,
        Command::Cache(command) => cache::run(context, command).await,
        Command::Job(command) => job::run(context, command).await,
        Command::Session(SessionCommand::List) => session::list(context).await,
        Command::Top(options) => top::run(context, options).await,
        Command::Bench(options) => bench::run(context, &options).await,
        // `main` is there before this.
        Command::Compile { .. } => anyhow::bail!("this is done without a host"),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "lombard", &mut script);
            let script = String::from_utf8(script)?;
            let json = || json!({ "shell": shell.to_string(), "script": script });
            context.output.result(json, |_| script.clone())
        }
    }
}
