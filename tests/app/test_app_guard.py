"""Who may ask, and what the pages may load."""

import re

import pytest

from faces.app.language import HERE
from tests.app.conftest import face_photo

OWN = "http://127.0.0.1:8000"


def post(client, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/predict", files={"photo": ("a", face_photo())}, headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://example.com"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": "http://localhost:8000"},  # the page was opened under another name
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": OWN},
    ],
)
def test_another_site_may_not_send(client, headers):
    response = post(client, **headers)
    assert response.status_code == 403 and response.json()["code"] == "foreign"


def test_our_own_page_and_programs_may(client):
    assert post(client).status_code == 200
    assert post(client, origin=OWN, sec_fetch_site="same-origin").status_code == 200


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com:8000", "10.0.0.1", ""])
def test_another_name_for_this_machine_is_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 400
    assert client.get("/", headers={"host": "localhost:1234"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/label", "/static/page.js", "/ready", "/nothing"])
def test_every_answer_forbids_what_comes_from_elsewhere(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/../texts.json"])
def test_there_is_nothing_else(client, path):
    assert client.get(path).status_code == 404


def test_the_files_name_no_other_server():
    for path in sorted(HERE.rglob("*")):
        if path.suffix in (".html", ".css", ".js", ".svg", ".json"):
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"https?:|//\w+\.|@import|url\(", text), path


def test_nothing_is_reported_though_the_environment_asks_for_it(client_of, answers, monkeypatch):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    assert client_of(answers).get("/ready").status_code == 200
