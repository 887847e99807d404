//! Where results go.
//!
//! Owns: stdout, whether it is a terminal, JSON beside words, and notes beside
//! results. A reader that has gone (`| head`) is no error.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value as Json;

use crate::draw::{self, Style};

/// Where results go, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    style: Style,
    stderr_color: bool,
}

impl Output {
    /// Looks at the terminal, `NO_COLOR` and the locale.
    pub(crate) fn detect(json: bool, quiet: bool) -> Self {
        let colorless = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let terminal = io::stdout().is_terminal();
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self {
            json,
            quiet,
            style: Style {
                color: terminal && !colorless,
                width: width.filter(|_| terminal).unwrap_or(100),
                unicode: unicode(),
            },
            stderr_color: io::stderr().is_terminal() && !colorless,
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) fn stderr_color(&self) -> bool {
        self.stderr_color
    }

    /// What is drawn is drawn for this.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// Tells something beside the result, unless nobody wants to know.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Tells on stderr what went wrong.
    pub(crate) fn complain(&self, text: &str) {
        let text = draw::inline(text, self.style);
        // Nobody to tell is no reason to fail.
        let _ = writeln!(io::stderr(), "lombard: {text}");
    }

    /// Tells on stderr what another program said, line by line.
    pub(crate) fn lines(&self, text: &str) {
        for line in text.lines() {
            let line = draw::inline(line, self.style);
            // Nobody to tell is no reason to fail.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Prints the result: the document, or the words.
    pub(crate) fn result(
        &self,
        json: impl FnOnce() -> Json,
        words: impl FnOnce(Style) -> String,
    ) -> anyhow::Result<()> {
        let text = match self.json {
            true => format!("{:#}\n", json()),
            false => words(self.style),
        };
        print(&text)
    }

    /// Prints the result, which is a document itself, or the words.
    pub(crate) fn document(
        &self,
        document: &impl Serialize,
        words: impl FnOnce(Style) -> String,
    ) -> anyhow::Result<()> {
        let json = serde_json::to_value(document)?;
        self.result(|| json, words)
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.context("the result can't be written to stdout"),
    }
}

fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    // Without a locale most terminals of today still are UTF-8.
    locale.is_none_or(|locale| locale != "C" && locale != "POSIX")
}
