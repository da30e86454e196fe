"""What stands beside the title of a card is no title, in any language; and a page of cards is a listing, however they link."""

from datetime import UTC, datetime

import pytest

from services.parser.parse import read
from shared.contracts import Kind

NOW = datetime(2026, 10, 9, tzinfo=UTC)
TITLES = {
    "de": ["Fährstreik endet nach nächtlichen Gesprächen", "Gemeinderat will alten Leuchtturm wieder öffnen", "Warum die Apfelernte im Tal ausfiel",
           "Zwei Verletzte bei Kranunfall am Kai", "Museum gibt gestohlene Glocke an Insel zurück", "Bahnstrecke zur Küste bis Sonntag gesperrt",
           "Die Robben sind zurück, und die Fischer sorgen sich", "Bürgermeisterin tritt zurück"],
    "el": ["Τέλος στην απεργία των πλοίων μετά από συνομιλίες", "Το συμβούλιο ψήφισε να ανοίξει ξανά ο παλιός φάρος", "Γιατί απέτυχε φέτος η συγκομιδή μήλων",
           "Δύο τραυματίες από πτώση γερανού στην προβλήτα", "Το μουσείο επιστρέφει την κλεμμένη καμπάνα", "Κλειστή ως την Κυριακή η γραμμή της ακτής",
           "Οι φώκιες γύρισαν στο λιμάνι και οι ψαράδες ανησυχούν", "Παραιτήθηκε η δήμαρχος"],
    "ja": ["フェリーのスト、徹夜の協議を経て終結", "市議会が古い灯台の再開を可決", "谷のリンゴが今年不作だったわけ", "岸壁でクレーン倒れ2人けが",
           "博物館が盗まれた鐘を島に返還", "海岸線の鉄道、日曜まで運休", "港にアザラシ戻り漁師ら困惑", "女性市長が辞任を表明"],
}  # fmt: skip
SUMMARY = {"de": "Die Gespräche dauerten bis vier Uhr morgens, und am Freitag kehren die Mannschaften zurück, teilte die Gewerkschaft mit.",
           "el": "Οι συνομιλίες κράτησαν ως τις τέσσερις το πρωί και τα πληρώματα επιστρέφουν την Παρασκευή, είπε το σωματείο.",
           "ja": "協議は午前4時まで続き、乗組員は金曜日に船へ戻ると組合が明らかにした。乗客は無料で便を変更できる。"}  # fmt: skip
WORDS = {"de": ("Regional", "vor 2 Stunden", "12 Kommentare", "Weiterlesen"), "el": ("Χώρα", "πριν από 2 ώρες", "12 σχόλια", "Περισσότερα"),
         "ja": ("地域", "2時間前", "12コメント", "続きを読む")}  # fmt: skip
CARDS = {
    "a count": '<li><a href="{url}">{title} <span class="comments-count">12</span></a></li>',
    "an age": '<div class="n"><a href="{url}"><span>{title}</span><span> {age}</span></a></div>',
    "an age above": '<div class="n"><a href="{url}"><div>{age}</div><div>{title}</div></a></div>',
    "a section": '<div><a href="{url}"><small>{section}</small><br>{title}</a></div>',
    "comments": '<div><a href="{url}"><img src="/p.jpg"></a><a href="{url}">{title}</a> <a href="{url}#comments">{comments}</a></div>',
    "an author": '<div><a href="{url}"><h3>{title}</h3></a><a href="/author/nora">Nora Vale</a></div>',
    "read more": '<div class="card"><h4>{title}</h4><p>{summary}</p><a href="{url}">{more}</a></div>',
    "a link over it": '<div class="card"><h4>{title}</h4><p>{summary}</p><a href="{url}"></a></div>',
}
ADDRESSES = {"numbers": "/region/4831{number}", "identifiers": "/a/4c8e2f0{number}-9d1b-4f7a-8e53-0b6d2c9a7f1{number}"}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=list(ADDRESSES))
@pytest.mark.parametrize("language", list(TITLES))
@pytest.mark.parametrize("card", CARDS.values(), ids=list(CARDS))
def test_the_titles_of_cards_are_the_headlines(card: str, language: str, address: str) -> None:
    section, age, comments, more = WORDS[language]
    words = {"section": section, "age": age, "comments": comments, "more": more, "summary": SUMMARY[language]}
    cards = "".join(
        card.format(url=address.format(number=number), title=title, **words)
        for number, title in enumerate(TITLES[language])
    )
    html = f'<html lang="{language}"><body><nav><a href="/">Gazette</a></nav><main><h1>{section}</h1>{cards}</main></body></html>'
    content = read(html.encode(), "https://gazette.example/region/", None, None, NOW)
    assert content.kind is Kind.FRONT
    assert [headline.text for headline in content.headlines] == TITLES[language]


def test_cards_below_an_article_do_not_make_it_a_listing() -> None:
    prose = "".join(f"<p>{SUMMARY['de']} {number}</p>" for number in range(20))
    cards = "".join(
        f'<div><h3>{title}</h3><a href="/r/4831{number}">Weiterlesen</a></div>'
        for number, title in enumerate(TITLES["de"])
    )
    html = f'<html lang="de"><body><main><h1>Die Fähre fährt wieder</h1>{prose}</main>{cards}</body></html>'
    assert read(html.encode(), "https://gazette.example/region/", None, None, NOW).kind is Kind.ARTICLE
