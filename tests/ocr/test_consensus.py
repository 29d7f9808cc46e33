from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.consensus import Conflict, Consensus, Seen, are_similar, consensus
from ocr.sighting import Box, Candidate, Sighting, Status

MINE, OTHER, THIRD = "MSKU6011672", "TEXU3070079", "CSQU3054383"
MISREAD = "WSKU6011672"
"""MINE with its first letter misread; M and W leave the check digit as it is."""


def box(x: float) -> Box:
    return ((x, 100), (x + 200, 100), (x + 200, 130), (x, 130))


def sighting(
    *numbers: str,
    candidates: dict[str, float] | None = None,
    margin: float = 5.0,
    type_code: str | None = None,
    x: float = 10,
    crop: bytes = b"crop",
) -> Sighting:
    """Accepts these numbers, or only leans to the first of the candidates."""
    costs = dict.fromkeys(numbers, 1.0) | (candidates or {})
    status = Status.ACCEPTED if numbers else Status.UNSURE if costs else Status.NOTHING
    return Sighting(
        number=numbers[0] if numbers else None,
        numbers=numbers,
        type_code=type_code,
        status=status,
        cost=min(costs.values(), default=None),
        margin=margin if costs else None,
        candidates=tuple(Candidate(number, cost) for number, cost in costs.items()),
        boxes=(box(x),) if costs else (),
        crop=crop if costs else None,
        cpu_ms=1.0,
    )


def leaning(number: str, cost: float = 4.5, margin: float = 3.0, **more: float) -> Sighting:
    return sighting(candidates={number: cost} | more, margin=margin)


def seen(camera: str, at: float, what: Sighting) -> Seen:
    return Seen(camera, at, what, f"{camera}-{at}")


def numbers(found: Consensus) -> list[str]:
    return [fact.number for fact in found.facts]


def test_nothing_seen_is_nothing_known() -> None:
    assert consensus([]) == Consensus()
    assert consensus([seen("front", 1, sighting())]) == Consensus()


def test_one_accepted_number_is_a_fact() -> None:
    [fact] = consensus([seen("front", 1, sighting(MINE))]).facts
    assert (fact.number, fact.announced, fact.frames) == (MINE, False, 1)
    assert [face.camera for face in fact.faces] == ["front"]


def test_one_camera_that_leans_is_no_proof_however_often() -> None:
    found = consensus([seen("front", at, leaning(MINE)) for at in range(20)])
    assert found.facts == ()
    assert [candidate.number for candidate in found.candidates] == [MINE]


def test_two_cameras_that_lean_to_the_same_number_are_proof() -> None:
    assert numbers(consensus([seen("front", 1, leaning(MINE)), seen("rear", 2, leaning(MINE))])) == [MINE]


def test_two_cameras_that_lean_to_rivals_prove_nothing() -> None:
    looks = [
        seen("front", 1, leaning(MINE)),
        seen("rear", 2, leaning(MINE)),
        seen("left", 3, leaning(MISREAD)),
    ]
    found = consensus(looks)
    assert found.facts == ()
    assert found.contradictions[0].conflict is Conflict.RIVAL_NUMBERS


def test_an_announced_number_needs_one_look_that_leans() -> None:
    looks = [seen("front", 1, leaning(MINE))]
    assert consensus(looks).facts == ()
    [fact] = consensus(looks, frozenset({MINE})).facts
    assert fact.announced


def test_an_announced_number_is_found_behind_a_cheaper_misreading() -> None:
    look = sighting(candidates={MISREAD: 2.0, MINE: 3.0}, margin=1.0)
    assert numbers(consensus([seen("front", 1, look)], frozenset({MINE}))) == [MINE]


def test_of_two_announced_numbers_in_one_picture_the_clear_one_counts() -> None:
    sibling = "MSKU6011687"
    near = sighting(candidates={MINE: 3.0, sibling: 4.0}, margin=1.0)
    apart = sighting(candidates={MINE: 3.0, sibling: 4.9}, margin=1.9)
    assert consensus([seen("front", 1, near)], frozenset({MINE, sibling})).facts == ()
    assert numbers(consensus([seen("front", 1, apart)], frozenset({MINE, sibling}))) == [MINE]


def test_announced_numbers_are_not_seen_into_pictures() -> None:
    look = sighting(candidates={MISREAD: 1.5, MINE: 9.0})
    assert numbers(consensus([seen("front", 1, look)], frozenset({MINE, OTHER}))) == []


def test_rivals_of_equal_weight_are_a_finding_and_no_coin_toss() -> None:
    found = consensus([seen("front", 1, sighting(MINE)), seen("rear", 2, sighting(MISREAD))])
    assert found.facts == ()
    [conflict] = found.contradictions
    assert (conflict.conflict, conflict.values, conflict.chosen) == (
        Conflict.RIVAL_NUMBERS,
        (MINE, MISREAD),
        None,
    )
    assert {candidate.number for candidate in found.candidates} == {MINE, MISREAD}


def test_more_frames_of_one_camera_do_not_outvote_another_camera() -> None:
    many = [seen("front", at, sighting(MISREAD, x=at * 100)) for at in range(30)]
    found = consensus([*many, seen("rear", 40, sighting(MINE))])
    assert found.facts == ()
    assert found.contradictions


def test_the_announced_rival_wins_and_the_disagreement_is_told() -> None:
    looks = [seen("front", 1, sighting(MISREAD)), seen("rear", 2, sighting(MINE))]
    found = consensus(looks, frozenset({MINE}))
    assert numbers(found) == [MINE]
    assert found.contradictions[0].chosen == MINE


def test_three_faces_outvote_one() -> None:
    looks = [seen(camera, 1, sighting(MINE)) for camera in ("front", "rear", "left")]
    found = consensus([*looks, seen("right", 2, sighting(MISREAD))])
    assert numbers(found) == [MINE]
    assert found.contradictions[0].values == (MINE, MISREAD)


def test_a_frame_that_only_leans_elsewhere_does_not_hold_up_a_clear_one() -> None:
    found = consensus([seen("front", 1, leaning(MISREAD)), seen("front", 2, sighting(MINE))])
    assert numbers(found) == [MINE]
    assert found.contradictions == ()


def doubtful(number: str, at: float) -> Seen:
    """Accepted, but not clearly."""
    return seen("front", at, sighting(number, candidates={number: 3.5}))


def test_a_camera_that_disagrees_with_itself_counts_for_what_it_saw_clearly() -> None:
    clear = [seen("front", at, sighting(MINE)) for at in (1, 2)]
    found = consensus([*clear, doubtful(MISREAD, 3)])
    assert numbers(found) == [MINE]
    assert (found.contradictions[0].values, found.contradictions[0].chosen) == ((MINE, MISREAD), MINE)


def test_a_camera_that_is_as_clear_about_both_counts_for_neither() -> None:
    both = [*(seen("front", at, sighting(MINE)) for at in (1, 2)), seen("front", 3, sighting(MISREAD))]
    assert consensus(both).facts == ()
    once = [seen("front", 1, sighting(MINE)), doubtful(MISREAD, 3)]
    assert consensus(once).facts == ()


def test_another_camera_keeps_an_overruled_number_alive() -> None:
    looks = [seen("front", 1, sighting(MINE)), seen("front", 2, sighting(MINE)), doubtful(MISREAD, 3)]
    assert consensus([*looks, seen("rear", 4, sighting(MISREAD))]).facts == ()


def test_two_boxes_of_twenty_feet_are_two_facts() -> None:
    looks = [
        seen("front", 1, sighting(MINE, type_code="22G1")),
        seen("rear", 2, sighting(OTHER, type_code="22G1")),
    ]
    found = consensus(looks)
    assert set(numbers(found)) == {MINE, OTHER}
    assert found.contradictions == ()


def test_a_forty_foot_box_beside_another_is_told() -> None:
    looks = [seen("front", 1, sighting(MINE, type_code="45G1")), seen("rear", 2, sighting(OTHER))]
    assert [one.conflict for one in consensus(looks).contradictions] == [Conflict.SIZES]


def test_three_boxes_are_too_many() -> None:
    looks = [seen("front", at, sighting(number)) for at, number in enumerate((MINE, OTHER, THIRD))]
    assert [one.conflict for one in consensus(looks).contradictions] == [Conflict.TOO_MANY]


SIBLING = "MSKU6011620"


def test_similar_numbers_in_one_picture_are_two_boxes() -> None:
    assert are_similar(MINE, SIBLING)
    found = consensus([seen("left", 1, sighting(MINE, SIBLING))])
    assert set(numbers(found)) == {MINE, SIBLING}


def test_similar_numbers_that_were_both_announced_and_accepted_are_two_boxes() -> None:
    looks = [seen("front", 1, sighting(MINE)), seen("rear", 2, sighting(SIBLING))]
    assert len(consensus(looks, frozenset({MINE, SIBLING})).facts) == 2
    assert consensus(looks).facts == ()


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        (MINE, MISREAD, True),
        (MINE, "XYZU6011672", True),
        (MINE, OTHER, False),
        (MINE, MINE, False),
        ("MSKU6011672", "MSKU9944672", False),
    ],
)
def test_what_is_similar(one: str, other: str, similar: bool) -> None:
    assert are_similar(one, other) is similar


def test_the_sharpest_crop_of_each_face_is_kept() -> None:
    looks = [
        seen("front", 1, sighting(MINE, crop=b"small")),
        seen("front", 2, sighting(MINE, crop=b"large and sharp")),
        seen("rear", 3, sighting(MINE, crop=b"rear")),
    ]
    [fact] = consensus(looks).facts
    assert {face.camera: face.crop for face in fact.faces} == {"front": b"large and sharp", "rear": b"rear"}
    assert {face.sha256 for face in fact.faces} == {"front-2", "rear-3"}


def test_size_types_are_voted_by_face() -> None:
    looks = [
        seen("front", 1, sighting(MINE, type_code="22G1")),
        seen("rear", 2, sighting(MINE, type_code="22G1")),
        *(seen("left", at, sighting(MINE, type_code="22C1")) for at in range(3, 9)),
    ]
    found = consensus(looks)
    assert found.facts[0].type_code == "22G1"
    assert found.contradictions[0].conflict is Conflict.TYPE_CODES


def test_a_tie_of_size_types_gives_none() -> None:
    looks = [
        seen("front", 1, sighting(MINE, type_code="22G1")),
        seen("rear", 2, sighting(MINE, type_code="45G1")),
    ]
    assert consensus(looks).facts[0].type_code is None


def test_the_same_picture_twice_counts_once() -> None:
    twice = [seen("front", 1, sighting(MINE))] * 2
    assert consensus(twice).facts[0].frames == 1


def test_clear_numbers_with_a_wrong_digit_are_told() -> None:
    wrong = Sighting(None, (), None, Status.INVALID, None, None, (), (), None, 1.0, seen="MSKU6011673")
    assert consensus([seen("front", at, wrong) for at in range(2)]).invalid == ("MSKU6011673",)


LOOKS = [
    seen("front", 1, sighting(MINE)),
    seen("front", 2, leaning(MISREAD)),
    seen("rear", 2, sighting(MISREAD, type_code="22G1")),
    seen("left", 4, sighting(OTHER)),
    seen("left", 5, leaning(THIRD)),
]


def test_the_order_in_which_pictures_come_makes_no_difference() -> None:
    assert len({repr(consensus(list(order), frozenset({MINE}))) for order in permutations(LOOKS)}) == 1


looks = st.builds(
    seen,
    st.sampled_from(["front", "rear", "left"]),
    st.floats(0, 60),
    st.builds(
        sighting,
        *[st.sampled_from([MINE, MISREAD, OTHER, THIRD, SIBLING])],
        type_code=st.sampled_from([None, "22G1", "45G1"]),
    )
    | st.builds(leaning, st.sampled_from([MINE, MISREAD, OTHER, SIBLING]), st.floats(0, 9), st.floats(0, 9)),
)


@given(
    st.lists(looks, max_size=8, unique_by=lambda seen: seen.sha256), st.sets(st.sampled_from([MINE, OTHER]))
)
def test_facts_never_contradict_each_other_silently(found: list[Seen], expected: set[str]) -> None:
    result = consensus(found, frozenset(expected))
    facts = numbers(result)
    assert len(set(facts)) == len(facts)
    said = {
        number
        for one in found
        for number in (*one.sighting.numbers, *(c.number for c in one.sighting.candidates))
    }
    assert set(facts) <= said
    for fact in facts:
        rivals = [other for other in facts if are_similar(fact, other)]
        assert set(rivals) <= expected
        accepted = {
            number for one in found for number in one.sighting.numbers if are_similar(fact, number)
        } - set(facts)
        told = {value for one in result.contradictions for value in one.values}
        assert accepted <= told
