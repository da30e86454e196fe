"""What by-lines begin with: by-words, kinds of texts, "all articles by"."""

import re

from services.parser.article.authors import byline_words as words
from services.parser.article.authors import person_name, unspaced_names

_BY_WORDS = words.any_of(words.BY)
# A colon, in Khmer too; a dash between spaces; a comma, as behind labels that lie in boxes of their own.
_COLON = r"(?:\s?[:：៖]\s?|\s[-–—]\s|[,،]\s)"
_BY = re.compile(rf"^(?:(?:{_BY_WORDS}){_COLON}|(?:{_BY_WORDS})\s|[—–-]\s?){{1,3}}", re.IGNORECASE)
_FIRST_WORDS = words.first_words(words.BY)
_BY_ALONE = re.compile(rf"^(?:{_BY_WORDS})\s?[:：៖]?$", re.IGNORECASE)
_BY_INSIDE = re.compile(r"\s(?:by|von|par|por|door|av|af|oleh|โดย|بقلم|מאת)\s(?=\S)")
# Two elements without a space between them: "ByJane Doe".
_BY_JOINED = re.compile(r"^(?:By|BY|Von|Par|Por|Oleh)(?=[A-ZÀ-Þ][a-zß-ÿ])")
_BY_BEHIND = re.compile(rf"(?<=\S)\s(?:{words.BY_BEHIND})$")
# "An analysis by", "eine Analyse von": before a name.
_GENRE = re.compile(
    rf"^(?:(?:an?|the|eine?|une?|un[ao]?|uma?|een)\s)?(?:{words.any_of(words.GENRES)})\s(?:by|von|par|de|por|di|door|av|af)\s",
    re.IGNORECASE,
)
# "From Elwick reports Jane Doe".
_REPORTS_FROM = re.compile(
    r"^Aus\s[A-ZÄÖÜ][\w.-]{1,30}(?:\s(?:am|an der|im|in)?\s?[A-ZÄÖÜ][\w.-]{1,30}){0,2}\s(?:berichten?|berichtet)\s"
)
_ALSO_NAME = re.compile(rf"^(?:{words.ALSO_NAMES})\s")
_ALL_BY = re.compile(rf"^{words.ALL_BY}", re.IGNORECASE)
# A name in brackets and nothing else.
IN_BRACKETS = re.compile(r"^[【（(\[［](?P<name>[^【（(\[［】）)\]］]{2,40})[】）)\]］]$")


def is_start(line: str) -> bool:
    """Returns whether a line begins as a by-line does: "By ", "Von ", "بقلم", "記者"; and is not "By" alone."""
    first_word = words.FIRST_WORD.match(line[:40])
    if first_word and first_word[1].lower() in _FIRST_WORDS and _BY.match(line):
        return True
    if _BY_JOINED.match(line) or _REPORTS_FROM.match(line) or _BY_BEHIND.search(line):
        return True
    return bool(unspaced_names.UNSPACED.search(line)) and bool(
        unspaced_names.in_line(IN_BRACKETS.sub(r"\g<name>", line))
    )


def is_genre(line: str) -> bool:
    """Returns whether a line begins with a kind of text and a by-word: "An analysis by"."""
    return _GENRE.match(line) is not None


def is_bracketed_name(line: str) -> bool:
    """Returns whether a line is a full name in brackets and nothing else, as some newspapers end an article."""
    match = IN_BRACKETS.match(line)
    return match is not None and " " in match["name"] and person_name.is_name(match["name"])


def is_by_word(line: str) -> bool:
    """Returns whether a line is a by-word and nothing else, so that the name is on the next line."""
    return _BY_ALONE.match(line.strip()) is not None or unspaced_names.is_role_alone(line.strip())


def after_by(line: str) -> str:
    """Returns what follows a by-word inside a line, "5 March by Jane Doe"; empty if there is none."""
    parts = _BY_INSIDE.split(line, maxsplit=1)
    return parts[1] if len(parts) == 2 else ""


def without_by(text: str) -> str:
    """Returns a by-line without its by-words: not without a "Di" that is the first of two words."""
    text = _GENRE.sub("", _ALL_BY.sub("", _BY_JOINED.sub("", _REPORTS_FROM.sub("", text))))
    without = _BY_BEHIND.sub("", _BY.sub("", text))
    is_name = _ALSO_NAME.match(text) and not person_name.is_full(without) and without.lower() not in words.AGENCIES
    return text if is_name else without
