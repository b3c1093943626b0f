//! `config.json` as rust-bert reads it.
//!
//! Files of Hugging Face leave out what has its default, name activations that
//! rust-bert calls otherwise, and may ask for variants it does not have.

use std::{collections::BTreeSet, fs};

use serde_json::{Map, Value, json};

use super::architecture::{Architecture, BERT_EPSILON};
use crate::model::{Config, WeightsFile};

/// Activations of `transformers` and rust-bert's name for the same function.
const ACTIVATIONS: [(&str, &str); 11] = [
    ("gelu", "gelu"),
    ("gelu_python", "gelu"),
    ("gelu_new", "gelu_new"),
    ("gelu_fast", "gelu_new"),
    ("gelu_pytorch_tanh", "gelu_new"),
    ("relu", "relu"),
    ("silu", "swish"),
    ("swish", "swish"),
    ("mish", "mish"),
    ("tanh", "tanh"),
    ("linear", "identity"),
];

/// Sizes that are a side of some tensor.
const SIDES: [&str; 9] = [
    "vocab_size",
    "type_vocab_size",
    "hidden_size",
    "intermediate_size",
    "embedding_size",
    "dim",
    "hidden_dim",
    "d_model",
    "d_inner",
];

/// Reads the configuration for rust-bert.
///
/// Sizes are checked against the `weights`: a wrong one would otherwise cost any
/// amount of memory before it is noticed.
///
/// # Errors
/// What rust-bert cannot make a model of, and why.
pub(super) fn read(config: &Config, architecture: Architecture, weights: &WeightsFile) -> Result<Value, String> {
    let json = fs::read(&config.path).map_err(|error| error.to_string())?;
    let mut fields: Map<String, Value> = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    fields.retain(|_, value| !value.is_null());
    if let Value::Object(defaults) = defaults(architecture) {
        for (name, value) in defaults {
            fields.entry(name).or_insert(value);
        }
    }
    fields.retain(|_, value| !value.is_null());
    for name in ["hidden_act", "activation", "ff_activation", "conv_act"] {
        if let Some(value) = fields.get_mut(name) {
            *value = activation(name, value)?.into();
        }
    }
    check_sizes(&fields, weights)?;
    check_variant(&fields, architecture)?;
    if architecture == Architecture::Longformer {
        let windows = attention_windows(&fields)?;
        fields.insert("attention_window".into(), windows.into());
    }
    if architecture == Architecture::XlNet
        && let (Some(size), Some(heads)) = (number(&fields, "d_model"), number(&fields, "n_head"))
    {
        fields.entry("d_head").or_insert((size / heads).into());
    }
    // Already read, and by keys and types that rust-bert may not expect.
    let labels: Map<String, Value> =
        config.labels.iter().enumerate().map(|(id, label)| (id.to_string(), label.as_str().into())).collect();
    fields.insert("id2label".into(), Value::Object(labels));
    // Only what is read below; the rest costs memory or may not parse.
    for unused in ["label2id", "output_attentions", "output_hidden_states", "use_cache", "mem_len", "reuse_len"] {
        fields.remove(unused);
    }
    fields.retain(|name, _| !name.starts_with("summary_") && !name.starts_with("pooler_"));
    Ok(Value::Object(fields))
}

/// rust-bert's name of an activation.
fn activation(field: &str, value: &Value) -> Result<&'static str, String> {
    let name = value.as_str().unwrap_or_default();
    ACTIVATIONS.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours).ok_or_else(|| {
        let known: Vec<&str> = ACTIVATIONS.iter().map(|(theirs, _)| *theirs).collect();
        format!("`{field}` is {value}; the engine has {}", known.join(", "))
    })
}

fn number(fields: &Map<String, Value>, name: &str) -> Option<u64> {
    fields.get(name).and_then(Value::as_u64)
}

/// Longformer's window for each layer, where the file may have one number for all.
fn attention_windows(fields: &Map<String, Value>) -> Result<Vec<u64>, String> {
    let layers = number(fields, "num_hidden_layers").unwrap_or(0) as usize;
    let written = fields.get("attention_window").unwrap_or(&Value::Null);
    let windows: Option<Vec<u64>> = match written {
        Value::Array(windows) => windows.iter().map(Value::as_u64).collect(),
        one => one.as_u64().map(|window| vec![window; layers]),
    };
    windows
        .filter(|windows| {
            windows.len() == layers && windows.iter().all(|&window| window > 0 && window.is_multiple_of(2))
        })
        .ok_or_else(|| format!("`attention_window` is {written}, expected an even number for each of {layers} layers"))
}

/// Checks sizes against the weights and against each other.
fn check_sizes(fields: &Map<String, Value>, weights: &WeightsFile) -> Result<(), String> {
    let sides: BTreeSet<u64> = weights.tensors().flat_map(|tensor| &tensor.shape).map(|&side| side as u64).collect();
    let tensors = weights.tensors().count();
    for name in SIDES {
        if let Some(value) = fields.get(name)
            && !value.as_u64().is_some_and(|side| side == 0 || sides.contains(&side))
        {
            return Err(format!("`{name}` is {value}, but no tensor of the weights has such a side"));
        }
    }
    for name in ["num_hidden_layers", "n_layers", "n_layer"] {
        if let Some(value) = fields.get(name)
            && !value.as_u64().is_some_and(|layers| (1..=tensors as u64).contains(&layers))
        {
            return Err(format!("`{name}` is {value}, but the weights have {tensors} tensors"));
        }
    }
    for (size, heads) in [("hidden_size", "num_attention_heads"), ("dim", "n_heads"), ("d_model", "n_head")] {
        if let (Some(size_value), Some(value)) = (number(fields, size), fields.get(heads))
            && !value.as_u64().is_some_and(|heads| heads > 0 && size_value.is_multiple_of(heads))
        {
            return Err(format!("`{heads}` is {value}, which does not divide `{size}`, {size_value}"));
        }
    }
    Ok(())
}

/// Refuses variants of an architecture that rust-bert would run as the plain one.
fn check_variant(fields: &Map<String, Value>, architecture: Architecture) -> Result<(), String> {
    let only = |name: &str, only: Value| match fields.get(name) {
        Some(value) if *value != only => Err(format!("`{name}` is {value}; the engine has only {only}")),
        _ => Ok(()),
    };
    only("position_embedding_type", "absolute".into())?;
    match architecture {
        // Its encoder is a BERT, whose epsilon is fixed: see `stand_in`.
        Architecture::Electra => only("layer_norm_eps", BERT_EPSILON.into()),
        Architecture::MobileBert if fields.get("normalization_type") == Some(&"layer_norm".into()) => {
            only("layer_norm_eps", BERT_EPSILON.into())
        }
        // rust-bert makes as many groups as an inner group has layers.
        Architecture::Albert => only("num_hidden_groups", 1.into()).and_then(|()| only("inner_group_num", 1.into())),
        _ => Ok(()),
    }
}

/// What `transformers` takes where the file says nothing, of the fields that
/// rust-bert insists on.
fn defaults(architecture: Architecture) -> Value {
    match architecture {
        Architecture::DistilBert => json!({
            "activation": "gelu", "attention_dropout": 0.1, "dim": 768, "dropout": 0.1, "hidden_dim": 3072,
            "initializer_range": 0.02, "max_position_embeddings": 512, "n_heads": 12, "n_layers": 6,
            "qa_dropout": 0.1, "seq_classif_dropout": 0.2, "sinusoidal_pos_embds": false, "tie_weights_": true,
            "vocab_size": 30522,
        }),
        Architecture::XlNet => json!({
            "vocab_size": 32000, "d_model": 1024, "n_layer": 24, "n_head": 16, "d_inner": 4096,
            "ff_activation": "gelu", "untie_r": true, "attn_type": "bi", "initializer_range": 0.02,
            "layer_norm_eps": 1e-12, "dropout": 0.1, "bi_data": false, "same_length": false,
            "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 5,
        }),
        architecture => {
            let mut fields = json!({
                "hidden_act": "gelu", "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1,
                "hidden_size": 768, "initializer_range": 0.02, "intermediate_size": 3072,
                "max_position_embeddings": 512, "num_attention_heads": 12, "num_hidden_layers": 12,
                "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
                "bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 2,
            });
            match architecture {
                Architecture::Albert => {
                    fields["embedding_size"] = 128.into();
                    fields["hidden_act"] = "gelu_new".into();
                    fields["inner_group_num"] = 1.into();
                    fields["num_hidden_groups"] = 1.into();
                }
                Architecture::Electra => fields["embedding_size"] = 128.into(),
                Architecture::MobileBert => {
                    fields["embedding_size"] = 128.into();
                    fields["hidden_act"] = "relu".into();
                }
                Architecture::Roberta | Architecture::Longformer => fields["pad_token_id"] = 1.into(),
                Architecture::FNet => {
                    fields["hidden_act"] = "gelu_new".into();
                    fields["num_attention_heads"] = Value::Null;
                }
                _ => {}
            }
            fields
        }
    }
}
