//! Where a model of a given name lies.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::ModelError;

/// The model that is used where none is named.
pub const DEFAULT_MODEL: &str = "e5-news-v2";

/// The environment variable that names a folder of model folders.
pub const MODELS_VARIABLE: &str = "MUSAMMA_MODELS";

/// The folder of the model that `model` names: a path (anything with a
/// separator, or an existing folder) is taken as it is; a
/// name is looked for in `$MUSAMMA_MODELS`, in `models/` of the checkout the
/// program was built in, and in `models/` beside the binary.
///
/// # Errors
/// [`ModelError::NotFound`], which lists the places.
pub fn find(model: &str) -> Result<PathBuf, ModelError> {
    let path = Path::new(model);
    if model.contains(std::path::is_separator) || path.is_dir() {
        return Ok(path.to_owned());
    }
    let beside_binary = env::current_exe().ok().and_then(|binary| Some(binary.parent()?.join("models")));
    let mut searched: Vec<PathBuf> = env::var_os(MODELS_VARIABLE).map(PathBuf::from).into_iter().collect();
    searched.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"));
    searched.extend(beside_binary);
    searched
        .iter()
        .map(|place| place.join(model))
        .find(|folder| folder.is_dir())
        .ok_or_else(|| ModelError::NotFound { name: model.to_owned(), searched: searched.clone() })
}
