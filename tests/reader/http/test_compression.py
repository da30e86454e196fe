"""Answers are compressed for those who take that."""

import pytest

from tests.reader.conftest import headline


@pytest.fixture(autouse=True)
def news(add):
    for number in range(100):
        add(headline(number, text=f"The quay opens on day {number}"))


@pytest.mark.parametrize("path", ["/", "/v1/headlines", "/static/components.css"], ids=["page", "api", "style"])
def test_an_answer_is_compressed_for_who_takes_that_and_the_same(client, path):
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (packed, plain))
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 3
    assert path == "/" or packed.content == plain.content


def test_a_short_answer_is_not(client):
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers
