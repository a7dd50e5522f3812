"""Proofs in the real jail: right items hold, and each kind of wrong key is caught on its line."""

from __future__ import annotations

import textwrap
from contextlib import nullcontext
from pathlib import Path

import pytest

from graders.facade import Grader
from quizzer.banks.bank import parse_bank
from quizzer.banks.lessons import parse_lesson
from quizzer.domain.items import Lesson, LessonPart, PartKind, Text
from quizzer.services.proving import ProofCache, prove
from quizzer.services.proving import prover as prover_module
from tests.sandbox.items_to_prove import FRONT, NUMERIC, blanks, choice, output, prove_item


def find(grader, item, **options):
    """Prove one item; return (text of the line, code, message) of each problem."""
    told, _ = prove_item(grader, item, **options)
    return told


TRUTH = 'truth = {"a": x.shape == (2, 4), "b": x.shape == (2, 1, 4)}'


@pytest.mark.parametrize("proof", ["answer = x.shape", TRUTH, "answer = str(x.shape)"])
def test_a_right_choice_holds(grader, proof):
    assert find(grader, choice(proof)) == []


@pytest.mark.parametrize("ticked", ["a", "b"])
def test_lists_are_compared_as_they_are_written_and_are_no_ranges(grader, ticked):
    ticks = {key: "x" if key == ticked else " " for key in "ab"}
    lists = choice("answer = x.sum(0).tolist()[:2]", **ticks)
    lists = lists.replace("torch.Size([2, 4])", "[0.0, 0.0]").replace("torch.Size", "")
    assert len(find(grader, lists.replace("([2, 1, 4])", "[0.0, 1.0]"))) == 2 * (ticked == "b")


@pytest.mark.parametrize("proof", ["answer = x.shape", TRUTH])
def test_wrong_ticks_are_caught_on_their_options(grader, proof):
    found = find(grader, choice(proof, a=" ", b="x"))
    assert [(line, code) for line, code, _ in found] == [
        ("- [ ] `torch.Size([2, 4])`", "P302"),
        ("- [x] `torch.Size([2, 1, 4])`", "P302"),
    ]
    first, second = (message for _, _, message in found)
    assert "is not ticked, but" in first
    assert first.endswith("it is right")
    assert "is ticked, but" in second
    assert second.endswith("it is wrong")


def test_a_second_right_option_is_caught(grader):
    found = find(grader, choice('truth = {"a": True or x, "b": x.dim() == 2}'))
    assert [(line, code) for line, code, _ in found] == [("- [ ] `torch.Size([2, 1, 4])`", "P302")]


@pytest.mark.parametrize(
    ("proof", "line", "words"),
    [
        ('truth = {"a": x.dim() == 2}', "- [ ] `torch.Size([2, 1, 4])`", "no entry for option b"),
        ('truth = {"a": x.dim() == 2, "b": 0}', "- [ ] `torch.Size([2, 1, 4])`", "neither True"),
        ('truth = {"a": x.dim() == 2, "b": False, "c": True}', "```python verify", "no option: c"),
    ],
)
def test_a_truth_that_does_not_fit_the_options(grader, proof, line, words):
    ((place, code, message),) = find(grader, choice(proof))
    assert (place, code) == (line, "P302")
    assert words in message


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        ("y = 1", "none"),
        ('answer = x.shape\ntruth = {"a": True, "b": False}', "answer and truth"),
        ("truth = [True, False]", "dict"),
    ],
)
def test_a_proof_that_sets_the_wrong_thing(grader, proof, words):
    ((place, code, message),) = find(grader, choice(proof))
    assert (place, code) == ("```python verify", "P306")
    assert words in message


def test_ok_needs_code_to_be_asked_about(grader):
    number = NUMERIC.format(right="0.1", wrong="0.3")
    wanted = "def ok(code):\n        return True"
    ((_, code, message),) = find(grader, number.replace("answer = w.grad.item()", wanted))
    assert (code, "sets answer or truth, not ok" in message) == ("P306", True)
    words = choice("def ok(code):\n    return True").replace("`torch.Size([2, 4])`", "A pair")
    ((_, code, message),) = find(grader, words)
    assert (code, "needs code in every option" in message) == ("P306", True)


def test_a_raising_proof_is_mapped_to_its_line(grader):
    ((place, code, message),) = find(grader, choice("y = 1\nz = x.nothing\nanswer = 1"))
    assert (place, code) == ("z = x.nothing", "P301")
    assert "AttributeError" in message


def test_code_that_is_shown_and_raises_is_mapped_too(grader):
    item = choice("answer = x.shape").replace("mean(dim=1)", "mean(dim=7)")
    ((place, code, message),) = find(grader, item)
    assert (place, code) == ("x = torch.zeros(2, 3, 4).mean(dim=7)", "P301")
    assert "IndexError" in message


def test_a_raising_prelude_is_said_to_be_one(grader):
    front = FRONT.replace("import torch", "import torch, no_such_module")
    ((place, code, message),) = find(grader, choice("answer = 1"), front=front)
    assert (place, code) == ("prelude: import torch, no_such_module", "P301")
    assert "line 1 of the prelude" in message


@pytest.mark.parametrize(
    "trick",
    [
        "exec(compile('1 / 0', 'step 99', 'exec'))",
        "exec(compile('1 / 0', 'step x', 'exec'))",
        r"raise ValueError('\x1b[2J\nsecond line' * 200)",
    ],
)
def test_what_a_proof_says_of_itself_is_taken_with_care(grader, trick):
    ((place, code, message),) = find(grader, choice(trick))
    assert (place, code) == (trick, "P301")
    assert message.isprintable()
    assert "prelude" not in message
    assert len(message) <= 500


def test_an_exit_is_an_error_of_the_proof(grader):
    ((place, code, _),) = find(grader, choice("raise SystemExit(0)"))
    assert (place, code) == ("raise SystemExit(0)", "P301")


def test_an_answer_that_moves_with_the_random_state(grader):
    ((place, code, message),) = find(grader, choice("answer = torch.rand(1).item()"))
    assert (place, code) == ("```python verify", "P303")
    assert "seed" in message
    truth = 'truth = {"a": bool(torch.rand(1) < 0.4), "b": False}'
    # Seeds 0, 1 and 2 draw 0.50, 0.76 and 0.61.
    assert find(grader, choice(truth.replace("0.4", "0.55")))[0][1] == "P303"


@pytest.mark.parametrize(
    ("draw", "first"),
    [
        ("torch.rand(1).item()", "0.4962"),
        ("__import__('random').random()", "0.8444"),
        ("__import__('numpy').random.rand()", "0.5488"),
    ],
)
def test_every_proof_starts_from_the_same_random_states(grader, draw, first):
    ((_, code, message),) = find(grader, choice(f"answer = {draw}"))
    assert code == "P303"
    assert first in message


def test_random_code_whose_answer_does_not_move_holds(grader):
    proof = 'w = torch.randn(9)\ntruth = {"a": bool((w * w >= 0).all()), "b": bool((w > 9).any())}'
    assert find(grader, choice(proof)) == []


@pytest.mark.parametrize("right", ["0.1", "0.1 ± 1%", "[0.09, 0.11]"])
def test_a_right_number_holds_up_to_single_precision(grader, right):
    assert find(grader, NUMERIC.format(right=right, wrong="0.3")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("0.2 ± 0.05", "0.3", "- [x] `0.2 ± 0.05`"),
        ("0.1001", "0.3", "- [x] `0.1001`"),
    ],
)
def test_a_wrong_number_is_caught(grader, right, wrong, line):
    ((place, code, _),) = find(grader, NUMERIC.format(right=right, wrong=wrong))
    assert (place, code) == (line, "P302")


def test_an_answer_that_is_no_number_is_told_once(grader):
    item = NUMERIC.format(right="0.1", wrong="0.3").replace("w.grad.item()", "str(w.grad.item())")
    ((place, code, message),) = find(grader, item)
    assert (place, code) == ("```python verify", "P306")
    assert "`.item()`" in message


def test_an_unticked_number_that_is_right_is_caught(grader):
    item = NUMERIC.format(right="0.1", wrong="[0.05, 0.0999]").replace("0.0999", "0.15")
    parsed = parse_bank(FRONT + "\n" + textwrap.dedent(item), "bank.md")
    if parsed.value is None:  # the scanner sees this overlap by itself
        assert [problem.code for problem in parsed.problems if problem.is_error] == ["E181"]
    else:
        assert find(grader, item)[0][1] == "P302"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print(torch.ones(2).sum())", "tensor(2.)"),
        ("for i in range(2):\n    print(i, end=' \\n')", "0\n1"),
        ("print(1)\ntorch.ones(2) @ torch.ones(3, 3).int()", "1\nRuntimeError: "),
    ],
)
def test_output_that_is_really_printed_holds(grader, code, shown):
    found = find(grader, output(code, shown))
    if "Error" not in shown:
        assert found == []
    else:  # a raising fence is right only if the block shows the traceback's last line
        assert found[0][1] == "P301"
        message = found[0][2].removeprefix("the code raised ")
        assert find(grader, output(code, f"1\n{message}")) == []


def test_output_that_differs_is_told_by_its_first_line(grader):
    ((place, code, message),) = find(grader, output("print(1)\nprint(2)", "1\n3"))
    assert (place, code) == ("## printed: What is printed?", "P304")
    assert "line 2 of the output is '2', not '3'" in message
    assert "1 line(s) more" in find(grader, output("print(1)\nprint(2)", "1"))[0][2]


def test_an_anticipated_mistake_that_is_really_printed_is_caught(grader):
    # The block is wrong and the mistake right: both are told.
    found = find(grader, output("print(torch.tensor(9))", "tensor(8)"))
    assert [(line, code) for line, code, _ in found] == [
        ("## printed: What is printed?", "P304"),
        ("- [ ] `tensor(9)`", "P302"),
    ]


def test_output_that_moves_with_the_random_state(grader):
    assert find(grader, output("print(torch.rand(1))", "tensor([0.4963])"))[0][1] == "P303"


def test_right_blanks_hold(grader):
    assert find(grader, blanks()) == []


def test_an_unticked_value_that_works_is_caught(grader):
    ((place, code, message),) = find(grader, blanks(inference=" "))
    assert (place, code) == ("- [ ] `inference_mode`", "P302")
    assert "`eval`, `inference_mode` passes" in message


def test_a_ticked_value_that_does_not_work_is_caught(grader):
    for name, line in {"train": "- [x] `train`", "enable": "- [x] `enable_grad`"}.items():
        ((place, code, message),) = find(grader, blanks(**{name: "x"}))
        assert (place, code) == (line, "P302")
        assert "does not pass" in message


def test_why_a_ticked_value_does_not_work_is_told(grader):
    item = blanks().replace("- [ ] `no_such_thing`", "- [x] `no_such_thing`")
    ((place, _, message),) = find(grader, item)
    assert place == "- [x] `no_such_thing`"
    assert "AttributeError" in message


def test_blanks_whose_success_moves_with_the_random_state(grader):
    item = blanks().replace('torch.equal(names["y"], model[0](x))', "bool(torch.rand(1) < 0.5)")
    ((place, code, message),) = find(grader, item)
    assert (place, code) == ("```python verify", "P303")
    assert "passes moves with the random state" in message


def test_a_proof_of_blanks_needs_ok(grader):
    item = blanks().replace("def ok(code):", "answer = 1\n    def unused(code):")
    ((place, code, message),) = find(grader, item)
    assert (place, code) == ("```python verify", "P306")
    assert "ok(code)" in message


@pytest.mark.parametrize(
    ("proof", "words"),
    [("while True: pass", "Stopped after"), ("x = 'x' * (6 << 30)", "memory")],
)
def test_a_proof_that_runs_out(grader, proof, words, monkeypatch):
    short = prover_module.Limits(wall_s=2.0, cpu_s=5, memory_mb=512, output_kb=64)
    monkeypatch.setattr(prover_module, "LIMITS", short)
    ((place, code, message),) = find(grader, choice(proof))
    assert (place, code) == ("```python verify", "P305")
    assert words in message


def test_the_key_never_enters_the_jail(grader, monkeypatch):
    sent = []
    real = Grader.run

    def listen(self, source, **options):
        sent.append(source + repr(options["arguments"]))
        return real(self, source, **options)

    monkeypatch.setattr(Grader, "run", listen)
    find(grader, choice("answer = x.shape"))
    find(grader, NUMERIC.format(right="0.1 ± 3%", wrong="0.375"))
    find(grader, output("print(1 + 1)", "2", wrong="-77"))
    everything = " ".join(sent)
    assert len(sent) == 3
    for secret in ("torch.Size([2, 4])", "± 3%", "0.375", "-77"):
        assert secret not in everything


def make_lesson(wrong: str) -> Lesson:
    def section(source: str, line: int) -> Text:
        return Text(source=textwrap.dedent(source).strip("\n"), line=line)

    right = """
    ```python
    print(x + 1)
    ```

    ```output
    2
    ```
    """
    part = LessonPart(
        kind=PartKind.PITFALL,
        title="Adding up",
        text=section("Text.", 20),
        line=18,
        sections=(("Wrong", section(wrong, 24)), ("Right", section(right, 40))),
    )
    return Lesson(
        id="adding",
        path="lesson.md",
        title="Adding",
        order=1,
        minutes=5,
        requires=(),
        tags=(),
        parts=(part,),
        prelude="x = 1",
    )


def prove_lesson(grader, wrong: str):
    return [
        (problem.line, problem.code)
        for problem in prove(
            [], [make_lesson(wrong)], lambda: nullcontext(grader), cache=ProofCache(None)
        )
    ]


FENCES = """
    ```python
    print("before")
    sum(x)
    ```

    ```output
    {}
    ```
    """


@pytest.mark.parametrize(
    "shown",
    [
        "before\n    TypeError: 'int' object is not iterable",
        """before
    Traceback (most recent call last):
      ...
    TypeError: 'int' object is not iterable""",
    ],
)
def test_a_pitfall_that_raises_shows_the_last_line_of_its_traceback(grader, shown):
    assert prove_lesson(grader, FENCES.format(shown)) == []


def test_a_pitfalls_output_that_is_not_real_is_caught(grader):
    assert prove_lesson(grader, FENCES.format("before")) == [(29, "P304")]


def test_a_pitfall_without_output_must_run(grader):
    assert prove_lesson(grader, "```python\ny = x\nsum(y)\n```") == [(26, "P301")]
    assert prove_lesson(grader, "```python show\nsum(y)\n```") == []


def test_what_held_is_not_run_again_until_it_changes(grader, tmp_path, monkeypatch):
    path = tmp_path / "cache" / "proofs.json"
    assert find(grader, choice("answer = x.shape"), cache=ProofCache(path)) == []
    assert "torch.Size" not in path.read_text()
    runs = []
    real = Grader.run
    monkeypatch.setattr(Grader, "run", lambda *a, **k: runs.append(1) or real(*a, **k))
    assert find(grader, choice("answer = x.shape"), cache=ProofCache(path)) == []
    assert runs == []
    assert len(find(grader, choice("answer = x.shape", a=" ", b="x"), cache=ProofCache(path))) == 2
    assert len(find(grader, choice("answer = x.shape", a=" ", b="x"), cache=ProofCache(path))) == 2
    assert len(runs) == 2


def test_a_damaged_cache_counts_as_empty(tmp_path: Path):
    path = tmp_path / "proofs.json"
    for damage in ("{", '{"a": 1}', "[1, 2]"):
        path.write_text(damage)
        assert "a" not in ProofCache(path)


def test_the_grader_is_not_started_for_nothing():
    def refuse():
        raise AssertionError("nothing is to be run")

    assert prove([], [], refuse, cache=ProofCache(None)) == ()


def load(root, pattern, parse):
    paths = sorted((root / "questions").glob(pattern))
    return [parse(path.read_text(encoding="utf-8"), str(path.relative_to(root))) for path in paths]


def test_the_default_content_holds(grader, root):
    banks = [one.value for one in load(root, "*/*.md", parse_bank) if one.value]
    lessons = [one.value for one in load(root, "*/lesson.md", parse_lesson) if one.value]
    told = []
    problems = prove(
        banks,
        lessons,
        lambda: nullcontext(grader),
        cache=ProofCache(None),
        on_progress=lambda done, total, _label: told.append((done, total)),
    )
    assert problems == ()
    assert len(lessons) == 2
    assert sum(len(bank.items) for bank in banks) >= 40
    assert len(told) >= 40
    assert told[-1] == (len(told), len(told))
