//! Compiled components on disk: used again by whoever made them, and never
//! taken from anybody else.
//!
//! Owns: the folder of them, spoilt in every way. Must not know: what a
//! component has to be, which `admission` tries.

use std::fs;

use lombard_model::Grants;
use lombard_runtime::RuntimeError;

use crate::admission::{Door, compiled_in};
use crate::support::books::Book;
use crate::support::{Setup, files, render};

#[tokio::test]
async fn a_compiled_component_is_used_again_and_a_spoilt_one_is_made_anew() {
    let (compiled, database) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let open = async || {
        let setup = Setup {
            compiled: compiled.path().to_owned(),
            ..Setup::default()
        };
        setup.open_in(database.path()).await
    };
    let host = open().await;
    host.import(Book::default().dataset()).await.unwrap();
    host.install(files::guest("probes"), Grants::all())
        .await
        .unwrap();
    let shows = render(&host, &host.plugin("guest-probes").await.unwrap())
        .await
        .unwrap()
        .view;
    host.close().await;
    let [file] = &compiled_in(compiled.path())[..] else {
        panic!("not one file: {:?}", compiled_in(compiled.path()));
    };
    let sound = fs::read(file).unwrap();
    let made = fs::metadata(file).unwrap().modified().unwrap();

    let half = sound.len() / 2;
    let mut flipped = sound.clone();
    flipped[..64].fill(0xa5);
    // Code that is sound in all but one bit, what another folder's host made,
    // and what has no seal.
    let mut late = sound.clone();
    late[half] ^= 1;
    let foreign = compiled_elsewhere().await;
    let unsealed = sound[32..].to_vec();
    assert_eq!(foreign.len(), sound.len());
    assert_ne!(foreign, sound);
    let spoilt = [
        None,
        Some(&b""[..]),
        Some(b"garbage"),
        Some(&sound[..64]),
        Some(&sound[..half]),
        Some(&sound[..sound.len() - 1]),
        Some(&flipped),
        Some(&late),
        Some(&foreign),
        Some(&unsealed),
    ];
    for (turn, spoilt) in spoilt.into_iter().enumerate() {
        if let Some(bytes) = spoilt {
            fs::remove_file(file).unwrap();
            fs::write(file, bytes).unwrap();
        }
        let host = open().await;
        let plugin = host.plugin("guest-probes").await.unwrap();
        assert_eq!(
            render(&host, &plugin).await.unwrap().view,
            shows,
            "turn {turn}"
        );
        host.close().await;
        assert_eq!(
            compiled_in(compiled.path()),
            std::slice::from_ref(file),
            "turn {turn}"
        );
        let now = fs::metadata(file).unwrap().modified().unwrap();
        match spoilt {
            None => assert_eq!(now, made, "it was compiled again"),
            Some(_) => assert_eq!(fs::read(file).unwrap(), sound, "turn {turn}"),
        }
    }
}

/// What a host with another folder keeps of the same component.
async fn compiled_elsewhere() -> Vec<u8> {
    let door = Door::new().await;
    let (probes, granted) = (files::guest("probes"), Grants::all());
    let loaded = door.host.plugin_from(&probes, &granted).await;
    loaded.expect("the guest loads");
    let [file] = &compiled_in(door.compiled.path())[..] else {
        panic!("not one file");
    };
    fs::read(file).expect("a file")
}

#[tokio::test]
async fn what_another_plugin_was_compiled_to_is_not_taken_for_this_one() {
    let door = Door::new().await;
    for name in ["probes", "traps"] {
        let guest = files::guest(name);
        door.host.plugin_from(&guest, &Grants::all()).await.unwrap();
    }
    let [one, other] = &compiled_in(door.compiled.path())[..] else {
        panic!("not two files");
    };
    let (first, second) = (fs::read(one).unwrap(), fs::read(other).unwrap());
    fs::write(one, &second).unwrap();
    fs::write(other, &first).unwrap();
    let setup = Setup {
        compiled: door.compiled.path().to_owned(),
        ..Setup::default()
    };
    let host = setup.open().await;
    for name in ["probes", "traps"] {
        let guest = files::guest(name);
        host.plugin_from(&guest, &Grants::all()).await.unwrap();
    }
    assert_eq!(fs::read(one).unwrap(), first);
    assert_eq!(fs::read(other).unwrap(), second);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_whose_key_others_may_have_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;

    let door = Door::new().await;
    let key = door.compiled.path().join("key");
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let open = async || {
        let database = tempfile::tempdir().unwrap();
        let setup = Setup {
            compiled: door.compiled.path().to_owned(),
            ..Setup::default()
        };
        setup.try_open_in(database.path()).await.map(drop)
    };
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = open().await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::CacheFolder { .. }),
        "{refused:?}"
    );
    fs::remove_file(&key).unwrap();
    fs::write(&key, b"short").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let refused = open().await.unwrap_err();
    assert!(
        matches!(refused, RuntimeError::CacheFolder { .. }),
        "{refused:?}"
    );
    fs::remove_file(&key).unwrap();
    open().await.unwrap();
}
