//! `lombard token`.
//!
//! A token is shown once, as it is made.

use lombard_model::view::Kind;
use lombard_runtime::Host;
use lombard_server::give_token;
use serde_json::json;

use super::with_host;
use crate::arguments::{TokenCommand, TokenName};
use crate::context::Context;
use crate::draw;
use crate::failure::Advised;

pub(super) async fn run(context: &Context, command: TokenCommand) -> anyhow::Result<()> {
    with_host(context, async |host| match command {
        TokenCommand::New { name, role } => {
            let role = role.into();
            let token = give_token(host, name.as_str(), role).await?;
            let Some(token) = token else {
                let words = format!("there is a token named `{name}`");
                let remedy = "revoke it first, or choose another name";
                return Err(Advised::new(words, remedy).into());
            };
            context.output.result(
                || json!({ "name": name.as_str(), "role": role, "token": token.reveal() }),
                |_| format!("{}\n", token.reveal()),
            )
        }
        TokenCommand::List => list(context, host).await,
        TokenCommand::Revoke { name } => revoke(context, host, name).await,
    })
    .await
}

async fn list(context: &Context, host: &Host) -> anyhow::Result<()> {
    let mut session = host.session("token list");
    let tokens = session.access_tokens().await?;
    session.end();
    context.output.result(
        || {
            let tokens = tokens.iter().map(|token| {
                json!({ "name": token.name, "role": token.role, "created_at": token.created_at })
            });
            json!({ "tokens": tokens.collect::<Vec<_>>() })
        },
        |style| {
            let columns = [
                ("Token", Kind::Text),
                ("Role", Kind::Text),
                ("Made", Kind::Time),
            ];
            let rows = tokens.iter().map(|token| {
                vec![
                    token.name.as_str().into(),
                    token.role.as_str().into(),
                    token.created_at.into(),
                ]
            });
            draw::table(&columns, &rows.collect::<Vec<_>>(), style)
        },
    )
}

async fn revoke(context: &Context, host: &Host, name: TokenName) -> anyhow::Result<()> {
    host.store().remove_access_token(name.to_string()).await?;
    context.output.result(
        || json!({ "revoked": name.as_str() }),
        |_| format!("revoked {name}\n"),
    )
}
