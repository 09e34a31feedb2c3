"""Who is asked what about whom, and what a respondent finds again of his own."""

from collections import Counter

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import Alliance
from assessments.models import (
    Assessment,
    Cycle,
    Question,
    QuestionSet,
    Response,
    Target,
)
from assessments.queries import responses
from tests.factories.assessments import (
    AnswerFactory,
    AnswerSheetFactory,
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    SideFactory,
    alliance_of,
)
from tests.factories.rubrics import varied_rubric

SECRET = "a-secret-that-only-the-mail-has"
OWN, SIDES = 7, [5, 7, 9, 11, 13]


def assessed(*members: str, **cycle: object) -> Assessment:
    """An assessment of an alliance of these members, its sides in order of name."""
    alliance = alliance_of("Cobalt", *members)
    row = CycleFactory(rubric_version=varied_rubric(), opened=True, **cycle)
    return with_sides(AssessmentFactory(alliance=alliance, cycle=row))


def with_sides(assessment: Assessment) -> Assessment:
    for position, organisation in enumerate(assessment.alliance.organisations.order_by("name")):
        SideFactory(assessment=assessment, organisation=organisation, position=position)
    return assessment


def asked(assessment: Assessment, *, of: str = "Arno", role: str = "manager") -> Response:
    organisation = assessment.alliance.organisations.get(short_name=of)
    return ResponseFactory(assessment=assessment, organisation=organisation, role=role)


def keys(items: tuple[responses.Item, ...]) -> list[tuple[str, str | None]]:
    return [(item.question.key, item.about.short_name if item.about else None) for item in items]


# --- the choice of others ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sides", "found"), [([5, 7], [5]), ([5, 7, 9], [5, 9]), ([5, 7, 9, 11], [5, 9, 11])]
)
def test_others_are_all_where_there_are_three_or_fewer(sides: list[int], found: list[int]) -> None:
    assert responses.others_asked_about(OWN, sides, "rater") == found


def test_others_are_three_by_rotation_in_a_big_alliance() -> None:
    drawn = Counter(
        side
        for number in range(400)
        for side in responses.others_asked_about(OWN, SIDES, f"rater {number}")
    )

    # Each of the four others is asked about by three raters in four, give or take chance.
    assert sorted(drawn) == [5, 9, 11, 13]
    assert sum(drawn.values()) == 1200
    assert all(270 <= times <= 330 for times in drawn.values())


def test_others_are_the_same_each_time_and_in_the_order_of_the_sides() -> None:
    for number in range(50):
        drawn = responses.others_asked_about(OWN, SIDES, f"rater {number}")

        assert responses.others_asked_about(OWN, list(SIDES), f"rater {number}") == drawn
        assert drawn == sorted(drawn)
        assert len(set(drawn)) == 3
        assert responses.others_asked_about(OWN, SIDES[::-1], f"rater {number}") == drawn[::-1]


def test_others_stay_when_one_that_was_not_drawn_leaves() -> None:
    drawn = responses.others_asked_about(OWN, SIDES, "rater")
    (left_out,) = {*SIDES} - {OWN, *drawn}

    assert responses.others_asked_about(OWN, [s for s in SIDES if s != left_out], "rater") == drawn


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (Target.JOINT, [None]),
        (Target.OWN, [7]),
        (Target.OTHER, [5, 9]),
        (Target.OWN_AND_OTHER, [7, 5, 9]),
    ],
)
def test_asked_about_goes_by_the_target(target: str, found: list[int | None]) -> None:
    assert responses.asked_about(Question(target=target), OWN, [5, 7, 9], "rater") == found


@pytest.mark.parametrize(
    ("is_core", "question_set", "found"),
    [
        (True, QuestionSet.CORE, True),
        (True, QuestionSet.FULL, True),
        (False, QuestionSet.CORE, False),
        (False, QuestionSet.FULL, True),
    ],
)
def test_is_asked_goes_by_the_question_set(is_core: bool, question_set: str, found: bool) -> None:
    question = Question(is_core=is_core, minimum_organisations=2)

    assert responses.is_asked(question, question_set, 2) is found


@pytest.mark.parametrize(("organisations", "found"), [(2, False), (3, True), (5, True)])
def test_is_asked_needs_so_many_organisations(organisations: int, found: bool) -> None:
    question = Question(is_core=True, minimum_organisations=3)

    assert responses.is_asked(question, QuestionSet.CORE, organisations) is found


# --- a respondent's items ---------------------------------------------------------------------


@pytest.mark.django_db
def test_items_are_the_rubrics_in_its_order_with_names_in_their_texts() -> None:
    response = asked(assessed("Arno", "Brix"))

    items = responses.items_of(response)

    assert [(*key, item.text) for key, item in zip(keys(items), items, strict=True)] == [
        ("J-1", None, "How is the alliance?"),
        ("N-1", "Arno", "How is Arno Group?"),
        ("T-1", "Brix", "How does Arno Group work with Brix Group?"),
        ("B-1", "Arno", "What does Arno Group get?"),
        ("B-1", "Brix", "What does Brix Group get?"),
    ]


@pytest.mark.django_db
def test_items_are_those_of_the_role() -> None:
    response = asked(assessed("Arno", "Brix"), of="Brix", role="team")

    assert keys(responses.items_of(response)) == [("J-1", None), ("N-1", "Brix"), ("T-1", "Arno")]


@pytest.mark.django_db
def test_items_of_a_full_set_of_three_organisations() -> None:
    response = asked(assessed("Arno", "Brix", "Cass", question_set="full"), role="team")

    assert keys(responses.items_of(response)) == [
        ("J-1", None),
        ("N-1", "Arno"),
        ("T-1", "Brix"),
        ("T-1", "Cass"),
        ("D-1", None),
        ("G-1", None),
    ]


@pytest.mark.django_db
def test_items_of_a_big_alliance_are_about_the_same_three_others_each_time() -> None:
    assessment = assessed("Arno", "Brix", "Cass", "Dorn", "Eyre")
    response = asked(assessment, of="Cass")
    sides = [side.organisation_id for side in assessment.sides.all()]

    first = responses.items_of(response)
    again = responses.items_of(Response.objects.get(pk=response.pk))

    drawn = responses.others_asked_about(
        response.organisation_id, sides, responses.respondents_key(response)
    )
    assert [item.about.pk for item in first if item.question.key == "T-1" and item.about] == drawn
    assert [item.about.pk for item in first if item.question.key == "B-1" and item.about] == [
        response.organisation_id,
        *drawn,
    ]
    assert keys(again) == keys(first)


@pytest.mark.django_db
@pytest.mark.parametrize("members", [("Arno", "Brix"), ("Arno", "Brix", "Cass", "Dorn", "Eyre")])
def test_items_take_2_queries(
    members: tuple[str, ...], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    response = asked(assessed(*members))

    with django_assert_num_queries(2):
        responses.items_of(response)


# --- his own answers --------------------------------------------------------------------------


def answered(response: Response, level: int) -> None:
    sheet = AnswerSheetFactory(
        assessment=response.assessment,
        organisation=response.organisation,
        rater_key=responses.respondents_key(response),
    )
    AnswerFactory(sheet=sheet, level=level)


@pytest.mark.django_db
def test_answers_are_the_respondents_own_of_this_quarter(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assessment = assessed("Arno", "Brix")
    earlier = with_sides(
        AssessmentFactory(
            alliance=assessment.alliance,
            cycle=CycleFactory(rubric_version=assessment.cycle.rubric_version, opened=True),
        )
    )
    mine = asked(assessment)
    colleague = asked(assessment)
    last_time = ResponseFactory(
        assessment=earlier, person=mine.person, organisation=mine.organisation
    )
    for response, level in ((mine, 4), (colleague, 2), (last_time, 1)):
        answered(response, level)

    with django_assert_num_queries(1):
        found = responses.answers_of(mine)

    question = Question.objects.get(key="J-1")
    assert {key: answer.level for key, answer in found.items()} == {(question.pk, None): 4}


@pytest.mark.django_db
def test_key_is_the_same_every_quarter_and_another_in_another_alliance() -> None:
    assessment = assessed("Arno", "Brix")
    mine = asked(assessment)
    next_time = ResponseFactory(
        assessment=AssessmentFactory(
            alliance=assessment.alliance,
            cycle=CycleFactory(rubric_version=assessment.cycle.rubric_version),
        ),
        person=mine.person,
        organisation=mine.organisation,
    )
    other: Alliance = alliance_of("Other", "Arno", "Brix")
    elsewhere = ResponseFactory(
        assessment=AssessmentFactory(alliance=other, cycle=assessment.cycle),
        person=mine.person,
        organisation=mine.organisation,
    )

    key = responses.respondents_key(mine)

    assert len(key) == 32
    assert responses.respondents_key(next_time) == key
    assert responses.respondents_key(elsewhere) != key
    assert responses.respondents_key(asked(assessment)) != key


# --- the personal link ------------------------------------------------------------------------


def by_link(state: str) -> Response:
    cycle: Cycle = CycleFactory(**{state: True} if state else {})
    return ResponseFactory(
        assessment=AssessmentFactory(cycle=cycle), link_digest=responses.link_digest(SECRET)
    )


@pytest.mark.django_db
def test_link_opens_its_response(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    response = by_link("opened")
    ResponseFactory(assessment=response.assessment)

    with django_assert_num_queries(1):
        found = responses.response_by_link(SECRET)

    assert found == response


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["", "closed"])
def test_link_opens_nothing_while_its_cycle_is_not_open(state: str) -> None:
    by_link(state)

    assert responses.response_by_link(SECRET) is None


@pytest.mark.django_db
@pytest.mark.parametrize("secret", ["", "another", SECRET.upper(), responses.link_digest(SECRET)])
def test_link_with_another_secret_opens_nothing(secret: str) -> None:
    by_link("opened")
    ResponseFactory(assessment=AssessmentFactory(alliance=alliance_of("Other", "Arno", "Brix")))

    assert responses.response_by_link(secret) is None
