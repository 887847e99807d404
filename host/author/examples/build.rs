//! Builds a project, for trying recipes out.
use lombard_author::build::{Language, Project, build};
fn main() {
    let mut args = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(args.next().unwrap());
    let out = args.next().unwrap();
    let text = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let manifest = lombard_model::Manifest::parse(&text).unwrap();
    let target = args
        .next()
        .map_or_else(|| folder.join("target"), Into::into);
    let project = Project {
        wit: folder.join("wit"),
        target,
        folder,
        manifest,
    };
    let language = Language::of(&project).unwrap();
    match build(language, &project) {
        Ok(bytes) => std::fs::write(out, bytes).unwrap(),
        Err(error) => {
            use std::error::Error;
            eprintln!("{error}: {:?}", error.source());
            std::process::exit(1)
        }
    }
}
