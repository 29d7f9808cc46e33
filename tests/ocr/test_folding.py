from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ocr.folding import fold

Array = NDArray[np.float32]
RNG = np.random.default_rng(5)


def random(*shape: int) -> Array:
    return RNG.normal(size=shape).astype(np.float32)


def network(nodes: list[Any], constants: dict[str, Array]) -> onnx.ModelProto:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, None, None, None])
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "network", [value], [result], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def said(model: onnx.ModelProto, picture: Array) -> Array:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": picture})[0], np.float32)


def conv(before: str, after: str, weights: str, **more: Any) -> Any:
    return helper.make_node("Conv", [before, weights], [after], **more)


def node(kind: str, before: list[str], after: str) -> Any:
    return helper.make_node(kind, before, [after])


LAYER = [
    conv("x", "c", "w", pads=[1, 1, 1, 1]),
    node("Add", ["c", "b"], "cb"),
    node("Identity", ["cb"], "same"),
    node("Mul", ["s", "same"], "cs"),
    node("Add", ["cs", "t"], "ct"),
]
CONSTANTS = {
    "w": random(4, 3, 3, 3),
    "b": random(1, 4, 1, 1),
    "s": random(1),
    "t": random(1),
    "u": random(1),
    "v": random(1),
    "w2": random(2, 4, 3, 3),
}


def kinds(model: onnx.ModelProto) -> list[str]:
    return [each.op_type for each in model.graph.node]


@pytest.mark.parametrize(
    ("nodes", "left"),
    [
        ([*LAYER, node("HardSwish", ["ct"], "y")], ["Conv", "HardSwish"]),
        (
            [
                *LAYER,
                node("HardSwish", ["ct"], "a"),
                node("Mul", ["u", "a"], "au"),
                node("Add", ["au", "v"], "av"),
                conv("av", "y", "w2", pads=[1, 1, 1, 1]),
            ],
            ["Conv", "HardSwish", "Conv", "Conv"],
        ),
        (
            [
                *LAYER,
                node("GlobalAveragePool", ["ct"], "p"),
                node("HardSigmoid", ["p"], "g"),
                node("Mul", ["ct", "g"], "m"),
                node("Add", ["ct", "m"], "y"),
            ],
            ["Conv", "GlobalAveragePool", "HardSigmoid", "Add", "Mul"],
        ),
    ],
    ids=["before an activation", "after an activation", "a gate"],
)
def test_a_folded_network_says_the_same_with_fewer_layers(nodes: list[Any], left: list[str]) -> None:
    model, picture = network(nodes, CONSTANTS), random(1, 3, 9, 7)
    before = said(model, picture)
    fold(model)
    onnx.checker.check_model(model)
    assert kinds(model) == left
    assert said(model, picture) == pytest.approx(before, abs=1e-4)


def test_what_is_used_twice_is_not_folded_away() -> None:
    nodes = [*LAYER, node("Add", ["c", "ct"], "y")]
    model, picture = network(nodes, CONSTANTS), random(1, 3, 9, 7)
    before = said(model, picture)
    fold(model)
    assert said(model, picture) == pytest.approx(before, abs=1e-4)


def test_a_scale_that_differs_by_place_is_left_alone() -> None:
    nodes = [conv("x", "c", "w", pads=[1, 1, 1, 1]), node("Mul", ["c", "places"], "y")]
    model, picture = network(nodes, {**CONSTANTS, "places": random(1, 4, 9, 7)}), random(1, 3, 9, 7)
    before = said(model, picture)
    fold(model)
    assert kinds(model) == ["Conv", "Mul"]
    assert said(model, picture) == pytest.approx(before, abs=1e-4)
