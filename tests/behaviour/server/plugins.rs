//! Plugins that are installed and removed over HTTP.
//!
//! Owns: what a binary must be to be taken. Must not know: what plugins do.

use hyper::Method;
use lombard_model::Limit;
use lombard_runtime::QuarantineOptions;
use serde_json::{Value as Json, json};

use super::{API, Answer, Serving, list};
use crate::support::books::Book;
use crate::support::wat::with_other_manifest;
use crate::support::{Setup, files};

/// The kind of a component's file.
const WASM: [(&str, &str); 1] = [("content-type", "application/wasm")];

impl Serving {
    async fn put(&self, path: &str, bytes: Vec<u8>) -> Answer {
        let path = format!("{API}/plugins/{path}");
        self.send(Method::PUT, &path, &WASM, bytes).await
    }

    async fn delete(&self, name: &str) -> Answer {
        let path = format!("{API}/plugins/{name}");
        self.send(Method::DELETE, &path, &[], "").await
    }
}

#[tokio::test]
async fn a_plugin_is_installed_with_what_it_is_granted_and_removed() {
    let serving = Serving::begin().await;
    let bytes = files::guest("probes");
    let put = serving.put("guest-probes", bytes.clone()).await.json(200);
    assert!(list(&put, "granted").is_empty(), "{put}");
    let put = serving.put("guest-probes?grants=read:accounts", bytes.clone());
    let put = put.await.json(200);
    assert_eq!(list(&put, "granted")[0]["grant"], "read:accounts");
    let put = serving.put("guest-probes?grants=all", bytes.clone()).await;
    assert!(list(&put.json(200), "lacks").is_empty());

    let one = serving.json("/plugins/guest-probes").await;
    assert_eq!(one["bytes"], bytes.len());
    assert_eq!(
        one["limits"]["statements"],
        serving.host.limits().get(Limit::Statements)
    );
    assert!(list(&one, "imports").iter().all(Json::is_string));
    assert!(
        one["settings"].is_object() && one["api"].is_string(),
        "{one}"
    );
    serving.json("/widgets/guest-probes").await;

    assert_eq!(serving.delete("guest-probes").await.status, 204);
    serving
        .get("/plugins/guest-probes")
        .await
        .problem(404, "not-found");
    serving
        .delete("guest-probes")
        .await
        .problem(404, "not-found");
    let bundled = serving.delete("floating-pl-per-expert").await;
    bundled.problem(409, "conflict");
}

#[tokio::test]
async fn an_expert_that_stays_with_a_version_is_told_as_such() {
    let serving = Serving::begin().await;
    let bytes = files::plugin("moving-average-cross");
    serving.install(bytes.clone()).await;
    let next = with_other_manifest(bytes, |text| text.replacen("0.1.0", "0.2.0", 1));
    serving.install(next).await;
    let pin = async |body: Json| {
        let put = serving.call(Method::PUT, "/experts/1/pin", &body);
        put.await
    };
    let pinned = pin(json!({"version": "0.1.0"})).await.json(200);
    assert_eq!(
        (&pinned["id"], &pinned["pinned"]["version"]),
        (&json!(1), &json!("0.1.0"))
    );
    assert_eq!(serving.json("/experts/1").await, pinned);
    for page in ["/experts/1", "/experts"] {
        let page = serving.send(Method::GET, page, &[], "").await;
        assert!(
            page.text().contains("moving-average-cross 0.1.0"),
            "{page:?}"
        );
    }
    // With none named it stays with what it runs.
    let again = pin(json!({})).await.json(200);
    assert_eq!(again, pinned);

    pin(json!({"version": "9"})).await.problem(409, "conflict");
    pin(json!({"version": 1})).await.problem(400, "bad-request");
    pin(json!({"digest": "x"}))
        .await
        .problem(400, "bad-request");
    let nobody = json!({});
    let missing = serving.call(Method::PUT, "/experts/99/pin", &nobody).await;
    missing.problem(404, "not-found");
    let free = serving
        .call(Method::DELETE, "/experts/1/pin", &nobody)
        .await;
    assert!(free.json(200)["pinned"].is_null());
    let page = serving.send(Method::GET, "/experts/1", &[], "").await;
    assert!(!page.text().contains("Pinned"), "{page:?}");
}

#[tokio::test]
async fn a_plugin_sees_the_accounts_that_the_put_names() {
    let serving = Serving::begin().await;
    let bytes = files::guest("probes");
    for (query, accounts) in [
        ("?grants=all&accounts=2,1", json!([1, 2])),
        ("?accounts=1&grants=all", json!([1])),
        ("?grants=all", json!("all")),
        ("?grants=all&accounts=all", json!("all")),
        ("?grants=all&accounts=2", json!([2])),
    ] {
        let path = format!("guest-probes{query}");
        let put = serving.put(&path, bytes.clone()).await.json(200);
        assert_eq!(put["accounts"], accounts, "{query}");
        let one = serving.json("/plugins/guest-probes").await;
        assert_eq!(one["accounts"], accounts, "{query}");
    }
    for wrong in ["0", "none", "", "1,", "1%2C2%2Cx"] {
        let query = format!("guest-probes?grants=all&accounts={wrong}");
        let refused = serving.put(&query, bytes.clone()).await;
        let told = refused.problem(400, "bad-request");
        assert!(told.contains("all"), "{wrong}: {told}");
    }
    // What is refused changes nothing, and what it sees is on its page.
    let one = serving.json("/plugins/guest-probes").await;
    assert_eq!(one["accounts"], json!([2]));
    let page = serving.send(Method::GET, "/plugins", &[], "").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.contains("It sees account 2, and nothing of any other."));
    assert!(page.contains("It sees all accounts."));
    // The same look with other accounts is another answer.
    let look = "/widgets/guest-probes?param.what=account&param.id=2";
    let seen = serving.get(look).await.json(200);
    serving
        .put("guest-probes?grants=all&accounts=1", bytes)
        .await
        .json(200);
    let hidden = serving.get(look).await.json(200);
    let first = |answer: &Json| answer["view"].to_string();
    assert!(first(&seen).contains("A2"), "{seen}");
    assert!(!first(&hidden).contains("A2"), "{hidden}");
}

#[tokio::test]
async fn an_expert_of_an_account_that_its_plugin_does_not_see_is_a_conflict() {
    let mut book = Book::of(4).document();
    book["experts"][1]["plugin"] = json!("guest-settles");
    let dataset = crate::support::books::read(&book);
    let serving = Serving::of(Setup::default(), dataset).await;
    let put = serving.put(
        "guest-settles?grants=all&accounts=1",
        files::guest("settles"),
    );
    put.await.json(200);
    let ran = serving
        .call(Method::POST, "/experts/2/runs", &json!({}))
        .await;
    let told = ran.problem(409, "conflict");
    for words in ["account 2", "only account 1", "`accounts`"] {
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_plugin_that_is_left_alone_is_shown_and_resumed() {
    let setup = Setup {
        quarantine: QuarantineOptions {
            after: Some(2),
            ..QuarantineOptions::default()
        },
        ..Setup::default()
    };
    let serving = Serving::of(setup, Book::of(4).dataset()).await;
    let installed = serving
        .put("guest-traps?grants=all", files::guest("traps"))
        .await;
    assert_eq!(installed.json(200)["quarantine"], Json::Null);
    for _ in 0..2 {
        let failed = serving.get("/widgets/guest-traps").await;
        failed.problem(502, "call-failed");
    }
    let refused = serving.get("/widgets/guest-traps").await;
    let told = refused.problem(503, "unavailable");
    assert!(told.contains("2 times in a row"), "{told}");
    let shown = serving.json("/plugins/guest-traps").await;
    let alone = &shown["quarantine"];
    assert_eq!(alone["failures"], 2, "{shown}");
    assert!(alone["left_ms"].as_u64().is_some_and(|left| left <= 10_000));

    let page = serving.send(Method::GET, "/plugins", &[], "").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    for part in ["is left alone", "/plugins/guest-traps/resume"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let path = format!("{API}/plugins/guest-traps/resume");
    let resumed = serving.send(Method::POST, &path, &[], "").await.json(200);
    assert_eq!(resumed["quarantine"], Json::Null);
    let failed = serving.get("/widgets/guest-traps").await;
    failed.problem(502, "call-failed");
    let path = format!("{API}/plugins/nobody/resume");
    let unknown = serving.send(Method::POST, &path, &[], "").await;
    unknown.problem(404, "not-found");
}

#[tokio::test]
async fn what_is_no_plugin_or_another_one_is_not_taken() {
    let serving = Serving::begin().await;
    let guest = files::guest("probes");
    let named = serving.put("another", guest.clone()).await;
    assert!(named.problem(400, "bad-request").contains("guest-probes"));
    for bytes in [
        Vec::new(),
        b"\0asm".to_vec(),
        guest[..guest.len() / 2].to_vec(),
    ] {
        let refused = serving.put("guest-probes", bytes).await;
        refused.problem(400, "bad-request");
    }
    for query in [
        "grants=read:everything",
        "grant=all",
        "grants=all&grants=none",
    ] {
        let path = format!("guest-probes?{query}");
        let refused = serving.put(&path, guest.clone()).await;
        refused.problem(400, "bad-request");
    }
    let none = json!({});
    let json = serving.call(Method::PUT, "/plugins/guest-probes", &none);
    json.await.problem(415, "unsupported-media-type");
    let large = vec![0; usize::try_from(lombard_runtime::Host::MAX_PLUGIN).unwrap() + 1];
    let refused = serving.put("guest-probes", large).await;
    refused.problem(413, "too-large");
    serving
        .get("/plugins/guest-probes")
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn limits_of_a_plugin_are_put_whole_or_not_at_all() {
    let serving = Serving::begin().await;
    let name = files::WIDGETS[0];
    let put = async |name: &str, body: &str| {
        let path = format!("{API}/plugins/{name}/limits");
        let json = [("content-type", "application/json")];
        serving
            .send(Method::PUT, &path, &json, body.to_owned())
            .await
    };
    let set = put(name, r#"{"statements": 5, "rows": 0}"#).await.json(200);
    assert_eq!(set["limits"]["statements"], 5);
    assert_eq!(set["limits_set"], json!(["statements", "rows"]));
    for bad in [
        r#"{"statements": 6, "fuel": 1}"#,
        r#"{"statements": 6, "stack_bytes": 1}"#,
        r#"{"statements": -1}"#,
        r#"{"statements": "6"}"#,
        r#"{"concurrent_calls": 0}"#,
        "[]",
        "{",
    ] {
        put(name, bad).await.json(400);
    }
    put("stranger", "{}").await.json(404);
    let one = serving.json(&format!("/plugins/{name}")).await;
    assert_eq!(one["limits"]["statements"], 5);
    let refused = serving.get(&format!("/widgets/{name}")).await.json(502);
    let told = refused["detail"].as_str().unwrap();
    assert!(told.contains("the limit `rows` is 0"), "{told}");
    let calls = serving.json("/calls").await;
    assert_eq!(list(&calls, "calls")[0]["limit"], "rows");
    let set = put(name, "{}").await.json(200);
    assert_eq!(set["limits_set"], json!([]));
    serving.json(&format!("/widgets/{name}")).await;
}
