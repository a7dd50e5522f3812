"""Which passwords can be taken."""

from __future__ import annotations

import pytest

from quizzer.errors import InvalidResponseError
from quizzer.services.passwords import _LIST, hash_password, is_password, require_password


@pytest.mark.parametrize(
    "password",
    [
        *("password", "PASSWORD", "Password1!", "p4ssw0rd", "P@ssw0rd2026", "pa55word"),
        *("12345678", "87654321", "23456789", "abcdefgh", "qwertyuiop", "poiuytrewq", "azertyuiop"),
        *("1q2w3e4r", "1qaz2wsx", "aaaaaaaa", "abababab", "12121212", "        "),
        *(
            "iloveyou",
            "sunshine99",
            "monkeymonkey",
            "dragon!!!",
            "welcome1",
            "letmein2024",
            "passwort1",
        ),
    ],
)
def test_what_everybody_tries_first_is_refused_with_a_remedy(password):
    with pytest.raises(InvalidResponseError, match="first that others would try") as refused:
        require_password(password, name="Ada", field="new")
    assert refused.value.field == "new"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Ada Lovelace", "ada lovelace"),
        ("Ada Lovelace", "AdaLovelace1"),
        ("Ada Lovelace", "ecalevol ada"),
        ("Ada", "adaadaada"),
        ("wilhelmine", "123wilhelmine"),
    ],
)
def test_a_password_is_more_than_the_name(name, password):
    with pytest.raises(InvalidResponseError, match="nearly your name"):
        require_password(password, name=name)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Ada", "correct horse"),
        ("Ada", "engines of the mind"),
        ("Ada", "a long password"),
        ("Ada", "Ada rides blue trains"),
        ("Al", "altogether other"),
        ("Ada", "zebra quilt 7"),
        ("Ada", "пароль из слов"),
        (
            "Ada",
            "\N{SNOWMAN}\N{UMBRELLA}\N{COMET}\N{CLOUD}\N{BLACK STAR}\N{SAILBOAT}\N{ANCHOR}\N{SCALES}",
        ),
    ],
)
def test_others_are_taken(name, password):
    require_password(password, name=name)


def test_the_list_is_in_the_spelling_in_which_it_is_searched():
    words = [w for line in _LIST.read_text().splitlines() if line[0] != "#" for w in line.split()]
    assert words == [word.lower() for word in words]
    assert len(set(words)) > 500


def test_only_the_very_password_opens_what_was_hashed():
    kept = hash_password("correct horse")
    assert is_password(kept, "correct horse")
    assert not is_password(kept, "correct horsf")
    assert not is_password(None, "nobody has this password")
    assert hash_password("correct horse") != kept
