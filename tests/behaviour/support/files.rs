//! The files that tests run and read.
//!
//! Owns: where they are, and the words for one that is missing.
//! Must not know: what is in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use lombard_model::dataset::Dataset;
use serde_json::Value as Json;

pub(crate) const WIDGETS: [&str; 3] = [
    "floating-pl-per-expert",
    "floating-pl-per-account",
    "balance-usage-per-expert",
];

const HOSTILE: &str = "guests/hostile";

static BUNDLED: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let read = |name: &str| (name.to_owned(), plugin(name));
    WIDGETS.map(read).into()
});

/// The widgets that come with a host.
pub(crate) fn widgets() -> impl Iterator<Item = (String, &'static [u8])> {
    let bundled = BUNDLED.iter();
    bundled.map(|(name, bytes)| (name.clone(), bytes.as_slice()))
}

pub(crate) fn guest(name: &str) -> Vec<u8> {
    let folder = built("LOMBARD_GUESTS", "guests");
    read(&folder.join(format!("guest-{name}.wasm")), "guests")
}

pub(crate) fn plugin(name: &str) -> Vec<u8> {
    let folder = built("LOMBARD_PLUGINS", "plugins");
    read(&folder.join(format!("{name}.wasm")), "build")
}

/// The program `lombard`.
pub(crate) fn binary() -> PathBuf {
    built("LOMBARD_BIN", "release/lombard")
}

/// One folder of compiled components for all tests and all runs of them: they
/// are named by digest and engine.
pub(crate) fn shared_compiled() -> PathBuf {
    let guests = built("LOMBARD_GUESTS", "guests");
    guests.with_file_name("compiled-for-tests")
}

/// One folder for what cargo makes on its way to a plugin, for all tests and all
/// runs of them.
pub(crate) fn shared_builds() -> PathBuf {
    binary().with_file_name("authors").join("target")
}

/// The names of the hostile plugins, sorted.
pub(crate) fn hostile() -> Vec<String> {
    let folder = fs::read_dir(here().join(HOSTILE)).expect("the hostile plugins");
    let paths = folder.map(|entry| entry.expect("an entry").path());
    let name = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<_> = paths.filter_map(name).collect();
    names.sort();
    names
}

/// The text of a hostile plugin's core module.
pub(crate) fn attack(name: &str) -> String {
    let path = here().join(HOSTILE).join(format!("{name}.wat"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn wit() -> PathBuf {
    here().join("../wit")
}

/// A scenario: its dataset, and what the widgets have to show of it.
pub(crate) struct Golden {
    pub(crate) name: String,
    pub(crate) dataset: Dataset,
    pub(crate) expected: Json,
}

pub(crate) fn goldens() -> Vec<Golden> {
    let folder = fs::read_dir(here().join("golden")).expect("the golden scenarios");
    let files = folder.map(|entry| entry.expect("an entry").path());
    let scenarios = files.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    scenarios.map(|path| golden(&path)).collect()
}

fn golden(path: &Path) -> Golden {
    let text = fs::read(path).expect("a scenario");
    let mut scenario: Json = serde_json::from_slice(&text).expect("a scenario is JSON");
    let dataset = scenario["dataset"].take().to_string();
    Golden {
        name: path.display().to_string(),
        dataset: Dataset::read(dataset.as_bytes()).expect("a scenario's dataset is sound"),
        expected: scenario["expected"].take(),
    }
}

/// What the demo imports: its book, and real daily bars.
pub(crate) fn demo() -> Json {
    let data = here().join("../host/cli/data");
    let text = fs::read(data.join("demo.json")).expect("the demo's book");
    let mut document: Json = serde_json::from_slice(&text).expect("the demo's book is JSON");
    let text = fs::read_to_string(data.join("market/daily_bars.csv")).expect("the bars");
    let mut lines = text.lines().map(|line| line.split(','));
    let names: Vec<_> = lines.next().expect("names").map(str::to_owned).collect();
    let bar = |line: std::str::Split<'_, char>| {
        let fields = names.iter().cloned().zip(line.map(Json::from));
        Json::Object(fields.collect())
    };
    document["bars"] = lines.map(bar).collect();
    document
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn built(variable: &str, folder: &str) -> PathBuf {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.unwrap_or_else(|| here().join("../target").join(folder))
}

fn read(path: &Path, made_by: &str) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| {
        let path = path.display();
        panic!("no {path} ({error}): `cargo xtask {made_by}` makes it, `cargo xtask test` all")
    })
}
