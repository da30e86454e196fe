"""Differences between two wordings of an article."""

from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

# Characters of a diff that are kept.
MAX_DIFF = 20_000


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what differs between two wordings.

    That is the old and new title and subtitle where they differ, and the text's paragraphs as a unified diff with how
    many were added and removed; `whole` is False where the diff was cut.
    """
    changes: dict[str, Any] = {
        name: [old[name], new[name]] for name in ("title", "subtitle") if (old[name] or "") != (new[name] or "")
    }
    lines = list(unified_diff(old["text"].split("\n"), new["text"].split("\n"), lineterm="", n=0))[2:]
    if lines:
        diff = "\n".join(lines)
        changes["text"] = {
            "added": sum(line.startswith("+") for line in lines), "removed": sum(line.startswith("-") for line in lines),
            "diff": diff[:MAX_DIFF], "whole": len(diff) <= MAX_DIFF,
        }  # fmt: skip
    return changes
