//! `lombard plugin watch`: an author who edits, and looks at what came of it.
//!
//! Owns: that each edit is built and tried, whatever came of the one before.
//! Must not know: how a change is noticed.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Author;

/// A round takes a second; a machine that has other work takes longer.
const LONGEST: Duration = Duration::from_mins(3);

/// A watch, which ends with its test.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn begin(author: &Author, project: &Path) -> Self {
        let mut command = author.command(project, &["plugin", "watch"]);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let (told, lines) = mpsc::channel();
        read(child.stdout.take().expect("it is piped"), told.clone());
        read(child.stderr.take().expect("it is piped"), told);
        Self { child, lines }
    }

    /// Waits until a line has these words. Nothing is said of the order of what
    /// goes to stdout and what to stderr.
    fn tells(&self, words: &str) {
        let until = Instant::now() + LONGEST;
        let mut told = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("`{words}` was not told, but: {}", told.join("\n"));
            };
            let is_it = line.contains(words);
            told.push(line);
            if is_it {
                return;
            }
        }
    }

    /// Ends it as an author does.
    fn interrupt(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it lives");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // One that has ended already does as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(from: impl Read + Send + 'static, told: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // Nobody listens any more where the test is over.
            let _ = told.send(line);
        }
    });
}

#[test]
fn each_edit_is_built_and_tried() {
    let author = Author::new();
    let project = author.new_plugin("watched", "widget", "c");
    let source = project.join("src/plugin.c");
    let good = fs::read_to_string(&source).unwrap();
    let watching = Watching::begin(&author, &project);
    watching.tells("ok     demo");

    let edited = good.replacen("\"Open trades\"", "\"Trades\"", 1);
    assert_ne!(edited, good);
    fs::write(&source, edited).unwrap();
    watching.tells("FAILED demo");

    fs::write(&source, "int broken(").unwrap();
    watching.tells("clang");

    fs::write(&source, &good).unwrap();
    watching.tells("ok     demo");

    // A case is an edit as well, and so is a file that is gone.
    let strict = project.join("cases/strict.toml");
    fs::write(&strict, "[at_most]\nstatements = 0\n").unwrap();
    watching.tells("FAILED strict");
    fs::remove_file(&strict).unwrap();
    watching.tells("ok     demo");
    assert_eq!(watching.interrupt(), Some(0));
}
