"""/docs on a machine without a network."""

import re

FOREIGN = re.compile(r"""(?:https?:)?//[\w.-]+\.\w+""")


def test_the_documentation_names_no_address_outside_and_its_files_are_answered(client):
    page = client.get("/docs")
    assert page.status_code == 200
    assert FOREIGN.findall(page.text) == []
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"/swagger-ui/swagger-ui-bundle.js", "/swagger-ui/swagger-ui.css", "/static/docs.js"} <= set(addresses)
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_its_policy_lets_no_script_and_no_request_leave_this_server(client):
    policy = dict(part.split(" ", 1) for part in client.get("/docs").headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())


def test_no_script_stands_in_the_page_itself(client):
    assert re.findall(r"<script(?![^>]*\bsrc=)", client.get("/docs").text) == []


def test_swagger_ui_is_started_on_this_readers_schema_without_a_validator(client):
    script = client.get("/static/docs.js").text
    assert 'url: "/openapi.json"' in script
    assert "validatorUrl: null" in script
    assert FOREIGN.findall(script) == []
