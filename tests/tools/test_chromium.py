"""The browser's installation, with stand-ins for the system's package manager."""

import os

import pytest

from tools import chromium


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """A system without a browser, whose `apt-get install` fails at first; what it was asked."""
    asked = tmp_path / "asked"

    def make(failures: int) -> list[str]:
        program = tmp_path / "apt-get"
        program.write_text(
            f"#!/bin/sh\n"
            f'echo "$*" >> {asked}\n'
            f'case "$*" in *install*) [ "$(grep -c install {asked})" -gt {failures} ] || exit 100\n'
            f'printf "#!/bin/sh\\n" > {tmp_path}/chromium; chmod 755 {tmp_path}/chromium;; esac\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
        return asked

    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "NAMES", ("chromium",))
    monkeypatch.setattr(chromium, "PLACES", ())
    monkeypatch.setattr(chromium, "WAITS", (0, 0, 0))
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    find = chromium.shutil.which
    monkeypatch.setattr(chromium.shutil, "which", lambda name: find(name, path=str(tmp_path)))
    return make


def test_a_download_that_fails_once_is_tried_again(apt, capsys):
    asked = apt(failures=1)
    assert chromium.main() == 0
    said = asked.read_text().splitlines()
    assert [line.split()[-1] for line in said] == ["update", "fonts-noto-cjk"] * 2
    assert "browser: /" in capsys.readouterr().out
    assert chromium.main() == 0 and asked.read_text().splitlines() == said


def test_a_browser_that_cannot_be_had_is_a_line_that_says_what_to_do(apt, capsys):
    apt(failures=9)
    assert chromium.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("error: Expected a Chromium.") and "CHROMIUM=" in said


def test_nothing_is_installed_where_it_may_not_be(apt, monkeypatch):
    asked = apt(failures=0)
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 1000)
    assert chromium.main() == 1
    assert not asked.exists()
