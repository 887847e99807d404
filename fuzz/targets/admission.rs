//! A plugin's file, of any bytes: what is read of it before it is compiled, and
//! whether what would be let in is compiled, or refused in words.
//!
//! Owns: that the two ways of looking at a file agree. Must not know: what a
//! plugin does.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lombard_model::Manifest;
use lombard_runtime::fuzzing::Compiler;
use lombard_runtime::{Limits, check, inspect};

/// The longest file that is compiled as well: what a toolchain makes is longer,
/// and takes as long as thousands of others.
const COMPILED: usize = 8 << 10;

static COMPILER: LazyLock<Compiler> =
    LazyLock::new(|| Compiler::new(&Limits::default()).expect("an engine"));

fuzz_target!(|bytes: &[u8]| {
    let checked = check(bytes, &Limits::default());
    for refusal in &checked.refusals {
        let told = refusal.to_string();
        assert!(!told.is_empty() && told.len() <= 4 * bytes.len() + 100_000);
    }
    assert_eq!(checked.sizes.file, bytes.len());
    assert!(checked.sizes.custom.len() <= 33);
    assert!(checked.sizes.code <= bytes.len() && checked.sizes.data <= bytes.len());
    match inspect(bytes) {
        Err(_) => assert!(!checked.refusals.is_empty()),
        Ok(inspected) => {
            assert_eq!(inspected.digest, checked.digest);
            assert_eq!(inspected.imports, checked.imports);
            assert_eq!(
                Manifest::parse(&inspected.manifest_text),
                Ok(inspected.manifest.clone())
            );
            let ours = |import: &String| import.starts_with("lombard:platform/");
            assert!(inspected.imports.iter().all(ours));
            if bytes.len() > COMPILED {
                return;
            }
            match COMPILER.compile(inspected.manifest, inspected.digest, bytes) {
                Err(error) => assert!(!error.to_string().is_empty()),
                Ok(()) => assert!(checked.refusals.is_empty(), "{:?}", checked.refusals),
            }
        }
    }
});
