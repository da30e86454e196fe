"""The text of declarative shadow roots is read; that of other templates is not."""

import pytest

from services.parser.page.document import Document


def texts(html: str) -> list[str]:
    return [block.text for block in Document(f"<body>{html}", "https://post.example/").layout.blocks]


@pytest.mark.parametrize("mark", ["shadowrootmode=open", 'shadowrootmode="closed"'])
def test_the_text_of_a_shadow_root_is_read_and_what_follows_its_host_is_beside_it(mark: str) -> None:
    html = f"<news-text><template {mark}><style>p{{}}</style><p>In the root</p></template><p>In the host</p></news-text><p>After</p>"
    assert texts(html) == ["In the root", "In the host", "After"]


def test_other_templates_are_not_read() -> None:
    assert texts("<p>Text</p><template id=next><p>Loading</p></template><p>shadowrootmode</p>") == [
        "Text",
        "shadowrootmode",
    ]
