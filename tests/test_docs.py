"""The README and docs/ against the code: what they name is there, and what there is they name."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.core.management import call_command, get_commands

import alliance_health
from alliance_health.alliances.models import Role
from alliance_health.local import paths
from assessments.operations import answer_files, rubric_documents
from assessments.queries.evidence import MEASURE_KEYS
from assessments.scoring import score_cases

ROOT = paths.PROJECT_DIR
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = [README, *sorted(DOCS.rglob("*.md"))]
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
SETTINGS_READERS = [
    ROOT / "alliance_health" / "settings.py",
    *sorted((ROOT / "alliance_health" / "local").glob("*.py")),
]
# Of the system, not of ours: nobody sets it for the product.
NOT_OURS = {"PATH"}
ENVIRONMENT_CALLS = {("os.environ", "get"), ("os", "getenv")}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
TABLE_NAME = re.compile(r"^ *\| `([A-Z][A-Z0-9_]+)` \|", re.MULTILINE)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_fences(text: str) -> str:
    return FENCE.sub("", text)


def fences(text: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text) if kind == language]


def code_in(text: str) -> str:
    """Return what stands in fences and between backticks, a piece a line."""
    pieces = [body for _kind, body in FENCE.findall(text)]
    return "\n".join([*pieces, *SPAN.findall(without_fences(text))])


def all_code() -> str:
    return "\n".join(code_in(page.read_text()) for page in PAGES)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as a Markdown reader makes them."""
    headings = re.findall(r"^#+ (.+)$", without_fences(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def section(page: Path, heading: str) -> str:
    [found] = re.findall(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page.read_text(), re.MULTILINE | re.DOTALL
    )
    return str(found)


# --- links ------------------------------------------------------------------------------------
@pytest.mark.parametrize("doc", PAGES, ids=named)
def test_page_links_lead_to_files_and_headings_that_exist(doc: Path) -> None:
    astray = []
    for link in LINK.findall(without_fences(doc.read_text())):
        if urlsplit(link).scheme:
            continue
        name, _, anchor = link.partition("#")
        target = (doc.parent / name).resolve() if name else doc
        is_there = target.is_file() and target.is_relative_to(ROOT)
        if not is_there or (anchor and anchor not in anchors(target)):
            astray.append(link)

    assert astray == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [README]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = LINK.findall(without_fences(page.read_text()))
        waiting += [
            (page.parent / name).resolve()
            for link in links
            if not urlsplit(link).scheme and (name := link.partition("#")[0])
        ]

    assert reached == set(PAGES)


@pytest.mark.parametrize("doc", PAGES, ids=named)
def test_page_names_only_this_machine_and_example_hosts(doc: Path) -> None:
    hosts = {
        urlsplit(address).hostname or ""
        for address in re.findall(r"https?://[^\s`)>|\"]+", doc.read_text())
    }

    assert {h for h in hosts if h != "127.0.0.1" and not h.endswith(("example.org",))} == set()


@pytest.mark.parametrize("doc", PAGES, ids=named)
def test_page_names_no_package_index_and_no_path_of_a_machine(doc: Path) -> None:
    text = doc.read_text()

    assert re.findall(r"\b(?:pypi|pythonhosted|npmjs|index-url|simple/)\b", text) == []
    assert re.findall(r"(?<![\w.>~-])/(?:work|root|home|Users|mnt|tmp)\b", text) == []


# --- commands ---------------------------------------------------------------------------------
def make_targets() -> set[str]:
    found = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return set(found) - {"python"}  # a step of the others


def test_make_targets_named_exist_and_all_are_named() -> None:
    code = all_code()

    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) == make_targets()


def test_management_commands_named_exist_and_all_of_ours_are_named() -> None:
    ours = {name for name, app in get_commands().items() if app == "assessments"}

    said = set(re.findall(r"\bmanage\.py ([a-z_]+)", all_code()))

    assert said - {*get_commands(), "help"} == set()  # help is of the command line itself
    assert ours - said == set()


def test_options_of_the_import_are_those_of_its_table() -> None:
    source = ROOT / "assessments" / "management" / "commands" / "import_answers.py"
    there = set(re.findall(r'"(--[a-z-]+)"', source.read_text()))

    table = section(DOCS / "users" / "administrators.md", "Answers made elsewhere")

    assert set(re.findall(r"`(--[a-z-]+)`", table)) == there


@pytest.mark.django_db
def test_snippets_for_operators_run() -> None:
    text = (DOCS / "operators" / "jobs.md").read_text()
    snippets = re.findall(r'shell -v 0 -c "\n(.*?)"\n```', text, re.DOTALL)

    assert len(snippets) == text.count("manage.py shell")
    for snippet in snippets:
        call_command("shell", command=snippet, verbosity=0)


# --- variables --------------------------------------------------------------------------------
def variables_read(path: Path) -> Iterator[str]:
    """Yield the names of environment variables that a file reads; a computed name is a fault."""
    for node in ast.walk(ast.parse(path.read_text())):
        name: ast.expr | None = None
        match node:
            case ast.Call(func=ast.Attribute(attr=how) as called, args=[first, *_]):
                reader = ast.unparse(called.value)
                if reader in ("env", "Env()") or (reader, how) in ENVIRONMENT_CALLS:
                    name = first
            case ast.Subscript(value=held, slice=key, ctx=ast.Load()):
                name = key if ast.unparse(held) == "os.environ" else None
        if name is not None:
            assert isinstance(name, ast.Constant), f"{named(path)}: {ast.unparse(node)}"
            yield str(name.value)


def test_readme_has_a_row_for_each_variable_that_is_read_and_no_other() -> None:
    read = {name for path in SETTINGS_READERS for name in variables_read(path)} - NOT_OURS

    rows = TABLE_NAME.findall(section(README, "Configuration"))

    assert {"SECRET_KEY", "ALLIANCE_HEALTH_LOCAL"} <= read
    assert set(rows) == read
    assert len(rows) == len(set(rows))


def test_readme_rows_of_settings_give_their_defaults() -> None:
    tree = ast.parse(SETTINGS_READERS[0].read_text())
    defaults = {
        call.args[0].value: call.args[1].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith("env.")
        and len(call.args) > 1
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[1], ast.Constant)
    }
    cells = {
        row[1].strip(" `"): row[3].strip(" `")
        for line in section(README, "Configuration").splitlines()
        if len(row := re.split(r"(?<!\\)\|", line)) == 6
    }

    plain = {
        name: value
        for name, value in defaults.items()
        if value and name != "SITE_URL"  # its row says more
    }
    assert {"TICK_SECONDS", "NIGHTLY_HOUR", "LOG_LEVEL", "TIME_ZONE"} <= plain.keys()
    assert {name: cells[name] for name in plain} == {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in plain.items()
    }


def test_setup_has_a_row_for_each_variable_of_the_containers_and_no_other() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()

    rows = TABLE_NAME.findall(section(DOCS / "operators" / "setup.md", "In production"))

    assert set(rows) == set(re.findall(r"(?<!\$)\$\{(\w+)", compose))


# --- paths ------------------------------------------------------------------------------------
def tree_paths() -> list[str]:
    """Return the paths of the README's tree: four spaces in for each folder."""
    [drawn] = fences(README.read_text(), "tree")
    found, above = [], [""]
    for line in drawn.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 4, line.split()[0]
        above = [*above[: depth + 1], above[depth] + name]
        found.append(above[-1])
    return found


def test_readme_tree_exists() -> None:
    found = tree_paths()

    assert len(found) > 20
    assert [p for p in found if not (ROOT / p).exists()] == []
    assert [p for p in found if (ROOT / p).is_dir() is not p.endswith("/")] == []


def test_readme_tree_leaves_no_floor_out() -> None:
    package = ROOT / "assessments"
    there = {
        f"assessments/{path.name}{'/' if path.is_dir() else ''}"
        for path in package.iterdir()
        if not path.name.startswith(("_", ".")) and path.name not in ("apps.py", "migrations")
    }

    assert there - set(tree_paths()) == set()


@pytest.mark.parametrize("doc", PAGES, ids=named)
def test_page_names_paths_that_exist(doc: Path) -> None:
    top = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    spans = {
        span
        for span in re.findall(r"[\w./*-]+", code_in(doc.read_text()))
        if "/" in span and span.split("/")[0] in top
    }

    assert [span for span in sorted(spans) if not list(ROOT.glob(span.rstrip("/.")))] == []


def test_pages_that_the_code_names_exist() -> None:
    sources = [
        *(ROOT / "alliance_health").rglob("*.py"),
        *(ROOT / "assessments").rglob("*.py"),
        *(ROOT / name for name in ("Makefile", "docker-compose.yml", "Dockerfile")),
    ]
    said = {
        name.rstrip(".")
        for source in sources
        for name in re.findall(r"\bdocs/[\w/.-]*\w", source.read_text())
    }

    assert "docs/adr/0003" in said
    assert [name for name in said if not list(ROOT.glob(f"{name}*"))] == []


# --- rules of the house -----------------------------------------------------------------------
def floors() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [layers] = [c["layers"] for c in contracts["contracts"] if c["id"] == "floors"]
    return [re.sub(r"[()]", "", layer) for layer in layers]


def test_contributing_has_the_floors_of_the_contract() -> None:
    [drawn] = fences((DOCS / "contributing.md").read_text(), "floors")

    assert drawn.splitlines() == floors()


def test_readme_has_the_floors_of_the_contract() -> None:
    drawn = [body for body in fences(README.read_text(), "") if body.startswith("urls\n")]

    assert [body.replace("  ↓\n", "").replace("·", "|").splitlines() for body in drawn] == [
        floors()
    ]


@pytest.mark.parametrize("doc", DECISIONS, ids=named)
def test_decision_is_numbered_and_says_why_what_and_what_follows(doc: Path) -> None:
    lines = doc.read_text().splitlines()
    number = int(doc.name[:4])

    assert lines[0].startswith(f"# {number}. ")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
    ]
    assert DECISIONS[number - 1] == doc


def test_changelog_begins_with_the_version_of_the_code() -> None:
    versions = re.findall(r"^## ([\d.]+)", (DOCS / "changelog.md").read_text(), re.MULTILINE)

    assert versions[0] == alliance_health.__version__


# --- what the pages say of scoring and files --------------------------------------------------
def test_scoring_has_a_row_for_each_evidence_measure_and_no_other() -> None:
    table = section(DOCS / "scoring.md", "Evidence measures")

    assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == MEASURE_KEYS


def test_scoring_example_is_what_the_code_gives() -> None:
    text = (ROOT / "tests" / "assessments" / "scoring" / "worked.json").read_text()
    case = json.loads(text)["cases"][0]["input"]
    scored: Any = score_cases(text)
    result = scored["cases"][0]["result"]
    found = result["scores"]["dimension:alignment"]
    numbers = [
        *(found[name] for name in ("score", "se", "df", "band_probability")),
        *found["ci95"],
        *(side["alignment"]["mean"] for side in result["side_dimension"].values()),
        *(s[name] for s in found["workings"]["by_side"].values() for name in ("V", "se2")),
    ]
    [items] = [
        [item["id"] for item in dimension["items"]]
        for pillar in case["rubric"]["pillars"]
        for dimension in pillar["dimensions"]
        if dimension["id"] == "alignment"
    ]

    said = section(DOCS / "scoring.md", "By hand")

    assert [number for number in numbers if f"{number:.6f}" not in said] == []
    rows = re.findall(r"^\|[^|]*\| (\w+) \| ([\dNA ]+) \| ([\d.]+)", said, re.MULTILINE)
    assert rows == [
        (
            rater["id"],
            " ".join(str(rater["answers"][item]) for item in items),
            f"{result['rater_dimension'][rater['id']]['alignment']:.6f}".removesuffix(".000000"),
        )
        for rater in case["raters"]
    ]


def sentences(path: Path) -> set[str]:
    """Return the sentences of a file's faults, with dots where a value stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_":
            [text] = node.args
            assert isinstance(text, ast.Constant)
            found.add(re.sub(r"%\(\w+\)[sd]", "…", str(text.value)))
    return found


def test_administrators_find_every_fault_of_a_file_of_answers() -> None:
    faults = sentences(Path(answer_files.__file__)) - {"Line …: …"}

    said = section(DOCS / "users" / "administrators.md", "Answers made elsewhere")

    assert len(faults) > 10
    assert {fault for fault in faults if f"| {fault} |" not in said} == set()


def test_administrators_find_every_column_of_a_file_of_answers() -> None:
    said = section(DOCS / "users" / "administrators.md", "Answers made elsewhere")

    assert set(re.findall(r"^\| `([a-z]+)` \|", said, re.MULTILINE)) == set(answer_files.COLUMNS)


def test_example_of_answers_can_be_read_and_is_enough_to_be_shown() -> None:
    document = rubric_documents.read(ROOT / "assessments" / "rubrics" / "leadership_climate.yaml")
    questions = {
        question.key: frozenset(Role(role) for role in question.roles)
        for pillar in document.pillars
        for dimension in pillar.dimensions
        for question in dimension.questions
    }

    found = answer_files.read(DOCS / "users" / "example-answers.csv", questions)

    for raters in found.values():
        sides = [rater.organisation for rater in raters.values()]
        assert len(set(sides)) == 2
        assert all(sides.count(side) >= document.parameters.protected_minimum for side in sides)


def test_rubrics_that_come_with_the_product_are_told() -> None:
    files = sorted((ROOT / "assessments" / "rubrics").glob("*.yaml"))
    default = yaml.safe_load((ROOT / "assessments" / "rubrics" / "default.yaml").read_text())
    questions = [q for p in default["pillars"] for d in p["dimensions"] for q in d["questions"]]

    said = section(DOCS / "users" / "administrators.md", "Rubrics")

    assert [named(path) for path in files if f"| `{named(path)}` |" not in said] == []
    core = sum(question["core"] for question in questions)
    assert f"{len(questions)} questions, {core} of them in the core set" in said
