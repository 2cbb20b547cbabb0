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
    its claim `claim`. Raises `PolicyError`.
    """

    def __init__(
        self,
        key_file: Path,
        *,
        algorithm: str,
        issuer: str | None = None,
        audience: str | None = None,
        claim: str = "sub",
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
        self._jwt, self._claim = jwt, claim
        self._asked: dict[str, Any] = {
            "algorithms": [algorithm],
            "issuer": issuer,
            "audience": audience,
            "leeway": leeway,
            "options": {"require": ["exp", claim], "verify_aud": audience is not None},
        }

    def subject(self, token: str) -> str | None:
        """Whose a token is, or None for one that is not believed."""
        try:
            told = self._jwt.decode(token, self._key, **self._asked)[self._claim]
        except self._jwt.PyJWTError:
            return None
        return told if isinstance(told, str) and told else None
