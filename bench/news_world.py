"""A database of invented news, as many articles as are asked for: 40 newspapers in ten countries and six languages, their
channels, front pages, headlines, stories that several of them tell, versions, pictures and visits. The last article is of
this minute, the first of weeks ago. Used by bench/pages.py and docs/pictures/take.py.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from shared.contracts import now_utc
from shared.database.models import (
    Article,
    ArticleAlias,
    ArticleVersion,
    Headline,
    Image,
    Page,
    Placement,
    Site,
    Source,
    Story,
    Visit,
)
from shared.urls import fingerprint

LOT = 2_000
SECONDS_APART = 26
TABLES = (Story, Article, ArticleAlias, ArticleVersion, Image, Page, Visit, Headline, Placement)


class Language(NamedTuple):
    """The parts that sentences of a language are made of, and how they are put together."""

    code: str
    direction: str
    subjects: Sequence[str]
    verbs: Sequence[str]
    objects: Sequence[str]
    ends: Sequence[str]
    space: str = " "

    def sentence(self, chance: random.Random) -> str:
        parts = (self.subjects, self.verbs, self.objects, self.ends)
        words = [chance.choice(part) for part in parts]
        return self.space.join(word for word in words if word)


LANGUAGES = (
    Language(
        "en", "ltr",
        ("Harrow Bay council", "The ferry company", "Ostmoor's mayor", "A school in Linden Vale", "The harbour board", "Farmers near Selby Mere", "The Calder valley hospital", "A jury in Port Arlen"),
        ("opens", "puts off", "defends", "cuts", "votes for", "rebuilds", "questions", "sells"),
        ("the old quay", "bridge tolls", "its night trains", "a new library", "the flood wall", "the winter timetable", "a solar field", "the fish market"),
        ("after two years of delay", "despite the cost", "before the election", "for the second time", "as prices rise", "to the surprise of neighbours", "from next spring", ""),
    ),
    Language(
        "fr", "ltr",
        ("Le conseil de Varenne", "La maire de Bois-Clair", "Un collège de Montclair", "La compagnie des bacs", "L'hôpital de la Lysse", "Les pêcheurs du vieux port", "Le préfet de la vallée", "Un jury de Lisle"),
        ("rouvre", "reporte", "défend", "réduit", "vote", "reconstruit", "conteste", "vend"),
        ("le quai neuf", "les péages du pont", "ses trains de nuit", "la médiathèque", "la digue", "les horaires d'hiver", "un parc solaire", "la criée"),
        ("après deux ans de travaux", "malgré le coût", "avant le scrutin", "pour la seconde fois", "face à la hausse des prix", "à la surprise des riverains", "dès le printemps", ""),
    ),
    Language(
        "es", "ltr",
        ("El ayuntamiento de Ribalta", "La alcaldesa de Peñarrasa", "Un instituto de Valdelobos", "La naviera del golfo", "El hospital de Santa Irena", "Los pescadores de la bahía", "La junta del puerto", "Un jurado de Almarza"),
        ("reabre", "aplaza", "defiende", "recorta", "aprueba", "reconstruye", "cuestiona", "vende"),
        ("el muelle viejo", "los peajes del puente", "sus trenes nocturnos", "la biblioteca", "el dique", "el horario de invierno", "un parque solar", "la lonja"),
        ("tras dos años de obras", "pese al coste", "antes de las elecciones", "por segunda vez", "ante la subida de precios", "para sorpresa de los vecinos", "desde la primavera", ""),
    ),
    Language(
        "ar", "rtl",
        ("مجلس مدينة واحة النور", "رئيسة بلدية المرسى الجديد", "شركة العبّارات", "مستشفى وادي السرو", "صيادو الخليج", "هيئة الميناء", "مدرسة في تل الزعتر", "لجنة تحكيم في دار السلام"),
        ("تعيد افتتاح", "تؤجل", "تدافع عن", "تخفض", "تقر", "تعيد بناء", "تشكك في", "تبيع"),
        ("الرصيف القديم", "رسوم الجسر", "قطارات الليل", "المكتبة الجديدة", "سد الفيضان", "جدول الشتاء", "حقل الطاقة الشمسية", "سوق السمك"),
        ("بعد عامين من التأخير", "رغم الكلفة", "قبل الانتخابات", "للمرة الثانية", "مع ارتفاع الأسعار", "وسط دهشة السكان", "بدءا من الربيع", ""),
    ),
    Language(
        "de", "ltr",
        ("Der Rat von Ostmoor", "Die Bürgermeisterin von Lindental", "Eine Schule in Hafelbach", "Die Fährgesellschaft", "Das Krankenhaus an der Sulze", "Die Fischer am alten Hafen", "Die Hafenbehörde", "Ein Gericht in Arlen"),
        ("eröffnet", "verschiebt", "verteidigt", "kürzt", "beschließt", "erneuert", "bezweifelt", "verkauft"),
        ("den alten Kai", "die Brückenmaut", "die Nachtzüge", "die Bücherei", "den Deich", "den Winterfahrplan", "einen Solarpark", "den Fischmarkt"),
        ("nach zwei Jahren", "trotz der Kosten", "vor der Wahl", "zum zweiten Mal", "bei steigenden Preisen", "zur Überraschung der Nachbarn", "ab dem Frühjahr", ""),
    ),
    Language(
        "zh", "ltr",
        ("青橋市議會", "渡輪公司", "白沙鎮鎮長", "港口管理局", "東湖醫院", "舊港漁民", "石門中學", "南灣法院"),
        ("重新開放", "推遲", "支持", "削減", "通過", "重建", "質疑", "出售"),
        ("舊碼頭", "大橋通行費", "夜間列車", "新圖書館", "防洪堤", "冬季時刻表", "太陽能園區", "魚市場"),
        ("，歷時兩年", "，費用上升", "，選舉在即", "，已是第二次", "，物價上漲", "，居民感到意外", "，明年春天起", ""),
        space="",
    ),
)  # fmt: skip
COUNTRIES = ("GB", "FR", "ES", "EG", "DE", "TW", "IE", "BE", "MX", "AT")
TAGS = ("local", "national", "business", "sport")
NAMES = ("Gazette", "Courier", "Herald", "Observer", "Chronicle", "Tribune", "Mail", "Post")
PLACES = ("Harrow", "Varenne", "Ribalta", "Wahat", "Ostmoor", "Qingqiao")
PEOPLE = ("Martha Ellison", "Claire Montfort", "Inés Robledo", "Samir Haddad", "Jonas Lindt", "Lin Yawen")


class Outlet(NamedTuple):
    """A newspaper, with the number of its channel."""

    number: int
    name: str
    host: str
    language: Language

    @property
    def home_page(self) -> str:
        return f"https://{self.host}/"


class Telling(NamedTuple):
    """What an article tells, and the story that it is part of."""

    title: str
    text: str
    story_id: int | None


def outlets() -> list[Outlet]:
    """Returns the 40 newspapers."""
    found = []
    for number in range(1, 41):
        place, name = PLACES[number % len(LANGUAGES)], NAMES[number // len(LANGUAGES)]
        found.append(
            Outlet(number, f"{place} {name}", f"{place}-{name}.example".lower(), LANGUAGES[number % len(LANGUAGES)])
        )
    return found


def fill(engine: Engine, articles: int, seed: int = 7) -> None:
    """Fills a migrated, empty database."""
    news = News(articles, random.Random(seed))
    with Session(engine) as session, session.begin():
        _declare(session, outlets(), now_utc())
    for first in range(1, articles + 1, LOT):
        rows = news.rows(range(first, min(first + LOT, articles + 1)))
        with engine.begin() as connection:
            for table in TABLES:
                if rows[table]:
                    connection.execute(insert(table), rows[table])
    _restart_numbers(engine)


def _restart_numbers(engine: Engine) -> None:
    """Has new rows numbered after those that were given a number here, and the planner know the tables."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            for table in (Article, Headline, Story):
                sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
                connection.execute(select(func.setval(sequence, func.max(table.id))))
        connection.exec_driver_sql("ANALYZE")


def _declare(session: Session, papers: Sequence[Outlet], now: datetime) -> None:
    for paper in papers:
        key = fingerprint(paper.home_page)
        session.add(
            Site(
                key=key, name=paper.name, home_page=paper.home_page, country=COUNTRIES[paper.number % 10],
                languages=[paper.language.code], tags=[TAGS[paper.number % 4]], created_at=now - timedelta(days=90),
            )
        )  # fmt: skip
        session.add(
            Source(
                id=paper.number, key=key, name=f"{paper.name}: front page", url=paper.home_page, kind="front", site_key=key,
                role="front", created_at=now - timedelta(days=90), next_poll_at=now + timedelta(minutes=paper.number % 9),
                last_polled_at=now - timedelta(minutes=paper.number % 5), last_success_at=now - timedelta(minutes=paper.number % 5),
                last_disposition="listed", reason="as its items come",
            )
        )  # fmt: skip


class News:
    """The rows of articles, in order of time."""

    def __init__(self, articles: int, chance: random.Random) -> None:
        self.chance = chance
        self._articles = articles
        self._now = now_utc()
        self._papers = outlets()
        # The story that was told last in each language.
        self._told: dict[str, Telling] = {}

    def rows(self, numbers: range) -> dict[Any, list[dict[str, Any]]]:
        rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in TABLES}
        for number in numbers:
            seconds = SECONDS_APART * (self._articles - number) + self.chance.randrange(SECONDS_APART)
            at, paper = self._now - timedelta(seconds=seconds), self.chance.choice(self._papers)
            telling, is_new_story = self._telling(paper.language, number)
            if is_new_story:
                rows[Story].append({"id": number, "created_at": at})
            for table, row in _article(number, paper, at, telling, self.chance):
                rows[table].append(row)
            if self._articles - number < 40 * len(self._papers):
                _on_the_front(rows, number, paper, at, self.chance)
        return rows

    def _telling(self, language: Language, number: int) -> tuple[Telling, bool]:
        """Returns what an article tells, and whether it begins a story: one in five retells the last one of its language."""
        last = self._told.get(language.code)
        if last and self.chance.random() < 0.2:
            return last, False
        telling = Telling(language.sentence(self.chance), "\n".join(_paragraphs(language, self.chance)), None)
        if last and self.chance.random() > 0.03:
            return telling, False
        self._told[language.code] = telling._replace(story_id=number)
        return self._told[language.code], True


def _paragraphs(language: Language, chance: random.Random) -> Iterator[str]:
    stop = "。" if language.code == "zh" else "."
    for _ in range(chance.randrange(4, 9)):
        yield language.space.join(language.sentence(chance) + stop for _ in range(chance.randrange(2, 4)))


def _article(
    number: int, paper: Outlet, at: datetime, telling: Telling, chance: random.Random
) -> Iterator[tuple[Any, dict[str, Any]]]:
    title, text, story = telling
    url = f"{paper.home_page}{at:%Y/%m/%d}/{number}"
    key, trace, language = fingerprint(url), f"trace-{number}", paper.language
    published = at - timedelta(seconds=chance.randrange(20, 900))
    picture = f"{paper.home_page}pictures/{number}.jpg"
    common = {"language": language.code, "direction": language.direction, "source_id": paper.number}
    yield Article, common | {
        "id": number, "key": key, "url": url, "canonical_url": url, "trace_id": trace, "title": title, "text": text,
        "subtitle": language.sentence(chance), "authors": [PEOPLE[number % 6]], "published": published.isoformat(timespec="seconds"),
        "published_at": published, "site": paper.name, "publisher": paper.name, "section": TAGS[number % 4], "tags": [TAGS[number % 4], TAGS[number % 3]],
        "lead_image": picture, "alternates": [], "word_count": len(text if language.code == "zh" else text.split()), "version": 2 if number % 10 == 0 else 1,
        "evidence": {
            "title": [{"value": title, "source": "json-ld", "confidence": 1.0}, {"value": title, "source": "h1", "confidence": 0.9}],
            "published_at": [{"value": published.isoformat(timespec="seconds"), "source": "json-ld", "confidence": 1.0}],
        },
        "body_hash": f"{number:064x}", "story_id": story, "title_key": f"{number:032x}", "fetched_at": at, "stored_at": at, "updated_at": at,
    }  # fmt: skip
    yield ArticleAlias, {"key": key, "article_id": number}
    for version in range(1, 3 if number % 10 == 0 else 2):
        yield ArticleVersion, {
            "article_id": number, "number": version, "title": title, "subtitle": None, "body_hash": f"{number:063x}{version}",
            "text": text if version > 1 or number % 10 else text.replace("\n", f" {language.sentence(chance)}\n", 1),
            "changes": {"text": {"added": 1, "removed": 1, "diff": "", "whole": True}} if version > 1 else None,
            "fetched_at": at - timedelta(minutes=10 * (2 - version)),
        }  # fmt: skip
    yield Image, {"article_id": number, "key": fingerprint(picture), "url": picture, "caption": language.sentence(chance), "credit": PEOPLE[number % 6], "position": 0}  # fmt: skip
    requested = at - timedelta(seconds=3)
    yield Page, {
        "key": key, "url": url, "source_id": paper.number, "article_id": number, "trace_id": trace, "triggered_at": requested,
        "first_seen_at": requested, "fetched_at": at, "ended_at": at, "disposition": "stored", "status": 200, "stage": "storage",
    }  # fmt: skip
    yield Visit, {
        "trace_id": trace, "page_key": key, "url": url, "via": "headline", "source_id": paper.number, "article_id": number,
        "triggered_at": requested, "fetched_at": at - timedelta(seconds=1), "ended_at": at, "disposition": "stored", "stage": "storage", "status": 200, "version": 1,
        "steps": [{"what": "fetched", "at": (at - timedelta(seconds=1)).isoformat(), "url": url, "status": 200, "bytes": 48_211, "media_type": "text/html"}],
    }  # fmt: skip
    yield Headline, common | {
        "id": number, "key": key, "link_key": key, "site": paper.host, "url": url, "text": title, "page_url": paper.home_page,
        "article_id": number, "position": number % 40, "top_position": number % 40, "block": "lead" if number % 13 == 0 else "section",
        "places": [{"page": paper.home_page, "position": number % 40, "block": "section", "since": requested.isoformat()}],
        "image": picture, "authors": [], "tags": [], "wordings": [], "in_front": True, "in_feed": number % 2 == 0, "in_sitemap": False,
        "first_seen_at": requested, "last_seen_at": at,
    }  # fmt: skip


def _on_the_front(rows: Any, number: int, paper: Outlet, at: datetime, chance: random.Random) -> None:
    if chance.random() < 0.5:
        rows[Placement].append({
            "page_key": fingerprint(paper.home_page), "headline_id": number, "page_url": paper.home_page, "kind": "front",
            "position": number % 40, "block": "section", "seen_at": at,
        })  # fmt: skip
