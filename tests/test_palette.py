"""The colours in app.css: readable in both themes, told apart by every eye and on grey paper."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assessments.charts import bands, svg

CSS = (Path(__file__).parent.parent / "static" / "css" / "app.css").read_text()
Tokens = dict[str, str]


def _declared(opening: str) -> Tokens:
    """Read the custom properties of the first rule that opens so."""
    body = CSS[CSS.index(opening) + len(opening) :].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


LIGHT = _declared("\n:root {")
DARK = {**LIGHT, **_declared('[data-bs-theme="dark"] {')}
THEMES = {"light": LIGHT, "dark": DARK}

# Linear-light matrices for full dichromacy: Machado, Oliveira and Fernandes (2009), table 1.
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _linear(colour: str) -> NDArray[np.float64]:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted(
        (float(_linear(c) @ np.array([0.2126, 0.7152, 0.0722])) for c in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def _oklab(colour: str, eye: str) -> NDArray[np.float64]:
    seen = np.clip(EYES[eye] @ _linear(colour), 0, 1)
    return np.asarray(100 * TO_OKLAB @ np.cbrt(TO_CONES @ seen))


# (what is written, what it is written on): text of any size needs 4.5 to 1.
TEXT_PAIRS = [
    *itertools.product(["ink", "ink-2", "brand", "error"], ["bg", "surface"]),
    *itertools.product(["ink", "ink-2"], ["surface-2"]),
    *itertools.product(["ink", "brand", "brand-strong"], ["brand-tint"]),
    ("brand-strong", "bg"),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-strong"),
    ("ink", "error-tint"),
    ("error", "error-tint"),
    ("bg", "ink"),
    ("ink-2", "ribbon"),
    ("ink", "ribbon"),
    ("ink-2", "hatch"),
    *((f"{band}-ink", band) for band in ("green", "amber", "red")),
    *(
        (f"{band}-text", ground)
        for band in ("green", "amber", "red")
        for ground in ("bg", "surface", f"{band}-tint")
    ),
    *(("ink", f"{band}-tint") for band in ("green", "amber", "red")),
]
# (edge or mark, what it lies on): shapes and borders that carry meaning need 3 to 1.
MARK_PAIRS = [
    ("line-strong", "bg"),
    ("line-strong", "surface"),
    ("brand", "bg"),
    ("brand", "surface-2"),
    ("brand", "ribbon"),
    ("brand", "green-tint"),
    ("brand", "amber-tint"),
    ("brand", "red-tint"),
    ("error", "bg"),
    ("green", "bg"),
    ("red", "bg"),
    ("amber-text", "bg"),
    # Marks on charts carry an outline in ink; it is what sets amber off from white paper.
    ("ink", "bg"),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), TEXT_PAIRS)
def test_text_is_readable(theme: str, front: str, back: str) -> None:
    tokens = THEMES[theme]

    assert _contrast(tokens[front], tokens[back]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), MARK_PAIRS)
def test_mark_is_seen(theme: str, front: str, back: str) -> None:
    tokens = THEMES[theme]

    assert _contrast(tokens[front], tokens[back]) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_bands_are_told_apart(theme: str, eye: str) -> None:
    seen = [_oklab(THEMES[theme][band], eye) for band in ("green", "amber", "red")]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))

    assert nearest >= 15.0


def test_measure_of_distance_meets_published_figures() -> None:
    """The design's own figures for Bootstrap's colours, so that the measure itself is checked."""
    bootstrap = ["#198754", "#ffc107", "#dc3545"]

    nearest = {
        eye: min(
            float(np.linalg.norm(a - b))
            for a, b in itertools.combinations([_oklab(c, eye) for c in bootstrap], 2)
        )
        for eye in EYES
    }

    published = {"normal": 30.6, "protan": 9.8, "deutan": 7.2, "tritan": 26.2, "grey": 0.0}
    assert nearest == pytest.approx(published, abs=0.3)


def test_dark_tokens_are_the_same_whether_chosen_or_asked_for_by_the_device() -> None:
    chosen = _declared('[data-bs-theme="dark"] {')
    by_device = _declared(":root:not([data-bs-theme]) {")

    assert chosen
    assert chosen == by_device


def test_charts_repeat_the_light_tokens() -> None:
    drawn = {
        band.key: (band.fill, band.tint, band.text)
        for band in (bands.GREEN, bands.AMBER, bands.RED)
    }

    assert drawn == {
        key: (LIGHT[key], LIGHT[f"{key}-tint"], LIGHT[f"{key}-text"])
        for key in ("green", "amber", "red")
    }
    assert tuple(LIGHT[name] for name in ("ink", "ink-2", "line", "bg", "brand", "ribbon")) == (
        svg.INK,
        svg.INK_2,
        svg.LINE,
        svg.PAPER,
        svg.DATA,
        svg.RIBBON,
    )
