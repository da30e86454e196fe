"""The time zone of the country that a page is from, where that country, or all that speak its language, have one zone."""

from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

# By country, in ISO 3166; those of several zones are not here, but for islands far from the mainland.
_COUNTRIES = {
    "Europe/": "de:Berlin at:Vienna ch:Zurich li:Zurich it:Rome fr:Paris be:Brussels nl:Amsterdam lu:Luxembourg es:Madrid pt:Lisbon gb:London uk:London ie:Dublin "
               "dk:Copenhagen no:Oslo se:Stockholm fi:Helsinki ee:Tallinn lv:Riga lt:Vilnius pl:Warsaw cz:Prague sk:Bratislava hu:Budapest si:Ljubljana hr:Zagreb "
               "ba:Sarajevo rs:Belgrade mk:Skopje al:Tirane gr:Athens bg:Sofia ro:Bucharest md:Chisinau ua:Kyiv by:Minsk tr:Istanbul mt:Malta va:Rome sm:Rome",
    "Atlantic/": "is:Reykjavik",
    "Asia/": "cy:Nicosia il:Jerusalem jo:Amman lb:Beirut sy:Damascus iq:Baghdad sa:Riyadh ae:Dubai qa:Qatar kw:Kuwait om:Muscat ye:Aden ir:Tehran af:Kabul "
             "pk:Karachi in:Kolkata lk:Colombo np:Kathmandu bd:Dhaka mm:Yangon th:Bangkok kh:Phnom_Penh vn:Ho_Chi_Minh my:Kuala_Lumpur sg:Singapore ph:Manila "
             "cn:Shanghai hk:Hong_Kong mo:Macau tw:Taipei jp:Tokyo kr:Seoul ge:Tbilisi az:Baku uz:Tashkent kg:Bishkek tj:Dushanbe",
    "Africa/": "eg:Cairo tn:Tunis dz:Algiers ma:Casablanca ng:Lagos gh:Accra ke:Nairobi tz:Dar_es_Salaam ug:Kampala et:Addis_Ababa za:Johannesburg zw:Harare "
               "sn:Dakar ci:Abidjan cm:Douala",
    "America/": "pe:Lima co:Bogota ve:Caracas bo:La_Paz uy:Montevideo py:Asuncion cu:Havana do:Santo_Domingo cr:Costa_Rica pa:Panama gt:Guatemala hn:Tegucigalpa "
                "sv:El_Salvador ni:Managua jm:Jamaica ar:Argentina/Buenos_Aires",
    "Pacific/": "fj:Fiji nz:Auckland",
}  # fmt: skip
# Languages that newspapers of one zone write in.
_LANGUAGES = {
    "de": "de", "it": "it", "nl": "nl", "da": "dk", "nb": "no", "nn": "no", "no": "no", "sv": "se", "fi": "fi", "et": "ee", "lv": "lv", "lt": "lt",
    "pl": "pl", "cs": "cz", "sk": "sk", "hu": "hu", "sl": "si", "hr": "hr", "bs": "ba", "sr": "rs", "mk": "mk", "sq": "al", "el": "gr", "bg": "bg",
    "ro": "ro", "uk": "ua", "is": "is", "tr": "tr", "he": "il", "iw": "il", "fa": "ir", "hi": "in", "mr": "in", "gu": "in", "te": "in", "kn": "in",
    "ml": "in", "pa": "in", "si": "lk", "ne": "np", "my": "mm", "th": "th", "km": "kh", "vi": "vn", "ms": "my", "zh": "cn", "ja": "jp", "ko": "kr",
    "ka": "ge", "az": "az", "uz": "uz", "ca": "es", "eu": "es", "gl": "es", "cy": "gb", "ga": "ie", "mt": "mt",
}  # fmt: skip
# Anybody registers names here; and the countries of these have several zones.
_ANYWHERE = frozenset({"fm", "tv", "me", "io", "co", "ai", "la", "cc", "to", "ly", "gg", "is", "ag", "ac"})


def home_zone(url: str, language: str | None) -> ZoneInfo | None:
    """Returns the time zone of a page's country.

    Args:
        url: of the page; the domain of a country is surer than a language, which a theme may declare.
        language: that the page declares, a BCP 47 tag; its region is a country too.
    """
    domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    if domain in _zones() and domain not in _ANYWHERE:
        return ZoneInfo(_zones()[domain])
    subtags = (language or "").replace("_", "-").lower().split("-")
    regions = [subtag for subtag in subtags[1:] if len(subtag) == 2]
    country = regions[0] if regions else _LANGUAGES.get(subtags[0], "")
    # The domain of a country of several zones, such as ".br", tells against the country of the language.
    is_abroad = len(domain) == 2 and domain not in _ANYWHERE and domain != "eu"
    return None if is_abroad or country not in _zones() else ZoneInfo(_zones()[country])


@cache
def _zones() -> dict[str, str]:
    """Returns the names of zones by the domain of the country."""
    return {
        country: area + city
        for area, cities in _COUNTRIES.items()
        for country, _, city in (entry.partition(":") for entry in cities.split())
    }
