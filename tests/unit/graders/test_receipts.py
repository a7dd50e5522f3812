"""Receipts: written, read back, compared, and refused where they are broken."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from graders.exercise import load_exercise
from graders.model import CheckResult, Report, Verdict
from graders.receipts import (
    FORMAT,
    CheckRecord,
    ReceiptError,
    hash_checks,
    load_receipt,
    make_receipt,
    say_changes,
    say_outcomes,
)

SOURCE = b"def l2_penalty(model): ...\n"


@pytest.fixture
def folder(root, tmp_path):
    """A copy of an exercise that may be changed."""
    copied = tmp_path / "regularization" / "sum-of-params"
    source = root / "exercises" / "regularization" / "sum-of-params"
    shutil.copytree(source, copied, ignore=shutil.ignore_patterns("submissions"))
    return copied


@pytest.fixture
def receipt(folder):
    return receive(folder)


@pytest.fixture(scope="module")
def written(root):
    """The text of a receipt."""
    return receive(root / "exercises" / "regularization" / "sum-of-params").to_json()


def receive(folder, **changes):
    exercise = load_exercise(folder)
    checks = tuple(
        CheckResult(
            name=spec.name, sentence=spec.sentence, points=spec.points, verdict=Verdict.ACCEPTED
        )
        for spec in exercise.checks
    )
    report = Report(
        exercise=exercise.key,
        exercise_hash=exercise.hash,
        verdict=Verdict.ACCEPTED,
        score=1.0,
        checks=checks,
        seed=2**48,
        torch_version="2.13.0",
        level="A",
    )
    return make_receipt(exercise, replace(report, **changes), SOURCE)


def edit(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_a_receipt_is_read_as_it_was_written(receipt, tmp_path):
    path = tmp_path / "receipt.json"
    path.write_text(receipt.to_json())
    assert load_receipt(path) == receipt
    assert json.loads(path.read_text())["format"] == FORMAT
    assert receipt.submission_sha256 == hashlib.sha256(SOURCE).hexdigest()
    assert say_changes(receipt, receipt) == say_outcomes(receipt, receipt) == []


def test_a_receipt_holds_neither_code_nor_anything_of_a_hidden_check(receipt, folder):
    text = receipt.to_json()
    hidden = [spec for spec in load_exercise(folder).checks if spec.hidden]
    assert hidden
    for spec in hidden:
        assert not any(line.strip() in text for line in spec.source.splitlines() if line.strip())
    assert "l2_penalty" not in text


def test_a_check_s_hash_changes_with_its_text_and_with_its_settings(folder):
    before = hash_checks(load_exercise(folder))
    edit(folder, "checks.py", "draw.number(2.0, 3.0)", "draw.number(2.0, 4.0)")  # in growth
    edit(folder, "checks.py", '"gate": nn.PReLU()', '"gate": nn.PReLU(1)')  # in unusual, hidden
    edit(folder, "checks.py", "@check(points=1)\ndef shared", "@check(points=3)\ndef shared")
    after = hash_checks(load_exercise(folder))
    assert {name for name in before if before[name] != after[name]} == {
        "growth",
        "unusual",
        "shared",
    }


def test_a_check_s_hash_stays_where_only_others_move_it(folder):
    before = hash_checks(load_exercise(folder))
    edit(
        folder,
        "checks.py",
        "def one_matrix():",
        "def another():\n    return 1\n\n\ndef one_matrix():",
    )
    assert hash_checks(load_exercise(folder)) == before


def test_what_has_changed_is_told_in_words(receipt, folder):
    edit(folder, "checks.py", "draw.number(2.0, 3.0)", "draw.number(2.0, 4.0)")
    now = receive(folder, torch_version="2.14.0", level="B")
    now = replace(now, submission_sha256="0", python_version="3.99.0")
    assert say_changes(receipt, now) == [
        "the exercise has changed (changed or new checks: growth)",
        "the submission is not the file that the receipt is about",
        "torch was 2.13.0, is 2.14.0",
        f"Python was {receipt.python_version}, is 3.99.0",
        "the containment level was A, is B",
    ]


def test_an_exercise_that_has_changed_outside_its_checks_is_told(receipt, folder):
    edit(folder, "reference.py", "def l2_penalty", "# as before\ndef l2_penalty")
    (told,) = say_changes(receipt, receive(folder))
    assert told.endswith("(no check's own text, but the reference, the statement or a helper)")


def test_checks_that_came_and_went_are_told(receipt):
    gone, *rest = receipt.checks
    new = CheckRecord(name="brand_new", hash="1", verdict=Verdict.WRONG)
    now = replace(receipt, exercise_hash="other", checks=(*rest, new))
    (told,) = say_changes(receipt, now)
    assert "changed or new checks: brand_new" in told
    assert f"checks that are gone: {gone.name}" in told
    assert say_outcomes(receipt, now) == [
        f"{gone.name} was accepted, is no check any more",
        "brand_new is new, and wrong",
    ]


def test_another_outcome_is_told_check_by_check(receipt):
    first, *rest = receipt.checks
    now = replace(
        receipt,
        verdict=Verdict.WRONG,
        score=0.5,
        checks=(replace(first, verdict=Verdict.WRONG), *rest),
    )
    assert say_outcomes(receipt, now) == [
        "the verdict was accepted, is wrong",
        f"{first.name} was accepted, is wrong",
        "the score was 100.0%, is 50.0%",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data.pop("seed"), "seed is missing."),
        (lambda data: data["checks"][0].pop("hash"), "hash is missing."),
        (lambda data: data.update(seed="7"), "seed must be of type int."),
        (lambda data: data.update(seed=True), "seed must be of type int."),
        (lambda data: data.update(seed=-1), "seed must lie between 0 and 2**63 - 1."),
        (lambda data: data.update(seed=2**63), "seed must lie between 0 and 2**63 - 1."),
        (lambda data: data.update(verdict="fine"), "verdict is 'fine', which is no verdict."),
        (lambda data: data.update(checks={}), "checks must be of type list."),
        (lambda data: data["checks"].append(1), "must be a map of names to values."),
        (lambda data: data.update(format="graders-receipt-2"), "its format is graders-receipt-2;"),
        (lambda data: data.update(device="gpu"), "device is 'gpu', which is neither cpu nor cuda."),
        (lambda data: data.clear(), "its format is None; this reads graders-receipt-1."),
    ],
)
def test_a_broken_receipt_is_told_by_its_place_and_remedy(written, tmp_path, change, told):
    data = json.loads(written)
    change(data)
    require_refused(tmp_path, json.dumps(data).encode(), told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "is no JSON: Expecting value at line 1, column 1."),
        (b'{\n "a": }', "is no JSON: Expecting value at line 2, column 7."),
        (b"[]", "is no receipt: it must be a map"),
        (b"\xff\x00", "is no JSON text."),
        (b"[" * 100_000, "is no JSON text."),
        (b" " * (1 << 21), "is far too long for a receipt."),
        (b'{"seed": ' + b"9" * 10_000 + b"}", "is no JSON text."),
    ],
)
def test_what_is_no_receipt_is_told(tmp_path, text, told):
    require_refused(tmp_path, text, told)


def test_a_receipt_that_is_missing_is_told(tmp_path):
    with pytest.raises(ReceiptError, match=r"none.json: cannot be read \(No such file"):
        load_receipt(tmp_path / "none.json")


def require_refused(folder, data, told):
    path = folder / "receipt.json"
    path.write_bytes(data)
    with pytest.raises(ReceiptError) as caught:
        load_receipt(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert told in message
    assert "graders grade EXERCISE FILE --receipt RECEIPT" in message
