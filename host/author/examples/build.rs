//! Builds a project, for trying a recipe out by hand:
//! `cargo run --example build -- FOLDER COMPONENT.wasm [SCRATCH]`.
//!
//! Owns: the command line of that. Must not know: any language.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use lombard_author::build::{Language, Project, build};
use lombard_model::Manifest;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args_os().skip(1).map(PathBuf::from);
    let folder = words.next().ok_or("which project?")?;
    let component = words.next().ok_or("which file is it to be?")?;
    let target = words.next().unwrap_or_else(|| folder.join("target"));
    let project = Project {
        manifest: Manifest::parse(&fs::read_to_string(folder.join("plugin.toml"))?)?,
        wit: folder.join("wit"),
        target,
        folder,
    };
    let language = Language::of(&project).ok_or("it has no `src/plugin.js`, `.py` or `.c`")?;
    fs::write(component, build(language, &project)?)?;
    Ok(())
}
