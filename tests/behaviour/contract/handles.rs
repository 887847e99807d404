//! Where a contract hands over sessions.
//!
//! Owns: following every type of every function down to its handles. Must not
//! know: which functions there are.

use std::collections::BTreeSet;

use wit_parser::{Function, FunctionKind, Handle, Resolve, Type, TypeDefKind, TypeId, WorldItem};

/// What is lent and never given.
const LENT: &str = "session";

/// Every function of every interface and world, with a name for people.
pub(super) fn functions(resolve: &Resolve) -> Vec<(String, &Function)> {
    let mut found = Vec::new();
    for (_, interface) in &resolve.interfaces {
        let owner = interface.name.as_deref().unwrap_or("inline");
        let its = interface.functions.values();
        found.extend(its.map(|function| (format!("{owner}.{}", function.name), function)));
    }
    for (_, world) in &resolve.worlds {
        for item in world.imports.values().chain(world.exports.values()) {
            if let WorldItem::Function(function) = item {
                found.push((format!("{}.{}", world.name, function.name), function));
            }
        }
    }
    found
}

/// Every way in which a plugin could make, own or keep a session.
pub(super) fn faults(resolve: &Resolve) -> Vec<String> {
    let of_one = |(name, function): (String, &Function)| {
        let faults = of_function(resolve, function);
        faults
            .into_iter()
            .map(move |fault| format!("{name}: {fault}"))
            .collect::<Vec<_>>()
    };
    functions(resolve).into_iter().flat_map(of_one).collect()
}

/// Parameters, apart from the methods' own, that are a borrowed session.
pub(super) fn count(resolve: &Resolve) -> usize {
    let functions = functions(resolve).into_iter();
    let free = functions.filter(|(_, function)| function.kind.resource().is_none());
    let lends = |ty: Type| own_borrow(resolve, ty);
    free.flat_map(|(_, function)| &function.params)
        .filter(|param| lends(param.ty))
        .count()
}

fn of_function(resolve: &Resolve, function: &Function) -> Vec<String> {
    let mut faults = Vec::new();
    match function.kind {
        FunctionKind::Constructor(id) if is_lent(resolve, id) => {
            faults.push(format!("`{LENT}` has a constructor"));
        }
        FunctionKind::Static(id) | FunctionKind::AsyncStatic(id) if is_lent(resolve, id) => {
            faults.push(format!("`{LENT}` has a static function"));
        }
        _ => {}
    }
    for param in &function.params {
        let handles = handles(resolve, param.ty);
        if handles.owned {
            faults.push(format!(
                "`{}`: `{LENT}` is owned in a parameter",
                param.name
            ));
        }
        if handles.borrowed && !own_borrow(resolve, param.ty) {
            faults.push(format!(
                "`{}`: `{LENT}` is borrowed inside another type",
                param.name
            ));
        }
    }
    if function
        .result
        .is_some_and(|result| handles(resolve, result).owned)
    {
        faults.push(format!("`{LENT}` is owned in its result"));
    }
    faults
}

/// Whether a type is the borrow itself, with nothing around it.
fn own_borrow(resolve: &Resolve, ty: Type) -> bool {
    let Type::Id(id) = ty else { return false };
    match &resolve.types[id].kind {
        TypeDefKind::Handle(Handle::Borrow(of)) => is_lent(resolve, *of),
        _ => false,
    }
}

#[derive(Default)]
struct Handles {
    owned: bool,
    borrowed: bool,
}

fn handles(resolve: &Resolve, ty: Type) -> Handles {
    let mut found = Handles::default();
    let mut seen = BTreeSet::new();
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        let Type::Id(id) = ty else { continue };
        if !seen.insert(id.index()) {
            continue;
        }
        match &resolve.types[id].kind {
            TypeDefKind::Handle(Handle::Own(of)) => found.owned |= is_lent(resolve, *of),
            TypeDefKind::Handle(Handle::Borrow(of)) => found.borrowed |= is_lent(resolve, *of),
            // The resource itself, named without `borrow`, is owned.
            TypeDefKind::Resource => found.owned |= is_lent(resolve, id),
            kind => open.extend(parts(kind)),
        }
    }
    found
}

/// What a type is made of.
fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Option(of)
        | TypeDefKind::List(of)
        | TypeDefKind::FixedLengthList(of, _)
        | TypeDefKind::Type(of) => vec![*of],
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Future(of) | TypeDefKind::Stream(of) => of.iter().copied().collect(),
        TypeDefKind::Flags(_) | TypeDefKind::Enum(_) => Vec::new(),
        TypeDefKind::Resource | TypeDefKind::Handle(_) | TypeDefKind::Unknown => {
            panic!("not followed: {}", kind.as_str())
        }
    }
}

/// Whether a resource is the session, under whatever name it is used.
fn is_lent(resolve: &Resolve, mut id: TypeId) -> bool {
    while let TypeDefKind::Type(Type::Id(of)) = resolve.types[id].kind {
        id = of;
    }
    let definition = &resolve.types[id];
    matches!(definition.kind, TypeDefKind::Resource) && definition.name.as_deref() == Some(LENT)
}
