//! What is told of failures.
//!
//! Owns: that causes are told once, with a remedy, and no longer than somebody
//! reads. Must not know: who fails.

use anyhow::Context as _;

use super::*;

fn told(error: impl Into<anyhow::Error>) -> (String, Option<String>) {
    let error = error.into();
    (words(&error), remedy(&error))
}

#[test]
fn what_a_wrapped_cause_needs_is_told() {
    let missing = AccountsError::NoExpert("7".parse().unwrap());
    let (words, remedy) = told(RuntimeError::from(missing));
    assert_eq!(words, "there is no expert 7");
    assert_eq!(remedy.as_deref(), Some("see `lombard expert list`"));

    let gone = io::Error::from(ErrorKind::NotFound);
    let error = Err::<(), _>(gone)
        .context("a.json can't be opened")
        .unwrap_err();
    assert_eq!(remedy_of(&error), "check the path");
}

fn remedy_of(error: &anyhow::Error) -> String {
    remedy(error).unwrap()
}

#[test]
fn a_trap_is_told_once_and_without_its_frames() {
    let trap = "wasm trap: unreachable (in _RNv < render)".to_owned();
    let error = CallError::Trap {
        function: "render",
        trap,
    };
    let (plugin, version) = ("p".to_owned(), "0.1.0".to_owned());
    let (words, remedy) = told(RuntimeError::Call {
        plugin,
        version,
        error,
    });
    assert_eq!(
        words,
        "p 0.1.0: the plugin trapped in `render`: wasm trap: unreachable"
    );
    assert!(remedy.unwrap().contains("its author"));
}

#[test]
fn an_endless_path_keeps_its_beginning_and_its_fault() {
    let path = format!("accounts[0].{}", "[0]".repeat(100_000));
    let fault = "recursion limit exceeded at line 1 column 300000".to_owned();
    let (words, _) = told(DatasetError::Malformed { path, fault });
    assert!(words.chars().count() < 300, "{words}");
    assert!(
        words.starts_with("accounts[0].[0]") && words.contains("recursion"),
        "{words}"
    );

    let fault = "EOF while parsing a value at line 1 column 0".to_owned();
    let (words, _) = told(DatasetError::Malformed {
        path: ".".into(),
        fault: fault.clone(),
    });
    assert_eq!(words, fault);
}
