//! The commands, one file for each.
//!
//! Owns: which function is behind which word. Adding a command is a file here,
//! a line below and its arguments.

mod account;
mod audit;
mod check;
mod demo;
mod expert;
mod import;
mod plugin;
mod recommendation;
mod serve;
mod settings;
mod token;
mod widget;

use clap::CommandFactory as _;
use lombard_model::CallCost;
use lombard_runtime::Host;
use serde_json::{Value as Json, json};

use crate::arguments::{
    AccountCommand, Arguments, Command, ExpertCommand, RecommendationCommand, WidgetCommand,
};
use crate::bench;
use crate::context::Context;

/// Does what was asked.
pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo => demo::run(context).await,
        Command::Import { file } => import::run(context, &file).await,
        Command::Plugin(command) => plugin::run(context, command).await,
        Command::Widget(WidgetCommand::Render {
            widget,
            grants,
            params,
        }) => widget::render(context, &widget, &grants, &params).await,
        Command::Expert(ExpertCommand::List) => expert::list(context).await,
        Command::Expert(ExpertCommand::Run {
            id,
            symbols,
            use_case,
            ..
        }) => expert::run(context, id, &symbols, use_case).await,
        Command::Settings(command) => settings::run(context, command).await,
        Command::Account(AccountCommand::List) => account::list(context).await,
        Command::Recommendation(RecommendationCommand::List { limit }) => {
            recommendation::list(context, limit).await
        }
        Command::Audit(options) => audit::run(context, &options).await,
        Command::Token(command) => token::run(context, command).await,
        Command::Serve(options) => serve::run(context, &options.into()).await,
        Command::Bench(options) => bench::run(context, &options).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "lombard", &mut script);
            let script = String::from_utf8(script)?;
            let json = || json!({ "shell": shell.to_string(), "script": script });
            context.output.result(json, |_| script.clone())
        }
    }
}

/// Runs `work` with the host and closes the host whatever comes of it.
async fn with_host<T>(
    context: &Context,
    work: impl AsyncFnOnce(&Host) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let host = context
        .progress
        .during("opening the database", context.host())
        .await?;
    let done = work(&host).await;
    host.close().await;
    done
}

/// The figures of a call that a reader of the command line looks for.
fn cost(cost: &CallCost) -> Json {
    json!({
        "sessions": cost.sessions,
        "connections": cost.connections,
        "statements": cost.statements,
        "rows": cost.rows,
        "bytes": cost.bytes,
        "cache_hits": cost.cache_hits,
        "cache_misses": cost.cache_misses,
        "host_calls": cost.host_calls,
        "wall_us": cost.wall_us,
        "cpu_us": cost.cpu_us,
        "wait_us": cost.wait_us,
        "held_us": cost.held_us,
        "memory_peak_bytes": cost.memory_peak_bytes,
    })
}
