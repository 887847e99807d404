//! A view that is an attack on whoever looks at it: script and markup for a
//! browser, sequences for a terminal, texts that read from right to left.

use lombard_model::Grants;
use serde_json::Value as Json;

use crate::support::books::Book;
use crate::support::{Setup, wat};

/// What stands in every text. No letter of a word that a page has of its own.
const HARM: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>'\";--${7*7}{{7*7}}\
    \u{1b}[2J\u{1b}]0;owned\u{7}\r\nroot: \u{202e}evil\u{2066}\u{0}";

/// A widget that shows this text wherever a view has one.
fn shows(text: &str) -> Vec<u8> {
    let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let word = |number: usize| {
        let bytes = u32::try_from(number).expect("it is small").to_le_bytes();
        bytes.map(|byte| format!("\\{byte:02x}")).concat()
    };
    let (at, len) = (word(0x1000), word(text.len()));
    let string = format!("{at}{len}");
    // Four blocks of 48 bytes: a stat, a text, an empty state, a warning.
    let core = format!(
        r#"(data (i32.const 0x1000) "{bytes}")
        (data (i32.const 0x800) "k")
        (data (i32.const 68) "{string}{blocks}{four}")
        (data (i32.const 256) "\00")
        (data (i32.const 264) "{key}{string}")
        (data (i32.const 288) "\01")
        (data (i32.const 296) "{string}")
        (data (i32.const {second}) "\04")
        (data (i32.const {second_text}) "{string}")
        (data (i32.const {third}) "\05")
        (data (i32.const {third_text}) "{string}")
        (data (i32.const {fourth}) "\06")
        (data (i32.const {fourth_text}) "{string}")
        (func (export "render") (param i32 i32 i32) (result i32)
            (call $give_back (local.get 0)) i32.const 64)"#,
        blocks = word(256),
        four = word(4),
        key = word(0x800) + &word(1),
        second = 256 + BLOCK,
        second_text = 264 + BLOCK,
        third = 256 + 2 * BLOCK,
        third_text = 264 + 2 * BLOCK,
        fourth = 256 + 3 * BLOCK,
        fourth_text = 264 + 3 * BLOCK,
    );
    wat::widget(&core, &[])
}

/// Bytes of a block of a view.
const BLOCK: usize = 56;

#[tokio::test]
async fn it_is_data_to_the_host_and_comes_out_as_it_is() {
    let host = Setup::one_connection().open_with(Book::of(4).dataset());
    let host = host.await;
    let harms = host.plugin_from(&shows(HARM), &Grants::all()).await;
    let view = crate::support::render(&host, &harms.unwrap()).await;
    let view = view.unwrap().view;
    assert_eq!(view.title, HARM);
    assert_eq!(view.blocks.len(), 4);
    let json: Json = serde_json::to_value(&view).unwrap();
    assert_eq!(json["blocks"][1]["text"], HARM);
    assert_eq!(json["blocks"][0]["value"], HARM);
}

/// Nothing that a terminal obeys, or that hides what is written.
fn is_tame(shown: &str) -> bool {
    let obeyed = |c: char| c.is_control() && c != '\n';
    !shown.contains(obeyed) && !shown.contains(['\u{202e}', '\u{2066}'])
}

#[test]
fn no_terminal_is_fooled() {
    let user = crate::cli::harmed(&shows(HARM));
    assert!(user.contains("alert(1)"), "it is not shown: {user}");
    assert!(is_tame(&user), "{user:?}");
    // A text may have lines; a title and a value have one.
    let title = user.lines().next().unwrap_or_default();
    assert!(title.contains("owned"), "{title}");
    assert!(user.contains("\\r\\nroot:"), "{user}");
}

#[tokio::test]
async fn no_browser_is_fooled() {
    let page = crate::dashboard::harmed(shows(HARM)).await;
    assert!(page.contains("alert(1)"), "it is not shown: {page}");
    for harm in [
        "<script>alert",
        "<img src=x",
        "onerror=alert(2)>",
        "\u{1b}",
        "\u{0}",
    ] {
        assert!(!page.contains(harm), "{harm}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
}
