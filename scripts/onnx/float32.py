"""Arithmetic in f32."""


class Float32:
    """Linear layers and embeddings as they are; windows of a batch may be padded."""

    padding = True

    def linear(self, graph, name, weight, bias, values, least=None, reach=None):
        """`values` × `weight` + `bias`; weight [inputs, outputs]."""
        product = graph.node("MatMul", values, graph.constant(f"{name}.weight", weight))
        return graph.node("Add", product, graph.constant(f"{name}.bias", bias))

    def embedding(self, graph, name, table, ids):
        """The rows of `table` at `ids`."""
        return graph.node("Gather", graph.constant(name, table), ids)
