"""Full-text search: which words a text has, by one rule on both databases.

Case and accents are folded, and the scripts that put no spaces between words (Chinese, Japanese, Thai, Lao, Khmer,
Burmese) are cut into pairs of characters: a word of two is the shortest that people search for, and a pair is rare enough
to be an index. SQLite calls `words` from the triggers of its FTS5 tables, PostgreSQL has the same rule as a function that
its indexes are made of (POSTGRES_FUNCTION). The last character of a run stands alone as well, so that a single character
is found as the beginning of a pair wherever it stands.
"""

import re
import unicodedata
from itertools import pairwise

# Characters of a text that are searched: a tsvector holds 1 MB.
MAX_TEXT = 60_000
# Scripts without spaces between words.
UNSPACED = (
    "\u0e00-\u0e3a\u0e40-\u0e4e\u0e80-\u0ece\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u3096"
    "\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
# Accents over and under letters, Hebrew points and Arabic vowel signs: often left out by those who search.
MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u064b-\u065f\u0670"
# Letters that Unicode does not decompose, and what people type for them.
LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "ł": "l",
    "þ": "th",
    "ς": "σ",
}
# The function of the database that returns the words of a text, with spaces between them.
FUNCTION = "newsmill_words"
# SQLite's function that returns the host of an address. In plain SQL that is so long an expression that fifty of them in a
# search, which people do ask for, took more than a second to write.
HOST_FUNCTION = "newsmill_host"

_MARK = re.compile(f"[{MARKS}]")
# Words are letters and digits, and the vowel signs of Indian scripts, which are neither.
_WORD = re.compile(f"[{UNSPACED}]+|(?:[^\\W_{UNSPACED}]|[\u0900-\u0963\u0966-\u0dff])+")
# The same for a text without characters of either, in half the time.
_PLAIN_WORD = re.compile(r"[^\W_]+")
_NOT_PLAIN = re.compile(f"[{UNSPACED}\u0900-\u0dff]")
_PAIRED = re.compile(f"[{UNSPACED}]")


def fold(text: str) -> str:
    """Returns a text without case and accents. Idempotent."""
    if text.isascii():
        return text.lower()
    decomposed = _MARK.sub("", unicodedata.normalize("NFKD", text).lower())
    plain = _MARK.sub("", decomposed)
    # str.translate() asks a dict for every character; nearly all texts have at most a few of these letters.
    for letter, replacement in LETTERS.items():
        plain = plain.replace(letter, replacement)
    return unicodedata.normalize("NFC", plain)


def words(text: str) -> list[str]:
    """Returns the words of a text as they are indexed, in order."""
    folded = fold(text[:MAX_TEXT])
    if _NOT_PLAIN.search(folded) is None:
        return _PLAIN_WORD.findall(folded)
    runs: list[str] = _WORD.findall(folded)
    if _PAIRED.search(folded) is None:
        return runs
    return [piece for word in runs for piece in _pieces(word)]


def query_words(text: str) -> list[str]:
    """Returns the words that a text must have to be found by these, in order.

    Of a run of an unspaced script these are its pairs; a single character has none.
    """
    return [piece for word in _WORD.findall(fold(text)) for piece in (_pieces(word)[:-1] if paired(word) else [word])]


def paired(word: str) -> bool:
    """Whether a word is of a script without spaces, and longer than one character: it is indexed as pairs."""
    return len(word) > 1 and _PAIRED.match(word) is not None


def single(text: str) -> bool:
    """Whether a text is one character of a script without spaces: it is found as the beginning of a pair."""
    return len(text) == 1 and _PAIRED.match(text) is not None


def _pieces(word: str) -> list[str]:
    if not paired(word):
        return [word]
    return [*(first + second for first, second in pairwise(word)), word[-1]]


def _postgres_letters(text: str) -> str:
    for letter, plain in LETTERS.items():
        text = f"replace({text}, '{letter}', '{plain}')"
    return text


# Punctuation of all scripts but the space, once it is decomposed. PostgreSQL's parser would make floats, hosts and paths of it.
_PUNCTUATION = (
    "\x01-\x1f\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964"
    "\u0965\u2000-\u206f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb"
)
# Where the characters lie that are composed with the one before them: signs of Indian and other scripts, Hangul, voiced kana.
COMPOSING = "\u0900-\u1bff\u3099\u309a\U00011000-\U0001d1ff"

# Pairs in two passes, because a regular expression of PostgreSQL cannot keep what it looked ahead at: the runs cut from
# their first character on, then from their second. A lone character at the end of a run is in exactly one of them.
_PAIRS = f"regexp_replace({{}}, '([{UNSPACED}][{UNSPACED}])', '\\1 ', 'g')"
_WITHOUT_FIRST = f"regexp_replace(regexp_replace(body, '[^{UNSPACED} ]+', '', 'g'), ' [{UNSPACED}]', ' ', 'g')"
# For the planner, in units of cpu_operator_cost: a text of 7 KB takes 2 to 3 ms, as long as some hundred thousand comparisons
# of numbers. With the usual 100 it may cut the words of every row though an index has them, with 10,000 those of the newest
# articles where nearly all match.
POSTGRES_COST = 100_000
# Each step that most texts have no need of costs as much as all that they do need, so it is asked for first.
POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}(document text) RETURNS text LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE COST {POSTGRES_COST} AS $$
DECLARE
    body text := CASE WHEN octet_length(document) > {MAX_TEXT} THEN left(document, {MAX_TEXT}) ELSE document END;
BEGIN
    IF octet_length(body) = length(body) THEN
        RETURN regexp_replace(lower(body), '[{_PUNCTUATION}]+', ' ', 'g');
    END IF;
    body := lower(regexp_replace(normalize(body, NFKD), '[{MARKS}]', '', 'g'));
    IF body ~ '[{"".join(LETTERS)}]' THEN
        body := {_postgres_letters("body")};
    END IF;
    IF body ~ '[{COMPOSING}]' THEN
        body := normalize(body, NFC);
    END IF;
    body := regexp_replace(body, '[{_PUNCTUATION}]+', ' ', 'g');
    IF body ~ '[{UNSPACED}]' THEN
        body := regexp_replace(body, '([{UNSPACED}]+)', ' \\1 ', 'g');
        body := {_PAIRS.format("body")} || ' ' || {_PAIRS.format(_WITHOUT_FIRST)};
    END IF;
    RETURN body;
END
$$
"""


def host_of_address(url: str | None) -> str | None:
    """Returns the host of a fetchable URL, which always has a path; None of none."""
    return url and url.partition("://")[2].partition("/")[0].partition(":")[0]
