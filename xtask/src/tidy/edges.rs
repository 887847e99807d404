//! Which crate may know which.
//!
//! Owns: the direction of the imports. Must not know: what the crates do.

use crate::workspace::Package;

/// For each folder of crates, the crates of this workspace they may name.
/// Towards the model, never back: a crate that is not named here can't be used.
const ALLOWED: &[(&str, &[&str])] = &[
    ("host/model", &[]),
    ("host/store", &["lombard-model"]),
    ("host/accounts", &["lombard-model", "lombard-store"]),
    (
        "host/runtime",
        &["lombard-model", "lombard-store", "lombard-accounts"],
    ),
    (
        "host/scheduler",
        &[
            "lombard-model",
            "lombard-store",
            "lombard-accounts",
            "lombard-runtime",
        ],
    ),
    (
        "host/server",
        &[
            "lombard-model",
            "lombard-store",
            "lombard-accounts",
            "lombard-runtime",
            "lombard-scheduler",
        ],
    ),
    (
        "host/cli",
        &[
            "lombard-model",
            "lombard-store",
            "lombard-accounts",
            "lombard-runtime",
            "lombard-scheduler",
            "lombard-server",
            "lombard-author",
            "lombard-book",
            "lombard-pack",
        ],
    ),
    ("host/author", &["lombard-model", "lombard-pack"]),
    // Itself with all its features, for the examples in its documentation.
    ("plugins/sdk", &["lombard-model", "lombard-sdk"]),
    ("plugins/book", &["lombard-model"]),
    ("plugins/pack", &["lombard-model"]),
    ("plugins/widgets/*", &["lombard-sdk", "lombard-book"]),
    ("plugins/experts/*", &["lombard-sdk", "lombard-book"]),
    ("plugins/measured/*", &["lombard-sdk", "lombard-book"]),
    ("tests/guests/*", &["lombard-sdk"]),
    ("tests/browser", &[]),
    ("xtask", &["lombard-pack"]),
];

/// The crate of the tests looks at everything.
const SEES_ALL: &str = "tests";

/// The one crate that talks to a database.
const OWNS_DATABASE: &str = "lombard-store";

/// Complaints about what crates depend on.
pub(super) fn check(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .flat_map(|package| {
            let mut complaints = wrong_edges(package, packages);
            complaints.extend(database(package));
            complaints
        })
        .collect()
}

fn wrong_edges(package: &Package, packages: &[Package]) -> Vec<String> {
    if package.folder == SEES_ALL {
        return vec![];
    }
    let Some((_, allowed)) = ALLOWED
        .iter()
        .find(|(pattern, _)| matches(pattern, &package.folder))
    else {
        return vec![format!(
            "{}/Cargo.toml: nobody has said what this crate may depend on; say so in xtask/src/tidy/edges.rs",
            package.folder
        )];
    };
    let ours = |name: &str| packages.iter().any(|package| package.name == name);
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|name| ours(name) && !allowed.contains(&name.as_str()))
        .map(|name| {
            format!(
                "{}/Cargo.toml: {} may not depend on {name}, only on: {}",
                package.folder,
                package.name,
                if allowed.is_empty() {
                    "none of ours".to_owned()
                } else {
                    allowed.join(", ")
                },
            )
        })
        .collect()
}

fn database(package: &Package) -> Option<String> {
    let named = package
        .dependencies
        .iter()
        .find(|name| *name == "sqlx" || name.starts_with("sqlx-"))?;
    (package.name != OWNS_DATABASE).then(|| {
        format!(
            "{}/Cargo.toml: only {OWNS_DATABASE} may depend on {named}; borrow a session from it",
            package.folder
        )
    })
}

fn matches(pattern: &str, folder: &str) -> bool {
    match pattern.strip_suffix("/*") {
        Some(parent) => folder
            .rsplit_once('/')
            .is_some_and(|(above, _)| above == parent),
        None => folder == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.into(),
            folder: folder.into(),
            dependencies: dependencies.iter().map(|name| (*name).into()).collect(),
        }
    }

    fn with(folder: &str, name: &str, dependencies: &[&str]) -> Vec<String> {
        let packages = [
            package("host/model", "lombard-model", &["serde"]),
            package("host/store", "lombard-store", &["lombard-model", "sqlx"]),
            package(folder, name, dependencies),
        ];
        check(&packages)
    }

    #[test]
    fn imports_point_towards_the_model() {
        assert!(
            with(
                "host/runtime",
                "lombard-runtime",
                &["lombard-model", "wasmtime"]
            )
            .is_empty()
        );
        assert!(with("plugins/widgets/a", "a", &["anyhow"]).is_empty());
        assert!(with("tests", "lombard-tests", &["lombard-store"]).is_empty());
        let complaints = with("plugins/widgets/a", "a", &["lombard-store"]);
        assert_eq!(
            complaints,
            [
                "plugins/widgets/a/Cargo.toml: a may not depend on lombard-store, only on: lombard-sdk, lombard-book"
            ]
        );
    }

    #[test]
    fn a_crate_in_a_new_place_needs_a_rule() {
        assert_eq!(with("host/gateway", "lombard-gateway", &[]).len(), 1);
        assert_eq!(with("plugins/widgets/deep/a", "a", &[]).len(), 1);
    }

    #[test]
    fn only_the_store_talks_to_a_database() {
        let complaints = with("host/cli", "lombard", &["sqlx-core"]);
        assert_eq!(
            complaints,
            [
                "host/cli/Cargo.toml: only lombard-store may depend on sqlx-core; borrow a session from it"
            ]
        );
    }
}
