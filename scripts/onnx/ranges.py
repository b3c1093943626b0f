"""How far the inputs of a model's linear layers go, measured on articles."""

import json

import numpy
import onnxruntime
from float32 import Float32
from graph import Graph
from onnx import helper
from tokenizers import Tokenizer

# The most tokens of a window between its special tokens, as in src/window.rs.
_WINDOW = 254


class _Observed(Float32):
    """Arithmetic in f32 that keeps what each linear layer reads."""

    padding = False

    def __init__(self):
        self.inputs = {}

    def linear(self, graph, name, weight, bias, values, by_token=False):
        self.inputs[name] = values
        return super().linear(graph, name, weight, bias, values)

    def linears(self, graph, name, linears, values):
        self.inputs[name] = values
        return super().linears(graph, name, linears, values)


def measure(encoder, tokenizer, files):
    """For each linear layer the lowest and the highest value of each input, [inputs], on the articles of JSONL files.

    The lowest is never above 0, the highest never below.
    """
    graph, arithmetic = Graph(), _Observed()
    logits = encoder.build(graph, arithmetic)
    model = graph.model(["input_ids"], logits, encoder.labels, {})
    names = sorted(set(arithmetic.inputs.values()))
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    lowest, highest = {}, {}
    for window in _windows(Tokenizer.from_file(str(tokenizer)), files, encoder.most_tokens):
        for name, values in zip(names, session.run(names, {"input_ids": numpy.array([window])}), strict=True):
            lowest[name] = numpy.minimum(lowest.get(name, 0), values.min(axis=0))
            highest[name] = numpy.maximum(highest.get(name, 0), values.max(axis=0))
    if not lowest:
        raise ValueError("the sample has no text")
    return {layer: (lowest[name], highest[name]) for layer, name in arithmetic.inputs.items()}


def _windows(tokenizer, files, most_tokens):
    """The articles' token ids in windows with their special tokens; no window has more than `most_tokens`."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    special = tokenizer.encode("").ids
    length = min(_WINDOW, most_tokens - len(special))
    for path in files:
        for line in path.read_text(encoding="utf-8").strip().split("\n"):
            ids = tokenizer.encode(json.loads(line)["text"], add_special_tokens=False).ids
            for start in range(0, len(ids), length):
                yield [*special[:1], *ids[start : start + length], *special[1:]]
