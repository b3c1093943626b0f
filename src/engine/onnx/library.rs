//! Where ONNX Runtime lies. It is no part of the program: it is loaded when a
//! model is.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use ort::{environment::Environment, logging::LogLevel};

use crate::engine::EngineError;

/// The environment variable that names the library, a file.
pub const LIBRARY_VARIABLE: &str = "MUSAMMA_ONNXRUNTIME";

/// The variable that other programs with the same binding read.
const COMMON_VARIABLE: &str = "ORT_DYLIB_PATH";

/// The library's file name.
const FILE: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// ONNX Runtime, loaded once for the whole process.
///
/// # Errors
/// [`EngineError::Library`] where there is none, or one that cannot be used.
pub(super) fn environment() -> Result<&'static Environment, EngineError> {
    static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
    static LOADING: Mutex<()> = Mutex::new(());

    let _one_at_a_time = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let path = find(&places())?;
    let unusable =
        |reason: String| EngineError::Library { reason: format!("cannot use `{}`: {reason}", path.display()) };
    let builder = ort::init_from(&path).map_err(|error| unusable(error.to_string()))?;
    let environment = builder.with_telemetry(false).build().map_err(|error| unusable(error.message().to_owned()))?;
    // What goes wrong comes back as an error; standard error belongs to the program.
    environment.set_log_level(LogLevel::Fatal);
    Ok(ENVIRONMENT.get_or_init(|| environment))
}

/// Whether there is a library; not whether it can be used.
pub(in crate::engine) fn is_installed() -> bool {
    find(&places()).is_ok()
}

/// Places of the library, the first that counts first. One that a variable names is the only one.
fn places() -> Vec<PathBuf> {
    let named = [LIBRARY_VARIABLE, COMMON_VARIABLE].into_iter().filter_map(env::var_os).find(|path| !path.is_empty());
    if let Some(path) = named {
        return vec![PathBuf::from(path)];
    }
    let in_checkout = |root: &Path| root.join("native/onnxruntime/lib").join(FILE);
    let program = env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let mut places = Vec::new();
    if let Some(folder) = folder {
        places.extend([folder.join(FILE), in_checkout(folder)]);
        places.extend(folder.parent().map(in_checkout));
    }
    places.push(in_checkout(Path::new(env!("CARGO_MANIFEST_DIR"))));
    places
}

/// The first place with a library.
fn find(places: &[PathBuf]) -> Result<PathBuf, EngineError> {
    let is_there = |path: &&PathBuf| path.is_file();
    let found = places.iter().find(is_there).and_then(|path| path.canonicalize().ok());
    found.ok_or_else(|| {
        let looked: Vec<String> = places.iter().map(|path| format!("`{}`", path.display())).collect();
        EngineError::Library { reason: format!("it is not in {}", looked.join(", ")) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_a_library_that_is_missing_are_named() {
        let places = [PathBuf::from("/no/such/place"), PathBuf::from("/nor/here")];
        let error = find(&places).unwrap_err().to_string();
        assert!(error.contains("`/no/such/place`, `/nor/here`"), "{error}");
    }

    #[test]
    fn the_first_library_there_is_counts() {
        let folder = tempfile::TempDir::new().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        std::fs::write(&two, "").unwrap();
        assert_eq!(find(&[one.clone(), two.clone()]).unwrap(), two.canonicalize().unwrap());
        std::fs::write(&one, "").unwrap();
        assert_eq!(find(&[one.clone(), two]).unwrap(), one.canonicalize().unwrap());
    }
}
