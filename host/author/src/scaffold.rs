//! Making a project from a template.
//!
//! Owns: which files a new project has, and that it is there whole or not at
//! all. Must not know: what is in a template.

use std::fs;
use std::path::{Path, PathBuf};

use lombard_model::{PluginKind, PluginName};

use crate::{AuthorError, Language, carried, sdk};

/// A project to be made.
#[derive(Clone, Debug)]
pub struct NewPlugin {
    /// The plugin's name, which is the folder's too.
    pub name: PluginName,
    /// What it does.
    pub kind: PluginKind,
    /// What it is written in.
    pub language: Language,
    /// The folder to make the project's folder in.
    pub parent: PathBuf,
    /// The user's folder for what the SDK for Rust is unpacked to.
    pub data: PathBuf,
}

/// Makes the project and gives its folder.
///
/// # Errors
/// Where there is something of that name already, or a file can't be written;
/// then nothing is left of it.
pub fn scaffold(new: &NewPlugin) -> Result<PathBuf, AuthorError> {
    let folder = new.parent.join(new.name.as_str());
    if folder.symlink_metadata().is_ok() {
        return Err(AuthorError::Occupied(folder));
    }
    let sdk = match new.language {
        Language::Rust => sdk::unpack(&new.data)?,
        Language::Js | Language::Python | Language::C => PathBuf::new(),
    };
    // Beside its place, so that it gets there in one step.
    let half = tempfile::Builder::new()
        .prefix(".lombard-new-")
        .tempdir_in(&new.parent)
        .map_err(AuthorError::file(&new.parent, "written to"))?;
    let whole = half.path().join("project");
    for (name, bytes) in files(new, &sdk) {
        write(&whole.join(name), &bytes)?;
    }
    fs::rename(&whole, &folder).map_err(AuthorError::file(&folder, "made"))?;
    Ok(folder)
}

/// The files of the project, by their names in it.
fn files(new: &NewPlugin, sdk: &Path) -> Vec<(String, Vec<u8>)> {
    let (language, kind) = (new.language.as_str(), new.kind.as_str());
    let template = format!("templates/{language}/{kind}");
    let cases = format!("templates/cases/{kind}");
    let filled = |(name, bytes): (&str, &[u8])| (placed(name), fill(bytes, new, sdk));
    let mut files: Vec<_> = carried::below(&template).map(filled).collect();
    let case = |(name, bytes): (&str, &[u8])| (format!("cases/{name}"), fill(bytes, new, sdk));
    files.extend(carried::below(&cases).map(case));
    let as_is = |folder, (name, bytes): (&str, &[u8])| (format!("{folder}/{name}"), bytes.to_vec());
    files.extend(carried::below("wit").map(|file| as_is("wit", file)));
    let helper = format!("helpers/{language}");
    files.extend(carried::below(&helper).map(|file| as_is("lombard", file)));
    files
}

/// A template can't hold a `.gitignore` that is not one of this repository.
fn placed(name: &str) -> String {
    match name {
        "gitignore" => ".gitignore".to_owned(),
        name => name.to_owned(),
    }
}

fn fill(bytes: &[u8], new: &NewPlugin, sdk: &Path) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let name = new.name.as_str();
    let sdk = toml_text(&sdk.display().to_string());
    text.replace("{{name}}", name)
        .replace("{{crate}}", &name.replace('-', "_"))
        .replace("{{title}}", &title(name))
        .replace("{{sdk}}", &sdk)
        .into_bytes()
}

/// What may stand between the quotes of a text in TOML.
fn toml_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `open-trades` as people write it: `Open trades`.
fn title(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), AuthorError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(AuthorError::file(folder, "made"))?;
    }
    fs::write(path, bytes).map_err(AuthorError::file(path, "written"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Project;

    fn new(parent: &Path, kind: PluginKind, language: Language) -> NewPlugin {
        NewPlugin {
            name: "my-plugin".parse().unwrap(),
            kind,
            language,
            parent: parent.to_owned(),
            data: parent.join("data \"of\" mine"),
        }
    }

    #[test]
    fn each_template_makes_a_whole_project_with_nothing_left_to_fill_in() {
        for language in Language::ALL {
            for kind in [PluginKind::Widget, PluginKind::Expert] {
                let parent = tempfile::tempdir().unwrap();
                let folder = scaffold(&new(parent.path(), kind, language)).unwrap();
                let project = Project::open(&folder).unwrap();
                assert_eq!((project.language, project.manifest.kind), (language, kind));
                assert_eq!(project.manifest.name.as_str(), "my-plugin");
                for file in ["README.md", ".gitignore", "wit/package.wit"] {
                    assert!(folder.join(file).is_file(), "{language} {kind}: no {file}");
                }
                for (name, bytes) in files(&new(parent.path(), kind, language), Path::new("sdk")) {
                    let text = String::from_utf8(bytes).unwrap();
                    let left = ["{{name}}", "{{crate}}", "{{title}}", "{{sdk}}"];
                    let left = left.iter().find(|left| text.contains(*left));
                    assert_eq!(left, None, "{language} {kind}: {name}");
                }
            }
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("my-plugin")).unwrap();
        let made = scaffold(&new(parent.path(), PluginKind::Widget, Language::C));
        assert!(matches!(made, Err(AuthorError::Occupied(_))), "{made:?}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_title_is_the_name_as_people_write_it() {
        assert_eq!(title("open-trades"), "Open trades");
        assert_eq!(toml_text(r#"C:\a "b""#), r#"C:\\a \"b\""#);
    }
}
