"""Arithmetic in int8: weights with a scale for each output, activations with a scale for each token.

A token's scale comes from that token alone, so its numbers do not depend on what stands in the batch, and one wide
token costs the others no precision. Everything between two matrix products stays in f32.
"""

import numpy
from onnx import numpy_helper

from graph import FUSED

# Activations of both signs lie around this byte, and those with a lower bound above 0.
_MIDDLE = 128
_MOST = 255


def quantise(weight):
    """A weight [inputs, outputs] as bytes from -127 to 127, and the scale of each output."""
    scale = numpy.abs(weight).max(axis=0) / 127
    scale[scale == 0] = 1
    return numpy.rint(weight / scale).astype(numpy.int8), scale.astype(numpy.float32)


class Int8:
    """Linear layers and the embedding in int8. Windows of a batch must be of one length: there is no mask."""

    padding = False

    def linear(self, graph, name, weight, bias, values, least=None, reach=None):
        """`values` × `weight` + `bias`, for values [tokens, inputs] that are never below `least`.

        `reach`, [inputs], is how far each input goes from 0. Where some go much further than others, they would take
        most of a token's bytes; their size is moved into the weights (SmoothQuant, Xiao and others, 2023, by half).
        """
        if reach is not None:
            share = numpy.sqrt(reach / numpy.abs(weight).max(axis=1).clip(1e-9)).clip(1e-6)
            share = (share / numpy.exp(numpy.log(share).mean())).astype(numpy.float32)
            weight = weight * share[:, None]
            values = graph.node("Mul", values, graph.constant(f"{name}.share", 1 / share))
        weight, scale = quantise(weight)
        if least is None:
            zero = _MIDDLE
            largest = graph.node("Max", self._largest(graph, graph.node("Abs", values)), self._f32(graph, 1e-9))
            steps = graph.node("Mul", largest, self._f32(graph, 1 / (_MOST - _MIDDLE)))
        else:
            # Moved up to start at 0, so that all bytes count; what that adds to each output is taken off the bias.
            zero = 0
            bias = bias + least * (weight.astype(numpy.float32) * scale).sum(axis=0)
            if least:
                values = graph.node("Add", values, self._f32(graph, -least))
            largest = graph.node("Max", self._largest(graph, values), self._f32(graph, 1e-9))
            steps = graph.node("Mul", largest, self._f32(graph, 1 / _MOST))
        value = numpy_helper.from_array(numpy.array([zero], dtype=numpy.uint8))
        zeros = graph.node("ConstantOfShape", graph.node("Shape", steps), value=value)
        quantised = graph.node("QuantizeLinear", values, steps, zeros, axis=0)
        product = graph.node(
            "MatMulIntegerToFloat",
            quantised,
            graph.constant(f"{name}.weight", weight),
            self._f32(graph, 1),
            graph.constant(f"{name}.scale", scale),
            graph.constant(f"byte {zero}", numpy.uint8(zero)),
            domain=FUSED,
        )
        column = graph.node("Unsqueeze", steps, graph.constant("axis 1", numpy.array([1])))
        product = graph.node("Mul", product, column)
        return graph.node("Add", product, graph.constant(f"{name}.bias", bias.astype(numpy.float32)))

    def embedding(self, graph, name, table, ids):
        """The rows of `table` at `ids`; each row of the table has a scale."""
        table, scale = quantise(table.T)
        rows = graph.node("Cast", graph.node("Gather", graph.constant(name, table.T), ids), to=1)
        return graph.node("Mul", rows, graph.node("Gather", graph.constant(f"{name}.scale", scale[:, None]), ids))

    @staticmethod
    def _largest(graph, values):
        return graph.node("ReduceMax", values, graph.constant("last axis", numpy.array([-1])), keepdims=0)

    @staticmethod
    def _f32(graph, number):
        return graph.constant(f"f32 {number!r}", numpy.float32(number))
