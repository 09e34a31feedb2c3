"""The content fits together: what it names is there. `read` itself refuses unknown words."""

from collections import Counter
from pathlib import Path

import pytest

from assessments.management.demo.content import AlliancePart, Curve, read
from assessments.management.demo.sign_ins import ADMINISTRATOR, PORTFOLIO, SIGN_INS
from assessments.management.demo.world import RUBRIC
from assessments.operations import rubric_documents

CONTENT = read()
DOCUMENT = rubric_documents.read(Path(RUBRIC))
DIMENSIONS = {dimension.key for pillar in DOCUMENT.pillars for dimension in pillar.dimensions}
QUESTIONS = {
    question.key
    for pillar in DOCUMENT.pillars
    for dimension in pillar.dimensions
    for question in dimension.questions
}

each_alliance = pytest.mark.parametrize("part", CONTENT.alliances, ids=lambda part: part.name)


def test_curve_goes_by_line_between_its_points_and_stays_outside() -> None:
    curve = Curve({-8: 60, -4: 80, -1: 50})

    assert [curve.at(place) for place in (-9, -8, -6, -4, -2.5, -1, 0)] == [
        60,
        60,
        70,
        80,
        65,
        50,
        50,
    ]
    assert [curve.since(quarter) for quarter in (-9, -8, -5, -4, 0)] == [0, 60, 60, 80, 50]
    assert (Curve(3).at(-2), Curve(3).since(-2)) == (3, 3)


@each_alliance
def test_alliance_names_only_its_members(part: AlliancePart) -> None:
    sides = {one.short_name for one in CONTENT.organisations}
    told = part.answers
    named = [
        *(one.owner for one in part.objectives),
        *(one.by for one in part.touchpoints if one.by),
        *(one.by for one in part.obstacles),
        *(one.by for one in part.actions),
        *(one.escalate.to for one in part.obstacles if one.escalate),
        *(side for one in part.touchpoints for side in one.among),
        *(one.side for one in part.voices),
        *(part.confirmations.sides if part.confirmations else ()),
        *told.sides,
        *told.side_dimensions,
        *told.silent,
        *([told.halfway] if told.halfway else ()),
    ]

    assert set(part.members) <= sides
    assert set(named) <= set(part.members)
    assert set(part.members) == set(told.answering) == set(part.routine.advocacy)
    assert set(part.members) == {side for side, whom in part.routine.stakeholders.items() if whom}


@each_alliance
def test_alliance_speaks_the_rubrics_words(part: AlliancePart) -> None:
    told = part.answers
    dimensions = [
        *told.dimensions,
        *(key for side in told.side_dimensions.values() for key in side),
        *(one.dimension for one in part.actions if one.dimension),
    ]

    assert set(dimensions) <= DIMENSIONS
    assert {voice.question for voice in part.voices} <= QUESTIONS


@each_alliance
def test_alliance_says_nothing_twice_and_leaves_nothing_blank(part: AlliancePart) -> None:
    said = [
        *(voice.text for voice in part.voices),
        *(note for one in part.objectives for note in one.notes.values()),
        *(one.note for one in part.touchpoints),
        *(one.title for one in part.obstacles),
        *(one.title for one in part.actions),
    ]

    assert [text for text, times in Counter(said).items() if times > 1] == []
    assert all(text.strip() == text and text for text in said)
    assert all("{quarter}" in title for title in part.routine.actions.titles)
    assert all("{quarter}" in title for title in part.routine.commitments.titles)


def test_sign_ins_hold_seats_but_administrator_and_portfolio() -> None:
    seats = {
        (side.organisation, holder.name)
        for part in CONTENT.alliances
        for side in part.sides
        for holder in (*side.managers, *side.sponsors, *side.members)
    }

    seated = {
        (one.organisation, one.name) for one in SIGN_INS if one not in (ADMINISTRATOR, PORTFOLIO)
    }

    assert seated <= seats
