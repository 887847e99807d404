//! `lombard plugin lock`, and installing by it.
//!
//! Owns: the form of `lombard.lock`: name, version and digest of each installed
//! plugin; and what is refused for it. Must not know: how plugins are installed.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use lombard_model::{Digest, PluginName};
use serde::{Deserialize, Serialize};

use super::{Listed, list_of};
use crate::commands::source::with_source;
use crate::context::Context;
use crate::failure::Advised;

/// The longest lock file, in bytes.
const LONGEST: u64 = 1 << 20;

/// The plugins that are pinned.
#[derive(Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    #[serde(default)]
    plugin: Vec<Pinned>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
struct Pinned {
    name: PluginName,
    version: String,
    digest: Digest,
}

/// Prints the lock of what is installed, or compares it with this one.
pub(super) async fn run(context: &Context, check: Option<&Path>) -> anyhow::Result<()> {
    let listed = with_source(context, async |source| list_of(source).await).await?;
    let installed = Lock::of(&listed)?;
    if let Some(path) = check {
        return Lock::read(path)?.compare(&installed, path);
    }
    context.output.document(&installed, |_| installed.written())
}

impl Lock {
    fn of(listed: &[Listed]) -> anyhow::Result<Self> {
        let installed = listed.iter().filter(|one| one.source == "installed");
        let pinned = installed.map(|one| {
            Ok(Pinned {
                name: one.name.parse()?,
                version: one.version.clone(),
                digest: one.digest.parse()?,
            })
        });
        let plugin = pinned.collect::<anyhow::Result<_>>()?;
        Ok(Self { plugin })
    }

    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let file = File::open(path).with_context(|| format!("{shown} can't be opened"))?;
        let mut text = String::new();
        let read = file.take(LONGEST + 1).read_to_string(&mut text);
        let read = read.with_context(|| format!("{shown} can't be read"))?;
        let is_short = u64::try_from(read).is_ok_and(|read| read <= LONGEST);
        anyhow::ensure!(is_short, "{shown} has more than {LONGEST} bytes");
        toml::from_str(&text).map_err(|error| {
            let words = format!("{shown}: {}", error.message());
            Advised::new(words, "make it anew with `lombard plugin lock`").into()
        })
    }

    /// Refuses a plugin that is not the one that is pinned.
    pub(super) fn allows(&self, name: &PluginName, digest: Digest) -> anyhow::Result<()> {
        let pinned = self.plugin.iter().find(|one| one.name == *name);
        let words = match pinned {
            Some(pinned) if pinned.digest == digest => return Ok(()),
            Some(pinned) => format!(
                "{name} {} is pinned to {}, and this is {digest}",
                pinned.version, pinned.digest
            ),
            None => format!("{name} is not in the lock file"),
        };
        let remedy = "install the file that was locked, or make the lock anew once you trust this \
                      one: `lombard plugin lock`";
        Err(Advised::new(words, remedy).into())
    }

    fn written(&self) -> String {
        let mut text = "# The plugins of a host: made by `lombard plugin lock`.\n".to_owned();
        for one in &self.plugin {
            // Writing to a string can't fail; neither of them has a quote in it.
            let _ = write!(
                text,
                "\n[[plugin]]\nname = \"{}\"\nversion = \"{}\"\ndigest = \"{}\"\n",
                one.name, one.version, one.digest
            );
        }
        text
    }

    /// Fails where something else is installed than this says.
    fn compare(&self, installed: &Self, path: &Path) -> anyhow::Result<()> {
        let lacks = self
            .plugin
            .iter()
            .filter(|one| !installed.plugin.contains(one));
        let lacks = lacks.map(|one| format!("{} {} is not installed so", one.name, one.version));
        let is_known = |one: &&Pinned| self.plugin.iter().any(|other| other.name == one.name);
        let more = installed.plugin.iter().filter(|one| !is_known(one));
        let more = more.map(|one| format!("{} {} is not in it", one.name, one.version));
        let faults: Vec<_> = lacks.chain(more).collect();
        if faults.is_empty() {
            return Ok(());
        }
        let words = format!("{}: {}", path.display(), faults.join("; "));
        let remedy = "install what is locked, or make the lock anew: `lombard plugin lock`";
        Err(Advised::new(words, remedy).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(name: &str, digit: &str) -> Lock {
        Lock {
            plugin: vec![Pinned {
                name: name.parse().unwrap(),
                version: "0.1.0".to_owned(),
                digest: format!("sha256:{}", digit.repeat(64)).parse().unwrap(),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let one = lock("a", "1");
        assert_eq!(toml::from_str::<Lock>(&one.written()).unwrap(), one);
        let none = Lock::default();
        assert_eq!(toml::from_str::<Lock>(&none.written()).unwrap(), none);
    }

    #[test]
    fn another_binary_is_refused_and_named() {
        let one = lock("a", "1");
        let (name, digest) = (&one.plugin[0].name, one.plugin[0].digest);
        one.allows(name, digest).unwrap();
        let other = lock("a", "2").plugin[0].digest;
        let words = one.allows(name, other).unwrap_err().to_string();
        assert!(words.contains("pinned to sha256:1111"), "{words}");
        assert!(one.allows(&"b".parse().unwrap(), digest).is_err());
    }

    #[test]
    fn what_is_missing_or_more_is_told() {
        let (one, other) = (lock("a", "1"), lock("b", "1"));
        let path = Path::new("lombard.lock");
        one.compare(&lock("a", "1"), path).unwrap();
        let words = one.compare(&other, path).unwrap_err().to_string();
        assert!(words.contains("a 0.1.0 is not installed so; b 0.1.0 is not in it"));
    }
}
