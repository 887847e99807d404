//! `lombard top`, where there is no terminal.

use super::super::serving::Serving;
use super::super::{User, books, has_keys, rows, says};

#[test]
fn without_a_terminal_one_frame_is_printed() {
    let user = User::with(&books::of(4));
    let serving = Serving::begin(&user);
    user.through(&["widget", "render", "floating-pl-per-expert"]);
    for arguments in [&["top", "--once"][..], &["top"]] {
        let frame = user.text(arguments);
        let words = [
            "floating-pl-per-expert",
            "Sessions",
            "accounts",
            "connections",
        ];
        says(&frame, &words);
        assert!(!frame.contains('\u{1b}'), "{frame:?}");
        assert!(
            frame.lines().all(|line| line.chars().count() <= 100),
            "{frame}"
        );
    }
    let seen = user.json(&["top"]);
    has_keys(&seen, &["plugins", "sessions", "pool", "caches"]);
    let plugin = &rows(&seen, "plugins")[0];
    assert_eq!(plugin["plugin"], "floating-pl-per-expert");
    assert_eq!(
        (plugin["calls"].as_u64(), plugin["failures"].as_u64()),
        (Some(1), Some(0))
    );
    serving.stop();
}
