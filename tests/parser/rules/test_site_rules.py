"""Rules for the layouts of sites."""

import pytest

from services.parser.rules import site_rules
from services.parser.rules.site_rules import GENERIC
from shared.errors import SettingsError


def test_rules_hold_for_a_domain_and_its_subdomains():
    assert site_rules.find("https://www.turess.com/fr/x/1").title == ("span.articletitle",)
    assert site_rules.find("https://nomaghress.com/") is GENERIC
    assert site_rules.find("no url") is GENERIC


@pytest.mark.parametrize(
    ("text", "named"),
    [("hosts: [a.example]\ntitle: ['a[[']", "title"), ("titel: [h1]", "titel"), ("hosts: [", "no YAML")],
)
def test_a_wrong_rule_is_named(tmp_path, text, named):
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(SettingsError, match=rf"wrong\.yaml.*{named}"):
        site_rules.load(tmp_path)
