//! Looking at a component before it is compiled.
//!
//! Owns: reading the manifest and the imports out of a file that nobody has
//! checked yet, in time and memory that its size bounds.
//! Must not know: the engine.

use lombard_model::{Digest, Manifest};
use sha2::{Digest as _, Sha256};
use wasmparser::{ComponentTypeRef, Encoding, Parser, Payload, TypeBounds};

use crate::RuntimeError;

/// The largest plugin, in bytes: a JavaScript engine takes about 12 MiB.
pub(crate) const MAX_PLUGIN: usize = 64 << 20;

/// The custom section that holds the text of `plugin.toml`.
const MANIFEST_SECTION: &str = "lombard:plugin";

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

/// Reads what a component says of itself, and refuses one that asks for what
/// Lombard does not have. Nothing of it is compiled or run.
///
/// # Errors
/// Where it is too large, no component, without a (sound) manifest, imports
/// anything but `lombard:platform/*`, or was built for another contract.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, RuntimeError> {
    if bytes.len() > MAX_PLUGIN {
        return Err(RuntimeError::TooLarge {
            bytes: bytes.len(),
            limit: MAX_PLUGIN,
        });
    }
    let (imports, manifest) = outline(bytes)?;
    let foreign: Vec<_> = imports
        .iter()
        .filter(|import| !import.starts_with(PACKAGE))
        .collect();
    if !foreign.is_empty() {
        let shown = foreign.iter().take(20).map(|import| shown(import));
        return Err(RuntimeError::ForeignImports {
            imports: shown.collect(),
        });
    }
    let text = manifest.ok_or(RuntimeError::NoManifest)?;
    let manifest = Manifest::parse(&text)?;
    if track(&manifest.api) != track(API) {
        return Err(RuntimeError::ApiVersion {
            built: manifest.api,
            host: API,
        });
    }
    Ok(Inspected {
        digest: digest(bytes),
        manifest,
        manifest_text: text,
        imports,
        size: bytes.len(),
    })
}

/// The SHA-256 of a file.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

fn track(version: &str) -> Option<(&str, &str)> {
    let (major, rest) = version.split_once('.')?;
    Some((major, rest.split_once('.')?.0))
}

fn shown(name: &str) -> String {
    name.chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect()
}

/// The imports of the outermost component, sorted, and its manifest.
fn outline(bytes: &[u8]) -> Result<(Vec<String>, Option<String>), RuntimeError> {
    let malformed =
        |error: wasmparser::BinaryReaderError| RuntimeError::NotAComponent(shown(error.message()));
    let mut imports = Vec::new();
    let mut manifest = None;
    // Modules and components inside are not ours to look at; 0 is outermost.
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(malformed)? {
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } if depth == 0 => {
                let fault = "it is a core module; `lombard plugin build` makes a component of it";
                return Err(RuntimeError::NotAComponent(fault.to_owned()));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(malformed)?;
                    // Another name for a type that is there already asks the
                    // host for nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == MANIFEST_SECTION => {
                if manifest.is_some() {
                    let fault = "it has two manifests".to_owned();
                    return Err(RuntimeError::NotAComponent(fault));
                }
                manifest = Some(manifest_text(section.data())?);
            }
            _ => {}
        }
    }
    imports.sort();
    Ok((imports, manifest))
}

fn manifest_text(data: &[u8]) -> Result<String, RuntimeError> {
    if data.len() > Manifest::MAX_LEN {
        return Err(lombard_model::ManifestError::TooLong(data.len()).into());
    }
    String::from_utf8(data.to_vec())
        .map_err(|_| lombard_model::ManifestError::Malformed("it is not UTF-8".to_owned()).into())
}
