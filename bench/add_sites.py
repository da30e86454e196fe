"""`newsmill add --file` with invented sites on loopback, at the default politeness: how long it takes, and how often each
host is asked. `python -m bench.add_sites [SITES]`.

Of twenty sites twelve have feeds and sitemaps, four have neither, and one each has a bot test, a consent wall, a robots.txt
that forbids everything, and no home page.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.invented_sites import Answer, Newspapers, Paths, address, feedless, newspaper, robots

SITES = 500
NEWSMILL = Path(sys.executable).with_name("newsmill")


def walled(_home: str) -> Paths:
    return {"/": Answer("<title>Just a moment...</title>", status=403, headers={"cf-mitigated": "challenge"})}


def consent(home: str) -> Paths:
    return newspaper()(home) | {"/": Answer('<div class="consent-wall">We value your privacy</div>')}


def forbidden(home: str) -> Paths:
    return newspaper()(home) | {"/robots.txt": robots("Disallow: /")}


def gone(_home: str) -> Paths:
    return {}


def main(number: int) -> None:
    makers = (*[newspaper()] * 12, *[feedless()] * 4, walled, consent, forbidden, gone)
    with Newspapers() as papers, tempfile.TemporaryDirectory() as folder:
        homes = [papers.add(address(site), makers[site % 20]) for site in range(number)]
        (Path(folder) / "sites.txt").write_text("\n".join(homes))
        # Addresses of loopback are refused unless they are allowed; everything else is as by default.
        settings = {"NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": ""}
        started = time.perf_counter()
        command = [NEWSMILL, "add", "--file", "sites.txt", "--dry-run", "--json"]
        run = subprocess.run(
            command, cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
    reports = [json.loads(line) for line in run.stdout.splitlines()]
    report(reports, seconds, papers.requests)


def report(reports: list[dict[str, object]], seconds: float, requests: Counter[str]) -> None:
    errors = Counter(str(site["error"]).split(":")[0] for site in reports if site["error"])
    can_be_added = [site for site in reports if not site["error"]]
    day = sum(int(str(site["requests_a_day"])) for site in can_be_added)
    print(f"{len(reports)} sites in {seconds:.0f} s, {len(can_be_added)} of them can be added")
    print(f"requests: {sum(requests.values())} in all, {max(requests.values())} at most for one host")
    print(f"requests a day: {day / max(1, len(can_be_added)):.0f} a site")
    for error, count in errors.most_common():
        print(f"  {count} x {error}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SITES)
