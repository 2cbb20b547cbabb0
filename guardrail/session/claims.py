"""Whose a signed token is: JSON Web Tokens (RFC 7519), by PyJWT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from guardrail.errors import PolicyError

__all__ = ["Claims"]

_SHORTEST = 32


class Claims:
    """Which tokens are believed, and what they say.

    `key_file` holds a public key (PEM), or for `HS256` and its kin a secret of 32 bytes or more;
    tokens of another `algorithm` are not taken. A token must expire, and be of the `issuer` and for
    the `audience`, where these are given; clocks may differ by `leeway` seconds. The subject is
    its claim `claim`, and its claim `grants` lists what is granted, as a list or between spaces.
    Raises `PolicyError`.
    """

    def __init__(
        self,
        key_file: Path,
        *,
        algorithm: str,
        issuer: str | None = None,
        audience: str | None = None,
        claim: str = "sub",
        grants: str | None = None,
        leeway: float = 30.0,
    ) -> None:
        try:
            import jwt
        except ImportError:
            raise PolicyError("claims need more: pip install 'leakrail[jwt]'") from None
        known = sorted(set(jwt.algorithms.get_default_algorithms()) - {"none"})
        if algorithm not in known:
            raise PolicyError(f"no algorithm {algorithm!r}; known: {', '.join(known)}")
        try:
            raw = key_file.read_bytes().strip()
            self._key = jwt.get_algorithm_by_name(algorithm).prepare_key(raw)
        except OSError as error:
            raise PolicyError(f"cannot read {key_file}: {error.strerror}") from None
        except (ValueError, TypeError, jwt.PyJWTError):
            raise PolicyError(f"{key_file} holds no key for {algorithm}") from None
        if algorithm.startswith("HS") and len(raw) < _SHORTEST:
            raise PolicyError(f"{key_file} is too short a secret; take {_SHORTEST} bytes")
        self._jwt, self._claim, self._grants = jwt, claim, grants
        self._asked: dict[str, Any] = {
            "algorithms": [algorithm],
            "issuer": issuer,
            "audience": audience,
            "leeway": leeway,
            "options": {"require": ["exp", claim], "verify_aud": audience is not None},
        }

    def read(self, token: str) -> tuple[str, frozenset[str]]:
        """Whose a token is, and what is granted; of one that is not believed nothing."""
        nobody = "", frozenset[str]()
        try:
            told = self._jwt.decode(token, self._key, **self._asked)
        except self._jwt.PyJWTError:
            return nobody
        subject = told[self._claim]
        if not isinstance(subject, str):
            return nobody
        granted = told.get(self._grants, ()) if self._grants is not None else ()
        listed = granted.split() if isinstance(granted, str) else granted
        if not isinstance(listed, list):
            return subject, frozenset()
        return subject, frozenset(one for one in listed if isinstance(one, str))
