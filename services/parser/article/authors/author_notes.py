"""The sentences and closing lines of an article that say who wrote it: "This story was written by …", "(Reporting by …)"."""

import re
from collections.abc import Iterator

from services.parser.article.authors import byline, byline_lead, unspaced_names
from services.parser.article.authors.person_name import is_full, is_name

_NAME = (
    r"(?P<name>[A-ZÀ-ÞА-Я][\w'’.-]{0,20}(?:\s(?:(?:de|van|von|der|da|di|del|la)\s){0,2}[A-ZÀ-ÞА-Я][\w'’.-]{0,20}){1,3})"
)
# By language, before a name. Each begins with a word that points to the text itself.
_WRITTEN = (
    (
        r"(?:this|the following) (?:[\w-]{3,12} ){0,2}?(?:post|article|story|piece|column|essay|op-ed|commentary|report|review) "
        r"(?:was|is) (?:originally |first )?(?:written|authored|contributed|penned|a guest (?:post|column|essay)) by"
    ),
    r"this is a (?:guest|sponsored) (?:post|column|essay|article) (?:by|from)",
    r"diese[rs]? (?:gast)?(?:artikel|beitrag|text|kommentar|bericht|essay|kolumne) (?:wurde|stammt|ist) von",
    r"(?:cet article|ce texte|ce billet|cette tribune|cette chronique) (?:a été|est) (?:écrite?|rédigée?|signée?) par",
    r"est[ea] (?:artículo|texto|nota|columna|reportaje) (?:fue|ha sido) (?:escrit|redactad|elaborad)[oa] por",
    r"est[ea] (?:artigo|texto|matéria|coluna|reportagem) foi (?:escrit|produzid|redigid)[oa] por",
    r"questo (?:articolo|testo|post) è stato scritto da",
    r"dit (?:artikel|stuk|verhaal) (?:is|werd) geschreven door",
    r"(?:denna artikel|artikeln) är skriven av|artikkelen er skrevet av|artiklen er skrevet af",
    r"autor(?:em|ką) (?:tekstu|artykułu) jest|autorem článku je|автор (?:статьи|текста|материала) [—–-]",
    r"artikel ini (?:telah )?ditulis oleh|bài viết (?:này )?(?:là )?của(?: tác giả)?",
)
_WRITTEN_BY = re.compile(rf"(?:^|[.!?–—:(] ?)(?i:{'|'.join(_WRITTEN)}) {_NAME}")
# In small letters, what none of these sentences is without.
_VERBS = (
    "written", "authored", "contributed", "penned", "guest", "sponsored", "stammt von", "wurde von", "ist von", "écrit", "rédigé", "signé", "escrit",
    "redactad", "elaborad", "produzid", "redigid", "scritto", "geschreven", "skrive", "autorem", "autorką", "автор", "ditulis", "bài viết",
)  # fmt: skip
# How agencies end a story.
_REPORTING = re.compile(r"^\(?(?:additional )?(?:reporting|writing|compiled) by ", re.IGNORECASE)
# A note on somebody who writes for a living, in which the name comes first.
_PROFESSION = (
    r"(?:is (?:an? |the )?(?:[\w'’.-]{1,20} ){0,4}?(?:reporter|writer|journalist|columnist|correspondent|contributor|blogger|freelancer)|"
    r"(?:writes|covers|reports on|blogs) |"
    r"ist (?:[\w-]{2,20} ){0,3}?(?:redakteur|journalist|reporter|autor|korrespondent|kolumnist|publizist)|"
    r"est (?:[\w-]{2,20} ){0,2}?(?:journaliste|rédact|chroniqueu|correspondant)|"
    r"es (?:[\w-]{2,20} ){0,2}?(?:periodista|redactor|columnista|corresponsal)|"
    r"[éè] (?:[\w-]{1,20} ){0,2}?(?:jornalista|repórter|colunista|giornalista|redattor)|"
    r"is (?:[\w-]{2,20} ){0,2}?(?:redacteur|verslaggever|columniste?))"
)
_NOTE = re.compile(rf"^(?:About )?{_NAME},? (?i:{_PROFESSION})")
_SENTENCE, _LONGEST_NOTE, _CLOSING_LENGTH = 400, 600, 200


def author_notes(texts: list[str]) -> Iterator[str]:
    """Yields what names the author in a page's blocks of text: sentences about the text, closing lines, and last a note on the author.

    Who is the subject of a story is named elsewhere in it too; who is named in a note alone wrote it.
    """
    for text in texts:
        beginning = text[:_SENTENCE]
        small = beginning.lower()
        if any(verb in small for verb in _VERBS) and (match := _WRITTEN_BY.search(beginning)):
            yield match["name"].rstrip(".")
    for text in reversed(texts):
        if len(text) <= _CLOSING_LENGTH and _REPORTING.match(text):
            yield text.strip("()")
        if names := unspaced_names.in_closing_brackets(text):
            yield "、".join(names)
    for text in reversed(texts):
        match = _NOTE.match(text) if len(text) <= _LONGEST_NOTE else None
        if match and is_name(match["name"]) and not _is_subject(match["name"], text, texts):
            yield match["name"]


def _is_subject(name: str, note: str, texts: list[str]) -> bool:
    """Returns whether the surname stands in another block than the note and a line that is little more than the name."""
    surname = name.rsplit(maxsplit=1)[-1]
    return any(surname in text and text != note and len(text) > 2 * len(name) for text in texts)


def is_signed_genre(line: str) -> bool:
    """Returns whether a line names a kind of text and a full name: "Eine Analyse von Mina Okafor"."""
    return byline_lead.is_genre(line) and any(map(is_full, byline.people(line)))
