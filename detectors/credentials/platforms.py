"""Tokens of platforms that software is built, run and observed with."""

from __future__ import annotations

from detectors.credentials.format import Format, digits, hexed, mixed, upper

__all__ = ["PLATFORMS"]

_UUID = r"[a-f0-9]{8}-(?:[a-f0-9]{4}-){3}[a-f0-9]{12}(?![A-Za-z0-9-])"


def _uuid() -> str:
    one = hexed(32)
    return "-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:]))


PLATFORMS = (
    Format(
        kind="platform_token",
        anchors=(
            *("bkua_", "CCIPAT_", "CFPAT-", "dp.pt.", "fm2_", "fo1_", "glc_", "mdb_sa_sk_"),
            *("napi_", "nfp_", "ntn_", "phx_", "pnu_", "pscale_oauth_", "pscale_pw_"),
            *("pscale_tkn_", "rdme_", "sb_secret_", "sgp_", "shippo_live_", "shippo_test_"),
            *("sqa_", "sqp_", "squ_", "tskey-api-", "tskey-auth-", "tskey-client-", "xkeysib-"),
        ),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9_+/-]{30,600}={0,3}",
        check=lambda secret: digits(secret) > 4,
        hits=(
            "napi_" + mixed(64),
            "CCIPAT_" + mixed(22) + "_" + hexed(40),
            "xkeysib-" + hexed(64) + "-" + mixed(16),
            "sb_secret_" + mixed(22) + "_" + mixed(8),
            "tskey-auth-" + mixed(16) + "-" + mixed(32),
            "fm2_" + mixed(100) + "+/==",
        ),
        misses=(
            ("squ_" + hexed(29), "too short"),
            ("squ_" + "root_of_the_number_that_was_given_to_it", "a name: no digits"),
            ("masqu_" + hexed(40), "begins inside a word"),
        ),
    ),
    Format(
        kind="uuid_token",
        anchors=("pat-ap1-", "pat-eu1-", "pat-na1-", "pat-na2-", "sk-lf-"),
        before=r"(?<![A-Za-z0-9])",
        tail=_UUID,
        hits=("pat-na1-" + _uuid(), "pat-eu1-" + _uuid(), "sk-lf-" + _uuid()),
        misses=(
            ("sk-lf-" + _uuid()[:-1], "one character short"),
            ("pk-lf-" + _uuid(), "a public key"),
            ("pat-xx1-" + _uuid(), "no such region"),
        ),
    ),
    Format(
        # The three characters before the anchor, which no search begins with, remain.
        kind="azure_client_secret",
        anchors=tuple(f"{digit}Q~" for digit in range(10)),
        before=r"(?<=[A-Za-z0-9_~.]{3})(?<![A-Za-z0-9_~.-]{4})",
        tail=r"[A-Za-z0-9_~.-]{30,33}[A-Za-z0-9_~-](?![A-Za-z0-9_~-])",
        hits=tuple(
            f"AZURE_CLIENT_SECRET={mixed(3)}«{digit}Q~{mixed(size)}»"
            for digit, size in ((8, 34), (7, 31), (0, 33))
        ),
        misses=(
            ("abc8Q~" + mixed(30), "one character short"),
            ("xabc8Q~" + mixed(34), "begins inside a longer run"),
            ("8Q~" + mixed(34), "nothing before it"),
        ),
    ),
    Format(
        kind="terraform_token",
        anchors=(".atlasv1.",),
        before=r"(?<=[A-Za-z0-9]{14})",
        tail=r"([A-Za-z0-9_=-]{60,70})(?![A-Za-z0-9_=-])",
        hits=tuple(mixed(14) + ".atlasv1.«" + mixed(size) + "»" for size in (60, 67, 70)),
        misses=(
            (mixed(14) + ".atlasv1." + mixed(59), "one character short"),
            (mixed(13) + ".atlasv1." + mixed(67), "its first part is too short"),
            (mixed(14) + ".atlasv2." + mixed(67), "no such version"),
        ),
    ),
    Format(
        kind="dynatrace_token",
        anchors=("dt0c01.",),
        tail=r"[A-Z0-9]{24}\.[A-Z0-9]{64}",
        hits=tuple("dt0c01." + upper(24 + n)[n:] + "." + upper(64) for n in range(3)),
        misses=(
            ("dt0c01." + upper(24) + "." + upper(63), "one character short"),
            ("dt0c01." + upper(89), "no second part"),
            ("dt0c01." + mixed(24) + "." + mixed(64), "small letters"),
        ),
    ),
    Format(
        kind="onepassword_token",
        anchors=("ops_eyJ",),
        tail=r"[A-Za-z0-9+/_-]{200,2000}={0,3}",
        hits=tuple("ops_eyJ" + mixed(size) + "==" for size in (200, 500, 1000)),
        misses=(
            ("ops_eyJ" + mixed(199), "one character short"),
            ("ops_" + mixed(300), "does not begin as these tokens do"),
            ("ops_eyJ" + mixed(99) + "." + mixed(200), "a full stop inside"),
        ),
    ),
    Format(
        kind="artifactory_key",
        anchors=("AKCp",),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9]{69}(?![A-Za-z0-9])",
        hits=tuple("AKCp" + mixed(69 + n)[n:] for n in range(3)),
        misses=(
            ("AKCp" + mixed(68), "one character short"),
            ("AKCp" + mixed(70), "one character too many"),
            ("xAKCp" + mixed(69), "begins inside a longer run"),
        ),
    ),
    Format(
        kind="mapbox_token",
        anchors=("sk.eyJ",),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9_-]{50,200}\.[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])",
        hits=tuple("sk.eyJ" + mixed(size) + "." + mixed(22) for size in (50, 57, 70)),
        misses=(
            ("pk.eyJ" + mixed(57) + "." + mixed(22), "a public token"),
            ("sk.eyJ" + mixed(57) + "." + mixed(21), "one character short"),
            ("task.eyJ" + mixed(57) + "." + mixed(22), "begins inside a word"),
        ),
    ),
    Format(
        kind="teams_webhook",
        anchors=("webhook.office.com/webhookb2/",),
        tail=r"([a-f0-9-]{36}@[a-f0-9-]{36}/IncomingWebhook/[a-f0-9]{32}/[a-f0-9-]{36})",
        hits=tuple(
            f"https://{host}.webhook.office.com/webhookb2/"
            f"«{_uuid()}@{_uuid()}/IncomingWebhook/{hexed(32)}/{_uuid()}»"
            for host in ("corp", "a", "x1")
        ),
        misses=(
            ("https://a.webhook.office.com/webhookb2/" + _uuid(), "cut off"),
            (f"webhook.office.com/webhookb2/{_uuid()}@{_uuid()}/Other/{hexed(32)}", "no hook"),
            ("https://a.webhook.office.com/webhookb2/<id>/IncomingWebhook", "a placeholder"),
        ),
    ),
)
