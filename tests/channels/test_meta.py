"""Meta's calls: who makes them, the handshake, the envelope, times, and what a refusal means."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import meta, registry
from channels.base import HttpResponse, Request, Response
from router.config import Inbox
from router.errors import Refused, Rejected, Temporary, TooLarge, Unknown, Unparsable
from router.messages import Parsed

NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
BODY = b'{"object":"page","entry":[]}'
FILE = Path(__file__).parents[3] / "shared" / "fixtures" / "vectors.json"
VECTORS = [v for v in json.loads(FILE.read_text())["vectors"] if "meta" in v["scheme"]] if FILE.exists() else []


def call(body: bytes = BODY, **headers: str) -> Request:
    return Request(body=body, headers={name.replace("_", "-"): v for name, v in headers.items()}, received_at=NOW)


def passes(request: Request, **credentials: str) -> bool:
    try:
        meta.check(request, credentials)
    except Refused:
        return False
    return True


class TestSignature:
    def test_holds_for_the_bytes_under_the_current_secret_or_the_previous_one(self) -> None:
        signed = call(x_hub_signature_256=meta.signature("sesame", BODY))
        assert passes(signed, app_secret="sesame")
        assert passes(signed, app_secret="new", app_secret_previous="sesame")
        assert not passes(signed, app_secret="new")

    def test_does_not_hold_for_other_bytes_that_mean_the_same(self) -> None:
        request = call(BODY.replace(b":", b": "), x_hub_signature_256=meta.signature("sesame", BODY))
        assert not passes(request, app_secret="sesame")

    @pytest.mark.parametrize("value", ["", "sha256=", "sha256=é\ud800", "sha1=x", "0" * 64])
    def test_anything_else_is_refused(self, value: str) -> None:
        assert not passes(call(x_hub_signature_256=value), app_secret="sesame")

    def test_without_a_secret_nobody_passes_not_even_with_one_of_nothing(self) -> None:
        signed = call(x_hub_signature_256=meta.signature("", BODY))
        assert not passes(signed)
        assert not passes(signed, app_secret="", app_secret_previous="")

    @pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in VECTORS])
    def test_the_vectors_hold_but_for_the_legacy_sha1_one(self, vector: dict[str, Any]) -> None:
        legacy = "sha1" in vector["scheme"]
        header = "x_hub_signature" if legacy else "x_hub_signature_256"
        request = call(vector["body"].encode(), **{header: vector["header"]})
        assert passes(request, app_secret=vector["secret"]) is (vector["expect_valid"] and not legacy)
        assert not passes(request, app_secret=vector["secret"] + "x")

    @pytest.mark.skipif(not VECTORS, reason="no vectors beside the repository")
    def test_there_are_all_vectors(self) -> None:
        assert len(VECTORS) == 5


class TestChallenge:
    def ask(self, query: str, method: str = "GET", **credentials: str) -> Response | None:
        return meta.challenge(
            Request(method=method, query=query, received_at=NOW), credentials or {"verify_token": "open sesame"}
        )

    def test_is_answered_as_plain_text_to_who_knows_our_token(self) -> None:
        query = "hub.mode=subscribe&hub.verify_token=open+sesame&hub.challenge=1158201444"
        assert self.ask(query) == Response(200, "1158201444", "text/plain")
        assert self.ask(query, verify_token="new", verify_token_previous="open sesame")

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "hub.mode=subscribe&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=open&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
            "hub.mode=unsubscribe&hub.verify_token=open+sesame&hub.challenge=1",
            "hub.mode=subscribe&hub.verify_token=open+sesame",
            "a&" * 60,
            "hub.verify_token=%ff%00&hub.mode=%",
        ],
    )
    def test_any_other_get_is_refused(self, query: str) -> None:
        with pytest.raises(Refused):
            self.ask(query)

    def test_without_a_token_of_ours_every_one_is_refused(self) -> None:
        for token in ({}, {"verify_token": ""}):
            request = Request(
                method="GET", query="hub.mode=subscribe&hub.verify_token=&hub.challenge=1", received_at=NOW
            )
            with pytest.raises(Refused):
                meta.challenge(request, token)

    def test_a_post_is_none(self) -> None:
        assert self.ask("hub.mode=subscribe", method="POST") is None


class TestEnvelope:
    def test_has_entries_and_says_what_it_is_about(self) -> None:
        request = call(b'{"object":"page","entry":[{"id":"1"},7,{"id":"2"}]}')
        assert meta.object_of(request) == "page"
        assert meta.entries(request) == [{"id": "1"}, {"id": "2"}]

    def test_the_dashboards_bare_sample_is_one_entry(self) -> None:
        (entry,) = meta.entries(call(b'{"field":"messages","value":{"text":"x"}}'))
        assert entry == {"changes": [{"field": "messages", "value": {"text": "x"}}]}

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"{}", b'{"entry":{}}', b'{"entry":[NaN]}', b"[" * 5000, b"\xff"]
    )
    def test_anything_else_is_unparsable(self, body: bytes) -> None:
        with pytest.raises(Unparsable):
            meta.entries(call(body))

    def test_a_nest_deeper_than_any_of_metas_is_too_large(self) -> None:
        with pytest.raises(TooLarge):
            meta.entries(call(b'{"entry":[' + b"[" * 100 + b"]" * 100 + b"]}"))

    def test_what_json_dynamodb_or_utf8_cannot_carry_is_mended(self) -> None:
        huge = b"9" * 50
        (entry,) = meta.entries(
            call(b'{"entry":[{"a\\ud800":"\\ud83d b\\u0000","c":1e999,"d":' + huge + b',"e":true}]}')
        )
        assert entry == {"a\ufffd": "\ufffd b", "c": None, "d": huge.decode(), "e": True}


class TestTimes:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (1773119783000, "2026-03-10T05:16:23+00:00"),
            ("1773119783250", "2026-03-10T05:16:23.250000+00:00"),
            (1773119783, "2026-03-10T05:16:23+00:00"),
            ("2026-03-10T05:16:23+0000", "2026-03-10T05:16:23+00:00"),
        ],
    )
    def test_of_messaging_are_milliseconds_or_else_what_they_can_only_be(self, value: object, found: str) -> None:
        time = meta.milliseconds(value)
        assert time is not None
        assert time.isoformat() == found

    @pytest.mark.parametrize("value", [1773119783, "1773119783"])
    def test_of_whatsapp_are_seconds(self, value: object) -> None:
        assert meta.seconds(value) == NOW

    @pytest.mark.parametrize(
        "value", [None, True, 0, -1, "", "x", "²", [], {}, 10**20, "9" * 4000, 1e300, "2026-03-10"]
    )
    def test_anything_else_is_none(self, value: object) -> None:
        assert meta.milliseconds(value) is None
        assert meta.seconds(value) is None


def answer(status: int = 400, headers: dict[str, str] | None = None, **error: Any) -> HttpResponse:
    return HttpResponse(status, headers or {}, json.dumps({"error": error}).encode() if error else b"<html>")


class TestRefusals:
    @pytest.mark.parametrize("code", [4, 9, 17, 32, 613, 80006, 80007])
    def test_a_rate_limit_is_temporary_and_waits_as_long_as_meta_says(self, code: int) -> None:
        with pytest.raises(Temporary) as error:
            meta.refused(answer(400, {"Retry-After": "30"}, code=code))
        assert error.value.retry_after == 30

    def test_429_and_what_meta_calls_transient_are_temporary(self) -> None:
        for response in (answer(429), answer(400, code=100, is_transient=True), answer(400, code=1200)):
            with pytest.raises(Temporary) as error:
                meta.refused(response)
            assert error.value.retry_after is None

    @pytest.mark.parametrize(
        "response",
        [answer(500), answer(503, code=190), answer(408), answer(302), answer(400, code=1), answer(400, code=2)],
    )
    def test_what_may_have_been_done_is_unknown_or_temporary_where_a_repeat_is_harmless(
        self, response: HttpResponse
    ) -> None:
        with pytest.raises(Unknown):
            meta.refused(response)
        with pytest.raises(Temporary):
            meta.refused(response, harmless=True)

    @pytest.mark.parametrize(
        ("error", "code", "suppress", "credentials"),
        [
            ({"code": 190, "error_subcode": 463}, "190/463", False, True),
            ({"code": 102}, "102", False, True),
            ({"code": 10}, "10", False, True),
            ({"code": 200}, "200", False, True),
            ({"code": 294}, "294", False, True),
            ({"code": 10, "error_subcode": 2018278}, "10/2018278", False, False),
            ({"code": 10, "error_subcode": 2534022}, "10/2534022", False, False),
            ({"code": 10, "error_subcode": 2018108}, "10/2018108", True, False),
            ({"code": 551, "error_subcode": 1545041}, "551/1545041", True, False),
            ({"code": 200, "error_subcode": 1545041}, "200/1545041", True, False),
            ({"code": 100}, "100", False, False),
            ({"code": "100", "error_subcode": "2018001"}, "100/2018001", True, False),
            ({"code": 424242}, "424242", False, False),
            ({"code": "no"}, "400", False, False),
        ],
    )
    def test_a_no_for_good_says_whose_fault_it_is(
        self, error: dict[str, Any], code: str, suppress: bool, credentials: bool
    ) -> None:
        with pytest.raises(Rejected) as rejected:
            meta.refused(answer(400, message="(#1) Ada's id 24070193", **error))
        found = rejected.value
        assert (found.code, found.suppress, found.credentials) == (code, suppress, credentials)
        assert "Ada" not in str(found)

    def test_a_channel_may_know_more_codes(self) -> None:
        more = {**meta.GRAPH_ERRORS, (131_047, None): meta.Meaning("only a template may be sent now")}
        with pytest.raises(Rejected, match="only a template"):
            meta.refused(answer(400, code=131_047), errors=more)

    def test_a_401_without_a_body_is_about_the_token(self) -> None:
        with pytest.raises(Rejected) as rejected:
            meta.refused(answer(401))
        assert rejected.value.credentials


SAMPLES = sorted(
    path for name in ("messenger", "instagram") for path in (Path(__file__).parent / "samples" / name).glob("*")
)
JUNK: list[Any] = [None, True, -1, 1e308, 10**40, "", "\ud800", "x", [], [[]], {}, {"id": []}]


def damaged(value: Any) -> Iterator[Any]:
    """The value with one part of it at a time replaced by what should not be there."""
    yield from JUNK
    if isinstance(value, dict):
        for name in value:
            yield from ({**value, name: other} for other in damaged(value[name]))
    if isinstance(value, list):
        for at in range(len(value)):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in damaged(value[at]))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_part_of_another_type_anywhere_is_read_or_unparsable(path: Path) -> None:
    channel = registry.get(path.parent.name)
    inbox = Inbox(name="social", channel=channel.name, address="label", queue="main")
    for value in damaged(json.loads(path.read_text("utf-8"))):
        try:
            parsed = channel.parse(call(json.dumps(value).encode()), inbox, b"0" * 32)
        except Unparsable:
            continue
        assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
