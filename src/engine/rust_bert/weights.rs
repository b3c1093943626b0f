//! From a safetensors file into a model's variables.

use tch::{Kind, Tensor, nn::VarStore};

use super::architecture::Architecture;
use crate::{
    engine::EngineError,
    model::{Model, WeightsFile},
};

/// The most tensors that an error names.
const NAMED: usize = 8;

/// Parts of rust-bert's encoders that labelling tokens does not use, and whose
/// weights files of Hugging Face therefore leave out.
const UNUSED: [&str; 1] = [".pooler."];

/// Names of older files: what they are today, and what they were.
const OLD_NAMES: [(&str, &str); 2] = [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")];

/// Fills the variables from the file, one tensor after the other, so that the
/// file and the model never are in memory together. Half-precision weights
/// become `f32`, the type of the variables.
///
/// # Errors
/// [`EngineError::Load`] where the file lacks variables, or has them in another
/// shape or in a type that is not `f16`, `bf16`, `f32` or `f64`.
pub(super) fn fill(
    variables: &VarStore,
    file: &mut WeightsFile,
    architecture: Architecture,
    model: &Model,
) -> Result<(), EngineError> {
    let wrong = |reason: String| EngineError::Load { path: model.weights.clone(), reason };
    let mut variables: Vec<(String, Tensor)> = variables.variables().into_iter().collect();
    variables.retain(|(name, _)| !UNUSED.iter().any(|unused| name.contains(unused)));
    variables.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut missing = Vec::new();
    for (name, mut variable) in variables {
        let name = architecture.name_in_file(&name);
        let Some(tensor) = find(file, &name) else {
            missing.push(name);
            continue;
        };
        let shape: Vec<i64> = tensor.shape.iter().map(|&side| side as i64).collect();
        if shape != variable.size() {
            return Err(wrong(format!("`{name}` is {shape:?}, the configuration makes it {:?}", variable.size())));
        }
        let kind =
            kind(tensor.dtype).ok_or_else(|| wrong(format!("`{name}` has numbers of type {:?}", tensor.dtype)))?;
        let bytes = file.read(&tensor.clone())?;
        let copied = Tensor::f_from_data_size(&bytes, &shape, kind)
            .and_then(|values| tch::no_grad(|| variable.f_copy_(&values)));
        copied.map_err(|error| wrong(super::guard::reason(&error.to_string())))?;
    }
    if missing.is_empty() { Ok(()) } else { Err(wrong(lacks(&missing, &model.config.model_type))) }
}

fn find<'file>(file: &'file WeightsFile, name: &str) -> Option<&'file safetensors::tensor::TensorInfo> {
    file.tensor(name).or_else(|| {
        let (today, past) = OLD_NAMES.iter().find(|(today, _)| name.ends_with(today))?;
        file.tensor(&name.replace(today, past))
    })
}

fn lacks(missing: &[String], model_type: &str) -> String {
    let named: Vec<String> = missing.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = match missing.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("it lacks tensors that `{model_type}` needs: {}{more}", named.join(", "))
}

/// libtorch's name of a type of floating-point numbers.
fn kind(dtype: safetensors::Dtype) -> Option<Kind> {
    Some(match dtype {
        safetensors::Dtype::F16 => Kind::Half,
        safetensors::Dtype::BF16 => Kind::BFloat16,
        safetensors::Dtype::F32 => Kind::Float,
        safetensors::Dtype::F64 => Kind::Double,
        _ => return None,
    })
}
