"""The site served on loopback: its own files and nothing else, to this machine only."""

from __future__ import annotations

import http.client
import threading
from pathlib import Path

import pytest

from eldercare.cli import main
from eldercare.inputs import InputError
from eldercare.publish.serve import server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def address(folder: Path):
    site = folder / "site"
    site.mkdir()
    (site / "index.html").write_text("<h1>front</h1>", encoding="utf-8")
    (site / "assets").mkdir()
    (site / ".run").write_text("0001", encoding="utf-8")
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    (site / "out.txt").symlink_to(folder / "secret.txt")
    with server(site, 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_address
        running.shutdown()
        thread.join()


def answer(address, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{address[1]}"})
    reply = connection.getresponse()
    content = reply.status, reply.read().decode("utf-8")
    connection.close()
    return content


def test_the_site_and_nothing_above_it_is_served_to_this_machine(address):
    assert address[0] == "127.0.0.1"
    assert answer(address, "/")[:2] == (200, "<h1>front</h1>")
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/out.txt", "/no-such.html"):
        assert answer(address, path)[0] == 404


HIDDEN = ("/.run", "/%2erun", "/assets/", "/assets/..%2f.run", "/a%00b", "/%ff", "/" + "a" * 300)


@pytest.mark.parametrize("path", HIDDEN)
def test_hidden_files_and_listings_are_not_shown(address, path):
    assert answer(address, path)[0] == 404


def test_a_page_is_kept_to_the_files_of_the_site_and_fresh(address):
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request("GET", "/", headers={"Host": "localhost"})
    headers = dict(connection.getresponse().getheaders())
    connection.close()
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-cache")
    assert "Python" not in headers["Server"]


def test_a_browser_that_leaves_the_usual_port_out_is_answered(address):
    assert answer(address, "/", host="127.0.0.1")[0] == answer(address, "/", host="localhost")[0] == 200


def test_a_foreign_host_name_is_refused(address):
    assert answer(address, "/", host="elsewhere.example:80")[0] == 403


def test_without_a_site_there_is_one_line_and_status_2(tmp_path, monkeypatch, capsys, root):
    with pytest.raises(InputError, match=r"no site is published there \(run: eldercare run\)"):
        server(tmp_path, 0)


def test_a_taken_port_is_named(address, folder):
    with pytest.raises(InputError, match=rf"--port: {address[1]}: cannot be used"):
        server(folder / "site", address[1])


@pytest.mark.parametrize("command", ["serve", "desk"])
def test_a_port_out_of_range_ends_with_status_2(capsys, command):
    for port in ("70000", "x"):
        assert main([command, "--port", port]) == 2
        assert f"--port: '{port}': a whole number from 0 to 65535 is allowed" in capsys.readouterr().err
