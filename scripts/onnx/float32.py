"""Arithmetic in f32."""


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

    def embedding(self, graph, name, table, ids):
        """The rows of `table` at `ids`."""
        return graph.node("Gather", graph.constant(name, table), ids)
