//! Invariant 9, the part before a plugin runs: what it imports, what its
//! manifest says. What becomes of the compiled file stands in `compiled`.
//!
//! Owns: components that are not to be let in. Must not know: what a plugin
//! may do once it is.

use std::fs;
use std::path::{Path, PathBuf};

use lombard_model::{Grants, Manifest, ManifestError};
use lombard_runtime::{Host, RuntimeError};
use tempfile::TempDir;

use crate::support::wat::with_manifest;
use crate::support::{Setup, TestHost, files, in_time, render};

const MANIFEST: &str = "name = \"made-up\"\nversion = \"0.1.0\"\nkind = \"widget\"\n\
     api = \"0.1.0\"\ndescription = \"\"\ngrants = []\n";

/// A component of this text, with a manifest.
fn component(body: &str) -> Vec<u8> {
    with_manifest(bare(body), MANIFEST)
}

fn bare(body: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {body})")).expect("a component")
}

/// A host that has compiled nothing yet.
pub(crate) struct Door {
    pub(crate) host: TestHost,
    pub(crate) compiled: TempDir,
}

impl Door {
    pub(crate) async fn new() -> Self {
        let compiled = tempfile::tempdir().expect("a folder");
        let host = Setup {
            compiled: compiled.path().to_owned(),
            ..Setup::default()
        };
        Self {
            host: host.open().await,
            compiled,
        }
    }

    async fn refuses(&self, bytes: &[u8]) -> RuntimeError {
        let refused = self.host.install(bytes.to_vec(), Grants::all()).await;
        let refused = refused.expect_err("it was let in");
        let again = self.host.plugin_from(bytes, &Grants::all()).await;
        assert_eq!(
            again.expect_err("it was let in").to_string(),
            refused.to_string()
        );
        assert!(self.host.installed().is_empty());
        assert_eq!(
            compiled_in(self.compiled.path()),
            Vec::<PathBuf>::new(),
            "it was compiled"
        );
        refused
    }
}

/// Compiled components, and what else is in the way of them.
pub(crate) fn compiled_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = files_in(folder);
    files.retain(|file| file.file_name().is_none_or(|name| name != "key"));
    files
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => files_in(&path),
        false => vec![path],
    });
    files.collect()
}

#[tokio::test]
async fn a_component_that_imports_anything_else_is_refused_by_the_name_of_the_import() {
    let door = Door::new().await;
    for (body, import) in [
        (
            r#"(import "wasi:cli/environment@0.2.0" (instance))"#,
            "wasi:cli/environment@0.2.0",
        ),
        (
            r#"(import "wasi:io/poll@0.2.0" (instance))"#,
            "wasi:io/poll@0.2.0",
        ),
        (
            r#"(import "lombard:other/x" (instance))"#,
            "lombard:other/x",
        ),
        (
            r#"(import "lombard:platform-more/x" (instance))"#,
            "lombard:platform-more/x",
        ),
        (r#"(import "run" (func))"#, "run"),
        (r#"(import "a" (core module))"#, "a"),
        (r#"(import "t" (type (sub resource)))"#, "t"),
        (
            r#"(import "unlocked-dep=<lombard:platform/x>" (component))"#,
            "unlocked-dep",
        ),
    ] {
        let error = door.refuses(&component(body)).await;
        let RuntimeError::ForeignImports { imports } = &error else {
            panic!("{import}: {error:?}");
        };
        assert_eq!(imports.len(), 1, "{imports:?}");
        assert!(imports[0].starts_with(import), "{imports:?}");
        assert!(error.to_string().contains(import), "{error}");
    }
}

#[tokio::test]
async fn every_offending_import_is_named_and_no_other() {
    let door = Door::new().await;
    let body = r#"(import "wasi:a/b" (instance)) (import "lombard:platform/log@0.1.0" (instance))
        (import "wasi:c/d" (instance))"#;
    let error = door.refuses(&component(body)).await;
    assert!(
        matches!(&error, RuntimeError::ForeignImports { imports }
            if imports == &["wasi:a/b", "wasi:c/d"]),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    let door = Door::new().await;
    let module = wat::parse_str("(module)").unwrap();
    let error = door.refuses(&module).await;
    assert!(error.to_string().contains("core module"), "{error}");
    let cut = component("(core module)");
    for bytes in [
        &b""[..],
        b"\0asm",
        b"#!/bin/sh",
        &cut[..cut.len() - 1],
        &[0xff; 64],
    ] {
        let error = door.refuses(bytes).await;
        assert!(matches!(error, RuntimeError::NotAComponent(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_component_without_a_sound_manifest_is_refused() {
    let door = Door::new().await;
    let error = door.refuses(&bare("")).await;
    assert!(matches!(error, RuntimeError::NoManifest), "{error:?}");
    let error = door.refuses(&with_manifest(component(""), MANIFEST)).await;
    assert!(error.to_string().contains("two manifests"), "{error}");
    let long = format!("{MANIFEST}#{}", "x".repeat(Manifest::MAX_LEN));
    let error = door.refuses(&with_manifest(bare(""), &long)).await;
    assert!(
        matches!(error, RuntimeError::Manifest(ManifestError::TooLong(_))),
        "{error:?}"
    );
    for (manifest, named) in [
        ("name = [", ""),
        ("", "name"),
        (&*MANIFEST.replace("made-up", "../../etc"), "../../etc"),
        (
            &*MANIFEST.replace("grants = []", "grants = [\"read:all\"]"),
            "read:all",
        ),
        (&*format!("{MANIFEST}colour = 1\n"), "colour"),
    ] {
        let error = door.refuses(&with_manifest(bare(""), manifest)).await;
        assert!(
            matches!(error, RuntimeError::Manifest(_)),
            "{manifest}: {error:?}"
        );
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
}

#[tokio::test]
async fn a_component_of_another_contract_is_refused_with_both_versions() {
    let door = Door::new().await;
    for built in ["0.2.0", "1.0.0", "1.1.0"] {
        let manifest = MANIFEST.replace("api = \"0.1.0\"", &format!("api = \"{built}\""));
        let error = door.refuses(&with_manifest(bare(""), &manifest)).await;
        assert!(
            matches!(error, RuntimeError::ApiVersion { .. }),
            "{error:?}"
        );
        let told = error.to_string();
        assert!(told.contains(built) && told.contains("0.1.0"), "{told}");
    }
}

/// A manifest may say what it likes.
#[tokio::test]
async fn a_component_that_imports_another_contract_is_refused_with_both_versions() {
    let door = Door::new().await;
    let body = r#"(import "lombard:platform/log@0.2.0" (instance))"#;
    let error = door.refuses(&component(body)).await;
    let told = error.to_string();
    assert!(
        matches!(&error, RuntimeError::ApiVersion { built, host: "0.1.0" } if built == "0.2.0"),
        "{error:?}"
    );
    assert!(told.contains("0.2.0") && told.contains("0.1.0"), "{told}");
}

#[tokio::test]
async fn a_file_above_the_largest_is_refused_before_it_is_read() {
    let door = Door::new().await;
    let limit = usize::try_from(Host::MAX_PLUGIN).unwrap();
    let error = door.refuses(&vec![0; limit + 1]).await;
    assert!(
        matches!(error, RuntimeError::TooLarge { bytes, limit: most }
            if bytes == limit + 1 && most == limit),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_component_that_does_not_fit_its_world_is_not_installed() {
    let door = Door::new().await;
    for (body, named) in [
        ("", "render"),
        (
            r#"(import "lombard:platform/nothing@0.1.0" (instance (export "f" (func))))"#,
            "nothing",
        ),
    ] {
        let refused = door
            .host
            .install(component(body), Grants::all())
            .await
            .unwrap_err();
        assert!(matches!(refused, RuntimeError::World { .. }), "{refused:?}");
        assert!(refused.to_string().contains(named), "{refused}");
        assert!(door.host.installed().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plugin_that_many_ask_for_at_once_is_compiled_whole() {
    let door = Door::new().await;
    let (bytes, granted) = (files::guest("probes"), Grants::all());
    let asked = (0..4).map(|_| door.host.plugin_from(&bytes, &granted));
    for plugin in in_time(futures_util::future::join_all(asked)).await {
        render(&door.host, &plugin.unwrap()).await.unwrap();
    }
    assert_eq!(compiled_in(door.compiled.path()).len(), 1, "leftovers");
}

/// The compiler would follow each of the instances, of which there are a
/// billion.
#[tokio::test]
async fn a_small_file_of_many_instances_is_refused_before_it_is_compiled() {
    let door = Door::new().await;
    let twice = "(alias outer 1 $of (component $one)) (instance (instantiate $one))";
    let doubled = (1..=30).map(|at| {
        let twice = format!("{twice} (instance (instantiate $one))");
        format!(
            "(component $c{at} {})",
            twice.replace("$of", &format!("$c{}", at - 1))
        )
    });
    let doubled: String = doubled.collect();
    let module = "(core module $m) (core instance (instantiate $m))";
    let error = door
        .refuses(&component(&format!("(component $c0 {module}) {doubled}")))
        .await;
    assert!(error.to_string().contains("16 instances"), "{error}");
    let many = "(core instance (instantiate $m))".repeat(65);
    let error = door
        .refuses(&component(&format!("(core module $m) {many}")))
        .await;
    assert!(error.to_string().contains("64 instances"), "{error}");
    let handed = "(component $a (import \"c\" (component $c)) (instance (instantiate $c)))";
    let error = door.refuses(&component(handed)).await;
    assert!(error.to_string().contains("as a value"), "{error}");
}
