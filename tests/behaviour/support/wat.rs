//! Plugins in the text format of WebAssembly: what Rust would not let them do.
//!
//! Owns: making a component of a core module's text, and manifests of it.
//! Must not know: what a plugin does.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::files;

/// A widget of a core module that has what this text says, an export `render`
/// at least. There are four pages of memory, an allocator that hands out the
/// second of them again and again, where it has none of its own, and `$give_back`, which has to be called
/// with the session before `render` returns. `grants` stand in its manifest.
pub(crate) fn widget(core: &str, grants: &[&str]) -> Vec<u8> {
    let manifest = format!(
        "name = \"made-up\"\nversion = \"0.1.0\"\nkind = \"widget\"\n\
         api = \"0.1.0\"\ndescription = \"\"\ngrants = {grants:?}\n"
    );
    with_manifest(component(core), &manifest)
}

/// A widget that shows nothing but this title, in this version of it.
pub(crate) fn titled(title: &str, version: &str) -> Vec<u8> {
    let manifest = format!(
        "name = \"made-up\"\nversion = \"{version}\"\nkind = \"widget\"\napi = \"0.1.0\"\n"
    );
    titled_with(title, &manifest)
}

/// A widget that shows nothing but this title, with this manifest.
pub(crate) fn titled_with(title: &str, manifest: &str) -> Vec<u8> {
    let length = title.len();
    // Where the result stands: ok, then the title by address and length, then
    // no blocks.
    let core = format!(
        r#"(data (i32.const 68) "\00\10\00\00\{length:02x}")
        (data (i32.const 4096) "{title}")
        (func (export "render") (param i32 i32 i32) (result i32)
            (call $give_back (local.get 0)) i32.const 64)"#
    );
    with_manifest(component(&core), manifest)
}

/// A plugin with another manifest.
pub(crate) fn with_other_manifest(mut bytes: Vec<u8>, edit: impl Fn(&str) -> String) -> Vec<u8> {
    let text = lombard_runtime::inspect(&bytes)
        .expect("a plugin")
        .manifest_text;
    let section = with_manifest(Vec::new(), &text);
    assert!(bytes.ends_with(&section), "its manifest is not at its end");
    bytes.truncate(bytes.len() - section.len());
    with_manifest(bytes, &edit(&text))
}

/// A widget with so many functions that do nothing, beside what it needs.
pub(crate) fn widget_of_functions(many: usize) -> Vec<u8> {
    let core = "(func (export \"render\") (param i32 i32 i32) (result i32) i32.const 64)";
    let manifest = "name = \"made-up\"\nversion = \"0.1.0\"\nkind = \"widget\"\napi = \"0.1.0\"\n";
    // Too many for the text format to be quick about: by hand.
    let functions: Vec<u8> = [leb(many), vec![0; many]].concat();
    let bodies = [leb(many), [2, 0, 0x0b].repeat(many)].concat();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for (id, section) in [(1, vec![1, 0x60, 0, 0]), (3, functions), (10, bodies)] {
        module.push(id);
        module.extend(leb(section.len()));
        module.extend(section);
    }
    let mut component = component(core);
    component.push(1);
    component.extend(leb(module.len()));
    component.extend(module);
    with_manifest(component, manifest)
}

fn component(core: &str) -> Vec<u8> {
    let rest = [
        ("memory", "(memory (export \"memory\") 4)"),
        (
            "cabi_realloc",
            "(func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) i32.const 65536)",
        ),
    ];
    let lacks = |name: &str| !core.contains(&format!("(export \"{name}\")"));
    let rest = rest.into_iter().filter(|(name, _)| lacks(name));
    let rest: String = rest.map(|(_, part)| part).collect();
    let text = format!(
        r#"(module
            (import "lombard:platform/session@0.1.0" "[resource-drop]session"
              (func $give_back (param i32)))
            {core}
            {rest})"#
    );
    let mut module = wat::parse_str(text).expect("a module");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(files::wit()).expect("the contract");
    let world = resolve.select_world(&[package], Some("widget"));
    let world = world.expect("the world of widgets");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the module is told its world");
    let encoder = ComponentEncoder::default().module(&module);
    let encoded = encoder.expect("a module of the world").encode();
    encoded.expect("a component")
}

/// The component with more at its end, in the text format of components.
pub(crate) fn followed_by(component: &[u8], more: &str) -> Vec<u8> {
    let text = wasmprinter::print_bytes(component).expect("a component can be printed");
    let text = text.trim_end().strip_suffix(')').expect("it ends");
    wat::parse_str(format!("{text}{more})")).expect("a component")
}

/// The component with this manifest in it.
pub(crate) fn with_manifest(mut bytes: Vec<u8>, manifest: &str) -> Vec<u8> {
    let name = b"lombard:plugin";
    let mut section = leb(name.len());
    section.extend(name);
    section.extend(manifest.as_bytes());
    bytes.push(0);
    bytes.extend(leb(section.len()));
    bytes.extend(section);
    bytes
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("7 bits");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
