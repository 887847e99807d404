//! What stands in a component's file.
//!
//! Owns: reading names, sizes and the manifest out of a file that nobody has
//! checked yet, in time and memory that its size bounds.
//! Must not know: what is allowed.

use std::collections::BTreeMap;

use lombard_model::{Manifest, ManifestError};
use wasmparser::{
    BinaryReaderError, ComponentExternalKind, ComponentTypeRef, Encoding, Parser, Payload,
    TypeBounds,
};

use crate::RuntimeError;
use crate::instances::Instances;

/// The custom section that holds the text of `plugin.toml`.
const MANIFEST_SECTION: &str = "lombard:plugin";

/// Custom sections that are told apart by name; the sizes of further ones are
/// added up.
const NAMED_SECTIONS: usize = 32;

/// A page of a memory, in bytes.
const PAGE: u64 = 64 << 10;

/// How large a component is and what takes the room, in bytes, whatever is
/// nested in it included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The file.
    pub file: usize,
    /// Functions.
    pub code: usize,
    /// What its memory begins with.
    pub data: usize,
    /// Custom sections by name: names of functions, debug information, the
    /// manifest. Those beyond 32 names are together under the empty one.
    pub custom: BTreeMap<String, usize>,
    /// What its memories have when it begins.
    pub memory: u64,
}

/// What stands in the file.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// What the outermost component imports, sorted.
    pub(crate) imports: Vec<String>,
    /// The functions that it exports, sorted.
    pub(crate) exports: Vec<String>,
    pub(crate) sizes: Sizes,
    /// The text of its manifest.
    pub(crate) manifest: Option<String>,
}

impl Outline {
    /// Reads a file from its beginning to its end.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, RuntimeError> {
        let mut outline = Self::default();
        outline.sizes.file = bytes.len();
        // Modules and components inside are not ours to look at, beyond their
        // sizes; 0 is outermost.
        let mut depth = 0_u32;
        let mut instances = Instances::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(|error| malformed(&error))?;
            outline
                .sizes
                .take(&payload)
                .map_err(|error| malformed(&error))?;
            instances.take(&payload, depth == 0, malformed)?;
            match payload {
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } if depth == 0 => {
                    let fault =
                        "it is a core module; `lombard plugin build` makes a component of it";
                    return Err(RuntimeError::NotAComponent(fault.to_owned()));
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                payload if depth == 0 => outline.take(payload)?,
                _ => {}
            }
        }
        outline.imports.sort();
        outline.exports.sort();
        Ok(outline)
    }

    fn take(&mut self, payload: Payload<'_>) -> Result<(), RuntimeError> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import.map_err(|error| malformed(&error))?;
                    // Another name for a type that is there already asks the
                    // host for nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        self.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export.map_err(|error| malformed(&error))?;
                    if export.kind == ComponentExternalKind::Func {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                if self.manifest.is_some() {
                    let fault = "it has two manifests".to_owned();
                    return Err(RuntimeError::NotAComponent(fault));
                }
                self.manifest = Some(manifest_text(section.data())?);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Sizes {
    fn take(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::CodeSectionStart { range, .. } => self.code += range.len(),
            Payload::DataSection(section) => self.data += section.range().len(),
            Payload::MemorySection(section) => {
                for memory in section.clone() {
                    let bytes = memory?.initial.saturating_mul(PAGE);
                    self.memory = self.memory.saturating_add(bytes);
                }
            }
            Payload::CustomSection(section) => {
                let named = self.custom.len() < NAMED_SECTIONS;
                let known = self.custom.contains_key(section.name());
                let name = match named || known {
                    true => shown(section.name()),
                    false => String::new(),
                };
                *self.custom.entry(name).or_default() += section.data().len();
            }
            _ => {}
        }
        Ok(())
    }
}

/// A name out of a file, fit to be told.
pub(crate) fn shown(name: &str) -> String {
    name.chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect()
}

fn malformed(error: &BinaryReaderError) -> RuntimeError {
    RuntimeError::NotAComponent(shown(error.message()))
}

fn manifest_text(data: &[u8]) -> Result<String, RuntimeError> {
    if data.len() > Manifest::MAX_LEN {
        return Err(ManifestError::TooLong(data.len()).into());
    }
    String::from_utf8(data.to_vec())
        .map_err(|_| ManifestError::Malformed("it is not UTF-8".to_owned()).into())
}
