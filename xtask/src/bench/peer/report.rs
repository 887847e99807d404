//! The comparison as a document and as a table.
//!
//! Owns: what is printed, and the words that say what the figures are of.
//! Must not know: how they were measured.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::figures::{Side, Size, WIDGET};

/// Whose program the peer is.
const PEER: &str = "Lombard's own program (tests/peer) in Python with SQLModel, written after the \
    notes on the platform that Lombard began from; it is not that platform's code";

/// What the times are.
const TIMES: &str = "microseconds for one render: the median of the rounds' medians";

/// What the second ratio is for.
const LEAST: &str = "the peer's processor time alone over all of Lombard's time; on a busy machine \
    a long render waits for a processor and a short one does not, so go by this one";

/// What was measured, and on what.
pub(super) struct Report {
    pub(super) sizes: Vec<Size>,
    /// The machine, as `lombard bench` has it.
    pub(super) machine: Json,
    /// The versions, as the peer has them.
    pub(super) versions: Json,
    pub(super) rounds: usize,
    pub(super) renders: u32,
}

impl Report {
    pub(super) fn json(&self) -> Json {
        json!({
            "peer": PEER,
            "widget": WIDGET,
            "times": TIMES,
            "ratio": "the peer's time over Lombard's",
            "least_ratio": LEAST,
            "rounds": self.rounds,
            "most_renders_in_a_round": self.renders,
            "machine": self.machine,
            "versions": self.versions,
            "sizes": self.sizes.iter().map(size_json).collect::<Vec<_>>(),
        })
    }

    pub(super) fn words(&self) -> String {
        let mut text = format!("{WIDGET}\n");
        let columns = [
            "Trades",
            "Side",
            "p50 µs",
            "CPU µs",
            "Times",
            "At least",
            "Sessions",
            "Statements",
        ];
        line(&mut text, &columns.map(str::to_owned));
        for size in &self.sizes {
            for (name, side) in sides(size) {
                let cells = [
                    size.transactions.to_string(),
                    name.to_owned(),
                    format!("{:.0}", side.p50),
                    side.cpu
                        .map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.0}")),
                    format!("{:.1}", side.ratio(&size.lombard)),
                    format!("{:.1}", side.least_ratio(&size.lombard)),
                    side.sessions.to_string(),
                    side.statements.to_string(),
                ];
                line(&mut text, &cells);
            }
        }
        let version = |of: &str| self.versions[of].as_str().unwrap_or("of unknown version");
        let _ = write!(
            text,
            "\nThe peer is {PEER}.\n\
             Before: a session for each look-up. After: one session, and a look-up per row. \
             Lombard: the plugin in WebAssembly.\n\
             All three showed the same rows.\n\n\
             p50: {TIMES}, of {} rounds in turns.\n\
             A round has a database that all three read anew in each of up to {} renders.\n\
             CPU: the same of the time that the peer had a processor.\n\
             Times: p50 over Lombard's p50.\n\
             At least: {LEAST}.\n\n\
             Python {}, SQLModel {}, SQLAlchemy {}, SQLite {}.",
            self.rounds,
            self.renders,
            version("python"),
            version("sqlmodel"),
            version("sqlalchemy"),
            version("sqlite"),
        );
        text
    }
}

fn sides(size: &Size) -> [(&'static str, &Side); 3] {
    [
        ("Lombard", &size.lombard),
        ("peer before", &size.before),
        ("peer after", &size.after),
    ]
}

fn line(text: &mut String, cells: &[String; 8]) {
    let [trades, side, p50, cpu, times, least, sessions, statements] = cells;
    let _ = writeln!(
        text,
        "{trades:>6}  {side:<11}  {p50:>10}  {cpu:>10}  {times:>7}  {least:>8}  {sessions:>8}  {statements:>10}"
    );
}

fn size_json(size: &Size) -> Json {
    json!({
        "transactions": size.transactions,
        "lombard": side_json(&size.lombard),
        "before": side_json(&size.before),
        "after": side_json(&size.after),
        "ratio": {
            "before": size.before.ratio(&size.lombard),
            "after": size.after.ratio(&size.lombard),
        },
        "least_ratio": {
            "before": size.before.least_ratio(&size.lombard),
            "after": size.after.least_ratio(&size.lombard),
        },
    })
}

fn side_json(side: &Side) -> Json {
    json!({
        "p50_us": side.p50,
        "rounds_us": side.rounds,
        "cpu_us": side.cpu,
        "sessions": side.sessions,
        "statements": side.statements,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let side = |p50: f64, statements: u64| Side {
            p50,
            rounds: vec![p50],
            cpu: (statements > 5).then_some(10_000.0),
            sessions: 1,
            statements,
        };
        Report {
            sizes: vec![Size {
                transactions: 20,
                lombard: side(100.0, 5),
                before: side(90_000.0, 199),
                after: side(20_050.0, 63),
            }],
            machine: json!({ "cores": 2 }),
            versions: json!({ "python": "3.11.7" }),
            rounds: 3,
            renders: 50,
        }
    }

    #[test]
    fn the_document_has_ratios_and_statements() {
        let size = &report().json()["sizes"][0];
        assert_eq!(size["ratio"], json!({ "before": 900.0, "after": 200.5 }));
        assert_eq!(size["least_ratio"]["after"], 100.0);
        assert_eq!(size["after"]["statements"], 63);
        assert_eq!(size["lombard"]["p50_us"], 100.0);
    }

    #[test]
    fn the_table_says_whose_program_the_peer_is() {
        let words = report().words();
        assert!(words.contains("not that platform's code"), "{words}");
        assert!(words.contains("peer after"), "{words}");
        assert!(words.contains("200.5"), "{words}");
    }
}
