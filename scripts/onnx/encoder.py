"""From the weights of a model folder to its ONNX graph, for encoders of BERT's shape.

Between the embeddings and the logits the tokens of all windows lie below each other, [batch × tokens, hidden]. Queries,
keys and values are one matrix product, with the division by the square root of a head's size in the weights. How linear
layers and the word embedding are computed is left to `arithmetic`: see `float32.py` and `int8.py`.
"""

import numpy

# What ONNX calls an activation, its attributes, and a bound that its values never fall below.
_GELU_LEAST = -0.1701
_ACTIVATIONS = {
    "gelu": ("Gelu", {}, _GELU_LEAST),
    "gelu_python": ("Gelu", {}, _GELU_LEAST),
    "gelu_new": ("Gelu", {"approximate": "tanh"}, _GELU_LEAST),
    "gelu_fast": ("Gelu", {"approximate": "tanh"}, _GELU_LEAST),
    "gelu_pytorch_tanh": ("Gelu", {"approximate": "tanh"}, _GELU_LEAST),
    "relu": ("Relu", {}, 0.0),
}

# Names of the parts of a layer in the weights file.
_BERT_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "context": "attention.output.dense",
    "context_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "down_norm": "output.LayerNorm",
}
_DISTILBERT_LAYER = {
    "query": "attention.q_lin",
    "key": "attention.k_lin",
    "value": "attention.v_lin",
    "context": "attention.out_lin",
    "context_norm": "sa_layer_norm",
    "up": "ffn.lin1",
    "down": "ffn.lin2",
    "down_norm": "output_layer_norm",
}
# `model_type`: the prefix of the weights' names, where the layers are, and the names in a layer.
_FAMILIES = {
    "bert": ("bert", "encoder.layer", _BERT_LAYER),
    "camembert": ("roberta", "encoder.layer", _BERT_LAYER),
    "distilbert": ("distilbert", "transformer.layer", _DISTILBERT_LAYER),
    "electra": ("electra", "encoder.layer", _BERT_LAYER),
    "roberta": ("roberta", "encoder.layer", _BERT_LAYER),
    "xlm-roberta": ("roberta", "encoder.layer", _BERT_LAYER),
}
# Encoders whose positions count on from the padding id.
_SHIFTED = ("camembert", "roberta", "xlm-roberta")


class Unsupported(Exception):
    """A model of which no graph can be made here, and why."""


class Encoder:
    """Configuration and weights of a model folder, by the names that all families share."""

    def __init__(self, config, weights):
        self.weights = weights
        family = config.get("model_type")
        if family not in _FAMILIES:
            raise Unsupported(
                f"no graph is known for the architecture `{family}`, only for {', '.join(sorted(_FAMILIES))}; the "
                "engine rust-bert runs others, and the engine onnx runs what another exporter makes of them"
            )
        if config.get("position_embedding_type") not in (None, "absolute"):
            raise Unsupported("the model has relative positions, which are not known here")
        self.prefix, self.layers_name, self.layer_names = _FAMILIES[family]
        distil = family == "distilbert"
        self.layers = config.get("n_layers" if distil else "num_hidden_layers") or (6 if distil else 12)
        self.heads = config.get("n_heads" if distil else "num_attention_heads") or 12
        self.epsilon = config.get("layer_norm_eps") or 1e-12
        activation = config.get("activation" if distil else "hidden_act") or "gelu"
        if activation not in _ACTIVATIONS:
            raise Unsupported(f"the activation `{activation}` is not known here, only {', '.join(_ACTIVATIONS)}")
        self.activation = _ACTIVATIONS[activation]
        self.shift = None
        if family in _SHIFTED:
            pad = config.get("pad_token_id")
            self.shift = 1 + (1 if pad is None else pad)
        self.labels = self.weight("classifier.bias").size
        # ELECTRA's embeddings may be smaller than its layers.
        self.hidden = self.linear(self._part(0, "query"))[0].shape[0]

    def weight(self, name):
        """A tensor in f32. Files from before 2019 call the parts of a layer norm gamma and beta."""
        for spelling in (name, name.replace("Norm.weight", "Norm.gamma").replace("Norm.bias", "Norm.beta")):
            if spelling in self.weights:
                return numpy.asarray(self.weights[spelling], dtype=numpy.float32)
        raise Unsupported(f"the weights have no `{name}`: is this a token-classification model?")

    def linear(self, name):
        """Weight, [inputs, outputs], and bias, [outputs], of a linear layer."""
        return self.weight(f"{name}.weight").T, self.weight(f"{name}.bias")

    def build(self, graph, arithmetic):
        """Add the encoder with its classifier to the graph; returns the name of the logits, [batch, tokens, labels]."""
        hidden = self._embeddings(graph, arithmetic)
        bias = self._mask_bias(graph) if arithmetic.padding else None
        sizes = graph.node("Shape", "input_ids")
        reach = self._reach(f"{self.prefix}.embeddings.LayerNorm")
        if f"{self.prefix}.embeddings_project.weight" in self.weights:
            reach = None
        for layer in range(self.layers):
            hidden = self._layer(graph, arithmetic, layer, hidden, reach, sizes, bias)
            reach = self._reach(self._part(layer, "down_norm"))
        logits = _float_linear(graph, "classifier", *self.linear("classifier"), hidden)
        shape = graph.node("Concat", sizes, graph.constant("labels", numpy.array([self.labels])), axis=0)
        return graph.node("Reshape", logits, shape)

    def _part(self, layer, part):
        return f"{self.prefix}.{self.layers_name}.{layer}.{self.layer_names[part]}"

    def _embeddings(self, graph, arithmetic):
        base = f"{self.prefix}.embeddings"
        words = arithmetic.embedding(graph, "words", self.weight(f"{base}.word_embeddings.weight"), "input_ids")
        positions = self.weight(f"{base}.position_embeddings.weight")
        if f"{base}.token_type_embeddings.weight" in self.weights:
            # All of an article is of the first type.
            positions = positions + self.weight(f"{base}.token_type_embeddings.weight")[0]
        hidden = graph.node("Add", words, self._positions(graph, arithmetic, positions))
        hidden = self._norm(graph, f"{base}.LayerNorm", hidden)
        project = f"{self.prefix}.embeddings_project"
        if f"{project}.weight" in self.weights:
            hidden = _float_linear(graph, "project", *self.linear(project), hidden)
        return graph.node("Reshape", hidden, graph.constant("flat", numpy.array([-1, self.hidden])))

    def _positions(self, graph, arithmetic, table):
        """The rows of the position table that belong to the tokens."""
        if self.shift is None or not arithmetic.padding:
            table = graph.constant("positions", table[self.shift or 0 :])
            first = graph.constant("0", numpy.array([0]))
            return graph.node("Slice", table, first, graph.node("Shape", "input_ids", start=1, end=2))
        # Padding has the row before the first token's.
        table = graph.constant("positions", table[self.shift - 1 :])
        count = graph.node("CumSum", "attention_mask", graph.constant("1", numpy.int64(1)))
        return graph.node("Gather", table, graph.node("Mul", count, "attention_mask"))

    def _mask_bias(self, graph):
        """What is added to the scores of attention, [batch, 1, 1, tokens]: 0 at a token, much less at padding."""
        mask = graph.node("Cast", "attention_mask", to=1)
        padding = graph.node("Sub", graph.constant("1.f32", numpy.float32(1)), mask)
        bias = graph.node("Mul", padding, graph.constant("least", numpy.float32(-1e9)))
        return graph.node("Unsqueeze", bias, graph.constant("1, 2", numpy.array([1, 2])))

    def _norm(self, graph, name, values):
        scale = graph.constant(f"{name}.weight", self.weight(f"{name}.weight"))
        offset = graph.constant(f"{name}.bias", self.weight(f"{name}.bias"))
        return graph.node("LayerNormalization", values, scale, offset, axis=-1, epsilon=self.epsilon)

    def _reach(self, norm):
        """How far each value behind a layer norm goes from 0, to go by the norm alone: three deviations."""
        return 3 * numpy.abs(self.weight(f"{norm}.weight")) + numpy.abs(self.weight(f"{norm}.bias"))

    def _layer(self, graph, arithmetic, layer, hidden, reach, sizes, bias):
        context = self._attention(graph, arithmetic, layer, hidden, reach, sizes, bias)
        context = arithmetic.linear(graph, f"{layer}.context", *self.linear(self._part(layer, "context")), context)
        hidden = self._norm(graph, self._part(layer, "context_norm"), graph.node("Add", context, hidden))

        kind, attributes, least = self.activation
        reach = self._reach(self._part(layer, "context_norm"))
        inner = arithmetic.linear(graph, f"{layer}.up", *self.linear(self._part(layer, "up")), hidden, reach=reach)
        inner = graph.node(kind, inner, **attributes)
        inner = arithmetic.linear(graph, f"{layer}.down", *self.linear(self._part(layer, "down")), inner, least=least)
        return self._norm(graph, self._part(layer, "down_norm"), graph.node("Add", inner, hidden))

    def _attention(self, graph, arithmetic, layer, hidden, reach, sizes, bias):
        size = self.hidden // self.heads
        (query, query_bias), (key, key_bias), (value, value_bias) = (
            self.linear(self._part(layer, part)) for part in ("query", "key", "value")
        )
        root = numpy.float32(size**0.5)
        weight = numpy.concatenate([query / root, key, value], axis=1)
        offset = numpy.concatenate([query_bias / root, key_bias, value_bias])
        joined = arithmetic.linear(graph, f"{layer}.attention", weight, offset, hidden, reach=reach)
        parts = graph.constant("parts", numpy.array([3, self.heads, size]))
        joined = graph.node("Reshape", joined, graph.node("Concat", sizes, parts, axis=0))
        # [3, batch, heads, tokens, size]
        joined = graph.node("Transpose", joined, perm=[2, 0, 3, 1, 4])
        query, key, value = (
            graph.node("Gather", joined, graph.constant(f"part {part}", numpy.int64(part)), axis=0) for part in range(3)
        )
        scores = graph.node("MatMul", query, graph.node("Transpose", key, perm=[0, 1, 3, 2]))
        if bias is not None:
            scores = graph.node("Add", scores, bias)
        context = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
        context = graph.node("Transpose", context, perm=[0, 2, 1, 3])
        return graph.node("Reshape", context, graph.constant("flat", numpy.array([-1, self.hidden])))


def _float_linear(graph, name, weight, bias, values):
    product = graph.node("MatMul", values, graph.constant(f"{name}.weight", weight))
    return graph.node("Add", product, graph.constant(f"{name}.bias", bias))
