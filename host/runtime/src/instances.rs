//! How many instances a component would be made of.
//!
//! Owns: a bound on them, from its file alone, whatever is nested in it
//! included. The compiler follows each instance of each component: thirty
//! components that each make the one before twice are a kilobyte, and a billion
//! of them. What a component makes is plain to see only as long as none is
//! handed around as a value, so none may be. Must not know: the manifest.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentTypeRef, Instance, Payload,
};

use crate::RuntimeError;

/// Instances of components that a file asks for. Sixteen, as cleverly as can
/// be, are five hundred. What toolchains make of one module has none.
const OF_COMPONENTS: usize = 16;

/// Instances of modules that a file asks for. An engine takes as many in all
/// (`core_instances`), those that nested components make more than once
/// included, which it knows when it has compiled them.
const OF_MODULES: usize = 64;

/// The instances that a file has asked for so far.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    of_components: usize,
    of_modules: usize,
}

impl Instances {
    /// Counts those that stand in this part of a file. The outermost component
    /// may ask for a component: no engine knows such an import.
    ///
    /// # Errors
    /// Where there are too many, or the part can't be read, which is told in
    /// the words of `malformed`.
    pub(crate) fn take(
        &mut self,
        payload: &Payload<'_>,
        is_outermost: bool,
        malformed: impl Fn(&wasmparser::BinaryReaderError) -> RuntimeError,
    ) -> Result<(), RuntimeError> {
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    let instance = instance.map_err(|error| malformed(&error))?;
                    let is_made = matches!(instance, Instance::Instantiate { .. });
                    self.of_modules += usize::from(is_made);
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    let instance = instance.map_err(|error| malformed(&error))?;
                    let is_made = matches!(instance, ComponentInstance::Instantiate { .. });
                    self.of_components += usize::from(is_made);
                }
            }
            Payload::ComponentImportSection(section) if !is_outermost => {
                for import in section.clone() {
                    let import = import.map_err(|error| malformed(&error))?;
                    if matches!(import.ty, ComponentTypeRef::Component(_)) {
                        return Err(handed_around());
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    let alias = alias.map_err(|error| malformed(&error))?;
                    if is_component_of_an_instance(&alias) {
                        return Err(handed_around());
                    }
                }
            }
            _ => {}
        }
        bounded("components", self.of_components, OF_COMPONENTS)?;
        bounded("modules", self.of_modules, OF_MODULES)
    }
}

fn is_component_of_an_instance(alias: &ComponentAlias<'_>) -> bool {
    let component = ComponentExternalKind::Component;
    matches!(alias, ComponentAlias::InstanceExport { kind, .. } if *kind == component)
}

fn handed_around() -> RuntimeError {
    RuntimeError::Unsound("it hands a component around as a value".to_owned())
}

fn bounded(what: &str, asked: usize, limit: usize) -> Result<(), RuntimeError> {
    if asked <= limit {
        return Ok(());
    }
    let fault = format!("it asks for more than {limit} instances of {what}");
    Err(RuntimeError::Unsound(fault))
}
