//! What the interpreter meets before all else while a plugin is made.
//!
//! Owns: the library that is linked to it, which puts a module of ours before its
//! own. Must not know: projects, and what is done with the interpreter after.

use std::fs;
use std::path::Path;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalType, ImportSection,
    InstructionSink, MemArg, MemoryType, Module, RefType, TableType, TypeSection, ValType,
};

use super::super::BuildError;

/// By the ending of its name the tool knows it as a library, and links it.
const LIBRARY: &str = "first.abi3.so";
/// The module that the interpreter imports before all others, and ours for it. It is
/// carried in the library: looking for a file would leave that one's dates behind.
const MODULE: &str = "encodings";
const SOURCE: &str = include_str!("encodings.py");
/// What tracebacks call it: the name of Python's own, whose steps they leave out.
const FILE: &str = "<frozen importlib._bootstrap_external>";
/// The names and values in its surroundings: else it draws a seed for the hashes of
/// strings and keeps it, and lays what it compiled where another build finds it.
const SURROUNDINGS: [(&str, &str); 2] = [("PYTHONHASHSEED", "0"), ("PYTHONDONTWRITEBYTECODE", "1")];

/// Fills a folder that the tool is to look for libraries in.
pub(super) fn lay(folder: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(folder).map_err(BuildError::io(&folder.display()))?;
    let path = folder.join(LIBRARY);
    fs::write(&path, library()).map_err(BuildError::io(&path.display()))
}

// What it imports, in this order, with how many parameters.
const SETENV: u32 = 0;
const APPEND_INITTAB: u32 = 1;
const MODULE_DEF_INIT: u32 = 2;
const GET_DICT: u32 = 3;
const COMPILE_STRING: u32 = 4;
const EVAL_CODE: u32 = 5;
const FUNCTIONS: [(&str, usize); 6] = [
    ("setenv", 3),
    ("PyImport_AppendInittab", 2),
    ("PyModuleDef_Init", 1),
    ("PyModule_GetDict", 1),
    ("Py_CompileString", 3),
    ("PyEval_EvalCode", 3),
];
/// Where its memory begins, and its part of the table.
const MEMORY_BASE: u32 = 0;
const TABLE_BASE: u32 = 1;
// Its own functions, behind those; the first two are in the table.
const INIT: u32 = 6;
const EXEC: u32 = 7;
const CONSTRUCTOR: u32 = 8;

// Its memory: a `PyModuleDef`, its two `PyModuleDef_Slot`s, and then all words. All
// numbers are those of Python 3.14 where pointers have 4 bytes.
const NAME_OF_DEF: u64 = 20;
const SLOTS_OF_DEF: u64 = 36;
const SLOTS: i32 = 52;
const WORDS: usize = 68;
const PY_MOD_EXEC: i32 = 2;
const PY_FILE_INPUT: i32 = 257;

/// A library whose constructor sets the surroundings, and announces the module as one
/// that is built into the interpreter. Its form is that of the tool conventions'
/// "WebAssembly Dynamic Linking".
fn library() -> Vec<u8> {
    let mut memory = vec![0; WORDS];
    let mut word = |word: &str| {
        let offset = i32::try_from(memory.len()).unwrap_or(i32::MAX);
        memory.extend(word.bytes());
        memory.push(0);
        offset
    };
    let [name, source, file] = [MODULE, SOURCE, FILE].map(&mut word);
    let surroundings = SURROUNDINGS.map(|(name, value)| (word(name), word(value)));

    let mut code = CodeSection::new();
    code.function(&written([], |code| {
        place(code, MEMORY_BASE, 0).call(MODULE_DEF_INIT);
    }));
    // The locals are the module's namespace and its code.
    code.function(&written([(2, ValType::I32)], |code| {
        code.local_get(0).call(GET_DICT).local_set(1);
        place(code, MEMORY_BASE, source);
        place(code, MEMORY_BASE, file).i32_const(PY_FILE_INPUT);
        code.call(COMPILE_STRING).local_tee(2);
        code.if_(BlockType::Result(ValType::I32));
        code.local_get(2).local_get(1).local_get(1).call(EVAL_CODE);
        code.else_().i32_const(0).end();
        // -1 where either gave nothing, and else 0.
        code.i32_eqz().i32_const(-1).i32_mul();
    }));
    code.function(&written([], |code| {
        for (name, value) in surroundings {
            place(code, MEMORY_BASE, name);
            place(code, MEMORY_BASE, value).i32_const(1);
            code.call(SETENV).drop();
        }
        code.global_get(MEMORY_BASE);
        place(code, MEMORY_BASE, name).i32_store(at(NAME_OF_DEF));
        code.global_get(MEMORY_BASE);
        place(code, MEMORY_BASE, SLOTS).i32_store(at(SLOTS_OF_DEF));
        place(code, MEMORY_BASE, SLOTS)
            .i32_const(PY_MOD_EXEC)
            .i32_store(at(0));
        place(code, MEMORY_BASE, SLOTS);
        place(code, TABLE_BASE, 1).i32_store(at(4));
        place(code, MEMORY_BASE, name);
        place(code, TABLE_BASE, 0).call(APPEND_INITTAB).drop();
    }));
    module(&code, &memory)
}

/// The place so far behind a base.
fn place<'a, 'b>(
    code: &'a mut InstructionSink<'b>,
    base: u32,
    offset: i32,
) -> &'a mut InstructionSink<'b> {
    code.global_get(base).i32_const(offset).i32_add()
}

fn at(offset: u64) -> MemArg {
    MemArg {
        offset,
        align: 2,
        memory_index: 0,
    }
}

fn written<const N: usize>(
    locals: [(u32, ValType); N],
    write: impl FnOnce(&mut InstructionSink<'_>),
) -> Function {
    let mut function = Function::new(locals);
    let mut code = function.instructions();
    write(&mut code);
    code.end();
    function
}

/// The module around the code of its three functions.
fn module(code: &CodeSection, memory: &[u8]) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    imports.import("env", "memory", shared_memory());
    imports.import("env", "__indirect_function_table", shared_table());
    imports.import("env", "__memory_base", base());
    imports.import("env", "__table_base", base());
    for (index, (name, parameters)) in (0..).zip(FUNCTIONS) {
        types
            .ty()
            .function(vec![ValType::I32; parameters], [ValType::I32]);
        imports.import("env", name, EntityType::Function(index));
    }
    types.ty().function([], [ValType::I32]);
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions
        .function(INIT)
        .function(EXEC)
        .function(CONSTRUCTOR);
    let mut exports = ExportSection::new();
    exports.export("__wasm_call_ctors", ExportKind::Func, CONSTRUCTOR);
    let mut elements = ElementSection::new();
    elements.active(
        None,
        &ConstExpr::global_get(TABLE_BASE),
        Elements::Functions([INIT, EXEC].as_slice().into()),
    );
    let mut data = DataSection::new();
    let base = ConstExpr::global_get(MEMORY_BASE);
    data.active(0, &base, memory.iter().copied());

    let mut module = Module::new();
    module
        .section(&size_of(memory.len()))
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&exports)
        .section(&elements)
        .section(code)
        .section(&data);
    module.finish()
}

fn shared_memory() -> MemoryType {
    MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

fn shared_table() -> TableType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 0,
        maximum: None,
        shared: false,
    }
}

fn base() -> GlobalType {
    GlobalType {
        val_type: ValType::I32,
        mutable: false,
        shared: false,
    }
}

/// The section that says how much memory and table a library has for itself.
fn size_of(memory: usize) -> CustomSection<'static> {
    const MEMORY_INFO: u8 = 1;
    let memory = u32::try_from(memory).unwrap_or(u32::MAX);
    let mut sizes = Vec::new();
    // The memory and its alignment as a power of 2, the table and that one's.
    for size in [memory, 2, 2, 0] {
        wasm_encoder::Encode::encode(&size, &mut sizes);
    }
    let mut section = vec![MEMORY_INFO];
    wasm_encoder::Encode::encode(sizes.as_slice(), &mut section);
    CustomSection {
        name: "dylink.0".into(),
        data: section.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_one_and_carries_the_module() {
        let library = library();
        wasmparser::Validator::new().validate_all(&library).unwrap();
        let is_carried = |word: &str| {
            let word = [word.as_bytes(), &[0]].concat();
            library.windows(word.len()).any(|bytes| bytes == word)
        };
        assert!(is_carried(SOURCE) && is_carried(MODULE) && is_carried("PYTHONHASHSEED"));
        let is_linked = wasmparser::Parser::new(0)
            .parse_all(&library)
            .any(|payload| {
                matches!(payload, Ok(wasmparser::Payload::CustomSection(section))
                if matches!(section.as_known(), wasmparser::KnownCustom::Dylink0(_)))
            });
        assert!(is_linked);
    }
}
