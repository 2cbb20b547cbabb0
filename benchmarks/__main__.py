"""Run one benchmark: `python -m benchmarks NAME [options]`."""

from __future__ import annotations

import importlib
import sys

NAMES = {
    "edges": "what the HTTP edges add to an upstream",
    "importtime": "what `import guardrail` costs beside numpy and pydantic alone",
    "intent": "prompts that ask for private data, found and missed; `intent train` trains",
    "index": "building and querying the index beside other methods",
    "limits": "counting who asks: time a decision, memory for a million identities",
    "oracle": "whether the guard tells by what it does, or by its time, if a guess is true",
    "planted": "recall and extent of planted runs; alarms on ordinary answers",
    "probing": "attackers over time: who is found, and how much comes out piece by piece",
    "quality": "leaks found and missed by every detector, beside other methods",
    "records": "addresses of protected people in real answers, and time",
    "stream": "cost and hold-back of a guarded stream",
    "tabular": "what a credit-risk model tells of people, and how soon nudging is found",
}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print("usage: python -m benchmarks NAME [options]    (NAME --help lists them)\n")
        for name, question in NAMES.items():
            print(f"  {name:<12}{question}")
        sys.exit(0 if sys.argv[1:2] in ([], ["-h"], ["--help"]) else 2)
    name = sys.argv[1]
    importlib.import_module(f"benchmarks.{name}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
