//! Making plugin files of plugin crates.
//!
//! Owns: compiling them, packing them with their `plugin.toml`, and a folder
//! that holds these files and no others.
//! Must not know: what a plugin does or who loads it.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::target::WASM;
use crate::workspace::{Package, Workspace};

/// Compiles the crates in one go and packs each into `<folder>/<name>.wasm`.
/// A file that would be the same is left alone, so that nothing is built anew
/// because of it; files of crates that are gone are removed.
///
/// # Errors
/// Where a crate can't be compiled or packed; the message names it.
pub(crate) fn build(workspace: &Workspace, packages: &[&Package], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    if !packages.is_empty() {
        let flags = format!("target.{WASM}.rustflags={:?}", remapped(workspace));
        let mut arguments = vec!["build", "--profile", "plugin", "--target", WASM];
        arguments.extend(["--config", &flags]);
        arguments.extend(
            packages
                .iter()
                .flat_map(|package| ["--package", &package.name]),
        );
        process::run(&mut workspace.cargo(&arguments))?;
    }
    let mut files = vec![];
    for package in packages {
        let file = format!("{}.wasm", package.name);
        let packed =
            pack(workspace, package).with_context(|| format!("can't pack {}", package.folder))?;
        write_if_changed(&folder.join(&file), &packed)?;
        files.push(file);
    }
    remove_others(folder, &files)
}

/// What the compiler is told beside what `.cargo/config.toml` says, so that a
/// plugin's digest is the same wherever it is built: names of folders stand in
/// the messages of panics.
fn remapped(workspace: &Workspace) -> Vec<String> {
    let set = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = set.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let folders = [(Some(workspace.path("")), "/lombard"), (cargo, "/cargo")];
    let one = |(folder, shown): (Option<PathBuf>, &str)| {
        let folder = folder?.display().to_string();
        let folder = folder.trim_end_matches(MAIN_SEPARATOR);
        Some(format!("--remap-path-prefix={folder}={shown}"))
    };
    folders.into_iter().filter_map(one).collect()
}

fn pack(workspace: &Workspace, package: &Package) -> Result<Vec<u8>> {
    let built = format!("{WASM}/plugin/{}.wasm", package.name.replace('-', "_"));
    let built = workspace.target(&built);
    let module = fs::read(&built)
        .with_context(|| format!("no {}: is its crate-type [\"cdylib\"]?", built.display()))?;
    let manifest = workspace.path(&package.folder).join("plugin.toml");
    let manifest = fs::read_to_string(&manifest)
        .with_context(|| format!("can't read {}", manifest.display()))?;
    lombard_pack::pack(&module, &manifest).map_err(|error| anyhow!(error))
}

/// Puts the whole file in place at once, so that nobody reads half of it.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!("{name}.{}.part", std::process::id()));
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .with_context(|| format!("can't write {}", path.display()))
}

fn remove_others(folder: &Path, files: &[String]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let known = files.iter().any(|file| name == file.as_str());
        // What another run is writing right now is not ours.
        if known
            || Path::new(&name)
                .extension()
                .is_some_and(|kind| kind == "part")
        {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error)
                    .with_context(|| format!("can't remove {}", entry.path().display()));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_stays_the_same_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.wasm");
        write_if_changed(&file, b"one").unwrap();
        let mut read_only = fs::metadata(&file).unwrap().permissions();
        read_only.set_readonly(true);
        fs::set_permissions(&file, read_only).unwrap();
        let before = fs::metadata(&file).unwrap();
        write_if_changed(&file, b"one").unwrap();
        let after = fs::metadata(&file).unwrap();
        assert!(after.permissions().readonly(), "it was put in place anew");
        assert_eq!(before.modified().unwrap(), after.modified().unwrap());
        write_if_changed(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
    }

    #[test]
    fn files_of_crates_that_are_gone_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["kept.wasm", "gone.wasm"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        remove_others(folder.path(), &["kept.wasm".to_owned()]).unwrap();
        assert!(folder.path().join("kept.wasm").exists());
        assert!(!folder.path().join("gone.wasm").exists());
    }
}
