//! The order of the modules: each uses what stands above it in `lib.rs` and nothing below.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The modules in the order in which `lib.rs` declares them.
fn modules() -> Vec<String> {
    let library = fs::read_to_string(source().join("lib.rs")).unwrap();
    library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All Rust files of a module: `NAME.rs`, or everything under `NAME/`.
fn files(module: &str) -> Vec<PathBuf> {
    let mut found = Vec::from_iter(Some(source().join(format!("{module}.rs"))).filter(|path| path.is_file()));
    let mut folders = vec![source().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The first names after `crate::` in a file, in paths and `use` trees; its
/// tests aside, which may look anywhere.
fn used(file: &Path) -> Vec<String> {
    let code = fs::read_to_string(file).unwrap();
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    code.split("crate::").skip(1).flat_map(first_names).collect()
}

/// The names a path begins with: one, or those on the first level of a `{tree}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |path: &str| path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(tree) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut depth = 0;
    let mut first_level = String::new();
    for character in tree.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ if depth == 0 => first_level.push(character),
            _ => {}
        }
    }
    first_level.split(',').map(name).collect()
}

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let mut uses = 0;
    for (own_place, module) in modules.iter().enumerate() {
        for file in files(module) {
            for (name, other) in used(&file).iter().filter_map(|name| Some((name, place(name)?))) {
                assert!(other <= own_place, "{} uses `{name}`, which stands below `{module}`", file.display());
                uses += usize::from(other < own_place);
            }
        }
    }
    assert!(uses > 20, "only {uses} uses were seen in {modules:?}");
}

#[test]
fn names_are_found_in_paths_and_trees() {
    assert_eq!(first_names("model::Label;"), ["model"]);
    assert_eq!(first_names("{\n    a::{b, c},\n    d::e,\n};"), ["a", "d", ""]);
}

#[test]
fn every_source_file_belongs_to_a_module() {
    let modules = modules();
    for entry in fs::read_dir(source()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".rs").unwrap_or(&name);
        assert!(["lib", "main"].contains(&stem) || modules.iter().any(|module| module == stem), "{name}");
    }
}
