//! A widget that does what its setting `what` says, and shows what came of it.
//!
//! Owns: one behaviour for each value of the setting. Must not know: what a
//! test expects of it.

use lombard_sdk::prelude::*;

struct Probes;

impl Widget for Probes {
    fn render(session: &Session, _: &RenderRequest) -> Result<View, Error> {
        match settings::str("what")?.as_str() {
            "nothing" => Ok(view("Nothing").build()),
            "as_of" => Ok(view("As of")
                .stat("as_of", "As of", Kind::Time, session.as_of())
                .build()),
            "account" => account(session),
            "snapshot" => snapshot(session),
            "cached" => cached(session),
            "denied" => Ok(told("Denied", denied(session))),
            "saves" => Ok(told("Saves", saves())),
            "undeclared" => Ok(told("Undeclared", settings::get("undeclared").map(drop))),
            "calls" => calls(session),
            "looks_up" => looks_up(session),
            "ends_of_time" => ends_of_time(session),
            other => Err(Error::request(format!("can't do `{other}`"))),
        }
    }
}

/// Tries to save a setting: a widget has none of its own.
fn saves() -> Result<(), Error> {
    settings::save(&[("what", SettingValue::Str("nothing".to_owned()))])
}

/// Reads one account twice: the host is to answer both of one read.
fn account(session: &Session) -> Result<View, Error> {
    let number = settings::int("id")?;
    let id = AccountId::try_from(number).map_err(|error| Error::request(error.to_string()))?;
    // Beside the SDK, which would ask once.
    let name = || Ok::<_, Error>(session.raw().account(id.get())?.map(|account| account.name));
    let (first, second) = (name()?, name()?);
    Ok(view("Account")
        .stat("first", "First read", Kind::Text, first)
        .stat("second", "Second read", Kind::Text, second)
        .build())
}

/// Counts twice. A test that sees the log's line writes in between.
fn snapshot(session: &Session) -> Result<View, Error> {
    let first = count(session)?;
    log::info!("read once");
    let second = count(session)?;
    Ok(view("Snapshot")
        .stat("first", "First read", Kind::Integer, first)
        .stat("second", "Second read", Kind::Integer, second)
        .build())
}

/// Asks for one account twice, which the host may have at hand, then counts. A
/// test that sees the log's line writes in between.
fn cached(session: &Session) -> Result<View, Error> {
    let name = || {
        // Beside the SDK, which would ask once.
        let account = session.raw().account(1)?;
        Ok::<_, Error>(account.map(|account| account.name))
    };
    let first = name()?;
    log::info!("read once");
    if settings::int("id")? == 2 {
        let second = name()?;
        return Ok(view("Cached")
            .stat("first", "First read", Kind::Text, first)
            .stat("second", "Second read", Kind::Text, second)
            .build());
    }
    let count = count(session)?;
    Ok(view("Cached")
        .stat("first", "First read", Kind::Text, first)
        .stat("count", "Counted", Kind::Integer, count)
        .stat("second", "Second read", Kind::Text, name()?)
        .build())
}

fn count(session: &Session) -> Result<i64, Error> {
    let open = session.transactions(&TransactionFilter::open())?;
    i64::try_from(open.len()).map_err(|error| Error::other(error.to_string()))
}

/// Reads orders, which its manifest does not ask for.
fn denied(session: &Session) -> Result<(), Error> {
    let id = TransactionId::try_from(1_u64).map_err(|error| Error::other(error.to_string()))?;
    session.orders_of(&[id]).map(drop)
}

/// Asks for the time as often as the setting `id` says.
fn calls(session: &Session) -> Result<View, Error> {
    let calls = settings::int("id")?;
    let mut as_of = session.as_of();
    for _ in 1..calls {
        as_of = session.as_of();
    }
    Ok(view("Calls")
        .stat("calls", "Calls", Kind::Integer, calls)
        .stat("as_of", "As of", Kind::Time, as_of)
        .build())
}

/// Looks up one transaction after the other, as often as the setting `id`
/// says, and two accounts.
fn looks_up(session: &Session) -> Result<View, Error> {
    let mut found = 0_i64;
    for number in 1..=settings::int("id")? {
        let id = TransactionId::try_from(number);
        let id = id.map_err(|error| Error::other(error.to_string()))?;
        found += i64::from(session.transaction(id)?.is_some());
    }
    for number in [1_u64, 2] {
        let id = AccountId::try_from(number);
        let id = id.map_err(|error| Error::other(error.to_string()))?;
        found += i64::from(session.account(id)?.is_some());
    }
    Ok(view("Looked up")
        .stat("found", "Found", Kind::Integer, found)
        .build())
}

/// Reads bars up to the earliest and to the latest point in time.
fn ends_of_time(session: &Session) -> Result<View, Error> {
    let raw = session.raw();
    let [first, last] = [i64::MIN, i64::MAX].map(|until| raw.bars("S0", until, u32::MAX));
    let symbols = ["S0".to_owned()];
    let of_all = raw.bars_of(&symbols, i64::MIN, 1)?;
    let count = |bars: usize| i64::try_from(bars).unwrap_or(i64::MAX);
    Ok(view("The ends of time")
        .stat(
            "first",
            "Up to the first",
            Kind::Integer,
            count(first?.len()),
        )
        .stat("last", "Up to the last", Kind::Integer, count(last?.len()))
        .stat("of_all", "Of all", Kind::Integer, count(of_all.len()))
        .build())
}

fn told(title: &str, answer: Result<(), Error>) -> View {
    match answer {
        Ok(()) => view(title).text("there was no error").build(),
        Err(error) => view(title).text(error.to_string()).build(),
    }
}

lombard_sdk::widget!(Probes);
