"""A network with less arithmetic that says the same: what a layer only scales and shifts is done by its neighbour.

    conv ─> + bias ─> * scale ─> + shift          ──>   conv with other weights and biases
    activation ─> * scale ─> + shift              ──>   activation ─> conv of one pixel, each channel by itself
    y + y * gate                                  ──>   y * (gate + 1)

PP-OCR learned with a scale and a shift after every layer. A runtime leaves its fast memory layout for each of them.
The results differ by rounding alone.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

KEEPS_CHANNELS = frozenset({"HardSwish", "HardSigmoid", "Relu", "Sigmoid"})
ONE = "folding.one"

Floats = NDArray[np.float32]


def fold(model: "onnx.ModelProto") -> None:
    """Fold the model's graph in place."""
    graph = _Graph(model.graph)
    graph.drop_identities()
    graph.fold_into_convolutions()
    graph.shift_by_channel()
    graph.gate_once()
    graph.write_back()


class _Graph:
    """The nodes of a graph in their order, its constants, and who makes and who uses a value."""

    def __init__(self, graph: "onnx.GraphProto") -> None:
        from onnx import numpy_helper

        self._graph = graph
        self._nodes: list[Any] = list(graph.node)
        self._constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self._results = {each.name for each in graph.output}

    def drop_identities(self) -> None:
        """Take what an identity is given for what it gives, and reshape constants now."""
        same: dict[str, str] = {}
        kept = []
        for node in self._nodes:
            node.input[:] = [same.get(name, name) for name in node.input]
            if node.op_type == "Identity" and node.output[0] not in self._results:
                same[node.output[0]] = node.input[0]
            elif node.op_type == "Reshape" and all(name in self._constants for name in node.input):
                array, shape = (self._constants[name] for name in node.input)
                self._constants[node.output[0]] = array.reshape([int(size) for size in shape])
            else:
                kept.append(node)
        self._nodes = kept

    def fold_into_convolutions(self) -> None:
        """Scale and shift a convolution's weights and biases instead of its result."""
        makers: dict[str, Any] = {}
        uses, kept = self._uses(), []
        for node in self._nodes:
            constant, value = self._constant_and_value(node)
            conv = makers.get(value)
            alone = conv is not None and conv.op_type == "Conv" and uses[value] == 1
            if alone and constant is not None and self._folded(conv, node, constant):
                makers[node.output[0]] = conv
                continue
            makers.update(dict.fromkeys(node.output, node))
            kept.append(node)
        self._nodes = kept

    def shift_by_channel(self) -> None:
        """One convolution of one pixel for a scale and a shift that follow each other."""
        from onnx import helper

        makers = {name: node for node in self._nodes for name in node.output}
        uses = self._uses()
        kept: list[Any] = []
        scaled: dict[str, tuple[str, float]] = {}
        for node in self._nodes:
            constant, value = self._constant_and_value(node)
            if constant is None or constant.size != 1:
                pass
            elif node.op_type == "Mul" and uses[node.output[0]] == 1 and self._channels(value, makers):
                scaled[node.output[0]] = (value, float(constant.item()))
            elif node.op_type == "Add" and value in scaled:
                before, scale = scaled.pop(value)
                kept = [each for each in kept if each.output[0] != value]
                channels, name = self._channels(before, makers), node.output[0]
                weights = self._set(f"{name}.weights", np.full((channels, 1, 1, 1), scale))
                biases = self._set(f"{name}.biases", np.full(channels, constant.item()))
                node = helper.make_node(
                    "Conv", [before, weights, biases], [name], kernel_shape=[1, 1], group=channels
                )
                makers[name] = node
            kept.append(node)
        self._nodes = kept

    def gate_once(self) -> None:
        """Multiply by a gate and one instead of adding the gated value to the value."""
        from onnx import helper

        makers = {name: node for node in self._nodes for name in node.output}
        uses = self._uses()
        kept: list[Any] = []
        for node in self._nodes:
            gated = makers.get(node.input[1]) if node.op_type == "Add" else None
            if (
                gated is not None
                and gated.op_type == "Mul"
                and gated.input[0] == node.input[0]
                and uses[gated.output[0]] == 1
            ):
                more = f"{gated.input[1]}.and_one"
                one = self._set(ONE, np.ones(1))
                kept.remove(gated)
                kept.append(helper.make_node("Add", [gated.input[1], one], [more]))
                node = helper.make_node("Mul", [node.input[0], more], list(node.output))
            kept.append(node)
        self._nodes = kept

    def write_back(self) -> None:
        """Replace the graph's nodes and the constants that they use."""
        from onnx import numpy_helper

        used = {name for node in self._nodes for name in node.input}
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        del self._graph.initializer[:]
        self._graph.initializer.extend(
            numpy_helper.from_array(array, name) for name, array in self._constants.items() if name in used
        )
        del self._graph.value_info[:]

    def _folded(self, conv: Any, node: Any, constant: Floats) -> bool:
        """Whether a convolution's weights and biases now do what `node` did; False when they cannot."""
        names = list(conv.input)
        if names[1] not in self._constants or not all(name in self._constants for name in names[2:]):
            return False
        weights = self._constants[names[1]]
        channels = len(weights)
        if constant.shape not in ((1,), (1, channels, 1, 1)):
            return False
        factor = np.broadcast_to(constant.reshape(-1).astype(np.float64), (channels,))
        biases = self._constants[names[2]] if len(names) > 2 else np.zeros(channels)
        if node.op_type == "Mul":
            weights, biases = weights * factor.reshape(-1, 1, 1, 1), biases * factor
        else:
            biases = biases + factor
        name = node.output[0]
        conv.input[:] = [
            names[0],
            self._set(f"{name}.weights", weights),
            self._set(f"{name}.biases", biases),
        ]
        conv.output[0] = name
        return True

    def _constant_and_value(self, node: Any) -> tuple[Floats | None, str]:
        """What a multiplication or an addition does to which value; None when both or neither is constant."""
        if node.op_type not in ("Mul", "Add"):
            return None, ""
        constant = [name for name in node.input if name in self._constants]
        if len(constant) != 1:
            return None, ""
        array = self._constants[constant[0]]
        value = next(name for name in node.input if name != constant[0])
        return (array, value) if array.dtype == np.float32 else (None, "")

    def _channels(self, value: str, makers: dict[str, Any]) -> int:
        """How many channels an activation after a convolution has; 0 when that cannot be said."""
        while value in makers:
            node = makers[value]
            if node.op_type == "Conv" and node.input[1] in self._constants:
                return len(self._constants[node.input[1]])
            if node.op_type == "Mul" and not any(name in self._constants for name in node.input):
                gate = makers.get(node.input[0])
                if gate is None or gate.op_type != "HardSigmoid" or gate.input[0] != node.input[1]:
                    return 0
                value = node.input[1]
            elif node.op_type in KEEPS_CHANNELS:
                value = node.input[0]
            else:
                return 0
        return 0

    def _uses(self) -> dict[str, int]:
        """How often each value is used; a result of the whole graph once more."""
        uses = dict.fromkeys(self._results, 1)
        for node in self._nodes:
            for name in node.input:
                uses[name] = uses.get(name, 0) + 1
        return uses

    def _set(self, name: str, array: NDArray[Any]) -> str:
        self._constants[name] = np.asarray(array, np.float32)
        return name
