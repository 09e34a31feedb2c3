"""What goes into a scoring: items and weights, who counts, evidence, and the quarter before."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from alliance_health.alliances.models import Alliance
from assessments import scoring
from assessments.models import (
    AnswerSheet,
    Assessment,
    Cycle,
    NodeKind,
    Response,
    RubricVersion,
    ScoreRun,
    rater_key,
)
from assessments.queries import responses, trees
from assessments.queries import scoring as queries
from tests.factories.alliances import ObjectiveFactory, PlanFactory
from tests.factories.assessments import (
    AnswerFactory,
    AnswerSheetFactory,
    AssessmentFactory,
    CycleFactory,
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    ResponseFactory,
    RubricVersionFactory,
    ScoreFactory,
    ScoreRunFactory,
    SideFactory,
    alliance_of,
    publish,
)
from tests.factories.rubrics import varied_rubric

pytestmark = pytest.mark.django_db

CLOSED_ON = date(2026, 9, 30)
NAMES = ("Arno", "Brix", "Cass", "Dorn", "Eyre", "Finn", "Gale")


def tree(version: RubricVersion) -> trees.VersionTree:
    return trees.version_trees([version.pk])[version.pk]


def weights(dimension: scoring.DimensionSpec) -> dict[str, Decimal]:
    return {item.id: item.weight for item in dimension.items}


# --- items and weights ------------------------------------------------------------------------


def test_spec_of_two_organisations() -> None:
    spec = tree(varied_rubric()).spec("full", [1, 2])

    (pillar,) = spec.pillars
    views, depth = pillar.dimensions
    assert (pillar.id, views.id, views.weight, depth.id, depth.weight) == (
        "alignment",
        "views",
        3,
        "depth",
        1,
    )
    assert weights(views) == {
        "J-1": 2,
        "N-1:1": 2,
        "N-1:2": 2,
        "T-1:1": 2,
        "T-1:2": 2,
        "B-1:1": 1,
        "B-1:2": 1,
    }
    assert weights(depth) == {"D-1": 1}
    assert depth.evidence == scoring.EvidenceSpec(
        Decimal("0.25"), (scoring.MetricSpec("attainment", 0.0, 100.0, Decimal(1)),)
    )


def test_spec_of_three_organisations() -> None:
    spec = tree(varied_rubric()).spec("full", [1, 2, 3])

    views, depth = spec.dimensions
    assert weights(views) == {
        "J-1": 6,
        **dict.fromkeys(("N-1:1", "N-1:2", "N-1:3"), 6),
        **dict.fromkeys(("T-1:1", "T-1:2", "T-1:3"), 3),
        **dict.fromkeys(("B-1:1", "B-1:2", "B-1:3"), 2),
    }
    assert weights(depth) == {"D-1": 1, "G-1": 1}


@pytest.mark.parametrize("organisations", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("role", ["manager", "team"])
def test_spec_gives_each_question_the_same_weight_for_a_respondent(
    organisations: int, role: str
) -> None:
    sides = list(range(1, organisations + 1))
    version = tree(varied_rubric())
    views = version.spec("full", sides).dimensions[0]

    asked = version.asked_of(role, 2, "rater", "full", sides)

    by_question: dict[str, Decimal] = {}
    for item, weight in weights(views).items():
        if item in asked:
            key = item.split(":", 1)[0]
            by_question[key] = by_question.get(key, Decimal(0)) + weight
    assert by_question.keys() == {"J-1", "N-1", "T-1"} | ({"B-1"} if role == "manager" else set())
    assert len(set(by_question.values())) == 1


def test_spec_keeps_what_a_question_weighs_among_its_neighbours() -> None:
    version = RubricVersionFactory()
    dimension = DimensionFactory(pillar=PillarFactory(version=version))
    QuestionFactory(dimension=dimension, key="light", target="own_and_other")
    QuestionFactory(dimension=dimension, key="heavy", weight=Decimal("2.5"))

    spec = tree(publish(version)).spec("core", [1, 2])

    assert weights(spec.dimensions[0]) == {"light:1": 1, "light:2": 1, "heavy": 5}


def test_rater_points_by_hand_in_an_alliance_of_three() -> None:
    """J 100, N 0, T (100 + 0) / 2, B (100 + 100 + 0) / 3: each question counts a quarter."""
    version = tree(varied_rubric())
    rubric = version.spec("core", [1, 2, 3])
    rater = scoring.Rater(
        id="rater",
        side="1",
        answers={
            "J-1": 5,
            "N-1:1": 1,
            "T-1:2": 5,
            "T-1:3": 1,
            "B-1:1": 5,
            "B-1:2": 5,
            "B-1:3": 1,
        },
        asked=version.asked_of("manager", 1, "rater", "core", [1, 2, 3]),
    )

    found = scoring.score(scoring.Parameters(), rubric, ["1", "2", "3"], [rater]).survey.raters

    assert found == {"rater": {"views": pytest.approx((100 + 0 + 50 + 200 / 3) / 4)}}


def test_spec_of_a_core_set_leaves_out_a_dimension_that_asks_nothing() -> None:
    spec = tree(varied_rubric()).spec("core", [1, 2, 3])

    assert [dimension.id for dimension in spec.dimensions] == ["views"]
    assert [node.key for node in spec.nodes] == ["dimension:views", "pillar:alignment", "overall"]


def test_spec_of_a_core_set_leaves_out_a_pillar_that_asks_nothing() -> None:
    draft = RubricVersionFactory()
    for key, is_core in (("asked", True), ("rested", False)):
        pillar = PillarFactory(version=draft, key=key)
        QuestionFactory(dimension=DimensionFactory(pillar=pillar), is_core=is_core)
    version = publish(draft)

    assert [pillar.id for pillar in tree(version).spec("core", [1, 2]).pillars] == ["asked"]
    assert [pillar.id for pillar in tree(version).spec("full", [1, 2]).pillars] == [
        "asked",
        "rested",
    ]


def test_spec_has_no_evidence_where_its_share_is_nothing() -> None:
    version = RubricVersionFactory()
    dimension = DimensionFactory(pillar=PillarFactory(version=version), evidence_percent=0)
    QuestionFactory(dimension=dimension)
    EvidenceMeasureFactory(dimension=dimension, key="attainment")

    assert tree(publish(version)).spec("core", [1, 2]).dimensions[0].evidence is None


@pytest.mark.parametrize(
    ("role", "question_set", "found"),
    [
        ("manager", "core", {"J-1", "N-1:2", "T-1:1", "B-1:1", "B-1:2"}),
        ("sponsor", "core", {"J-1", "N-1:2", "T-1:1", "B-1:1", "B-1:2"}),
        ("team", "core", {"J-1", "N-1:2", "T-1:1"}),
        ("team", "full", {"J-1", "N-1:2", "T-1:1", "D-1"}),
    ],
)
def test_asked_of_a_rater_goes_by_role_and_set(
    role: str, question_set: str, found: set[str]
) -> None:
    assert tree(varied_rubric()).asked_of(role, 2, "rater", question_set, [1, 2]) == found


def test_version_trees_take_4_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = varied_rubric()
    second = varied_rubric(first.rubric, number=2)

    with django_assert_num_queries(4):
        found = trees.version_trees([first.pk, second.pk, first.pk])

    assert set(found) == {first.pk, second.pk}


# --- parameters -------------------------------------------------------------------------------


def test_parameters_left_out_are_those_of_the_specification() -> None:
    assert trees.parameters_of(RubricVersion(parameters={})) == scoring.Parameters()


def test_parameters_are_those_of_the_version() -> None:
    told = {
        "prior": {"sd": 18, "df": 6, "correlation": 0.4},
        "min_answered_share": 0.6,
        "confidence_level": 0.9,
        "equivalence_level": 0.8,
        "possible_below": 0.25,
        "material_points": 12,
        "bands": {"amber_from": 40, "green_from": 80, "margin": 2},
        "shown": {"side_raters": 4, "total_raters": 6},
        "longstring_share": 0.7,
    }

    assert trees.parameters_of(RubricVersion(parameters=told)) == scoring.Parameters(
        prior_sd=18,
        prior_df=6,
        prior_r=0.4,
        min_answered_share=Decimal("0.6"),
        confidence=0.9,
        equivalence_level=0.8,
        possible_p_below=0.25,
        material_points=12,
        bands=scoring.BandLimits(40, 80, 2),
        min_side_raters_shown=4,
        min_total_raters_shown=6,
        longstring_share=0.7,
    )


def test_parameters_that_show_too_much_are_refused() -> None:
    with pytest.raises(scoring.SpecProblem):
        trees.parameters_of(RubricVersion(parameters={"shown": {"side_raters": 2}}))


# --- who counts -------------------------------------------------------------------------------


def assess(alliance: Alliance, cycle: Cycle) -> Assessment:
    assessment = AssessmentFactory(alliance=alliance, cycle=cycle)
    for position, organisation in enumerate(alliance.organisations.order_by("short_name")):
        SideFactory(assessment=assessment, organisation=organisation, position=position)
    return assessment


def closed_cycle(
    version: RubricVersion, starts_on: date = date(2026, 7, 1), **row: object
) -> Cycle:
    return CycleFactory(
        rubric_version=version,
        closed=True,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=90),
        **row,
    )


def sheet(
    assessment: Assessment,
    organisation: str,
    levels: Mapping[str, int | str],
    *,
    role: str = "manager",
    rater: str = "",
    is_submitted: bool = True,
) -> AnswerSheet:
    """A rater's answers by item; an organisation in an item stands by its name, as T-1:Brix."""
    members = {one.short_name: one for one in assessment.alliance.organisations.all()}
    made = AnswerSheetFactory(
        assessment=assessment,
        organisation=members[organisation],
        role=role,
        is_protected=role == "team",
        is_submitted=is_submitted,
        **({"rater_key": rater} if rater else {}),
    )
    for item, said in levels.items():
        key, _colon, about = item.partition(":")
        AnswerFactory(
            sheet=made,
            question=assessment.cycle.rubric_version.questions.get(key=key),
            about=members[about] if about else None,
            level=said if isinstance(said, int) else None,
            no_level="" if isinstance(said, int) else said,
        )
    return made


def gathered(assessment: Assessment, as_of: date = CLOSED_ON) -> queries.Inputs:
    read = Assessment.objects.select_related("cycle__rubric_version__rubric").get(pk=assessment.pk)
    [inputs] = queries.gathered([read], as_of)
    return inputs


def side_of(assessment: Assessment, name: str) -> str:
    return str(assessment.alliance.organisations.get(short_name=name).pk)


def test_gathered_has_who_submitted_with_what_he_was_asked_and_answered() -> None:
    assessment = assess(alliance_of("Cobalt", "Arno", "Brix"), closed_cycle(varied_rubric()))
    arno, brix = side_of(assessment, "Arno"), side_of(assessment, "Brix")
    manager = sheet(assessment, "Arno", {"J-1": 4, "T-1:Brix": "cannot_tell", "B-1:Arno": 5})
    sheet(assessment, "Brix", {"J-1": 1}, is_submitted=False)

    inputs = gathered(assessment)

    assert inputs.sides == (arno, brix)
    assert inputs.raters == (
        scoring.Rater(
            id=manager.rater_key,
            side=arno,
            answers={"J-1": 4, f"T-1:{brix}": "NA", f"B-1:{arno}": 5},
            protected=False,
            asked=frozenset({"J-1", f"N-1:{arno}", f"T-1:{brix}", f"B-1:{arno}", f"B-1:{brix}"}),
        ),
    )
    assert AnswerSheet.objects.filter(assessment=assessment).count() == 2


def test_gathered_takes_an_answer_that_did_not_occur_as_not_applicable() -> None:
    cycle = closed_cycle(varied_rubric(), question_set="full")
    assessment = assess(alliance_of("Cobalt", "Arno", "Brix"), cycle)
    sheet(assessment, "Arno", {"D-1": "did_not_occur"})

    assert [rater.answers for rater in gathered(assessment).raters] == [{"D-1": "NA"}]


@pytest.mark.parametrize(("submitted", "counted"), [(4, 0), (5, 5)])
def test_gathered_leaves_out_protected_answers_below_k(submitted: int, counted: int) -> None:
    assessment = assess(alliance_of("Cobalt", "Arno", "Brix"), closed_cycle(varied_rubric()))
    for number in range(submitted):
        sheet(assessment, "Arno", {"J-1": 1 + number % 5}, role="team")
    sheet(assessment, "Arno", {"J-1": 3}, role="team", is_submitted=False)
    sheet(assessment, "Arno", {"J-1": 3}, role="manager")

    inputs = gathered(assessment)

    assert sum(rater.protected for rater in inputs.raters) == counted
    assert len(inputs.raters) == counted + 1
    arno = side_of(assessment, "Arno")
    assert inputs.left_out == ({} if counted else {arno: submitted})


def test_gathered_goes_by_the_k_that_was_frozen() -> None:
    cycle = closed_cycle(varied_rubric(), protected_minimum=3)
    assessment = assess(alliance_of("Cobalt", "Arno", "Brix"), cycle)
    for level in (2, 3, 4):
        sheet(assessment, "Arno", {"J-1": level}, role="team")

    assert len(gathered(assessment).raters) == 3


def test_gathered_of_a_big_alliance_asks_as_the_questionnaire_did() -> None:
    alliance = alliance_of("Cobalt", *NAMES[:5])
    assessment = assess(alliance, closed_cycle(varied_rubric()))
    expected: dict[str, frozenset[str]] = {}
    for number in range(8):
        organisation = alliance.organisations.get(short_name=NAMES[number % 5])
        response: Response = ResponseFactory(assessment=assessment, organisation=organisation)
        made = sheet(
            assessment,
            organisation.short_name,
            {"J-1": 4},
            rater=responses.respondents_key(response),
        )
        expected[made.rater_key] = frozenset(
            trees.item_id(item.question.key, item.about.pk if item.about else None)
            for item in responses.items_of(response)
        )

    found = {rater.id: rater.asked for rater in gathered(assessment).raters}

    assert found == expected
    assert len(set(expected.values())) >= 5  # each of the five organisations is asked of its own
    assert {len(asked) for asked in expected.values()} == {1 + 1 + 3 + 4}


def test_gathered_of_other_assessments_does_not_mix() -> None:
    cycle = closed_cycle(varied_rubric())
    cobalt = assess(alliance_of("Cobalt", "Arno", "Brix"), cycle)
    other = assess(alliance_of("Other", "Arno", "Brix"), cycle)
    mine, theirs = sheet(cobalt, "Arno", {"J-1": 2}), sheet(other, "Arno", {"J-1": 5})

    found = queries.gathered([other, cobalt], CLOSED_ON)

    assert [[rater.id for rater in inputs.raters] for inputs in found] == [
        [theirs.rater_key],
        [mine.rater_key],
    ]


# --- evidence ---------------------------------------------------------------------------------


def half_way(alliance: Alliance) -> None:
    """An objective of which nothing is done, where something was to be."""
    objective = ObjectiveFactory(alliance=alliance, plan=None)
    PlanFactory(
        objective=objective,
        agreed_on=date(2026, 9, 1),
        starts_on=date(2026, 9, 1),
        due_on=date(2026, 12, 1),
    )


@pytest.mark.parametrize(("as_of", "found"), [(date(2026, 8, 31), None), (date(2026, 9, 30), 0.0)])
def test_gathered_has_the_evidence_of_the_day_that_the_rubric_scores(
    as_of: date, found: float | None
) -> None:
    cycle = closed_cycle(varied_rubric(), question_set="full")
    assessment = assess(alliance_of("Cobalt", "Arno", "Brix"), cycle)
    half_way(assessment.alliance)

    assert gathered(assessment, as_of).evidence == {"attainment": found}


def test_gathered_of_a_core_set_has_no_evidence_for_what_is_not_asked() -> None:
    assessment = assess(alliance_of("Cobalt", "Arno", "Brix"), closed_cycle(varied_rubric()))
    half_way(assessment.alliance)

    assert gathered(assessment).evidence == {}


# --- the quarter before -----------------------------------------------------------------------

SPRING, WINTER = date(2026, 4, 1), date(2026, 1, 1)


def run_of(assessment: Assessment, as_of: date, **row: object) -> ScoreRun:
    made: ScoreRun = ScoreRunFactory(assessment=assessment, as_of=as_of, **row)
    return made


def test_gathered_compares_with_the_last_closed_quarter_of_the_rubric() -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    winter = assess(cobalt, closed_cycle(version, WINTER))
    spring = assess(cobalt, closed_cycle(version, SPRING, question_set="full"))
    summer = assess(cobalt, closed_cycle(version))
    run_of(winter, date(2026, 3, 31))
    run_of(spring, date(2026, 6, 30), evidence={"attainment": 10.0})
    latest = run_of(spring, date(2026, 8, 30), reason="nightly", evidence={"attainment": 20.0})
    sheet(winter, "Arno", {"J-1": 1})
    earlier = sheet(spring, "Arno", {"J-1": 2, "D-1": 5})
    sheet(summer, "Arno", {"J-1": 3}, rater=earlier.rater_key)

    inputs = gathered(summer)

    arno, brix = side_of(summer, "Arno"), side_of(summer, "Brix")
    assert inputs.before_run == latest
    assert not inputs.is_rebased
    # Read by what is asked today: D-1 and its evidence are not.
    assert inputs.before == scoring.Quarter(
        raters=(
            scoring.Rater(
                id=earlier.rater_key,
                side=arno,
                answers={"J-1": 2},
                protected=False,
                asked=frozenset(
                    {"J-1", f"N-1:{arno}", f"T-1:{brix}", f"B-1:{arno}", f"B-1:{brix}"}
                ),
            ),
        ),
        evidence={},
    )


def test_gathered_keeps_the_evidence_of_the_quarter_before_as_it_was_stored() -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    spring = assess(cobalt, closed_cycle(version, SPRING, question_set="full"))
    summer = assess(cobalt, closed_cycle(version, question_set="full"))
    run_of(spring, date(2026, 6, 30), evidence={"attainment": 20.0, "gone": 5.0})
    half_way(cobalt)

    inputs = gathered(summer)

    assert inputs.before is not None
    assert (inputs.before.evidence, inputs.evidence) == ({"attainment": 20.0}, {"attainment": 0.0})


@pytest.mark.parametrize("state", ["open", "not scored", "another rubric", "later"])
def test_gathered_has_nothing_to_compare_with(state: str) -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    summer = assess(cobalt, closed_cycle(version))
    if state == "open":
        other = assess(cobalt, CycleFactory(rubric_version=version, opened=True, starts_on=SPRING))
        run_of(other, date(2026, 6, 30))
    elif state == "not scored":
        assess(cobalt, closed_cycle(version, SPRING))
    elif state == "another rubric":
        run_of(assess(cobalt, closed_cycle(varied_rubric(), SPRING)), date(2026, 6, 30))
    else:
        run_of(assess(cobalt, closed_cycle(version, date(2026, 8, 1))), date(2026, 9, 29))

    inputs = gathered(summer)

    assert (inputs.before, inputs.before_run, inputs.is_rebased) == (None, None, False)
    assert inputs.previous_bands == {}


def test_gathered_says_rebased_where_the_rubric_has_a_new_version() -> None:
    first = varied_rubric()
    second = varied_rubric(first.rubric, number=2)
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    spring = assess(cobalt, closed_cycle(first, SPRING))
    summer = assess(cobalt, closed_cycle(second))
    run_of(spring, date(2026, 6, 30))
    earlier = sheet(spring, "Arno", {"J-1": 2})

    inputs = gathered(summer)

    assert inputs.is_rebased
    assert inputs.before is not None
    assert [(rater.id, rater.answers) for rater in inputs.before.raters] == [
        (earlier.rater_key, {"J-1": 2})
    ]


def test_gathered_compares_only_the_organisations_of_today() -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix", "Cass")
    spring = assess(cobalt, closed_cycle(version, SPRING))
    summer = assess(cobalt, closed_cycle(version))
    summer.sides.filter(organisation__short_name="Cass").delete()
    run_of(spring, date(2026, 6, 30))
    staying = sheet(spring, "Arno", {"T-1:Brix": 2, "T-1:Cass": 5})
    sheet(spring, "Cass", {"J-1": 5})

    before = gathered(summer).before

    assert before is not None
    assert [(rater.id, rater.answers) for rater in before.raters] == [
        (staying.rater_key, {f"T-1:{side_of(summer, 'Brix')}": 2})
    ]
    assert before.raters[0].asked is not None
    assert not any(item.endswith(f":{side_of(summer, 'Cass')}") for item in before.raters[0].asked)


def test_gathered_leaves_out_protected_answers_of_the_quarter_before_by_its_own_k() -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    spring = assess(cobalt, closed_cycle(version, SPRING, protected_minimum=5))
    summer = assess(cobalt, closed_cycle(version, protected_minimum=3))
    run_of(spring, date(2026, 6, 30))
    for assessment in (spring, summer):
        for level in (2, 3, 4, 5):
            sheet(assessment, "Arno", {"J-1": level}, role="team")

    inputs = gathered(summer)

    assert inputs.before is not None
    assert (len(inputs.before.raters), len(inputs.raters)) == (0, 4)


# --- the bands shown before -------------------------------------------------------------------


def shown(run: ScoreRun, band: str, **node: object) -> None:
    ScoreFactory(run=run, band=band, **node)


def test_gathered_has_the_bands_of_the_quarter_before() -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    spring = assess(cobalt, closed_cycle(version, SPRING))
    run = run_of(spring, date(2026, 6, 30))
    shown(run, "amber")
    shown(run, "red", node_kind=NodeKind.DIMENSION, node_key="views")
    shown(run, "green", node_kind=NodeKind.DIMENSION, node_key="depth")  # not asked today
    shown(run, "", node_kind=NodeKind.PILLAR, node_key="alignment", value=None, low=0, high=0)

    inputs = gathered(assess(cobalt, closed_cycle(version)))

    assert inputs.previous_bands == {
        "overall": scoring.Band.AMBER,
        "dimension:views": scoring.Band.RED,
    }


def test_gathered_has_the_bands_that_it_showed_last_itself() -> None:
    version = varied_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    spring = assess(cobalt, closed_cycle(version, SPRING))
    summer = assess(cobalt, closed_cycle(version))
    shown(run_of(spring, date(2026, 6, 30)), "amber")
    shown(run_of(summer, date(2026, 9, 28)), "red")
    shown(run_of(summer, date(2026, 9, 29), reason="nightly"), "green")
    shown(run_of(summer, date(2026, 9, 30), reason="nightly"), "red")  # of the day itself

    assert gathered(summer).previous_bands == {"overall": scoring.Band.GREEN}


# --- the bulk ---------------------------------------------------------------------------------


@pytest.mark.parametrize("alliances", [1, 3])
def test_gathered_takes_the_same_queries_for_1_and_3_assessments(
    alliances: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = varied_rubric()
    spring = closed_cycle(version, SPRING, question_set="full")
    summer = closed_cycle(version, question_set="full")
    for number in range(alliances):
        alliance = alliance_of(f"Alliance {number}", *NAMES[: 2 + number])
        half_way(alliance)
        before, now = assess(alliance, spring), assess(alliance, summer)
        shown(run_of(before, date(2026, 6, 30)), "amber")
        shown(run_of(now, date(2026, 9, 29)), "amber")
        for name in NAMES[: 2 + number]:
            sheet(before, name, {"J-1": 2})
            sheet(now, name, {"J-1": 3})
    assessments = list(
        Assessment.objects.filter(cycle=summer).select_related("cycle__rubric_version__rubric")
    )

    with django_assert_num_queries(21):
        found = queries.gathered(assessments, CLOSED_ON)

    assert [inputs.assessment for inputs in found] == assessments
    assert all(inputs.before is not None for inputs in found)


def test_rater_key_is_not_to_be_guessed_from_the_tables(settings: Settings) -> None:
    found = rater_key(1, "person:1")
    settings.PSEUDONYM_KEY = "another key of the server"

    assert rater_key(1, "person:1") != found
