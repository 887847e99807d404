//! The types for plugins in JavaScript are those of the contract.
//!
//! Owns: comparing `plugins/sdk-js/platform.d.ts` with `wit/`: every interface,
//! type, field, case and function, by name and by type, and none besides. Must
//! not know: how either is read; that is `declared.rs` and `expected.rs`.

mod declared;
mod expected;

use std::collections::BTreeMap;
use std::fs;

use super::{inline, lombard};
use crate::support::files;

/// What each item looks like in TypeScript, by module and name: `interface` and
/// its fields, `type` and what it is, a function's parameters and result.
type Outline = BTreeMap<String, String>;

/// What differs, a line each.
fn differences(expected: &Outline, declared: &Outline) -> Vec<String> {
    let names = expected.keys().chain(declared.keys());
    let names: std::collections::BTreeSet<_> = names.collect();
    let one = |name| match (expected.get(name), declared.get(name)) {
        (Some(expected), None) => Some(format!("{name} is missing: {expected}")),
        (None, Some(_)) => Some(format!("{name} is not in the contract")),
        (Some(expected), Some(declared)) if expected != declared => Some(format!(
            "{name} is declared {declared}, and should be {expected}"
        )),
        _ => None,
    };
    names.into_iter().filter_map(one).collect()
}

fn shipped() -> String {
    let sdk = files::wit().with_file_name("plugins").join("sdk-js");
    fs::read_to_string(sdk.join("platform.d.ts")).expect("the types are there")
}

#[test]
fn the_types_for_javascript_are_those_of_the_contract() {
    let expected = expected::outline(&lombard());
    assert!(
        expected.len() > 150,
        "the contract was not read: {expected:?}"
    );
    let declared = declared::outline(&shipped());
    assert_eq!(differences(&expected, &declared), Vec::<String>::new());
}

#[test]
fn whatever_the_types_lacked_would_be_found() {
    let expected = expected::outline(&lombard());
    for (there, instead, found) in [
        ("asOf(): Timestamp;", "", "session Session.asOf is missing"),
        (
            "asOf(): Timestamp;",
            "asOf(): Timestamp; now(): Timestamp;",
            "session Session.now is not in the contract",
        ),
        (
            "order(id: OrderId): Order | undefined;",
            "order(id: OrderId): Order;",
            "session Session.order is declared",
        ),
        (
            "save(patch: Entry[]): void;",
            "save(): void;",
            "settings save is declared",
        ),
        ("    scale: number;", "", "types Decimal.scale is missing"),
        (
            "alias?: string",
            "alias: string",
            "types Expert.alias? is missing",
        ),
        ("| 'stop-limit'", "", "types OrderType is declared"),
        (
            "| { tag: 'no-account' }",
            "",
            "types SettingsError is declared",
        ),
        (
            "platform/log@0.1.0'",
            "platform/logs@0.1.0'",
            "log Level is missing",
        ),
        (
            "export function all(): Entry[];",
            "export function all(): Entry[]; export function some(): Entry[];",
            "settings some is not in the contract",
        ),
    ] {
        let text = shipped();
        assert!(text.contains(there), "{there}");
        let declared = declared::outline(&text.replacen(there, instead, 1));
        let differences = differences(&expected, &declared);
        assert!(
            differences.iter().any(|one| one.starts_with(found)),
            "{there}: {differences:?}"
        );
    }
}

#[test]
fn what_is_declared_is_read_whatever_its_form() {
    let contract = inline(
        "package lombard:platform@0.1.0; interface one { \
            type price = s64; flags days { mon, tue } enum way { to-and-fro, none } \
            record at { prices: list<price>, half-way: option<string> } \
            variant v { a, b-c(list<option<way>>) } \
            resource desk { ask-it: func(ids: list<u64>) -> result<at>; } \
            tell: func() -> result; }",
    );
    let text = "// A file.\ndeclare module 'lombard:platform/one@0.1.0' { \
        import type { X } from 'lombard:platform/two@0.1.0'; \
        export type Price = bigint; /* ; } */ \
        export interface Days { mon?: boolean; tue?: boolean; } \
        export type Way = | 'to-and-fro' \n | 'none'; \
        export interface At { prices: BigInt64Array; halfWay?: string | undefined } \
        export type V = { tag: 'a' } | { tag: 'b-c'; val: Array<Way | undefined> }; \
        export class Desk { private constructor(); askIt(ids: BigUint64Array | bigint[]): At; } \
        export function tell(): void; }";
    assert_eq!(expected::outline(&contract), declared::outline(text));
}
