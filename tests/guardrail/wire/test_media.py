"""Audio and images in chat completions: what is encoded goes out as it came; the rest is read."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from tests.guardrail.wire.exchanges import CHAT, MARK, SECRET, guard, whole

# A word of it is found, wherever it stands.
CLIP = base64.b64encode(random.Random(1).randbytes(300_000)).decode() + SECRET + "AA=="
URL = "data:image/png;base64,"


def told(**fields: Any) -> Any:
    """The message that is told of one with these fields."""
    message = {"role": "assistant", "content": None} | fields
    body = {"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    out = whole(guard(max_chars=10_000), CHAT, body)[2]
    return json.loads(out)["choices"][0]["message"]


def image(url: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}} | fields


def test_audio_goes_out_unread() -> None:
    """However long it is; its transcript is read."""
    audio = {"id": "a", "data": CLIP, "expires_at": 1, "transcript": "it is fine"}
    assert told(audio=audio)["audio"] == audio
    bad = told(audio=audio | {"transcript": f"it is {SECRET}."})["audio"]
    assert bad == audio | {"transcript": f"it is {MARK}."}


def test_images_go_out_unread() -> None:
    """Those that stand in the answer; what stands beside them is read, over all of them."""
    images = [image(URL + CLIP, index=0), image("https://x.example/1.png"), "x", image(URL + CLIP)]
    assert told(images=images)["images"] == images
    bad = told(images=[image(URL + CLIP, name=SECRET), {SECRET: 1}])["images"]
    assert bad == [image(URL + CLIP, name=MARK), {MARK: 1}]


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"it is {SECRET}",
        "x" * 200 + f" {SECRET}",
        f"data:text/plain;base64,{'A' * 200}{SECRET}",
        f"data:image/png;base64,{'A' * 100}{SECRET}",
        "x" * 200 + f"-{SECRET}",
        {"x": SECRET},
        [SECRET],
    ],
    ids=lambda text: str(text)[-40:],
)
def test_what_is_no_audio_and_no_image_is_read(text: Any) -> None:
    """A short word, and whatever is no base64 or is said to be something else, is text."""
    out = json.dumps(told(audio={"data": text}, images=[image(text)]))
    assert SECRET not in out
    assert out.count(MARK) == 2


def test_other_forms_are_read() -> None:
    """Audio that is no object, and images that are no list."""
    assert told(audio=f"it is {SECRET}")["audio"] == f"it is {MARK}"
    assert told(images={"x": SECRET})["images"] == {"x": MARK}
