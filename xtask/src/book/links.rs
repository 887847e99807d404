//! Links between the pages, as they are written.
//!
//! Owns: that each page is in the summary, and that a link leads to a page and a
//! heading that are there. Must not know: how pages are built; addresses
//! elsewhere are not asked.

use std::collections::{BTreeMap, BTreeSet};

use super::Page;

const SUMMARY: &str = "SUMMARY.md";

/// What is wrong with the links of these pages, each with its place.
pub(super) fn complaints(pages: &[Page]) -> Vec<String> {
    let read: Vec<_> = pages.iter().map(Read::of).collect();
    let ids: BTreeMap<_, _> = read.iter().map(|one| (one.name, &one.ids)).collect();
    let mut complaints = Vec::new();
    for page in &read {
        complaints.extend(page.faults.iter().cloned());
        for (number, link) in &page.links {
            if let Some(fault) = fault(&ids, page.name, link) {
                complaints.push(format!("{}:{number}: {fault}", page.name));
            }
        }
    }
    let summary = read.iter().find(|page| page.name == SUMMARY);
    let listed: BTreeSet<_> = summary
        .into_iter()
        .flat_map(|page| &page.links)
        .map(|(_, link)| link.as_str())
        .collect();
    let missing = read
        .iter()
        .filter(|page| page.name != SUMMARY && !listed.contains(page.name));
    complaints.extend(missing.map(|page| format!("{}: is not in {SUMMARY}", page.name)));
    complaints
}

/// Why a link leads nowhere.
fn fault(ids: &BTreeMap<&str, &BTreeSet<String>>, from: &str, link: &str) -> Option<String> {
    if link.starts_with("https://") {
        return None;
    }
    let (page, anchor) = match link.split_once('#') {
        Some((page, anchor)) => (page, Some(anchor)),
        None => (link, None),
    };
    let page = match (page, from.rsplit_once('/')) {
        ("", _) => from.to_owned(),
        (page, Some((folder, _))) => format!("{folder}/{page}"),
        (page, None) => page.to_owned(),
    };
    let Some(there) = ids.get(page.as_str()) else {
        return Some(format!("`{link}` is no page of the book"));
    };
    let anchor = anchor.filter(|anchor| !there.contains(*anchor))?;
    Some(format!("there is no heading `{anchor}` in {page}"))
}

/// What a page has for others, and where it leads.
struct Read<'p> {
    name: &'p str,
    ids: BTreeSet<String>,
    /// With the number of the line.
    links: Vec<(usize, String)>,
    faults: Vec<String>,
}

impl<'p> Read<'p> {
    fn of(page: &'p Page) -> Self {
        let mut read = Self {
            name: &page.name,
            ids: BTreeSet::new(),
            links: Vec::new(),
            faults: Vec::new(),
        };
        let mut fence: Option<(usize, &str)> = None;
        for (number, line) in (1..).zip(page.text.lines()) {
            let ticks = line.trim_start();
            let count = ticks.len() - ticks.trim_start_matches('`').len();
            match fence {
                Some((_, open)) if ticks.trim_end() == open => fence = None,
                Some(_) => {}
                None if count >= 3 => fence = Some((number, &ticks[..count])),
                None => read.line(number, line),
            }
        }
        if let Some((number, _)) = fence {
            read.complain(number, "code that does not end");
        }
        read
    }

    fn line(&mut self, number: usize, line: &str) {
        if line.starts_with('#') {
            self.heading(line.trim_start_matches('#').trim());
        }
        let text = without_code(line);
        if text.starts_with('[') && text.contains("]:") {
            self.complain(number, "write the link where it is");
        }
        let mut rest = text.as_str();
        while let Some((_, behind)) = rest.split_once("](") {
            let Some((link, behind)) = behind.split_once(')') else {
                self.complain(number, "a link that does not end");
                return;
            };
            self.links.push((number, link.to_owned()));
            rest = behind;
        }
    }

    fn complain(&mut self, number: usize, words: &str) {
        self.faults.push(format!("{}:{number}: {words}", self.name));
    }

    fn heading(&mut self, text: &str) {
        let named = text
            .split_once("{#")
            .and_then(|(_, id)| id.strip_suffix('}'));
        let id = named.map_or_else(|| id(text), str::to_owned);
        let numbered = (1..).map(|number| format!("{id}-{number}"));
        let mut free = std::iter::once(id.clone()).chain(numbered);
        // The first one that is free; there always is one.
        if let Some(id) = free.find(|id| !self.ids.contains(id)) {
            self.ids.insert(id);
        }
    }
}

/// The id that mdbook gives a heading.
fn id(text: &str) -> String {
    let letter = |letter: char| match letter {
        ' ' => Some('-'),
        other if other.is_alphanumeric() || other == '-' || other == '_' => {
            Some(other.to_ascii_lowercase())
        }
        _ => None,
    };
    text.chars().filter_map(letter).collect()
}

/// What stands between backticks is no link.
fn without_code(line: &str) -> String {
    let outside = line.split('`').step_by(2);
    outside.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages<const N: usize>(pages: [(&str, &str); N]) -> Vec<String> {
        let page = |(name, text): (&str, &str)| Page {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        complaints(&pages.map(page))
    }

    #[test]
    fn what_leads_somewhere_is_fine() {
        let found = pages([
            ("SUMMARY.md", "[A](a.md)\n- [B](b.md)"),
            (
                "a.md",
                "# A `let`, and more\n[b](b.md#b-1) [x](https://x) `[y](z)`\n```\n[y](z)\n```",
            ),
            (
                "b.md",
                "# B\n# B\n[a](a.md#a-let-and-more) [c](#c.d)\n## C {#c.d}",
            ),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn what_leads_nowhere_is_told_with_its_place() {
        let found = pages([
            ("SUMMARY.md", "[A](a.md)"),
            (
                "a.md",
                "# A\n[b](b.md#c)\n[c](c.md) [a](#b)\n[d](../../other.md)\n````\n```",
            ),
            ("b.md", "[a]: a.md\n[a](b"),
        ]);
        let told = [
            "a.md:5: code that does not end",
            "a.md:2: there is no heading `c` in b.md",
            "a.md:3: `c.md` is no page of the book",
            "a.md:3: there is no heading `b` in a.md",
            "a.md:4: `../../other.md` is no page of the book",
            "b.md:1: write the link where it is",
            "b.md:2: a link that does not end",
            "b.md: is not in SUMMARY.md",
        ];
        assert_eq!(found, told);
    }
}
