//! `lombard plugin watch`.
//!
//! Owns: when to begin anew: at a change of what the author wrote, and never at
//! one of what a build did. Must not know: what is built and tested.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, SystemTime};

use lombard_author::{Project, lints};
use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use super::built;
use super::cases::{try_all, words_of};
use crate::context::Context;
use crate::draw;
use crate::failure;

/// Who saves writes several files, or one several times: nothing has to change
/// for as long before it is looked at.
const SETTLED: Duration = Duration::from_millis(80);

/// So often is waited for that. Something may be written all the time.
const PATIENCE: u32 = 25;

/// Folders that builds write to, and those that tools keep.
const LEFT_OUT: [&str; 6] = [
    "target",
    "node_modules",
    ".venv",
    ".git",
    "__pycache__",
    "dist",
];

/// Cargo writes it where an author's files are. What it is after a build is what
/// was built with.
const LOCK: &str = "Cargo.lock";

/// The files that an author wrote, with what shows that one has changed.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

pub(super) async fn run(context: &Context, folder: &Path) -> anyhow::Result<()> {
    let project = Project::open(folder)?;
    let (told, mut changes) = mpsc::channel(1);
    // One that waits stands for all.
    let mut watcher = notify::recommended_watcher(move |_| {
        let _ = told.try_send(());
    })?;
    watcher.watch(&project.folder, RecursiveMode::Recursive)?;
    // Once for all rounds: what is told while nobody waits for it is lost.
    let mut ended = pin!(tokio::signal::ctrl_c());
    let mut seen = Seen::new();
    loop {
        let now = settled(&project.folder).await;
        if now != seen {
            seen = now;
            tokio::select! {
                ended = &mut ended => return Ok(ended?),
                done = once(context, &project.folder) => if let Err(error) = done {
                    context.output.complain(&failure::words(&error));
                }
            }
            let now = written(&project.folder).into_iter();
            seen.extend(now.filter(|(path, _)| path.ends_with(LOCK)));
            context.output.note("waiting for a change; ctrl-c ends");
        }
        tokio::select! {
            ended = &mut ended => return Ok(ended?),
            change = changes.recv() => if change.is_none() {
                return Ok(());
            }
        }
    }
}

async fn once(context: &Context, folder: &Path) -> anyhow::Result<()> {
    let (project, built, checked) = built(context, folder).await?;
    // As it was packed: settings may come of the code.
    let inspected = checked.inspected.as_ref();
    let lints = inspected.map(|one| lints(&built.bytes, &one.manifest));
    for lint in lints.into_iter().flatten() {
        context
            .output
            .note(&format!("{}; {}", lint.words, lint.advice));
    }
    let mut words = format!("{} bytes, {}\n", built.bytes.len(), checked.digest);
    let mut shown = String::new();
    let style = context.output.style();
    let tried = try_all(context, &project.cases(), &built.bytes, &[], false).await?;
    words.extend(tried.iter().map(|one| words_of(one, style)));
    if let Some(first) = tried.first() {
        shown = draw::heading(&first.name, style) + &first.shown;
    }
    context.output.result(
        || serde_json::json!({ "watched": words }),
        |_| words.clone() + &shown,
    )
}

/// What the author wrote, when nothing of it is just being written.
async fn settled(folder: &Path) -> Seen {
    let mut seen = written(folder);
    for _ in 0..PATIENCE {
        tokio::time::sleep(SETTLED).await;
        let now = written(folder);
        if now == seen {
            break;
        }
        seen = now;
    }
    seen
}

/// What the author wrote, as it is now. A file that can't be looked at is one
/// that is just being replaced.
fn written(folder: &Path) -> Seen {
    let mut seen = Seen::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else {
                continue;
            };
            let name = entry.file_name();
            let is_left_out = LEFT_OUT.iter().any(|left_out| name == *left_out);
            match about.is_dir() {
                true if is_left_out => {}
                true => folders.push(entry.path()),
                false if is_scratch(&name.to_string_lossy()) => {}
                false => {
                    let at = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    seen.insert(entry.path(), (at, about.len()));
                }
            }
        }
    }
    seen
}

/// Whether that is the name of what editors keep beside a file while it is open.
fn is_scratch(name: &str) -> bool {
    let is_swap = name.starts_with('.') && [".swp", ".swx"].iter().any(|end| name.ends_with(end));
    is_swap || name.ends_with('~') || name.starts_with(".#") || name == "4913"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_or_an_editor_writes_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("src/lib.rs", "one");
        let before = written(folder.path());
        write("target/a/b.wasm", "built");
        write("node_modules/c.js", "installed");
        for scratch in ["src/.lib.rs.swp", "src/lib.rs~", "src/.#lib.rs", "src/4913"] {
            write(scratch, "an editor's");
        }
        assert_eq!(written(folder.path()), before);
        write("src/lib.rs", "other");
        assert_ne!(written(folder.path()), before);
    }
}
