"""A report for people and for programs: text, table, JSON, JUnit, Gradescope and CSV.

Every form is built from a `Report` alone. What a hidden check withholds is withheld here once
more, whatever the report holds, and text from a submission cannot steer a terminal, an XML reader
or a spreadsheet.
"""

from graders.report.gradescope import render_gradescope
from graders.report.junit import render_junit
from graders.report.tables import render_csv, render_table
from graders.report.terminal import render_text
from graders.report.values import render_json
from graders.report.words import VERDICT_WORDS, say_difference

__all__ = [
    "VERDICT_WORDS",
    "render_csv",
    "render_gradescope",
    "render_json",
    "render_junit",
    "render_table",
    "render_text",
    "say_difference",
]
