//! Links between the pages, as they were built.
//!
//! Owns: that what a built page links to is there, file and id. Must not know:
//! what it was built from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Page;

/// Pages that mdbook makes for itself: one for who gets lost, whose links are
/// relative to the site, and a copy of all others.
const ITS_OWN: [&str; 3] = ["404.html", "print.html", "toc.html"];

/// What is wrong with the links of the pages in this folder.
pub(super) fn complaints(folder: &Path, pages: &[Page]) -> Vec<String> {
    let ids = pages.iter().map(|page| {
        let ids: BTreeSet<_> = attributes(&page.text, "id").collect();
        (page.name.as_str(), ids)
    });
    let ids: BTreeMap<_, _> = ids.collect();
    let mut complaints = Vec::new();
    for page in pages
        .iter()
        .filter(|page| !ITS_OWN.contains(&page.name.as_str()))
    {
        let links = attributes(&page.text, "href").chain(attributes(&page.text, "src"));
        for link in links.collect::<BTreeSet<_>>() {
            if is_dead(folder, &ids, &page.name, link) {
                complaints.push(format!("{}: `{link}` leads nowhere", page.name));
            }
        }
    }
    complaints
}

fn is_dead(folder: &Path, ids: &BTreeMap<&str, BTreeSet<&str>>, from: &str, link: &str) -> bool {
    if link.contains("://") || link.starts_with("data:") {
        return false;
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (link, None),
    };
    let file = if file.is_empty() { from } else { file };
    let Some(anchor) = anchor else {
        return !folder.join(file).exists();
    };
    ids.get(file).is_none_or(|ids| !ids.contains(anchor))
}

/// The values of an attribute, wherever it stands in a tag.
fn attributes<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let begins = format!(" {name}=\"");
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, behind) = rest.split_once(&begins)?;
        let (value, behind) = behind.split_once('"')?;
        rest = behind;
        Some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_what_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.css"), "").unwrap();
        let page = |name: &str, text: &str| Page {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let pages = [
            page(
                "a.html",
                r##"<a href="b.html#one"><link href="a.css"><a href="#two">"##,
            ),
            page("b.html", r#"<h1 class="x" id="one"><img src="c.png">"#),
            page("print.html", r#"<a href="d.html">"#),
        ];
        assert_eq!(
            complaints(folder.path(), &pages),
            [
                "a.html: `#two` leads nowhere",
                "b.html: `c.png` leads nowhere"
            ]
        );
    }
}
