//! Why a host did not do what was asked.
//!
//! Owns: what is told of it, and what helps. Must not know: what was asked.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::Address;

/// How a host came to be asked.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// By the file beside its database.
    ByFile(PathBuf),
    /// With `--host`.
    ByHand,
}

/// A problem as a host tells it, RFC 9457.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) detail: String,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Nobody listens there.
    NotThere,
    /// It broke off, or took too long.
    Silent(String),
    /// What was answered is nothing that a host answers.
    Foreign(&'static str),
    /// The host says why.
    Told(Problem),
}

/// Why a host did not do what was asked.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) host: Address,
    pub(crate) named: Named,
    pub(crate) what: What,
}

impl Failure {
    /// Whether the host says that it is of this kind.
    pub(crate) fn is(&self, kind: &str) -> bool {
        matches!(&self.what, What::Told(problem) if problem.kind == kind)
    }

    /// What helps, where anything does.
    pub(crate) fn remedy(&self) -> Option<String> {
        let problem = match &self.what {
            What::NotThere | What::Silent(_) | What::Foreign(_) => return Some(self.look_for_it()),
            What::Told(problem) => problem,
        };
        let text = match problem.kind.as_str() {
            "unauthenticated" => match &self.named {
                Named::ByFile(_) => return Some(self.look_for_it()),
                Named::ByHand => {
                    "put a token of that host into LOMBARD_TOKEN: `lombard token new NAME` makes \
                     one on its database"
                }
            },
            "forbidden" => "put an operator's token into LOMBARD_TOKEN",
            "misdirected" => "name the host by its number, as http://127.0.0.1:7878",
            "unavailable" | "too-many-requests" | "changed-meanwhile" => "try again",
            "not-found" => return what_there_is(&problem.detail).map(str::to_owned),
            "call-failed" if problem.detail.contains("needs the grant") => {
                "grant it with --grant LIST or --grant-all at `plugin install`, if you trust the \
                 plugin that far"
            }
            "call-failed" => {
                "the fault is the plugin's and harmed nothing else: tell its author, with what \
                 the host's log says"
            }
            "internal" => "the host's log says why",
            "bad-request" if problem.detail.contains("setting") => "see `lombard settings list`",
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn look_for_it(&self) -> String {
        match &self.named {
            Named::ByHand => {
                "check the address, and that the host runs: `lombard serve`".to_owned()
            }
            Named::ByFile(path) => format!(
                "look whether `lombard serve` runs on this database; if none does, remove {}",
                path.display()
            ),
        }
    }
}

/// Where to see what there is instead of what is told of first. What is in
/// quotes is a name, and those of others may follow.
fn what_there_is(detail: &str) -> Option<&'static str> {
    let lists = [
        ("job", "see `lombard job list`"),
        ("expert", "see `lombard expert list`"),
        ("account", "see `lombard account list`"),
        ("plugin", "see `lombard plugin list`"),
        ("widget", "see `lombard plugin list`"),
    ];
    let words: String = detail.split('`').step_by(2).collect();
    let told = lists.into_iter().filter_map(|(word, remedy)| {
        let at = words.find(word)?;
        Some((at, remedy))
    });
    told.min().map(|(_, remedy)| remedy)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.what {
            What::NotThere => write!(f, "there is no host at {host}"),
            What::Silent(why) => write!(f, "the host at {host} did not answer: {why}"),
            What::Foreign(why) => write!(f, "what answers at {host} is no host of Lombard: {why}"),
            // Who is told this did not ask for anything that could be at fault.
            What::Told(problem) => match problem.kind.as_str() {
                "unauthenticated" | "forbidden" | "misdirected" | "too-many-requests"
                | "internal" => write!(f, "the host at {host} refuses: {}", problem.detail),
                _ => f.write_str(&problem.detail),
            },
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(what: What, named: Named) -> Failure {
        let host = "http://127.0.0.1:7".parse().expect("an address");
        Failure { host, named, what }
    }

    fn told(kind: &str, detail: &str) -> What {
        What::Told(Problem {
            kind: kind.to_owned(),
            detail: detail.to_owned(),
        })
    }

    #[test]
    fn a_file_that_leads_nowhere_is_named() {
        let named = Named::ByFile("/data/book.sqlite.host".into());
        let failure = failure(told("unauthenticated", "this token is not known"), named);
        assert!(failure.to_string().contains("http://127.0.0.1:7"));
        assert!(failure.remedy().unwrap().contains("book.sqlite.host"));
    }

    #[test]
    fn what_the_host_says_of_the_request_is_told_as_it_is() {
        let failure = failure(told("not-found", "there is no expert 7"), Named::ByHand);
        assert_eq!(failure.to_string(), "there is no expert 7");
        assert_eq!(
            failure.remedy().as_deref(),
            Some("see `lombard expert list`")
        );
        assert!(failure.is("not-found") && !failure.is("conflict"));
    }

    #[test]
    fn what_is_not_there_is_looked_up_in_the_list_of_its_kind() {
        for (detail, list) in [
            ("there is no expert 7", "expert"),
            ("`expert/7/enter-market` names no job", "job"),
            ("there is no job expert/7/a: its expert is disabled", "job"),
            ("`one-of-an-expert` is no widget", "plugin"),
            (
                "no plugin `a` is installed; there are: b-per-expert",
                "plugin",
            ),
        ] {
            let remedy = format!("see `lombard {list} list`");
            assert_eq!(what_there_is(detail), Some(&*remedy), "{detail}");
        }
        assert_eq!(what_there_is("there is nothing"), None);
    }
}
