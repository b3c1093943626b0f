"""Arithmetic in f32, in ONNX's own operators only, so that other tools can work on the graph."""

import numpy


class Float32:
    """Linear layers and embeddings as they are; windows of a batch may be padded."""

    padding = True

    def linear(self, graph, name, weight, bias, values, by_token=False):
        """`values` × `weight` + `bias`; weight [inputs, outputs]. A scale `by_token` is for arithmetic that has scales."""
        product = graph.node("MatMul", values, graph.constant(f"{name}.weight", weight))
        return graph.node("Add", product, graph.constant(f"{name}.bias", bias))

    def linears(self, graph, name, linears, values):
        """Linear layers that read the same `values`: {name: (weight, bias)}."""
        return [self.linear(graph, part, weight, bias, values) for part, (weight, bias) in linears.items()]

    def attention(self, graph, query, key, value, sizes, heads, hidden, bias):
        """Values by how near their keys are to each query, [batch, tokens, heads, size]; the three are [tokens, hidden].

        `sizes` is [batch, tokens] of the windows, `bias` is added to the scores where it is not None.
        """
        size = hidden // heads
        shape = graph.node("Concat", sizes, graph.constant("heads", numpy.array([heads, size])), axis=0)
        query, key, value = (graph.node("Reshape", part, shape) for part in (query, key, value))
        query = graph.node("Mul", query, graph.constant("scale", numpy.float32(size**-0.5)))
        query, value = (graph.node("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
        scores = graph.node("MatMul", query, graph.node("Transpose", key, perm=[0, 2, 3, 1]))
        if bias is not None:
            scores = graph.node("Add", scores, bias)
        context = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
        return graph.node("Transpose", context, perm=[0, 2, 1, 3])

    def embedding(self, graph, name, table, ids):
        """The rows of `table` at `ids`."""
        return graph.node("Gather", graph.constant(name, table), ids)
