//! What the two programs said of one round, and the two joined.
//!
//! Owns: the keys that are read of both documents, the check that both show the
//! same, and the medians over the rounds. Must not know: how either is run, or
//! how the figures are printed.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

/// The widget that both render.
pub(super) const WIDGET: &str = "floating-pl-per-expert";

/// One side in one round.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    /// The middle of the round's renders, in microseconds.
    pub(super) p50: f64,
    /// The middle of what they used of a processor, in microseconds; none of
    /// Lombard, whose bench does not tell it.
    pub(super) cpu: Option<f64>,
    pub(super) sessions: u64,
    pub(super) statements: u64,
}

/// All sides in one round.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    pub(super) lombard: Figures,
    pub(super) before: Figures,
    pub(super) after: Figures,
}

/// One side over all rounds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Side {
    /// The middle of the rounds' middles, in microseconds.
    pub(super) p50: f64,
    /// Those of the rounds, in their order.
    pub(super) rounds: Vec<f64>,
    /// The middle of the rounds' middles of processor time.
    pub(super) cpu: Option<f64>,
    pub(super) sessions: u64,
    pub(super) statements: u64,
}

/// A size of the book.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Size {
    pub(super) transactions: u32,
    pub(super) lombard: Side,
    pub(super) before: Side,
    pub(super) after: Side,
}

impl Round {
    /// Joins what `lombard bench`, the peer and `lombard widget render` said of
    /// the same database.
    ///
    /// # Errors
    /// Where a document has another shape, or the peer shows other rows.
    pub(super) fn join(size: u32, bench: &Json, peer: &Json, view: &Json) -> Result<Self> {
        let shown = shown_by_lombard(view).context("the rendered view has no rows or no total")?;
        let pattern = |name: &str| {
            let run = run_of(peer, size, "pattern", name)
                .with_context(|| format!("the peer measured no {name} at {size} transactions"))?;
            let rows = json!([run["rows"], run["total"]]);
            if rows != shown {
                bail!(
                    "the peer's {name} does not show what Lombard shows at {size} \
                     transactions:\n    peer:    {rows}\n    Lombard: {shown}"
                );
            }
            Figures::read(run, "us")
                .filter(|figures| figures.cpu.is_some())
                .with_context(|| format!("the peer's {name} has no figures"))
        };
        let run = run_of(bench, size, "widget", WIDGET)
            .with_context(|| format!("lombard bench measured no {WIDGET} at {size}"))?;
        Ok(Self {
            lombard: Figures::read(run, "wasm_us").context("lombard bench gave no figures")?,
            before: pattern("before")?,
            after: pattern("after")?,
        })
    }
}

impl Figures {
    fn read(run: &Json, time: &str) -> Option<Self> {
        Some(Self {
            p50: run[time]["p50"].as_f64().filter(|p50| *p50 > 0.0)?,
            cpu: run["cpu_us"]["p50"].as_f64().filter(|cpu| *cpu > 0.0),
            sessions: run["sessions"].as_u64()?,
            statements: run["statements"].as_u64()?,
        })
    }
}

impl Size {
    /// The rounds of one size; none where there was none.
    pub(super) fn of(transactions: u32, rounds: &[Round]) -> Option<Self> {
        let side = |of: fn(&Round) -> &Figures| Side::of(rounds.iter().map(of));
        Some(Self {
            transactions,
            lombard: side(|round| &round.lombard)?,
            before: side(|round| &round.before)?,
            after: side(|round| &round.after)?,
        })
    }
}

impl Side {
    fn of<'a>(rounds: impl Iterator<Item = &'a Figures> + Clone) -> Option<Self> {
        let last = rounds.clone().last()?;
        let cpu = rounds.clone().filter_map(|figures| figures.cpu).collect();
        let rounds: Vec<f64> = rounds.map(|figures| figures.p50).collect();
        Some(Self {
            p50: median(rounds.clone())?,
            rounds,
            cpu: median(cpu),
            sessions: last.sessions,
            statements: last.statements,
        })
    }

    /// How many times as long this side takes as the other.
    pub(super) fn ratio(&self, other: &Self) -> f64 {
        ratio(self.p50, other.p50)
    }

    /// How many times as long this side uses a processor as the other takes
    /// with all its waiting: other work on the machine hardly raises that.
    pub(super) fn least_ratio(&self, other: &Self) -> f64 {
        ratio(self.cpu.unwrap_or(self.p50).min(self.p50), other.p50)
    }
}

#[expect(clippy::float_arithmetic, reason = "times are measured, not money")]
fn ratio(of: f64, to: f64) -> f64 {
    (of / to * 10.0).round() / 10.0
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

fn run_of<'a>(document: &'a Json, size: u32, key: &str, value: &str) -> Option<&'a Json> {
    let mut runs = document["runs"].as_array()?.iter();
    runs.find(|run| run["transactions"] == size && run[key] == value)
}

/// The rows of the view's table and its total, as the peer gives them.
fn shown_by_lombard(rendered: &Json) -> Option<Json> {
    let blocks = rendered["view"]["blocks"].as_array()?;
    let table = blocks.iter().find(|block| block["type"] == "table")?;
    let total = blocks.iter().find(|block| block["key"] == "total")?;
    Some(json!([table.get("rows")?, total.get("value")?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench() -> Json {
        let run = |widget: &str, transactions: u32, p50: f64| {
            json!({
                "widget": widget, "transactions": transactions, "sessions": 1, "statements": 5,
                "wasm_us": { "p50": p50, "p99": 9.0 }, "native_us": { "p50": 1.0, "p99": 2.0 },
            })
        };
        json!({ "runs": [run("other", 20, 1.0), run(WIDGET, 20, 4.0), run(WIDGET, 200, 7.0)] })
    }

    fn peer(pl: &str) -> Json {
        let run = |pattern: &str, p50: f64, sessions: u32, statements: u32| {
            json!({
                "transactions": 20, "pattern": pattern, "us": { "p50": p50, "p99": 9.0 },
                "cpu_us": { "p50": 400.0, "p99": 9.0 }, "sessions": sessions, "statements": statements,
                "rows": [{ "id": 1, "expert": "a-1", "pl": pl }], "total": pl,
            })
        };
        json!({ "runs": [run("before", 900.0, 199, 199), run("after", 410.0, 1, 63)] })
    }

    fn view() -> Json {
        json!({ "view": { "blocks": [
            { "type": "warning", "text": "a" },
            { "type": "table", "rows": [{ "expert": "a-1", "pl": "1.5", "id": 1 }] },
            { "type": "stat", "key": "total", "value": "1.5" },
        ] } })
    }

    #[test]
    fn both_documents_are_joined_by_size_and_widget() {
        let round = Round::join(20, &bench(), &peer("1.5"), &view()).unwrap();
        assert_eq!(round.lombard.p50.to_string(), "4");
        assert_eq!(round.before.sessions, 199);
        assert_eq!(round.after.statements, 63);
        let size = Size::of(20, &[round]).unwrap();
        assert_eq!(size.after.ratio(&size.lombard).to_string(), "102.5");
        assert_eq!(size.after.least_ratio(&size.lombard).to_string(), "100");
    }

    #[test]
    fn a_peer_that_shows_something_else_is_an_error() {
        let error = Round::join(20, &bench(), &peer("1.4"), &view()).unwrap_err();
        assert!(
            error.to_string().contains("does not show what Lombard"),
            "{error}"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Round::join(200, &bench(), &peer("1.5"), &view()).unwrap_err();
        assert!(error.to_string().contains("no before at 200"), "{error}");
        let error = Round::join(20, &json!({}), &peer("1.5"), &view()).unwrap_err();
        assert!(error.to_string().contains("lombard bench"), "{error}");
        let error = Round::join(20, &bench(), &peer("1.5"), &json!({})).unwrap_err();
        assert!(error.to_string().contains("no rows"), "{error}");
    }

    #[test]
    fn the_median_of_the_rounds_counts() {
        let figures = [9.0, 1.0, 3.0].map(|p50| Figures {
            p50,
            cpu: None,
            sessions: 1,
            statements: 5,
        });
        let side = Side::of(figures.iter()).unwrap();
        assert_eq!(side.p50.to_string(), "3");
        assert_eq!(side.rounds.len(), 3);
        assert_eq!(Size::of(20, &[]), None);
    }
}
