"""The regular expressions in the code, and texts made of their own parts that are meant to be dear to them."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from re import _compiler, _parser  # type: ignore[attr-defined] # they have no public names
from re import _constants as ops  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import regex

ROOT = Path(__file__).parents[2]
FUNCTIONS = frozenset("compile search match fullmatch sub subn split findall finditer".split())
# Where each function takes its flags.
FLAGS_POSITION = {"compile": 1, "split": 3, "sub": 4, "subn": 4}
# Characters to stand for a class of characters: the first of them that it holds.
CANDIDATES = ("a", "1", " ", "<", "=", '"', "'", "/", ".", "-", "_", ";", "%", "é", "語", "\ud800", "\x00", "A", "\n")
END = "\x01"
PATTERNS = (re.Pattern, regex.Pattern)


# Names of a function's own that its patterns are made of, each with a value that it may have.
LOCAL_NAMES: dict[str, dict[str, Any]] = {
    "services/parser/listing/pace.py": {"name": "ttl", "outer": "skipHours", "inner": "hour"},
    "services/parser/listing/xml_entries.py": {
        "prefix": r"(?:[\w.-]+:)?",
        "names": "url|sitemap",
        "root": ("<urlset", "", "urlset"),
    },
}


class Use(NamedTuple):
    """A pattern in the code, and where it stands: a line, or the name of a module's constant."""

    file: str
    place: str
    pattern: re.Pattern[Any]

    def __str__(self) -> str:
        return f"{self.file}:{self.place}"


def uses(*folders: str) -> list[Use]:
    """Returns every pattern of these folders: those of the modules' constants, and those that calls in functions name."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    every = {(use.file, use.pattern): use for path in paths for use in _uses(path)}
    return list(every.values())


def _uses(path: Path) -> Iterator[Use]:
    file = str(path.relative_to(ROOT))
    functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    calls = [node for function in functions for node in ast.walk(function) if _is_pattern_call(node)]
    if not calls and not re.search(
        r"^(import re|from re import|import regex)\b", path.read_text("utf-8"), re.MULTILINE
    ):
        return
    names = vars(importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
    yield from (Use(file, str(call.lineno), _compile(call, names | LOCAL_NAMES.get(file, {}))) for call in calls)
    for name, value in names.items():
        yield from (Use(file, name, pattern) for pattern in _patterns_in(value))


def _patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    """Yields the patterns in a constant: itself, its method's, or those of its members."""
    if isinstance(value, PATTERNS):
        yield value
    elif isinstance(pattern := getattr(value, "__self__", None), PATTERNS):
        yield pattern
    elif isinstance(value, (tuple, list, frozenset, dict)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _patterns_in(member)


def _is_pattern_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in FUNCTIONS
    )


def _compile(call: Any, names: dict[str, Any]) -> re.Pattern[Any]:
    """The pattern of a call, evaluated where it stands; what a function computes of its own has a value in LOCAL_NAMES."""
    position = FLAGS_POSITION.get(call.func.attr, 2)
    flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"] or call.args[position : position + 1]
    return re.compile(_evaluate(call.args[0], names), _evaluate(flags[0], names) if flags else 0)


def _evaluate(expression: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(expression), "<pattern>", "eval"), names)


class Repetition(NamedTuple):
    """A text that may be dear to a pattern: `unit` over and over, after what leads the pattern to that place."""

    lead: str
    unit: str

    def text(self, length: int) -> str:
        """The text, of so many characters; its end is none that a pattern looks for, so that a search goes on and on."""
        return (self.lead + self.unit * (length // len(self.unit) + 1))[: length - 1] + END


def repetitions(pattern: re.Pattern[Any]) -> list[Repetition]:
    """Each class of characters, repeated part and alternative of a pattern, repeated from the start and in its place."""
    binary = isinstance(pattern.pattern, bytes)
    parts: dict[Repetition, None] = {}
    # What the module `regex` alone can read is fed the candidates.
    sample = (
        _sample(_parser.parse(pattern.pattern, pattern.flags), "", parts) if isinstance(pattern, re.Pattern) else ""
    )
    for unit in (*CANDIDATES, sample, sample[:-1], sample[1:], *(part.unit for part in list(parts))):
        parts[Repetition("", unit)] = None
    return [part for part in parts if part.unit and not (binary and max(part.lead + part.unit) > "\xff")]


def _sample(tree: Any, lead: str, parts: dict[Repetition, None]) -> str:
    """A short text that a part of a pattern matches after `lead`; adds what may be repeated in it to `parts`."""
    text = ""
    for operation in tree:
        text += _sample_of(tree.state, operation, lead + text, parts)
    return text


def _sample_of(state: Any, operation: Any, lead: str, parts: dict[Repetition, None]) -> str:
    name, value = operation
    if name in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        least, _, repeated = value
        unit = _sample(repeated, lead, parts)
        parts[Repetition(lead, unit)] = None
        return unit * least
    if name is ops.SUBPATTERN:
        return _sample(value[-1], lead, parts)
    if name in (ops.ASSERT, ops.ASSERT_NOT):
        _sample(value[1], lead, parts)
        return ""
    if name is ops.BRANCH:
        alternatives = [_sample(branch, lead, parts) for branch in value[1]]
        parts.update(dict.fromkeys(Repetition(lead, alternative) for alternative in alternatives))
        return alternatives[0]
    if name in (ops.IN, ops.ANY, ops.NOT_LITERAL):
        unit = _member(state, operation)
        parts[Repetition(lead, unit)] = None
        return unit
    return chr(value) if name is ops.LITERAL else ""


def _member(state: Any, operation: Any) -> str:
    """A character of a class."""
    compiled = _compiler.compile(_parser.SubPattern(state, [operation]))
    literals = (
        [
            chr(value if name is ops.LITERAL else value[0])
            for name, value in operation[1]
            if name in (ops.LITERAL, ops.RANGE)
        ]
        if operation[0] is ops.IN
        else []
    )
    binary = isinstance(state.str, bytes)
    return next(
        candidate
        for candidate in (*CANDIDATES, *literals)
        if compiled.fullmatch(candidate.encode("latin-1", "replace") if binary else candidate)
    )
