//! Looking at a component before it is compiled.
//!
//! Owns: what a component may import, which contract it may be built for, and
//! whether it can be a plugin of this host as far as its file says.
//! Must not know: the engine, and how a file is read.

use lombard_model::{Digest, Limit, Limits, Manifest, PluginKind};
use sha2::{Digest as _, Sha256};
use wasmparser::Validator;

use crate::RuntimeError;
use crate::outline::{Outline, Sizes, shown};

/// The largest plugin, in bytes: a JavaScript engine takes about 12 MiB.
pub(crate) const MAX_PLUGIN: usize = 64 << 20;

/// The package that plugins may import.
const PACKAGE: &str = "lombard:platform/";

/// The contract that this host has. Before 1.0 the minor version is the
/// breaking track: a plugin of another track can't be linked.
pub(crate) const API: &str = "0.1.0";

/// What a component says of itself.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// What names this binary.
    pub digest: Digest,
    /// Its manifest.
    pub manifest: Manifest,
    /// The manifest as it was written.
    pub manifest_text: String,
    /// What it imports, sorted.
    pub imports: Vec<String>,
    /// How large it is, in bytes.
    pub size: usize,
}

/// All that a component's file says, be it a plugin or not.
#[derive(Debug)]
pub struct Checked {
    /// What names this binary.
    pub digest: Digest,
    /// What it imports, sorted.
    pub imports: Vec<String>,
    /// The functions that it exports, sorted.
    pub exports: Vec<String>,
    /// What takes the room.
    pub sizes: Sizes,
    /// What it says of itself, where it has a manifest that can be read.
    pub inspected: Option<Inspected>,
    /// Why it would be refused; none where it would be accepted.
    pub refusals: Vec<RuntimeError>,
}

impl Checked {
    /// The contract that this host has.
    pub const API: &'static str = API;
}

/// Reads what a component says of itself, and refuses one that asks for what
/// Lombard does not have. Nothing of it is compiled or run.
///
/// # Errors
/// Where it is too large, no component, without a (sound) manifest, imports
/// anything but `lombard:platform/*`, or was built for another contract.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, RuntimeError> {
    bounded(bytes)?;
    let checked = judge(bytes, Outline::read(bytes)?);
    if let Some(refusal) = checked.refusals.into_iter().next() {
        return Err(refusal);
    }
    checked.inspected.ok_or(RuntimeError::NoManifest)
}

/// Looks at a whole file as an installation would, and tells everything that
/// is wrong with it at once. Nothing of it is compiled or run: whether the
/// types of its functions are those of the contract shows when it is installed.
#[must_use]
pub fn check(bytes: &[u8], limits: &Limits) -> Checked {
    let outline = bounded(bytes).and_then(|()| Outline::read(bytes));
    let mut checked = match outline {
        Ok(outline) => judge(bytes, outline),
        Err(refusal) => return unreadable(bytes, refusal),
    };
    if let Some(inspected) = &checked.inspected {
        let kind = inspected.manifest.kind;
        let faults = misfits(kind, &checked.imports, &checked.exports);
        let faults = faults.map(|fault| RuntimeError::World { kind, fault });
        checked.refusals.extend(faults);
    }
    let (memory, limit) = (checked.sizes.memory, limits.get(Limit::MemoryBytes));
    if memory > limit {
        let fault = format!("its memory begins with {memory} bytes, the limit is {limit}");
        checked.refusals.push(RuntimeError::Unsound(fault));
    }
    if let Err(error) = Validator::new().validate_all(bytes) {
        let fault = shown(error.message());
        checked.refusals.push(RuntimeError::Unsound(fault));
    }
    checked
}

/// The SHA-256 of a file.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

fn bounded(bytes: &[u8]) -> Result<(), RuntimeError> {
    if bytes.len() > MAX_PLUGIN {
        return Err(RuntimeError::TooLarge {
            bytes: bytes.len(),
            limit: MAX_PLUGIN,
        });
    }
    Ok(())
}

fn unreadable(bytes: &[u8], refusal: RuntimeError) -> Checked {
    Checked {
        digest: digest(bytes),
        imports: Vec::new(),
        exports: Vec::new(),
        sizes: Sizes {
            file: bytes.len(),
            ..Sizes::default()
        },
        inspected: None,
        refusals: vec![refusal],
    }
}

/// What is to be said of a file that can be read. Without a manifest there is
/// at least one refusal.
fn judge(bytes: &[u8], outline: Outline) -> Checked {
    let digest = digest(bytes);
    let mut refusals = Vec::new();
    let foreign = outline.imports.iter();
    let foreign: Vec<_> = foreign.filter(|name| !name.starts_with(PACKAGE)).collect();
    if !foreign.is_empty() {
        let told = foreign.iter().take(20).map(|import| shown(import));
        refusals.push(RuntimeError::ForeignImports {
            imports: told.collect(),
        });
    }
    let read = |text: String| Ok((Manifest::parse(&text)?, text));
    let manifest = outline.manifest.ok_or(RuntimeError::NoManifest);
    let inspected = match manifest.and_then(read) {
        Ok((manifest, manifest_text)) => Some(Inspected {
            digest,
            manifest,
            manifest_text,
            imports: outline.imports.clone(),
            size: bytes.len(),
        }),
        Err(refusal) => {
            refusals.push(refusal);
            None
        }
    };
    let built = inspected.as_ref().map(|one| one.manifest.api.as_str());
    // Whatever the manifest says, this is what it was built for.
    let ours = outline.imports.iter();
    let ours = ours.filter_map(|name| name.strip_prefix(PACKAGE)?.split_once('@'));
    let mut versions = built.into_iter().chain(ours.map(|(_, version)| version));
    if let Some(built) = versions.find(|version| track(version) != track(API)) {
        refusals.push(RuntimeError::ApiVersion {
            built: shown(built),
            host: API,
        });
    }
    Checked {
        digest,
        imports: outline.imports,
        exports: outline.exports,
        sizes: outline.sizes,
        inspected,
        refusals,
    }
}

/// What a plugin of this kind may import of the package, and what it has to
/// export: the worlds of `wit/package.wit` by name.
fn world(kind: PluginKind) -> (&'static [&'static str], &'static str) {
    match kind {
        PluginKind::Widget => (&["log", "session", "settings", "types", "views"], "render"),
        PluginKind::Expert => (
            &["analysis", "log", "session", "settings", "types"],
            "analyze",
        ),
    }
}

/// Why a component does not fit the world of its kind, as far as names tell.
fn misfits(
    kind: PluginKind,
    imports: &[String],
    exports: &[String],
) -> impl Iterator<Item = String> {
    let (has, wanted) = world(kind);
    let ours = imports.iter().filter_map(|name| name.strip_prefix(PACKAGE));
    let strange = ours.filter(|name| {
        let (interface, version) = name.split_once('@').unwrap_or((name, ""));
        !has.contains(&interface) || track(version) != track(API)
    });
    let strange = strange.map(|name| {
        format!(
            "it imports `{PACKAGE}{}`, which this host does not have for it",
            shown(name)
        )
    });
    let lacks = !exports.iter().any(|name| name == wanted);
    strange.chain(lacks.then(|| format!("it exports no function `{wanted}`")))
}

fn track(version: &str) -> Option<(&str, &str)> {
    let (major, rest) = version.split_once('.')?;
    Some((major, rest.split_once('.')?.0))
}
