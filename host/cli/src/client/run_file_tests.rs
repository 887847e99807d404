//! Files of hosts, and of those who would like to be one.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;

use super::*;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("book.sqlite")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("book.sqlite.host")
    }

    /// Puts a file of the user's own there.
    fn put(&self, content: &str) {
        fs::write(self.file(), content).expect("a file");
        fs::set_permissions(self.file(), fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    fn refused(&self) -> String {
        let Err(error) = read(&self.database()) else {
            panic!("it was taken");
        };
        error.to_string()
    }
}

fn listening(at: &str) -> SocketAddr {
    at.parse().expect("an address")
}

#[test]
fn what_was_written_is_read_by_its_owner_alone_and_goes() {
    let (desk, token) = (Desk::new(), Token::generate().unwrap());
    assert!(read(&desk.database()).unwrap().is_none());
    desk.put("left over");
    let written = RunFile::write(&desk.database(), listening("0.0.0.0:7"), &token);
    let written = written.unwrap().unwrap();
    assert_eq!(fs::metadata(desk.file()).unwrap().mode() & 0o777, 0o600);
    let read_back = read(&desk.database()).unwrap().unwrap();
    assert_eq!(read_back.address.to_string(), "http://127.0.0.1:7");
    assert_eq!(read_back.token, token.reveal());
    drop(written);
    assert!(!desk.file().exists());
}

#[test]
fn it_is_found_through_a_link_to_the_database() {
    let (desk, token) = (Desk::new(), Token::generate().unwrap());
    fs::write(desk.database(), "").unwrap();
    let link = desk.folder.path().join("link.sqlite");
    symlink(desk.database(), &link).unwrap();
    let _written = RunFile::write(&link, listening("[::1]:7"), &token).unwrap();
    assert!(desk.file().exists());
    assert!(read(&link).unwrap().is_some());
}

#[test]
fn where_nobody_on_this_machine_would_find_it_nothing_is_said() {
    let (desk, token) = (Desk::new(), Token::generate().unwrap());
    desk.put("left over");
    let written = RunFile::write(&desk.database(), listening("192.0.2.1:7"), &token);
    assert!(written.unwrap().is_none());
    assert!(!desk.file().exists());
}

#[test]
fn what_somebody_else_may_have_written_is_not_believed() {
    let desk = Desk::new();
    let with = |url: &str, token: &str| {
        json!({"url": url, "token": token, "pid": 1, "version": "0"}).to_string()
    };
    let good = with("http://127.0.0.1:7", "lmb_1");
    for (content, why) in [
        (String::new(), "not as a host writes it"),
        ("\u{1b}[2J".to_owned(), "not as a host writes it"),
        ("[".repeat(4_000), "not as a host writes it"),
        (format!("{good}{}", " ".repeat(5_000)), "longer"),
        (with("http://192.0.2.1:7", "lmb_1"), "not on this machine"),
        (with("http://localhost:7", "lmb_1"), "not on this machine"),
        (with("https://127.0.0.1:7", "lmb_1"), "no address"),
        (with("http://127.0.0.1:7/x", "lmb_1"), "no address"),
        (with("http://127.0.0.1:7", ""), "no token"),
        (with("http://127.0.0.1:7", "a\r\nb: c"), "no token"),
    ] {
        desk.put(&content);
        let told = desk.refused();
        assert!(told.contains(why), "{content}: {told}");
    }
    desk.put(&good);
    assert!(read(&desk.database()).unwrap().is_some());
    for mode in [0o644, 0o620, 0o601] {
        fs::set_permissions(desk.file(), fs::Permissions::from_mode(mode)).unwrap();
        assert!(desk.refused().contains("others than its owner"));
    }
    fs::remove_file(desk.file()).unwrap();
    fs::create_dir(desk.file()).unwrap();
    assert!(desk.refused().contains("no file"));
    fs::remove_dir(desk.file()).unwrap();
    symlink(desk.folder.path().join("elsewhere"), desk.file()).unwrap();
    assert!(desk.refused().contains("a link"));
}
