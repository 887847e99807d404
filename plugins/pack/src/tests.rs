//! Packing of modules small enough to be written here.

use lombard_model::PluginKind;
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::*;

const MANIFEST: &str = r#"
    name = "tiny"
    version = "1.2.3"
    kind = "widget"
    api = "0.1.0"
    description = "Shows nothing"
"#;

/// A world with the shape of the contract's, without its size.
const WORLD: &str = r"
    package lombard:platform@0.1.0;
    interface log { write: func(message: u32); }
    interface unused { read: func() -> u32; }
    world widget { import log; import unused; export render: func() -> u32; }
    world expert { import log; export analyze: func() -> u32; }
";

const MODULE: &str = r#"(module
    (import "lombard:platform/log@0.1.0" "write" (func $write (param i32)))
    (func (export "render") (result i32)
        i32.const 7
        call $write
        i32.const 42)
)"#;

fn module(wat: &str, wit: &str, world: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

fn section<'a>(file: &'a [u8], name: &str) -> Option<&'a str> {
    wasmparser::Parser::new(0)
        .parse_all(file)
        .find_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) if section.name() == name => {
                Some(std::str::from_utf8(section.data()).unwrap())
            }
            _ => None,
        })
}

#[test]
fn a_plugin_file_is_a_component_with_its_manifest_inside() {
    let file = pack(&module(MODULE, WORLD, "widget"), MANIFEST).unwrap();
    assert_eq!(section(&file, MANIFEST_SECTION), Some(MANIFEST));
    assert_eq!(section(&file, "version"), Some("1.2.3"));
    assert_eq!(section(&file, "description"), Some("Shows nothing"));
    let name = section(&file, "component-name").unwrap();
    assert!(name.contains("tiny"), "{name:?}");
    wasmparser::Validator::new().validate_all(&file).unwrap();
}

#[test]
fn only_what_is_used_is_imported() {
    let file = pack(&module(MODULE, WORLD, "widget"), MANIFEST).unwrap();
    let surface = Surface::read(&file).unwrap();
    assert_eq!(surface.imports, ["lombard:platform/log@0.1.0"]);
    assert_eq!(surface.exports, ["render"]);
}

#[test]
fn what_only_repeats_imports_is_dropped() {
    let mut module = module(MODULE, WORLD, "widget");
    let expected = pack(&module, MANIFEST).unwrap();
    let repetition =
        "component-type:wit-bindgen:1:a:b@1.0.0:expert-with-all-of-its-exports-removed:x";
    append_section(&mut module, repetition, "not even a description");
    assert_eq!(pack(&module, MANIFEST).unwrap(), expected);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let module = module(MODULE, WORLD, "widget");
    assert_eq!(
        pack(&module, MANIFEST).unwrap(),
        pack(&module, MANIFEST).unwrap()
    );
}

#[test]
fn foreign_imports_are_refused_by_name() {
    let wit = r"
        package wasi:cli@0.2.0;
        interface stdout { print: func(text: u32); }
        interface exit { exit: func(code: u32); }
        world widget { import stdout; import exit; export render: func() -> u32; }
    ";
    let wat = r#"(module
        (import "wasi:cli/stdout@0.2.0" "print" (func (param i32)))
        (import "wasi:cli/exit@0.2.0" "exit" (func (param i32)))
        (func (export "render") (result i32) i32.const 42)
    )"#;
    let error = pack(&module(wat, wit, "widget"), MANIFEST).unwrap_err();
    let PackError::ForeignImports(mut imports) = error else {
        panic!("another error: {error}");
    };
    imports.sort();
    assert_eq!(imports, ["wasi:cli/exit@0.2.0", "wasi:cli/stdout@0.2.0"]);
}

#[test]
fn the_kind_must_be_what_is_exported() {
    let manifest = MANIFEST.replace("widget", "expert");
    let error = pack(&module(MODULE, WORLD, "widget"), &manifest).unwrap_err();
    assert!(
        matches!(
            &error,
            PackError::WrongExports { kind: PluginKind::Expert, expected: "analyze", found }
                if found == "render"
        ),
        "{error}"
    );
}

#[test]
fn a_module_that_is_none_is_told() {
    assert!(matches!(
        pack(b"not wasm", MANIFEST),
        Err(PackError::Encode(_))
    ));
    assert!(matches!(
        pack_component(b"not wasm", MANIFEST),
        Err(PackError::Unreadable(_))
    ));
    let without_world = wat::parse_str("(module)").unwrap();
    let error = pack(&without_world, MANIFEST).unwrap_err();
    assert!(error.to_string().ends_with("it exports nothing"), "{error}");
}

#[test]
fn a_faulty_manifest_is_told_first() {
    let error = pack(b"not wasm", "name = 1").unwrap_err();
    assert!(matches!(error, PackError::Manifest(_)), "{error}");
}

#[test]
fn a_packed_file_is_not_packed_again() {
    let file = pack(&module(MODULE, WORLD, "widget"), MANIFEST).unwrap();
    assert!(matches!(
        pack_component(&file, MANIFEST),
        Err(PackError::PackedAlready)
    ));
}

const DECLARED: &str = "[settings.days]\ntype = \"int\"\ndefault = 20\nmin = 2\n";

fn declaring(settings: &str) -> Vec<u8> {
    let mut module = module(MODULE, WORLD, "widget");
    append_section(&mut module, SETTINGS_SECTION, settings);
    module
}

#[test]
fn settings_of_the_code_go_into_the_manifest_and_out_of_the_module() {
    let file = pack(&declaring(DECLARED), MANIFEST).unwrap();
    let manifest = section(&file, MANIFEST_SECTION).unwrap();
    let days = Manifest::parse(manifest).unwrap().settings;
    assert_eq!(days.get("days").unwrap().default, Some(20.into()));
    assert_eq!(section(&file, SETTINGS_SECTION), None);
    let both = format!("{MANIFEST}\n{DECLARED}");
    let file = pack(&declaring(DECLARED), &both).unwrap();
    assert_eq!(section(&file, MANIFEST_SECTION), Some(both.as_str()));
}

#[test]
fn a_manifest_with_other_settings_than_the_code_is_refused_with_both() {
    let other = DECLARED.replace("20", "30");
    let error = pack(&declaring(&other), &format!("{MANIFEST}\n{DECLARED}")).unwrap_err();
    let words = error.to_string();
    for part in ["days", "\"default\":20", "\"default\":30", "plugin.toml"] {
        assert!(words.contains(part), "{words}");
    }
    let more = format!("{MANIFEST}\n{DECLARED}[settings.more]\ntype = \"bool\"\n");
    let words = pack(&declaring(DECLARED), &more).unwrap_err().to_string();
    assert!(words.contains("in the code:    not declared"), "{words}");
    assert!(!words.contains("days"), "{words}");
}

#[test]
fn settings_of_the_code_are_checked_as_those_of_a_manifest() {
    let faulty = DECLARED.replace("20", "1");
    let error = pack(&declaring(&faulty), MANIFEST).unwrap_err();
    assert!(matches!(error, PackError::Settings(_)), "{error}");
    assert!(error.to_string().contains("`days`"), "{error}");
}
