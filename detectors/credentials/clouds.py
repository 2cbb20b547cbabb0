"""Keys of clouds and of what runs on them."""

from __future__ import annotations

from detectors.credentials.format import ASSIGNED, Format, hexed, mixed, upper

__all__ = ["CLOUDS"]


def _undocumented(secret: str) -> bool:
    """Whether it is not the example that the vendor's own manual prints."""
    return not secret.endswith(("EXAMPLE", "EXAMPLEKEY"))


CLOUDS = (
    Format(
        kind="aws_key",
        anchors=("AKIA", "ASIA", "ABIA", "ACCA"),
        before=r"(?<![A-Z0-9])",
        tail=r"[A-Z0-9]{16}(?![A-Z0-9])",
        check=_undocumented,
        hits=("AKIA" + upper(16), "ASIA" + upper(16), "ABIA" + upper(16)),
        misses=(
            ("AKIA" + upper(15), "one character short"),
            ("X7AKIA" + upper(16), "begins inside a longer run"),
            ("AKIA" + upper(24), "goes on as a longer run"),
            ("AKIA" + "IOSFODNN7" + "EXAMPLE", "the manual's example"),
        ),
    ),
    Format(
        kind="aws_secret",
        anchors=(
            "ecret_access_key",
            "ECRET_ACCESS_KEY",
            "ecretAccessKey",
            "ecret access key",
            "ecret Access Key",
            "aws_secret_key",
            "AWS_SECRET_KEY",
        ),
        tail=ASSIGNED + r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        check=_undocumented,
        hits=(
            "aws_secret_access_key = «" + mixed(40) + "»",
            '"SecretAccessKey": "«' + mixed(38) + '/+»"',
            "AWS_SECRET_ACCESS_KEY=«" + mixed(40) + "»",
        ),
        misses=(
            ("secret_access_key = " + mixed(39), "one character short"),
            ("commit " + mixed(40), "no name before it"),
            ("secret_access_key = " + mixed(41), "one character too many"),
        ),
    ),
    Format(
        kind="google_key",
        anchors=("AIza",),
        before=r"(?<![A-Za-z0-9_-])",
        tail=r"[A-Za-z0-9_-]{35}",
        hits=("AIza" + mixed(35), "AIzaSy" + mixed(33), "AIza" + mixed(30) + "-_-_A"),
        misses=(
            ("AIza" + mixed(34), "one character short"),
            ("xAIza" + mixed(35), "begins inside a longer run"),
            ("AIza" + mixed(20) + "." + mixed(20), "a full stop inside"),
        ),
    ),
    Format(
        kind="google_oauth",
        anchors=("GOCSPX-", "ya29.", "1//0"),
        before=r"(?<![A-Za-z0-9/])",
        tail=r"(?:(?<=-)[A-Za-z0-9_-]{28}|(?<=\.)[A-Za-z0-9_-]{30,1024}|(?<=0)[A-Za-z0-9_-]{40,256})",
        hits=("GOCSPX-" + mixed(28), "ya29." + "a0" + mixed(60), "1//0" + "g" + mixed(60)),
        misses=(
            ("GOCSPX-" + mixed(27), "one character short"),
            ("ya29.today", "too short for a token"),
            ("https://a.example/1//0" + mixed(60), "part of a longer path"),
        ),
    ),
    Format(
        kind="azure_key",
        anchors=("AccountKey=", "SharedAccessKey=", "accountkey="),
        tail=r"([A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)(?![A-Za-z0-9+/=])",
        hits=(
            "AccountKey=«" + mixed(86) + "==»",
            "SharedAccessKey=«" + mixed(43) + "=»",
            "DefaultEndpointsProtocol=https;AccountKey=«" + mixed(86) + "==»;x=1",
        ),
        misses=(
            ("AccountKey=" + mixed(85) + "==", "one character short"),
            ("AccountKey=<your-key>", "a placeholder"),
            (mixed(86) + "==", "no name before it"),
        ),
    ),
    Format(
        kind="azure_sas",
        anchors=("?sig=", "&sig=", ";sig="),
        tail=r"((?:[A-Za-z0-9+/]|%[0-9A-Fa-f]{2}){43,60}(?:=|%3[Dd]))",
        hits=(
            "https://a.example/c?sv=2024-01-01&sig=«" + mixed(43) + "%3D»&se=1",
            "?sig=«" + mixed(40) + "%2F%2b/%3D»",
            "SharedAccessSignature=sv=2024;sig=«" + mixed(43) + "=»",
        ),
        misses=(
            ("?sig=" + mixed(42) + "%3D", "one character short"),
            ("&sig=" + mixed(43), "no padding"),
            ("config=" + mixed(43) + "%3D", "another parameter"),
        ),
    ),
    Format(
        kind="digitalocean_token",
        anchors=("dop_v1_", "doo_v1_", "dor_v1_"),
        tail=r"[a-f0-9]{64}",
        hits=("dop_v1_" + hexed(64), "doo_v1_" + hexed(64), "dor_v1_" + hexed(64)),
        misses=(
            ("dop_v1_" + hexed(63), "one character short"),
            ("dop_v2_" + hexed(64), "no such version"),
            ("dop_v1_" + "z" * 64, "not hexadecimal"),
        ),
    ),
    Format(
        kind="heroku_key",
        anchors=("HRKU-",),
        tail=r"[A-Za-z0-9_-]{36,60}",
        hits=("HRKU-AA" + mixed(58), "HRKU-" + hexed(36), "HRKU-" + mixed(40)),
        misses=(
            ("HRKU-" + mixed(35), "one character short"),
            ("hrku-" + mixed(60), "lower case"),
            ("HRKU " + mixed(60), "a space for the hyphen"),
        ),
    ),
    Format(
        kind="databricks_token",
        anchors=("dapi",),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[a-f0-9]{32}(?:-[0-9]{1,2})?(?![A-Za-z0-9])",
        hits=("dapi" + hexed(32), "dapi" + hexed(32) + "-2", "dapi" + hexed(32)[::-1]),
        misses=(
            ("dapi" + hexed(31), "one character short"),
            ("readapi" + hexed(32), "begins inside a word"),
            ("dapi" + hexed(40), "goes on as a longer run"),
        ),
    ),
    Format(
        kind="vault_token",
        anchors=("hvs.", "hvb.", "hvr."),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9_-]{24,300}",
        hits=("hvs." + mixed(24), "hvb." + mixed(120), "hvs." + "CAESI" + mixed(90)),
        misses=(
            ("hvs." + mixed(23), "one character short"),
            ("xhvs." + mixed(24), "begins inside a word"),
            ("hvs. " + mixed(24), "a space inside"),
        ),
    ),
    Format(
        kind="alibaba_key",
        anchors=("LTAI",),
        before=r"(?<![A-Za-z0-9])",
        tail=r"[A-Za-z0-9]{16,20}(?![A-Za-z0-9])",
        hits=("LTAI" + mixed(20), "LTAI" + mixed(16), "LTAI5t" + mixed(18)),
        misses=(
            ("LTAI" + mixed(12), "too short"),
            ("VOLTAI" + mixed(20), "begins inside a word"),
            ("LTAI" + mixed(21), "one character too many"),
        ),
    ),
)
