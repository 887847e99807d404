//! The workspace, as Cargo describes it.
//!
//! Owns: where things are, the crates and what they depend on, and the
//! environment that every build and test is given.
//! Must not know: what is built.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The workspace.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    /// Its crates, in Cargo's order.
    pub(crate) packages: Vec<Package>,
}

/// A crate of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its folder, relative to the workspace, with `/` between names.
    pub(crate) folder: String,
    /// The names of all crates its `Cargo.toml` names, for whatever use.
    pub(crate) dependencies: Vec<String>,
}

impl Workspace {
    /// Asks Cargo about the workspace of the current directory.
    ///
    /// # Errors
    /// Where there is none, or Cargo answers with another shape.
    pub(crate) fn load() -> Result<Self> {
        let mut command = Command::new(cargo());
        command.args([
            "metadata",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ]);
        let text = process::output(&mut command)?;
        let answer: Value = serde_json::from_str(&text).context("cargo metadata wrote no JSON")?;
        Self::read(&answer).context("cargo metadata has another shape than expected")
    }

    fn read(answer: &Value) -> Option<Self> {
        let root = PathBuf::from(answer["workspace_root"].as_str()?);
        let packages = answer["packages"].as_array()?.iter();
        Some(Self {
            target: PathBuf::from(answer["target_directory"].as_str()?),
            packages: packages
                .map(|package| Package::read(package, &root))
                .collect::<Option<_>>()?,
            root,
        })
    }

    /// The crates in the folders right beneath one.
    pub(crate) fn packages_in(&self, folder: &str) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(move |package| {
            let parent = package.folder.rsplit_once('/').map(|(parent, _)| parent);
            parent == Some(folder)
        })
    }

    /// A path in the workspace.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path in the target directory.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// The folder of the plugins that the binary embeds.
    pub(crate) fn plugins(&self) -> PathBuf {
        self.target("plugins")
    }

    /// The folder of the components that the tests run.
    pub(crate) fn guests(&self) -> PathBuf {
        self.target("guests")
    }

    /// The binary.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target("release")
            .join(format!("lombard{}", env::consts::EXE_SUFFIX))
    }

    /// Cargo, in the workspace, with the environment of every step. One
    /// environment for all, since Cargo builds anew what sees another one.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command
            .args(arguments)
            .current_dir(&self.root)
            .env("LOMBARD_PLUGINS", self.plugins())
            .env("LOMBARD_GUESTS", self.guests())
            .env("LOMBARD_BIN", self.binary());
        // A relative one was meant from where we were called.
        if env::var_os("CARGO_TARGET_DIR").is_some() {
            command.env("CARGO_TARGET_DIR", &self.target);
        }
        command
    }
}

impl Package {
    fn read(package: &Value, root: &Path) -> Option<Self> {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        let folder = manifest.parent()?.strip_prefix(root).ok()?;
        let names = folder.iter().map(|name| name.to_str());
        let dependencies = package["dependencies"].as_array()?.iter();
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            folder: names.collect::<Option<Vec<_>>>()?.join("/"),
            dependencies: dependencies
                .map(|dependency| dependency["name"].as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
        })
    }
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn crates_are_found_by_their_folder() {
        let package = |name: &str, folder: &str| {
            json!({
                "name": name,
                "manifest_path": format!("/w/{folder}/Cargo.toml"),
                "dependencies": [{ "name": "lombard-sdk" }],
            })
        };
        let answer = json!({
            "workspace_root": "/w",
            "target_directory": "/t",
            "packages": [package("a", "plugins/widgets/a"), package("b", "plugins/b")],
        });
        let workspace = Workspace::read(&answer).unwrap();
        let found: Vec<_> = workspace.packages_in("plugins/widgets").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].folder, "plugins/widgets/a");
        assert_eq!(found[0].dependencies, ["lombard-sdk"]);
        assert_eq!(workspace.plugins(), Path::new("/t/plugins"));
        assert!(Workspace::read(&json!({})).is_none());
    }
}
