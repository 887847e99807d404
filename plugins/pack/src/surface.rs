//! What a component shows to the outside.
//!
//! Owns: the names of its imports and exports. Must not know: which of them
//! are allowed.

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Parser, Payload, TypeBounds};

use crate::{MANIFEST_SECTION, PackError};

/// What the outermost component imports and exports, by name.
#[derive(Debug, Default)]
pub(crate) struct Surface {
    pub(crate) imports: Vec<String>,
    /// Functions. An instance beside them is no behaviour that a host asks for:
    /// Python's toolchain leaves an empty one.
    pub(crate) exports: Vec<String>,
    pub(crate) is_packed: bool,
}

impl Surface {
    pub(crate) fn read(component: &[u8]) -> Result<Self, PackError> {
        let unreadable =
            |error: wasmparser::BinaryReaderError| PackError::Unreadable(error.to_string());
        if !Parser::is_component(component) {
            return Err(PackError::Unreadable("it is not a component".to_owned()));
        }
        let mut surface = Self::default();
        // Nested modules and components have imports of their own, which the
        // outer one satisfies.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(unreadable)? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                payload if depth == 0 => surface.take(payload).map_err(unreadable)?,
                _ => {}
            }
        }
        Ok(surface)
    }

    fn take(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let import = import?;
                    // A type that equals another asks the host for nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        self.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Func {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::CustomSection(section) => self.is_packed |= section.name() == MANIFEST_SECTION,
            _ => {}
        }
        Ok(())
    }
}
