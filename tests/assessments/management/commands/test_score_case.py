import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

WORKED = Path(__file__).parents[2] / "scoring" / "worked.json"


def test_score_case_prints_the_results_of_the_worked_cases() -> None:
    printed = StringIO()

    call_command("score_case", str(WORKED), stdout=printed)

    cases = json.loads(WORKED.read_text(encoding="utf-8"))["cases"]
    assert json.loads(printed.getvalue()) == {
        "cases": [{"name": case["name"], "result": case["expected"]} for case in cases]
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read (No such file or directory); name a JSON file of cases."),
        (b"{", "The file is not JSON:"),
        (b"\xff", "is not UTF-8 text; save it as UTF-8 JSON."),
        (b'{"cases": [{"name": "x", "input": {}}]}', 'Case "x": input has no'),
    ],
)
def test_score_case_says_what_to_do_about_a_bad_file(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "cases.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        call_command("score_case", str(file))

    assert sentence in str(refused.value)
