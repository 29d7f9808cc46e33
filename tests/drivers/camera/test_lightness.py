import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["folder", "mjpeg", "still", "stream", "condition", "ondemand", "named"])
def test_cameras_are_loaded_without_a_picture_library(module: str) -> None:
    code = f"import sys, drivers.camera.{module}; sys.exit('cv2' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
