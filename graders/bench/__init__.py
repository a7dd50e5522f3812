"""What grading costs on this machine, beside peers that do the same work in the same run.

Three jobs (`jobs/`) are graded as any exercise is: the source is read, the submission observed in
the jail, the reference in another, both compared. The peers do that work without walls: *bare* in
a warm interpreter of its own, *cold* in a Python started for it, and *naked* with the same pool of
forked workers and no wall at all.
"""

from graders.bench.figures import Figure, Section, render_json, render_text
from graders.bench.sections import NAMES, measure

__all__ = ["NAMES", "Figure", "Section", "measure", "render_json", "render_text"]
