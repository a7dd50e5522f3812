"""The YAML between the first two `---` lines: strings, lists and maps of strings, with lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from quizzer.banks.problems import Complaints, suggest
from quizzer.banks.source import HIDDEN

FORMAT = "1"
ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
MAX_ID_LENGTH = 64
MAX_CHARACTERS = 32_000
MAX_DEPTH = 6
# In C, where it is installed, it takes a twentieth of the time; the other's errors are told.
_FAST_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_COMMON_KEYS = ("lesson", "title", "format", "lang", "license", "source", "authors", "description")
BANK_KEYS = ("bank", *_COMMON_KEYS, "tags", "modes", "prelude", "defaults", "misconceptions")
LESSON_KEYS = (*_COMMON_KEYS, "order", "minutes", "requires", "tags", "prelude")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the front matter and its line: a string, a list or a map of entries."""

    value: str | tuple[Entry, ...] | Mapping[str, Entry]
    line: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter's entries by key, and the number of its closing line."""

    entries: Mapping[str, Entry]
    last_line: int
    complaints: Complaints

    def get_line(self, key: str) -> int:
        """Return the line of the key, or 1."""
        entry = self.entries.get(key)
        return entry.line if entry else 1

    def get_text(self, key: str, default: str = "") -> str:
        """Return the text of the key; complains about a list or map."""
        entry = self.entries.get(key)
        if entry is None:
            return default
        if isinstance(entry.value, str):
            return entry.value.strip(" \n") if key != "prelude" else entry.value
        self.complaints.add(entry.line, "E118", f"`{key}` must be text.")
        return default

    def get_words(self, key: str) -> tuple[str, ...]:
        """Return a list of words, written as a YAML list or as text with commas."""
        entry = self.entries.get(key)
        if entry is None:
            return ()
        if isinstance(entry.value, str):
            return split_words(entry.value)
        if isinstance(entry.value, tuple):
            words = tuple(one.value for one in entry.value if isinstance(one.value, str))
            if len(words) == len(entry.value):
                return words
        self.complaints.add(entry.line, "E118", f"`{key}` must be a list of words.")
        return ()

    def get_map(self, key: str) -> Mapping[str, Entry]:
        """Return a map of texts; complains about anything else."""
        entry = self.entries.get(key)
        if entry is None or entry.value == "":
            return {}
        if isinstance(entry.value, Mapping) and all(
            isinstance(one.value, str) for one in entry.value.values()
        ):
            return entry.value
        self.complaints.add(entry.line, "E118", f"`{key}` must be a map of `name: text`.")
        return {}

    def get_number(self, key: str, default: int) -> int:
        """Return a whole number from 0; complains about anything else."""
        text = self.get_text(key)
        if text.isascii() and text.isdigit() and len(text) <= 6:  # noqa: PLR2004 - no such number is larger
            return int(text)
        if key in self.entries:
            self.complaints.add(self.get_line(key), "E118", f"`{key}` must be a whole number.")
        return default


def split_words(text: str) -> tuple[str, ...]:
    """Return the parts of `a, b, c`, without empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def is_id(text: str) -> bool:
    """Whether `text` may name a bank, a lesson, an item or a tag."""
    return len(text) <= MAX_ID_LENGTH and bool(ID.match(text))


def parse_front_matter(
    lines: Sequence[str], known: Sequence[str], id_key: str, complaints: Complaints
) -> FrontMatter | None:
    """Read the front matter; None if there is none that could be read."""
    if not lines or lines[0] != "---":
        complaints.add(1, "E110", "the file must start with a line `---` and its front matter.")
        return None
    last = next((n for n, line in enumerate(lines[1:], start=2) if line.rstrip() == "---"), None)
    if last is None:
        complaints.add(1, "E111", "the front matter is not closed by a second line `---`.")
        return None
    entries = _load_entries("\n".join(lines[1 : last - 1]), complaints)
    if entries is None:
        return FrontMatter({}, last, complaints)
    front = FrontMatter(entries, last, complaints)
    _check_keys(front, known, id_key)
    return front


def _check_keys(front: FrontMatter, known: Sequence[str], id_key: str) -> None:
    complaints = front.complaints
    hints = {key: suggest(key, known) for key in front.entries if key not in known}
    for key in (id_key, "title", "format"):
        if key not in front.entries and f" Did you mean `{key}`?" not in hints.values():
            complaints.add(1, "E114", f"the front matter lacks `{key}`.")
        elif key in front.entries and not front.get_text(key):
            complaints.add(front.get_line(key), "E114", f"`{key}` is empty.")
    for key, hint in hints.items():
        complaints.add(front.get_line(key), "E115", f"unknown key `{key[:60]}`.{hint}")
    identifier = front.get_text(id_key)
    if identifier and not is_id(identifier):
        complaints.add(
            front.get_line(id_key), "E116", "an id has small letters, digits and single hyphens."
        )
    if front.get_text("format", FORMAT) not in ("", FORMAT):
        complaints.add(
            front.get_line("format"),
            "E117",
            f"this program reads format {FORMAT}; write `format: {FORMAT}`.",
        )


def _load_entries(text: str, complaints: Complaints) -> Mapping[str, Entry] | None:
    if len(text) > MAX_CHARACTERS:
        complaints.add(1, "E112", f"the front matter has more than {MAX_CHARACTERS:,} characters.")
        return None
    try:
        return _Reader(text, complaints, _FAST_LOADER).read()
    except _TooDeepError as error:
        complaints.add(error.line, "E112", "nested too deeply; make it flatter.")
    except yaml.YAMLError:
        _tell_fault(text, complaints)
    return None


def _tell_fault(text: str, complaints: Complaints) -> None:
    """Say where YAML ends, in the same words and places whatever is installed."""
    try:
        for _ in yaml.parse(text, Loader=yaml.BaseLoader):
            pass
    except yaml.MarkedYAMLError as error:
        line = int(getattr(error.problem_mark, "line", -1)) + 2
        complaints.add(line, "E112", f"YAML: {error.problem or error.context}.")
    except yaml.YAMLError as error:
        complaints.add(1, "E112", f"YAML: {str(error).splitlines()[0]}.")
    else:  # the two disagree, and one of them cannot read it
        complaints.add(1, "E112", "YAML: not read by every parser; put the values in quotes.")


class _TooDeepError(Exception):
    """Lists in lists in lists."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Reader:
    """Builds entries from YAML's event stream, where lines, anchors and tags are still to be seen.

    Only strings come out, whatever the text looks like: `no` and `1.0` stay what was written.
    """

    def __init__(self, text: str, complaints: Complaints, loader: type[yaml.BaseLoader]) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=loader))
        self._complaints = complaints

    def read(self) -> Mapping[str, Entry] | None:
        root: Entry | None = None
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    self._complain(event, "E112", "YAML: one document only.")
                    return None
                root = self._read_node(event, 0)
        if root is None or not isinstance(root.value, Mapping):
            self._complaints.add(2, "E112", "the front matter must consist of `key: value` lines.")
            return None
        return root.value

    def _complain(self, event: yaml.Event, code: str, message: str) -> None:
        self._complaints.add(_line(event), code, message)

    def _read_node(self, event: yaml.Event, depth: int) -> Entry:
        if depth > MAX_DEPTH:
            raise _TooDeepError(_line(event))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._complain(event, "E113", "anchors (&) and aliases (*) are not allowed; quote it.")
        if getattr(event, "tag", None):
            self._complain(event, "E113", "YAML tags (!) are not allowed; quote it.")
        if isinstance(event, yaml.MappingStartEvent):
            return Entry(self._read_map(depth), _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Entry(tuple(self._read_list(depth)), _line(event))
        value = event.value if isinstance(event, yaml.ScalarEvent) else ""
        if hidden := HIDDEN.search(value):  # in the file it may stand as an escape
            code_point = f"U+{ord(hidden[0]):04X}"
            self._complain(event, "E101", f"character {code_point} is not allowed.")
        return Entry(value, _line(event))

    def _read_list(self, depth: int) -> Iterator[Entry]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._read_node(event, depth + 1)

    def _read_map(self, depth: int) -> Mapping[str, Entry]:
        entries: dict[str, Entry] = {}
        key_lines: dict[str, int] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._read_node(event, depth + 1)
            value = self._read_node(next(self._events), depth + 1)
            name = key.value if isinstance(key.value, str) else ""
            if name in entries:
                self._complain(
                    event,
                    "E112",
                    f"`{name[:60]}` stands twice, first on line {key_lines[name]}; remove one.",
                )
            # The value may start lines below its key; an author looks for the key.
            entries[name] = Entry(value.value, key.line)
            key_lines.setdefault(name, key.line)
        return entries


def _line(event: yaml.Event) -> int:
    """Line in the file; the front matter starts on line 2."""
    return int(getattr(event.start_mark, "line", -1)) + 2
