"""What a page hides from its readers is no text; what it only folds is."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.parser.page.blocks import read_layout

CLIPPED = "position:absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0 0 0 0)"


def texts(html: str) -> list[str]:
    return [block.text for block in read_layout(LexborHTMLParser(f"<body>{html}").body).blocks]


@pytest.mark.parametrize(
    "attributes",
    ["hidden", 'class="sr-only"', 'class="visually-hidden"', 'class="screen-reader-text"', 'class="c-link__visuallyhidden"',
     'class="u-visually-hidden"', 'class="d-none"', 'role="tooltip"', 'style="display: none"', 'style="visibility:hidden"',
     f'style="{CLIPPED}"', 'style="position:absolute;left:-9999px"', 'style="font-size:0"',
     'class="sr"', 'style="clip-path: polygon(0 0, 0 0, 0 0)"', 'class="show-for-sr"', 'class="invisible"', 'class="ui-helper-hidden-accessible"', 'class="material-icons"', 'class="material-symbols-outlined"', 'style="transform: scale(0)"', 'style="visibility: collapse"', 'popover',
     'class="sr_only"', 'class="elementor-screen-only"', 'class="print-only"', 'class="uk-hidden"', 'class="ng-hide"', 'class="d-none d-print-inline"', 'class="hidden print:inline"',
     'class="visible-print-inline"', 'class="show-for-print"', 'style="height: 0; overflow: hidden"', 'style="overflow:hidden;max-height:0px"'],
)  # fmt: skip
def test_hidden_words_in_a_sentence_are_no_text(attributes: str) -> None:
    assert texts(f"<p>The <a href=/plan>plan<span {attributes}>, opens <b>new</b> tab</span></a> is public.</p>") == [
        "The plan is public."
    ]


@pytest.mark.parametrize(
    "attributes",
    ['class="hidden md:inline"', 'class="d-none d-lg-inline"', 'class="reader"', 'class="d-print-none"', 'class="print"', 'class="hidden-print"', 'style="opacity:0.8"', 'hidden="until-found"',
     'style="width:100px;overflow:hidden"', 'style="font-size:0.9em"', 'style="line-height:0;overflow:hidden"', 'style="max-height:0.5em;overflow:hidden"'],
)  # fmt: skip
def test_words_that_some_readers_see_are_text(attributes: str) -> None:
    assert texts(f"<p>The plan<span {attributes}> of the port</span> is public.</p>") == [
        "The plan of the port is public."
    ]


def test_a_long_hidden_part_is_folded_and_counts() -> None:
    folded = "The second stage depends on a loan. " * 8
    assert texts(f"<p>Work starts in May. <span style='display:none'>{folded}</span></p>") == [
        f"Work starts in May. {folded}".strip()
    ]


def test_counts_of_links_and_bold_text_leave_hidden_words_out() -> None:
    (block,) = read_layout(
        LexborHTMLParser("<p>A <a href=/x>plan<b hidden> (new tab)</b></a> of <b>old</b>.").body
    ).blocks
    assert (block.link_chars, block.bold_chars) == (4, 3)


def test_a_dialog_is_read_when_it_is_open() -> None:
    dialog = "<dialog {}><p>Share this story with your friends.</p></dialog><p>Work starts in May.</p>"
    assert texts(dialog.format("")) == ["Work starts in May."]
    assert texts(dialog.format("open")) == ["Share this story with your friends.", "Work starts in May."]
