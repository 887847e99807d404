//! Making the plugin's file of a project.
//!
//! Owns: which language is built how, and that what comes of it is packed and
//! put in place whole. Must not know: tests, hosts.

mod rust;
mod tool;

use std::fs;
use std::path::{Path, PathBuf};

pub use tool::BuildError;

use crate::{AuthorError, Language, Project};

/// What was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The plugin's file.
    pub file: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Builds the project with its language's own tools, and writes the plugin's
/// file: the component with its manifest and metadata. The same source gives
/// the same bytes.
///
/// # Errors
/// Where a tool is missing or fails, what was built is no plugin, or a file
/// can't be written. The file of an earlier build is then as it was.
pub fn build(project: &Project, data: &Path) -> Result<Built, AuthorError> {
    let target = project.target();
    fs::create_dir_all(&target).map_err(AuthorError::file(&target, "made"))?;
    let bytes = match project.language {
        Language::Rust => {
            crate::sdk::unpack(data)?;
            let module = rust::build(project)?;
            lombard_pack::pack(&module, &project.manifest_text)?
        }
        other => unreachable!("{other}"),
    };
    let file = project.plugin_file();
    put(&file, &bytes)?;
    Ok(Built { file, bytes })
}

/// Puts the whole file in place at once, so that nobody reads half of it; one
/// that would be the same is left alone, so that nobody takes it for new.
fn put(file: &Path, bytes: &[u8]) -> Result<(), AuthorError> {
    if fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let part = file.with_extension(format!("wasm.{}.part", std::process::id()));
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, file))
        .map_err(AuthorError::file(file, "written"))
}
