//! Whether every item of a contract says what it is and since when.
//!
//! Owns: walking the items. Must not know: what they should say.

use wit_parser::{
    Docs, Interface, Resolve, Stability, Type, TypeDef, TypeDefKind, World, WorldItem,
};

/// A complaint for each item without words, or without a gate.
pub(super) fn faults(resolve: &Resolve) -> Vec<String> {
    let mut faults = Vec::new();
    for (_, package) in &resolve.packages {
        documented(&mut faults, &package.name.to_string(), &package.docs);
    }
    for (_, one) in &resolve.interfaces {
        interface(&mut faults, resolve, one);
    }
    for (_, one) in &resolve.worlds {
        world(&mut faults, one);
    }
    faults
}

fn documented(faults: &mut Vec<String>, name: &str, docs: &Docs) {
    if docs
        .contents
        .as_deref()
        .is_none_or(|words| words.trim().is_empty())
    {
        faults.push(format!("`{name}` has no docs"));
    }
}

fn item(faults: &mut Vec<String>, name: &str, docs: &Docs, stability: &Stability) {
    documented(faults, name, docs);
    if !matches!(stability, Stability::Stable { .. }) {
        faults.push(format!("`{name}` has no @since"));
    }
}

fn interface(faults: &mut Vec<String>, resolve: &Resolve, interface: &Interface) {
    let owner = interface.name.as_deref().unwrap_or("inline");
    item(faults, owner, &interface.docs, &interface.stability);
    for (name, id) in &interface.types {
        let definition = &resolve.types[*id];
        if !is_use(definition) {
            type_(faults, &format!("{owner}.{name}"), definition);
        }
    }
    for function in interface.functions.values() {
        let name = format!("{owner}.{}", function.name);
        item(faults, &name, &function.docs, &function.stability);
    }
}

/// A name that another interface gave has its words there.
fn is_use(definition: &TypeDef) -> bool {
    matches!(definition.kind, TypeDefKind::Type(Type::Id(_)))
}

fn type_(faults: &mut Vec<String>, name: &str, definition: &TypeDef) {
    item(faults, name, &definition.docs, &definition.stability);
    let mut member = |part: &str, docs: &Docs| documented(faults, &format!("{name}.{part}"), docs);
    match &definition.kind {
        TypeDefKind::Record(record) => {
            record
                .fields
                .iter()
                .for_each(|field| member(&field.name, &field.docs));
        }
        TypeDefKind::Variant(variant) => {
            variant
                .cases
                .iter()
                .for_each(|case| member(&case.name, &case.docs));
        }
        TypeDefKind::Enum(named) => {
            named
                .cases
                .iter()
                .for_each(|case| member(&case.name, &case.docs));
        }
        TypeDefKind::Flags(flags) => {
            flags
                .flags
                .iter()
                .for_each(|flag| member(&flag.name, &flag.docs));
        }
        _ => {}
    }
}

fn world(faults: &mut Vec<String>, world: &World) {
    item(faults, &world.name, &world.docs, &world.stability);
    for entry in world.imports.values().chain(world.exports.values()) {
        if let WorldItem::Function(function) = entry {
            let name = format!("{}.{}", world.name, function.name);
            item(faults, &name, &function.docs, &function.stability);
        }
    }
}
