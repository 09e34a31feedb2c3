"""Make the web font out of the installed font package: the letters our languages use, no more."""

import sys
from importlib.metadata import version
from pathlib import Path

import fontpkg_inter
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from alliance_health.local import paths

# Latin with its accents, the punctuation and signs the pages use. Nothing else is downloaded.
LETTERS = (
    (0x0020, 0x007E),  # basic Latin
    (0x00A0, 0x017F),  # Latin-1, Latin Extended-A
    (0x0218, 0x021B),  # Romanian
    (0x2010, 0x2027),  # dashes, quotation marks, bullet, ellipsis
    (0x202F, 0x203A),  # narrow space, per mille, primes, angle quotation marks
    (0x20AC, 0x20AC),  # euro
    (0x2122, 0x2122),  # trade mark
    (0x2190, 0x2199),  # arrows
    (0x2212, 0x2212),  # the real minus
    (0x2248, 0x2265),  # about equal, not equal, at most, at least
    (0x25B2, 0x25CF),  # shapes
)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "calt", "tnum", "case"]
WEIGHTS = (400, 700)


def make(folder: Path) -> Path:
    """Write `inter/inter.woff2` into the folder unless it is there from the same package."""
    target = folder / "inter" / "inter.woff2"
    stamp = target.with_suffix(".stamp")
    recipe = f"{version('fontpkg-inter')} {version('fonttools')} {LETTERS} {FEATURES} {WEIGHTS}\n"
    if target.exists() and stamp.exists() and stamp.read_text() == recipe:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    making = target.with_suffix(".making")
    font = TTFont(Path(fontpkg_inter.ROOT) / "files" / "Inter[opsz,wght].ttf")
    options = subset.Options(layout_features=FEATURES, flavor="woff2", notdef_outline=True)
    reduction = subset.Subsetter(options)
    reduction.populate(
        unicodes=[code for first, last in LETTERS for code in range(first, last + 1)]
    )
    reduction.subset(font)
    # The optical size for text: pinned, one axis less to send.
    font = instancer.instantiateVariableFont(font, {"opsz": 14, "wght": WEIGHTS})
    font.flavor = "woff2"
    font.save(making)
    making.replace(target)
    stamp.write_text(recipe)
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{make(paths.assets_dir())}\n")
