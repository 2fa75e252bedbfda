"""Every registered channel against bytes that nobody meant: random, made up, and its own samples broken.

Whatever comes, parse raises nothing but Unparsable, says the same of the same bytes, yields what can be stored, and neither its
time nor its memory grows faster than the bytes do. A new channel is held to all of it by its samples and its case in
test_contract.
"""

from __future__ import annotations

import copy
import json
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from channels import registry
from channels.base import Channel, Request
from router.errors import Unparsable
from router.messages import Parsed
from router.receive import MAX_WEBHOOK_BYTES
from tests.channels.test_contract import CASES, KEY, SAMPLES, Case
from tests.kit.amount import times

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
HEAVY = settings(
    QUICK, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # a slow call is not shrunk: that is slower
LARGE = 128 * 1024
SLOW = 0.2  # seconds of processor time for LARGE bytes: below, nothing is asked; above, the growth must be linear
MEMORY = 64  # bytes at the peak for each byte of the call: a JSON of empty objects alone makes thirty of each
ROOM = 1024 * 1024  # and for all that does not grow: tables, patterns, models built on first use
TYPES = {".json": "application/json", ".form": "application/x-www-form-urlencoded"}


class Sample(NamedTuple):
    """One of our own payloads, with the type it comes as."""

    body: bytes
    kind: str

    @property
    def value(self) -> Any:
        """The JSON, if it is one."""
        return json.loads(self.body) if self.kind == TYPES[".json"] else None


class Judge:
    """One channel with its inbox: what may come of a call, whatever it holds."""

    def __init__(self, name: str) -> None:
        self.channel: Channel = registry.get(name)
        self.case: Case = CASES[name]()
        paths: list[Path] = sorted((SAMPLES / name).iterdir())
        self.samples = [Sample(path.read_bytes(), TYPES.get(path.suffix, "")) for path in paths]

    def request(self, body: bytes, kind: str) -> Request:
        """A call of that type."""
        rest = {name: value for name, value in self.case.request.headers.items() if name != "content-type"}
        return replace(self.case.request, body=body, headers=rest | ({"content-type": kind} if kind else {}))

    def parse(self, body: bytes, kind: str) -> Parsed | None:
        """What is found; None for what cannot be read. Anything but Unparsable fails the test."""
        try:
            return self.channel.parse(self.request(body, kind), self.case.inbox, KEY)
        except Unparsable:
            return None

    def judge(self, body: bytes, kind: str) -> None:
        """All that holds of any call."""
        parsed = self.parse(body, kind)
        assert self.parse(body, kind) == parsed, "the same bytes, the same ids"
        if parsed is None:
            return
        assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
        for found in (*parsed.messages, *parsed.receipts):
            json.dumps(found.model_dump(mode="json", exclude_defaults=True), allow_nan=False).encode()
        assert all(message.cursor for message in parsed.messages)
        assert 200 <= self.channel.acknowledge(parsed).status < 300

    def seconds(self, body: bytes, kind: str) -> float:
        """Processor time of one reading."""
        began = time.thread_time()
        self.parse(body, kind)
        return time.thread_time() - began

    def judge_growth(self, grow: Callable[[int], bytes], kind: str) -> None:
        """Slow calls are slow by their size alone."""
        whole = grow(LARGE)
        if self.seconds(whole, kind) > SLOW:
            quarter = grow(LARGE // 4)
            took, part = (min(self.seconds(body, kind) for _ in range(3)) for body in (whole, quarter))
            assert took < 8 * max(part, SLOW / 8), "four times the bytes took more than eight times as long"


@pytest.fixture(params=registry.names(), scope="module")
def judge(request: pytest.FixtureRequest) -> Judge:
    return Judge(request.param)


KINDS = st.sampled_from(["", "application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-16"])
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**63,
        10**30,
        1e308,
        1e-9,
        "",
        "\0",
        "\ud800",
        "0",
        "null",
        "٣",
        [],
        {},
        [[]],
        {"id": {"id": []}},
    ]
)
VALUES = st.one_of(STRANGE, st.integers(), st.floats(), st.text(max_size=8), st.lists(STRANGE, max_size=3))
TOKENS = st.sampled_from(
    [
        b"\0", b"\xff", b"\xc3", b"{", b"}", b"[", b'"', b"\\", b"\\ud800", b"&", b"=", b"%", b"%00", b"+", b"\r\n", b"\n\n", b"<!--",
        b"1e999", b"-Infinity", b"NaN", b",", b":", b"\xef\xbb\xbf", b"9" * 400,
    ]
)  # fmt: skip


def test_arbitrary_bytes(judge: Judge) -> None:
    @settings(QUICK, max_examples=times(60))
    @given(st.binary(max_size=2_000), KINDS)
    def check(body: bytes, kind: str) -> None:
        judge.judge(body, kind)

    check()


def test_arbitrary_json_of_its_own_words(judge: Judge) -> None:
    words = sorted({key for sample in judge.samples for key in _keys(sample.value)}) or ["type"]
    whole = st.recursive(
        VALUES | st.sampled_from(words),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(words) | st.text(max_size=3), inner, max_size=5)
        ),
        max_leaves=12,
    )

    @settings(QUICK, max_examples=times(100))
    @given(whole)
    def check(value: Any) -> None:
        judge.judge(json.dumps(value).encode(), "application/json")

    check()


def test_its_own_samples_with_broken_bytes(judge: Judge) -> None:
    edit = st.tuples(st.integers(0, 1 << 16), st.integers(0, 60), TOKENS | st.binary(max_size=20), st.booleans())

    @settings(QUICK, max_examples=times(150))
    @given(st.sampled_from(judge.samples), st.lists(edit, min_size=1, max_size=5), st.data())
    def check(sample: Sample, edits: list[tuple[int, int, bytes, bool]], data: st.DataObject) -> None:
        body = sample.body
        for start, length, put, twice in edits:
            at = start % (len(body) + 1)
            cut = body[at : at + length]
            body = body[:at] + (cut + cut if twice else put) + body[at + length :]
        if data.draw(st.booleans()):
            body = body[: data.draw(st.integers(0, len(body)))]
        judge.judge(body, sample.kind)

    check()


def test_its_own_samples_with_other_values(judge: Judge) -> None:
    shapes = [value for sample in judge.samples if isinstance(value := sample.value, (dict, list))]
    if not shapes:
        pytest.skip("its calls are no JSON")

    @settings(QUICK, max_examples=times(200))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        value = copy.deepcopy(data.draw(st.sampled_from(shapes)))
        for _ in range(data.draw(st.integers(1, 4))):
            path = data.draw(st.sampled_from([path for path in _places(value) if path] or [()]))
            if path:
                _change(value, path, data)
        judge.judge(json.dumps(value).encode("utf-8", "surrogatepass"), "application/json")

    check()


@pytest.mark.parametrize("levels", [30, 300, 3_000, 100_000])
def test_however_deep_it_is_nested(judge: Judge, levels: int) -> None:
    for sample in judge.samples[:: max(1, len(judge.samples) // 5)]:
        value = sample.value
        at = next((path for path in _places(value) if path and isinstance(_at(value, path), (dict, list))), None)
        if at is None:
            body, head = b"[" * levels, sample.body[:40]
            judge.judge(head + body, sample.kind)
            continue
        for opening, closing in (("[", "]"), ('{"text":', "}"), ('[{"message":', "}]")):
            _put(value, at, "HERE")
            deep = json.dumps(value).replace('"HERE"', opening * levels + "1" + closing * levels)
            judge.judge(deep.encode()[:MAX_WEBHOOK_BYTES], sample.kind)


FILLERS = [
    "a",
    " ",
    "\n",
    "<",
    "&",
    "@",
    "a@b.c ",
    "(",
    '"',
    "[",
    "+1 ",
    "1",
    "/",
    "http://a.b ",
    "ş",
    "😀",
    "\u0301",
    "=?",
    "{}",
    ".,",
]


def test_what_is_made_to_be_slow_or_large_is_neither(judge: Judge) -> None:
    @settings(HEAVY, max_examples=25)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        sample = data.draw(st.sampled_from(judge.samples))
        grow = data.draw(st.sampled_from(list(_growths(sample, data))))
        judge.judge_growth(grow, sample.kind)

    check()


@pytest.mark.parametrize("filler", ["&", "@", "<", "=?"])
def test_no_field_of_a_mail_or_form_is_slow_when_it_is_long(judge: Judge, filler: str) -> None:
    bodies = [sample for sample in judge.samples if sample.value is None]
    places = {name: (sample, at) for sample in bodies for name, at in _fields(sample.body)}
    for sample, at in places.values():
        judge.judge_growth(_longer(sample.body, at, filler.encode()), sample.kind)


def test_its_memory_grows_no_faster_than_the_call(judge: Judge) -> None:
    for sample in judge.samples:  # whatever is made once is made now
        judge.parse(sample.body, sample.kind)

    @settings(HEAVY, max_examples=8)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        sample = data.draw(st.sampled_from(judge.samples))
        grow = data.draw(st.sampled_from(list(_growths(sample, data))))
        body = grow(LARGE)
        tracemalloc.start()
        try:
            judge.parse(body, sample.kind)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < MEMORY * len(body) + ROOM

    check()


@pytest.mark.parametrize("filler", ["a", "<", " ", "\n", "😀", "@"])
def test_a_megabyte_in_one_place_is_read_or_refused(judge: Judge, filler: str) -> None:
    sample = judge.samples[FILLERS.index(filler) % len(judge.samples)]
    texts = [path for path in _places(sample.value) if isinstance(_at(sample.value, path), str)]
    if texts:
        value = sample.value
        _put(
            value,
            max(texts, key=lambda path: len(_at(value, path))),
            filler * ((MAX_WEBHOOK_BYTES - 4_000) // len(filler.encode())),
        )
        body = json.dumps(value, ensure_ascii=False).encode()
    else:
        body = sample.body + filler.encode() * ((MAX_WEBHOOK_BYTES - len(sample.body)) // len(filler.encode()))
    judge.judge(body, sample.kind)


# --- making them ----------------------------------------------------------------------------------------------------

Place = tuple[Any, ...]


def _growths(sample: Sample, data: st.DataObject) -> Iterator[Callable[[int], bytes]]:
    """Ways to make a sample larger: one text, one list, one object of many keys, or its own bytes again and again."""
    filler = data.draw(st.sampled_from(FILLERS))
    value = sample.value
    places = [path for path in _places(value) if path]
    if not places:
        at = data.draw(st.integers(0, len(sample.body)))
        yield _longer(sample.body, at, filler.encode())
        part = sample.body[at : at + data.draw(st.integers(1, 80))] or b"x"
        yield _longer(sample.body, at, part)
        return
    path = data.draw(st.sampled_from(places))
    here = json.dumps(_at(value, path)).encode()

    def written(inner: bytes) -> bytes:
        whole = copy.deepcopy(value)
        _put(whole, path, "HERE")
        return json.dumps(whole).encode().replace(b'"HERE"', inner, 1)

    text = json.dumps(filler, ensure_ascii=False)[1:-1].encode()
    yield lambda size: written(b'"' + _filled(text, size) + b'"')
    yield lambda size: written(b"[" + _filled(here + b",", size) + here + b"]")
    yield lambda size: written(b"{" + b",".join(b'"%d":%s' % (n, here) for n in range(size // (len(here) + 8))) + b"}")
    lists = [path for path in places if isinstance(_at(value, path), list) and _at(value, path)]
    if lists:
        many = data.draw(st.sampled_from(lists))
        one = _at(value, many)
        each = len(json.dumps(one))

        def repeated(size: int) -> bytes:
            whole = copy.deepcopy(value)
            _put(whole, many, one * max(1, size // each))
            return json.dumps(whole).encode()

        yield repeated


def _fields(body: bytes) -> Iterator[tuple[bytes, int]]:
    """The names of a mail's headers or a form's fields, each with where its value begins."""
    for found in re.finditer(rb"(?m)(?:^|&)([\w-]+)(?:: |=)", body):
        yield found[1], found.end()


def _longer(body: bytes, at: int, piece: bytes) -> Callable[[int], bytes]:
    return lambda size: body[:at] + _filled(piece, size) + body[at:]


def _filled(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(inner)


def _places(value: Any, path: Place = ()) -> Iterator[Place]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield from _places(item, (*path, name))


def _at(value: Any, path: Place) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(value: Any, path: Place, new: Any) -> None:
    _at(value, path[:-1])[path[-1]] = new


def _change(value: Any, path: Place, data: st.DataObject) -> None:
    """One thing in it becomes something else, goes, is doubled, or lies one deeper."""
    holder, name = _at(value, path[:-1]), path[-1]
    match data.draw(st.sampled_from(["retype", "delete", "wrap", "double", "swap", "long"])):
        case "retype":
            holder[name] = copy.deepcopy(data.draw(VALUES))
        case "delete":
            del holder[name]
        case "wrap":
            holder[name] = data.draw(st.sampled_from([[holder[name]], {"text": holder[name]}, [[holder[name]]]]))
        case "double" if isinstance(holder[name], list):
            holder[name] = holder[name] * 2
        case "double":
            holder[name] = [copy.deepcopy(holder[name])] * 2
        case "swap":
            holder[name] = copy.deepcopy(_at(value, data.draw(st.sampled_from(list(_places(value))))))
        case "long":
            holder[name] = data.draw(st.sampled_from(FILLERS)) * data.draw(st.integers(1, 3_000))
