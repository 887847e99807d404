//! Building a plugin in C.
//!
//! Owns: the bindings, and the calls of clang. Must not know: the project.

use std::fs;
use std::path::{Path, PathBuf};

use wit_bindgen_c::{Enabled, Opts};
use wit_bindgen_core::Files;
use wit_component::ComponentEncoder;
use wit_parser::Resolve;

use super::tool::{Found, Tool};
use super::{BuildError, stage};
use crate::Project;

const CLANG: Tool = Tool {
    names: &["clang"],
    remedy: GET,
};
const LINKER: Tool = Tool {
    names: &["wasm-ld"],
    remedy: GET,
};
const LIBRARY: Tool = Tool {
    names: &["wasi-libc"],
    remedy: GET,
};
const GET: &str = "install clang for WebAssembly: `apt-get install clang lld wasi-libc \
                   libclang-rt-dev-wasm32` (on older systems with the version in the name, as \
                   `libclang-rt-14-dev-wasm32`), or on macOS `brew install llvm lld wasi-libc \
                   wasi-runtimes`, with their folders in PATH; or name an unpacked wasi-sdk in \
                   WASI_SDK_PATH";

/// Names an unpacked wasi-sdk, which has everything in one folder.
const SDK: &str = "WASI_SDK_PATH";
/// Where the C library for WebAssembly is looked for.
const SYSROOTS: [&str; 4] = [
    "/usr",
    "/opt/homebrew/opt/wasi-libc/share/wasi-sysroot",
    "/usr/local/opt/wasi-libc/share/wasi-sysroot",
    "/usr/share/wasi-sysroot",
];
/// What the bindings are called, whichever world they are of: one helper fits
/// all.
const BINDINGS: &str = "plugin";

/// The component of a project with `src/*.c`.
pub(super) fn build(project: &Project) -> Result<Vec<u8>, BuildError> {
    let (clang, sysroot) = compiler()?;
    let scratch = project.scratch("c")?;
    let stage = stage::sources(project, "c")?;
    write_bindings(project, &stage.join("bindings"))?;
    let module = scratch.join("module.wasm");
    let mut call = clang.command();
    call.args(["--target=wasm32-wasi", "-mexec-model=reactor"])
        .arg(format!("--sysroot={}", sysroot.display()))
        .args(["-std=c11", "-Oz", "-Wall", "-Wextra", "-g0"])
        // No path of this machine in what comes of it.
        .args(["-ffile-prefix-map==."])
        .args(["-Ilombard", "-Ibindings", "-Isrc"])
        .args(["-Wl,--strip-all", "-Wl,-z,stack-size=131072"])
        .args(sources(&stage)?)
        .arg("bindings/plugin_component_type.o")
        .arg("-o")
        .arg(&module)
        .current_dir(&stage);
    clang.run(&mut call)?;
    let module = fs::read(&module).map_err(BuildError::io(&module.display()))?;
    encode(&module)
}

/// The compiler, and the folder of its C library.
fn compiler() -> Result<(Found, PathBuf), BuildError> {
    if let Some(sdk) = std::env::var_os(SDK).map(PathBuf::from) {
        let clang = Found::at("clang", sdk.join("bin/clang"));
        return Ok((clang, sdk.join("share/wasi-sysroot")));
    }
    let clang = CLANG.find()?;
    LINKER.find()?;
    let has_libc = |root: &&&str| Path::new(root).join("lib/wasm32-wasi/libc.a").is_file();
    match SYSROOTS.iter().find(has_libc) {
        Some(root) => Ok((clang, PathBuf::from(root))),
        None => Err(LIBRARY.missing()),
    }
}

/// Each source, by a path that is the same whatever folder the project is in.
fn sources(stage: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let mut sources = Vec::new();
    for folder in ["bindings", "lombard", "src"] {
        let folder = stage.join(folder);
        if folder.is_dir() {
            sources.extend(stage::files(&folder, "c")?);
        }
    }
    let relative = |path: PathBuf| path.strip_prefix(stage).map(Path::to_path_buf).ok();
    Ok(sources.into_iter().filter_map(relative).collect())
}

fn write_bindings(project: &Project, folder: &Path) -> Result<(), BuildError> {
    let bindings = |error: &dyn std::fmt::Display| BuildError::Bindings(format!("{error:#}"));
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(project.wit())
        .map_err(|error| bindings(&error))?;
    let world = resolve
        .select_world(&[package], Some(&project.world()))
        .map_err(|error| bindings(&error))?;
    let options = Opts {
        rename_world: Some(BINDINGS.to_owned()),
        // A plugin that still holds its session when it returns traps.
        autodrop_borrows: Enabled::Yes,
        ..Opts::default()
    };
    let mut files = Files::default();
    options
        .build()
        .generate(&mut resolve, world, &mut files)
        .map_err(|error| bindings(&error))?;
    fs::create_dir_all(folder).map_err(BuildError::io(&folder.display()))?;
    for (name, bytes) in files.iter() {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(BuildError::io(&path.display()))?;
    }
    Ok(())
}

fn encode(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| BuildError::Encode(format!("{error:#}")))
}
