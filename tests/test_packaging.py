"""The package as a whole: names, version, and what importing it costs."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import detectors
import guardrail

HEAVY = (
    "fastapi",
    "langchain",
    "litellm",
    "presidio_analyzer",
    "ray",
    "rich",
    "spacy",
    "torch",
    "transformers",
    "typer",
)
# Doors to frameworks that are not installed here; tests/sdk opens them where they are.
CLOSED = {f"guardrail.integrations.{name}" for name in ("langchain", "litellm", "transformers")}
MODULES = sorted(
    module.name
    for package in (guardrail, detectors)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__") and module.name not in CLOSED
)


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_listed(name: str) -> None:
    """`__all__` is sorted, and each name in it is there."""
    module = importlib.import_module(name)
    listed = list(getattr(module, "__all__", []))
    assert listed == sorted(listed, key=lambda one: (one.upper() != one, one.lower() == one, one))
    assert all(hasattr(module, one) for one in listed)


def test_the_version_is_the_newest_change() -> None:
    """The change list begins with the version of the package."""
    changes = (Path(__file__).parent.parent / "CHANGELOG.md").read_text()
    newest = re.search(r"^## (\S+)", changes, re.MULTILINE)
    assert newest is not None
    assert newest[1] == guardrail.__version__


@pytest.mark.parametrize(
    ("door", "framework", "install"),
    [
        ("fastapi", "starlette", "pip install 'leakrail[proxy]'"),
        ("langchain", "langchain", "pip install langchain"),
        ("litellm", "litellm", "pip install litellm"),
        ("transformers", "torch", "pip install 'leakrail[likelihood]'"),
    ],
)
def test_a_door_says_what_its_framework_takes(
    door: str, framework: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that is not installed, in one line."""
    name = f"guardrail.integrations.{door}"
    for one in {framework, *(key for key in sys.modules if key.startswith(f"{framework}."))}:
        monkeypatch.setitem(sys.modules, one, None)
    monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(ImportError, match=re.escape(f"{name} needs more: {install}")):
        importlib.import_module(name)


def test_importing_loads_nothing_heavy() -> None:
    """`import guardrail` stays light."""
    code = "import guardrail, sys; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert not set(HEAVY) & set(done.stdout.split())


def test_the_marker_of_our_detectors_stands() -> None:
    """The package `detectors` says whose it is."""
    assert detectors.OWNER == "leakrail"
