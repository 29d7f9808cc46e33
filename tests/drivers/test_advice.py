from drivers.advice import ADVICE
from drivers.errors import Advice


def test_every_code_has_a_text_in_both_languages() -> None:
    assert set(ADVICE) == set(Advice)
    for text in ADVICE.values():
        assert text.es
        assert text.en
        assert text.es != text.en
