"""The server of the page, asked over its socket: what it gives, and what it refuses."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest
from preview_material import Ask, Replace

from physprior.errors import OutputError
from physprior.preview.live import LivePage
from physprior.preview.page import Start
from physprior.preview.server import DEFAULT_PORT, TRIED, PageServer, open_server
from physprior.preview.view import Folders


def test_it_listens_on_this_machine_alone(served: PageServer) -> None:
    assert served.socket.getsockname()[0] == "127.0.0.1"
    assert served.url == f"http://127.0.0.1:{served.server_port}/"


def test_no_name_server_is_asked(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getfqdn", refuse)
    monkeypatch.setattr(socket, "gethostbyaddr", refuse)
    open_server(0, LivePage(folders, Start())).server_close()


def test_the_page_is_given_whole(ask: Ask) -> None:
    answer = ask("/")
    assert answer.status == 200
    assert answer.fields["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "spring clip" in answer.text


def test_a_page_that_is_the_same_is_not_sent_again(ask: Ask) -> None:
    tag = ask("/").fields["ETag"]
    again = ask("/", If_None_Match=tag)
    assert (again.status, again.body, again.fields["ETag"]) == (304, b"", tag)


def test_a_saved_entry_is_another_page(ask_live: Ask, replace: Replace) -> None:
    tag = ask_live("/").fields["ETag"]
    replace("name: spring clip", "name: paper clip")
    again = ask_live("/", If_None_Match=tag)
    assert again.status == 200
    assert "paper clip" in again.text


def test_a_saved_template_is_another_page(ask_live: Ask, folders: Folders) -> None:
    tag = ask_live("/").fields["ETag"]
    path = folders.templates / "no_phys.j2"
    path.write_text(path.read_text().replace("Watch the", "Behold the"))
    assert "Behold the" in ask_live("/", If_None_Match=tag).text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "0.0.0.0", ""]
)
def test_a_browser_that_another_name_led_here_gets_nothing(ask: Ask, host: str) -> None:
    # A site may let its own name lead to 127.0.0.1, and read what is answered.
    for path in ("/", "/video/0", "/strip/0"):
        answer = ask(path, Host=host)
        assert answer.status == 421
        assert b"clip" not in answer.body


def test_it_answers_to_localhost_too(ask: Ask, served: PageServer) -> None:
    assert ask("/", Host=f"localhost:{served.server_port}").status == 200


def test_no_other_site_may_frame_or_embed_it(ask: Ask) -> None:
    answer = ask("/")
    assert answer.fields["Content-Security-Policy"] == "frame-ancestors 'none'"
    for path in ("/", "/video/0"):
        fields = ask(path).fields
        assert fields["Cross-Origin-Resource-Policy"] == "same-origin"
        assert fields["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in fields


@pytest.mark.parametrize(
    "path",
    [
        "/kb/clip.yaml",
        "/../kb/clip.yaml",
        "/video/../../kb/clip.yaml",
        "/video/%2e%2e/clip.yaml",
        "//etc/passwd",
        "/etc/passwd",
        "/video/-1",
        "/video/99",
        "/video/0x0",
        "/video/",
        "/strip/99",
        "/video/99999999999999999999",
        "/favicon.ico",
    ],
)
def test_nothing_else_is_there(ask: Ask, path: str) -> None:
    ask("/")
    answer = ask(path)
    assert answer.status == 404
    assert b"id: clip" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_can_only_be_read(ask: Ask, method: str) -> None:
    assert ask("/", method=method).status == 501


def test_a_video_is_given_by_the_number_that_the_page_names(ask: Ask, videos: Path) -> None:
    numbers = re.findall(r'<video [^>]*src="(/video/\d+\?\d+)"', ask("/").text)
    assert len(numbers) == 3
    answer = ask(numbers[1])
    assert answer.fields["Content-Type"] == "video/mp4"
    assert answer.body == (videos / "1.mp4").read_bytes()


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("bytes=10-19", 10, 19),
        ("bytes=10-", 10, None),
        ("bytes=10-99999999", 10, None),
        ("bytes=-5", -5, None),
    ],
)
def test_a_player_may_ask_for_a_part_of_a_video(
    ask: Ask, videos: Path, said: str, first: int, last: int | None
) -> None:
    ask("/")
    whole = (videos / "0.mp4").read_bytes()
    answer = ask("/video/0", Range=said)
    start = first if first >= 0 else len(whole) + first
    end = len(whole) - 1 if last is None else last
    assert answer.status == 206
    assert answer.fields["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
    assert answer.body == whole[start : end + 1]


@pytest.mark.parametrize(
    "said",
    [
        *("bytes=99999999-", "bytes=5-2", "bytes=-", "bytes=-0", "lines=1-2", "bytes=a"),
        pytest.param(f"bytes={'9' * 5000}-", id="a number of 5000 digits"),
    ],
)
def test_a_range_that_is_not_there_gives_the_whole(ask: Ask, videos: Path, said: str) -> None:
    ask("/")
    answer = ask("/video/0", Range=said)
    assert (answer.status, answer.body) == (200, (videos / "0.mp4").read_bytes())


def test_a_strip_is_a_picture_and_what_is_no_video_says_so(ask: Ask) -> None:
    page = ask("/").text
    assert page.count('<img src="/strip/') == 4
    pictures = [ask(f"/strip/{number}") for number in range(4)]
    said = {answer.fields["Content-Type"]: answer for answer in pictures}
    assert said["image/webp"].body[8:12] == b"WEBP"
    words = said["text/plain; charset=utf-8"]
    assert words.status == 422
    assert "broken.mp4" in words.text


def test_a_head_has_no_body(ask: Ask) -> None:
    for path in ("/", "/video/0", "/strip/0", "/nowhere"):
        whole, head = ask(path), ask(path, method="HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        assert head.fields["Content-Length"] == str(len(whole.body))


def test_a_browser_that_leaves_in_the_middle_leaves_no_trace(
    ask: Ask, served: PageServer, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", served.server_port)) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{served.server_port}\r\n".encode())
    with socket.create_connection(("127.0.0.1", served.server_port)) as line:
        line.sendall(b"\x00\xff nonsense\r\n\r\n")
        line.recv(100)
    assert ask("/").status == 200
    assert capfd.readouterr() == ("", "")


def test_several_browsers_may_ask_at_once(ask_live: Ask, replace: Replace) -> None:
    replace("name: spring clip", "name: paper clip")
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(ask_live("/").fields["ETag"]))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_port_in_use_is_an_error_with_its_remedy(folders: Folders) -> None:
    page = LivePage(folders, Start())
    with open_server(0, page) as server, pytest.raises(OutputError) as raised:
        open_server(server.server_port, page)
    assert f"port {server.server_port} of 127.0.0.1" in raised.value.message
    assert "--port 0" in raised.value.remedy


def test_without_a_port_one_of_ten_is_taken(folders: Folders) -> None:
    page = LivePage(folders, Start())
    with open_server(None, page) as one, open_server(None, page) as other:
        assert one.server_port < other.server_port < DEFAULT_PORT + TRIED
        assert one.server_port >= DEFAULT_PORT
