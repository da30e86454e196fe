"""What kind of edit made a version: a new title alone, a correction that says so, or a change that nothing speaks of."""

import re
from collections.abc import Mapping
from typing import Any

RETITLED = "retitled"
CORRECTED = "corrected"
STEALTH = "stealth-edited"

# How a paragraph begins that corrects an article, or says that it was corrected.
_CORRECTION = re.compile(
    r"\A\W*+(?:(?:(?:editor.?s note|update)\W++)?(?:this (?:article|story|version|post)|an earlier version|a previous version)\b.{0,80}"
    r"\b(?:correct|amend|clarif|misstat|incorrect)"
    r"|(?:corrections?|clarifications?|correct(?:ed|ing)|errat(?:um|a)|korrekturhinweis|korrektur|berichtigung|richtigstellung|"
    r"rectificatifs?|rectification|correctif|correction|correcci[oó]n|fe de errat[a]?s|rectificaci[oó]n|correzione|rettifica|"
    r"errata corrige|corre[cç][aã]o|retifica[cç][aã]o|rectificatie|correctie|r[aä]ttelse|rettelse|berigtigelse|oikaisu|"
    r"sprostowanie|korekta|oprava|helyesb[ií]t[eé]s|corectur[aă]|erat[aă]|d[uü]zeltme|διόρθωση|исправление|уточнение|поправка|"
    r"виправлення|уточнення|تصحيح|تصويب|תיקון|更正|訂正|勘误|정정)\b)",
    re.IGNORECASE,
)
# A note of a correction stands at the beginning of a paragraph.
_BEGINNING = 160


def edit_kinds(old: Mapping[str, Any], new: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns what kinds of edit lie between two wordings of an article.

    Args:
        old: the earlier wording: text, modified, live_blog.
        new: the later wording, likewise.
        changes: between them (services/storage/differences.py).
    """
    if "text" not in changes:
        return (RETITLED,) if "title" in changes else ()
    if _corrects(old["text"], new["text"]):
        return (CORRECTED,)
    # A page that states no time of its last change hides none.
    stated = old["modified"] is not None and old["modified"] == new["modified"]
    return (STEALTH,) if stated and not new["live_blog"] else ()


def _corrects(old_text: str, new_text: str) -> bool:
    old_paragraphs = set(old_text.split("\n"))
    return any(
        _CORRECTION.match(paragraph[:_BEGINNING]) is not None
        for paragraph in new_text.split("\n")
        if paragraph not in old_paragraphs
    )
