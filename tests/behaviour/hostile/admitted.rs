//! Files that are attacks on whoever takes them in: on the compiler, on its
//! time and memory, on who reads their manifest.

use std::time::{Duration, Instant};

use lombard_model::Grants;
use lombard_runtime::{CompileFault, CompileLimits, RuntimeError};

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::{Setup, TestHost, files, in_time, render, wat};

/// A host that has compiled nothing yet, with little to compile with.
async fn host(compile: CompileLimits) -> (TestHost, tempfile::TempDir) {
    let compiled = tempfile::tempdir().expect("a folder");
    let setup = Setup {
        compile,
        compiled: compiled.path().to_owned(),
        ..Setup::one_connection()
    };
    (setup.open_with(Book::of(20).dataset()).await, compiled)
}

/// Why this is not taken in; the next plugin is.
async fn refused(host: &TestHost, bytes: Vec<u8>) -> RuntimeError {
    let refused = in_time(host.install(bytes.clone(), Grants::all())).await;
    let refused = refused.expect_err("it is taken in");
    assert!(host.installed().is_empty());
    let again = in_time(host.plugin_from(&bytes, &Grants::all())).await;
    let again = again.expect_err("it is taken in");
    assert_eq!(again.to_string(), refused.to_string());
    refused
}

async fn serves(host: &TestHost) {
    let widget = host.plugin(WIDGETS[0]).await.expect("it is compiled");
    render(host, &widget).await.expect("it is served");
}

fn fault(error: &RuntimeError) -> &CompileFault {
    match error {
        RuntimeError::Compile(fault) => fault,
        other => panic!("it is not compiling that failed: {other:?}"),
    }
}

/// A widget with so many functions of so many steps each beside what it needs.
fn large(functions: usize, steps: usize) -> Vec<u8> {
    let body = "(local.set 0 (i32.mul (i32.add (local.get 0) (i32.const 7)) (local.get 1)))";
    let one = format!(
        "(func (param i32 i32) (result i32) {} (local.get 0))",
        body.repeat(steps)
    );
    let core = format!(
        r#"(func (export "render") (param i32 i32 i32) (result i32)
            (call $give_back (local.get 0)) i32.const 64)
        {}"#,
        one.repeat(functions)
    );
    wat::widget(&core, &[])
}

#[tokio::test]
async fn one_that_takes_too_long_to_compile_is_given_up() {
    let time = Duration::from_secs(1);
    let (host, _compiled) = host(CompileLimits {
        time,
        ..CompileLimits::default()
    })
    .await;
    let began = Instant::now();
    let error = refused(&host, large(1_500, 400)).await;
    assert!(
        matches!(fault(&error), CompileFault::Time { limit } if *limit == time),
        "{error:?}"
    );
    // It was tried twice, and not for minutes.
    assert!(began.elapsed() < 60 * time, "{:?}", began.elapsed());
    serves(&host).await;
}

#[tokio::test]
async fn one_that_takes_too_much_memory_to_compile_is_given_up() {
    let memory_bytes = 256 << 20;
    let (host, _compiled) = host(CompileLimits {
        memory_bytes,
        ..CompileLimits::default()
    })
    .await;
    let error = refused(&host, large(1, 400_000)).await;
    assert!(
        matches!(fault(&error), CompileFault::Memory { limit } if *limit == memory_bytes),
        "{error:?}"
    );
    serves(&host).await;
}

#[tokio::test]
async fn one_that_is_compiled_to_too_much_is_given_up() {
    let (host, _compiled) = host(CompileLimits {
        output_bytes: 60 << 10,
        ..CompileLimits::default()
    })
    .await;
    let error = refused(&host, large(200, 200)).await;
    assert!(
        matches!(fault(&error), CompileFault::Output { limit } if *limit == 60 << 10),
        "{error:?}"
    );
    let small = wat::widget(&files::attack("traps"), &[]);
    host.plugin_from(&small, &Grants::all()).await.unwrap();
}

/// As many functions as the format lets a module have, and one more.
#[tokio::test]
async fn one_with_a_million_functions_is_given_up() {
    // So little memory that it ends there long before its time is over,
    // however fast the machine is.
    let memory_bytes = 256 << 20;
    let (host, _compiled) = host(CompileLimits {
        memory_bytes,
        ..CompileLimits::default()
    })
    .await;
    let functions = |many| wat::widget_of_functions(many);
    let error = refused(&host, functions(999_000)).await;
    assert!(
        matches!(fault(&error), CompileFault::Memory { limit } if *limit == memory_bytes),
        "{error:?}"
    );
    let error = refused(&host, functions(1_000_001)).await;
    assert!(
        matches!(fault(&error), CompileFault::Refused(told) if told.contains("functions")),
        "{error:?}"
    );
    serves(&host).await;
}

#[tokio::test]
async fn one_that_is_cut_off_is_refused_wherever_it_is() {
    let (host, _compiled) = host(CompileLimits::default()).await;
    let whole = wat::widget(&files::attack("traps"), &[]);
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let error = host.install(whole[..at].to_vec(), Grants::all()).await;
        let error = error.expect_err("it is taken in");
        let is_typed = matches!(
            error,
            RuntimeError::NotAComponent(_) | RuntimeError::NoManifest
        );
        assert!(is_typed, "{at}: {error:?}");
    }
    serves(&host).await;
}

/// A program that compiles nothing: what is told is that, and not a hang.
#[tokio::test]
async fn a_compiler_that_is_none_is_told() {
    for (program, is_told) in [
        ("/nonexistent/compiler", "no process"),
        ("/bin/false", "can't be compiled"),
        ("/bin/true", "can't be compiled"),
    ] {
        let compiled = tempfile::tempdir().unwrap();
        let setup = Setup {
            compiler: program.into(),
            compiled: compiled.path().to_owned(),
            ..Setup::one_connection()
        };
        let host = setup.open().await;
        let error = in_time(host.install(files::guest("traps"), Grants::all())).await;
        let error = error.expect_err("nothing was compiled");
        assert!(matches!(error, RuntimeError::Compile(_)), "{error:?}");
        assert!(error.to_string().contains(is_told), "{error}");
        assert!(host.installed().is_empty());
    }
}
