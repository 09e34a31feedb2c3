from pathlib import Path

from fontTools.ttLib import TTFont

from alliance_health.local import fonts


def test_font_is_small_has_our_letters_and_is_made_once(tmp_path: Path) -> None:
    made = fonts.make(tmp_path)
    made_at = made.stat().st_mtime_ns
    font = TTFont(made)

    assert made == tmp_path / "inter" / "inter.woff2"
    assert 20_000 < made.stat().st_size < 60_000
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [
        ("wght", 400, 700)
    ]
    assert set(map(ord, "Ağćéőß–−€≥")) <= set(font.getBestCmap())
    assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert fonts.make(tmp_path).stat().st_mtime_ns == made_at
