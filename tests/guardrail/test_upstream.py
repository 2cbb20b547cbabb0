"""Where requests go on to, and what of them goes on."""

from __future__ import annotations

import pytest

from guardrail.errors import PolicyError
from guardrail.upstream import Upstream


@pytest.mark.parametrize(
    "url",
    [
        "api.example.org",
        "ftp://api.example.org",
        "http://",
        "http://:80",
        "http://[::1",
        "http://host:port",
        "http://host:99999",
        "http://host:0",
        "http://a host",
        "http://host/\n",
        "http://host?query=1",
        "http://host/#part",
        "http://me:secret@host",
        f"http://{'ö' * 64}",
    ],
)
def test_an_address_that_is_none_is_told_at_once(url: str) -> None:
    """A base is a whole address with a host, and no query."""
    with pytest.raises(PolicyError, match="no address like https"):
        Upstream(url=url)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://host", "https://host"),
        ("https://host/", "https://host"),
        ("https://host/v1", "https://host"),
        ("https://host:8443/api/v1/", "https://host:8443/api"),
        ("https://v1", "https://v1"),
        ("https://host/av1", "https://host/av1"),
    ],
)
def test_a_base_may_be_spelled_with_the_version(url: str, base: str) -> None:
    """As for a vendor's SDK; the paths that are asked for begin with `/v1` themselves."""
    assert Upstream(url=url).url == base


def test_settings_that_cannot_work_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not set, and no time at all, do not load."""
    monkeypatch.delenv("LEAKRAIL_TEST_KEY", raising=False)
    with pytest.raises(PolicyError, match="LEAKRAIL_TEST_KEY holds no key"):
        Upstream(url="http://host", key_env="LEAKRAIL_TEST_KEY")
    with pytest.raises(PolicyError, match="more than 0 seconds"):
        Upstream(url="http://host", timeout=0)
    with pytest.raises(PolicyError, match=r"upstream http://host: paths has 'v1/\*', which fits"):
        Upstream(url="http://host", paths=("v1/*",))


def test_serves_by_model_and_path() -> None:
    """Both must fit; `*` stands for anything."""
    one = Upstream(url="https://host:8443/base", models=("gpt-*", "o?"), paths=("/v1/*",))
    assert one.serves("/v1/chat/completions", "gpt-4")
    assert not one.serves("/v1/chat/completions", "claude")
    assert not one.serves("/other", "gpt-4")
    assert Upstream(url="http://[::1]:80").serves("/", "")


def test_headers_of_the_connection_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made anew for the next connection is left out; a key takes the caller's place."""
    given = [
        (b"Host", b"here"),
        (b"Expect", b"100-continue"),
        (b"Content-Length", b"3"),
        (b"Connection", b"close, X-Hop"),
        (b"Connection", b" x-Trace"),
        (b"x-hop", b"1"),
        (b"X-Trace", b"2"),
        (b"Authorization", b"Bearer mine"),
        (b"X-Api-Key", b"mine"),
        (b"Api-Key", b"mine"),
        (b"Accept", b"x"),
        (b"X-Old", b"caf\xe9"),
        (b"X-New", b"caf\xc3\xa9"),
    ]
    rest = [(b"Accept", b"x"), (b"X-Old", b"caf\xe9"), (b"X-New", b"caf\xc3\xa9")]
    kept = Upstream(url="http://host").headers(given)
    assert kept == [
        (b"Authorization", b"Bearer mine"),
        (b"X-Api-Key", b"mine"),
        (b"Api-Key", b"mine"),
        *rest,
    ]
    monkeypatch.setenv("LEAKRAIL_TEST_KEY", "theirs")
    kept = Upstream(url="http://host", key_env="LEAKRAIL_TEST_KEY").headers(given)
    assert kept == [
        *rest,
        (b"authorization", b"Bearer theirs"),
        (b"x-api-key", b"theirs"),
        (b"api-key", b"theirs"),
    ]
