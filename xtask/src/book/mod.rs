//! `cargo xtask book`: the book in `docs/book`.
//!
//! Owns: that its reference is what `wit/` says, that it is built without a
//! warning, and that nothing in it leads nowhere. Must not know: what the pages
//! say.

mod html;
mod links;
mod mdbook;
mod reference;
mod shapes;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::workspace::Workspace;

const BOOK: &str = "docs/book";
const SOURCE: &str = "docs/book/src";
const REFERENCE: &str = "docs/book/src/reference.md";

/// A page as it is written.
#[derive(Debug)]
struct Page {
    /// Relative to the book's source, with `/` between names.
    name: String,
    text: String,
}

/// Writes the reference anew, builds the book into `target/book` and checks it.
///
/// # Errors
/// Where something in it leads nowhere, or it can't be built without a warning.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let path = workspace.path(REFERENCE);
    let page = reference::page(&workspace.path("wit"))?;
    if fs::read_to_string(&path).is_ok_and(|there| there == page) {
        say(format_args!("    {REFERENCE} is what the contract says"));
    } else {
        fs::write(&path, page).with_context(|| format!("can't write {}", path.display()))?;
        say(format_args!("    wrote {REFERENCE} anew"));
    }
    check(workspace)?;
    let program = mdbook::ensure(workspace)?;
    build(workspace, &program)
}

/// The same without changing a page; the book is built where `mdbook` is there
/// or can be installed, so that no check needs a network.
///
/// # Errors
/// As [`run`], and where the reference is not what the contract says.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    let page = reference::page(&workspace.path("wit"))?;
    let there = fs::read_to_string(workspace.path(REFERENCE)).unwrap_or_default();
    if there != page {
        bail!("{REFERENCE} is not what wit/ says; to write it anew:\n    cargo xtask book");
    }
    check(workspace)?;
    match mdbook::ensure(workspace) {
        Ok(program) => build(workspace, &program),
        Err(error) => {
            say(format_args!("    left out: building it: {error:#}"));
            Ok(())
        }
    }
}

fn check(workspace: &Workspace) -> Result<()> {
    let mut pages = Vec::new();
    collect(&workspace.path(SOURCE), "", &mut pages)?;
    told(&links::complaints(&pages))
}

fn build(workspace: &Workspace, program: &Path) -> Result<()> {
    let built: PathBuf = workspace.target("book");
    mdbook::build(program, &workspace.path(BOOK), &built)?;
    let mut pages = Vec::new();
    collect(&built, "", &mut pages)?;
    told(&html::complaints(&built, &pages))?;
    say(format_args!("    {}", built.join("index.html").display()));
    Ok(())
}

fn told(complaints: &[String]) -> Result<()> {
    for complaint in complaints {
        say(format_args!("{complaint}"));
    }
    match complaints.len() {
        0 => Ok(()),
        some => bail!("{some} complaints of the book"),
    }
}

/// All pages below a folder: as they are written, or as they were built.
fn collect(folder: &Path, prefix: &str, pages: &mut Vec<Page>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), pages)?;
        } else if path
            .extension()
            .is_some_and(|kind| kind == "md" || kind == "html")
        {
            let text = fs::read_to_string(&path);
            let text = text.with_context(|| format!("can't read {}", path.display()))?;
            pages.push(Page { name, text });
        }
    }
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(())
}
