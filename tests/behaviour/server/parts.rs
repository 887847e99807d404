//! Each part of the API says what the library says.
//!
//! Owns: accounts, experts, plugins, runs, recommendations, calls, pool,
//! caches. Must not know: how they are asked for wrongly.

use hyper::Method;
use lombard_runtime::RunRequest;
use serde_json::{Value as Json, json};

use super::{Serving, list};
use crate::support::{expert, files};

#[tokio::test]
async fn accounts_are_listed_and_told_with_what_can_be_reached() {
    let serving = Serving::begin().await;
    let answer = serving.json("/accounts").await;
    let mut session = serving.host.session("a test");
    let rows = session.accounts().await.unwrap();
    session.end();
    let accounts = list(&answer, "accounts");
    assert_eq!(accounts.len(), rows.len());
    for (one, row) in accounts.iter().zip(&*rows) {
        let account = &row.account;
        assert_eq!(one["id"], account.id.get());
        assert_eq!(one["name"], account.name);
        assert_eq!(one["provider"], account.provider);
        assert_eq!(one["currency"], account.currency);
        let alone = serving.json(&format!("/accounts/{}", account.id)).await;
        assert_eq!(alone, *one);
    }
    assert_eq!(accounts[0]["reachable"], true);
    assert!(accounts[0]["cash"].is_string(), "{answer}");
    assert_eq!(accounts[1]["reachable"], false);
    assert!(accounts[1]["reason"].is_string() && accounts[1]["cash"].is_null());
}

#[tokio::test]
async fn experts_are_listed_and_told() {
    let serving = Serving::begin().await;
    let answer = serving.json("/experts").await;
    let experts = list(&answer, "experts");
    assert_eq!(experts.len(), 4);
    assert_eq!(experts[0]["plugin"], "moving-average-cross");
    assert_eq!(experts[0]["plugin_available"], false);
    assert_eq!(experts[3]["enabled"], false);
    serving.install(files::plugin("moving-average-cross")).await;
    let one = serving.json("/experts/1").await;
    assert_eq!(one["plugin_available"], true);
    assert_eq!(
        (&one["id"], &one["label"]),
        (&json!(1), &experts[0]["label"])
    );
}

#[tokio::test]
async fn plugins_are_told_with_their_grants_in_words_and_their_cost() {
    let serving = Serving::begin().await;
    serving.install_guest("probes").await;
    let answer = serving.json("/plugins").await;
    let plugins = list(&answer, "plugins");
    let known = serving.host.plugins().unwrap();
    assert_eq!(plugins.len(), known.len());
    for (one, entry) in plugins.iter().zip(known) {
        assert_eq!(one["name"], entry.manifest.name.as_str());
        assert_eq!(one["version"], entry.manifest.version);
        assert_eq!(one["digest"], entry.digest.to_string());
        let granted = list(one, "granted");
        assert_eq!(granted.len(), entry.granted.iter().count());
        for (told, grant) in granted.iter().zip(entry.granted.iter()) {
            assert_eq!(
                *told,
                json!({"grant": grant.as_str(), "words": grant.words()})
            );
        }
    }
    serving.json("/widgets/guest-probes").await;
    serving.host.flush_bill().await;
    let one = serving.json("/plugins/guest-probes").await;
    assert_eq!(one["source"], "installed");
    assert_eq!(list(&one, "calls")[0]["calls"], 1);
}

#[tokio::test]
async fn an_expert_is_run_and_what_it_recommends_is_paged() {
    let serving = Serving::begin().await;
    serving.install(files::plugin("moving-average-cross")).await;
    let ran = serving
        .call(Method::POST, "/experts/1/runs", &json!({}))
        .await;
    let ran = ran.json(201);
    assert_eq!(ran["symbols"], json!(["DOWN", "UP"]));
    assert_eq!(list(&ran, "recommendations").len(), 2);
    assert_eq!(ran["cost"]["sessions"], 1);
    let wanted = json!({"use_case": "open_positions", "symbols": ["UP"]});
    let ran = serving.call(Method::POST, "/experts/1/runs", &wanted).await;
    assert_eq!(ran.json(201)["symbols"], json!(["UP"]));
    for _ in 0..5 {
        let request = RunRequest {
            expert: expert(1),
            symbols: Vec::new(),
            use_case: lombard_model::UseCase::EnterMarket,
        };
        serving.host.run_expert(request).await.unwrap();
    }

    let mut session = serving.host.session("a test");
    let all = session.latest_recommendations(1_000).await.unwrap();
    session.end();
    assert!(all.len() > 8, "{all:?}");
    let mut paged: Vec<Json> = Vec::new();
    let mut page = serving.json("/recommendations?limit=4").await;
    loop {
        paged.extend_from_slice(list(&page, "recommendations"));
        let Some(next) = page["next"].as_u64() else {
            break;
        };
        assert_eq!(list(&page, "recommendations").len(), 4);
        page = serving
            .json(&format!("/recommendations?limit=4&after={next}"))
            .await;
    }
    let ids = |stored: &Json| stored["id"].as_u64().unwrap();
    let paged_ids: Vec<_> = paged.iter().map(ids).collect();
    let all_ids: Vec<_> = all.iter().map(|one| one.id.get()).collect();
    assert_eq!(paged_ids, all_ids);
    let (one, stored) = (&paged[0], &all[0]);
    assert_eq!(one["expert"], stored.expert.get());
    assert_eq!(one["explanation"], stored.recommendation.explanation);
    let confidence = stored.recommendation.confidence.normalize().to_string();
    assert_eq!(one["confidence"], confidence);
}

#[tokio::test]
async fn an_expert_that_can_not_be_run_is_told_why() {
    let serving = Serving::begin().await;
    serving.install(files::plugin("moving-average-cross")).await;
    let run = async |id: u64, body: Json| {
        let path = format!("/experts/{id}/runs");
        serving.call(Method::POST, &path, &body).await
    };
    run(4, json!({})).await.problem(409, "conflict");
    run(3, json!({})).await.problem(404, "not-found");
    run(99, json!({})).await.problem(404, "not-found");
    for bad in [
        json!({"use_case": "guess"}),
        json!({"symbols": ["two words"]}),
        json!({"symbol": []}),
        json!([]),
    ] {
        run(1, bad).await.problem(400, "bad-request");
    }
}

#[tokio::test]
async fn the_newest_calls_are_paged_by_their_number() {
    let serving = Serving::begin().await;
    for _ in 0..5 {
        serving.json("/widgets/floating-pl-per-expert").await;
        serving.json("/widgets/floating-pl-per-account").await;
    }
    let first = serving.json("/calls?limit=4").await;
    let newest = serving.host.recent_calls();
    let one = &list(&first, "calls")[0];
    let record = newest.iter().find(|call| one["id"] == call.id.0).unwrap();
    assert_eq!(one["plugin"], record.plugin.as_str());
    assert_eq!(one["cost"]["wall_us"], record.cost.wall_us);
    assert_eq!(one["outcome"], "ok");
    let next = first["next"].as_u64().unwrap();
    let second = serving
        .json(&format!("/calls?limit=1000&before={next}"))
        .await;
    assert_eq!(list(&second, "calls").len(), 6);
    assert!(second["next"].is_null());
    let of = serving.json("/calls?plugin=floating-pl-per-account").await;
    assert_eq!(list(&of, "calls").len(), 5);
}

#[tokio::test]
async fn sessions_pool_and_caches_are_told_and_caches_are_driven() {
    let serving = Serving::begin().await;
    let mut held = serving.host.session("in the way");
    held.open().await.unwrap();
    let live = serving.json("/sessions").await;
    let one = &list(&live, "sessions")[0];
    assert_eq!(
        (&one["who"], &one["call"]),
        (&json!("host"), &json!("in the way"))
    );
    let pool = serving.json("/pool").await;
    assert_eq!(pool["live_sessions"], 1);
    assert_eq!(pool["data_version"], serving.host.store().data_version().0);
    held.end();

    let warm = async |body: Json| {
        let answer = serving.call(Method::POST, "/caches/warm", &body).await;
        answer.json(200)
    };
    assert_eq!(
        warm(json!({"most_used": 1})).await,
        json!({"done": 2, "of": 2})
    );
    assert_eq!(warm(json!({})).await, json!({"done": 6, "of": 6}));
    let caches = serving.json("/caches").await;
    let told = |caches: &Json, of: &str, key: &str| caches[of][key].as_u64().unwrap();
    assert_eq!(
        (
            told(&caches, "accounts", "loaded"),
            told(&caches, "experts", "loaded")
        ),
        (2, 4)
    );
    let stats = serving.host.accounts().account_stats();
    assert_eq!(told(&caches, "accounts", "misses"), stats.misses);

    let gone = async |path: &str| {
        let path = format!("/api/v1{path}");
        let answer = serving.send(Method::DELETE, &path, &[], "").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
        serving.json("/caches").await
    };
    let caches = gone("/caches/accounts/1/settings").await;
    assert_eq!(told(&caches, "accounts", "loaded"), 1);
    assert_eq!(told(&caches, "accounts", "instances"), 2);
    let caches = gone("/caches/accounts/1").await;
    assert_eq!(told(&caches, "accounts", "instances"), 1);
    let caches = gone("/caches/experts/2").await;
    assert_eq!(told(&caches, "experts", "instances"), 3);
    gone("/caches/experts/99/settings").await;
    let caches = gone("/caches").await;
    assert_eq!(
        (
            told(&caches, "accounts", "loaded"),
            told(&caches, "experts", "loaded")
        ),
        (0, 0)
    );
}
