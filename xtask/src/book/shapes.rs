//! Types and signatures of the contract, written as WIT.
//!
//! Owns: the spelling, and which named types a shape is made of. Must not know:
//! the page that it is put on.

use wit_parser::{
    Function, FunctionKind, Handle, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner,
};

/// A type or a signature.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// As WIT has it.
    pub(super) text: String,
    /// The types it names: `interface.type`, where each is defined.
    pub(super) named: Vec<String>,
}

/// A field, a case or a flag.
#[derive(Debug)]
pub(super) struct Part<'r> {
    /// As WIT has it.
    pub(super) text: String,
    /// What is said of it.
    pub(super) docs: &'r str,
    /// As in [`Shape`].
    pub(super) named: Vec<String>,
}

/// What a type is another name for; empty where it has parts or is a resource.
pub(super) fn of_definition(resolve: &Resolve, definition: &TypeDef) -> Shape {
    let mut shape = Shape::default();
    match &definition.kind {
        TypeDefKind::Record(_)
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Flags(_)
        | TypeDefKind::Resource => {}
        kind => shape.text = of_kind(resolve, kind, &mut shape.named),
    }
    shape
}

/// The fields, cases or flags of a type.
pub(super) fn parts<'r>(resolve: &Resolve, definition: &'r TypeDef) -> Vec<Part<'r>> {
    let part = |name: &str, of: Option<&Type>, docs: &'r wit_parser::Docs, join: [&str; 2]| {
        let mut named = Vec::new();
        let text = match of {
            None => name.to_owned(),
            Some(of) => {
                let [before, behind] = join;
                format!("{name}{before}{}{behind}", of_type(resolve, of, &mut named))
            }
        };
        let docs = docs.contents.as_deref().unwrap_or_default();
        Part { text, docs, named }
    };
    match &definition.kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            let field =
                |one: &'r wit_parser::Field| part(&one.name, Some(&one.ty), &one.docs, [": ", ""]);
            fields.map(field).collect()
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter();
            let case =
                |one: &'r wit_parser::Case| part(&one.name, one.ty.as_ref(), &one.docs, ["(", ")"]);
            cases.map(case).collect()
        }
        TypeDefKind::Enum(cases) => {
            let cases = cases.cases.iter();
            cases
                .map(|one| part(&one.name, None, &one.docs, [""; 2]))
                .collect()
        }
        TypeDefKind::Flags(flags) => {
            let flags = flags.flags.iter();
            flags
                .map(|one| part(&one.name, None, &one.docs, [""; 2]))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// `func(limit: u32) -> list<thing>`, without the session that a method is
/// called on.
pub(super) fn of_function(resolve: &Resolve, function: &Function) -> Shape {
    let mut named = Vec::new();
    let is_method = matches!(function.kind, FunctionKind::Method(_));
    let parameters = function.params.iter().skip(usize::from(is_method));
    let parameters: Vec<_> = parameters
        .map(|one| format!("{}: {}", one.name, of_type(resolve, &one.ty, &mut named)))
        .collect();
    let mut text = format!("func({})", parameters.join(", "));
    if let Some(result) = &function.result {
        text += " -> ";
        text += &of_type(resolve, result, &mut named);
    }
    Shape { text, named }
}

fn of_type(resolve: &Resolve, of: &Type, named: &mut Vec<String>) -> String {
    let text = match of {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(id) => return of_id(resolve, *id, named),
    };
    text.to_owned()
}

fn of_id(resolve: &Resolve, id: TypeId, named: &mut Vec<String>) -> String {
    let definition = &resolve.types[id];
    let Some(name) = &definition.name else {
        return of_kind(resolve, &definition.kind, named);
    };
    named.extend(home(resolve, id));
    name.clone()
}

/// Where a named type is defined, however often it was handed on by `use`.
fn home(resolve: &Resolve, mut id: TypeId) -> Option<String> {
    while let TypeDefKind::Type(Type::Id(next)) = &resolve.types[id].kind {
        id = *next;
    }
    let definition = &resolve.types[id];
    let TypeOwner::Interface(owner) = definition.owner else {
        return None;
    };
    let owner = resolve.interfaces[owner].name.as_deref()?;
    Some(format!("{owner}.{}", definition.name.as_deref()?))
}

fn of_kind(resolve: &Resolve, kind: &TypeDefKind, named: &mut Vec<String>) -> String {
    let mut inner = |one: &Type| of_type(resolve, one, named);
    let maybe = |one: Option<String>| one.unwrap_or_else(|| "_".to_owned());
    match kind {
        TypeDefKind::Type(of) => inner(of),
        TypeDefKind::List(of) => format!("list<{}>", inner(of)),
        TypeDefKind::FixedLengthList(of, length) => format!("list<{}, {length}>", inner(of)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", inner(key), inner(value)),
        TypeDefKind::Option(of) => format!("option<{}>", inner(of)),
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<_> = tuple.types.iter().map(inner).collect();
            format!("tuple<{}>", types.join(", "))
        }
        TypeDefKind::Result(result) => {
            let ok = result.ok.as_ref().map(&mut inner);
            match (ok, result.err.as_ref().map(&mut inner)) {
                (None, None) => "result".to_owned(),
                (Some(ok), None) => format!("result<{ok}>"),
                (ok, Some(error)) => format!("result<{}, {error}>", maybe(ok)),
            }
        }
        TypeDefKind::Handle(Handle::Own(id)) => of_id(resolve, *id, named),
        TypeDefKind::Handle(Handle::Borrow(id)) => {
            format!("borrow<{}>", of_id(resolve, *id, named))
        }
        TypeDefKind::Future(of) => format!("future<{}>", maybe(of.as_ref().map(inner))),
        TypeDefKind::Stream(of) => format!("stream<{}>", maybe(of.as_ref().map(inner))),
        // Named always, and so never written in place.
        TypeDefKind::Record(_)
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Flags(_)
        | TypeDefKind::Resource
        | TypeDefKind::Unknown => kind.as_str().to_owned(),
    }
}
