//! `lombard plugin build`.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use lombard_author::{AuthorError, BuildError, Built, Project, build};
use lombard_model::Limits;
use lombard_runtime::{Checked, check};
use serde_json::json;

use crate::context::{Context, data_folder};
use crate::failure::Advised;

pub(super) async fn run(context: &Context, folder: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let (_, built, checked) = built(context, folder).await?;
    let seconds = began.elapsed().as_millis();
    let file = built.file.display().to_string();
    let (digest, bytes) = (checked.digest.to_string(), built.bytes.len());
    context.output.result(
        || json!({ "file": file, "digest": digest, "bytes": bytes, "build_ms": seconds }),
        |_| format!("{file}\n{digest}, {bytes} bytes, {seconds} ms\n"),
    )
}

/// Builds the project and makes sure that a host would take what came of it.
pub(in crate::commands) async fn built(
    context: &Context,
    folder: &Path,
) -> anyhow::Result<(Project, Built, Checked)> {
    let project = Project::open(folder)?;
    let (building, data) = (project.clone(), data_folder()?);
    let work = tokio::task::spawn_blocking(move || build(&building, &data));
    let doing = format!("building {} ({})", project.manifest.name, project.language);
    let built = context.progress.during(&doing, work).await?;
    let built = built.map_err(|error| told(context, error))?;
    let mut checked = check(&built.bytes, &Limits::default());
    if !checked.refusals.is_empty() {
        let refusal = checked.refusals.swap_remove(0);
        return Err(refusal).with_context(|| format!("{} would be refused", built.file.display()));
    }
    Ok((project, built, checked))
}

/// What a tool had to say is shown as it said it, and not in one line.
fn told(context: &Context, error: AuthorError) -> anyhow::Error {
    match error {
        AuthorError::Build(BuildError::Failed { tool, output }) if !context.output.is_json() => {
            context.output.lines(&output);
            let words = format!("`{tool}` failed");
            Advised::new(words, "correct what it told, and build again").into()
        }
        error => error.into(),
    }
}
