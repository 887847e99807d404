//! Modules that stand in for WASI: whatever is called in them traps.
//!
//! Owns: telling them, and the one order of their functions. Must not know: what
//! they stand in for.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection,
};
use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Operator, Parser, Payload};

use super::super::BuildError;
use super::settled::unreadable;

/// The stand-in with its functions in the order of their names; nothing where a
/// module does anything.
///
/// # Errors
/// Where it can't be read.
pub(super) fn sorted(module: &[u8]) -> Result<Option<Vec<u8>>, BuildError> {
    let Some(mut functions) = functions(module)? else {
        return Ok(None);
    };
    functions.sort_by_key(|(name, _)| *name);
    let (mut types, mut listed) = (TypeSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    let mut trap = Function::new([]);
    trap.instructions().unreachable().end();
    for (index, (name, signature)) in (0..).zip(functions) {
        let signature = RoundtripReencoder.func_type(signature);
        types
            .ty()
            .func_type(&signature.map_err(|error| unreadable(&error))?);
        listed.function(index);
        exports.export(name, ExportKind::Func, index);
        code.function(&trap);
    }
    let mut module = Module::new();
    module
        .section(&types)
        .section(&listed)
        .section(&exports)
        .section(&code);
    Ok(Some(module.finish()))
}

/// What it exports, where that is all there is and traps.
fn functions(module: &[u8]) -> Result<Option<Vec<(&str, FuncType)>>, BuildError> {
    let (mut types, mut of_type, mut exports) = (Vec::new(), Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| unreadable(&error))? {
            Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group.map_err(|error| unreadable(&error))?.into_types() {
                        let CompositeInnerType::Func(signature) = ty.composite_type.inner else {
                            return Ok(None);
                        };
                        types.push(signature);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    of_type.push(ty.map_err(|error| unreadable(&error))?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    exports.push(export.map_err(|error| unreadable(&error))?);
                }
            }
            Payload::CodeSectionEntry(body) => {
                let operators = body.get_operators_reader();
                let first = operators.and_then(|mut operators| operators.read());
                if !matches!(first, Ok(Operator::Unreachable)) {
                    return Ok(None);
                }
            }
            _ => return Ok(None),
        }
    }
    let signature = |index: u32| {
        let ty = of_type.get(usize::try_from(index).ok()?)?;
        types.get(usize::try_from(*ty).ok()?).cloned()
    };
    let named = exports.into_iter().map(|export| match export.kind {
        ExternalKind::Func => Some((export.name, signature(export.index)?)),
        _ => None,
    });
    let named: Option<Vec<_>> = named.collect();
    Ok(named.filter(|named| named.len() == of_type.len() && !named.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_traps_and_nothing_else_is_a_stand_in() {
        let of = |text: &str| sorted(&wat::parse_str(text).unwrap()).unwrap();
        let one = r#"(module (func (export "b") (param i64) unreachable)
            (func (export "a") (result i32) unreachable))"#;
        let other = r#"(module (func (export "a") (result i32) unreachable)
            (func (export "b") (param i64) unreachable))"#;
        assert!(of(one).is_some_and(|one| Some(one) == of(other)));
        for text in [
            "(module)",
            r#"(module (func (export "a")))"#,
            r#"(module (memory 1) (func (export "a") unreachable))"#,
            r#"(module (import "m" "f" (func)) (func (export "a") unreachable))"#,
            r#"(module (func unreachable) (func (export "a") unreachable))"#,
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
