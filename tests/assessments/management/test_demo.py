"""The demo loads, and each of its stories can be seen in what the product made of it."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Obstacle, Organisation, Role, Seat, Stage
from assessments.management.demo import sign_ins
from assessments.management.demo.content import read
from assessments.models import (
    Answer,
    Cycle,
    CycleState,
    Gap,
    NodeKind,
    Response,
    ResponseState,
    Score,
    ScoreRun,
    Signal,
    SignalKind,
)
from assessments.operations import signals
from assessments.queries import figures, movements, receipts, stored_runs
from assessments.queries.trees import version_trees

pytestmark = pytest.mark.django_db  # asks for the database, also where this file runs alone
GAP_IN_EVIDENCE = 20


@pytest.fixture(scope="module", autouse=True)
def said(
    django_db_setup: None,  # noqa: ARG001  the tables
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[str]:
    """Load the demo once for all tests of this file; return what the command said."""
    with django_db_blocker.unblock(), transaction.atomic():
        out = StringIO()
        call_command("load_demo", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


@dataclass(frozen=True, slots=True)
class Story:
    """What the product made of an alliance: its scorings, oldest first."""

    alliance: Alliance
    runs: list[ScoreRun]

    @property
    def now(self) -> ScoreRun:
        return self.runs[-1]

    def scores(self, kind: NodeKind = NodeKind.OVERALL, key: str = "") -> list[Score]:
        """Return the alliance's own scores of a node, oldest first."""
        found = {
            score.run_id: score
            for score in Score.objects.filter(run__in=self.runs, node_kind=kind, node_key=key)
        }
        return [found[run.pk] for run in self.runs]

    def values(self, kind: NodeKind = NodeKind.OVERALL, key: str = "") -> list[float]:
        values = [score.value for score in self.scores(kind, key)]
        assert None not in values
        return [value for value in values if value is not None]

    def bands(self) -> list[str]:
        return [score.band for score in self.scores()]

    def verdicts(self) -> list[str]:
        """Return the verdicts on the changes of the whole."""
        return [score.change_verdict for score in self.scores() if score.change_verdict]

    def gaps(self) -> tuple[Gap, ...]:
        """Return the gaps between the sides in the whole, now."""
        return self.scores()[-1].side_gaps(self.now.sides)

    def dimensions(self) -> list[Score]:
        return list(Score.objects.filter(run=self.now, node_kind=NodeKind.DIMENSION))


def story(name: str) -> Story:
    alliance = Alliance.objects.get(name=name)
    return Story(alliance, list(figures.latest_runs([alliance.pk]))[::-1])


# --- how much there is ------------------------------------------------------------------------
def test_demo_is_as_large_as_it_says(said: str) -> None:
    assert said.startswith("Loaded the demo in ")
    assert " s: 14 organisations, " in said
    assert ", 12 alliances, 9 cycles, " in said
    assert said.count("\n") == 1
    assert Organisation.objects.count() == 14
    assert sorted(a.organisations.count() for a in Alliance.objects.all()) == [2] * 10 + [3, 4]
    assert Counter(Cycle.objects.values_list("state", flat=True)) == {
        CycleState.CLOSED: 8,
        CycleState.OPEN: 1,
    }


def test_every_closed_assessment_is_scored_and_nothing_is_left_due() -> None:
    for alliance in Alliance.objects.all():
        runs = figures.latest_runs([alliance.pk])
        closed = alliance.assessments.filter(cycle__state=CycleState.CLOSED)
        assert {run.assessment_id for run in runs} == set(closed.values_list("pk", flat=True))
        assert not alliance.assessments.filter(jobs__done_at=None, jobs__isnull=False).exists()


def test_latest_scores_are_three_red_four_amber_five_green() -> None:
    bands = Counter(story(part.name).bands()[-1] for part in read().alliances)

    assert bands == {"red": 3, "amber": 4, "green": 5}


def test_every_comment_was_given_to_somebody() -> None:
    told = [voice.text for part in read().alliances for voice in part.voices]

    given = Answer.objects.exclude(comment="").values_list("comment", flat=True)

    assert sorted(given) == sorted(told)


def test_open_cycle_has_some_answers_and_waits_for_those_who_sign_in() -> None:
    responses = Response.objects.filter(assessment__cycle__state=CycleState.OPEN)
    submitted = responses.filter(state=ResponseState.SUBMITTED)
    theirs = responses.filter(person__user__isnull=False)

    assert 0.25 < submitted.count() / responses.count() < 0.6
    assert Counter(theirs.values_list("person__email", "state")) == {
        ("sponsor@demo.example", ResponseState.INVITED): 3,
        ("manager.castellmar@demo.example", ResponseState.INVITED): 1,
        ("manager.jirani@demo.example", ResponseState.STARTED): 1,
        ("team@demo.example", ResponseState.INVITED): 1,
    }


# --- the stories ------------------------------------------------------------------------------
def test_clearline_ports_is_steady_and_healthy() -> None:
    ports = story("Clearline Ports")

    assert set(ports.bands()) == {"green"}
    assert max(ports.values()) - min(ports.values()) < 8
    assert set(ports.verdicts()) <= {"stable", "cannot tell"}


def test_cold_chain_east_declines_slowly() -> None:
    chain = story("Cold Chain East")
    values = chain.values()

    assert (chain.bands()[0], chain.bands()[-1]) == ("green", "red")
    assert all(later < earlier for earlier, later in pairwise(values))
    assert "declined" in chain.verdicts()
    assert "improved" not in chain.verdicts()


def test_grid_edge_has_lost_a_sponsor() -> None:
    grid = story("Grid Edge")
    sponsors = Seat.objects.held_on(timezone.localdate()).filter(
        alliance=grid.alliance, role=Role.SPONSOR
    )
    sponsorship = grid.values(NodeKind.PILLAR, "sponsorship")
    leadership = grid.values(NodeKind.PILLAR, "leadership")

    assert [seat.organisation.short_name for seat in sponsors] == ["Lindqvarn"]
    assert grid.now.evidence["sponsor_match"] == 0
    assert grid.now.evidence["sponsor_contact"] == 0
    assert sponsorship[-1] < sponsorship[-3] - 30
    assert leadership[-1] > sponsorship[-1] + 15


def test_paylink_looks_rosier_from_one_side() -> None:
    [gap] = story("Paylink").gaps()

    assert (Organisation.objects.get(pk=gap.side).short_name, gap.verdict) == (
        "Castellmar",
        "clear",
    )
    assert gap.points > 25


def test_clear_substrate_rises() -> None:
    substrate = story("Clear Substrate")

    assert (substrate.bands()[0], substrate.bands()[-1]) == ("red", "green")
    assert "improved" in substrate.verdicts()
    assert "declined" not in substrate.verdicts()


def test_harvest_signal_has_too_few_answers_on_one_side() -> None:
    harvest = story("Harvest Signal")
    tierramansa = Organisation.objects.get(short_name="Tierramansa")
    left_out = [run.left_out.get(str(tierramansa.pk), 0) for run in harvest.runs]

    assert left_out == [0, 0, 4, 4, 3, 0, 4, 3]
    now, sure = harvest.scores()[-1], story("Quiet Fab").scores()[-1]
    assert _width(now) > 2 * _width(sure)


def test_sterile_line_is_stuck_in_its_obstacles() -> None:
    line = story("Sterile Line")
    month_ago = timezone.localdate() - timedelta(days=30)
    stuck = Obstacle.objects.filter(
        alliance=line.alliance, resolved_on=None, raised_on__lt=month_ago
    )

    assert stuck.count() >= 6
    assert line.now.evidence["obstacles_in_time"] == 0
    assert line.bands()[-1] == "red"
    assert line.scores(NodeKind.DIMENSION, "removing-obstacles")[-1].band == "red"


def test_open_ward_talks_better_than_it_does() -> None:
    ward = story("Open Ward")
    told = {
        score.node_key: (score.survey_value, score.evidence_value)
        for score in ward.dimensions()
        if score.evidence_value is not None
    }
    apart = {
        key
        for key, (people, evidence) in told.items()
        if people is not None and evidence is not None and people - evidence >= GAP_IN_EVIDENCE
    }

    assert apart >= {
        "benefits-and-delivery",
        "processes-and-decisions",
        "championing",
        "removing-obstacles",
        "commitment",
    }
    assert (ward.bands()[0], ward.bands()[-1]) == ("green", "amber")


def test_hydrogen_corridor_has_four_partners_and_no_governance() -> None:
    corridor = story("North Sea Hydrogen Corridor")
    weak = {score.node_key: score.value for score in corridor.dimensions()}
    governance, passion = weak["adaptability-and-governance"], weak["passion"]

    assert corridor.alliance.organisations.count() == 4
    assert governance is not None
    assert passion is not None
    assert governance < 35
    assert passion > governance + 20


def test_herd_to_shelf_recovers_after_a_crisis() -> None:
    herd = story("Herd to Shelf")
    values = herd.values()

    assert values[0] > 65
    assert min(values) == values[2] < 45
    assert values[-1] > 75
    assert "declined" in herd.verdicts()
    assert herd.verdicts().count("improved") >= 3


def test_quiet_fab_is_young() -> None:
    fab = story("Quiet Fab")

    assert (len(fab.runs), fab.bands()[-1]) == (3, "green")


def test_companion_is_about_to_end_with_mixed_views() -> None:
    companion = story("Companion")
    words = Counter(score.agreement_word for score in companion.dimensions())
    gaps = companion.gaps()

    assert companion.alliance.stage == Stage.RENEWING
    assert companion.alliance.ends_on is not None
    assert companion.alliance.ends_on > timezone.localdate()
    assert words["weak"] + words["lacking"] >= 4
    assert words["strong"] <= 2
    assert "clear" not in {gap.verdict for gap in gaps}


# --- warnings ---------------------------------------------------------------------------------
def test_demo_ends_with_the_warnings_of_its_last_day_some_of_them_answered() -> None:
    running = Signal.objects.filter(ended_on=None)
    grid = running.filter(alliance__name="Grid Edge")
    vacant = grid.get(kind=SignalKind.SPONSOR_SEAT_VACANT)

    assert vacant.facts["organisation"] == "Hradovec"
    assert vacant.acknowledged_by is not None
    assert vacant.acknowledged_by.email == "sponsor@demo.example"
    assert grid.filter(kind=SignalKind.SPONSOR_SILENCE).exists()
    assert running.filter(kind=SignalKind.OBSTACLE_OPEN, alliance__name="Sterile Line").count() >= 6
    assert running.filter(acknowledged_at=None).count() > running.exclude(answer="").count()
    assert signals.watch(on=timezone.localdate()) == signals.Watched()


# --- who signs in -----------------------------------------------------------------------------
def test_sign_ins_are_told_and_work() -> None:
    out = StringIO()

    call_command("demo_sign_ins", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["Who", "What", "is", "to", "be", "seen", "E-mail", "Password"]
    assert [line.split()[-2:] for line in lines[1:7]] == [
        [one.email, sign_ins.PASSWORD] for one in sign_ins.SIGN_INS
    ]
    assert lines[-1].startswith("The mail with it is written to ")
    assert authenticate(username=sign_ins.SPONSOR.email, password=sign_ins.PASSWORD) is not None


@pytest.mark.parametrize(
    ("email", "alliances"),
    [
        ("administrator@demo.example", 12),
        ("portfolio@demo.example", 5),
        ("sponsor@demo.example", 3),
        ("manager.castellmar@demo.example", 1),
        ("manager.jirani@demo.example", 1),
        ("team@demo.example", 1),
    ],
)
def test_sign_in_sees_its_alliances(email: str, alliances: int) -> None:
    user = User.objects.get(email=email)

    assert Alliance.objects.visible_to(user, timezone.localdate()).count() == alliances


# --- again ------------------------------------------------------------------------------------
def test_loading_once_again_changes_nothing() -> None:
    out = StringIO()
    runs = ScoreRun.objects.count()

    call_command("load_demo", "--once", stdout=out)

    assert out.getvalue() == "The demo is loaded. Nothing was loaded.\n"
    assert ScoreRun.objects.count() == runs


# --- every number explains itself -------------------------------------------------------------


def _adds_up(line: receipts.Term) -> int:
    """Assert that a line is exactly what its terms add; return how many lines that holds for."""
    if not line.terms:
        return 0
    assert math.fsum(term.contribution for term in line.terms) == line.points
    assert sum(term.adds for term in line.terms) == figures.whole_points(line.points)
    return 1 + sum(map(_adds_up, line.terms))


def _stored() -> list[tuple[ScoreRun, stored_runs.StoredRun, stored_runs.StoredRun | None]]:
    """Return every run, as it is stored, and with the one that it is compared with."""
    runs = list(
        ScoreRun.objects.select_related(
            "assessment__alliance", "assessment__cycle", "before__assessment__cycle", "bands_from"
        )
    )
    trees = version_trees({run.rubric_version_id for run in runs})
    before = [run.before for run in runs if run.before]
    found = {one.run.pk: one for one in stored_runs.stored_runs([*runs, *before], trees)}
    return [(run, found[run.pk], found[run.before_id] if run.before_id else None) for run in runs]


def test_receipts_of_every_number_of_every_run_add_up() -> None:
    names = dict(Organisation.objects.values_list("pk", "short_name"))
    lines = 0
    for run, stored, _before in _stored():
        alliance = run.assessment.alliance
        # The receipt of the whole holds those of all its parts; without it each has its own.
        whole = stored.value(NodeKind.OVERALL) is not None
        for node in [figures.OVERALL] if whole else stored.scores:
            receipt = receipts.receipt(stored, node, names, alliance)
            if receipt.term is None:
                assert receipt.why_none
                continue
            lines += _adds_up(receipt.term)
            notes = {note for _depth, term in receipt.term.rows for note in term.notes}
            # What the register gives for the day is what was scored: the two readings agree.
            assert not [note for note in notes if "mended later" in note]

    assert lines > Score.objects.filter(value__isnull=False).count()


def test_why_every_number_changed_adds_up() -> None:
    names = dict(Organisation.objects.values_list("pk", "short_name"))
    split = 0
    for _run, stored, before in _stored():
        for node, score in stored.scores.items():
            found = movements.movement(stored, before, node, names, None)
            if score.change_points is None:
                assert isinstance(found, movements.Unmoved)
            elif isinstance(found, movements.Movement):
                assert math.fsum(found.parts) == found.total.points
                split += 1

    assert split > 1_000


def test_every_run_scored_again_gives_the_same_to_the_last_bit() -> None:
    out = StringIO()

    call_command("verify_scores", stdout=out)

    assert out.getvalue().startswith(f"{ScoreRun.objects.count()} scorings with ")
    assert " s: 0 differ. 0 were made by another version" in out.getvalue()


def test_loading_again_is_refused() -> None:
    with pytest.raises(CommandError, match="The demo is loaded"):
        call_command("load_demo")


def _width(score: Score) -> float:
    assert score.low is not None
    assert score.high is not None
    return score.high - score.low
