"""A report as JSON: every field of `Report`, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from graders.model import Report
from graders.report.words import withhold_all
from graders.text import printable


def render_json(reports: Iterable[tuple[str, Report]]) -> str:
    """Return `{"reports": [{"file": …, …}]}` with the fields of `Report`."""
    entries = [
        {"file": printable(name), **withhold_all(report).to_dict()} for name, report in reports
    ]
    text = json.dumps({"reports": entries}, indent=2, ensure_ascii=False)
    # A lone surrogate is no text that a file or a pipe takes; JSON has a way to write it.
    return text.encode("utf-8", errors="backslashreplace").decode()
