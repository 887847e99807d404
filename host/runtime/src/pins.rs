//! Expert instances that stay with one version of their plugin.
//!
//! Owns: how a version is named, which binary an instance runs, and the settings
//! it is defined by. Must not know: calls, and how a binary is loaded.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use lombard_accounts::{AccountsError, expert_definitions};
use lombard_model::{Definitions, Digest, Expert, ExpertId, Granted, Grants, Manifest, PluginKind};
use lombard_store::{InstalledPlugin, NewPlugin};

use crate::{Host, PluginRef, RuntimeError, inspect};

/// The binaries that expert instances stay with.
pub(crate) type Pins = BTreeMap<ExpertId, InstalledPlugin>;

/// Digits of a digest that name it at least.
const SHORT: usize = 8;

/// The version that an expert instance stays with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The version, as its manifest has it.
    pub version: String,
    /// Which binary it is.
    pub digest: Digest,
}

/// A binary that an instance may stay with.
struct Candidate {
    version: String,
    digest: Digest,
    /// It comes with the host, and the database does not have it.
    is_bundled: bool,
}

impl Host {
    /// Has an expert instance stay with a version of its plugin, whatever is
    /// installed after it: one that is installed, was before, or comes with the
    /// host, by its version or the beginning of its digest. With none named it
    /// stays with what it would run now. What was granted to exactly that binary
    /// stays with it, too.
    ///
    /// # Errors
    /// Where the instance is not there, its plugin has no such version or
    /// several, or is no expert; or where the database fails.
    pub async fn pin(
        &self,
        expert: ExpertId,
        version: Option<&str>,
    ) -> Result<Pinned, RuntimeError> {
        self.notice_installs().await?;
        let mut session = self.session("pin an expert");
        let row = session.expert(expert).await;
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                session.end();
                return Err(error.into());
            }
        };
        session.end();
        let instance = row.ok_or(AccountsError::NoExpert(expert))?.expert;
        let entry = self.plugin_entry(&instance.plugin)?;
        if entry.manifest.kind != PluginKind::Expert {
            return Err(RuntimeError::WrongKind {
                name: instance.plugin,
                kind: entry.manifest.kind,
                wanted: PluginKind::Expert,
            });
        }
        let candidates = self.candidates(&instance.plugin).await?;
        let wanted = match version {
            Some(version) => version.to_owned(),
            None => match self.pinned_of(expert, &instance.plugin) {
                Some(kept) => kept.digest.to_string(),
                None => entry.digest.to_string(),
            },
        };
        let mut named = candidates.iter().filter(|one| one.is_named(&wanted));
        let (Some(one), None) = (named.next(), named.next()) else {
            return Err(no_version(&instance.plugin, &wanted, &candidates));
        };
        let bundled = match one.is_bundled {
            true => self.bundled_as_new(&instance.plugin)?,
            false => None,
        };
        self.store.pin_expert(expert, one.digest, bundled).await?;
        self.read_installed().await?;
        Ok(Pinned {
            version: one.version.clone(),
            digest: one.digest,
        })
    }

    /// Has an expert instance go with what is installed again.
    ///
    /// # Errors
    /// Where the instance is not there, or the database fails.
    pub async fn unpin(&self, expert: ExpertId) -> Result<(), RuntimeError> {
        let mut session = self.session("unpin an expert");
        let row = session.expert(expert).await;
        session.end();
        row?.ok_or(AccountsError::NoExpert(expert))?;
        self.store.unpin_expert(expert).await?;
        self.read_installed().await
    }

    /// The version that an instance stays with; none where it goes with what is
    /// installed. From memory.
    #[must_use]
    pub fn pinned(&self, expert: &Expert) -> Option<Pinned> {
        let kept = self.pinned_of(expert.id, &expert.plugin)?;
        let version = Manifest::parse(&kept.manifest).map(|manifest| manifest.version);
        Some(Pinned {
            // It was installed, so its manifest was read before.
            version: version.unwrap_or_default(),
            digest: kept.digest,
        })
    }

    /// What an instance runs, loaded.
    pub(crate) async fn plugin_of(&self, expert: &Expert) -> Result<PluginRef, RuntimeError> {
        self.notice_installs().await?;
        match self.pinned_of(expert.id, &expert.plugin) {
            Some(kept) => self.load_kept(&kept).await,
            None => self.plugin(&expert.plugin).await,
        }
    }

    /// The settings of an instance: what all experts share and, where its plugin
    /// is there, those of the version that it runs.
    ///
    /// # Errors
    /// Where the plugin's manifest can't be read.
    pub fn definitions_of(&self, expert: &Expert) -> Result<Definitions, RuntimeError> {
        self.definitions_for(expert.id, &expert.plugin)
    }

    pub(crate) fn definitions_for(
        &self,
        expert: ExpertId,
        plugin: &str,
    ) -> Result<Definitions, RuntimeError> {
        match self.pinned_of(expert, plugin) {
            Some(kept) => {
                let own = Manifest::parse(&kept.manifest)?.settings;
                Ok(expert_definitions(&own)?)
            }
            None => self.expert_definitions(plugin),
        }
    }

    pub(crate) fn pins(&self) -> Arc<Pins> {
        let pins = self.registry.pins.read();
        Arc::clone(&pins.unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over what was read; gives what was there before.
    pub(crate) fn put_pins(&self, pins: Pins) -> Arc<Pins> {
        let held = self.registry.pins.write();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, Arc::new(pins))
    }

    /// What comes with the host under this name, as it would be installed.
    fn bundled_as_new(&self, name: &str) -> Result<Option<NewPlugin>, RuntimeError> {
        let Some((_, bytes)) = self.bundled().find(|(bundled, _)| *bundled == name) else {
            return Ok(None);
        };
        let inspected = inspect(bytes)?;
        Ok(Some(NewPlugin {
            granted: Granted::from(Grants::all()).of_those_asked(&inspected.manifest.grants),
            name: inspected.manifest.name,
            digest: inspected.digest,
            manifest: inspected.manifest_text,
            bytes: bytes.to_vec(),
            installed_at: self.clock.now(),
        }))
    }

    fn pinned_of(&self, expert: ExpertId, plugin: &str) -> Option<InstalledPlugin> {
        let pins = self.pins();
        let kept = pins.get(&expert)?;
        // An instance that has become one of another plugin stays with nothing.
        (kept.name.as_str() == plugin).then(|| kept.clone())
    }

    /// The binaries of a plugin that an instance may stay with.
    async fn candidates(&self, plugin: &str) -> Result<Vec<Candidate>, RuntimeError> {
        let mut session = self.session("read a plugin's versions");
        let kept = session.binaries_of(plugin).await;
        session.end();
        let mut candidates = Vec::new();
        for one in kept? {
            candidates.push(Candidate::of(&one.manifest, one.digest, false)?);
        }
        if let Some(bundled) = self.bundled_as_new(plugin)?
            && candidates.iter().all(|one| one.digest != bundled.digest)
        {
            candidates.push(Candidate::of(&bundled.manifest, bundled.digest, true)?);
        }
        Ok(candidates)
    }
}

impl Candidate {
    fn of(manifest: &str, digest: Digest, is_bundled: bool) -> Result<Self, RuntimeError> {
        Ok(Self {
            version: Manifest::parse(manifest)?.version,
            digest,
            is_bundled,
        })
    }

    fn is_named(&self, wanted: &str) -> bool {
        let digits = wanted.strip_prefix("sha256:").unwrap_or(wanted);
        let is_short = digits.len() >= SHORT && self.digest.hex().starts_with(digits);
        self.version == wanted || is_short
    }
}

fn no_version(plugin: &str, wanted: &str, candidates: &[Candidate]) -> RuntimeError {
    let written = |one: &Candidate| format!("{} ({:.SHORT$})", one.version, one.digest.hex());
    RuntimeError::NoVersion {
        plugin: plugin.to_owned(),
        wanted: wanted
            .chars()
            .take(100)
            .flat_map(char::escape_debug)
            .collect(),
        matching: candidates.iter().filter(|one| one.is_named(wanted)).count(),
        known: candidates.iter().map(written).collect(),
    }
}
