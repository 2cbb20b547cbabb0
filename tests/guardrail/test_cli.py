"""The command line, run as its users run it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from guardrail.corpus import CorpusIndex, Key

WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "lazy", "dogs")
PASSAGE = " ".join(f"{word}{word[::-1]}" for word in WORDS)
FIELDS = "a line has `output`, and may have `id`, `prompt` and `identity`"
PASSAGE = f"{PASSAGE} and {PASSAGE.upper()} again in a long passage that nobody may see"


def guardrail(
    *arguments: str, stdin: str | bytes = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", "from guardrail.cli import main; main()", *arguments],
        input=data,
        capture_output=True,
        cwd=cwd,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(arguments, done.returncode, out, err)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "papers").mkdir()
    (folder / "papers" / "memo.txt").write_text(PASSAGE)
    assert guardrail("index", "key", "key", cwd=folder).returncode == 0
    build = ("index", "build", "papers", "--out", "idx", "--key-file", "key", "--class", "board")
    done = guardrail(*build, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "idx holds 1 documents\n")
    (folder / "no.jsonl").write_text('{"id": 1, "body": "x"}')
    (folder / "policy.toml").write_text(
        'version = 1\nowner = "privacy@example.org"\n[[rule]]\nuse = "verbatim"\n'
        'options = { index = "idx", key_file = "key" }\n'
    )
    return folder


def test_files_that_are_left_out_are_told(home: Path, tmp_path: Path) -> None:
    """Building and adding say how many files of a folder they did not read, and why."""
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.txt").write_text("some text")
    (tmp_path / "papers" / "b.txt").symlink_to(home / "papers" / "memo.txt")
    (tmp_path / "papers" / "c.html").write_text("a page")
    (tmp_path / "papers" / "d.docx").write_bytes(b"x")
    told = "left out: links 1, other files 2 (what is read: .md, .rst, .text, .txt, .jsonl"
    build = ("index", "build", "papers", "--out", "idx")
    for arguments in (build, ("index", "add", "idx", "papers", "--replace")):
        done = guardrail(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr.startswith(told)
        assert "\nidx holds 1 documents\n" in done.stderr


def test_the_life_of_an_index(home: Path, tmp_path: Path) -> None:
    """Build, add, replace, delete, compact, rekey, verify and look, each in one command."""
    key = ("--key-file", str(home / "key"))
    idx = str(tmp_path / "idx")
    (tmp_path / "rows.jsonl").write_text('{"name": "a", "body": "one"}\n{"name": "b", "body": "x"}')
    rows = (str(tmp_path / "rows.jsonl"), "--id-field", "name", "--text-field", "body")
    (tmp_path / "ids").write_text("b\n")
    for arguments, held in (
        (("build", str(home / "papers"), "--out", idx, *key), 1),
        (("add", idx, *rows, *key), 3),
        (("add", idx, *rows, *key, "--replace"), 3),
        (("delete", idx, "memo.txt", *key), 2),
        (("delete", idx, "--ids-from", str(tmp_path / "ids"), *key), 1),
        (("compact", idx, *key), 0),
        (("verify", idx, *key), 0),
    ):
        done = guardrail("index", *arguments)
        assert (done.returncode, done.stderr) == (0, f"{idx} holds {held} documents\n" * bool(held))
    facts = json.loads(guardrail("index", "info", idx, *key, "--json").stdout)
    assert (facts["documents"], facts["masked_documents"]) == (1, 0)
    assert "documents            1" in guardrail("index", "info", idx, *key).stdout
    Key.generate().save(tmp_path / "new")
    done = guardrail("index", "rekey", idx, *rows, *key, "--new-key-file", str(tmp_path / "new"))
    assert done.returncode == 0
    with CorpusIndex.open(idx, key=Key.from_file(tmp_path / "new")) as index:
        assert index.info()["documents"] == 2
    assert "was made with key" in guardrail("index", "verify", idx, *key).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("index", "build", "none", "--out", "x"), "no file or folder none"),
        (("index", "build", "papers", "--out", "idx"), "idx holds an index already"),
        (("index", "build", "papers", "--out", "x", "--gram", "2"), "gram is 2"),
        (("index", "build", "papers"), "Missing option '--out'"),
        (
            ("index", "add", "idx", "papers", "--key-file", "key"),
            "document 'memo.txt' is in the index already; --replace puts the new text in its place",
        ),
        (
            ("index", "build", "no.jsonl", "--out", "x"),
            "no.jsonl:1: no text in the field 'text'; --text-field names another",
        ),
        (
            ("shuffled", "build", "no.jsonl", "--out", "x", "--id-field", "n"),
            "no.jsonl:1: no id in the field 'n'; --id-field names another",
        ),
        (("index", "delete", "idx", "nobody", "--key-file", "key"), "no document 'nobody'"),
        (("index", "delete", "idx", "--key-file", "key"), "name the documents to delete"),
        (("index", "info", "papers"), "no index at papers"),
        (("index", "info", "idx"), "none was given"),
        (("index", "info", "idx", "--key-env", "UNSET_NAME"), "UNSET_NAME holds no key"),
        (("index", "info", "idx", "--key-file", "key", "--key-env", "X"), "both given"),
        (("index", "key", "key"), "never overwritten"),
        (("scan", "--policy", "none.toml"), "no policy at none.toml"),
        (("scan", "none.txt", "--policy", "policy.toml"), "cannot read none.txt"),
        (("scan", "papers", "--policy", "policy.toml"), "cannot read papers"),
        (("scan", "--policy", "policy.toml", "--json", "--jsonl"), "keep one"),
        (("scan", "--policy", "policy.toml", "--jsonl", "--prompt", "x"), "--prompt"),
        (("scan",), "Missing option '--policy'"),
        (("policy", "check", "key"), "key is not TOML"),
        (("detectors", "secret"), "no detector named 'secret'; known: canary, intent, "),
        (("frobnicate",), "No such command"),
        ((), "Missing command"),
    ],
)
def test_an_error_is_one_line_and_status_2(
    home: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Whatever is wrong: one clear line on standard error, nothing on standard output."""
    done = guardrail(*arguments, cwd=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.startswith("guardrail: ")
    assert done.stderr.count("\n") == 1
    assert not (home / "x").exists()


def test_scans_one_answer(home: Path) -> None:
    """The safe text goes to standard output, what was found to standard error."""
    found = guardrail("scan", "--policy", "policy.toml", cwd=home, stdin=f"Well: {PASSAGE}.")
    assert (found.returncode, found.stdout) == (1, "Well: [redacted].")
    assert "verbatim at 6-" in found.stderr
    assert "quick" not in found.stderr
    clean = guardrail("scan", "-", "--policy", "policy.toml", cwd=home, stdin="nothing")
    assert (clean.returncode, clean.stdout, clean.stderr) == (0, "nothing", "")
    bad = guardrail("scan", "--policy", "policy.toml", cwd=home, stdin=b"\xff")
    assert (bad.returncode, bad.stderr) == (2, "guardrail: the answer is not UTF-8 text\n")


@pytest.mark.parametrize(
    ("closed", "message"),
    [("<&-", "standard input is closed"), (">&-", "standard output is closed"), ("2>&- <&-", "")],
)
@pytest.mark.parametrize("lines", ["", "--jsonl"])
def test_a_closed_stream_is_one_line_and_status_2(
    home: Path, closed: str, message: str, lines: str
) -> None:
    """Without its input or output, `scan` says so, and says nothing where nobody listens."""
    command = f"{sys.executable} -m guardrail scan --policy policy.toml {lines} {closed}"
    done = subprocess.run(  # noqa: S602
        command, shell=True, cwd=home, input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == bool(message)
    assert message in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": 1e999, "output": "x"}',
        b'{"id": [-1E+400], "output": "x"}',
        b'{"id": NaN, "output": "x"}',
        b'{"output": "\xed\xa0\x80"}',
        '{"output": "x"}'.encode("utf-16"),
    ],
)
def test_a_line_that_is_no_json_is_bad_input(home: Path, line: bytes) -> None:
    """A number that JSON cannot write, or bytes that are not UTF-8, are refused in their place."""
    stdin = line + b'\n{"id": 1.5, "output": "fine"}\n'
    done = guardrail("scan", "--policy", "policy.toml", "--jsonl", cwd=home, stdin=stdin)
    bad, *_, fine = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 2
    assert (bad["id"], bad["action"], bad["errors"]) == (None, "refuse", ["line 1: not JSON"])
    assert (fine["id"], fine["action"]) == (1.5, "allow")


def test_scan_exempts_what_the_prompt_says(home: Path) -> None:
    """What the reader supplied is no leak."""
    echo = ("scan", "--policy", "policy.toml", "--prompt", PASSAGE, "--json")
    done = guardrail(*echo, cwd=home, stdin=PASSAGE)
    assert done.returncode == 0
    assert json.loads(done.stdout)["findings"] == []


def lines(home: Path, rows: list[Any]) -> tuple[int, list[dict[str, Any]]]:
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    done = guardrail("scan", "--policy", "policy.toml", "--jsonl", cwd=home, stdin=text)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_scans_lines_to_the_letter(home: Path) -> None:
    """Each line has the fields of the contract, in order, and nothing else."""
    status, (first, second) = lines(
        home, [{"id": 7, "output": f"é {PASSAGE}"}, {"output": "fine", "identity": "alice"}]
    )
    assert status == 1
    assert list(first) == ["id", "action", "text", "findings", "errors"]
    assert (first["id"], first["action"], first["text"]) == (7, "redact", "é [redacted]")
    assert first["findings"] == [
        {
            "start": 2,
            "end": 2 + len(PASSAGE),
            "kind": "verbatim",
            "score": 1.0,
            "rule": "verbatim",
            "source": {
                "index": "idx",
                "document": "memo.txt",
                "class": "board",
                "words": len(PASSAGE.split()),
            },
        }
    ]
    assert second == {"id": None, "action": "allow", "text": "fine", "findings": [], "errors": []}


def test_a_bad_line_is_refused_in_its_place(home: Path) -> None:
    """The rest goes on, in order, and the status is 2 at the end."""
    rows = [
        {"id": "a", "output": "fine"},
        "not json\n",
        "[1]\n",
        {"id": "b"},
        {"id": "c", "output": "x", "prompt": 3},
        '{"id": "d", "output": "fine"}',
    ]
    status, answers = lines(home, rows)
    assert status == 2
    assert [answer["action"] for answer in answers] == ["allow", *["refuse"] * 4, "allow"]
    assert [answer["id"] for answer in answers] == ["a", None, None, "b", "c", "d"]
    assert answers[1]["errors"] == ["line 2: not JSON"]
    assert answers[1]["text"] == "I can't share that."
    assert answers[3]["errors"] == [f"line 4: `output` must be a string; {FIELDS}"]
    assert answers[4]["errors"] == [f"line 5: `prompt` must be a string; {FIELDS}"]


def test_scan_helps_with_its_lines() -> None:
    """It names the fields of one, and says that it counts as a request."""
    told = " ".join(guardrail("scan", "--help").stdout.split())
    assert '{"id", "prompt", "output", "identity"}' in told
    assert "request of its identity" in told


def test_a_line_counts_as_a_request(home: Path, tmp_path: Path) -> None:
    """Of its identity, in the policy's store: the second of one is throttled, by whoever it is."""
    policy = (home / "policy.toml").read_text().replace('"idx"', f'"{home / "idx"}"')
    policy = policy.replace('"key"', f'"{home / "key"}"')
    limit = '[limits]\nstore = "sqlite:limits.db"\nkey_file = "key"\n'
    limit += '[[limits.rule]]\nqueries = "1/day"\nburst = 1\n'
    (tmp_path / "key").write_bytes((home / "key").read_bytes())
    (tmp_path / "policy.toml").write_text(policy + limit)
    for identity, action in (("alice", "allow"), ("alice", "throttle"), ("bob", "allow")):
        row = json.dumps({"output": "fine", "identity": identity})
        done = guardrail("scan", "--policy", "policy.toml", "--jsonl", cwd=tmp_path, stdin=row)
        assert json.loads(done.stdout)["action"] == action


def test_ten_thousand_lines_keep_their_order(home: Path) -> None:
    """Every line is answered, in order, with the prompt that belongs to it."""
    chance = random.Random(1)
    rows = [
        {
            "id": number,
            "output": chance.choice(["fine", PASSAGE]),
            "prompt": chance.choice([PASSAGE, "x"]),
        }
        for number in range(10_000)
    ]
    status, answers = lines(home, rows)
    assert status == 1
    assert [answer["id"] for answer in answers] == list(range(10_000))
    for row, answer in zip(rows, answers, strict=True):
        leaks = row["output"] == PASSAGE and row["prompt"] == "x"
        assert answer["action"] == ("redact" if leaks else "allow")


def test_prompt_findings_say_where(tmp_path: Path) -> None:
    """A finding in the prompt carries `on` and the number of its message."""
    policy = tmp_path / "policy.toml"
    head = 'version = 1\nowner = "x"\n[[rule]]\nuse = "secrets"\non = "prompt"\naction = "{}"\n'
    asked = json.dumps({"id": 1, "prompt": "is it ghp_" + "a1B2" * 9, "output": "fine"})
    for action, text in (("flag", "fine"), ("refuse", "I can't share that.")):
        policy.write_text(head.format(action))
        done = guardrail("scan", "--policy", str(policy), "--jsonl", stdin=asked)
        assert done.returncode == 1
        answer = json.loads(done.stdout)
        assert (answer["action"], answer["text"]) == (action, text)
        (finding,) = answer["findings"]
        assert (finding["on"], finding["message"], finding["start"]) == ("prompt", 0, 6)


def test_a_reader_that_leaves_is_no_error(home: Path) -> None:
    """A closed pipe ends the scan quietly."""
    rows = json.dumps({"output": "fine " * 200}) + "\n"
    scan = subprocess.Popen(
        [sys.executable, "-m", "guardrail", "scan", "--policy", "policy.toml", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
    )
    with scan:
        if scan.stdin is None or scan.stdout is None or scan.stderr is None:
            raise RuntimeError("no pipes")
        scan.stdout.close()
        try:
            scan.stdin.write(rows.encode() * 2000)
            scan.stdin.close()
        except BrokenPipeError:
            pass
        assert scan.stderr.read() == b""


def test_help_names_what_is_read() -> None:
    """Each ending of a file that is read as text."""
    told = guardrail("index", "build", "--help").stdout
    for ending in (".md", ".rst", ".text", ".txt", ".jsonl", ".jsonl.gz"):
        assert f"{ending}," in told or f"{ending}." in told


def test_an_index_without_a_key_is_said_to_be_one(home: Path, tmp_path: Path) -> None:
    """Once it is made, of each kind that a key protects, in one line that says what to do."""
    (tmp_path / "people.csv").write_text("id\n7781-AB\n")
    papers = str(home / "papers")
    for arguments in (
        ("index", "build", papers),
        ("shuffled", "build", papers),
        ("records", "build", "people.csv", "--column", "id=id"),
    ):
        done = guardrail(*arguments, "--out", f"{arguments[0]}.made", cwd=tmp_path)
        *_, last = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (0, "")
        assert last.startswith("made without a key: ")
        assert "`guardrail index key FILE`" in last
        keyed = guardrail(
            *arguments, "--out", "keyed", "--key-file", str(home / "key"), cwd=tmp_path
        )
        assert "without a key" not in keyed.stderr
        assert keyed.returncode == 0
        shutil.rmtree(tmp_path / "keyed")


def test_help_needs_nothing_heavy() -> None:
    """Help comes at once, without numpy arrays or servers."""
    done = guardrail("--help")
    assert done.returncode == 0
    assert "scan" in done.stdout
