"""Tokens of payment, shop and messaging services."""

from __future__ import annotations

from itertools import product

from detectors.credentials.format import Format, hexed, mixed, upper

__all__ = ["SERVICES"]

SERVICES = (
    Format(
        kind="stripe_key",
        anchors=("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"),
        tail=r"[A-Za-z0-9]{16,247}",
        check=lambda secret: any(map(str.isdigit, secret)),
        hits=(
            *("sk_" + "live_" + mixed(24), "rk_" + "test_" + mixed(99), "whsec_" + mixed(32)),
            *("sk\\_" + "live\\_" + mixed(24), "sk_" + "live_" + mixed(300)),
        ),
        misses=(
            ("sk_" + "live_" + mixed(15), "one character short"),
            ("pk_" + "live_" + mixed(24), "a publishable key is meant to be public"),
            ("sk_" + "test_" + "yourStripeSecretKey", "a placeholder: no digit"),
        ),
    ),
    Format(
        kind="square_token",
        anchors=("EAAA", "sq0atp-", "sq0csp-"),
        before=r"(?<![A-Za-z0-9_-])",
        tail=r"(?:(?<=A)[A-Za-z0-9_-]{60}|(?<=-)[A-Za-z0-9_-]{22,43})(?![A-Za-z0-9_-])",
        hits=("EAAA" + mixed(60), "sq0atp-" + mixed(22), "sq0csp-" + mixed(43)),
        misses=(
            ("sq0atp-" + mixed(21), "one character short"),
            ("EAAA" + mixed(61), "one character too many"),
            ("xEAAA" + mixed(60), "begins inside a longer run"),
        ),
    ),
    Format(
        kind="shopify_token",
        anchors=("shpat_", "shpca_", "shppa_", "shpss_"),
        tail=r"[A-Fa-f0-9]{32}",
        hits=("shpat_" + hexed(32), "shpca_" + hexed(32).upper(), "shpss_" + hexed(32)),
        misses=(
            ("shpat_" + hexed(31), "one character short"),
            ("shpxx_" + hexed(32), "no such kind"),
            ("shpat_" + "z" * 32, "not hexadecimal"),
        ),
    ),
    Format(
        kind="braintree_token",
        anchors=("access_token$",),
        tail=r"(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
        hits=tuple(
            f"access_token${place}${hexed(16)}${hexed(32)}"
            for place in ("production", "sandbox", "production")
        ),
        misses=(
            ("access_token$production$" + hexed(16), "second half missing"),
            ("access_token$local$" + hexed(16) + "$" + hexed(32), "no such place"),
            ("access_token$production$" + hexed(15) + "$" + hexed(32), "one character short"),
        ),
    ),
    Format(
        kind="slack_token",
        anchors=("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xoxc-", "xapp-"),
        tail=r"[A-Za-z0-9-]{20,250}",
        check=lambda secret: sum(map(str.isdigit, secret)) > 5,
        hits=(
            "xoxb-" + "123456789012-" * 2 + mixed(24),
            "xoxp-" + "123456789012-" * 3 + hexed(32),
            "xapp-1-A" + upper(10) + "-123456789012-" + hexed(64),
        ),
        misses=(
            ("xoxb-" + "1" * 19, "one character short"),
            ("xoxb-" + "your-slack-bot-token-here", "a placeholder: no digits"),
            ("xoxz-" + "123456789012-" * 3, "no such kind"),
        ),
    ),
    Format(
        kind="slack_webhook",
        anchors=("hooks.slack.com/",),
        tail=r"(?:services|workflows|triggers)/([A-Za-z0-9+/]{40,80})",
        check=lambda secret: secret.count("/") > 1,
        hits=tuple(
            f"https://hooks.slack.com/{door}/«T{upper(10)}/B{upper(10)}/{mixed(24)}»"
            for door in ("services", "workflows", "triggers")
        ),
        misses=(
            ("https://hooks.slack.com/services/T00/B00/XXX", "a placeholder: too short"),
            ("https://hooks.slack.com/services/" + mixed(60), "no parts"),
            ("https://slack.com/services/T1/B1/" + mixed(50), "another host"),
        ),
    ),
    Format(
        kind="discord_webhook",
        anchors=("/api/webhooks/",),
        tail=r"([0-9]{17,20}/[A-Za-z0-9_-]{60,80})",
        hits=tuple(
            f"https://{host}/api/webhooks/«{'12345678901234567890'[:size]}/{mixed(68)}»"
            for host, size in (("discord.com", 18), ("discordapp.com", 17), ("discord.com", 20))
        ),
        misses=(
            ("/api/webhooks/1234/" + mixed(68), "the number is too short"),
            ("/api/webhooks/" + "1" * 18 + "/" + mixed(59), "one character short"),
            ("/api/webhooks/" + "1" * 18 + "/slack", "no token"),
        ),
    ),
    Format(
        # A bot's token begins with its number in base64: so every three digits come out.
        kind="discord_token",
        anchors=tuple(map("".join, product("MNO", "DTjz", "AEIMQUYcgk"))),
        before=r"(?<![A-Za-z0-9_-])",
        tail=r"[A-Za-z0-9]{20,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])",
        hits=tuple(
            start + mixed(21 + n) + "." + mixed(6) + "." + mixed(27 + n)
            for n, start in enumerate(("MTA", "NjI", "ODk"))
        ),
        misses=(
            ("MTA" + mixed(21) + "." + mixed(5) + "." + mixed(27), "one character short"),
            ("ATA" + mixed(21) + "." + mixed(6) + "." + mixed(27), "does not begin with digits"),
            ("xMTA" + mixed(21) + "." + mixed(6) + "." + mixed(27), "begins inside a run"),
        ),
    ),
    Format(
        kind="telegram_token",
        anchors=(":AA",),
        before=r"(?<=[0-9]{8})",
        tail=r"([A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])",
        hits=(
            "123456789:AA«" + mixed(33) + "»",
            "bot1234567890:AA«" + mixed(33) + "»",
            "12345678:AA«" + mixed(32) + "_»",
        ),
        misses=(
            ("123456789:AA" + mixed(32), "one character short"),
            ("123456789:AB" + mixed(33), "does not begin as these tokens do"),
            ("1234:AA" + mixed(33), "the number is too short"),
        ),
    ),
    Format(
        kind="twilio_key",
        anchors=tuple("SK" + digit for digit in "0123456789abcdef"),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[a-f0-9]{31}(?![A-Za-z0-9])",
        hits=tuple("SK" + hexed(32 + n)[n:] for n in range(3)),
        misses=(
            ("SK" + hexed(31), "one character short"),
            ("RISK" + hexed(32), "begins inside a word"),
            ("SK" + hexed(40), "goes on as a longer run"),
        ),
    ),
    Format(
        kind="sendgrid_key",
        anchors=("SG.",),
        tail=r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        hits=tuple("SG." + mixed(22 + n)[n:] + "." + mixed(43) for n in range(3)),
        misses=(
            ("SG." + mixed(22) + "." + mixed(42), "one character short"),
            ("SG." + mixed(66), "no second full stop"),
            ("SG-" + mixed(22) + "." + mixed(43), "a hyphen for the full stop"),
        ),
    ),
    Format(
        kind="mailgun_key",
        anchors=("key-",),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[a-f0-9]{32}(?![A-Za-z0-9])",
        hits=tuple("key-" + hexed(32 + n)[n:] for n in range(3)),
        misses=(
            ("key-" + hexed(31), "one character short"),
            ("monkey-" + hexed(32), "begins inside a word"),
            ("key-" + hexed(40), "goes on as a longer run"),
        ),
    ),
)
