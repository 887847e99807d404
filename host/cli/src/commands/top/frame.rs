//! What is shown of a host, line by line.
//!
//! Owns: what stands where, and what is left out where there is no room. Must
//! not know: terminals, or where what is shown comes from.

use lombard_model::view::{Cell, Kind};

use super::Looked;
use super::state::{Order, Plugin, State};
use crate::client::Address;
use crate::commands::source::count;
use crate::commands::{cache, session};
use crate::draw::{self, Style};

/// Below this width tables are drawn wider, and cut.
const NARROW: usize = 40;

/// What is shown.
pub(super) struct Shown {
    host: String,
    order: Order,
    state: Option<State>,
    /// Why nothing newer is seen.
    fault: Option<String>,
}

impl Shown {
    pub(super) fn of(host: &Address, order: Order) -> Self {
        Self {
            host: host.to_string(),
            order,
            state: None,
            fault: None,
        }
    }

    /// Takes over what came of looking. What was seen last stays where nothing
    /// is seen.
    pub(super) fn take(&mut self, looked: Looked) {
        match looked {
            Ok(mut state) => {
                state.sort(self.order);
                // Another one may have taken its place.
                self.host.clone_from(&state.host);
                self.state = Some(state);
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// Sorts by the next column.
    pub(super) fn sort_on(&mut self) {
        self.order = self.order.next();
        if let Some(state) = &mut self.state {
            state.sort(self.order);
        }
    }

    /// What was seen last.
    pub(super) fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// All of it, or as much as so many lines hold. No line is wider than the
    /// style says.
    pub(super) fn lines(&self, style: Style, most: Option<usize>) -> Vec<String> {
        // A line that has to be cut must have no colours in it.
        let color = style.color && style.width >= NARROW;
        let wide = Style { color, ..style };
        let mut lines = self.head(wide, most.is_some());
        if let Some(state) = &self.state {
            let mut caches = part("Caches", &cache::brief(&state.caches, wide));
            let sessions = part("Sessions", &session::words(&state.sessions, wide));
            let plugins = part(&self.of_plugins(state), &plugins(&state.plugins, wide));
            let room = most.map(|most| most.saturating_sub(lines.len() + caches.len()));
            let sessions = shortened(sessions, room.map(|room| room / 3));
            let rest = room.map(|room| room.saturating_sub(sessions.len()));
            lines.extend(shortened(plugins, rest));
            lines.extend(sessions);
            lines.append(&mut caches);
        }
        lines.truncate(most.unwrap_or(usize::MAX));
        if style.width < NARROW {
            let cut = |line: String| draw::clip(&line, style.width, style);
            lines = lines.into_iter().map(cut).collect();
        }
        lines
    }

    fn head(&self, style: Style, is_live: bool) -> Vec<String> {
        let keys = if is_live { "; q ends, s sorts" } else { "" };
        let mut words = draw::paragraph(&format!("lombard top: {}{keys}", self.host), style);
        match &self.state {
            Some(state) => words += &draw::aside(&pool(state), style),
            None => words += &draw::aside("looking", style),
        }
        if let Some(fault) = &self.fault {
            words += &draw::warning(&format!("{fault}; trying again"), style);
        }
        words.lines().map(str::to_owned).collect()
    }

    fn of_plugins(&self, state: &State) -> String {
        let (calls, order) = (state.calls, self.order.words());
        format!("Plugins in the newest {calls} calls, by {order}")
    }
}

fn pool(state: &State) -> String {
    let pool = &state.pool;
    format!(
        "{} of {} connections open, {} idle; {} sessions hold one, {} did since the start; data \
         version {}",
        pool.size, pool.max, pool.idle, pool.live_sessions, pool.sessions_opened, pool.data_version
    )
}

fn plugins(plugins: &[Plugin], style: Style) -> String {
    if plugins.is_empty() {
        return draw::aside("no plugin was called yet", style);
    }
    let columns = [
        ("Plugin", Kind::Text),
        ("Calls", Kind::Integer),
        ("Failed", Kind::Integer),
        ("Time ms", Kind::Integer),
        ("CPU ms", Kind::Integer),
        ("Statements", Kind::Integer),
        ("Memory KiB", Kind::Integer),
    ];
    let cells = |one: &Plugin| -> Vec<Cell> {
        vec![
            one.plugin.as_str().into(),
            count(one.calls),
            count(one.failures),
            count(one.wall_us / 1_000),
            count(one.cpu_us / 1_000),
            count(one.statements),
            count(one.memory_peak_bytes >> 10),
        ]
    };
    let rows: Vec<_> = plugins.iter().map(cells).collect();
    draw::table(&columns, &rows, style)
}

/// A part with its title and an empty line before it.
fn part(title: &str, drawn: &str) -> Vec<String> {
    let head = [String::new(), title.to_owned()];
    head.into_iter()
        .chain(drawn.lines().map(str::to_owned))
        .collect()
}

/// The first lines, the last of which says how many more there are.
fn shortened(mut lines: Vec<String>, most: Option<usize>) -> Vec<String> {
    let most = most.unwrap_or(usize::MAX);
    if lines.len() > most {
        let more = lines.len() - most + 1;
        lines.truncate(most.saturating_sub(1));
        if most > 0 {
            lines.push(format!("{more} more lines"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::commands::session::{Session, Sessions};

    fn style(width: usize) -> Style {
        Style {
            color: false,
            width,
            unicode: true,
        }
    }

    fn shown(plugins: &[&str]) -> Shown {
        let plugins = plugins.iter().enumerate().map(|(at, name)| Plugin {
            plugin: (*name).to_owned(),
            calls: 3,
            wall_us: 1_000_000 - u64::try_from(at).expect("a few"),
            ..Plugin::default()
        });
        let host = "http://127.0.0.1:7".parse().expect("an address");
        let mut shown = Shown::of(&host, Order::default());
        shown.take(Ok(State {
            host: host.to_string(),
            plugins: plugins.collect(),
            calls: 3,
            sessions: Sessions {
                sessions: vec![Session::of("host", "GET pool\u{1b}[2J\r\n"); 9],
            },
            ..State::default()
        }));
        shown
    }

    #[test]
    fn everything_is_there_and_the_dearest_first() {
        let text = shown(&["dear", "cheap"]).lines(style(100), None).join("\n");
        for words in [
            "http://127.0.0.1:7",
            "dear",
            "Sessions",
            "accounts",
            "by time",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(text.find("dear") < text.find("cheap"), "{text}");
    }

    #[test]
    fn nothing_of_a_stranger_reaches_the_terminal_raw() {
        let mut shown = shown(&["a\u{1b}[31m\u{7}\n\u{202e}"]);
        shown.take(Err("gone\u{1b}]0;x\u{7}".to_owned()));
        for (width, color) in [(100, false), (100, true), (20, true), (0, false)] {
            let style = Style {
                color,
                ..style(width)
            };
            for line in shown.lines(style, None) {
                let ours = line.replace("\u{1b}[", "");
                let is_safe = |c: char| !c.is_control() && c != '\u{202e}';
                assert!(ours.chars().all(is_safe), "{line:?}");
                assert!(!line.contains("[31m\u{7}"), "{line:?}");
            }
        }
    }

    #[test]
    fn it_fits_wherever_it_is_shown() {
        let names: Vec<_> = (0..50).map(|at| format!("plugin-{at}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut shown = shown(&names);
        for fault in [None, Some("the host is gone")] {
            if let Some(fault) = fault {
                shown.take(Err(fault.to_owned()));
            }
            for width in [0, 1, 10, 39, 40, 80, 300] {
                for height in [0, 1, 2, 5, 10, 24, 100] {
                    let lines = shown.lines(style(width), Some(height));
                    assert!(lines.len() <= height, "{width} x {height}");
                    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
                    assert!(widest <= width, "{width} x {height}: {lines:?}");
                }
            }
        }
        let lines = shown.lines(style(80), Some(24));
        assert!(
            lines.iter().any(|line| line.contains("more lines")),
            "{lines:?}"
        );
        assert!(
            lines.iter().any(|line| line.contains("plugin-0 ")),
            "{lines:?}"
        );
    }

    #[test]
    fn what_was_seen_last_stays_where_the_host_is_gone_and_it_is_said() {
        let mut shown = shown(&["one"]);
        shown.take(Err("there is no host at http://127.0.0.1:7".to_owned()));
        let text = shown.lines(style(100), None).join("\n");
        assert!(
            text.contains("there is no host") && text.contains("trying again"),
            "{text}"
        );
        assert!(text.contains("one"), "{text}");
        shown.take(Ok(State::default()));
        let text = shown.lines(style(100), None).join("\n");
        assert!(!text.contains("trying again"), "{text}");
        shown.sort_on();
        assert!(
            shown
                .lines(style(100), None)
                .join("\n")
                .contains("by computing")
        );
    }
}
