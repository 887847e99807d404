//! The memory that is kept of an interpreter.
//!
//! Owns: where its libraries keep what they drew for themselves, by the version of
//! the tool, and the one way to lay a memory into segments. Must not know: where in
//! a component its module is.

use std::collections::HashMap;

use wasm_encoder::{ConstExpr, DataSection, Module, RawSection};
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload};

use super::super::BuildError;
use super::settled::unreadable;

/// The most that an interpreter may have come to, in bytes.
const MOST: usize = 1 << 30;
/// So many zeros are left out between two segments.
const GAP: usize = 64;

/// What a library drew: the global with its place in memory, and from there the
/// offset and the length in bytes. The tool's releases for Linux, macOS and Windows
/// carry the same interpreter.
const DRAWN: [(&str, usize, usize); 6] = [
    // The word that guards frames of the stack; none is left.
    ("libc.so:__stack_chk_guard", 0, 4),
    // The time at which `clock` began to count; a plugin has no clock.
    ("libwasi-emulated-process-clocks.so:memory_base", 8, 16),
    // An allocator that Python carries and does not use, mimalloc: its cookie and
    // two keys, the key and the output of its ChaCha, and how long a look at the
    // clock took.
    (PYTHON, CHACHA - 12, 12),
    (PYTHON, CHACHA + 16, 32),
    (PYTHON, CHACHA + 64, 64),
    (PYTHON, 0x002f_98f8, 8),
];
const PYTHON: &str = "libpython3.14.so:memory_base";
/// Where mimalloc's ChaCha begins, and with what: so it is told that all this is
/// about the interpreter at hand.
const CHACHA: usize = 0x0027_62e8;
const CONSTANT: &[u8] = b"expand 32-byte k";

/// The module with a memory in which zeros stand for what differs from run to run.
///
/// # Errors
/// Where it is not the interpreter of the version that is known of.
pub(super) fn settled(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let (mut globals, mut named) = (Vec::new(), HashMap::new());
    let (mut settled, mut is_settled) = (Module::new(), false);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| unreadable(&error))?;
        match &payload {
            Payload::GlobalSection(section) => {
                for global in section.clone() {
                    let global = global.map_err(|error| unreadable(&error))?;
                    globals.push(constant(&global.init_expr));
                }
            }
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    let export = export.map_err(|error| unreadable(&error))?;
                    if export.kind == ExternalKind::Global {
                        named.insert(export.name, export.index);
                    }
                }
            }
            Payload::DataSection(section) => {
                let mut image = image(section.clone())?;
                let place = |name: &str| {
                    let index = usize::try_from(*named.get(name)?).ok()?;
                    *globals.get(index)?
                };
                clear(&mut image, place).ok_or_else(unknown)?;
                settled.section(&segments(&image));
                is_settled = true;
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = module.get(range).ok_or_else(unknown)?;
            settled.section(&RawSection { id, data });
        }
    }
    match is_settled {
        true => Ok(settled.finish()),
        false => Err(unknown()),
    }
}

fn unknown() -> BuildError {
    unreadable(&"it has another interpreter than is known of")
}

/// Clears what differs, where all of it is found.
fn clear(image: &mut [u8], place: impl Fn(&str) -> Option<usize>) -> Option<()> {
    let chacha = place(PYTHON)?.checked_add(CHACHA)?;
    let constant = image.get(chacha..chacha.checked_add(CONSTANT.len())?)?;
    if constant != CONSTANT {
        return None;
    }
    for (name, offset, length) in DRAWN {
        let from = place(name)?.checked_add(offset)?;
        image.get_mut(from..from.checked_add(length)?)?.fill(0);
    }
    // What was on the stack: nothing is now.
    let stack = place("__stack_low")?..place("__stack_pointer")?;
    image.get_mut(stack)?.fill(0);
    Some(())
}

/// The memory as it is when the segments were laid into it.
fn image(section: wasmparser::DataSectionReader<'_>) -> Result<Vec<u8>, BuildError> {
    let mut image = Vec::new();
    for segment in section {
        let segment = segment.map_err(|error| unreadable(&error))?;
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = segment.kind
        else {
            return Err(unknown());
        };
        let from = constant(&offset_expr).ok_or_else(unknown)?;
        let to = from
            .checked_add(segment.data.len())
            .filter(|to| *to <= MOST);
        let to = to.ok_or_else(unknown)?;
        if image.len() < to {
            image.resize(to, 0);
        }
        image[from..to].copy_from_slice(segment.data);
    }
    Ok(image)
}

/// What is not zero, in segments that long runs of zeros part.
fn segments(image: &[u8]) -> DataSection {
    let mut section = DataSection::new();
    let mut from = 0;
    while let Some(zeros) = image[from..].iter().position(|byte| *byte != 0) {
        from += zeros;
        let mut to = from;
        while let Some(more) = image[to..].iter().take(GAP).rposition(|byte| *byte != 0) {
            to += more + 1;
        }
        let offset = i32::try_from(from).unwrap_or(i32::MAX);
        let bytes = image[from..to].iter().copied();
        section.active(0, &ConstExpr::i32_const(offset), bytes);
        from = to;
    }
    section
}

/// The number of an expression that is only that.
fn constant(expression: &wasmparser::ConstExpr<'_>) -> Option<usize> {
    match expression.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => usize::try_from(value).ok(),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The fields of a module with a memory of the interpreter's form: everything
    /// that is drawn lies behind 4,096 bytes of stack.
    pub(in super::super) const MAIN: &str = r#"
        (memory 60)
        (global (export "__stack_low") i32 (i32.const 0))
        (global (export "__stack_pointer") (mut i32) (i32.const 4096))
        (global (export "libc.so:__stack_chk_guard") i32 (i32.const 5000))
        (global (export "libwasi-emulated-process-clocks.so:memory_base") i32 (i32.const 5100))
        (global (export "libpython3.14.so:memory_base") i32 (i32.const 8192))
        (data (i32.const 100) "a frame that is gone")
        (data (i32.const 4096) "what is kept")
        (data (i32.const 5000) "seed, and what is kept too")
        (data (i32.const 5108) "\a4\08\27\6b\00\00\00\00\01\00\00\00\00\00\00\00")
        (data (i32.const 2589404) "cookie, keysexpand 32-byte k01234567890123456789012345678901")
        (data (i32.const 3127544) "\fa\0f\00\00\00\00\00\00")
        "#;

    fn module(fields: &str) -> Vec<u8> {
        wat::parse_str(format!("(module {fields})")).unwrap()
    }

    #[test]
    fn what_was_drawn_is_cleared_and_all_else_is_kept() {
        let settled = settled(&module(MAIN)).unwrap();
        wasmparser::Validator::new().validate_all(&settled).unwrap();
        let data = Parser::new(0)
            .parse_all(&settled)
            .find_map(|payload| match payload {
                Ok(Payload::DataSection(section)) => Some(section),
                _ => None,
            });
        let kept = image(data.unwrap()).unwrap();
        let mut expected = vec![0; 8192 + CHACHA + CONSTANT.len()];
        expected[4096..4108].copy_from_slice(b"what is kept");
        expected[5004..5026].copy_from_slice(b", and what is kept too");
        expected[8192 + CHACHA..].copy_from_slice(CONSTANT);
        assert!(kept == expected);
    }

    #[test]
    fn another_interpreter_is_refused() {
        for (known, other) in [
            ("expand 32", "expand 16"),
            ("__stack_low", "__stack_high"),
            ("libc.so:", "libd.so:"),
            ("(i32.const 4096))", "(i32.const 99999999))"),
            ("(i32.const 5100)", "(i32.const -1)"),
        ] {
            let fields = MAIN.replace(known, other);
            assert_ne!(fields, MAIN, "{known}");
            assert!(settled(&module(&fields)).is_err(), "{other}");
        }
        assert!(settled(&module("(memory 1)")).is_err());
    }

    #[test]
    fn segments_are_parted_by_long_runs_of_zeros() {
        let image_of = |parts: &[(usize, usize)]| {
            let mut image = vec![0; 1000];
            for (from, length) in parts {
                image[*from..from + length].fill(7);
            }
            image
        };
        for (parts, count) in [
            (&[][..], 0),
            (&[(0, 1)], 1),
            (&[(10, 5), (15 + GAP - 1, 5)], 1),
            (&[(10, 5), (15 + GAP, 5), (999, 1)], 3),
        ] {
            let image = image_of(parts);
            assert_eq!(segments(&image).len(), count, "{parts:?}");
        }
    }
}
