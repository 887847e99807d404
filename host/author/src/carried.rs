//! The files that new projects are made of.
//!
//! Owns: finding them by the names that `build.rs` gave them. Must not know:
//! what is in them.

static CARRIED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/carried.rs"));

/// The files below a folder, by their names in it, sorted.
pub(crate) fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let prefix = format!("{folder}/");
    CARRIED.iter().filter_map(move |(name, bytes)| {
        let name = name.strip_prefix(&prefix)?;
        Some((name, *bytes))
    })
}

/// One file.
pub(crate) fn file(name: &str) -> Option<&'static [u8]> {
    let found = CARRIED.iter().find(|(carried, _)| *carried == name);
    found.map(|(_, bytes)| *bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_and_the_sdk_are_carried() {
        assert!(below("wit").any(|(name, _)| name == "package.wit"));
        assert!(file("sdk/plugins/sdk/src/lib.rs").is_some());
        assert!(file("sdk/host/model/Cargo.toml").is_some());
        assert_eq!(below("nothing").count(), 0);
    }
}
