//! The reference of the contract, as a page of the book.
//!
//! Owns: the order of its parts and their words, all taken from `wit/`.
//! Must not know: where the page is put.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wit_parser::{
    Docs, Function, Interface, Resolve, Stability, Type, TypeDef, TypeDefKind, World, WorldItem,
};

use super::shapes;

/// What stands above everything else.
const HEAD: &str = "\
<!-- Made from wit/ by `cargo xtask book`: change the contract, not this page. -->

# Reference

Everything that crosses the boundary between a host and a plugin, generated from the contract in `wit/`. \
The shapes are WIT; the SDK for Rust has the same names in Rust's spelling.

";

/// Writes the page of the contract in this folder.
///
/// # Errors
/// Where the contract can't be read, or is not one package.
pub(super) fn page(wit: &Path) -> Result<String> {
    let mut resolve = Resolve::default();
    let (id, _) = resolve
        .push_dir(wit)
        .with_context(|| format!("can't read the contract in {}", wit.display()))?;
    let package = &resolve.packages[id];
    let mut page = String::from(HEAD);
    let _ = writeln!(page, "Package `{}`.\n", package.name);
    words(&mut page, &package.docs);
    grants(&mut page, &resolve)?;
    for world in package.worlds.values() {
        self::world(&mut page, &resolve, &resolve.worlds[*world]);
    }
    for interface in package.interfaces.values() {
        self::interface(&mut page, &resolve, &resolve.interfaces[*interface]);
    }
    while page.ends_with("\n\n") {
        page.pop();
    }
    Ok(page)
}

fn world(page: &mut String, resolve: &Resolve, world: &World) {
    let name = &world.name;
    let _ = writeln!(page, "## World `{name}` {{#world-{name}}}\n");
    words(page, &world.docs);
    let imports = world.imports.values().filter_map(|item| match item {
        WorldItem::Interface { id, .. } => resolve.interfaces[*id].name.as_deref(),
        _ => None,
    });
    let imports: Vec<_> = imports.map(|name| format!("[`{name}`](#{name})")).collect();
    let _ = writeln!(page, "Imports {}.\n", imports.join(", "));
    for item in world.exports.values() {
        if let WorldItem::Function(function) = item {
            self::function(page, resolve, name, function);
        }
    }
}

fn interface(page: &mut String, resolve: &Resolve, interface: &Interface) {
    let owner = interface.name.as_deref().unwrap_or_default();
    let _ = writeln!(page, "## Interface `{owner}` {{#{owner}}}\n");
    words(page, &interface.docs);
    for (name, id) in &interface.types {
        let definition = &resolve.types[*id];
        // A name that another interface gave has its words there.
        if matches!(definition.kind, TypeDefKind::Type(Type::Id(_))) {
            continue;
        }
        type_(page, resolve, owner, name, definition);
    }
    for function in interface.functions.values() {
        self::function(page, resolve, owner, function);
    }
}

fn type_(page: &mut String, resolve: &Resolve, owner: &str, name: &str, definition: &TypeDef) {
    let kind = definition.kind.as_str();
    let _ = writeln!(page, "### {kind} `{name}` {{#{owner}.{name}}}\n");
    words(page, &definition.docs);
    let shape = shapes::of_definition(resolve, definition);
    if !shape.text.is_empty() {
        let _ = writeln!(page, "Is `{}`.\n", shape.text);
    }
    let parts = shapes::parts(resolve, definition);
    if !parts.is_empty() {
        for part in &parts {
            let _ = writeln!(page, "- `{}`: {}", part.text, line(part.docs));
        }
        page.push('\n');
    }
    let own = format!("{owner}.{name}");
    let named = parts.into_iter().flat_map(|part| part.named);
    notes(
        page,
        &definition.stability,
        shape
            .named
            .into_iter()
            .chain(named)
            .filter(|one| *one != own),
    );
}

fn function(page: &mut String, resolve: &Resolve, owner: &str, function: &Function) {
    let name = function.item_name();
    let shape = shapes::of_function(resolve, function);
    let _ = writeln!(page, "### func `{name}` {{#{owner}.{name}}}\n");
    let _ = writeln!(page, "```wit\n{name}: {}\n```\n", shape.text);
    words(page, &function.docs);
    notes(page, &function.stability, shape.named.into_iter());
}

/// Since when there is something, and the types it is made of.
fn notes(page: &mut String, stability: &Stability, named: impl Iterator<Item = String>) {
    let mut notes = Vec::new();
    match stability {
        Stability::Stable { since, deprecated } => {
            notes.push(format!("Since {since}."));
            notes.extend(
                deprecated
                    .iter()
                    .map(|version| format!("Deprecated since {version}.")),
            );
        }
        Stability::Unstable { feature, .. } => notes.push(format!("Unstable: `{feature}`.")),
        Stability::Unknown => {}
    }
    let mut links: Vec<String> = Vec::new();
    for name in named {
        let short = name.rsplit('.').next().unwrap_or(&name);
        let link = format!("[`{short}`](#{name})");
        if !links.contains(&link) {
            links.push(link);
        }
    }
    if !links.is_empty() {
        notes.push(format!("See {}.", links.join(", ")));
    }
    let _ = writeln!(page, "{}\n", notes.join(" "));
}

/// Each grant with the functions that need it, as their words say.
fn grants(page: &mut String, resolve: &Resolve) -> Result<()> {
    let mut functions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, interface) in &resolve.interfaces {
        let owner = interface.name.as_deref().unwrap_or_default();
        for function in interface.functions.values() {
            let name = function.item_name();
            for grant in grants_of(interface, function)? {
                let link = format!("[`{name}`](#{owner}.{name})");
                functions.entry(grant).or_default().push(link);
            }
        }
    }
    page.push_str("## Grants\n\n");
    page.push_str("What `plugin.toml` asks for in `grants`, and what an operator gives or not. ");
    page.push_str("A function that is not here needs none.\n\n");
    page.push_str("| grant | lets a plugin call |\n| --- | --- |\n");
    for (grant, functions) in functions {
        let _ = writeln!(page, "| `{grant}` | {} |", functions.join(", "));
    }
    page.push('\n');
    Ok(())
}

/// One that is another, column by column, needs what that needs.
fn grants_of(interface: &Interface, function: &Function) -> Result<Vec<String>> {
    let said = line(function.docs.contents.as_deref().unwrap_or_default());
    if let Some((_, needs)) = said.split_once("Needs ") {
        let sentence = needs.split('.').next().unwrap_or_default();
        // Other names may be in the sentence; no grant is without its colon.
        let names = sentence.split('`').filter(|name| name.contains(':'));
        return Ok(names.map(str::to_owned).collect());
    }
    let Some(other) = quoted_behind(&said, "The same as `") else {
        return Ok(Vec::new());
    };
    let mut functions = interface.functions.values();
    match functions.find(|one| one.item_name() == other && one.name != function.name) {
        Some(other) => grants_of(interface, other),
        None => bail!(
            "`{}` is the same as `{other}`, which is not there",
            function.name
        ),
    }
}

fn quoted_behind<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.split_once(words)?.1.split('`').next()
}

fn words(page: &mut String, docs: &Docs) {
    if let Some(docs) = &docs.contents {
        let _ = writeln!(page, "{}\n", docs.trim());
    }
}

/// On one line.
fn line(docs: &str) -> String {
    docs.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: &str = "\
/// A shop.
package a:shop@0.1.1;

/// Things.
@since(version = 0.1.0)
interface goods {
    /// One.
    @since(version = 0.1.0)
    record thing {
        /// Its name.
        name: string,
        /// Its parts.
        parts: list<part>,
    }
    /// A part.
    @since(version = 0.1.0)
    enum part {
        /// A screw.
        screw,
    }
    /// Where they are.
    @since(version = 0.1.0)
    resource shelf {
        /// All of them. Needs `read:things`.
        @since(version = 0.1.0)
        all: func(limit: u32) -> result<list<thing>, string>;
        /// The same as `all`, in columns.
        @since(version = 0.1.1)
        columns: func() -> list<thing>;
        /// Both. Needs `read:things` and `read:parts`.
        @since(version = 0.1.1)
        both: func() -> list<thing>;
    }
}
";

    fn page_of(wit: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("shop.wit"), wit).unwrap();
        page(folder.path())
    }

    #[test]
    fn all_that_a_contract_says_is_on_the_page() {
        let page = page_of(WIT).unwrap();
        for part in [
            "Package `a:shop@0.1.1`.",
            "## Interface `goods` {#goods}",
            "- `parts: list<part>`: Its parts.",
            "- `screw`: A screw.",
            "all: func(limit: u32) -> result<list<thing>, string>",
            "Since 0.1.1. See [`thing`](#goods.thing).",
            "| `read:parts` | [`both`](#goods.both) |",
            "| `read:things` | [`all`](#goods.all), [`columns`](#goods.columns), [`both`](#goods.both) |",
        ] {
            assert!(page.contains(part), "no `{part}` in:\n{page}");
        }
    }

    #[test]
    fn what_refers_to_nothing_is_refused() {
        let broken = WIT.replace("The same as `all`", "The same as `none`");
        let error = page_of(&broken).unwrap_err().to_string();
        assert!(error.contains("`none`, which is not there"), "{error}");
        assert!(page_of("interface a {").is_err());
    }
}
