"""The desk counts SMS as the channel does: one table of texts, both counts."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from router.segments import split

SEGMENTS = Path(__file__).resolve().parent.parent.parent / "web" / "segments.js"
TEXTS = (
    "",
    "Yes, from 10 to 18.",
    "Ürününüz yolda",  # in the basic table, but for the small u with diaeresis it is there too
    "Siparişiniz yolda",
    "çanta",
    "ÇANTA",
    "a" * 160,
    "a" * 161,
    "a" * 306,
    "a" * 307,
    "€" * 80,
    "€" * 81,
    "a" * 152 + "€" + "a" * 152,  # the two septets of € do not fit into the first part
    "ş" * 70,
    "ş" * 71,
    "ş" * 134,
    "ş" * 135,
    "😀" * 35,
    "😀" * 36,
    "a" * 66 + "😀" + "a" * 66,  # nor does a surrogate pair
    "tab\there",
    "line\nfeed\r\n",
    "{[^]}~|\\",
    "ΔΦΓΛΩΠΨΣΘΞ" * 16,
    "`backtick`",
)
COUNT = """
import { segments } from %s;
let asked = "";
for await (const piece of process.stdin) asked += piece;
console.log(JSON.stringify(JSON.parse(asked).map(segments)));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_the_page_and_the_channel_count_alike() -> None:
    script = COUNT % json.dumps(SEGMENTS.as_uri())
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", script], input=json.dumps(TEXTS), capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    for text, counted in zip(TEXTS, json.loads(ran.stdout), strict=True):
        ours = split(text)
        assert (counted["encoding"], counted["count"]) == (ours.encoding, ours.count), text
        assert bool(counted["costly"]) is (ours.encoding == "UCS-2"), text
        assert 0 <= counted["left"] < 161, text
