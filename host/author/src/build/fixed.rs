//! An engine that sees the same clock, chance and disk each time.
//!
//! Owns: giving a core module functions of its own in the place of WASI's clock
//! and randomness, and in front of what WASI tells of files. A language's engine
//! is run once while a component is made and is kept as it then is: with what it
//! drew for its tables of hashes, the time of its start, and the inodes of its
//! sources. So the same source would never give the same component. A plugin gets
//! neither in any case: its time is the session's.
//! Must not know: whose engine it is.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, Function, FunctionSection, GlobalSection, GlobalType,
    MemArg, Module, ValType,
};
use wasmparser::{
    CodeSectionReader, FunctionSectionReader, GlobalSectionReader, Parser, Payload, TypeRef,
};

use super::BuildError;

const WASI: &str = "wasi_snapshot_preview1";

/// The module with a clock that goes on by a millisecond each time it is looked
/// at, with numbers that follow from each other, and with files of no date.
///
/// # Errors
/// Where it can't be read, or does not ask for all three.
pub(super) fn with_fixed_inputs(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut fixing = Fixing::of(module)?;
    let mut fixed = Module::new();
    fixing
        .parse_core_module(&mut fixed, Parser::new(0), module)
        .map_err(|error| unreadable(&error))?;
    Ok(fixed.finish())
}

fn unreadable(why: &impl ToString) -> BuildError {
    BuildError::Encode(format!("the engine can't be read: {}", why.to_string()))
}

/// An imported function, and the type it has.
#[derive(Clone, Copy)]
struct Import {
    function: u32,
    type_index: u32,
}

/// What stands in the place of what; the new functions, in this order, and the
/// new globals stand behind all others.
struct Fixing {
    chance: Import,
    clock: Import,
    files: Import,
    functions: u32,
    globals: u32,
}

impl Fixing {
    fn of(module: &[u8]) -> Result<Self, BuildError> {
        let (mut chance, mut clock, mut files) = (None, None, None);
        let (mut functions, mut globals) = (0, 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload.map_err(|error| unreadable(&error))? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.map_err(|error| unreadable(&error))?;
                        match import.ty {
                            TypeRef::Func(type_index) => {
                                let this = Import {
                                    function: functions,
                                    type_index,
                                };
                                match (import.module, import.name) {
                                    (WASI, "random_get") => chance = Some(this),
                                    (WASI, "clock_time_get") => clock = Some(this),
                                    (WASI, "path_filestat_get") => files = Some(this),
                                    _ => {}
                                }
                                functions += 1;
                            }
                            TypeRef::Global(_) => globals += 1,
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(section) => functions += section.count(),
                Payload::GlobalSection(section) => globals += section.count(),
                _ => {}
            }
        }
        let lacks = || unreadable(&"it asks for no clock, no randomness or no files");
        Ok(Self {
            chance: chance.ok_or_else(lacks)?,
            clock: clock.ok_or_else(lacks)?,
            files: files.ok_or_else(lacks)?,
            functions,
            globals,
        })
    }
}

impl Reencode for Fixing {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        Ok(match function {
            it if it == self.chance.function => self.functions,
            it if it == self.clock.function => self.functions + 1,
            it if it == self.files.function => self.functions + 2,
            other => other,
        })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.chance.type_index);
        functions.function(self.clock.type_index);
        functions.function(self.files.type_index);
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: GlobalSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_global_section(self, globals, section)?;
        let counter = GlobalType {
            val_type: ValType::I64,
            mutable: true,
            shared: false,
        };
        globals.global(counter, &ConstExpr::i64_const(1));
        globals.global(counter, &ConstExpr::i64_const(1));
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        utils::parse_code_section(self, code, section)?;
        code.function(&chance(self.globals));
        code.function(&clock(self.globals + 1));
        code.function(&files(self.files.function));
        Ok(())
    }
}

/// `random_get(buffer, length)`: the upper bytes of a linear congruential
/// generator (Knuth's, of the MMIX).
fn chance(state: u32) -> Function {
    let byte = MemArg {
        offset: 0,
        align: 0,
        memory_index: 0,
    };
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(1).i32_eqz().br_if(1);
    code.global_get(state)
        .i64_const(6_364_136_223_846_793_005)
        .i64_mul()
        .i64_const(1_442_695_040_888_963_407)
        .i64_add()
        .global_set(state);
    code.local_get(0)
        .global_get(state)
        .i64_const(56)
        .i64_shr_u()
        .i64_store8(byte);
    code.local_get(0).i32_const(1).i32_add().local_set(0);
    code.local_get(1).i32_const(1).i32_sub().local_set(1);
    code.br(0).end().end().i32_const(0).end();
    function
}

/// `clock_time_get(clock, precision, time)`: a millisecond later each time.
fn clock(state: u32) -> Function {
    let time = MemArg {
        offset: 0,
        align: 3,
        memory_index: 0,
    };
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.global_get(state)
        .i64_const(1_000_000)
        .i64_add()
        .global_set(state);
    code.local_get(2).global_get(state).i64_store(time);
    code.i32_const(0).end();
    function
}

/// Where what differs from disk to disk stands in a `filestat`: device, inode,
/// and the times of the last access, write and change.
const OF_THE_DISK: [u64; 5] = [0, 8, 40, 48, 56];

/// `path_filestat_get(folder, flags, path, length, filestat)`: what WASI says,
/// without what is of the disk.
fn files(wasi: u32) -> Function {
    const FILESTAT: u32 = 4;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    for parameter in 0..=FILESTAT {
        code.local_get(parameter);
    }
    code.call(wasi).local_tee(FILESTAT + 1);
    code.i32_eqz().if_(BlockType::Empty);
    for offset in OF_THE_DISK {
        let field = MemArg {
            offset,
            align: 3,
            memory_index: 0,
        };
        code.local_get(FILESTAT).i64_const(0).i64_store(field);
    }
    code.end().local_get(FILESTAT + 1).end();
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_calls_functions_of_its_own_instead() {
        let module = wat::parse_str(
            r#"(module
                (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "path_filestat_get"
                    (func $stat (param i32 i32 i32 i32 i32) (result i32)))
                (memory 1)
                (global i32 (i32.const 7))
                (func (export "draw") (result i32) (call $random (i32.const 0) (i32.const 8)))
                (func (export "stat") (result i32)
                    (call $stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (func (export "look") (result i32)
                    (call $clock (i32.const 0) (i64.const 1) (i32.const 8))))"#,
        )
        .unwrap();
        let fixed = with_fixed_inputs(&module).unwrap();
        wasmparser::Validator::new().validate_all(&fixed).unwrap();
        assert_eq!(fixed, with_fixed_inputs(&module).unwrap());
        // Of what is imported only the new function behind asks, for files.
        assert_eq!(
            (calls(&module), calls(&fixed)),
            (vec![1, 2, 0], vec![6, 8, 7, 2])
        );
    }

    /// Which function each call in a module is of, in the order of the code.
    fn calls(module: &[u8]) -> Vec<u32> {
        let mut calls = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            let Payload::CodeSectionEntry(body) = payload.unwrap() else {
                continue;
            };
            for operator in body.get_operators_reader().unwrap() {
                if let wasmparser::Operator::Call { function_index } = operator.unwrap() {
                    calls.push(function_index);
                }
            }
        }
        calls
    }

    #[test]
    fn a_module_that_asks_for_none_is_refused() {
        let module = wat::parse_str("(module)").unwrap();
        assert!(with_fixed_inputs(&module).is_err());
    }
}
