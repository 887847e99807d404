//! Asking what a plugin is granted.
//!
//! Owns: what a person is told before, in which words, and how the answers are
//! read. Must not know: where they are typed, and how a plugin is installed.

use std::io::{self, BufRead, Read as _, Write};

use lombard_model::{AccountId, AccountScope, Digest, Grant, Granted, Grants, Manifest};

use crate::draw::{self, Style};

/// How often a question is put.
const TRIES: usize = 3;

/// Bytes of an answer; what is behind them is read as another one.
const LONGEST: u64 = 16 << 10;

/// Accounts that are listed by name.
const LISTED: usize = 20;

/// What is installed under the plugin's name.
pub(super) struct Before {
    pub(super) version: String,
    pub(super) digest: String,
    pub(super) granted: Granted,
}

/// What is asked.
pub(super) struct Question {
    /// What whoever answers has to know.
    told: String,
    asked: Grants,
    /// All accounts.
    accounts: Vec<AccountId>,
    /// The accounts, where they were said already.
    said: Option<AccountScope>,
    /// The accounts that an empty answer stands for.
    usual: AccountScope,
    style: Style,
}

impl Question {
    pub(super) fn new(
        (manifest, digest): (&Manifest, Digest),
        before: Option<&Before>,
        accounts: &[(AccountId, String)],
        said: Option<AccountScope>,
        style: Style,
    ) -> Self {
        let digest = digest.to_string();
        let mut told = what_it_is(manifest, &digest, style) + &what_it_asks(manifest, style);
        if !manifest.grants.is_empty() {
            told += &whose(accounts, said.as_ref(), style);
        }
        if let Some(before) = before {
            told += &difference(before, manifest, &digest, style);
        }
        let usual = before.map(|before| before.granted.accounts.clone());
        Self {
            told,
            asked: manifest.grants.clone(),
            accounts: accounts.iter().map(|(id, _)| *id).collect(),
            said,
            usual: usual.unwrap_or_default(),
            style,
        }
    }

    /// Tells, asks, and gives what is granted: nothing where the answers end,
    /// or can't be understood.
    pub(super) fn ask(
        &self,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> io::Result<Granted> {
        output.write_all(self.told.as_bytes())?;
        if self.asked.is_empty() {
            return Ok(Granted::default());
        }
        let some: Grants = self.asked.iter().take(2).collect();
        let question = format!("\nGrant all of it? [y = yes, Enter = nothing, or some: {some}] ");
        let grants = self.put(&question, input, output, |answer| self.grants(answer))?;
        let Some(grants) = grants.filter(|grants| !grants.is_empty()) else {
            return Ok(Granted::default());
        };
        if let Some(accounts) = self.said.clone() {
            return Ok(Granted { grants, accounts });
        }
        let usual = match self.usual.is_all() {
            true => "all".to_owned(),
            false => format!("{} as before, all", self.usual.words()),
        };
        let question = format!("Which accounts? [Enter = {usual}, or ids: 1,2] ");
        let accounts = self.put(&question, input, output, |answer| self.scope(answer))?;
        Ok(accounts.map_or_else(Granted::default, |accounts| Granted { grants, accounts }))
    }

    /// Puts a question until the answer can be read; none where it never can, or
    /// there is no answer any more.
    fn put<T>(
        &self,
        question: &str,
        input: &mut impl BufRead,
        output: &mut impl Write,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> io::Result<Option<T>> {
        for _ in 0..TRIES {
            output.write_all(question.as_bytes())?;
            output.flush()?;
            let mut answer = Vec::new();
            if input.take(LONGEST).read_until(b'\n', &mut answer)? == 0 {
                writeln!(output)?;
                return Ok(None);
            }
            match read(String::from_utf8_lossy(&answer).trim()) {
                Ok(value) => return Ok(Some(value)),
                Err(fault) => writeln!(output, "{}", draw::inline(&fault, self.style))?,
            }
        }
        writeln!(output, "That is not understood: nothing is granted.")?;
        Ok(None)
    }

    fn grants(&self, answer: &str) -> Result<Grants, String> {
        match answer.to_ascii_lowercase().as_str() {
            "y" | "yes" | "all" => return Ok(self.asked.clone()),
            "n" | "no" | "" => return Ok(Grants::default()),
            _ => {}
        }
        let some: Grants = answer
            .parse()
            .map_err(|fault: lombard_model::GrantError| fault.to_string())?;
        let foreign = some.without(&self.asked);
        match foreign.is_empty() {
            true => Ok(some),
            false => Err(format!("it does not ask for {foreign}")),
        }
    }

    fn scope(&self, answer: &str) -> Result<AccountScope, String> {
        if answer.is_empty() {
            return Ok(self.usual.clone());
        }
        let scope: AccountScope = answer
            .parse()
            .map_err(|fault: lombard_model::ScopeError| fault.to_string())?;
        let mut ids = scope.ids().into_iter().flatten();
        let unknown = ids.find(|id| !self.accounts.contains(id));
        drop(ids);
        match unknown {
            Some(id) => Err(format!("there is no account {id}")),
            None => Ok(scope),
        }
    }
}

fn what_it_is(manifest: &Manifest, digest: &str, style: Style) -> String {
    let (name, version, kind) = (&manifest.name, &manifest.version, manifest.kind);
    let words = draw::inline(&format!("{name} {version}, of kind {kind}"), style);
    let about = draw::inline(&manifest.description, style);
    format!("{words}\n{about}\n{digest}\n")
}

fn what_it_asks(manifest: &Manifest, style: Style) -> String {
    let (writes, reads): (Vec<_>, Vec<_>) = manifest.grants.iter().partition(|one| one.writes());
    let listed = |heading, grants: &[Grant]| match grants {
        [] => String::new(),
        some => draw::heading(heading, style) + &in_words(some, style),
    };
    if manifest.grants.is_empty() {
        return "It asks for nothing: it may compute, and nothing else.\n".to_owned();
    }
    listed("It asks to read", &reads) + &listed("It asks to write", &writes)
}

fn in_words(grants: &[Grant], style: Style) -> String {
    let entries: Vec<_> = grants
        .iter()
        .map(|grant| (grant.as_str(), grant.words()))
        .collect();
    draw::explained(&entries, style)
}

/// Which accounts it would see.
fn whose(accounts: &[(AccountId, String)], said: Option<&AccountScope>, style: Style) -> String {
    let seen = accounts
        .iter()
        .filter(|(id, _)| said.is_none_or(|scope| scope.allows(*id)));
    let mut words = match said {
        Some(scope) if !scope.is_all() => draw::heading("Of these accounts only", style),
        _ => draw::heading("Of all accounts, unless you name some", style),
    };
    for (id, name) in seen.clone().take(LISTED) {
        words += &format!("  {id}  {}\n", draw::inline(name, style));
    }
    match seen.count() {
        0 => words + "  there are none yet\n",
        many if many > LISTED => words + &format!("  and {} more\n", many - LISTED),
        _ => words,
    }
}

/// What is new against what is installed.
fn difference(before: &Before, manifest: &Manifest, digest: &str, style: Style) -> String {
    let had = &before.granted.grants;
    let (kept, more) = (
        manifest.grants.intersection(had),
        manifest.grants.without(had),
    );
    let which = match before.digest == digest {
        true => "This very binary is installed".to_owned(),
        false => format!("Version {} is installed", before.version),
    };
    let more = match more.is_empty() {
        true => "asks for nothing more".to_owned(),
        false => format!("asks for more: {more}"),
    };
    let words = format!(
        "{which}. It already may: {kept}, with {}; this one {more}. Grants are of one binary: \
         they don't pass to this one by themselves.",
        before.granted.accounts.words()
    );
    format!("\n{}\n", draw::paragraph(&words, style).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 100,
        unicode: true,
    };

    fn manifest(grants: &str) -> Manifest {
        let text = format!(
            "name = \"stranger\"\nversion = \"0.2.0\"\nkind = \"widget\"\napi = \"0.1.0\"\n\
             description = \"It is \\u001b[31mred\"\ngrants = [{grants}]\n"
        );
        Manifest::parse(&text).unwrap()
    }

    fn scope(ids: &str) -> AccountScope {
        ids.parse().unwrap()
    }

    fn grants(names: &str) -> Grants {
        names.parse().unwrap()
    }

    const ASKED: &str = "\"read:accounts\", \"read:orders\", \"write:settings\"";

    /// What is granted where this is typed, and what was told.
    fn asked(
        answers: &str,
        before: Option<&Before>,
        said: Option<AccountScope>,
    ) -> (Granted, String) {
        let accounts = [(1_u64, "Main"), (2, "Other")];
        let accounts = accounts.map(|(id, name)| (id.try_into().unwrap(), name.to_owned()));
        let of = (&manifest(ASKED), Digest::new([7; 32]));
        let question = Question::new(of, before, &accounts, said, STYLE);
        let mut told = Vec::new();
        let granted = question.ask(&mut answers.as_bytes(), &mut told).unwrap();
        (granted, String::from_utf8(told).unwrap())
    }

    #[test]
    fn yes_is_all_that_it_asks_for_and_enter_is_nothing() {
        let all = grants("read:accounts,read:orders,write:settings");
        for yes in ["y\n\n", "YES\nall\n", "all\r\n\r\n"] {
            let (granted, _) = asked(yes, None, None);
            assert_eq!(granted, all.clone().into(), "{yes:?}");
        }
        for no in ["n\n", "\n", "No\n1\n", "none\n", "", "\u{4}"] {
            let (granted, _) = asked(no, None, None);
            assert!(granted.grants.is_empty(), "{no:?}: {granted:?}");
        }
    }

    #[test]
    fn some_grants_and_some_accounts_can_be_named() {
        let (granted, told) = asked("read:orders\n2\n", None, None);
        assert_eq!(granted.grants, grants("read:orders"));
        assert_eq!(granted.accounts, scope("2"));
        assert!(told.contains("Enter = all"), "{told}");
        // Where they were said, they are not asked for.
        let (granted, told) = asked("y\n2\n", None, Some(scope("1")));
        assert_eq!(granted.accounts, scope("1"));
        assert!(!told.contains("Which accounts"), "{told}");
        assert!(told.contains("Main") && !told.contains("Other"), "{told}");
    }

    #[test]
    fn what_is_not_understood_is_asked_again_three_times_and_is_nothing_then() {
        let (granted, told) = asked("maybe\nread:prices\nread:orders\n9\nx\n1,2\n", None, None);
        assert_eq!(granted.grants, grants("read:orders"));
        assert_eq!(granted.accounts, scope("1,2"));
        for words in [
            "unknown grant",
            "does not ask for read:prices",
            "no account 9",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        let never = [
            "1\n2\n3\ny\n\n".to_owned(),
            "y\n7\n8\n9\n1\n".to_owned(),
            "y".repeat(200_000),
            "y\n".to_owned(),
        ];
        for nonsense in never {
            let (granted, told) = asked(&nonsense, None, None);
            assert_eq!(granted, Granted::default(), "{}", told.len());
            assert!(told.len() < 60_000, "{}", told.len());
        }
    }

    #[test]
    fn who_answers_is_told_what_it_is_and_nothing_moves_the_cursor() {
        let (_, told) = asked("\u{1b}[2J\n", None, None);
        for words in [
            "stranger 0.2.0, of kind widget",
            "0707",
            "It asks to read",
            "It asks to write",
            "read orders",
            "save its own settings",
            "1  Main",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert!(!told.contains('\u{1b}'), "{told:?}");
        assert!(!told.contains("already"), "{told}");
    }

    #[test]
    fn the_difference_to_what_is_installed_is_told() {
        let mut before = Before {
            version: "0.1.0".to_owned(),
            digest: "another".to_owned(),
            granted: Granted {
                grants: grants("read:accounts,write:settings"),
                accounts: scope("2"),
            },
        };
        let (granted, told) = asked("y\n\n", Some(&before), None);
        let one_line = told.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "Version 0.1.0 is installed",
            "already may: read:accounts,write:settings, with account 2",
            "asks for more: read:orders",
            "Enter = account 2 as before",
        ] {
            assert!(one_line.contains(words), "{words}: {told}");
        }
        // What it sees does not grow by pressing Enter.
        assert_eq!(granted.accounts, scope("2"));

        before.granted = grants("read:accounts,read:orders,write:settings").into();
        let (granted, told) = asked("", Some(&before), None);
        assert!(granted.grants.is_empty(), "it was granted by itself");
        assert!(told.contains("nothing more"), "{told}");
    }

    #[test]
    fn who_asks_for_nothing_is_not_asked_about() {
        let of = (&manifest(""), Digest::new([7; 32]));
        let question = Question::new(of, None, &[], None, STYLE);
        let mut told = Vec::new();
        let granted = question.ask(&mut "y\n".as_bytes(), &mut told).unwrap();
        assert!(granted.grants.is_empty());
        let told = String::from_utf8(told).unwrap();
        assert!(
            told.contains("asks for nothing") && !told.contains('?'),
            "{told}"
        );
    }
}
