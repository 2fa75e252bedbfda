"""The desk has words for everything a conversation's history holds, in both languages: today's records and older ones."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from router.explaining_story import TELLS

WEB = Path(__file__).resolve().parent.parent.parent / "web"
AGENTS = [["ayse", {"display_name": "Ayşe"}], ["mehmet", {"display_name": "Mehmet"}]]
DECISION: dict[str, Any] = {
    "v": 2, "policy": "default", "agent": "ayse", "queue": "genel", "channel": "sms", "units": 3, "priority": 5, "offer_s": 30,
    "needs": "billing>=3 and (tr or en) and not trainee", "rung": 60, "waited_ms": 61_000, "target_s": 3600, "score": [0, 0.000553],
    "fit": ["ayse", "mehmet"], "chosen": ["primary skill, level 4", "fullest that fits, 6 units free", "longest idle"],
    "excluded": {"presence:away": ["can"], "skill:billing>=3": 120, "hours": ["ece"], "declined": ["ali"], "limit:sms": ["su"]},
    "rules": {"message": "m_1", "config": "1", "matched": {"vip": {}}, "failed": {"broken": "no such key"}},
    "others": 2, "next": [["c_x.default.1", 0, 0.1], ["c_y.default.1", 0, 0.1]],
}  # fmt: skip
OLD = {
    "queue": "genel", "skill": "genel", "agent": "ayse", "fit": [["ayse", 6]],
    "excluded": {"presence:away": ["mehmet"], "capacity": ["can"]},
}  # fmt: skip
BY_HAND = {"policy": "by hand", "waited_ms": 5_000, "needs": "genel", "overruled": "skill:genel"}
UNTIL = "2026-03-03T06:00:00+00:00"
ENTRIES: list[tuple[str, dict[str, Any]]] = [
    ("decision", DECISION),
    ("decision", {**DECISION, "offer_s": None, "fit": 300, "score": [1, 7.0], "rung": 0}),
    ("decision", {**DECISION, "agent": None, "fit": [], "chosen": None, "score": None, "others": None}),
    ("decision", {**DECISION, "fit": "AQ==", "excluded": {"capacity": "Ag=="}}),  # whose version is gone
    ("decision", OLD),
    ("decision", {**OLD, "agent": None, "fit": []}),
    ("decision", {**OLD, "fit": 1, "excluded": {"presence:away": 1, "capacity": 2}}),  # as agents read it
    ("decision", {**DECISION, "fit": 2, "excluded": {"hours": 1}, "score": None, "others": None}),
    ("take", {"decision": BY_HAND}),
    ("take", {"decision": None}),
    ("assign", {"agent": "mehmet", "from": "ayse", "note": "yours", "decision": BY_HAND}),
    ("transfer", {"queue": "uzman", "from": "ayse"}),
    ("transfer", {"agent": "mehmet", "note": "yours"}),
    ("transfer", {"skill": "billing>=3", "from": "ayse"}),
    ("transfer", {"skill": ["billing>=3", {"any": ["tr", "en"]}, {"none": ["trainee"]}]}),
    ("decline", {"decision": "h_1", "reason": "not mine"}),
    ("missed", {"agent": "ayse", "in_a_row": 3, "paused_until": UNTIL}),
    ("missed", {"agent": "ayse", "in_a_row": 1}),
    ("withdrawn", {"agent": "ayse", "decision": "d_1", "presence": "away"}),
    ("snooze", {"until": UNTIL}),
    ("returned", {"from": "ayse"}),
    ("tag", {"add": ["vip"], "remove": ["new"]}),
    ("category", {"to": "complaint"}),
    ("category", {"to": None}),
    ("verification", {"channel": "email"}),
    ("opted_out", {"channel": "sms"}),
    ("opted_in", {"channel": "sms"}),
    ("breach", {"due_at": UNTIL}),
    ("breach", {"due_at": UNTIL, "target": "promise"}),
    ("promise", {"until": UNTIL, "what": "call back", "by": "ayse"}),
    ("promise", {"until": UNTIL, "what": "", "by": "auto"}),
    ("score", {"kind": "quality", "score": 80, "agent": "ayse", "text": "friendly"}),
    ("score", {"kind": "quality"}),
    (
        "warning",
        {"target": "accept", "share": 75, "due_at": UNTIL, "actions": [{"priority": [5, 4], "watchers": ["ayse"]}]},
    ),
    (
        "breach",
        {
            "target": "resolution",
            "share": 100,
            "actions": [{"queue": ["a", "b"], "relaxed": True, "told": None, "desk": True}],
        },
    ),
    (
        "reminder",
        {
            "target": "promise",
            "share": 101,
            "actions": [
                {
                    "told": "m_1",
                    "voucher": "OZUR-7K4M-Q2XD",
                    "call": {"promise": "call_1", "due_at": UNTIL},
                    "mailed": ["a@example.com"],
                    "webhooks": ["crm"],
                },
            ],
        },
    ),
]
TELL = """
globalThis.navigator ??= { languages: ["en-GB", "tr-TR"] };
globalThis.document = { querySelectorAll: () => [], documentElement: {} };
let chosen = null;
globalThis.localStorage = { getItem: () => chosen, setItem: () => {} };
let asked = "";
for await (const piece of process.stdin) asked += piece;
const { agents, entries, language } = JSON.parse(asked);
chosen = language;
const { historyWords } = await import(%s);
const told = entries.map(([what, detail]) => historyWords({ at: "2026-03-02T09:00:00Z", what, who: "ayse", detail }, new Map(agents)));
console.log(JSON.stringify(told));
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")


def told(language: str, entries: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Each entry as the page tells it: {text, why}."""
    script = TELL % json.dumps((WEB / "desk-history.js").as_uri())
    asked = json.dumps({"agents": AGENTS, "entries": entries, "language": language})
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", script], input=asked, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_kind_of_entry_is_told_in_words(language: str) -> None:
    entries = [*ENTRIES, *((what, {}) for what in TELLS if what not in {kind for kind, _ in ENTRIES})]
    for (what, _), words in zip(entries, told(language, entries), strict=True):
        lines = [words["text"], *(why if isinstance(why, str) else why["text"] for why in words["why"])]
        for line in lines:
            assert line.strip(), what
            assert not re.search(r"\{\w+\}|undefined|NaN|null|\[object|history\.|reason\.|chosen\.|needs\.", line), (
                what,
                line,
            )
        assert not words["text"].startswith(("Ayşe: ", "ayse: ")), f"{what} has no words of its own"


def test_a_decision_says_who_why_and_why_not_the_others() -> None:
    offered, given, nobody, gone, old, _ = told("en", ENTRIES[:6])
    assert offered["text"] == "Offered to Ayşe, with 30 secs to accept"
    assert offered["why"] == [
        "Asked for, after 1 min of waiting: billing ≥ 3 and (tr or en) and not trainee",
        "Chosen: the most skilled (level 4), the fullest with room for it (6 units free), free for the longest time",
        "Could have taken it as well: Mehmet",
        "can: is away",
        "120 agents: lacks the skill billing ≥ 3",
        "ece: outside working hours",
        "ali: not to be asked again so soon",
        "su: has enough of SMS",
        "Urgency 0.000553 by the policy default, after waiting 1 min 1 sec",
        "Rules: vip",
        "Rules that had no answer: broken",
        {"text": "2 other conversations could have been given then (open the next)", "conversation": "c_x.default.1"},
    ]
    assert given["text"] == "Assigned to Ayşe"
    assert "299 others could have taken it as well" in given["why"]
    assert nobody["text"] == "Nobody could take it; it waits"
    assert "…: has no room left" in gone["why"]
    assert old["why"] == [
        "queue genel, skill genel; 3 considered",
        "Ayşe: could take it, 6 units free",
        "Mehmet: is away",
        "can: has no room left",
    ]


NEEDS = [
    ("not (a and (b or c>=2)) and d", "not (a and (b or c ≥ 2)) and d", "((a ve (b veya c ≥ 2)) hariç) ve d"),
    ("not not a or not (b and c)", "a or not (b and c)", "a veya ((b ve c) hariç)"),
    ("not-so and or-so", "not-so and or-so", "not-so ve or-so"),
]
"""Requirements as records have them, and as the desk tells them."""


@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_not_of_several_is_told_whole(language: str) -> None:
    entries = [("take", {"decision": {"needs": needs}}) for needs, *_ in NEEDS]
    asked = {"en": "Asked for: ", "tr": "Aranan: "}[language]
    assert [one["why"] for one in told(language, entries)] == [
        [asked + (english if language == "en" else turkish)] for _, english, turkish in NEEDS
    ]


def test_a_not_of_one_of_two_rules_nobody_out() -> None:
    excluded = {"skill:not (a and b)": 1, "skill:not a": 1, "skill:not b or a": 1, "skill:not not c": 1}
    (words,) = told("en", [("decision", {**DECISION, "excluded": excluded})])
    assert words["why"][3:7] == [
        "One agent: has (a and b), which is ruled out",
        "One agent: has a, which is ruled out",
        "One agent: lacks the skill not b or a",
        "One agent: lacks the skill c",
    ]


def test_a_snooze_offers_times_that_people_mean() -> None:
    script = f"""
    globalThis.navigator ??= {{ languages: ["en-GB"] }};
    const {{ snoozeChoices }} = await import({json.dumps((WEB / "desk-snooze.js").as_uri())});
    const at = (...parts) => snoozeChoices(new Date(...parts)).map((one) => [one.key, one.at.toString().slice(0, 21)]);
    console.log(JSON.stringify([at(2026, 2, 2, 12, 0), at(2026, 2, 1, 17, 45), at(2026, 11, 31, 23, 30)]));
    """
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, check=True
    )
    monday, sunday, eve = json.loads(ran.stdout)
    assert monday == [
        ["snooze.hour", "Mon Mar 02 2026 13:00"], ["snooze.evening", "Mon Mar 02 2026 18:00"], ["snooze.tomorrow", "Tue Mar 03 2026 09:00"],
        ["snooze.monday", "Mon Mar 09 2026 09:00"],
    ]  # fmt: skip
    assert sunday == [["snooze.hour", "Sun Mar 01 2026 18:45"], ["snooze.tomorrow", "Mon Mar 02 2026 09:00"]]
    assert [when for _, when in eve] == ["Fri Jan 01 2027 00:30", "Fri Jan 01 2027 09:00", "Mon Jan 04 2027 09:00"]
