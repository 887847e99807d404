//! Embeds what a new project is made of.
//!
//! Owns: which files those are: the templates, the contract, the SDK for Rust
//! with the crate it stands on, and the helpers for the other languages.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders and files of the repository, with the name they are carried under.
const CARRIED: [(&str, &str); 8] = [
    ("plugins/templates", "templates"),
    ("wit", "wit"),
    ("plugins/sdk-js", "helpers/js"),
    ("plugins/sdk-python", "helpers/python"),
    ("plugins/sdk-c", "helpers/c"),
    ("plugins/sdk", "sdk/plugins/sdk"),
    ("host/model", "sdk/host/model"),
    ("Cargo.toml", "workspace/Cargo.toml"),
];

/// What tools leave there, and what is there to be tested with.
const LEFT_OUT: [&str; 5] = [
    "target",
    "node_modules",
    "__pycache__",
    "lombard.test.mjs",
    "test_lombard.py",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    let mut files = Vec::new();
    for (from, to) in CARRIED {
        println!("cargo::rerun-if-changed={}", root.join(from).display());
        find(&root.join(from), to, &mut files)?;
    }
    files.sort();
    let mut code = String::from("&[\n");
    for (name, path) in &files {
        let path = path.display().to_string();
        writeln!(code, "    ({name:?}, include_bytes!({path:?}) as &[u8]),")?;
    }
    code.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("carried.rs"), code)?;
    Ok(())
}

/// All files at and below `from`, but what a tool left there.
fn find(from: &Path, to: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    if from.is_file() {
        files.push((to.to_owned(), from.to_owned()));
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        find(&entry.path(), &format!("{to}/{name}"), files)?;
    }
    Ok(())
}
