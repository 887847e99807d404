//! The names of functions, which a trap's backtrace shows.
//!
//! Owns: which names are kept, and what of them. The compiler adds a hash to
//! each, for itself; they would be a third of all. What else can have a name
//! (data, or what a component is put together of) is shown by nobody.
//! Must not know: what the functions do.

use wasm_encoder::{NameMap, NameSection};
use wasmparser::{BinaryReader, KnownCustom, Name};

/// The section with the names of a component's parts.
const COMPONENT_NAMES: &str = "component-name";

/// Where the first section begins, behind magic number and version.
const HEADER: usize = 8;

/// How many hexadecimal digits a hash has.
const DIGITS: usize = 16;

/// The names of functions, shortened; none where the section is another one, or
/// can't be read.
pub(crate) fn shortened(section: &wasmparser::CustomSectionReader<'_>) -> Option<NameSection> {
    let KnownCustom::Name(parts) = section.as_known() else {
        return None;
    };
    let mut kept = NameSection::new();
    for part in parts {
        if let Name::Function(functions) = part.ok()? {
            let mut names = NameMap::new();
            for function in functions {
                let function = function.ok()?;
                names.append(function.index, &without_hashes(function.name));
            }
            kept.functions(&names);
        }
    }
    Some(kept)
}

/// The component without the names of its parts. Those within its modules stay.
pub(crate) fn without_part_names(component: &[u8]) -> wasmparser::Result<Vec<u8>> {
    let mut kept = component.get(..HEADER).unwrap_or_default().to_vec();
    let mut reader = BinaryReader::new(component.get(HEADER..).unwrap_or_default(), HEADER);
    while !reader.eof() {
        let start = reader.original_position();
        let is_custom = reader.read_u8()? == 0;
        let mut section = reader.read_reader()?;
        if !is_custom || section.read_string()? != COMPONENT_NAMES {
            kept.extend_from_slice(&component[start..reader.original_position()]);
        }
    }
    Ok(kept)
}

/// `alloc[3ca501edff3f0c7c]::fmt::format` and `a::b::h66203d46579ddfb9` name
/// `alloc::fmt::format` and `a::b`.
fn without_hashes(name: &str) -> String {
    let is_hash =
        |text: &str| text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = match name.rsplit_once("::h") {
        Some((name, hash)) if is_hash(hash) => name,
        _ => name,
    };
    let mut parts = name.split('[');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if is_hash(hash) => kept.push_str(rest),
            _ => {
                kept.push('[');
                kept.push_str(part);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_and_its_hashes_are_not() {
        for (name, kept) in [
            ("render", "render"),
            (
                "lombard_sdk::lift::symbol::h367a316d5faa4bf4",
                "lombard_sdk::lift::symbol",
            ),
            (
                "<core[c5930c85a12de822]::fmt::Formatter>::pad",
                "<core::fmt::Formatter>::pad",
            ),
            (
                "core::ptr::drop_in_place<[alloc::string::String]>::h02a0b0c0d0e0f000",
                "core::ptr::drop_in_place<[alloc::string::String]>",
            ),
            ("a::hidden", "a::hidden"),
            ("a[0]", "a[0]"),
        ] {
            assert_eq!(without_hashes(name), kept);
        }
    }
}
