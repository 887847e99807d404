//! Embeds the plugins that come with the host.
//!
//! Owns: where they are looked for: `LOMBARD_PLUGINS`, else `target/plugins`,
//! where `cargo xtask build` puts them. Without any, the binary is built all
//! the same and says what is missing when it is asked for one.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=LOMBARD_PLUGINS");
    let folder = match env::var_os("LOMBARD_PLUGINS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../target/plugins"),
    };
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut plugins = match fs::read_dir(&folder) {
        Ok(entries) => entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>, Box<dyn Error>>>()?,
        Err(_) => Vec::new(),
    };
    plugins.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "wasm")
    });
    plugins.sort();

    let mut code = String::from("&[\n");
    for path in &plugins {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let path = path.canonicalize()?;
        writeln!(
            code,
            "    ({name:?}, include_bytes!({:?}) as &[u8]),",
            path.display().to_string()
        )?;
    }
    code.push(']');
    let target = Path::new(&env::var("OUT_DIR")?).join("bundled.rs");
    fs::write(target, code)?;
    Ok(())
}
