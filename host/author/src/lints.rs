//! What an author may want to know of a plugin that would be accepted.
//!
//! Owns: the lints: grants that nothing needs, functions without their grant,
//! what an operator would miss. Must not know: what a host refuses.

use lombard_model::{Grant, Manifest};
use wit_component::{DecodedWasm, decode};
use wit_parser::WorldItem;

/// Functions of the contract that needed a grant when it was first released.
const AT_FIRST: usize = 23;

/// Something worth changing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// A name to look it up by.
    pub name: &'static str,
    /// What was seen.
    pub words: String,
    /// What to do about it.
    pub advice: String,
}

/// Looks at a plugin's component and its manifest.
#[must_use]
pub fn lints(component: &[u8], manifest: &Manifest) -> Vec<Lint> {
    let mut lints = Vec::new();
    if let Some(functions) = imported(component) {
        lints.extend(grants(&functions, manifest));
    }
    if manifest.description.trim().is_empty() {
        lints.push(Lint {
            name: "no-description",
            words: "the manifest has no description".to_owned(),
            advice: "say in a sentence what it is for: an operator reads it before granting"
                .to_owned(),
        });
    }
    for (key, definition) in manifest.settings.iter() {
        if definition.description.trim().is_empty() {
            lints.push(Lint {
                name: "no-setting-description",
                words: format!("setting `{key}` has no description"),
                advice: format!("describe it under [settings.{key}]"),
            });
        }
        let is_told = definition.required || definition.secret || definition.default.is_some();
        if !is_told {
            lints.push(Lint {
                name: "no-setting-default",
                words: format!("setting `{key}` is neither required nor has it a default"),
                advice: "give it a default, or read it as one that may be absent".to_owned(),
            });
        }
    }
    lints
}

/// A function of the contract: its interface and its name.
type Function = (String, String);

/// The functions that the component imports; none where that can't be told.
fn imported(component: &[u8]) -> Option<Vec<Function>> {
    let Ok(DecodedWasm::Component(resolve, world)) = decode(component) else {
        return None;
    };
    let mut functions = Vec::new();
    for item in resolve.worlds[world].imports.values() {
        let WorldItem::Interface { id, .. } = item else {
            continue;
        };
        let interface = &resolve.interfaces[*id];
        let name = interface.name.clone().unwrap_or_default();
        let own = interface.functions.keys();
        functions.extend(own.map(|function| (name.clone(), function.clone())));
    }
    Some(functions)
}

fn grants(functions: &[Function], manifest: &Manifest) -> Vec<Lint> {
    let needed = |(interface, function): &Function| Grant::needed_by(interface, function);
    let mut lints = Vec::new();
    for grant in manifest.grants.iter() {
        if !functions.iter().any(|one| needed(one).contains(&grant)) {
            lints.push(Lint {
                name: "unused-grant",
                words: format!("it asks for `{grant}`, and calls nothing that needs it"),
                advice: "remove it from `grants`: operators trust who asks for less".to_owned(),
            });
        }
    }
    let all = functions
        .iter()
        .filter(|one| !needed(one).is_empty())
        .count();
    // One that imports all there is, or was when it was made, was made by a tool
    // that does not say what is called.
    if all >= AT_FIRST {
        return lints;
    }
    for one in functions {
        let asked = |grant: &&Grant| manifest.grants.allows(**grant);
        for grant in needed(one).iter().filter(|grant| !asked(grant)) {
            lints.push(Lint {
                name: "missing-grant",
                words: format!(
                    "it may call `{}` and does not ask for `{grant}`",
                    one.1.rsplit('.').next().unwrap_or_default()
                ),
                advice: format!("add \"{grant}\" to `grants`, or the call is denied"),
            });
        }
    }
    lints
}

#[cfg(test)]
mod tests {
    use wit_parser::Resolve;

    use super::*;

    fn contract(folder: &str) -> Vec<(String, String, String)> {
        let mut resolve = Resolve::default();
        let wit = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
        let (package, _) = resolve.push_dir(wit).unwrap();
        let mut functions = Vec::new();
        for interface in resolve.packages[package].interfaces.values() {
            let interface = &resolve.interfaces[*interface];
            let of = interface.name.clone().unwrap();
            for (name, function) in &interface.functions {
                let docs = function.docs.contents.clone().unwrap_or_default();
                let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
                functions.push((of.clone(), name.clone(), docs));
            }
        }
        functions
    }

    /// The grants in a sentence "Needs `read:one` and `read:another`."
    fn said(docs: &str) -> Option<Vec<Grant>> {
        let sentence = docs.split("Needs ").nth(1)?.split('.').next()?;
        let names = sentence.split('`').filter(|name| name.contains(':'));
        Some(names.map(|name| name.parse().unwrap()).collect())
    }

    #[test]
    fn the_contract_says_which_grants_each_function_needs() {
        let functions = contract("wit");
        for (interface, name, docs) in &functions {
            // One that is another, column by column, needs what that needs.
            let same_as = docs.split("The same as `").nth(1);
            let same_as = same_as.and_then(|rest| rest.split('`').next());
            let of_that = same_as.and_then(|other| {
                let other = format!("[method]session.{other}");
                let found = functions.iter().find(|(_, function, _)| *function == other);
                said(&found?.2)
            });
            let expected = said(docs).or(of_that).unwrap_or_default();
            let needed = Grant::needed_by(interface, name);
            assert_eq!(needed, expected, "{interface}.{name}");
        }
        let needing = |folder: &str| {
            let functions = contract(folder);
            let needed = |(of, name, _): &(String, String, String)| Grant::needed_by(of, name);
            functions
                .iter()
                .map(needed)
                .filter(|grants| !grants.is_empty())
                .count()
        };
        assert_eq!(needing("tests/released/0.1.0"), AT_FIRST);
        assert_eq!(needing("wit"), AT_FIRST + 1);
    }

    fn manifest(more: &str) -> Manifest {
        let text = format!(
            "name = \"a\"\nversion = \"0.1.0\"\nkind = \"expert\"\napi = \"0.1.0\"\n{more}"
        );
        Manifest::parse(&text).unwrap()
    }

    fn names(lints: Vec<Lint>) -> Vec<&'static str> {
        lints.into_iter().map(|lint| lint.name).collect()
    }

    #[test]
    fn what_an_operator_would_miss_is_told() {
        let told = manifest(
            "description = \"\"\n[settings.days]\ntype = \"int\"\n[settings.key]\ntype = \"str\"\n\
             secret = true\ndescription = \"d\"",
        );
        assert_eq!(
            names(lints(b"", &told)),
            [
                "no-description",
                "no-setting-description",
                "no-setting-default"
            ]
        );
        let fine = manifest(
            "description = \"d\"\n[settings.days]\ntype = \"int\"\ndefault = 3\ndescription = \"e\"",
        );
        assert_eq!(lints(b"", &fine), []);
    }

    #[test]
    fn grants_and_calls_are_compared() {
        let called = |names: &[&str]| {
            let one = |name: &&str| ("session".to_owned(), format!("[method]session.{name}"));
            names.iter().map(one).collect::<Vec<_>>()
        };
        let asks = manifest("description = \"d\"\ngrants = [\"read:bars\", \"read:orders\"]");
        let found = grants(&called(&["bars-of", "accounts", "as-of"]), &asks);
        assert_eq!(names(found), ["unused-grant", "missing-grant"]);
        assert_eq!(grants(&called(&["bars", "order"]), &asks), []);
        let found = grants(&called(&["bars", "book-table"]), &asks);
        assert_eq!(names(found), ["missing-grant"]);
    }
}
