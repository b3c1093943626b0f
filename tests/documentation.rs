//! What the documentation shows is what the program does.

use std::{fs, path::Path, process::Command};

fn repository(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn the_architecture_page_shows_what_the_example_prints() {
    // Cargo builds examples together with tests, beside the binary.
    let binaries = assert_cmd::cargo::cargo_bin!("musamma").parent().unwrap().join("examples");
    let output = Command::new(binaries.join(format!("stages{}", std::env::consts::EXE_SUFFIX))).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.lines().count() > 8, "{printed}");
    assert!(repository("ARCHITECTURE.md").contains(&format!("```text\n{printed}```")), "{printed}");
}

#[test]
fn links_lead_somewhere() {
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = repository(page);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(target).exists(), "{page}: {target}");
        }
    }
}
