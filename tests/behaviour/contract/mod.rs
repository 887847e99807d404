//! Invariant 1: no plugin can create a session, as far as the contract goes;
//! and every item of the contract says what it is and since when.
//!
//! Owns: the assertions on `wit/`, and on contracts that break the rules, so
//! that the rules are known to bite.

mod earlier;
mod handles;
mod released;
mod typescript;
mod words;

use wit_parser::Resolve;

use crate::support::files;

fn lombard() -> Resolve {
    let mut resolve = Resolve::default();
    resolve
        .push_dir(files::wit())
        .expect("the contract is sound WIT");
    resolve
}

fn inline(text: &str) -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_str("inline.wit", text).expect("sound WIT");
    resolve
}

#[test]
fn no_plugin_can_create_keep_or_be_given_a_session() {
    let contract = lombard();
    let functions = handles::functions(&contract);
    assert!(
        functions.len() >= 20,
        "the contract was not read: {}",
        functions.len()
    );
    assert!(
        handles::count(&contract) >= 2,
        "no export borrows a session"
    );
    assert_eq!(handles::faults(&contract), Vec::<String>::new());
}

#[test]
fn every_way_to_own_a_session_would_be_found() {
    for (item, fault) in [
        ("resource session { constructor(); }", "constructor"),
        ("resource session { open: static func() -> u32; }", "static"),
        (
            "resource session { again: func() -> session; }",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> session;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> list<session>;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> option<session>;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> result<session>;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> result<u8, session>;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> tuple<u8, session>;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> future<session>;",
            "owned in its result",
        ),
        (
            "resource session {} make: func() -> stream<session>;",
            "owned in its result",
        ),
        (
            "resource session {} record r { s: session } make: func() -> r;",
            "owned in its result",
        ),
        (
            "resource session {} variant v { s(session) } make: func() -> v;",
            "owned in its result",
        ),
        (
            "resource session {} type lease = session; make: func() -> lease;",
            "owned in its result",
        ),
        (
            "resource session {} take: func(s: session);",
            "owned in a parameter",
        ),
        (
            "resource session {} take: func(s: list<session>);",
            "owned in a parameter",
        ),
        (
            "resource session {} take: func(s: list<borrow<session>>);",
            "borrowed inside",
        ),
        (
            "resource session {} take: func(s: option<borrow<session>>);",
            "borrowed inside",
        ),
        (
            "resource session {} take: func(s: tuple<borrow<session>>);",
            "borrowed inside",
        ),
        (
            "resource session {} record r { s: borrow<session> } take: func(r: r);",
            "borrowed inside",
        ),
        (
            "resource session {} resource other { open: func() -> session; }",
            "owned in its result",
        ),
    ] {
        let text = format!("package t:t; interface i {{ {item} }} world w {{ import i; }}");
        let faults = handles::faults(&inline(&text));
        assert!(
            faults.iter().any(|found| found.contains(fault)),
            "{item}: {faults:?}"
        );
    }
}

#[test]
fn a_session_owned_by_an_export_would_be_found() {
    for (export, fault) in [
        ("export render: func(s: session);", "owned in a parameter"),
        ("export render: func() -> session;", "owned in its result"),
        ("import render: func() -> session;", "owned in its result"),
        (
            "export j: interface { use i.{session}; f: func() -> session; }",
            "owned in its result",
        ),
    ] {
        let text = format!(
            "package t:t; interface i {{ resource session {{}} }} \
             world w {{ use i.{{session}}; {export} }}"
        );
        let faults = handles::faults(&inline(&text));
        assert!(
            faults.iter().any(|found| found.contains(fault)),
            "{export}: {faults:?}"
        );
    }
}

#[test]
fn lending_a_session_for_a_call_is_no_fault() {
    let text = "package t:t; interface i { resource session { read: func() -> list<u8>; } } \
         world w { use i.{session}; export render: func(s: borrow<session>) -> result<list<u8>>; }";
    assert_eq!(handles::faults(&inline(text)), Vec::<String>::new());
    assert_eq!(handles::count(&inline(text)), 1);
}

#[test]
fn every_item_of_the_contract_is_documented_and_gated() {
    assert_eq!(words::faults(&lombard()), Vec::<String>::new());
}

#[test]
fn an_item_without_words_or_gate_would_be_found() {
    let text = "package t:t@0.1.0;
        interface i {
            record r { a: u8 }
            variant v { b }
            enum e { c }
            flags f { d }
            type t = u8;
            resource s { m: func(); }
            g: func();
        }
        world w { import i; export h: func(); }";
    let faults = words::faults(&inline(text)).join("\n");
    for item in [
        "i",
        "i.r",
        "i.v",
        "i.e",
        "i.f",
        "i.t",
        "i.s",
        "i.[method]s.m",
        "i.g",
        "w",
        "w.h",
    ] {
        assert!(
            faults.contains(&format!("`{item}` has no docs")),
            "{item}:\n{faults}"
        );
        assert!(
            faults.contains(&format!("`{item}` has no @since")),
            "{item}:\n{faults}"
        );
    }
    for member in ["i.r.a", "i.v.b", "i.e.c", "i.f.d"] {
        assert!(
            faults.contains(&format!("`{member}` has no docs")),
            "{member}:\n{faults}"
        );
    }
}
