"""A survey made elsewhere, and what follows from it by hand.

The real answers where they lie beside the checkout, else the example that the documentation has.
"""

import csv
from collections import defaultdict

from alliance_health.local import paths

REAL = paths.PROJECT_DIR.parent / "shared" / "data" / "leadership_answers.csv"
EXAMPLE = paths.PROJECT_DIR / "docs" / "users" / "example-answers.csv"
FILE = REAL if REAL.exists() else EXAMPLE

with FILE.open(encoding="utf-8", newline="") as _file:
    ROWS = tuple(csv.DictReader(_file))

ALLIANCES = tuple(sorted({row["alliance"] for row in ROWS}))
ORGANISATIONS = tuple(sorted({row["organisation"] for row in ROWS}))
RESPONDENTS = len({(row["alliance"], row["respondent"]) for row in ROWS})


def overall(alliance: str) -> float:
    """Return an overall score: the mean of sides, of their raters, of their answers in points.

    On no side do all say the same to a question, so nothing is moved before it is published.
    """
    levels: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in ROWS:
        if row["alliance"] == alliance and row["level"].isdecimal():
            levels[row["organisation"]][row["respondent"]].append(int(row["level"]))
    sides = [
        sum(25 * (sum(own) / len(own) - 1) for own in raters.values()) / len(raters)
        for raters in levels.values()
    ]
    return sum(sides) / len(sides)
