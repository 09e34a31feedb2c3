"""Reads drawings back, to say what holds for each of them whatever it was drawn from."""

import math
import re
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
SIZES = ("width", "height", "r", "stroke-width", "fill-opacity")
X_NAMES, Y_NAMES = ("x", "x1", "x2", "cx"), ("y", "y1", "y2", "cy")


def drawings(markup: str) -> list[ET.Element]:
    """Parse one or several drawings; what is not well-formed raises."""
    return list(ET.fromstring(f"<all>{markup}</all>"))  # noqa: S314  our own output


def _places(node: ET.Element) -> list[tuple[float, float]]:
    if "points" in node.attrib:
        numbers = [float(n) for n in re.split("[ ,]", node.attrib["points"])]
        return list(zip(numbers[::2], numbers[1::2], strict=True))
    xs = [float(node.attrib[n]) for n in X_NAMES if n in node.attrib]
    ys = [float(node.attrib[n]) for n in Y_NAMES if n in node.attrib]
    return list(zip(xs, ys, strict=True))


def assert_sound(markup: str, *, title: str) -> None:
    """Check name, description, finite places inside the view box, and text that can be read."""
    found = drawings(markup)
    assert found
    for drawing in found:
        assert drawing.tag == f"{SVG}svg"
        assert drawing.attrib["role"] == "img"
        assert drawing.findtext(f"{SVG}title") == title
        assert drawing.findtext(f"{SVG}desc")
        _x, _y, width, height = (float(n) for n in drawing.attrib["viewBox"].split())
        for node in drawing.iter():
            assert "style" not in node.attrib
            assert all(math.isfinite(float(node.attrib.get(name, 0))) for name in SIZES)
            for x, y in _places(node):
                assert math.isfinite(x)
                assert math.isfinite(y)
                assert -0.01 <= x <= width + 0.01
                assert -0.01 <= y <= height + 0.01
            if node.tag == f"{SVG}text":
                assert float(node.attrib["font-size"]) >= 12


def texts(drawing: ET.Element) -> list[str]:
    """List the words written on a drawing."""
    return [node.text or "" for node in drawing.iter(f"{SVG}text")]


def count(drawing: ET.Element, css_class: str) -> int:
    """Count the elements that carry a class."""
    return sum(css_class in node.attrib.get("class", "").split() for node in drawing.iter())
