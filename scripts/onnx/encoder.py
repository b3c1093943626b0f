"""From the weights of a model folder to its ONNX graph, for encoders of BERT's shape.

Between the embeddings and the logits the tokens of all windows lie below each other, [batch × tokens, hidden]. How
linear layers, attention and the word embedding are computed is left to `arithmetic`: see `float32.py` and `int8.py`.
"""

import numpy

# What ONNX calls an activation, and its attributes.
_ACTIVATIONS = {
    "gelu": ("Gelu", {}),
    "gelu_python": ("Gelu", {}),
    "gelu_new": ("Gelu", {"approximate": "tanh"}),
    "gelu_fast": ("Gelu", {"approximate": "tanh"}),
    "gelu_pytorch_tanh": ("Gelu", {"approximate": "tanh"}),
    "relu": ("Relu", {}),
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
        self.most_tokens = len(self.weight(f"{self.prefix}.embeddings.position_embeddings.weight")) - (self.shift or 0)
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
        for layer in range(self.layers):
            hidden = self._layer(graph, arithmetic, layer, hidden, sizes, bias)
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

    def _layer(self, graph, arithmetic, layer, hidden, sizes, bias):
        context = self._attention(graph, arithmetic, layer, hidden, sizes, bias)
        context = arithmetic.linear(graph, f"{layer}.context", *self.linear(self._part(layer, "context")), context)
        hidden = self._norm(graph, self._part(layer, "context_norm"), graph.node("Add", context, hidden))

        kind, attributes = self.activation
        inner = arithmetic.linear(graph, f"{layer}.up", *self.linear(self._part(layer, "up")), hidden)
        inner = graph.node(kind, inner, **attributes)
        # After an activation a few tokens have values many times those of the others.
        down = self.linear(self._part(layer, "down"))
        inner = arithmetic.linear(graph, f"{layer}.down", *down, inner, by_token=True)
        return self._norm(graph, self._part(layer, "down_norm"), graph.node("Add", inner, hidden))

    def _attention(self, graph, arithmetic, layer, hidden, sizes, bias):
        linears = {f"{layer}.{part}": self.linear(self._part(layer, part)) for part in ("query", "key", "value")}
        parts = arithmetic.linears(graph, f"{layer}.attention", linears, hidden)
        context = arithmetic.attention(graph, *parts, sizes, self.heads, self.hidden, bias)
        return graph.node("Reshape", context, graph.constant("flat", numpy.array([-1, self.hidden])))


def _float_linear(graph, name, weight, bias, values):
    product = graph.node("MatMul", values, graph.constant(f"{name}.weight", weight))
    return graph.node("Add", product, graph.constant(f"{name}.bias", bias))
