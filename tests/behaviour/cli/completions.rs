//! `lombard completions`.
//!
//! Owns: that each shell gets a script. Must not know: what is in it.

use super::{User, says};

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = user.text(&["completions", shell]);
        says(
            &script,
            &["lombard", "widget", "recommendation", "grant-all"],
        );
        let document = user.json(&["completions", shell]);
        assert_eq!(
            (&document["shell"], &document["script"]),
            (&shell.into(), &script.into())
        );
    }
}
