"""Tokens of places where code is kept, built and published."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits
from zlib import crc32

from detectors.credentials.format import Format, hexed, mixed, upper

__all__ = ["FORGES"]

_BASE62 = digits + ascii_uppercase + ascii_lowercase


def _sums_up(token: str) -> bool:
    """Whether the last six characters are the CRC32 of those between the prefix and them."""
    body = token[4:-6]
    return token[-6:] == _checksum(body)


def _checksum(body: str) -> str:
    left, letters = crc32(body.encode()), ""
    for _ in range(6):
        left, last = divmod(left, 62)
        letters = _BASE62[last] + letters
    return letters


def _github() -> str:
    return "ghp_" + mixed(30) + _checksum(mixed(30))


FORGES = (
    Format(
        kind="github_token",
        anchors=("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        tail=r"[A-Za-z0-9]{36,255}",
        proof=_sums_up,
        hits=(
            "ghp_" + mixed(36),
            "gho_" + mixed(36),
            "ghs_" + mixed(36),
            "ghr_" + mixed(76),
            _github(),
        ),
        misses=(
            ("ghp_" + mixed(35), "one character short"),
            ("ghx_" + mixed(36), "no such kind"),
            ("ghp_" + mixed(20) + "-" + mixed(20), "a hyphen inside"),
        ),
    ),
    Format(
        kind="github_pat",
        anchors=("github_pat_",),
        tail=r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
        hits=tuple("github_pat_" + mixed(22 + n)[n:] + "_" + mixed(59) for n in range(3)),
        misses=(
            ("github_pat_" + mixed(22) + "_" + mixed(58), "one character short"),
            ("github_pat_" + mixed(22), "second half missing"),
            ("github_pat_" + mixed(22) + "-" + mixed(59), "a hyphen inside"),
        ),
    ),
    Format(
        kind="gitlab_token",
        anchors=("glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glsoat-", "glcbt-", "glagent-"),
        tail=r"[A-Za-z0-9_.-]{19,300}[A-Za-z0-9_-]",
        check=lambda secret: any(map(str.isdigit, secret)),
        hits=("glpat-" + mixed(20), "glrt-" + mixed(20), "glptt-" + hexed(40)),
        misses=(
            ("glpat-" + mixed(19), "one character short"),
            ("glpat-" + "your-access-token-goes-here", "a placeholder: no digit"),
            ("glpat_" + mixed(20), "an underscore for the hyphen"),
        ),
    ),
    Format(
        kind="npm_token",
        anchors=("npm_",),
        tail=r"[A-Za-z0-9]{36}(?![A-Za-z0-9])",
        hits=("npm_" + mixed(36), "npm_" + mixed(40)[4:], "npm_" + upper(36)),
        misses=(
            ("npm_" + mixed(35), "one character short"),
            ("npm_" + mixed(37), "one character too many"),
            ("npm_" + "config_registry_" + mixed(24), "an environment variable"),
        ),
    ),
    Format(
        kind="pypi_token",
        anchors=("pypi-AgE",),
        tail=r"[A-Za-z0-9_-]{60,1000}",
        hits=(
            "pypi-AgE" + "IcHlwaS5vcmc" + mixed(70),
            "pypi-AgE" + "NdGVzdC5weXBpLm9yZw" + mixed(90),
            "pypi-AgE" + mixed(60),
        ),
        misses=(
            ("pypi-AgE" + mixed(59), "one character short"),
            ("pypi-" + mixed(90), "does not start as these tokens do"),
            ("pypi-AgE" + mixed(30) + "." + mixed(40), "a full stop inside"),
        ),
    ),
    Format(
        kind="rubygems_token",
        anchors=("rubygems_",),
        tail=r"[a-f0-9]{48}",
        hits=tuple("rubygems_" + hexed(48 + n)[n:] for n in range(3)),
        misses=(
            ("rubygems_" + hexed(47), "one character short"),
            ("rubygems_" + "version_is_3_5_and_the_bundler_version_is_2_5_18x", "words"),
            ("rubygems-" + hexed(48), "a hyphen for the underscore"),
        ),
    ),
    Format(
        kind="docker_token",
        anchors=("dckr_pat_", "dckr_oat_"),
        tail=r"[A-Za-z0-9_-]{27,40}",
        hits=("dckr_pat_" + mixed(27), "dckr_oat_" + mixed(32), "dckr_pat_" + mixed(26) + "_"),
        misses=(
            ("dckr_pat_" + mixed(26), "one character short"),
            ("dckr_pat" + mixed(27), "no underscore"),
            ("dckr_pat_ " + mixed(27), "a space inside"),
        ),
    ),
    Format(
        kind="atlassian_token",
        anchors=("ATATT3", "ATCTT3", "ATBB"),
        before=r"(?<![A-Za-z0-9])",
        tail=r"(?:(?<=BB)[A-Za-z0-9]{32}(?![A-Za-z0-9])|(?<=3)[A-Za-z0-9_=-]{60,250})",
        hits=(
            "ATATT3" + mixed(180) + "=1A2B3C4D",
            "ATCTT3" + mixed(180),
            "ATBB" + mixed(32),
        ),
        misses=(
            ("ATATT3" + mixed(59), "too short"),
            ("ATBB" + mixed(33), "one character too many"),
            ("GREATBB" + mixed(32), "begins inside a word"),
        ),
    ),
    Format(
        kind="postman_key",
        anchors=("PMAK-",),
        tail=r"[a-f0-9]{24}-[a-f0-9]{34}",
        hits=tuple("PMAK-" + hexed(24 + n)[n:] + "-" + hexed(34) for n in range(3)),
        misses=(
            ("PMAK-" + hexed(24) + "-" + hexed(33), "one character short"),
            ("PMAK-" + hexed(58), "no hyphen inside"),
            ("pmak-" + hexed(24) + "-" + hexed(34), "lower case"),
        ),
    ),
    Format(
        kind="service_token",
        anchors=("lin_api_", "sbp_", "pul-", "NRAK-", "glsa_", "figd_", "sntrys_", "sntryu_"),
        before=r"(?<![A-Za-z0-9])",
        tail=r"(?:[A-Za-z0-9]{40,200}|[A-Z0-9]{27}|[A-Za-z0-9_-]{32,250}={0,2})",
        check=lambda secret: sum(map(str.isdigit, secret)) > 3,
        hits=("lin_api_" + mixed(40), "NRAK-" + upper(27), "glsa_" + mixed(32) + "_" + hexed(8)),
        misses=(
            ("sbp_" + hexed(31), "too short"),
            ("pul-" + "se-width-modulation-of-the-signal-and-its-uses", "words"),
            ("xsbp_" + hexed(40), "begins inside a word"),
        ),
    ),
)
