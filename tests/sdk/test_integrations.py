"""Real frameworks, each in its own environment, with leakrail's own part in them and without."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guardrail.corpus import CorpusIndex
from tests.sdk.passage import AFTER, BEFORE, PASSAGE, leaks
from tests.sdk.upstream import running

pytestmark = pytest.mark.sdk

HERE = Path(__file__).parent
SECONDS = 300
REFUSAL = "Not that."
LATER = "Too many requests; try again later."
REDACTED = "[redacted]"
MOST = 11
RULE = """version = 1
owner = "privacy@example.org"
refusal = "Not that."
mode = "{mode}"

[[rule]]
use = "{use}"
on = "{on}"
action = "{action}"
"""
CORPUS = 'options = { index = "private.idx" }\n'
POLICIES = {
    "redact": RULE.format(mode="enforce", use="verbatim", on="output", action="redact") + CORPUS,
    "refuse": RULE.format(mode="enforce", use="verbatim", on="output", action="refuse") + CORPUS,
    "observe": RULE.format(mode="observe", use="verbatim", on="output", action="refuse") + CORPUS,
    "prompt": RULE.format(mode="enforce", use="secrets", on="prompt", action="refuse"),
    "throttle": RULE.format(mode="enforce", use="secrets", on="prompt", action="throttle"),
}
POLICIES |= {
    "usage": POLICIES["redact"] + '[disclosure]\nusage = "bucket"\n',
    "echo": POLICIES["redact"] + '[http]\necho = ["*"]\n',
    "access": POLICIES["redact"] + '[access]\n[[access.rule]]\nmodels = ["chat-*"]\n',
}
BLOCKS = ["input_text", "text-plain", "document", "tool_result", "non_standard", "no type"]
_FORMS = ("chat", "chat many", "chat tools", "chat claude", "completion", "messages", "responses")
ROUTES = [f"{form}{how}" for form in _FORMS for how in ("", " stream")]
ENDED = ["text refused", "async text refused", "blocks refused", "call refused"]

Told = dict[str, dict[str, Any]]
Ask = Callable[[str], Told]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Runs a framework's script once, and gives what it told, by case."""
    folder = tmp_path_factory.mktemp("integrations")
    CorpusIndex.build([("memo", f"It is said: {PASSAGE}.")], folder / "private.idx").close()
    for name, text in POLICIES.items():
        (folder / f"{name}.toml").write_text(text)
    known: dict[str, Told] = {}
    # Nothing of our environment: no proxies, no keys, and nothing to be looked up.
    alone = {
        "HOME": str(folder),
        "HF_HUB_OFFLINE": "1",
        "LANGSMITH_TRACING": "false",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    with running() as upstream:

        def told(name: str) -> Told:
            if name not in known:
                python = (
                    HERE.parent.parent / ".venv-sdk" / f"integrations_{name}" / "bin" / "python"
                )
                done = subprocess.run(  # noqa: S603
                    [python, HERE / f"integrations_{name}.py", folder, upstream.address],
                    capture_output=True,
                    text=True,
                    env=alone,
                    timeout=SECONDS,
                    check=False,
                )
                assert done.returncode == 0, done.stderr
                # LiteLLM's proxy prints a banner.
                lines = [line for line in done.stdout.splitlines() if line.startswith('{"case"')]
                known[name] = {case["case"]: case for case in map(json.loads, lines)}
            return known[name]

        yield told


@pytest.mark.parametrize("route", ROUTES)
def test_litellms_proxy_leaks_without_the_guardrail(ask: Ask, route: str) -> None:
    """The control: each route tells the passage, and as much where the guard only observes."""
    told = ask("litellm")
    bare, observed = told[f"None {route}"], told[f"observe {route}"]
    assert bare["status"] == 200
    # Of several choices the pieces come by turns.
    assert leaks(bare["text"]) or route == "chat many stream"
    assert AFTER.split()[0] in bare["text"]
    assert bare | {"case": ""} == observed | {"case": ""}


@pytest.mark.parametrize("route", ROUTES)
def test_litellms_guardrail_redacts_what_its_proxy_answers(ask: Ask, route: str) -> None:
    """Whole and streamed, the passage is redacted; the rest comes through and ends as before."""
    told, bare = ask("litellm")[f"redact {route}"], ask("litellm")[f"None {route}"]
    assert told["status"] == 200
    assert not leaks(told["text"])
    assert not told["tokens"]
    assert REDACTED in told["text"]
    assert AFTER.split()[-1] in told["text"]
    assert told["reasons"] == bare["reasons"]


@pytest.mark.parametrize("route", ROUTES)
def test_litellms_guardrail_refuses_in_the_form_of_the_route(ask: Ask, route: str) -> None:
    """A refused answer is the provider's own refusal; a stream ends in it."""
    told = ask("litellm")[f"refuse {route}"]
    assert told["status"] == 200
    assert not leaks(told["text"])
    assert REFUSAL in told["text"]
    assert told["reasons"] in (["content_filter"], ["refusal"])
    assert BEFORE.split()[0] not in told["text"] or "stream" in route


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_that_is_refused_never_reaches_litellms_model(ask: Ask, route: str) -> None:
    """LiteLLM answers with the refusal itself, or where it has no such answer with an error."""
    told = ask("litellm")[f"prompt {route}"]
    assert told["status"] == (200 if route.startswith(("chat", "responses")) else 400)
    assert REFUSAL in told["text"]
    assert AFTER.split()[-1] not in told["text"]


@pytest.mark.parametrize("route", ["gemini", "gemini stream", "passed key", "extra"])
def test_prompts_in_no_form_that_is_known_are_read_whole(ask: Ask, route: str) -> None:
    """Gemini's, a body that is passed through, and what else of a body LiteLLM sends on."""
    told = ask("litellm")
    assert told[f"prompt {route}"]["status"] in (200, 403)
    assert REFUSAL in told[f"prompt {route}"]["text"]
    assert AFTER.split()[-1] in told["prompt passed"]["text"]
    if route != "passed key":
        assert REDACTED in told[f"redact {route}"]["text"]


def test_a_path_of_litellms_that_cannot_be_printed_is_refused(ask: Ask) -> None:
    """LiteLLM takes one that ends in a newline for the same; who only observes lets it pass."""
    told = ask("litellm")
    for policy in ("redact", "prompt"):
        assert told[f"{policy} newline"]["status"] == 400
        assert REFUSAL in told[f"{policy} newline"]["text"]
    assert leaks(told["observe newline"]["text"])


def test_litellms_sdk_is_guarded_where_the_guardrail_is_chosen(ask: Ask) -> None:
    """`acompletion(guardrails=[...])` redacts, refuses, and raises for a refused request."""
    told = ask("litellm")
    assert leaks(told["None sdk"]["text"])
    assert told["redact sdk"]["text"] == f"{BEFORE}{REDACTED}{AFTER}"
    assert told["refuse sdk"]["text"] == REFUSAL
    assert told["refuse sdk"]["reason"] == "content_filter"
    assert told["prompt sdk"]["raised"] == "ModifyResponseException"
    assert told["prompt sdk"]["message"] == REFUSAL


def test_litellms_sdk_asks_no_guardrail_for_sync_calls_and_streams(ask: Ask) -> None:
    """Outside its proxy, sync calls and streams pass no guardrail: a limit that we document."""
    told = ask("litellm")["unseen"]
    assert leaks(told["stream"])
    assert leaks(told["sync"])


def test_litellms_guardrail_can_be_applied_to_texts(ask: Ask) -> None:
    """`apply_guardrail` redacts texts and the arguments of calls, and raises to refuse."""
    told = ask("litellm")
    assert told["apply"]["text"].startswith(f"{BEFORE}{REDACTED}{AFTER} Fine. ")
    assert not leaks(told["apply"]["text"])
    assert told["apply fine"]["text"] == "Hello."
    for case in ("apply refused", "apply prompt", "binary"):
        assert told[case]["raised"] == "GuardrailRaisedException", case
        assert told[case]["message"] == REFUSAL, case


def test_litellms_own_fields_of_a_stream_are_left_out(ask: Ask) -> None:
    """Reasoning is read and redacted; what LiteLLM adds of its own does not go out."""
    bare, told = ask("litellm")["fields control"], ask("litellm")["fields"]
    assert leaks(bare["text"])
    assert bare["own"]
    assert told["text"].split() == f"{BEFORE}{REDACTED}{AFTER}".split()
    assert not told["own"]
    assert told["reasons"] == bare["reasons"]


def test_litellms_guardrail_needs_a_policy_and_lets_go_of_streams(ask: Ask) -> None:
    """One without guard or policy is not made; a reader who leaves closes the upstream.

    Whose answer has ended reads it to its end.
    """
    told = ask("litellm")
    assert "policy" in told["unmade"]["message"]
    assert told["early"]["closed"]
    assert (told["ended"]["read"], told["ended"]["done"]) == (True, True)


def test_the_readmes_blocks_for_frameworks_guard(ask: Ask) -> None:
    """LiteLLM's proxy by its configuration, an agent of LangChain, a pipeline and a decoder."""
    proxy, agent, model = (ask(name)["readme"] for name in ("litellm", "langchain", "transformers"))
    assert proxy["status"] == 200
    for told in (proxy, agent, model):
        assert REDACTED in told["text"]
        assert not leaks(told["text"])
    assert max(ask("transformers")["greedy control"]["runs"]) > 2 * MOST
    assert model["run"] <= MOST


@pytest.mark.parametrize("case", ["text", "async text", "blocks", "call", "structured", "logprobs"])
def test_an_agent_of_langchain_does_not_leak(ask: Ask, case: str) -> None:
    """Text, content blocks, tool calls, structured answers and log-probabilities are made safe."""
    told = ask("langchain")
    bare = told[f"{case.removeprefix('async ')} control"]
    words = "".join(character if character.isalnum() else " " for character in bare["all"])
    if case == "logprobs":
        assert "'brindled'" in bare["all"]
        assert "brindled" not in told[case]["all"]
    else:
        assert leaks(words)
    assert not leaks(told[case]["all"])
    assert told[case]["structured"] == "None"


@pytest.mark.parametrize("case", ["dealt", "thoughts"])
def test_blocks_of_langchain_are_read_together(ask: Ask, case: str) -> None:
    """A passage over many of them is redacted, cut within words or between them."""
    told = ask("langchain")
    assert len(told["dealt control"]["all"].split("'text': ")) > 5
    assert REDACTED in told[case]["all"]
    assert not any(word in told[case]["all"] for word in ("lanterns", "ferryman", "salted"))


@pytest.mark.parametrize("name", ["extra", "name", "key", "id"])
def test_every_field_of_langchains_messages_is_read(ask: Ask, name: str) -> None:
    """What stands in one is redacted; its name and the message's id are not, and are refused."""
    told = ask("langchain")
    for case in ("control", "observed"):
        assert "ferryman" in told[f"field {name} {case}"]["all"]
    assert "ferryman" not in told[f"field {name}"]["all"]
    assert told[f"field {name}"]["text"] == (REFUSAL if name in ("key", "id") else "Fine.")


def test_a_field_of_langchain_that_tells_a_text_again_is_emptied(ask: Ask) -> None:
    """The numbers of an answer's tokens do not go out."""
    told = ask("langchain")
    assert "token_ids=[1, 2]" in told["field dropped control"]["all"]
    assert "token_ids=None" in told["field dropped"]["all"]


def test_a_structured_response_of_langchain_is_read_by_itself(ask: Ask) -> None:
    """Not only in the JSON that it was parsed from, where its lines are one; it is refused."""
    told = ask("langchain")
    for case in ("provided control", "provided observed"):
        assert "ferryman" in told[case]["structured"]
    assert told["provided"]["structured"] == "None"
    assert told["provided"]["text"] == REFUSAL
    assert told["provided fine"]["structured"] == "Note(note='Fine.')"


def test_a_file_in_what_langchains_reader_wrote_is_no_echo(ask: Ask) -> None:
    """Its text is not theirs, so that an answer may not have it again."""
    assert ask("langchain")["echo file"]["text"] == f"{BEFORE}{REDACTED}{AFTER}"


def test_what_langchain_says_in_the_readers_place_is_no_echo(ask: Ask) -> None:
    """A summary by a model is none, unless all of a request is."""
    told = ask("langchain")
    assert PASSAGE in told["summary control"]["first"]
    assert leaks(told["summary control"]["text"])
    for case in ("summary", "echo made"):
        assert told[case]["text"] == f"{BEFORE}{REDACTED}{AFTER}", case
    assert leaks(told["echo made all"]["text"])


def test_what_is_redacted_goes_on_through_langchains_agent(ask: Ask) -> None:
    """The rest of an answer is kept, and a tool is called with its safe arguments."""
    told = ask("langchain")
    assert told["text"]["text"] == told["async text"]["text"] == f"{BEFORE}{REDACTED}{AFTER}"
    assert leaks(told["call control"]["kept"][0])
    assert told["call"]["kept"] == [f"{BEFORE}{REDACTED}{AFTER}"]
    assert told["call"]["text"] == "Done."
    assert told["blocks"]["text"].startswith(f"See: {REDACTED}")
    assert told["blocks"]["text"].endswith("so on.")


@pytest.mark.parametrize(
    "case", [*ENDED, "structured", "structured tools", "prompt", "async prompt"]
)
def test_a_refusal_ends_langchains_agent(ask: Ask, case: str) -> None:
    """The last message is the refusal; no tool is called and no model asked again."""
    told = ask("langchain")[case]
    assert told["text"] == REFUSAL
    assert told["reason"] == "content_filter"
    assert told["count"] == 2
    assert told["kept"] == []


def test_who_is_throttled_is_told_so(ask: Ask) -> None:
    """By LangChain's agent, and by LiteLLM's exception, in place of the refusal."""
    assert ask("langchain")["throttled"]["text"] == LATER
    told = ask("litellm")["apply throttled"]
    assert (told["raised"], told["message"]) == ("GuardrailRaisedException", LATER)


@pytest.mark.parametrize("block", BLOCKS)
def test_langchains_blocks_of_every_kind_are_read(ask: Ask, block: str) -> None:
    """A block that some provider takes for text does not reach the model unread."""
    assert ask("langchain")[f"prompt {block}"]["text"] == REFUSAL


def test_a_structured_response_of_langchain_outlives_what_is_coarsened(ask: Ask) -> None:
    """Usage and log-probabilities are as the policy discloses them, and the response is kept."""
    told = ask("langchain")["structured usage"]
    assert told["structured"] == "Note(note='Fine.')"
    assert "'total_tokens': 64" in told["all"]
    assert "brindled" not in told["all"]


@pytest.mark.parametrize("name", ["langchain", "transformers"])
def test_all_of_a_request_can_be_an_echo(ask: Ask, name: str) -> None:
    """With `echo = ["*"]` as by default, what the reader wrote may be said again."""
    for case in ("echo user", "echo all"):
        assert leaks(ask(name)[case]["text"]), case
    assert not leaks(ask(name)["echo system"]["text"])


@pytest.mark.parametrize("name", ["langchain", "transformers"])
def test_access_knows_which_model_is_asked(ask: Ask, name: str) -> None:
    """By the name that the model has, and where it is bound to another, by that."""
    told = ask(name)
    assert told["model allowed"]["text"] != REFUSAL
    for case in ("model denied", "model unknown"):
        assert told[case]["text"] == REFUSAL, case


def test_langchain_streams_no_token_that_was_not_checked(ask: Ask) -> None:
    """With `stream_mode="messages"` a guarded message comes whole."""
    told = ask("langchain")
    assert leaks(told["stream control"]["text"])
    assert told["stream control"]["pieces"] > 10
    for case in ("stream", "stream bound"):
        assert told[case]["text"] == f"{BEFORE}{REDACTED}{AFTER}"
        assert told[case]["pieces"] == 1
    assert told["stream refused"]["text"] == REFUSAL


def test_langchains_messages_are_left_alone_where_they_are_safe(ask: Ask) -> None:
    """A safe message is the model's own; observing changes none; `identify` says who asks."""
    told = ask("langchain")
    assert told["same"]["same"]
    assert told["text observed"]["text"] == told["text control"]["text"]
    assert told["prompt control"]["text"] == "Yes."
    assert told["asked by"]["subjects"] == ["ann"]


@pytest.mark.parametrize("case", ["greedy", "sampling", "beams", "batch"])
def test_a_model_emits_no_protected_run(ask: Ask, case: str) -> None:
    """A model that knows the passage by heart never says twelve words of it on end."""
    told = ask("transformers")
    assert max(told[f"{case} control"]["runs"]) > 2 * MOST
    assert max(told[case]["runs"]) <= MOST
    assert min(told[case]["words"]) > MOST


def test_a_run_that_began_in_the_prompt_counts_from_the_first_word_said(ask: Ask) -> None:
    """Words of the prompt are no part of a run."""
    assert max(ask("transformers")["late"]["runs"]) == MOST


def test_text_that_is_in_no_index_keeps_its_scores(ask: Ask) -> None:
    """Scores come back as the very tensor, and the model says what it said before."""
    told = ask("transformers")["ordinary"]
    assert told["same"]
    assert told["known"]


def test_only_tokens_that_complete_a_run_are_banned(ask: Ask) -> None:
    """The best others keep their scores, further down the ranking if need be; or the text ends."""
    told = ask("transformers")
    for case in ("ranked", "down the ranking", "only the end"):
        assert told[case]["banned"], case
        assert told[case]["untouched"], case
    assert told["ranked"]["allowed"] > 32
    assert told["ranked"]["kept"]
    assert told["down the ranking"]["allowed"] == 1
    assert told["down the ranking"]["kept"]
    assert not told["down the ranking"]["end"]
    assert told["only the end"]["end"]


def test_tokens_of_several_letters_leap_over_no_limit(ask: Ask) -> None:
    """Where each letter is a word, an index of small grams sees a run before a token ends it."""
    told = ask("transformers")["letters"]
    assert told["longest"] > 1
    assert told["control"] > 2 * MOST
    assert told["run"] <= MOST


@pytest.mark.parametrize("case", ["reused", "too few words", "pipeline streamer", "pipeline whole"])
def test_what_cannot_be_promised_is_an_error(ask: Ask, case: str) -> None:
    """A second prompt, runs too short for the index, and output that nobody would check."""
    assert ask("transformers")[case]["raised"] == "InputError"


def test_what_a_model_knows_by_heart_is_likely(ask: Ask) -> None:
    """Each measure tells it from the same words in another order, and the detector finds it."""
    told = ask("transformers")["likelihood"]
    for measure, (secret, public, *others) in told["measured"].items():
        assert told["found"][measure] == [True], measure
        sign = -1 if measure == "perplexity" else 1
        assert min(sign * secret, sign * public) > max(sign * one for one in others), measure
    assert told["measured"]["perplexity"][0] < 1.5
    assert told["same"]
    assert told["short"] is None
    assert told["raised"] == "PolicyError"


def test_a_guarded_pipeline_shows_safe_text_only(ask: Ask) -> None:
    """Prompts, lists of them and chats give records of the same shape; refusals are text."""
    told = ask("transformers")
    assert told["pipeline control"]["run"] > 2 * MOST
    for case in ("pipeline", "pipeline list", "pipeline chat", "stream"):
        assert told[case]["run"] <= 1, case
        assert REDACTED in told[case]["text"], case
    assert told["pipeline list"]["many"]
    assert "kettle" in told["pipeline list"]["text"]
    for case in ("pipeline refuses", "pipeline prompt", "pipeline parts"):
        assert told[case]["text"] == REFUSAL, case
