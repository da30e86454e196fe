"""Writes a WARC like those of CC-NEWS: `python bench/make_warc.py OUT.warc.gz PAGES` of invented news, 30 to 60 KB each.

Response records only, a warcinfo record first, bodies as a crawler keeps them; every hundredth answer is no page (a
redirect, an image), as there are in any crawl. Prints how many pages there are.
"""

import random
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

WORDS = (
    "harbour council quay fishermen vote budget ferry winter storm market school bridge river mayor union strike night "
    "museum orchard railway signal engine doctor clinic ward nurse letter border cargo crane dock tide wharf ledger"
).split()
SITES = [f"paper{number}.example" for number in range(200)]


def page(number: int) -> tuple[str, bytes]:
    chance = random.Random(number)
    site = SITES[number % len(SITES)]
    title = f"{' '.join(chance.choices(WORDS, k=8)).capitalize()} {number}"
    text = "".join(f"<p>{' '.join(chance.choices(WORDS, k=60)).capitalize()} {number}.</p>" for _ in range(10))
    links = "".join(
        f"<li class='nav-item'><a class='nav-link' href='/section/{' '.join(chance.choices(WORDS, k=1))}/{n}'>{chance.choice(WORDS)}</a></li>"
        for n in range(120)
    )
    script = (
        "<script>window.settings={"
        + ",".join(f"k{n}:{chance.random()}" for n in range(chance.randint(500, 1500)))
        + "}</script>"
    )
    html = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title} - {site}</title>"
        f"<meta property='og:type' content='article'><meta property='og:title' content='{title}'>"
        f"<meta property='article:published_time' content='2026-02-{number % 28 + 1:02}T10:00:00+01:00'>{script}</head>"
        f"<body><nav><ul>{links}</ul></nav><main><article><h1>{title}</h1><div class='body'>{text}</div></article></main>"
        f"<footer>{links}</footer></body></html>"
    )
    return f"https://{site}/2026/{number}-{'-'.join(title.lower().split()[:5])}", html.encode()


def main() -> None:
    out, count = Path(sys.argv[1]), int(sys.argv[2])
    begun = datetime(2026, 2, 1, tzinfo=UTC)
    with out.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.0")
        writer.write_record(writer.create_warcinfo_record(out.name, {"software": "bench/make_warc.py"}))
        for number in range(count):
            url, body = page(number)
            date = (begun + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
            write(writer, url, date, status="200 OK", media_type="text/html; charset=utf-8", body=body)
            if number % 100 == 99:
                write(writer, f"{url}?moved", date, status="301 Moved Permanently", media_type="text/html", body=b"")
                write(writer, f"{url}.jpg", date, status="200 OK", media_type="image/jpeg", body=b"\xff\xd8\xff\xe0")
    print(count)


def write(writer: WARCWriter, url: str, date: str, *, status: str, media_type: str, body: bytes) -> None:
    headers = [("Content-Type", media_type), ("X-Crawl-Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
    head = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
    record = writer.create_warc_record(
        url, "response", payload=BytesIO(body), http_headers=head, warc_headers_dict={"WARC-Date": date}
    )
    writer.write_record(record)


if __name__ == "__main__":
    main()
