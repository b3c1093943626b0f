"""Models as the other programs want them: FOLDER OUT [base].

Writes a copy of FOLDER with weights in f32 and the special tokens of rust-bert's tokenizers; with `base`, a model of
BERT-base's size with random weights and the tokenizer of FOLDER, whose speed is that of any such model.
"""

import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, BertConfig, BertForTokenClassification

SPECIAL = {
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "bos_token": "<s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "mask_token": "<mask>",
    "additional_special_tokens": [],
}


def main():
    folder, out, *base = sys.argv[1:]
    folder, out = pathlib.Path(folder), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if base:
        small = AutoConfig.from_pretrained(folder)
        torch.manual_seed(1)
        config = BertConfig(
            vocab_size=small.vocab_size,
            id2label=small.id2label,
            label2id=small.label2id,
            pad_token_id=small.pad_token_id,
        )
        BertForTokenClassification(config).save_pretrained(out)
    else:
        tensors = load_file(folder / "model.safetensors")
        weights = {name: tensor.float().contiguous() for name, tensor in tensors.items()}
        save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
        config = json.loads((folder / "config.json").read_text())
        config["dtype"] = "float32"
        (out / "config.json").write_text(json.dumps(config))
    shutil.copy(folder / "tokenizer.json", out)
    (out / "special_tokens_map.json").write_text(json.dumps(SPECIAL))


main()
