//! What a file of TypeScript declares.
//!
//! Owns: reading as much of the language as `platform.d.ts` is written in. Must
//! not know: the contract.

use super::Outline;

pub(super) fn outline(text: &str) -> Outline {
    let text = without_comments(text);
    let mut items = Outline::new();
    for statement in statements(&text) {
        let Some((head, body)) = block(&statement, "declare module ") else {
            panic!("no module: {statement}");
        };
        let name = head.trim_matches('\'');
        let name = name.strip_prefix("lombard:platform/").unwrap_or(name);
        let (name, version) = name.split_once('@').unwrap_or((name, "none"));
        items.insert(name.to_owned(), format!("module of {version}"));
        for statement in statements(body) {
            declaration(&mut items, name, &statement);
        }
    }
    items
}

fn declaration(items: &mut Outline, module: &str, statement: &str) {
    if statement.starts_with("import type ") {
        return;
    }
    if let Some((name, body)) = block(statement, "export interface ") {
        items.insert(format!("{module} {name}"), "interface".to_owned());
        for field in statements(body) {
            let (field, ty) = field.split_once(": ").expect("a field has a type");
            items.insert(format!("{module} {name}.{field}"), ty.to_owned());
        }
    } else if let Some((name, body)) = block(statement, "export class ") {
        items.insert(format!("{module} {name}"), "class".to_owned());
        let members = statements(body);
        assert_eq!(members[0], "private constructor()", "nobody makes one");
        for method in &members[1..] {
            let (method, signature) = function(method);
            items.insert(format!("{module} {name}.{method}"), signature);
        }
    } else if let Some(text) = statement.strip_prefix("export function ") {
        let (name, signature) = function(text);
        items.insert(format!("{module} {name}"), signature);
    } else if let Some(text) = statement.strip_prefix("export type ") {
        let (name, ty) = text.split_once(" =").expect("a type is something");
        let ty = ty.trim().trim_start_matches("| ");
        items.insert(format!("{module} {name}"), format!("type {ty}"));
    } else {
        panic!("what is this? {statement}");
    }
}

fn function(text: &str) -> (String, String) {
    let at = text.find('(').expect("a function has parameters");
    (text[..at].to_owned(), text[at..].to_owned())
}

/// The name and the body of a statement that begins like this.
fn block<'t>(statement: &'t str, beginning: &str) -> Option<(&'t str, &'t str)> {
    let rest = statement.strip_prefix(beginning)?;
    let (name, body) = rest.split_once('{')?;
    Some((name.trim(), body.trim_end().strip_suffix('}')?))
}

/// With each run of white space as one space.
fn without_comments(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("/*").into_iter().chain(rest.find("//")).min() {
        plain += &rest[..at];
        let end = if rest[at..].starts_with("/*") {
            "*/"
        } else {
            "\n"
        };
        let length = rest[at..].find(end).expect("a comment ends");
        rest = &rest[at + length + end.len()..];
        plain.push(' ');
    }
    plain += rest;
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Those that stand beside each other. A block ends with its brace, anything
/// else with a semicolon.
fn statements(text: &str) -> Vec<String> {
    let blocks = ["declare module ", "export interface ", "export class "];
    let mut found = Vec::new();
    let (mut statement, mut depth) = (String::new(), 0_u32);
    for c in text.chars() {
        let mut is_end = c == ';' && depth == 0;
        if !is_end {
            statement.push(c);
        }
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.checked_sub(1).expect("a brace has its other half");
                let is_block = blocks
                    .iter()
                    .any(|one| statement.trim_start().starts_with(one));
                is_end = depth == 0 && is_block;
            }
            _ => {}
        }
        if is_end {
            found.push(std::mem::take(&mut statement));
        }
    }
    // The last of a list may have no semicolon.
    found.push(statement);
    let trimmed = found.iter().map(|one| one.trim().to_owned());
    trimmed.filter(|one| !one.is_empty()).collect()
}
