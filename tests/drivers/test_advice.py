from drivers.advice import ADVICE, STATES
from drivers.device import DeviceState
from drivers.errors import Advice


def test_every_code_and_every_state_has_a_text_in_both_languages() -> None:
    assert set(ADVICE) == set(Advice)
    assert set(STATES) == set(DeviceState)
    for text in (*ADVICE.values(), *STATES.values()):
        assert text.es
        assert text.en
        assert text.es != text.en
