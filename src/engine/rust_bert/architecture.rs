//! The architectures that rust-bert has with a classifier on each token.

use rust_bert::{
    RustBertError, albert::AlbertForTokenClassification, bert::BertForTokenClassification,
    deberta_v2::DebertaV2ForTokenClassification, distilbert::DistilBertForTokenClassification,
    electra::ElectraForTokenClassification, fnet::FNetForTokenClassification,
    longformer::LongformerForTokenClassification, mobilebert::MobileBertForTokenClassification,
    roberta::RobertaForTokenClassification, xlnet::XLNetForTokenClassification,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tch::{Kind, Tensor, nn};

/// What an encoder reads, `[batch, tokens]`.
pub(super) struct Input {
    /// Token ids.
    pub(super) ids: Tensor,
    /// 1 for a token, 0 for padding.
    pub(super) mask: Tensor,
}

/// Runs a model: logits, `[batch, tokens, labels]`. Panics where libtorch fails.
pub(super) type Forward = Box<dyn Fn(&Input) -> Result<Tensor, RustBertError> + Send>;

/// An architecture, by rust-bert's module.
///
/// DeBERTa and DeBERTa v2 are left out, because with relative positions
/// rust-bert's differ from `transformers`: logits of tiny models by 0.13 and by
/// 2.4. In v2 it divides the position scores by a size in place of the size's
/// square root; `transformers` changed in that way differs from itself by 2.3, so
/// that is most of it and maybe not all. Why v1 differs is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    Albert,
    Bert,
    DistilBert,
    Electra,
    FNet,
    Longformer,
    MobileBert,
    Roberta,
    XlNet,
}

/// Every `model_type` there is.
pub(super) const KNOWN: &[&str] = &[
    "albert",
    "bert",
    "camembert",
    "distilbert",
    "electra",
    "fnet",
    "longformer",
    "mobilebert",
    "roberta",
    "xlm-roberta",
    "xlnet",
];

/// The epsilon in the layer norms of rust-bert's BERT, whatever the configuration says.
pub(super) const BERT_EPSILON: f64 = 1e-12;

impl Architecture {
    /// The architecture of a `model_type`.
    pub(super) fn of(model_type: &str) -> Option<Self> {
        Some(match model_type {
            "albert" => Self::Albert,
            "bert" => Self::Bert,
            "distilbert" => Self::DistilBert,
            "electra" => Self::Electra,
            "fnet" => Self::FNet,
            "longformer" => Self::Longformer,
            "mobilebert" => Self::MobileBert,
            "roberta" | "xlm-roberta" | "camembert" => Self::Roberta,
            "xlnet" => Self::XlNet,
            _ => return None,
        })
    }

    /// Makes the model's variables below `root` and returns what runs it.
    ///
    /// # Errors
    /// What rust-bert finds wrong with the configuration. Panics where libtorch fails.
    pub(super) fn build(self, root: &nn::Path<'_>, config: Value) -> Result<Forward, String> {
        let refused = |error: RustBertError| error.to_string();
        let padding = config["pad_token_id"].as_i64().unwrap_or(1);
        Ok(match self {
            Self::Bert | Self::Roberta if needs_stand_in(&config) => {
                let model = DebertaV2ForTokenClassification::new(root, &parse(stand_in(config))?).map_err(refused)?;
                Box::new(move |input| {
                    let positions = (self == Self::Roberta).then(|| positions_after(padding, &input.mask));
                    model
                        .forward_t(Some(&input.ids), Some(&input.mask), None, positions.as_ref(), None, false)
                        .map(|output| output.logits)
                })
            }
            Self::Bert => {
                let model = BertForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    Ok(model.forward_t(Some(&input.ids), Some(&input.mask), None, None, None, false).logits)
                })
            }
            Self::Roberta => {
                let model = RobertaForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    // rust-bert's own count from 1, whatever the padding id is.
                    let positions = positions_after(padding, &input.mask);
                    Ok(model.forward_t(Some(&input.ids), Some(&input.mask), None, Some(&positions), None, false).logits)
                })
            }
            Self::Albert => {
                let model = AlbertForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    Ok(model.forward_t(Some(&input.ids), Some(&input.mask), None, None, None, false).logits)
                })
            }
            Self::Electra => {
                let model = ElectraForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    // rust-bert adds this mask to the scores as it is, 0 and 1.
                    let mask: Tensor = 1 - &input.mask;
                    let mask = (mask * -10_000.0).unsqueeze(1);
                    Ok(model.forward_t(Some(&input.ids), Some(&mask), None, None, None, false).logits)
                })
            }
            Self::DistilBert => {
                let model = DistilBertForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    model.forward_t(Some(&input.ids), Some(&input.mask), None, false).map(|output| output.logits)
                })
            }
            Self::MobileBert => {
                let model = MobileBertForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    model
                        .forward_t(Some(&input.ids), None, None, None, Some(&input.mask), false)
                        .map(|output| output.logits)
                })
            }
            Self::Longformer => {
                let model = LongformerForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    model
                        .forward_t(Some(&input.ids), Some(&input.mask), None, None, None, None, false)
                        .map(|output| output.logits)
                })
            }
            Self::XlNet => {
                let model = XLNetForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    Ok(model.forward_t(Some(&input.ids), Some(&input.mask), None, None, None, None, None, false).logits)
                })
            }
            Self::FNet => {
                let model = FNetForTokenClassification::new(root, &parse(config)?).map_err(refused)?;
                Box::new(move |input| {
                    one_by_one(input, |ids| {
                        model.forward_t(Some(ids), None, None, None, false).map(|output| output.logits)
                    })
                })
            }
        })
    }

    /// The name in a file of Hugging Face of a variable that `build` made.
    pub(super) fn name_in_file(self, variable: &str) -> String {
        // The stand-in's names; a BERT of rust-bert has names as in the file.
        match (self, variable.strip_prefix("deberta.")) {
            (Self::Bert | Self::Roberta, Some(rest)) => {
                let base = if self == Self::Bert { "bert" } else { "roberta" };
                format!("{base}.{}", rest.replace("_proj.", "."))
            }
            _ => variable.to_owned(),
        }
    }
}

fn parse<T: DeserializeOwned>(config: Value) -> Result<T, String> {
    serde_json::from_value(config).map_err(|error| error.to_string())
}

/// Whether the model's layer norms have another epsilon than rust-bert's BERT.
fn needs_stand_in(config: &Value) -> bool {
    config["layer_norm_eps"].as_f64().is_some_and(|epsilon| epsilon != BERT_EPSILON)
}

/// The configuration of a DeBERTa v2 that computes what this BERT does.
///
/// Without relative positions DeBERTa v2 is a BERT, and rust-bert's one takes
/// the epsilon of the configuration: RoBERTa's 1e-5 in place of 1e-12 moves
/// logits by a hundredth and more.
fn stand_in(mut config: Value) -> Value {
    if let Some(fields) = config.as_object_mut() {
        for name in ["pos_att_type", "norm_rel_ebd", "conv_kernel_size", "embedding_size", "position_buckets"] {
            fields.remove(name);
        }
        fields.insert("position_biased_input".into(), json!(true));
        fields.insert("relative_attention".into(), json!(false));
    }
    config
}

/// The positions of RoBERTa, `[batch, tokens]`: tokens count on from the padding
/// id, padding has that id.
fn positions_after(padding: i64, mask: &Tensor) -> Tensor {
    mask.cumsum(1, Kind::Int64) * mask + padding
}

/// Runs each sequence alone and without padding, for an encoder that has no
/// mask; logits at padding are 0.
fn one_by_one(
    input: &Input,
    forward: impl Fn(&Tensor) -> Result<Tensor, RustBertError>,
) -> Result<Tensor, RustBertError> {
    let (rows, tokens) = input.ids.size2()?;
    let logits = (0..rows)
        .map(|row| {
            let length = input.mask.get(row).sum(Kind::Int64).int64_value(&[]);
            let logits = forward(&input.ids.narrow(0, row, 1).narrow(1, 0, length))?;
            Ok(logits.constant_pad_nd([0, 0, 0, tokens - length]))
        })
        .collect::<Result<Vec<Tensor>, RustBertError>>()?;
    Ok(Tensor::cat(&logits, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_an_architecture() {
        assert!(KNOWN.iter().all(|name| Architecture::of(name).is_some()));
    }
}
