"""One network on one thread of the processor."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Network:
    """An ONNX file, loaded when it is first run: what a picture does not need costs neither time nor memory.

    It keeps the memory of its last runs (an arena): to ask for it anew each time costs a twentieth of the time.
    Memory planned for one size of line is of no use for the next, so no plan is kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._session: Any = None
        self._input = ""

    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output of the network for its only input."""
        if self._session is None:
            self._load()
        return np.asarray(self._session.run(None, {self._input: tensor})[0], np.float32)

    def _load(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(
            str(self.path), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
