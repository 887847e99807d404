//! What `cargo xtask bench` is asked for.
//!
//! Owns: its options and what they are by default. Must not know: what is done
//! with them.

use std::path::PathBuf;

use super::viewers::ViewersOptions;

/// What to measure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Options<'a> {
    /// Lombard beside the platform it began from.
    Peer(PeerOptions),
    /// Many who look at the dashboard at once.
    Viewers(ViewersOptions),
    /// How soon each attack is stopped, tried so many times.
    Hostile(u32),
    /// A plugin that is replaced while it is called, for so many seconds.
    Swaps(u32),
    /// What a widget waits for beside plugins that never return.
    Neighbours,
    /// The parts of a call, with the arguments for their benches.
    Parts(&'a [&'a str]),
}

/// How to measure beside the platform.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PeerOptions {
    /// Sizes of the book.
    pub(super) transactions: Vec<u32>,
    /// Renders of each side in each round.
    pub(super) renders: u32,
    /// The binary to measure; none: the one that is built.
    pub(super) binary: Option<PathBuf>,
    /// Whether to print a document instead of a table.
    pub(super) json: bool,
}

impl<'a> Options<'a> {
    /// Reads the arguments; none where they are wrong. Which benchmark is meant
    /// has to be said.
    pub(crate) fn parse(arguments: &'a [&'a str]) -> Option<Self> {
        match arguments {
            ["--hostile"] => Some(Self::Hostile(100)),
            ["--hostile", times] => count(times).map(Self::Hostile),
            ["--swaps"] => Some(Self::Swaps(30)),
            ["--swaps", seconds] => count(seconds).map(Self::Swaps),
            ["--neighbours"] => Some(Self::Neighbours),
            ["--parts"] => Some(Self::Parts(&[])),
            ["--parts", "--", rest @ ..] => Some(Self::Parts(rest)),
            ["--viewers", rest @ ..] => viewers(rest).map(Self::Viewers),
            _ => PeerOptions::parse(arguments).map(Self::Peer),
        }
    }
}

/// Sixty seconds of a hundred, unless somebody asks for something else.
fn viewers(arguments: &[&str]) -> Option<ViewersOptions> {
    let (viewers, rest) = match arguments {
        [] | ["--seconds", ..] => (100, arguments),
        [viewers, rest @ ..] => (count(viewers)?, rest),
    };
    let seconds = match rest {
        [] => 60,
        ["--seconds", seconds] => count(seconds)?,
        _ => return None,
    };
    Some(ViewersOptions { viewers, seconds })
}

impl PeerOptions {
    fn parse(arguments: &[&str]) -> Option<Self> {
        let mut options = Self {
            transactions: vec![],
            renders: 50,
            binary: None,
            json: false,
        };
        let mut with_peer = false;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match *argument {
                "--peer" => with_peer = true,
                "--json" => options.json = true,
                "--transactions" => options.transactions.push(count(rest.next()?)?),
                "--renders" => options.renders = count(rest.next()?)?,
                "--binary" => options.binary = Some(PathBuf::from(rest.next()?)),
                _ => return None,
            }
        }
        if options.transactions.is_empty() {
            options.transactions = vec![20, 200, 2_000];
        }
        with_peer.then_some(options)
    }
}

fn count(text: &str) -> Option<u32> {
    text.parse().ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_renders_are_read() {
        let options = Options::parse(&[
            "--peer",
            "--transactions",
            "20",
            "--renders",
            "7",
            "--transactions",
            "2000",
            "--binary",
            "out/lombard",
            "--json",
        ]);
        let expected = PeerOptions {
            transactions: vec![20, 2_000],
            renders: 7,
            binary: Some("out/lombard".into()),
            json: true,
        };
        assert_eq!(options, Some(Options::Peer(expected)));
        let by_default = PeerOptions::parse(&["--peer"]).unwrap();
        assert_eq!(by_default.transactions, [20, 200, 2_000]);
    }

    #[test]
    fn viewers_are_a_hundred_for_a_minute_or_as_asked_for() {
        let of = |viewers, seconds| Some(Options::Viewers(ViewersOptions { viewers, seconds }));
        assert_eq!(Options::parse(&["--viewers"]), of(100, 60));
        assert_eq!(Options::parse(&["--viewers", "7"]), of(7, 60));
        assert_eq!(Options::parse(&["--viewers", "--seconds", "5"]), of(100, 5));
        assert_eq!(
            Options::parse(&["--viewers", "7", "--seconds", "5"]),
            of(7, 5)
        );
    }

    #[test]
    fn what_is_no_option_or_no_count_is_refused() {
        for bad in [
            &[][..],
            &["--json"],
            &["--peer", "20"],
            &["--peer", "--transactions"],
            &["--peer", "--transactions", "0"],
            &["--peer", "--renders", "many"],
            &["--parts", "session"],
            &["--viewers", "0"],
            &["--viewers", "20", "30"],
            &["--viewers", "--seconds"],
            &["--parts", "--peer"],
        ] {
            assert_eq!(Options::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_stands_behind_two_dashes_is_for_the_benches() {
        let options = Options::parse(&["--parts", "--", "session", "--quick"]);
        assert_eq!(options, Some(Options::Parts(&["session", "--quick"])));
        assert_eq!(Options::parse(&["--parts"]), Some(Options::Parts(&[])));
        assert_eq!(Options::parse(&["--hostile"]), Some(Options::Hostile(100)));
        assert_eq!(
            Options::parse(&["--hostile", "20"]),
            Some(Options::Hostile(20))
        );
        assert_eq!(Options::parse(&["--hostile", "0"]), None);
        assert_eq!(Options::parse(&["--swaps"]), Some(Options::Swaps(30)));
        assert_eq!(Options::parse(&["--swaps", "5"]), Some(Options::Swaps(5)));
        assert_eq!(Options::parse(&["--neighbours"]), Some(Options::Neighbours));
        assert_eq!(Options::parse(&["--neighbours", "9"]), None);
    }
}
