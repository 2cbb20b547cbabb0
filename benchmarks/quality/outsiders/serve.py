"""One library of others behind lines of JSON; runs in an environment that has it, and little else.

`python -I serve.py NAME` reads `{"build": [TEXT, ...]}`, which it answers with `{}`, and
`{"text": TEXT}`, which it answers with `{"spans": [[START, END, KIND], ...], "seconds": CPU}`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

Spans = list[tuple[int, int, str]]
Ask = Callable[[str], Spans]

_POLICIES = {
    "prompt_injection_data_exfiltration": "categories",
    "prompt_injection_jailbreak": "categories",
    "prompt_injection_system_prompt": "categories",
    "sg_mas_model_security": "policy_templates",
    "sg_pdpa_personal_identifiers": "policy_templates",
    "sg_pdpa_profiling_automated_decisions": "policy_templates",
    "sg_pdpa_sensitive_data": "policy_templates",
}
_LITELLM = ("email", "us_phone", "credit_card", "us_ssn", "ipv4", "ipv6", "iban")


def litellm(_: list[str]) -> Ask:
    """LiteLLM's content filter with its prebuilt patterns of personal data."""
    home = "litellm.proxy.guardrails.guardrail_hooks.litellm_content_filter.content_filter"
    types = import_module("litellm.types.guardrails")
    patterns = [
        types.ContentFilterPattern(pattern_type="prebuilt", pattern_name=name, action="MASK")
        for name in _LITELLM
    ]
    made = import_module(home).ContentFilterGuardrail(guardrail_name="filter", patterns=patterns)

    def ask(text: str) -> Spans:
        return [
            (start, end, entry["pattern_name"])
            for entry in made.compiled_patterns
            for start, end in made._find_pattern_spans(text, entry)
        ]

    return ask


def litellm_policies(_: list[str]) -> Ask:
    """LiteLLM's content filter with those keyword policies that are about private data."""
    home = "litellm.proxy.guardrails.guardrail_hooks.litellm_content_filter.content_filter"
    data = Path(import_module("litellm.proxy.guardrails.content_filter_data").__path__[0])
    wanted = [
        {
            "category": name,
            "enabled": True,
            "action": "BLOCK",
            "category_file": str(data / folder / f"{name}.yaml"),
        }
        for name, folder in _POLICIES.items()
    ]
    made = import_module(home).ContentFilterGuardrail(guardrail_name="filter", categories=wanted)
    if {*made.loaded_categories} != {*_POLICIES}:
        raise LookupError("not all policies are in this release")
    refused = import_module("fastapi").HTTPException

    def ask(text: str) -> Spans:
        try:
            made._filter_single_text(text)
        except refused:
            return [(0, len(text), "policy")]
        return []

    return ask


def langchain(_: list[str]) -> Ask:
    """The five detectors behind LangChain's PIIMiddleware."""
    detectors = import_module("langchain.agents.middleware._redaction").BUILTIN_DETECTORS

    def ask(text: str) -> Spans:
        return [
            (match["start"], match["end"], name)
            for name, detect in detectors.items()
            for match in detect(text)
        ]

    return ask


def openai_guardrails(_: list[str]) -> Ask:
    """The check `Contains PII` of openai-guardrails, all its entities."""
    module = import_module("guardrails.checks.text.pii")
    suffixes: Any = import_module("tldextract.tldextract")
    suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=(), cache_dir=None)
    config = module.PIIConfig()

    def ask(text: str) -> Spans:
        found = module._detect_pii(text, config).analyzer_results
        return [(one.start, one.end, one.entity_type) for one in found]

    return ask


def stream_guards(texts: list[str]) -> Ask:
    """LeakGuard of llm-stream-guards: any eight words in a row."""
    guard = import_module("llm_stream_guards").LeakGuard({"corpus": "\n".join(texts)})
    return lambda text: [(0, len(text), "leak")] if guard.leaked(text) else []


KNOWN: dict[str, Callable[[list[str]], Ask]] = {
    "langchain": langchain,
    "litellm": litellm,
    "litellm_policies": litellm_policies,
    "openai_guardrails": openai_guardrails,
    "stream_guards": stream_guards,
}


def answers(name: str, lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """What a library says to each line."""
    ask: Ask | None = None
    for line in lines:
        asked = json.loads(line)
        if ask is None:
            ask = KNOWN[name](asked.get("build", []))
        if "build" in asked:
            yield {}
            continue
        begin = time.process_time()
        spans = ask(asked["text"])
        yield {"spans": spans, "seconds": time.process_time() - begin}


def main() -> None:
    """Answer every line; what a library prints goes to standard error."""
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        for answer in answers(sys.argv[1], iter(sys.stdin)):
            print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
