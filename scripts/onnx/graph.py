"""A small builder of ONNX graphs: nodes, constants, and names that never clash."""

import numpy
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
FUSED = "com.microsoft"
IR_VERSION = 10


class Graph:
    """Nodes in the order in which they are added, and the constants they read."""

    def __init__(self):
        self.nodes = []
        self.constants = {}
        self.count = 0

    def constant(self, name, values):
        """A constant of this name; one that is there already is used again."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(numpy.array(values, order="C"), name)
        return name

    def node(self, kind, *inputs, outputs=1, domain=None, **attributes):
        """Adds a node and returns the name of its output, or a list of names where it has several."""
        self.count += 1
        names = [f"{kind.lower()}_{self.count}" + (f"_{index}" if outputs > 1 else "") for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=names[0], domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def model(self, inputs, output, labels, metadata):
        """The whole model; `inputs` are [batch, tokens] of int64, `output` becomes `logits`, [batch, tokens, labels]."""
        self.nodes.append(helper.make_node("Identity", [output], ["logits"]))
        shape = ["batch", "tokens"]
        graph = helper.make_graph(
            self.nodes,
            "token classification",
            [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in inputs],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, labels])],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="musamma")
        helper.set_model_props(model, metadata)
        return model
