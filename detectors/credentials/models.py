"""Keys of model providers."""

from __future__ import annotations

from detectors.credentials.format import Format, digits, hexed, mixed

__all__ = ["MODELS"]


def _jumbled(secret: str) -> bool:
    """Whether there are digits among the letters, as in a key but not in words."""
    return digits(secret) > 2


MODELS = (
    Format(
        kind="anthropic_key",
        anchors=("sk-ant-",),
        tail=r"[a-z]{2,8}[0-9]{2}-[A-Za-z0-9_-]{60,250}",
        hits=(
            "sk-ant-" + "api03-" + mixed(93) + "AA",
            "sk-ant-" + "admin01-" + mixed(93) + "AA",
            "sk-ant-" + "oat01-" + mixed(80),
        ),
        misses=(
            ("sk-ant-" + "api03-" + mixed(59), "too short"),
            ("sk-ant-" + "api03-...", "elided"),
            ("sk-ant-" + mixed(95), "no version"),
        ),
    ),
    Format(
        kind="openai_key",
        anchors=("sk-",),
        tail=(
            r"(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{40,250}"
            r"|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"
            r"|[A-Za-z0-9]{32,64}(?![A-Za-z0-9-]))"
        ),
        check=_jumbled,
        hits=(
            "sk-" + mixed(48),
            "sk-" + mixed(20) + "T3Blbk" + "FJ" + mixed(20),
            "sk-" + "proj-" + mixed(74) + "T3Blbk" + "FJ" + mixed(74),
            "sk-" + "svcacct-" + mixed(60) + "_-" + mixed(60),
        ),
        misses=(
            ("sk-" + mixed(31), "one character short"),
            ("risk-" + "a" * 48, "a word: no digits"),
            ("sk-" + "proj-" + "your-project-key-goes-here-as-you-can-see", "a placeholder"),
        ),
    ),
    Format(
        kind="openrouter_key",
        anchors=("sk-or-v1-",),
        tail=r"[a-f0-9]{64}",
        hits=tuple("sk-or-v1-" + hexed(64 + n)[n:] for n in range(3)),
        misses=(
            ("sk-or-v1-" + hexed(63), "one character short"),
            ("sk-or-v1-" + "z" * 64, "not hexadecimal"),
            ("sk-or-" + hexed(64), "no version"),
        ),
    ),
    Format(
        kind="huggingface_token",
        anchors=("hf_", "api_org_"),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9]{34}(?![A-Za-z0-9_])",
        check=lambda secret: secret != secret.lower(),
        hits=("hf_" + mixed(34), "api_org_" + mixed(34), "hf_" + mixed(38)[4:]),
        misses=(
            ("hf_" + mixed(33), "one character short"),
            ("hf_" + "download" * 4 + "er", "a name: no capitals"),
            ("hf_" + mixed(34) + "_", "a longer name"),
        ),
    ),
    Format(
        kind="groq_key",
        anchors=("gsk_",),
        tail=r"[A-Za-z0-9]{52}",
        hits=tuple("gsk_" + mixed(52 + n)[n:] for n in range(3)),
        misses=(
            ("gsk_" + mixed(51), "one character short"),
            ("gsk-" + mixed(52), "a hyphen for the underscore"),
            ("gsk_" + mixed(30) + "_" + mixed(30), "an underscore inside"),
        ),
    ),
    Format(
        kind="model_key",
        anchors=("r8_", "pplx-", "xai-"),
        before=r"(?<![A-Za-z0-9])",
        tail=r"(?:(?<=_)[A-Za-z0-9]{37}|(?<=-)[A-Za-z0-9]{48,84})(?![A-Za-z0-9])",
        check=_jumbled,
        hits=("r8_" + mixed(37), "pplx-" + mixed(48), "xai-" + mixed(80)),
        misses=(
            ("r8_" + mixed(36), "one character short"),
            ("pplx-" + mixed(47), "one character short"),
            ("taxai-" + mixed(80), "begins inside a word"),
        ),
    ),
    Format(
        kind="model_service_key",
        anchors=(
            *("csk-", "e2b_", "llx-", "lsv2_pt_", "lsv2_sk_", "nvapi-", "pcsk_", "tgp_v1_"),
            *("tvly-",),
        ),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9_-]{32,200}",
        check=lambda secret: digits(secret) > 5,
        hits=(
            "lsv2_pt_" + hexed(32) + "_" + hexed(10),
            "nvapi-" + mixed(60) + "_-xY",
            "tvly-dev-" + mixed(32),
            "e2b_" + hexed(40),
        ),
        misses=(
            ("csk-" + mixed(31), "one character short"),
            ("nvapi-" + "your-key-goes-here-as-you-can-see-in-it", "a placeholder: no digits"),
            ("evely-tvly_" + mixed(32), "an underscore for the hyphen"),
        ),
    ),
)
