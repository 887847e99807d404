//! How a host is found, and by what not.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use rustix::process::Signal;
use serde_json::json;

use super::super::serving::Serving;
use super::super::{User, books, says};
use super::THROUGH_A_HOST;

#[test]
fn the_token_of_a_run_is_the_user_s_alone_and_goes_with_the_run() {
    let user = User::with(&books::of(2));
    let serving = Serving::begin(&user);
    let mode = fs::metadata(user.run_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let announced = user.announced();
    let token = announced["token"].as_str().unwrap().to_owned();
    assert_eq!(announced["url"], serving.said["listening"]);
    assert_eq!(serving.get("/api/v1/accounts", &token), 200);
    assert_ne!(serving.said["token"], token);
    user.through(&["settings", "set", "expert/1", "min_confidence", "5"]);
    assert!(
        !user
            .text(&["token", "list", "--json"])
            .contains("command line")
    );

    serving.signal(Signal::TERM);
    let ran = serving.ends();
    assert!(
        !ran.stdout.contains(&token) && !ran.stderr.contains(&token),
        "{ran:?}"
    );
    assert!(!user.run_file().exists());
    for entry in fs::read_dir(user.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        // What is a folder is not the user's database.
        let held = fs::read(&path).unwrap_or_default();
        let token = token.as_bytes();
        let is_in = held.windows(token.len()).any(|part| part == token);
        assert!(!is_in, "{}", path.display());
    }

    // The next run has another one.
    let next = Serving::begin(&user);
    assert_eq!(next.get("/api/v1/accounts", &token), 401);
    assert_ne!(user.announced()["token"], token);
    next.stop();
}

#[test]
fn what_a_killed_host_left_behind_is_passed_by_and_replaced() {
    let user = User::with(&books::of(2));
    let serving = Serving::begin(&user);
    let left = user.announced();
    serving.signal(Signal::KILL);
    serving.ends();
    assert!(user.run_file().exists());
    let ran = user.run(&["account", "list", "-v"]);
    says(&ran.stderr, &["left over", "book.sqlite.host"]);
    assert!(!ran.stderr.contains(THROUGH_A_HOST), "{ran:?}");
    ran.done(&["account", "list"]);
    let quiet = user.run(&["account", "list"]);
    assert_eq!(quiet.stderr, "");

    let next = Serving::begin(&user);
    assert_ne!(user.announced(), left);
    user.through(&["account", "list"]);
    next.stop();
}

#[test]
fn a_file_that_may_be_somebody_else_s_is_refused() {
    let user = User::with(&books::of(2));
    let put = |content: &str, mode| {
        fs::write(user.run_file(), content).unwrap();
        fs::set_permissions(user.run_file(), fs::Permissions::from_mode(mode)).unwrap();
    };
    let with =
        |url: &str| json!({"url": url, "token": "lmb_1", "pid": 1, "version": "0"}).to_string();
    let good = with("http://127.0.0.1:1");
    for (content, mode) in [
        (good.as_str(), 0o644),
        (&good, 0o660),
        (&with("http://192.0.2.1:7878"), 0o600),
        (&with("https://127.0.0.1:1"), 0o600),
        ("\u{1b}[2J", 0o600),
        (&" ".repeat(10_000), 0o600),
    ] {
        put(content, mode);
        let told = user.fails(&["account", "list"]);
        says(&told, &["book.sqlite.host", "remedy", "remove it"]);
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }
    // Nobody listens there.
    put(&good, 0o600);
    user.text(&["account", "list"]);
}

/// Answers every request with this, for as long as the test lives.
fn stranger(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut asked = [0; 4096];
            // Whatever is asked, and whether or not anybody still listens.
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn what_is_no_host_is_told_from_one() {
    let user = User::with(&books::of(2));
    let serving = Serving::begin(&user);
    let real: &'static str = serving.said["listening"]
        .as_str()
        .unwrap()
        .to_owned()
        .leak();
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: {real}/api/v1/pool\r\nContent-Length: 0\r\n\r\n");
    for (answer, why) in [
        ("SSH-2.0-OpenSSH_9.6\r\n", "no host of Lombard"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\u{1b}[31m!",
            "no host of Lombard",
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
            "no host of Lombard",
        ),
        (&*redirect.leak(), "no host of Lombard"),
        ("", "did not answer"),
    ] {
        let url = stranger(answer);
        let ran = user.with_token("lmb_1", &["--host", &url, "account", "list"]);
        assert_eq!(ran.code, Some(1), "{answer:?}: {ran:?}");
        let told = ran.refused(&[answer]);
        says(&told, &[&url, why, "remedy"]);
        assert!(!told.contains('\u{1b}'), "{told:?}");
    }
    serving.stop();
}

#[test]
fn a_host_is_named_by_hand_and_its_database_left_alone() {
    let owner = User::with(&books::of(3));
    let token = owner.json(&["token", "new", "me", "--role", "operator"]);
    let viewer = owner.json(&["token", "new", "screen"]);
    let (token, viewer) = (
        token["token"].as_str().unwrap(),
        viewer["token"].as_str().unwrap(),
    );
    let serving = Serving::begin(&owner);
    let url = serving.said["listening"].as_str().unwrap().to_owned();
    let user = User::new();
    let ask = |token: &str, arguments: &[&str]| {
        user.with_token(token, &[&["--host", &url], arguments].concat())
    };

    let listed = ask(token, &["account", "list"]).done(&["account", "list"]);
    assert_eq!(listed, owner.through(&["account", "list"]));
    ask(token, &["cache", "clear"]).done(&["cache", "clear"]);
    ask(viewer, &["top", "--once"]).done(&["top"]);
    for (shown, arguments, words) in [
        (
            "",
            &["account", "list"][..],
            &["no token", "LOMBARD_TOKEN"][..],
        ),
        (
            "lmb_wrong",
            &["account", "list"],
            &["not known", "LOMBARD_TOKEN"],
        ),
        ("a\r\nb", &["account", "list"], &["token"]),
        (
            viewer,
            &["cache", "clear"],
            &["`screen`", "operator's token"],
        ),
        (token, &["audit"], &["works on a database", "--db"]),
        (token, &["token", "list"], &["works on a database", "--db"]),
        (
            token,
            &["widget", "render", "my.wasm"],
            &["lombard plugin install"],
        ),
        (
            token,
            &["widget", "render", "x", "--grant-all"],
            &["lombard plugin install"],
        ),
    ] {
        let ran = ask(shown, arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {ran:?}");
        let told = ran.refused(arguments);
        says(&told, words);
        assert!(shown.is_empty() || !told.contains(shown), "{told}");
    }
    assert!(!user.database().exists());
    serving.stop();

    let gone = ask(token, &["account", "list"]);
    says(
        &gone.refused(&["account"]),
        &["there is no host at", &url, "lombard serve"],
    );
    for bad in [
        "https://127.0.0.1:1",
        "127.0.0.1:1",
        "http://me:secret@127.0.0.1:1",
        "",
    ] {
        let told = user.misuses(&["--host", bad, "account", "list"]);
        assert!(!told.contains("secret"), "{told}");
    }
    user.misuses(&["--host", &url, "--db", "a.sqlite", "account", "list"]);
    user.misuses(&["account", "list", "--host", &url, "--db", "a.sqlite"]);
}

#[test]
fn of_two_in_the_environment_neither_is_chosen() {
    let user = User::with(&books::of(2));
    let mut command = user.command(&["account", "list"]);
    let ran = super::Ran::of(
        command
            .env("LOMBARD_HOST", "http://127.0.0.1:1")
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, Some(2), "{ran:?}");
    says(&ran.stderr, &["LOMBARD_HOST", "LOMBARD_DB"]);
    // What is written holds.
    let mut command = user.command(&["account", "list", "--db", "book.sqlite"]);
    let ran = super::Ran::of(
        command
            .env("LOMBARD_HOST", "http://127.0.0.1:1")
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
