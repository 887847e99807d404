//! What the contract looks like in TypeScript, as componentize-js gives it to a
//! plugin.
//!
//! Owns: the names and the types. Must not know: what is declared anywhere.

use wit_parser::{Function, FunctionKind, Interface, Resolve, Type, TypeDef, TypeDefKind, TypeId};

use super::Outline;

pub(super) fn outline(resolve: &Resolve) -> Outline {
    let mut items = Outline::new();
    for (_, interface) in &resolve.interfaces {
        let Some(name) = &interface.name else {
            continue;
        };
        let package = interface.package.map(|id| &resolve.packages[id].name);
        let version = package.and_then(|name| name.version.as_ref());
        let version = version.map_or("none".to_owned(), ToString::to_string);
        items.insert(name.clone(), format!("module of {version}"));
        one(&mut items, resolve, name, interface);
    }
    items
}

fn one(items: &mut Outline, resolve: &Resolve, module: &str, interface: &Interface) {
    for (name, id) in &interface.types {
        let name = format!("{module} {}", pascal(name));
        definition(items, resolve, &name, &resolve.types[*id]);
    }
    for function in interface.functions.values() {
        let owner = match function.kind {
            FunctionKind::Freestanding => String::new(),
            FunctionKind::Method(of) => type_name(resolve, of) + ".",
            _ => panic!("nobody has said how `{}` is called", function.name),
        };
        let name = format!("{module} {owner}{}", camel(function.item_name()));
        items.insert(name, signature(resolve, function));
    }
}

fn definition(items: &mut Outline, resolve: &Resolve, name: &str, ty: &TypeDef) {
    let looks = match &ty.kind {
        TypeDefKind::Record(record) => {
            for field in &record.fields {
                let mark = if is_option(resolve, field.ty) {
                    "?"
                } else {
                    ""
                };
                let path = format!("{name}.{}{mark}", camel(&field.name));
                items.insert(path, shown(resolve, field.ty));
            }
            "interface".to_owned()
        }
        TypeDefKind::Flags(flags) => {
            for flag in &flags.flags {
                let path = format!("{name}.{}?", camel(&flag.name));
                items.insert(path, "boolean".to_owned());
            }
            "interface".to_owned()
        }
        TypeDefKind::Enum(cases) => {
            let cases = cases.cases.iter().map(|case| format!("'{}'", case.name));
            format!("type {}", cases.collect::<Vec<_>>().join(" | "))
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|case| match case.ty {
                Some(ty) => format!("{{ tag: '{}'; val: {} }}", case.name, shown(resolve, ty)),
                None => format!("{{ tag: '{}' }}", case.name),
            });
            format!("type {}", cases.collect::<Vec<_>>().join(" | "))
        }
        TypeDefKind::Resource => "class".to_owned(),
        // It is declared where it comes from.
        TypeDefKind::Type(Type::Id(_)) => return,
        TypeDefKind::Type(ty) => format!("type {}", shown(resolve, *ty)),
        kind => panic!("nobody has said how `{name}` looks: {kind:?}"),
    };
    items.insert(name.to_owned(), looks);
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let is_method = matches!(function.kind, FunctionKind::Method(_));
    let parameters = function.params.iter().skip(usize::from(is_method));
    let parameters: Vec<_> = parameters
        .map(|one| {
            let ty = match shown(resolve, one.ty) {
                // Who calls need not have made one.
                ty if ty == "BigUint64Array" => format!("{ty} | bigint[]"),
                ty => ty,
            };
            format!("{}: {ty}", camel(&one.name))
        })
        .collect();
    let result = function
        .result
        .map_or("void".to_owned(), |ty| shown(resolve, ty));
    format!("({}): {result}", parameters.join(", "))
}

fn shown(resolve: &Resolve, ty: Type) -> String {
    let text = match ty {
        Type::Bool => "boolean",
        Type::U64 | Type::S64 => "bigint",
        Type::U8 | Type::U16 | Type::U32 | Type::S8 | Type::S16 | Type::S32 => "number",
        Type::F32 | Type::F64 => "number",
        Type::Char | Type::String => "string",
        Type::Id(id) => return of_id(resolve, id),
        Type::ErrorContext => panic!("nobody has said how an error context looks"),
    };
    text.to_owned()
}

fn of_id(resolve: &Resolve, id: TypeId) -> String {
    match &resolve.types[id].kind {
        TypeDefKind::List(of) => list(resolve, *of),
        TypeDefKind::Option(of) => format!("{} | undefined", shown(resolve, *of)),
        // An error is thrown.
        TypeDefKind::Result(result) => result.ok.map_or("void".to_owned(), |ok| shown(resolve, ok)),
        _ => type_name(resolve, id),
    }
}

fn list(resolve: &Resolve, of: Type) -> String {
    let text = match plain(resolve, of) {
        Type::U64 => "BigUint64Array",
        Type::S64 => "BigInt64Array",
        Type::U32 => "Uint32Array",
        Type::U8 => "Uint8Array",
        _ if is_option(resolve, of) => return format!("Array<{}>", shown(resolve, of)),
        _ => return format!("{}[]", shown(resolve, of)),
    };
    text.to_owned()
}

/// What stands behind names of it.
fn plain(resolve: &Resolve, ty: Type) -> Type {
    match ty {
        Type::Id(id) => match resolve.types[id].kind {
            TypeDefKind::Type(of) => plain(resolve, of),
            _ => ty,
        },
        ty => ty,
    }
}

fn is_option(resolve: &Resolve, ty: Type) -> bool {
    matches!(ty, Type::Id(id) if matches!(resolve.types[id].kind, TypeDefKind::Option(_)))
}

fn type_name(resolve: &Resolve, id: TypeId) -> String {
    pascal(resolve.types[id].name.as_deref().expect("it has a name"))
}

/// `order-table` as `OrderTable`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('-').map(capital).collect()
}

/// `order-table` as `orderTable`.
fn camel(name: &str) -> String {
    let (first, rest) = name.split_once('-').unwrap_or((name, ""));
    match rest {
        "" => first.to_owned(),
        rest => first.to_owned() + &pascal(rest),
    }
}
