//! `lombard expert pin` and `unpin`.
//!
//! Owns: what is said of an expert that stays with a version. Must not know:
//! which versions there are.

use lombard_model::ExpertId;
use lombard_runtime::Pinned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use ureq::http::Method;

use super::expert::Expert;
use super::source::{Source, with_source};
use crate::context::Context;

/// The version that an expert instance stays with.
#[derive(Deserialize, Serialize)]
pub(super) struct PinnedTo {
    pub(super) version: String,
    digest: String,
}

impl From<Pinned> for PinnedTo {
    fn from(pinned: Pinned) -> Self {
        Self {
            version: pinned.version,
            digest: pinned.digest.to_string(),
        }
    }
}

pub(super) async fn pin(
    context: &Context,
    id: ExpertId,
    version: Option<&str>,
) -> anyhow::Result<()> {
    with_source(context, async |source| {
        let pinned = match source {
            Source::Here(host) => Some(PinnedTo::from(host.pin(id, version).await?)),
            Source::There(client) => {
                let wanted = json!({ "version": version });
                let path = format!("/experts/{id}/pin");
                client.put::<Expert>(&path, &wanted).await?.pinned
            }
        };
        say(context, id, pinned.as_ref())
    })
    .await
}

pub(super) async fn unpin(context: &Context, id: ExpertId) -> anyhow::Result<()> {
    with_source(context, async |source| {
        match source {
            Source::Here(host) => host.unpin(id).await?,
            Source::There(client) => {
                let path = format!("/experts/{id}/pin");
                client.tell(Method::DELETE, &path).await?;
            }
        }
        say(context, id, None)
    })
    .await
}

fn say(context: &Context, id: ExpertId, pinned: Option<&PinnedTo>) -> anyhow::Result<()> {
    context.output.result(
        || json!({ "expert": id, "pinned": pinned }),
        |_| match pinned {
            Some(to) => format!("expert {id} stays with {} ({})\n", to.version, to.digest),
            None => format!("expert {id} goes with what is installed\n"),
        },
    )
}
