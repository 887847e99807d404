//! Makes a plugin file: one component with its manifest inside.
//!
//! Owns: how a core module becomes a component, where the manifest stands in
//! it, and that it imports nothing but `lombard:platform`. The same input gives
//! the same bytes, so that a digest names a source.
//! Must not know: how modules are built, or what hosts do with plugins.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let module = std::fs::read("my_widget.wasm")?;
//! let manifest = std::fs::read_to_string("plugin.toml")?;
//! std::fs::write("my-widget.wasm", lombard_pack::pack(&module, &manifest)?)?;
//! # Ok(())
//! # }
//! ```

mod module;
mod names;
mod settings;
mod surface;

use lombard_model::{Manifest, ManifestError, PluginKind};
use module::Prepared;
use surface::Surface;
use wasm_encoder::{CustomSection, Encode, Section};
use wasm_metadata::{AddMetadata, AddMetadataField};
use wit_component::ComponentEncoder;

/// The custom section of a component that holds the text of its `plugin.toml`.
pub const MANIFEST_SECTION: &str = "lombard:plugin";

/// The custom section of a core module in which the code declares its settings,
/// in the form of `plugin.toml`. The SDK for Rust writes it.
pub const SETTINGS_SECTION: &str = "lombard:settings";

/// What every import of a plugin begins with.
pub const PLATFORM: &str = "lombard:platform/";

/// Why no plugin file could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The manifest is at fault.
    #[error("plugin.toml: {0}")]
    Manifest(#[from] ManifestError),
    /// The settings that the code declares are at fault.
    #[error("the settings that the code declares: {0}")]
    Settings(ManifestError),
    /// The code declares other settings than the manifest.
    #[error(
        "the code and plugin.toml declare different settings; the code is enough, so take them out \
         of plugin.toml:{0}"
    )]
    SettingsDiffer(String),
    /// The module is no module, or not one that can become a component.
    #[error("the module can't be made a component: {0}")]
    Encode(String),
    /// The component can't be read.
    #[error("the component can't be read: {0}")]
    Unreadable(String),
    /// The component asks for what no host gives.
    #[error(
        "the component imports {}, but a plugin has `{PLATFORM}*` only; remove what reads files, \
         clocks, the network or randomness",
        .0.join(", ")
    )]
    ForeignImports(Vec<String>),
    /// The component does not do what the manifest says it does.
    #[error(
        "plugin.toml says `{kind}`, so the component must export `{expected}`; it exports {found}"
    )]
    WrongExports {
        /// What the manifest says.
        kind: PluginKind,
        /// The export of that kind.
        expected: &'static str,
        /// What is exported, or `nothing`.
        found: String,
    },
    /// The component has a manifest inside.
    #[error("the component is packed already; pack the one that the toolchain made")]
    PackedAlready,
}

/// Makes a plugin file of a core module, as `cargo build --target
/// wasm32-unknown-unknown` leaves it, and the text of its `plugin.toml`. Settings
/// that the code declares ([`SETTINGS_SECTION`]) are added to the manifest.
///
/// # Errors
/// Where the manifest is at fault or declares other settings than the code, the
/// module can't become a component, or the component is not one that a host would
/// take.
pub fn pack(core_module: &[u8], manifest_toml: &str) -> Result<Vec<u8>, PackError> {
    // Before the module: a fault in the manifest is the likelier one.
    let manifest = Manifest::parse(manifest_toml)?;
    let Prepared { module, settings } = Prepared::of(core_module);
    let manifest_toml = settings::added(manifest_toml, &manifest, &settings)?;
    pack_component(&encode(&module)?, &manifest_toml)
}

/// Makes a plugin file of a component that another toolchain made (those for
/// JavaScript and Python do) and the text of its `plugin.toml`.
///
/// # Errors
/// As [`pack`].
pub fn pack_component(component: &[u8], manifest_toml: &str) -> Result<Vec<u8>, PackError> {
    let manifest = Manifest::parse(manifest_toml)?;
    check(&Surface::read(component)?, manifest.kind)?;
    let mut file = named(component, &manifest)?;
    append_section(&mut file, "version", &manifest.version);
    if !manifest.description.is_empty() {
        append_section(&mut file, "description", &manifest.description);
    }
    append_section(&mut file, MANIFEST_SECTION, manifest_toml);
    Ok(file)
}

fn encode(core_module: &[u8]) -> Result<Vec<u8>, PackError> {
    ComponentEncoder::default()
        .validate(true)
        .module(core_module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| PackError::Encode(format!("{error:#}")))
}

fn check(surface: &Surface, kind: PluginKind) -> Result<(), PackError> {
    if surface.is_packed {
        return Err(PackError::PackedAlready);
    }
    let is_foreign = |name: &&String| !name.starts_with(PLATFORM);
    let foreign: Vec<_> = surface.imports.iter().filter(is_foreign).cloned().collect();
    if !foreign.is_empty() {
        return Err(PackError::ForeignImports(foreign));
    }
    let expected = match kind {
        PluginKind::Widget => "render",
        PluginKind::Expert => "analyze",
    };
    if surface.exports == [expected] {
        return Ok(());
    }
    Err(PackError::WrongExports {
        kind,
        expected,
        found: match surface.exports.as_slice() {
            [] => "nothing".to_owned(),
            exports => exports.join(", "),
        },
    })
}

fn named(component: &[u8], manifest: &Manifest) -> Result<Vec<u8>, PackError> {
    let mut metadata = AddMetadata::default();
    metadata.name = AddMetadataField::Set(manifest.name.to_string());
    let packer = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    metadata.processed_by = vec![(packer.0.to_owned(), packer.1.to_owned())];
    let unreadable =
        |error: wasmparser::BinaryReaderError| PackError::Unreadable(error.to_string());
    let component = names::without_part_names(component).map_err(unreadable)?;
    metadata
        .to_wasm(&component)
        .map_err(|error| PackError::Unreadable(format!("{error:#}")))
}

/// Custom sections may stand behind everything else.
fn append_section(component: &mut Vec<u8>, name: &str, text: &str) {
    let section = CustomSection {
        name: name.into(),
        data: text.as_bytes().into(),
    };
    component.push(section.id());
    section.encode(component);
}

#[cfg(test)]
mod tests;
