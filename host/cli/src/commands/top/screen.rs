//! The terminal that `lombard top` has for itself.
//!
//! Owns: that it is given back however it ends, the keys, and drawing only
//! where something has changed. Must not know: what is shown.

use std::io::{self, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use anyhow::Context as _;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{execute, queue, style::Print};

use super::Looked;
use super::frame::Shown;
use crate::draw::Style;

/// How long a key, a signal or something new waits at most.
const TICK: Duration = Duration::from_millis(50);

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    End,
    Sort,
    Redraw,
    Nothing,
}

/// Shows what is seen until a key or `stop` ends it.
///
/// # Errors
/// Where the terminal can't be used.
pub(super) fn watch(
    mut shown: Shown,
    looks: &Receiver<Looked>,
    style: Style,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let screen = Screen::open().context("the terminal can't be used")?;
    let mut is_new = true;
    while !stop.load(Ordering::Relaxed) {
        while let Ok(looked) = looks.try_recv() {
            shown.take(looked);
            is_new = true;
        }
        if std::mem::take(&mut is_new) {
            screen.draw(&shown, style).context("the terminal is gone")?;
        }
        if !event::poll(TICK).context("the terminal has no keys")? {
            continue;
        }
        match wish(&event::read().context("the terminal is gone")?) {
            Wish::End => break,
            Wish::Sort => {
                shown.sort_on();
                is_new = true;
            }
            Wish::Redraw => is_new = true,
            Wish::Nothing => {}
        }
    }
    Ok(())
}

fn wish(event: &Event) -> Wish {
    let key = match event {
        Event::Resize(..) => return Wish::Redraw,
        Event::Key(key) if key.kind != KeyEventKind::Release => key,
        _ => return Wish::Nothing,
    };
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Wish::End,
        KeyCode::Char('q') | KeyCode::Esc => Wish::End,
        KeyCode::Char('s') => Wish::Sort,
        _ => Wish::Nothing,
    }
}

/// The terminal, as long as it is ours.
struct Screen;

impl Screen {
    fn open() -> io::Result<Self> {
        // A panic tells itself before anything is dropped: where it is seen.
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                before(panic);
            }));
        });
        terminal::enable_raw_mode()?;
        // From here on it is given back, also where the next step fails.
        let screen = Self;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(screen)
    }

    fn draw(&self, shown: &Shown, style: Style) -> io::Result<()> {
        let (width, height) = match terminal::size()? {
            // One that says nothing of itself.
            (0, _) | (_, 0) => (80, 24),
            size => size,
        };
        let style = Style {
            width: width.into(),
            ..style
        };
        let lines = shown.lines(style, Some(height.into()));
        let mut frame = Vec::new();
        queue!(frame, BeginSynchronizedUpdate)?;
        for (row, line) in (0..height).zip(&lines) {
            // Cleared first: behind a full line the cursor is still on it.
            let clear = Clear(ClearType::CurrentLine);
            queue!(frame, MoveTo(0, row), clear, Print(line))?;
        }
        if let Ok(below) = u16::try_from(lines.len())
            && below < height
        {
            queue!(frame, MoveTo(0, below), Clear(ClearType::FromCursorDown))?;
        }
        queue!(frame, EndSynchronizedUpdate)?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&frame)?;
        stdout.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Twice does no harm, and where there is no terminal any more nobody is left
/// to tell.
fn give_back() {
    let _ = execute!(io::stdout(), Show, LeaveAlternateScreen);
    let _ = terminal::disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyEventState};

    use super::*;

    #[test]
    fn keys_do_what_the_help_says() {
        let key = |code, modifiers| wish(&Event::Key(KeyEvent::new(code, modifiers)));
        let none = KeyModifiers::NONE;
        assert_eq!(key(KeyCode::Char('q'), none), Wish::End);
        assert_eq!(key(KeyCode::Esc, none), Wish::End);
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Wish::End);
        assert_eq!(key(KeyCode::Char('c'), none), Wish::Nothing);
        assert_eq!(key(KeyCode::Char('s'), none), Wish::Sort);
        assert_eq!(wish(&Event::Resize(1, 1)), Wish::Redraw);
        let released = KeyEvent {
            code: KeyCode::Char('q'),
            modifiers: none,
            kind: KeyEventKind::Release,
            state: KeyEventState::NONE,
        };
        assert_eq!(wish(&Event::Key(released)), Wish::Nothing);
    }
}
