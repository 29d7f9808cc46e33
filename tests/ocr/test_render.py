import numpy as np
import pytest

from ocr.render import Layout, render_door


def pixels(data: bytes) -> np.ndarray:
    import cv2

    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("layout", list(Layout))
def test_the_same_seed_draws_the_same_door(layout: Layout) -> None:
    one = render_door("MSKU4135329", "45G1", seed=5, layout=layout, width=320, height=240)
    assert one == render_door("MSKU4135329", "45G1", seed=5, layout=layout.value, width=320, height=240)
    assert one != render_door("MSKU4135329", "45G1", seed=6, layout=layout, width=320, height=240)
    assert one != render_door("MSKU4135329", "45G1", seed=5, layout=layout, width=320, height=240, frame=1)
    assert pixels(one).shape == (240, 320, 3)


def test_another_number_changes_the_lettering_only() -> None:
    one = pixels(render_door("MSKU4135329", seed=7)).astype(int)
    other = pixels(render_door("TRLU6689574", seed=7)).astype(int)
    changed = (np.abs(one - other).max(2) > 60).mean()
    assert 0 < changed < 0.03


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="diagonal"):
        render_door("MSKU4135329", layout="diagonal")
