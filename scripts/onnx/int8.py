"""Arithmetic in int8: weights with a scale for each output, activations with a scale that was fitted to sample articles,
or with one for each token where tokens are uneven.

Nothing that is computed for a token depends on what else stands in the batch. Everything between two matrix products
stays in f32.
"""

import numpy
from graph import FUSED
from onnx import numpy_helper

_MOST = 255
# How much of the size of a wide input is moved into the weights, 0 to 1: SmoothQuant's alpha. From 0.6 to 0.8 the
# probabilities of the labels are nearest to those in f32, and next to equally near.
_MOVED = 0.75


def quantise(weight):
    """A weight [inputs, outputs] as bytes from -127 to 127, and the scale of each output."""
    scale = numpy.abs(weight).max(axis=0) / 127
    scale[scale == 0] = 1
    return numpy.rint(weight / scale).astype(numpy.int8), scale.astype(numpy.float32)


class Int8:
    """Linear layers and the embedding in int8. Windows of a batch must be of one length: there is no mask.

    `ranges` has the lowest and the highest value of each input, [inputs], of each linear layer: see `ranges.py`.
    Values beyond are cut off.
    """

    padding = False

    def __init__(self, ranges):
        self.ranges = ranges

    def linear(self, graph, name, weight, bias, values, by_token=False):
        """`values` × `weight` + `bias`, for values [tokens, inputs]; with a scale for each token where they are uneven."""
        if by_token:
            return self._by_token(graph, name, weight, bias, values)
        return self.linears(graph, name, {name: (weight, bias)}, values)[0]

    def linears(self, graph, name, linears, values):
        """Linear layers that read the same `values`, which are quantised once: {name: (weight, bias)}.

        Where some inputs go much further than others, they would take most of the bytes; their size is moved into the
        weights (SmoothQuant, Xiao and others, 2023).
        """
        lowest, highest = self.ranges[name]
        reach = numpy.maximum(-lowest, highest).clip(1e-6)
        widest = numpy.max([numpy.abs(weight).max(axis=1) for weight, _ in linears.values()], axis=0).clip(1e-9)
        share = reach**_MOVED / widest ** (1 - _MOVED)
        share = (share / numpy.exp(numpy.log(share).mean())).astype(numpy.float32)
        values = graph.node("Mul", values, graph.constant(f"{name}.share", 1 / share))

        low, high = (lowest / share).min(), (highest / share).max()
        step = (high - low) / _MOST or 1
        zero = self._byte(graph, int(numpy.rint(-low / step)))
        step = self._f32(graph, step)
        quantised = graph.node("QuantizeLinear", values, step, zero)
        return [
            self._product(graph, part, quantise(weight * share[:, None]), quantised, step, zero, bias)
            for part, (weight, bias) in linears.items()
        ]

    def attention(self, graph, query, key, value, sizes, heads, hidden, bias):
        """As in f32, in one operator, which moves less memory; [batch, tokens, hidden]. There is no `bias`."""
        shape = graph.node("Concat", sizes, graph.constant("hidden", numpy.array([hidden])), axis=0)
        query, key, value = (graph.node("Reshape", part, shape) for part in (query, key, value))
        return graph.node("MultiHeadAttention", query, key, value, domain=FUSED, num_heads=heads)

    def embedding(self, graph, name, table, ids):
        """The rows of `table` at `ids`; each row of the table has a scale."""
        table, scale = quantise(table.T)
        rows = graph.node("Cast", graph.node("Gather", graph.constant(name, table.T), ids), to=1)
        return graph.node("Mul", rows, graph.node("Gather", graph.constant(f"{name}.scale", scale[:, None]), ids))

    def _by_token(self, graph, name, weight, bias, values):
        # Moved up to start at 0, so that all bytes count; what that adds to each output is taken off the bias.
        least = self.ranges[name][0].min()
        quantised_weight = whole, scale = quantise(weight)
        bias = bias + least * (whole.astype(numpy.float32) * scale).sum(axis=0)
        values = graph.node("Add", values, self._f32(graph, -least))
        largest = graph.node("ReduceMax", values, graph.constant("last axis", numpy.array([-1])), keepdims=0)
        steps = graph.node("Mul", graph.node("Max", largest, self._f32(graph, 1e-9)), self._f32(graph, 1 / _MOST))
        zero = numpy_helper.from_array(numpy.array([0], dtype=numpy.uint8))
        zeros = graph.node("ConstantOfShape", graph.node("Shape", steps), value=zero)
        quantised = graph.node("QuantizeLinear", values, steps, zeros, axis=0)
        product = self._product(graph, name, quantised_weight, quantised, self._f32(graph, 1), self._byte(graph, 0))
        column = graph.node("Unsqueeze", steps, graph.constant("axis 1", numpy.array([1])))
        product = graph.node("Mul", product, column)
        return graph.node("Add", product, graph.constant(f"{name}.bias", bias.astype(numpy.float32)))

    @staticmethod
    def _product(graph, name, weight, quantised, step, zero, bias=None):
        """The product of bytes and a quantised weight, in f32; `step` and `zero` are those of the bytes."""
        weight, scale = weight
        weight, scale = graph.constant(f"{name}.weight", weight), graph.constant(f"{name}.scale", scale)
        inputs = [quantised, weight, step, scale, zero]
        if bias is not None:
            # Between them the zero of the weight, which is 0.
            inputs += ["", graph.constant(f"{name}.bias", bias.astype(numpy.float32))]
        return graph.node("MatMulIntegerToFloat", *inputs, domain=FUSED)

    @staticmethod
    def _f32(graph, number):
        number = numpy.float32(number)
        return graph.constant(f"f32 {number!r}", number)

    @staticmethod
    def _byte(graph, number):
        return graph.constant(f"byte {number}", numpy.uint8(number))
