"""A corpus as loopback hosts: a folder a host with gzipped pages, served by nginx as they lie."""

import shutil
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests
from extract_corpus import Page

CONFIGURATION = """\
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off; types {{ text/html html; }} default_type text/html; keepalive_requests 100000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 0.0.0.0:{port}; root {folder}/hosts/$host; gzip_static always; }}
}}
"""


def lay_out(corpus: Sequence[Page], folder: Path, port: int) -> list[str]:
    """Writes pages as the hosts' files; returns their URLs. Each site of the corpus is a host."""
    hosts: dict[str, str] = {}
    urls = []
    for number, page in enumerate(corpus):
        index = len(hosts)
        host = hosts.setdefault(page.site, f"127.0.{1 + index // 250}.{1 + index % 250}")
        path = folder / "hosts" / host / f"news-{number}.html.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        path.write_bytes(packer.compress(page.raw) + packer.flush())
        urls.append(f"http://{host}:{port}/news-{number}.html")
    return urls


@contextmanager
def served(corpus: Sequence[Page], port: int) -> Iterator[list[str]]:
    """Serves pages at a port of loopback addresses; yields their URLs.

    Raises:
        SystemExit: nginx is not installed, or does not answer.
    """
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin")
    if nginx is None:
        raise SystemExit("no nginx: apt install nginx-light, or brew install nginx")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # As root nginx reads files as a user of its own.
        folder.chmod(0o755)
        urls = lay_out(corpus, folder, port)
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
        with subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]) as server:
            try:
                _wait(urls[0])
                yield urls
            finally:
                server.terminate()


def _wait(url: str) -> None:
    for _ in range(100):
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise SystemExit(f"nginx does not answer at {url}")
