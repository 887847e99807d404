//! Settings over HTTP.
//!
//! Owns: that they are told with their definitions, saved all or none, never
//! over what somebody else saved, and that a secret never comes out. Must not
//! know: what settings mean.

use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value as Json, json};

use super::{API, Answer, HIDDEN, Serving, list};
use crate::support::wat::with_other_manifest;
use crate::support::{Setup, account, files};

const ACCOUNT: &str = "/accounts/2/settings";
const EXPERT: &str = "/experts/1/settings";

async fn save(
    serving: &Serving,
    method: Method,
    path: &str,
    tag: Option<&str>,
    body: &Json,
) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(tag.map(|tag| ("if-match", tag)));
    let path = format!("{API}{path}");
    serving
        .send(method, &path, &headers, body.to_string())
        .await
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").expect("a tag").to_owned()
}

fn setting<'a>(settings: &'a Json, key: &str) -> &'a Json {
    let found = list(settings, "settings")
        .iter()
        .find(|one| one["key"] == key);
    found.unwrap_or_else(|| panic!("no {key}: {settings}"))
}

#[tokio::test]
async fn settings_are_told_with_what_they_may_be() {
    let serving = Serving::begin().await;
    serving.install(files::plugin("moving-average-cross")).await;
    let settings = serving.json(EXPERT).await;
    let days = setting(&settings, "fast_days");
    let told = |key: &str| &days[key];
    assert_eq!(
        (told("type"), told("value"), told("source")),
        (&json!("int"), &json!(20), &json!("default"))
    );
    assert_eq!(
        (told("min"), told("max"), told("default")),
        (&json!(2), &json!(250), &json!(20))
    );
    assert_eq!(
        (told("secret"), told("required"), told("is_set")),
        (&json!(false), &json!(false), &json!(true))
    );
    assert!(told("error").is_null() && told("description").is_string());
    let share = setting(&settings, "max_position_percent");
    assert_eq!(
        (&share["type"], &share["value"]),
        (&json!("decimal"), &json!("10"))
    );
    for missing in ["/accounts/99/settings", "/experts/99/settings"] {
        serving.get(missing).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_unsets() {
    let serving = Serving::begin().await;
    let first = serving.get(EXPERT).await;
    let body = json!({"min_confidence": "12.50", "enabled_instruments": ["UP"]});
    let saved = save(&serving, Method::PATCH, EXPERT, Some(&tag(&first)), &body).await;
    let settings = saved.json(200);
    assert_eq!(setting(&settings, "min_confidence")["source"], "saved");
    assert_eq!(settings, serving.json(EXPERT).await);
    assert_ne!(tag(&saved), tag(&first));
    let body = json!({"min_confidence": null});
    let unset = save(&serving, Method::PATCH, EXPERT, Some(&tag(&saved)), &body).await;
    let settings = unset.json(200);
    assert_eq!(setting(&settings, "min_confidence")["source"], "default");
    assert_eq!(
        setting(&settings, "enabled_instruments")["value"],
        json!(["UP"])
    );
    // Back to where it began is the state it began with.
    let body = json!({"enabled_instruments": null});
    let back = save(&serving, Method::PATCH, EXPERT, Some(&tag(&unset)), &body).await;
    assert_eq!(tag(&back), tag(&first));
}

#[tokio::test]
async fn a_replacement_removes_what_it_does_not_name_but_secrets() {
    let serving = Serving::begin().await;
    let body = json!({"paper_trading": false});
    let first = save(&serving, Method::PATCH, ACCOUNT, Some("*"), &body).await;
    let replaced = save(
        &serving,
        Method::PUT,
        ACCOUNT,
        Some(&tag(&first)),
        &json!({}),
    )
    .await;
    let settings = replaced.json(200);
    assert_eq!(setting(&settings, "paper_trading")["source"], "default");
    assert_eq!(setting(&settings, "api_key")["is_set"], true);
    let body = json!({"api_key": null, "paper_trading": false});
    let settings = save(&serving, Method::PUT, ACCOUNT, Some("*"), &body)
        .await
        .json(200);
    assert_eq!(setting(&settings, "api_key")["is_set"], false);
    assert_eq!(setting(&settings, "paper_trading")["value"], false);
}

/// Who replaces has not seen what is not declared.
#[tokio::test]
async fn a_replacement_leaves_what_another_version_declares() {
    let serving = Serving::begin().await;
    let bytes = files::plugin("moving-average-cross");
    let other = with_other_manifest(bytes.clone(), |text| {
        let text = text.replacen("0.1.0", "0.2.0", 1);
        text.replace("[settings.fresh_days]", "[settings.recent_days]")
    });
    serving.install(bytes.clone()).await;
    let body = json!({"fresh_days": 7, "fast_days": 10});
    save(&serving, Method::PATCH, EXPERT, Some("*"), &body)
        .await
        .json(200);
    serving.install(other).await;
    let replaced = save(&serving, Method::PUT, EXPERT, Some("*"), &json!({}))
        .await
        .json(200);
    assert_eq!(setting(&replaced, "fast_days")["source"], "default");
    assert_eq!(replaced["undeclared"], json!(["fresh_days"]));
    serving.install(bytes).await;
    let back = serving.json(EXPERT).await;
    assert_eq!(setting(&back, "fresh_days")["value"], 7);
    assert_eq!(back["undeclared"], json!([]));
    let purge = format!("{EXPERT}/undeclared");
    let purged = serving
        .call(Method::DELETE, &purge, &json!({}))
        .await
        .json(200);
    assert_eq!(purged["purged"], json!([]));
    // Nobody knows what an expert declares whose plugin is not there.
    let nobody = "/experts/3/settings/undeclared";
    let nobody = serving.call(Method::DELETE, nobody, &json!({})).await;
    nobody.problem(409, "conflict");
    let purge = format!("{ACCOUNT}/undeclared");
    let purged = serving
        .call(Method::DELETE, &purge, &json!({}))
        .await
        .json(200);
    assert_eq!(purged["purged"], json!([]));
}

#[tokio::test]
async fn all_are_saved_or_none() {
    let serving = Serving::begin().await;
    let first = serving.get(EXPERT).await;
    for bad in [
        json!({"enabled_instruments": ["UP"], "min_confidence": "101"}),
        json!({"enabled_instruments": ["UP"], "min_confidence": true}),
        json!({"enabled_instruments": ["UP"], "nobody_declares": 1}),
        json!(["enabled_instruments"]),
        json!("text"),
        json!(null),
    ] {
        for method in [Method::PATCH, Method::PUT] {
            let answer = save(&serving, method, EXPERT, Some(&tag(&first)), &bad).await;
            answer.problem(400, "bad-request");
        }
    }
    let after = serving.get(EXPERT).await;
    assert_eq!(
        (tag(&after), after.json(200)),
        (tag(&first), first.json(200))
    );
}

#[tokio::test]
async fn who_has_not_seen_the_newest_state_is_told() {
    let serving = Serving::begin().await;
    let first = serving.get(EXPERT).await;
    let body = json!({"min_confidence": "1"});
    for method in [Method::PATCH, Method::PUT] {
        let answer = save(&serving, method.clone(), EXPERT, None, &body).await;
        answer.problem(428, "condition-required");
        for old in [
            "\"0000000000000000\"",
            "\"other\"",
            "\"\"",
            &format!("W/{}", tag(&first)),
        ] {
            let answer = save(&serving, method.clone(), EXPERT, Some(old), &body).await;
            answer.problem(412, "changed-meanwhile");
        }
        let answer = save(&serving, method, EXPERT, Some("unquoted"), &body).await;
        answer.problem(400, "bad-request");
    }
    // The state of one owner is not that of another who has the same.
    let other = serving.get("/experts/2/settings").await;
    let answer = save(&serving, Method::PATCH, EXPERT, Some(&tag(&other)), &body).await;
    answer.problem(412, "changed-meanwhile");
    save(&serving, Method::PATCH, EXPERT, Some(&tag(&first)), &body)
        .await
        .json(200);
    let answer = save(&serving, Method::PATCH, EXPERT, Some(&tag(&first)), &body).await;
    answer.problem(412, "changed-meanwhile");
    save(
        &serving,
        Method::PATCH,
        "/experts/99/settings",
        Some("*"),
        &body,
    )
    .await
    .problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_saw_the_same_one_saves() {
    let serving = Serving::begin().await;
    for round in 0..5 {
        let seen = tag(&serving.get(EXPERT).await);
        let saves = (0..16).map(|one| {
            let (serving, seen) = (&serving, &seen);
            async move {
                let body = json!({"min_confidence": format!("{round}.{}", one + 1)});
                let answer = save(serving, Method::PATCH, EXPERT, Some(seen), &body).await;
                (answer.status, format!("{round}.{}", one + 1))
            }
        });
        let answers = join_all(saves).await;
        let won: Vec<_> = answers
            .iter()
            .filter(|(status, _)| *status == 200)
            .collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert!(
            answers
                .iter()
                .all(|(status, _)| matches!(status, 200 | 412))
        );
        let settings = serving.json(EXPERT).await;
        let saved = setting(&settings, "min_confidence")["value"].clone();
        let number = |text: &str| text.parse::<lombard_model::Decimal>().unwrap();
        assert_eq!(number(saved.as_str().unwrap()), number(&won[0].1));
    }
}

#[tokio::test]
async fn what_another_process_saved_is_not_overwritten() {
    let serving = Serving::begin().await;
    let seen = tag(&serving.get(ACCOUNT).await);
    let there = Setup::default().open_in(serving.folder.path()).await;
    let owner = lombard_store::SettingsOwner::Account(account(2));
    let definitions = lombard_accounts::account_definitions("alpaca");
    let saved = there.accounts();
    saved
        .save_setting(owner, &definitions, "paper_trading", json!(false))
        .await
        .unwrap();
    let body = json!({"paper_trading": true});
    let answer = save(&serving, Method::PATCH, ACCOUNT, Some(&seen), &body).await;
    answer.problem(412, "changed-meanwhile");
}

#[tokio::test]
async fn a_secret_goes_in_and_never_comes_out() {
    let serving = Serving::begin().await;
    let secret = "another-hidden-key";
    let settings = serving.json(ACCOUNT).await;
    let key = setting(&settings, "api_key");
    assert_eq!(
        (&key["secret"], &key["is_set"], &key["source"]),
        (&json!(true), &json!(true), &json!("saved"))
    );
    assert!(key["value"].is_null());
    let saves = [
        (Method::PATCH, json!({"api_secret": secret})),
        (Method::PATCH, json!({"api_secret": [secret]})),
        (
            Method::PUT,
            json!({"api_secret": secret, "paper_trading": secret}),
        ),
        (Method::PATCH, json!({"api_key": {"a": secret}})),
    ];
    let mut answers = Vec::new();
    for (method, body) in saves {
        answers.push(save(&serving, method, ACCOUNT, Some("*"), &body).await);
    }
    assert_eq!(answers[0].status, 200);
    for path in [
        ACCOUNT,
        "/accounts",
        "/accounts/2",
        "/calls",
        "/sessions",
        "/openapi.json",
    ] {
        answers.push(serving.get(path).await);
    }
    // The one answer that names a value names that of a setting which is none.
    answers.remove(2).problem(400, "bad-request");
    for answer in answers {
        let told = format!("{} {:?}", answer.text(), answer.headers);
        assert!(!told.contains(HIDDEN) && !told.contains(secret), "{told}");
    }
}
