"""Noticing, inside a jail, that a submission calls what its exercise forbids.

The direct ways are found in the source before anything runs. This sees the others (`getattr`, a
name put together at run time, an alias of an alias) at the moment of the call. It informs and is
no security: a submission that switches it off is told nothing, and nothing else changes. Calls in
other threads are not seen, nor builtin functions that C code calls (`map(math.sin, x)`).

What matters more is that nobody is told of what they did not do, and that no honest submission
fails because it is watched: what the hook raised, Python would raise in the submission.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, Self

_BUILTIN = types.BuiltinFunctionType
_MOST_WRAPPERS = 20
_MOST_FRAMES = 20  # between made-up code of a submission and the line that runs it


class Watch:
    """A context in which calls from one module are looked at; entering again continues.

    Costs a Python call for every call that is made in it. Calls that a library makes on its own
    do not count, and neither does a method of an object that the submission was given.

    Args:
        names: dotted names of functions, methods, classes (their construction counts) or modules
            (their functions and classes). A name that leads nowhere here is passed over.
        namespace: the module's globals, by which its frames are known.

    Attributes:
        found: for each name that was called the line of its first call.
    """

    def __init__(self, names: Sequence[str], namespace: dict[str, Any]) -> None:
        self.found: dict[str, int] = {}
        self._namespace = namespace
        self._codes: dict[types.CodeType, list[tuple[str, type | None, int]]] = {}
        self._builtins: dict[Any, str] = {}
        self._methods: dict[str, list[tuple[str, type]]] = {}
        self._modules: list[str] = []
        for name in names:
            # A module may raise anything when it is imported; the learner is not to blame for it.
            with contextlib.suppress(Exception):
                self._add(name, _resolve(name))

    def __enter__(self) -> Self:
        sys.setprofile(self._make_hook())
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _add(self, name: str, target: Any) -> None:  # noqa: ANN401 - whatever has a name
        if isinstance(target, types.ModuleType):
            self._modules.append(name)
            self._builtins |= dict.fromkeys(_list_builtins(target), name)
        elif isinstance(target, type):
            self._add_function(name, inspect.getattr_static(target, "__init__"), target)
            self._add_function(name, target.__new__, target)
        elif inspect.ismethoddescriptor(target) and hasattr(target, "__objclass__"):
            self._methods.setdefault(target.__name__, []).append((name, target.__objclass__))
        elif isinstance(target, _BUILTIN):
            self._builtins[target] = name
        else:
            self._add_function(name, target, None)

    def _add_function(self, name: str, function: Callable[..., Any], kind: type | None) -> None:
        """Know a function by its innermost code: a wrapper's belongs to all that it wraps."""
        depth = 1
        while hasattr(function, "__wrapped__") and depth <= _MOST_WRAPPERS:
            function, depth = function.__wrapped__, depth + 1
        code = getattr(function, "__code__", None)
        if code is not None:
            self._codes.setdefault(code, []).append((name, kind, depth))

    def _make_hook(self) -> Callable[[types.FrameType, str, Any], None]:
        """Return what Python asks at every call and return: nearly always for nothing, so quick."""
        codes, has_modules = self._codes, bool(self._modules)
        watches_builtins = bool(self._builtins or self._methods or self._modules)

        def see(frame: types.FrameType, event: str, arg: Any) -> None:  # noqa: ANN401
            if event == "call":
                if frame.f_code in codes:
                    self._see_known(frame)
                if has_modules:
                    self._see_call(frame)
            elif watches_builtins and event == "c_call":
                self._see_builtin(frame, arg)

        return see

    def _see_known(self, frame: types.FrameType) -> None:
        for name, kind, depth in self._codes[frame.f_code]:
            if kind is None or _is_of(_first_argument(frame), kind):
                self._note(name, frame, depth)

    def _see_call(self, frame: types.FrameType) -> None:
        if frame.f_globals is not self._namespace and _makes_or_is_plain(frame.f_code):
            self._note_module(frame.f_globals.get("__name__"), frame, 1)

    def _see_builtin(self, frame: types.FrameType, function: Any) -> None:  # noqa: ANN401
        if function in self._builtins:
            self._note(self._builtins[function], frame, 0)
        owner = getattr(function, "__self__", None)
        for name, kind in self._methods.get(function.__name__, ()):
            if isinstance(owner, kind):
                self._note(name, frame, 0)
        if self._modules and (owner is None or isinstance(owner, types.ModuleType)):
            self._note_module(function.__module__, frame, 0)

    def _note_module(self, called: object, frame: types.FrameType, depth: int) -> None:
        for name in self._modules:
            if type(called) is str and f"{called}.".startswith(f"{name}."):
                self._note(name, frame, depth)

    def _note(self, name: str, frame: types.FrameType, depth: int) -> None:
        if name in self.found:
            return
        line = self._find_line(frame, depth)
        if line:
            self.found[name] = line

    def _find_line(self, frame: types.FrameType, depth: int) -> int:
        """Return the module's line that made a call, 0 where it was somebody else's.

        Code that has neither a file nor a module was made up by the submission: the line that ran
        it counts. A library's may have no file either: Python's own importing, a generated
        `__init__`.

        Args:
            frame: what was called, or what called a builtin.
            depth: how many frames before it is the one that made the call.
        """
        caller: types.FrameType | None = frame
        for _ in range(depth):
            caller = caller.f_back if caller is not None else None
        for _ in range(_MOST_FRAMES):
            if caller is None:
                return 0
            is_own, has_file = self._is_own(caller), caller.f_code.co_filename[:1] != "<"
            if is_own and has_file:
                return caller.f_lineno
            if has_file or not (is_own or _has_no_module(caller)):
                return 0
            caller = caller.f_back
        return 0

    def _is_own(self, frame: types.FrameType) -> bool:
        return frame.f_globals is self._namespace


def _has_no_module(frame: types.FrameType) -> bool:
    """Whether code runs in a namespace that is no imported module's."""
    name = frame.f_globals.get("__name__")
    module = sys.modules.get(name) if type(name) is str else None
    return getattr(module, "__dict__", None) is not frame.f_globals


def _list_builtins(module: types.ModuleType) -> list[types.BuiltinFunctionType]:
    """Return a module's functions that are written in C, without what it only imports.

    Some of torch's do not say which module they are in, or name one that is private.
    """
    exported = getattr(module, "__all__", ())
    top = module.__name__.partition(".")[0]
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, _BUILTIN)
        and (name in exported or (value.__module__ or top).partition(".")[0] == top)
    ]


def _resolve(name: str) -> Any:  # noqa: ANN401 - whatever has a name
    """Return what a dotted name stands for.

    Raises:
        ImportError, AttributeError: if it stands for nothing.
    """
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        with contextlib.suppress(ModuleNotFoundError):
            module = importlib.import_module(".".join(parts[:end]))
            return functools.reduce(getattr, parts[end:], module)
    raise ModuleNotFoundError(name)


def _is_of(first: object, kind: type) -> bool:
    """Whether the first argument of `__init__` or `__new__` is of this class."""
    return isinstance(first, kind) or (isinstance(first, type) and issubclass(first, kind))


def _first_argument(frame: types.FrameType) -> object:
    names = frame.f_code.co_varnames
    return frame.f_locals.get(names[0]) if names else None


def _makes_or_is_plain(code: types.CodeType) -> bool:
    """Whether code is a constructor or a function of a module's top level."""
    return "." not in code.co_qualname or code.co_qualname.endswith(".__init__")
