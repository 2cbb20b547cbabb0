"""Who asks: what a request says of it, and what of that is believed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from fastapi import Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st

from guardrail import Action, Admission, Context, Guard, Identity
from guardrail.asgi import GuardMiddleware
from guardrail.errors import PolicyError
from guardrail.integrations.fastapi import admitted
from guardrail.session.identity import Identification

HEAD = 'version = 1\nowner = "privacy@example.org"\n[identity]\n'
KEYS = ("authorization", "x-api-key", "api-key")
REAL = "the-real-one"
SECRET = "0123456789abcdef" * 4
PROXIED = Identification(subject="X-User", trusted_proxies=("10.0.0.0/8", "fd00::/8"))


@pytest.mark.parametrize(
    ("client", "forwarded", "network", "subject"),
    [
        ("10.0.0.1", None, "10.0.0.1", "alice"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7", "alice"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7", "alice"),  # the first is a claim
        ("10.0.0.1", "192.0.2.7, 10.9.9.9", "192.0.2.7", "alice"),  # two proxies
        ("10.0.0.1", "10.1.1.1, 10.9.9.9", "10.1.1.1", "alice"),  # from within
        ("10.0.0.1", "192.0.2.7, unknown", "10.0.0.1", "alice"),  # it cannot be told
        ("::ffff:10.0.0.1", "[2001:db8::1]", "2001:db8::1", "alice"),
        ("fd00::1", "192.0.2.7", "192.0.2.7", "alice"),
        ("10.0.0.1", "192.0.2.7:51234", "192.0.2.7", "alice"),  # some proxies tell the port too
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1", "alice"),
        ("192.0.2.9", "10.0.0.1", "192.0.2.9", "anonymous"),  # who is no proxy is not believed
        ("unix", "10.0.0.1", "unix", "anonymous"),
        (None, "10.0.0.1", None, "anonymous"),
    ],
)
def test_proxies_are_believed_and_nobody_else(
    client: str | None, forwarded: str | None, network: str | None, subject: str
) -> None:
    """Of addresses in a row the last that no proxy has, and the subject only from a proxy."""
    headers = [("x-user", " alice ")]
    if forwarded is not None:
        headers.append(("x-forwarded-for", forwarded))
    assert PROXIED.identify(headers, client) == Identity(subject, network=network)


def test_several_headers_are_one_row() -> None:
    """As RFC 9110 has it."""
    headers = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "192.0.2.7")]
    assert PROXIED.identify(headers, "10.0.0.1").network == "192.0.2.7"


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ([("authorization", "Bearer  abc ")], "abc"),
        ([("authorization", "bearer abc")], "abc"),
        ([("authorization", "Bearer\tabc")], "abc"),
        ([("authorization", "BEARER \xa0 abc")], "abc"),
        ([("authorization", "Basic abc")], "abc"),
        ([("x-api-key", "abc")], "abc"),
        ([("api-key", "abc")], "abc"),
        ([("authorization", "Bearer "), ("x-api-key", "abc")], "abc"),
        ([("authorization", "Bearer abc"), ("x-api-key", "abc"), ("api-key", "abc")], "abc"),
        ([("x-api-key", "abc"), ("x-api-key", "abd")], None),
        ([("authorization", "Bearer abc"), ("authorization", "x"), ("api-key", "abd")], None),
        ([("authorization", "")], None),
        ([], None),
    ],
)
def test_keys_count_where_somebody_checks_them(
    headers: list[tuple[str, str]], token: str | None
) -> None:
    """Otherwise everyone could have as many as they like."""
    assert Identification(tokens=True).identify(headers, "192.0.2.1").token == token
    assert Identification().identify(headers, "192.0.2.1").token is None


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.text(max_size=3)), max_size=4), st.randoms())
def test_no_key_beside_the_real_one_makes_another_identity(
    beside: list[tuple[str, str]], random: Random
) -> None:
    """Whoever answers may check any of them."""
    headers = [("x-api-key", REAL), *beside]
    random.shuffle(headers)
    token = Identification(tokens=True).identify(headers, "192.0.2.1").token
    assert token in (REAL, None)


def test_an_endless_name_is_nobody() -> None:
    """What a header says is bounded."""
    assert PROXIED.identify([("x-user", "a" * 257)], "10.0.0.1").subject == "anonymous"


def signed(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    told = {"sub": "alice", "exp": time.time() + 600, "iss": "us", "aud": "llm"}
    told |= claims
    return jwt.encode(
        {name: value for name, value in told.items() if value is not None}, key, algorithm
    )


def loaded(folder: Path, claims: str) -> Identification:
    path = folder / "policy.toml"
    path.write_text(f'{HEAD}[identity.claims]\nkey_file = "key"\n{claims}\n')
    with Guard.from_policy(path) as guard:
        return guard.identification


def subject(known: Identification, token: str) -> str:
    return known.identify([("authorization", f"Bearer {token}")], "192.0.2.1").subject


def test_signed_tokens_say_whose_they_are(tmp_path: Path) -> None:
    """If they are signed with the key, for us, and in time."""
    (tmp_path / "key").write_text(SECRET + "\n")
    known = loaded(tmp_path, 'algorithm = "HS256"\nissuer = "us"\naudience = "llm"')
    assert subject(known, signed()) == "alice"
    assert subject(known, signed(exp=time.time() - 10)) == "alice"
    for wrong in (
        signed(exp=time.time() - 60),
        signed(exp=None),
        signed(sub=None),
        signed(sub=""),
        signed(iss="them"),
        signed(iss=None),
        signed(aud="other"),
        signed(aud=None),
        signed(key=SECRET[::-1]),
        signed(algorithm="HS512"),
        jwt.encode({"sub": "alice", "exp": time.time() + 600}, "", "none"),
        signed()[:-2],
        "abc",
        "a.b.c",
        "." * 100_000,
    ):
        assert subject(known, wrong) == "anonymous"
    assert known.identify([("x-api-key", signed())], None).subject == "alice"
    assert known.identify([("x-api-key", signed())], None).token is None
    key = ("authorization", "Bearer another")
    assert known.identify([key, ("x-api-key", signed())], None).subject == "alice"


def test_tokens_and_proxies_say_what_is_granted(tmp_path: Path) -> None:
    """As a list, or between spaces, or commas; of one that is not believed nothing."""
    (tmp_path / "key").write_text(SECRET)
    known = loaded(tmp_path, 'algorithm = "HS256"\ngrants = "scope"')

    def granted(token: str) -> frozenset[str]:
        return known.identify([("x-api-key", token)], None).grants

    assert granted(signed(scope="hr pay", aud=None)) == {"hr", "pay"}
    assert granted(signed(scope=["hr", 3], aud=None)) == {"hr"}
    assert granted(signed(scope=3, aud=None)) == frozenset()
    assert granted(signed(aud=None)) == frozenset()
    assert granted(signed(scope="hr", aud=None, key=SECRET[::-1])) == frozenset()
    assert granted(signed(scope="hr", aud=None, sub=3)) == frozenset()
    plain = loaded(tmp_path, 'algorithm = "HS256"')
    assert plain.identify([("x-api-key", signed(scope="hr", aud=None))], None).grants == frozenset()
    proxied = Identification(grants="x-groups", trusted_proxies=("10.0.0.0/8",))
    headers = [("x-groups", "hr, pay,,")]
    assert proxied.identify(headers, "10.0.0.1").grants == {"hr", "pay"}
    assert proxied.identify(headers, "192.0.2.1").grants == frozenset()


def test_a_public_key_is_no_secret(tmp_path: Path) -> None:
    """A token that is signed with it, as if it were one, is not taken; another claim may tell."""
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key").write_bytes(public)
    known = loaded(tmp_path, 'algorithm = "RS256"\nclaim = "email"')
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert subject(known, signed(pem, "RS256", email="ada@poe.example")) == "ada@poe.example"
    assert subject(known, signed(pem, "RS256")) == "anonymous"
    forged = signed(public.replace(b"-----", b"").strip(), email="ada@poe.example")
    assert subject(known, forged) == "anonymous"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("who = 3", "no key 'identity.who'; known: challenge, claims, clearance, grants, missing"),
        ('missing = "allow"', "missing: .*'challenge'"),
        ('challenge = "a\\r\\nb"', "identity: challenge is no value of a header"),
        ('subject = "x-user"', "headers of an identity need trusted_proxies"),
        ('subject = "X User"\ntrusted_proxies = ["10.0.0.0/8"]', "'X User' is no name of a header"),
        ('subject = ""\ntrusted_proxies = ["10.0.0.0/8"]', "'' is no name of a header"),
        ('clearance = "X Pass"', "'X Pass' is no name of a header"),
        ('grants = "x:groups"\ntrusted_proxies = ["10.0.0.0/8"]', "'x:groups' is no name"),
        ('trusted_proxies = ["10.0.0.1/8"]', "trusted_proxies: 10.0.0.1/8 has host bits set"),
        ("[identity.claims]", "identity.claims.key_file is missing"),
        ('[identity.claims]\nkey = "x"', "no key 'identity.claims.key'; known: algorithm, aud"),
        ('[identity.claims]\nkey_file = "key"\nalgorithm = ""\nleeway = inf', "leeway: .*finite"),
        ('[identity.claims]\nkey_file = "key"\nalgorithm = "none"', "no algorithm 'none'; known: "),
        ('[identity.claims]\nkey_file = "no"\nalgorithm = "HS256"', "identity: cannot read .*no"),
        ('[identity.claims]\nkey_file = "key"\nalgorithm = "HS256"', "too short a secret; take 32"),
        ('[identity.claims]\nkey_file = "key"\nalgorithm = "RS256"', "holds no key for RS256"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """A policy that cannot tell who asks does not load."""
    (tmp_path / "key").write_text("short")
    path = tmp_path / "policy.toml"
    path.write_text(HEAD + text)
    with pytest.raises(PolicyError, match=message) as raised:
        Guard.from_policy(path)
    assert "\n" not in str(raised.value)


def test_made_by_hand_it_is_looked_at_too() -> None:
    """Also without a policy file."""
    with pytest.raises(PolicyError, match="missing is 'allow'; known: anonymous, challenge"):
        Identification(missing="allow")  # type: ignore[arg-type]


def test_claims_need_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is an extra."""
    monkeypatch.setitem(__import__("sys").modules, "jwt", None)
    (tmp_path / "key").write_text(SECRET)
    with pytest.raises(PolicyError, match="pip install 'leakrail\\[jwt\\]'"):
        loaded(tmp_path, 'algorithm = "HS256"')


@pytest.mark.parametrize(("missing", "status"), [("challenge", 401), ("refuse", 403)])
def test_who_does_not_say_who_they_are_gets_no_answer(missing: Any, status: int) -> None:
    """Whatever they ask for, at every door."""
    guard = Guard(identification=Identification(tokens=True, missing=missing))
    nobody, somebody = Context("hello"), Context("hello", identity=Identity("alice"))
    admission = guard.admit(nobody)
    assert str(admission.action) == missing
    (finding,) = admission.verdict.findings
    assert (finding.kind, finding.rule) == ("access", "identity")
    assert f"prompt rule identity ({missing}): 1 finding" in guard.explain(admission.verdict)
    assert guard.admit(somebody).action is Action.ALLOW
    assert asked(guard).status_code == status
    assert asked(guard, {"x-api-key": "abc"}).status_code == 200


def asked(guard: Guard, headers: dict[str, str] | None = None) -> httpx.Response:
    app = FastAPI()
    app.add_middleware(GuardMiddleware, guard=guard)

    @app.get("/who")
    def who(admission: Admission = Depends(admitted)) -> str:  # noqa: B008
        identity = admission.context.identity
        return f"{identity.subject} at {identity.network}"

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/who", headers=headers)

    return asyncio.run(get())


def test_an_application_is_told_who_asks() -> None:
    """Without a word about it, by address."""
    assert asked(Guard()).json() == "anonymous at 192.0.2.7"
