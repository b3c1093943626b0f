//! `SHA256SUMS`, as `sha256sum` writes it.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::ModelError;
use crate::article::hex;

/// Verifies those of `files` that the folder's `SHA256SUMS` lists and returns
/// their checksums by name; none where the folder has no such list.
pub(super) fn verify(folder: &Path, files: &[&str]) -> Result<HashMap<String, String>, ModelError> {
    let path = folder.join("SHA256SUMS");
    if !path.is_file() {
        return Ok(HashMap::new());
    }
    let list = fs::read_to_string(&path).map_err(|source| ModelError::Read { path: path.clone(), source })?;
    let mut verified = HashMap::new();
    for (index, line) in list.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (expected, name) = line
            .split_once(char::is_whitespace)
            .map(|(sum, name)| (sum.to_ascii_lowercase(), name.trim_start().trim_start_matches('*')))
            .filter(|(sum, name)| sum.len() == 64 && !name.is_empty())
            .ok_or_else(|| ModelError::ChecksumLine { path: path.clone(), line: index + 1 })?;
        if !files.contains(&name) {
            continue;
        }
        let file = folder.join(name);
        let found = of_file(&file)?;
        if found != expected {
            return Err(ModelError::Checksum { path: file, expected, found });
        }
        verified.insert(name.to_owned(), found);
    }
    Ok(verified)
}

/// The SHA-256 of a file, in lower-case hexadecimal.
pub(super) fn of_file(path: &Path) -> Result<String, ModelError> {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hex(&hasher.finalize())),
                count => hasher.update(&buffer[..count]),
            }
        }
    };
    read().map_err(|source| ModelError::Read { path: path.to_owned(), source })
}
