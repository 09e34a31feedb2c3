"""A rubric's file: the shipped ones are whole, and each kind of fault is told with its place."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from assessments.operations import rubric_documents
from assessments.operations.rubric_documents import (
    DimensionPart,
    QuestionPart,
    RubricDocument,
    RubricFileRefused,
)
from tests.factories.scenes import RUBRICS

SMALL = """\
format: 1
rubric: small
name: Small
version: 1
description: A small rubric.
parameters: {}
named_roles: [manager]
roles: {manager: alliance manager, team: team member}
pillars:
  - key: alignment
    name: Alignment
    weight: 100
    dimensions:
      - key: objectives
        name: Objectives
        weight: 60
        about: Whether they are shared.
        questions:
          - key: A-1
            label: Same objectives
            core: true
            roles: [manager, team]
            target: joint
            text: Are they the same?
            levels: {1: No., 2: Hardly., 3: Half., 4: Mostly., 5: Yes.}
      - key: delivery
        name: Delivery
        weight: 40
        about: Whether it comes.
        evidence:
          share: 25
          measures: [{key: attainment, floor: 0, target: 100}]
        questions:
          - key: A-2
            label: On time
            core: true
            roles: [manager]
            target: own
            text: Does it come?
            levels: {1: No., 2: Hardly., 3: Half., 4: Mostly., 5: Yes.}
measures:
  - key: attainment
    code: M1
    name: Attainment
    scored: true
    pillars: [alignment]
    unit: per cent
    about: Progress against plan.
"""
FIRST = "pillars.0.dimensions.0"
SECOND = "pillars.0.dimensions.1"


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "rubric.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(RubricFileRefused) as refused:
        rubric_documents.read(written(folder, content))
    return str(refused.value)


def changed(old: str, new: str) -> str:
    """The small rubric with one thing changed, where it stands first."""
    assert old in SMALL
    return SMALL.replace(old, new, 1)


# --- the files that come with the product -----------------------------------------------------


@pytest.fixture(scope="module")
def default() -> RubricDocument:
    return rubric_documents.read(RUBRICS / "default.yaml")


def dimensions(document: RubricDocument) -> Mapping[str, DimensionPart]:
    return {part.key: part for pillar in document.pillars for part in pillar.dimensions}


def questions(document: RubricDocument) -> Mapping[str, QuestionPart]:
    return {
        question.key: question
        for part in dimensions(document).values()
        for question in part.questions
    }


def numbered(prefix: str, last: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(1, last + 1)]


def test_default_rubric_has_the_33_questions_with_five_levels_each(
    default: RubricDocument,
) -> None:
    found = questions(default)

    assert sorted(found) == sorted(
        [
            *numbered("OA", 11),
            *numbered("SE", 10),
            *numbered("LP", 4),
            *numbered("LC", 4),
            *numbered("LI", 4),
        ]
    )
    assert {tuple(question.levels) for question in found.values()} == {(1, 2, 3, 4, 5)}
    for question in found.values():
        assert len(set(question.levels.values())) == 5, question.key


def test_default_rubric_weighs_pillars_and_dimensions_as_designed(
    default: RubricDocument,
) -> None:
    assert {
        pillar.key: (pillar.weight, {part.key: part.weight for part in pillar.dimensions})
        for pillar in default.pillars
    } == {
        "alignment": (
            40,
            {
                "shared-objectives": 30,
                "benefits-and-delivery": 25,
                "processes-and-decisions": 20,
                "relationships": 15,
                "adaptability-and-governance": 10,
            },
        ),
        "sponsorship": (
            30,
            {
                "sponsor-presence": 40,
                "championing": 20,
                "strategic-guidance": 20,
                "removing-obstacles": 20,
            },
        ),
        "leadership": (30, {"passion": 30, "commitment": 35, "influence-and-impact": 35}),
    }
    assert {question.weight for question in questions(default).values()} == {1}


def test_default_rubric_puts_each_question_in_its_dimension(default: RubricDocument) -> None:
    assert {
        key: [question.key for question in part.questions]
        for key, part in dimensions(default).items()
    } == {
        "shared-objectives": ["OA-1", "OA-2", "OA-3"],
        "benefits-and-delivery": ["OA-4"],
        "processes-and-decisions": ["OA-5", "OA-6"],
        "relationships": ["OA-7", "OA-8", "OA-9"],
        "adaptability-and-governance": ["OA-10", "OA-11"],
        "sponsor-presence": ["SE-1", "SE-2", "SE-3", "SE-4"],
        "championing": ["SE-5", "SE-8"],
        "strategic-guidance": ["SE-6", "SE-9", "SE-10"],
        "removing-obstacles": ["SE-7"],
        "passion": numbered("LP", 4),
        "commitment": numbered("LC", 4),
        "influence-and-impact": numbered("LI", 4),
    }


def test_default_rubric_scores_a_quarter_of_evidence_where_designed(
    default: RubricDocument,
) -> None:
    assert {
        key: (part.evidence.share, [(m.key, m.weight) for m in part.evidence.measures])
        for key, part in dimensions(default).items()
        if part.evidence
    } == {
        "benefits-and-delivery": (25, [("attainment", 1), ("check_ins_up_to_date", 1)]),
        "processes-and-decisions": (25, [("actions_on_time", 1)]),
        "sponsor-presence": (25, [("sponsor_contact", 1), ("sponsor_match", 1)]),
        "championing": (25, [("advocacy", 1)]),
        "removing-obstacles": (25, [("obstacles_in_time", 1)]),
        "commitment": (25, [("commitments_kept", 1)]),
    }


@pytest.mark.parametrize(
    ("role", "core", "full"), [("manager", 13, 33), ("sponsor", 9, 27), ("team", 9, 22)]
)
def test_default_rubric_asks_each_role_as_many_questions_as_designed(
    role: str, core: int, full: int, default: RubricDocument
) -> None:
    """Own and other count as one question. OA-11 is asked of three organisations or more."""
    asked = [question for question in questions(default).values() if role in question.roles]

    assert (sum(question.core for question in asked), len(asked)) == (core, full)


def test_default_rubric_has_the_core_set_as_designed(default: RubricDocument) -> None:
    assert {key for key, question in questions(default).items() if question.core} == {
        *("OA-1", "OA-2", "OA-4", "OA-6", "OA-8", "OA-10"),
        *("SE-1", "SE-3", "SE-5", "SE-7"),
        *("LP-1", "LC-1", "LI-1"),
    }


def test_default_rubric_asks_about_whom_as_designed(default: RubricDocument) -> None:
    by_target: dict[str, set[str]] = {}
    for key, question in questions(default).items():
        by_target.setdefault(question.target.value, set()).add(key)

    leadership = {*numbered("LP", 4), *numbered("LC", 4), *numbered("LI", 4)} - {"LI-3"}
    assert by_target["other"] == {"OA-8"}
    assert by_target["own_and_other"] == {"OA-4", "SE-4", "SE-7", *leadership}
    assert by_target["own"] == {"OA-7", "SE-1", "SE-5", "SE-6", "SE-8", "SE-9", "SE-10"}
    assert by_target["joint"] == {
        *("OA-1", "OA-2", "OA-3", "OA-5", "OA-6", "OA-9", "OA-10", "OA-11"),
        *("SE-2", "SE-3", "LI-3"),
    }
    assert Counter(q.minimum_organisations for q in questions(default).values()) == {2: 32, 3: 1}
    assert questions(default)["OA-11"].minimum_organisations == 3
    assert {key for key, q in questions(default).items() if q.not_applicable} == {
        "OA-10",
        "SE-8",
        "LP-4",
    }


def test_default_rubric_names_the_organisation_wherever_it_asks_about_one(
    default: RubricDocument,
) -> None:
    for key, question in questions(default).items():
        speaks_of_one = "{organisation}" in question.text or "{own}" in question.text
        assert speaks_of_one == (question.target != "joint"), key


def test_default_rubric_has_the_specifications_parameters(default: RubricDocument) -> None:
    assert default.parameters == rubric_documents.Rules()
    assert [role.value for role in default.named_roles] == ["manager", "sponsor"]
    assert {measure.code for measure in default.measures} == {f"M{n}" for n in range(1, 22)}


def test_leadership_climate_is_eleven_statements_for_the_team() -> None:
    document = rubric_documents.read(RUBRICS / "leadership_climate.yaml")

    found = questions(document)
    assert list(found) == [f"LEAD{number:02}" for number in range(1, 12)]
    assert {(*q.roles, q.target.value, q.core) for q in found.values()} == {("team", "joint", True)}
    assert {tuple(question.levels) for question in found.values()} == {(1, 2, 3, 4, 5)}
    assert (document.named_roles, document.parameters.protected_minimum) == ([], 5)


# --- what may be left out ---------------------------------------------------------------------


def test_small_rubric_has_the_specifications_values_for_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    document = rubric_documents.read(written(tmp_path, SMALL))

    assert document.model_dump(mode="json")["parameters"] == {
        "prior": {"sd": 20, "df": 4, "correlation": 0.5},
        "min_answered_share": 0.5,
        "confidence_level": 0.95,
        "equivalence_level": 0.9,
        "possible_below": 0.2,
        "material_points": 10,
        "bands": {"amber_from": 50, "green_from": 70, "margin": 3},
        "shown": {"side_raters": 3, "total_raters": 4, "item_distribution": 5, "comments": 10},
        "protected_minimum": 5,
        "longstring_share": 0.5,
    }
    question = questions(document)["A-1"]
    assert (question.weight, question.reverse, question.minimum_organisations) == (1, False, 2)


def test_weights_keep_their_decimals(tmp_path: Path) -> None:
    thirds = changed("weight: 60", "weight: 33.334").replace("weight: 40", "weight: 66.666")

    found = dimensions(rubric_documents.read(written(tmp_path, thirds)))

    assert [part.weight for part in found.values()] == [Decimal("33.334"), Decimal("66.666")]


def test_file_may_begin_with_a_byte_order_mark_and_have_windows_line_ends(tmp_path: Path) -> None:
    content = "﻿" + SMALL.replace("\n", "\r\n")

    assert rubric_documents.read(written(tmp_path, content)) == rubric_documents.read(
        written(tmp_path, SMALL)
    )


# --- faults of the content, each with its place -----------------------------------------------

WHOLE = "(whole file): Value error, "
QUESTION = f"{FIRST}.questions.0"
EVIDENCE = f"{SECOND}.evidence"
CONTENT = [
    # unknown and missing keys
    ("about: Whether they", "abuot: Whether they", f"{FIRST}.abuot: Extra inputs"),
    ("        about: Whether they are shared.\n", "", f"{FIRST}.about: Field required"),
    ("format: 1", "format: 2", "format: Input should be 1"),
    ("parameters: {}", "parameters: {priors: {}}", "parameters.priors: Extra inputs"),
    ("parameters: {}", "parameters: {bands: {red: 1}}", "parameters.bands.red: Extra inputs"),
    # weights
    ("weight: 60", "weight: 50", "pillars.0: Value error, the weights of the dimensions of"),
    ("weight: 60", "weight: 50", "alignment add up to 90, not to 100"),
    ("weight: 100", "weight: 99", f"{WHOLE}the weights of the pillars add up to 99, not to 100"),
    ("weight: 60", "weight: 0", f"{FIRST}.weight: Input should be greater than 0"),
    ("weight: 60", "weight: sixty", f"{FIRST}.weight: Input should be a valid decimal"),
    # levels
    (", 5: Yes.}", "}", f"{QUESTION}: Value error, there must be five levels, 1 to 5"),
    (", 5: Yes.}", ", 6: Yes.}", f"{QUESTION}.levels.6"),
    ("5: Yes.}", "5: ' '}", f"{QUESTION}.levels.5: String should have at least 1"),
    # roles and targets
    ("[manager, team]", "[boss]", f"{QUESTION}.roles.0: Input should be 'manager', 'sponsor'"),
    ("[manager, team]", "[]", f"{QUESTION}.roles: List should have"),
    ("[manager, team]", "[team, team]", f"{QUESTION}: Value error, the role team is there twice"),
    ("named_roles: [manager]", "named_roles: [boss]", "named_roles.0: Input should be"),
    ("target: joint", "target: all", f"{QUESTION}.target: Input should be 'joint'"),
    # keys
    ("key: A-2", "key: A-1", f"{WHOLE}the question A-1 is there twice"),
    ("key: delivery", "key: objectives", f"{WHOLE}the dimension objectives is there twice"),
    ("key: A-1", "key: 'A:1'", f"{QUESTION}.key: String should match"),
    ("rubric: small", "rubric: ''", "rubric: String should match"),
    # evidence
    ("{key: attainment,", "{key: luck,", f"{WHOLE}the dimension delivery scores luck, which is"),
    ("scored: true", "scored: false", "scores attainment, which is not among the scored measures"),
    ("share: 25", "share: 26", f"{EVIDENCE}.share: Input should be less than or equal to"),
    ("floor: 0, target: 100", "floor: 5, target: 5.0", f"{EVIDENCE}.measures.0: Value error"),
    ("measures: [{key", "measures: [{key: attainment}, {key", f"{EVIDENCE}: Value error, the"),
    # limits that were promised to the respondents
    ("parameters: {}", "parameters: {protected_minimum: 2}", "parameters.protected_minimum: Input"),
    ("parameters: {}", "parameters: {shown: {side_raters: 2}}", "parameters.shown.side_raters: In"),
    ("parameters: {}", "parameters: {shown: {comments: 9}}", "parameters.shown.comments: Input"),
    # numbers that the database has no room for
    ("version: 1", "version: 3000000000", "version: Input should be less than"),
    ("floor: 0,", "floor: 1234567890.5,", f"{EVIDENCE}.measures.0.floor: Decimal input"),
]


@pytest.mark.parametrize(("old", "new", "said"), CONTENT)
def test_fault_of_the_content_is_told_with_its_place(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    told = refusal(tmp_path, changed(old, new))

    assert told.startswith(f"{tmp_path / 'rubric.yaml'} does not fit a rubric:\n- ")
    assert said in told


def test_measure_that_nothing_measures_is_told(tmp_path: Path) -> None:
    told = refusal(tmp_path, SMALL.replace("key: attainment", "key: happiness"))

    assert "nothing measures happiness; there are actions_on_time, advocacy, attainment" in told


def test_pillar_that_is_there_twice_is_told(tmp_path: Path) -> None:
    pillar = SMALL[SMALL.index("  - key: alignment") : SMALL.index("measures:\n")]
    twice = SMALL.replace(pillar, pillar + pillar).replace("weight: 100", "weight: 50")

    assert "the pillar alignment is there twice" in refusal(tmp_path, twice)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    content = changed("core: true", "core: perhaps").replace("target: own", "target: nobody")

    told = refusal(tmp_path, content)

    assert [line.split(":")[0] for line in told.splitlines()[1:]] == [
        f"- {FIRST}.questions.0.core",
        f"- {SECOND}.questions.0.target",
    ]


@pytest.mark.parametrize("content", ["", "null", "[]", "- a\n- b", "just words", "42"])
def test_file_that_is_no_mapping_is_told(content: str, tmp_path: Path) -> None:
    assert "(whole file): Input should be a valid dictionary" in refusal(tmp_path, content)


# --- faults of the writing --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [1, 2", "line 1, column"),
        ("a: b: c", "mapping values are not allowed here"),
        ("a:\n\t- b", "line 2, column 1"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: !!binary aGVsbG8=", "could not determine a constructor"),
        ("a: !!set {b, c}", "could not determine a constructor"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("? [a, b]\n: c", "unhashable key"),
        # a key twice
        ("format: 1\nformat: 1", "the key format is there twice"),
        (SMALL.replace("4: Mostly.", "4: Mostly., 4: Nearly."), "the key 4 is there twice"),
        (SMALL.replace("core: true", "core: true\n            core: false"), "line 22, column 13"),
        # aliases
        (SMALL.replace("label: Same", "label: &same Same").replace("On time", "*same"), "no alias"),
        ("a: &a [*a]", "a rubric has no aliases"),
        ("a: {<<: {b: 1}}", "could not determine a constructor"),
        # what PostgreSQL cannot store
        (SMALL.replace("name: Small", 'name: "Sm\\0all"'), "a character that cannot be stored"),
        (SMALL.replace("name: Small", 'name: "\\ud800"'), "a character that cannot be stored"),
        (SMALL + "expiry: {cycles: .nan}\n", ".nan is no number"),
        (SMALL + "expiry: {cycles: -.inf}\n", "-.inf is no number"),
        (SMALL + "gates: [{limit: 1.0e+999}]\n", "1.0e+999 is no number"),
        ("a: " + "9" * 5000, "is not YAML"),
        ("[" * 100_000, "is not YAML"),
        ("{a: " * 50_000, "is not YAML"),
        ("a: \x07", "special characters are not allowed"),
    ],
    ids=lambda text: text[:30],
)
def test_fault_of_the_writing_is_told(content: str, said: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, content)

    assert told.startswith(f"{tmp_path / 'rubric.yaml'} is not YAML: ")
    assert said in told


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "cp1252"])
def test_file_in_another_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    content = SMALL.replace("A small rubric.", "Ein größeres Büro für Qualität.")

    told = refusal(tmp_path, content.encode(encoding))

    assert told == f"{tmp_path / 'rubric.yaml'} is not UTF-8 text."


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RubricFileRefused, match=r"absent.yaml cannot be read: No such file"):
        rubric_documents.read(tmp_path / "absent.yaml")


def test_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RubricFileRefused, match="cannot be read: Is a directory"):
        rubric_documents.read(tmp_path)


def test_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    too_much = b"#" * (rubric_documents.LARGEST_FILE + 1)

    assert refusal(tmp_path, too_much).endswith("is larger than 2 MB.")


def _unfolding(levels: int) -> str:
    """A billion laughs: each line is nine times the one before."""
    lines = ["  - a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels + 1)]
    return SMALL + "unscored:\n" + "\n".join(lines) + "\n"


def _folded_pillars() -> str:
    """A pillar that fits the schema, 300 times 300 dimensions of 300 questions."""
    return (
        SMALL[: SMALL.index("pillars:")]
        + """\
pillars:
  - &p
    key: a
    name: A
    weight: 100
    dimensions:
      - &d
        key: d
        name: D
        weight: 1
        about: All.
        questions:
          - &q {key: A, label: L, core: true, roles: [team], target: joint, text: T,
                levels: {1: a, 2: b, 3: c, 4: d, 5: e}}
"""
        + "          - *q\n" * 300
        + "      - *d\n" * 300
        + "  - *p\n" * 300
    )


@pytest.mark.timeout(20)
@pytest.mark.parametrize("content", [_unfolding(30), _folded_pillars()], ids=["any", "schema"])
def test_file_that_unfolds_to_more_than_any_memory_is_refused_at_once(
    content: str, tmp_path: Path
) -> None:
    assert "a rubric has no aliases (*name)" in refusal(tmp_path, content)
