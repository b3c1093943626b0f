"""The token-classification pipeline of transformers: ARTICLES OUTPUT MODEL BATCH_SIZE [optimum | optimum-int8].

Windows are those of musamma, 254 pieces of which 43 are shared; with `optimum` the model runs in ONNX Runtime.
"""

import pathlib

import articles
from transformers import PreTrainedTokenizerFast, pipeline

WINDOW = 256
SHARED = 43


def load(model, kind):
    if kind:
        from optimum.onnxruntime import ORTModelForTokenClassification

        name = "model.onnx" if kind == "optimum" else "model_quantized.onnx"
        return ORTModelForTokenClassification.from_pretrained(model, file_name=name)
    from transformers import AutoModelForTokenClassification

    # In f32: a processor computes in f16 at a fraction of the speed.
    return AutoModelForTokenClassification.from_pretrained(model, dtype="float32")


def main():
    source, output, model, (batch_size, *kind) = articles.arguments()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(pathlib.Path(model) / "tokenizer.json"),
        bos_token="<s>",
        cls_token="<s>",
        sep_token="</s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=WINDOW,
        model_input_names=["input_ids", "attention_mask"],
    )
    tagger = pipeline(
        "token-classification",
        model=load(model, kind[0] if kind else None),
        tokenizer=tokenizer,
        aggregation_strategy="simple",
        stride=SHARED,
        device="cpu",
    )
    records = articles.read(source)
    found = tagger([record["text"] for record in records], batch_size=int(batch_size))
    entities = [
        [(int(entity["start"]), int(entity["end"]), entity["entity_group"]) for entity in article] for article in found
    ]
    articles.write(output, records, entities)


main()
