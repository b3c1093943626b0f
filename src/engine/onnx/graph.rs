//! What a graph reads and gives: the tensor names of Hugging Face's exports.

use std::borrow::Cow;

use ndarray::{ArrayView2, ArrayViewMut2, s};
use ort::{
    session::{Session, SessionInputValue},
    value::{TensorRef, ValueType},
};

/// Token ids, `[batch, tokens]`.
const IDS: &str = "input_ids";
/// 1 for a token, 0 for padding, `[batch, tokens]`.
const MASK: &str = "attention_mask";
/// Which of two texts a token belongs to, `[batch, tokens]`.
const TYPES: &str = "token_type_ids";
/// The output, `[batch, tokens, labels]`.
const LOGITS: &str = "logits";

/// Names of the graph's inputs, and how many labels it gives where it says so.
#[derive(Debug)]
pub(super) struct Graph {
    inputs: Vec<String>,
    outputs: Vec<String>,
    labels: Option<usize>,
}

impl Graph {
    /// What a session reads and gives.
    pub(super) fn of(session: &Session) -> Self {
        let names = |outlets: &[ort::value::Outlet]| outlets.iter().map(|outlet| outlet.name().to_owned()).collect();
        let logits = session.outputs().iter().find(|output| output.name() == LOGITS);
        let labels = logits.and_then(|output| match output.dtype() {
            ValueType::Tensor { shape, .. } => shape.get(2).and_then(|&labels| usize::try_from(labels).ok()),
            _ => None,
        });
        Self { inputs: names(session.inputs()), outputs: names(session.outputs()), labels }
    }

    /// Checks that this is a graph that gives logits of so many labels.
    ///
    /// # Errors
    /// What it wants or gives in place of that.
    pub(super) fn check(&self, labels: usize) -> Result<(), String> {
        if let Some(unknown) = self.inputs.iter().find(|name| ![IDS, MASK, TYPES].contains(&name.as_str())) {
            return Err(format!("the graph wants an input `{unknown}`; known are {IDS}, {MASK} and {TYPES}"));
        }
        if !self.inputs.iter().any(|name| name == IDS) {
            return Err(format!("the graph has no input `{IDS}`"));
        }
        if !self.outputs.iter().any(|name| name == LOGITS) {
            return Err(format!(
                "the graph has no output `{LOGITS}`, but {}: is this a token-classification model?",
                self.outputs.join(", ")
            ));
        }
        match self.labels {
            Some(columns) if columns != labels => {
                Err(format!("the graph gives {columns} labels, `id2label` has {labels}"))
            }
            _ => Ok(()),
        }
    }

    /// Computes one window: `ids` without padding, `logits` is `[tokens, labels]`
    /// with at least as many tokens; further ones are left as they are.
    ///
    /// # Errors
    /// What ONNX Runtime says.
    pub(super) fn run(
        &self,
        session: &mut Session,
        ids: &[i64],
        mut logits: ArrayViewMut2<'_, f32>,
    ) -> Result<(), String> {
        let failed = |error: ort::Error| reason(error.message());
        let (tokens, labels) = (ids.len(), logits.ncols());
        let (mask, types) = (vec![1_i64; tokens], vec![0_i64; tokens]);
        let inputs = self.inputs.iter().map(|name| {
            let values = match name.as_str() {
                MASK => &mask[..],
                TYPES => &types[..],
                _ => ids,
            };
            let tensor = TensorRef::from_array_view(([1, tokens], values)).map_err(failed)?;
            Ok((Cow::from(name.as_str()), SessionInputValue::from(tensor)))
        });
        let inputs: Vec<_> = inputs.collect::<Result<_, String>>()?;
        let outputs = session.run(inputs).map_err(failed)?;
        let output = outputs.get(LOGITS).ok_or_else(|| format!("it gave no `{LOGITS}`"))?;
        let (shape, numbers) = output.try_extract_tensor::<f32>().map_err(failed)?;
        let expected = [1, tokens as i64, labels as i64];
        if **shape != expected {
            return Err(format!("it gave logits of shape {shape:?}, not {expected:?}"));
        }
        if numbers.iter().any(|number| !number.is_finite()) {
            return Err("its answer has infinite numbers: are the weights damaged?".into());
        }
        let numbers = ArrayView2::from_shape((tokens, labels), numbers).map_err(|error| error.to_string())?;
        logits.slice_mut(s![..tokens, ..]).assign(&numbers);
        Ok(())
    }
}

/// What ONNX Runtime says, without the name of the node that said it.
pub(super) fn reason(message: &str) -> String {
    let at = message.find("Status Message: ").map_or(0, |at| at + "Status Message: ".len());
    message[at..].lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(inputs: &[&str], outputs: &[&str]) -> Graph {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Graph { inputs: names(inputs), outputs: names(outputs), labels: Some(21) }
    }

    #[test]
    fn a_graph_that_does_not_label_tokens_is_refused() {
        assert_eq!(graph(&[IDS, MASK], &[LOGITS]).check(21), Ok(()));
        assert!(graph(&[IDS], &[LOGITS]).check(9).unwrap_err().contains("21 labels"));
        assert!(graph(&[MASK], &[LOGITS]).check(21).unwrap_err().contains("no input `input_ids`"));
        assert!(graph(&[IDS, "pixel_values"], &[LOGITS]).check(21).unwrap_err().contains("`pixel_values`"));
        assert!(graph(&[IDS], &["last_hidden_state"]).check(21).unwrap_err().contains("last_hidden_state"));
    }

    #[test]
    fn the_reason_is_what_stands_behind_the_node() {
        let message = "Non-zero status code returned while running Gather node. Name:'gather_1' Status Message: \
                       indices element out of data bounds\nmore";
        assert_eq!(reason(message), "indices element out of data bounds");
        assert_eq!(reason("no such file"), "no such file");
    }
}
