//! What was released of the contract stays as it was.
//!
//! Owns: comparing `wit/` with the copies in `tests/released`, one a version:
//! a type is the same to its last field, a function is there with the same
//! types, and only functions and types may be new. Must not know: plugins.

use std::collections::BTreeMap;
use std::fs;

use wit_parser::{
    Function, FunctionKind, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, WorldItem,
};

use super::lombard;
use crate::support::files;

/// Every item of a contract by its path, with what it looks like.
fn outline(resolve: &Resolve) -> BTreeMap<String, String> {
    let mut items = BTreeMap::new();
    for (id, interface) in &resolve.interfaces {
        let Some(name) = &interface.name else {
            continue;
        };
        for (of, ty) in &interface.types {
            let looks = definition(resolve, &resolve.types[*ty], id);
            items.insert(format!("{name}.{of}"), looks);
        }
        for (of, function) in &interface.functions {
            items.insert(format!("{name}.{of}"), signature(resolve, function));
        }
    }
    for (_, world) in &resolve.worlds {
        for (key, item) in &world.exports {
            if let WorldItem::Function(function) = item {
                let path = format!(
                    "world {} exports {}",
                    world.name,
                    resolve.name_world_key(key)
                );
                items.insert(path, signature(resolve, function));
            }
        }
    }
    items
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameters = function.params.iter();
    let parameters: Vec<_> = parameters
        .map(|parameter| format!("{}: {}", parameter.name, shown(resolve, &parameter.ty)))
        .collect();
    let kind = match function.kind {
        FunctionKind::Freestanding => "func",
        FunctionKind::Method(_) => "method",
        FunctionKind::Static(_) => "static",
        FunctionKind::Constructor(_) => "constructor",
        _ => "async",
    };
    let result = function.result.as_ref().map(|ty| shown(resolve, ty));
    let result = result.unwrap_or_else(|| "nothing".to_owned());
    format!("{kind}({}) -> {result}", parameters.join(", "))
}

fn definition(resolve: &Resolve, ty: &TypeDef, of: InterfaceId) -> String {
    let one = |name: &str, ty: Option<&Type>| match ty {
        Some(ty) => format!("{name}: {}", shown(resolve, ty)),
        None => name.to_owned(),
    };
    let listed = |what: &str, parts: Vec<String>| format!("{what} {{ {} }}", parts.join(", "));
    match &ty.kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            listed(
                "record",
                fields
                    .map(|field| one(&field.name, Some(&field.ty)))
                    .collect(),
            )
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter();
            listed(
                "variant",
                cases
                    .map(|case| one(&case.name, case.ty.as_ref()))
                    .collect(),
            )
        }
        TypeDefKind::Enum(cases) => listed(
            "enum",
            cases.cases.iter().map(|case| case.name.clone()).collect(),
        ),
        TypeDefKind::Flags(flags) => listed(
            "flags",
            flags.flags.iter().map(|flag| flag.name.clone()).collect(),
        ),
        TypeDefKind::Resource => "resource".to_owned(),
        TypeDefKind::Type(Type::Id(other)) => {
            let other = &resolve.types[*other];
            match other.owner {
                wit_parser::TypeOwner::Interface(owner) if owner == of => {
                    format!("= {}", name(other))
                }
                _ => format!("used {}", name(other)),
            }
        }
        kind => format!("= {}", kind_shown(resolve, kind)),
    }
}

fn name(ty: &TypeDef) -> String {
    ty.name.clone().unwrap_or_default()
}

/// A named type by its name, any other by what it is made of.
fn shown(resolve: &Resolve, ty: &Type) -> String {
    match ty {
        Type::Id(id) => match &resolve.types[*id] {
            named if named.name.is_some() => name(named),
            unnamed => kind_shown(resolve, &unnamed.kind),
        },
        plain => format!("{plain:?}").to_lowercase(),
    }
}

fn kind_shown(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let inner = |ty: &Type| shown(resolve, ty);
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), inner);
    match kind {
        TypeDefKind::List(ty) => format!("list<{}>", inner(ty)),
        TypeDefKind::Option(ty) => format!("option<{}>", inner(ty)),
        TypeDefKind::Result(result) => {
            format!("result<{}, {}>", maybe(&result.ok), maybe(&result.err))
        }
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<_> = tuple.types.iter().map(inner).collect();
            format!("tuple<{}>", types.join(", "))
        }
        TypeDefKind::Handle(wit_parser::Handle::Borrow(id)) => {
            format!("borrow<{}>", name(&resolve.types[*id]))
        }
        TypeDefKind::Handle(wit_parser::Handle::Own(id)) => {
            format!("own<{}>", name(&resolve.types[*id]))
        }
        TypeDefKind::Type(ty) => inner(ty),
        other => format!("{other:?}"),
    }
}

/// What of a released contract another one lacks or has otherwise.
fn breaks(released: &Resolve, now: &Resolve) -> Vec<String> {
    let now = outline(now);
    let changed = outline(released).into_iter().filter_map(|(path, was)| {
        let is = now.get(&path).map_or("gone", String::as_str);
        (is != was).then(|| format!("{path} was {was} and is {is}"))
    });
    changed.collect()
}

#[test]
fn nothing_that_was_released_has_changed() {
    let folder = files::wit().with_file_name("tests").join("released");
    let mut versions = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut released = Resolve::default();
        released.push_dir(&path).unwrap();
        assert!(outline(&released).len() > 60, "{path:?} was not read");
        assert_eq!(
            breaks(&released, &lombard()),
            Vec::<String>::new(),
            "{path:?}"
        );
        versions += 1;
    }
    assert!(versions > 0, "no contract was released");
}

#[test]
fn what_would_break_a_plugin_is_found_and_what_would_not_is_let_through() {
    let contract =
        |items: &str| super::inline(&format!("package a:b@0.1.0; interface i {{ {items} }}"));
    let released = contract("record r { a: u8 } f: func(r: r) -> option<string>;");
    for (other, count) in [
        (
            "record r { a: u8 } f: func(r: r) -> option<string>; g: func();",
            0,
        ),
        (
            "record r { a: u8, b: u8 } f: func(r: r) -> option<string>;",
            1,
        ),
        ("record r { a: u16 } f: func(r: r) -> option<string>;", 1),
        (
            "record r { a: u8 } f: func(r: r, more: u8) -> option<string>;",
            1,
        ),
        (
            "record r { a: u8 } f: func(r: r) -> option<list<string>>;",
            1,
        ),
        ("record r { a: u8 }", 1),
        ("enum r { a } f: func(r: r) -> option<string>;", 1),
    ] {
        assert_eq!(breaks(&released, &contract(other)).len(), count, "{other}");
    }
}
