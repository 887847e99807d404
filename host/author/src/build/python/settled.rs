//! A component in Python that tells nothing of where and when it was made.
//!
//! Owns: the parts of it that differ from run to run whatever its source: what the
//! interpreter's libraries drew for themselves, and the order of the stand-ins for
//! WASI. Must not know: Python's modules; what they see is settled before.

use std::collections::HashMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{Component, ComponentSectionId, RawSection};
use wasmparser::{CustomSectionReader, Instance, KnownCustom, Parser, Payload};

use super::super::BuildError;
use super::{memory, stand_in};

/// The component with its memory and the order of its stand-ins settled, and
/// without the names that say what order that was.
///
/// # Errors
/// Where it is not of the make that is known of.
pub(super) fn settled(component: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut settling = Settling::of(component)?;
    let mut settled = Component::new();
    settling
        .parse_component(&mut settled, Parser::new(0), component)
        .map_err(|error| unreadable(&error))?;
    Ok(settled.finish())
}

pub(super) fn unreadable(why: &impl ToString) -> BuildError {
    BuildError::Encode(format!(
        "what Python's tool made can't be read: {}",
        why.to_string()
    ))
}

/// What changes of a component on the way.
struct Settling {
    /// The modules that others stand in the place of, by their place.
    modules: HashMap<usize, Vec<u8>>,
    /// What an instance is called that was another one.
    instances: HashMap<u32, u32>,
    /// How many modules were met.
    met: usize,
    /// How deep in components, and in what they say of others.
    depth: usize,
}

impl Settling {
    fn of(component: &[u8]) -> Result<Self, BuildError> {
        let outline = Outline::of(component)?;
        let mut modules = HashMap::new();
        let mut stand_ins = Vec::new();
        for (place, module) in outline.modules.iter().enumerate() {
            if place == 0 {
                modules.insert(place, memory::settled(module)?);
            } else if let Some(sorted) = stand_in::sorted(module)? {
                stand_ins.push((sorted, place));
            }
        }
        let places: Vec<_> = stand_ins.iter().map(|(_, place)| *place).collect();
        stand_ins.sort();
        let mut instances = HashMap::new();
        for ((module, before), place) in stand_ins.into_iter().zip(places) {
            instances.insert(outline.instance_of(before)?, outline.instance_of(place)?);
            modules.insert(place, module);
        }
        Ok(Self {
            modules,
            instances,
            met: 0,
            depth: 0,
        })
    }
}

/// The modules of a component, and what is made of them.
struct Outline<'a> {
    modules: Vec<&'a [u8]>,
    /// Of which module each instance is, where it is of one.
    instances: Vec<Option<u32>>,
}

impl<'a> Outline<'a> {
    fn of(component: &'a [u8]) -> Result<Self, BuildError> {
        let (mut modules, mut instances) = (Vec::new(), Vec::new());
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(|error| unreadable(&error))? {
                Payload::ModuleSection {
                    unchecked_range, ..
                } => {
                    if depth == 0 {
                        let module = component.get(unchecked_range);
                        modules.push(module.ok_or_else(|| unreadable(&"it ends early"))?);
                    }
                    depth += 1;
                }
                Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::InstanceSection(section) if depth == 0 => {
                    for instance in section {
                        let instance = instance.map_err(|error| unreadable(&error))?;
                        instances.push(match instance {
                            Instance::Instantiate { module_index, .. } => Some(module_index),
                            Instance::FromExports(_) => None,
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(Self { modules, instances })
    }

    /// The one instance of a module.
    fn instance_of(&self, place: usize) -> Result<u32, BuildError> {
        let is_of = |of: &Option<u32>| of.is_some_and(|of| usize::try_from(of) == Ok(place));
        let instance = self.instances.iter().position(is_of);
        let instance = instance.and_then(|instance| u32::try_from(instance).ok());
        instance.ok_or_else(|| unreadable(&"a stand-in has no instance"))
    }
}

impl Reencode for Settling {
    type Error = Infallible;
}

impl ReencodeComponent for Settling {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn instance_index(&mut self, instance: u32) -> u32 {
        match self.instances.get(&instance) {
            Some(now) if self.depth == 0 => *now,
            _ => instance,
        }
    }

    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _: Parser,
        module: &[u8],
    ) -> Result<(), Error<Infallible>> {
        let mut other = None;
        if self.depth == 0 {
            other = self.modules.get(&self.met);
            self.met += 1;
        }
        component.section(&RawSection {
            id: ComponentSectionId::CoreModule.into(),
            data: other.map_or(module, Vec::as_slice),
        });
        Ok(())
    }

    fn parse_component_custom_section(
        &mut self,
        component: &mut Component,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        match section.as_known() {
            KnownCustom::ComponentName(_) => Ok(()),
            _ => component_utils::parse_component_custom_section(self, component, section),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component with a memory like the interpreter's, and two stand-ins.
    fn component(first: &str, second: &str, of_one: u32, of_other: u32) -> Vec<u8> {
        let text = format!(
            r#"(component
                (core module $main {})
                (core module (func (export "{first}") unreachable))
                (core module (func (export "{second}") unreachable))
                (core instance $main (instantiate $main))
                (core instance (instantiate 1))
                (core instance (instantiate 2))
                (alias core export {of_one} "one" (core func))
                (alias core export {of_other} "other" (core func)))"#,
            memory::tests::MAIN
        );
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn the_order_of_stand_ins_is_the_same_whatever_it_was() {
        let ways = [
            component("one", "other", 1, 2),
            component("other", "one", 2, 1),
        ];
        assert!(ways[0] != ways[1]);
        let [one, other] = ways.map(|component| settled(&component).unwrap());
        wasmparser::Validator::new().validate_all(&one).unwrap();
        assert!(one == other);
    }

    #[test]
    fn what_is_no_component_of_that_make_is_refused() {
        for text in ["(component)", "(component (core module))"] {
            let component = wat::parse_str(text).unwrap();
            let settled = settled(&component);
            assert_eq!(settled.is_ok(), text == "(component)", "{text}");
        }
        assert!(settled(b"no component").is_err());
        let whole = component("one", "other", 1, 2);
        assert!(settled(&whole[..whole.len() - 9]).is_err());
    }
}
