//! `lombard plugin install`.
//!
//! Owns: when a person is asked what a plugin is granted, with what is known of
//! it and of the accounts, and what is told of an install. Must not know: how
//! the answers are read.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lombard_model::{AccountId, AccountScope, Digest, Granted};
use lombard_runtime::{Host, Inspected, inspect};
use serde_json::json;

use super::about::About;
use super::asking::{Before, Question};
use super::lock::Lock;
use super::upgrade::changes;
use super::{fetch, known_here, list_of, there};
use crate::arguments::GrantOptions;
use crate::commands::source::{Source, with_source};
use crate::commands::widget::read_file;
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure::Advised;

/// Which binary it may be.
pub(super) struct Pins {
    pub(super) digest: Option<Digest>,
    pub(super) lock: Option<PathBuf>,
    pub(super) ca: Option<PathBuf>,
}

impl Pins {
    fn allow(&self, inspected: &Inspected) -> anyhow::Result<()> {
        let found = inspected.digest;
        if let Some(wanted) = self.digest.filter(|wanted| *wanted != found) {
            let words = format!("it is {found}, and not {wanted}");
            let remedy = "get the file again from who gave you the digest, and do not trust this \
                          one";
            return Err(Advised::new(words, remedy).into());
        }
        match &self.lock {
            Some(lock) => Lock::read(lock)?.allows(&inspected.manifest.name, found),
            None => Ok(()),
        }
    }
}

pub(super) async fn run(
    context: &Context,
    file: &Path,
    options: &GrantOptions,
    pins: &Pins,
) -> anyhow::Result<()> {
    let bytes = match fetch::is_address(file) {
        true => fetch::fetch(context, file, pins).await?,
        false => read_file(file)?,
    };
    let inspected = inspect(&bytes).with_context(|| file.display().to_string())?;
    pins.allow(&inspected)
        .with_context(|| file.display().to_string())?;
    with_source(context, async |source| {
        let before = replaced(source, &inspected).await?;
        let granted = match options.grants().is_none() && is_answered(context) {
            true => ask(context, source, &inspected, options.accounts.clone()).await?,
            false => options.granted(),
        };
        let installing = install_at(source, &inspected, bytes.clone(), &granted);
        let installed = context
            .progress
            .during("compiling the plugin", installing)
            .await;
        installed.with_context(|| file.display().to_string())?;
        tell(context, &inspected, &granted, before.as_ref())
    })
    .await
}

/// Whether somebody is there who is asked.
fn is_answered(context: &Context) -> bool {
    !context.output.is_json() && io::stdin().is_terminal() && io::stderr().is_terminal()
}

async fn install_at(
    source: Source<'_>,
    inspected: &Inspected,
    bytes: Vec<u8>,
    granted: &Granted,
) -> anyhow::Result<()> {
    match source {
        Source::Here(host) => {
            host.install(bytes, granted.clone()).await?;
        }
        Source::There(client) => {
            there::install(client, &inspected.manifest.name, bytes, granted).await?;
        }
    }
    Ok(())
}

/// What is installed under its name, where that is another binary.
async fn replaced(source: Source<'_>, inspected: &Inspected) -> anyhow::Result<Option<About>> {
    let name = inspected.manifest.name.as_str();
    let installed = list_of(source).await?.into_iter();
    let mut installed = installed.filter(|one| one.source == "installed" && one.name == name);
    let digest = inspected.digest.to_string();
    let Some(_) = installed.next().filter(|one| one.digest != digest) else {
        return Ok(None);
    };
    let known = match source {
        Source::Here(host) => known_here(host, name).await?,
        Source::There(client) => there::known(client, name).await?,
    };
    Ok(Some(known.about))
}

fn tell(
    context: &Context,
    inspected: &Inspected,
    granted: &Granted,
    before: Option<&About>,
) -> anyhow::Result<()> {
    let manifest = &inspected.manifest;
    let (name, version) = (&manifest.name, &manifest.version);
    let has = granted.of_those_asked(&manifest.grants);
    let lacks = manifest.grants.without(&has.grants);
    if !lacks.is_empty() {
        context.output.note(&format!(
            "{name} asks also for {lacks}, which it was not granted: install it with --grant LIST \
             for what you trust it with"
        ));
    }
    let about = About::of(inspected, Some(&has));
    let changes = before.map(|before| (before, changes(before, &about)));
    let upgrade = changes.as_ref().map(|(before, changes)| {
        json!({ "from": before.version, "from_digest": before.digest, "changes": changes })
    });
    context.output.result(
        || json!({ "installed": about, "upgrade": upgrade }),
        |style| {
            let Granted { grants, accounts } = &has;
            let (digest, accounts) = (inspected.digest, accounts.words());
            let mut words = format!(
                "installed {name} {version}\n{digest}\ngranted: {grants}\nsees: {accounts}\n"
            );
            if let Some((before, changes)) = &changes {
                words += &format!("in place of {}", draw::inline(&before.version, style));
                words += "; `lombard plugin rollback` goes back\n";
                let line = |change: &String| format!("  {}\n", draw::inline(change, style));
                words.extend(changes.iter().map(line));
            }
            words
        },
    )
}

/// Asks at the terminal.
async fn ask(
    context: &Context,
    source: Source<'_>,
    inspected: &Inspected,
    said: Option<AccountScope>,
) -> anyhow::Result<Granted> {
    let name = inspected.manifest.name.as_str();
    let (before, accounts) = match source {
        Source::Here(host) => (before(host, name), accounts(host).await?),
        Source::There(client) => (
            there::before(client, name).await?,
            there::accounts(client).await?,
        ),
    };
    let style = Style {
        color: context.output.stderr_color(),
        ..context.output.style()
    };
    let of = (&inspected.manifest, inspected.digest);
    let question = Question::new(of, before.as_ref(), &accounts, said, style);
    // It waits for a person: not on a thread that others wait for.
    let asked = tokio::task::spawn_blocking(move || {
        question.ask(&mut io::stdin().lock(), &mut io::stderr().lock())
    });
    asked.await?.context("the answer can't be read")
}

fn before(host: &Host, name: &str) -> Option<Before> {
    let entry = host.plugin_entry(name).ok()?;
    entry.installed_at?;
    Some(Before {
        version: entry.manifest.version,
        digest: entry.digest.to_string(),
        granted: Granted {
            grants: entry.granted,
            accounts: entry.accounts,
        },
    })
}

async fn accounts(host: &Host) -> anyhow::Result<Vec<(AccountId, String)>> {
    let mut session = host.session("plugin install");
    let rows = session.accounts().await?;
    session.end();
    let named = rows
        .iter()
        .map(|row| (row.account.id, row.account.name.clone()));
    Ok(named.collect())
}
