//! `cargo xtask tidy`: the rules of this repository that no other tool knows.
//!
//! Owns: reading what the rules look at, and telling all complaints at once.
//! Must not know: the rules.

mod contract;
mod edges;
mod files;
mod guests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::workspace::Workspace;

/// A text file of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    /// Relative to the workspace, with `/` between names.
    path: String,
    text: String,
}

impl File {
    fn has_extension(&self, extensions: &[&str]) -> bool {
        let extension = self.path.rsplit_once('.').map(|(_, extension)| extension);
        extension.is_some_and(|extension| extensions.contains(&extension))
    }
}

/// Checks all rules.
///
/// # Errors
/// Where a rule is broken; every place is named on standard error first.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut files = vec![];
    collect(workspace, "", &mut files)?;
    let mut complaints = edges::check(&workspace.packages);
    complaints.extend(files.iter().flat_map(files::check));
    complaints.extend(contract::check(&files));
    complaints.extend(guests::check(workspace, &files));
    if complaints.is_empty() {
        return Ok(());
    }
    for complaint in &complaints {
        say(format_args!("{complaint}"));
    }
    bail!(
        "{} complaints; to repeat it:\n    cargo xtask tidy",
        complaints.len()
    );
}

/// Gathers the files whose rules there are, skipping what is built, hidden, or
/// a link to elsewhere.
fn collect(workspace: &Workspace, folder: &str, files: &mut Vec<File>) -> Result<()> {
    let path = workspace.path(folder);
    let entries = fs::read_dir(&path).with_context(|| format!("can't read {}", path.display()))?;
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type()?;
        if name.starts_with('.') || entry.path() == workspace.target("") || name == "target" {
            continue;
        }
        if kind.is_dir() {
            collect(workspace, &path, files)?;
        } else if kind.is_file() && files::is_looked_at(&name) {
            let text = read(&entry.path())?;
            files.push(File { path, text });
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
