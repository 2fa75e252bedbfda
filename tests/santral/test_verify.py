"""`santral verify`: authentic calls pass, strangers are refused, and no secret is ever printed."""

import base64
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from channels import registry
from router.errors import Invalid
from santral import cli
from santral.verify import Verdict, judge, request_in, secret_names, secrets_from
from tests.kit.amount import times

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
SHARED = ROOT.parent / "shared" / "fixtures"
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
TOKEN = "a-test-token-of-the-sample-events"
SMS = EVENTS / "receive-twilio-sms.json"
FILE = SHARED / "vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text())["vectors"] if FILE.exists() else []
META = ("whatsapp", "messenger", "instagram")


def verdict(channel: str, record: Mapping[str, Any], secrets: Mapping[str, str], url: str | None = None) -> Verdict:
    if channel not in registry.names():
        pytest.skip(f"there is no channel '{channel}' yet")
    data = json.dumps(record).encode("utf-8", "surrogatepass")
    return judge(registry.get(channel), request_in(data, NOW, url), secrets, NOW)


def vectors(scheme: str) -> list[Any]:
    """The signature vectors kept beside the repository; one that is skipped where they are not."""
    found = [v for v in VECTORS if v["scheme"].startswith(scheme)]
    skipped = pytest.mark.skip(reason="no vectors beside the repository")
    return [pytest.param(v, id=v["name"][:50]) for v in found] or [pytest.param({}, marks=skipped)]


@pytest.mark.parametrize("vector", vectors("twilio"))
def test_a_vector_of_twilios(vector: dict[str, Any]) -> None:
    is_json = "body" in vector
    record = {
        "method": "POST",
        "url": vector["request_url"],
        "headers": {"X-Twilio-Signature": vector["signature"]},
        "content_type": "application/json" if is_json else "application/x-www-form-urlencoded",
        "body_text": vector["body"] if is_json else urlencode(vector["params"], doseq=True),
    }
    assert verdict("twilio", record, {"auth_token": vector["token"]}).authentic is vector["expect_valid"]
    assert not verdict("twilio", record, {"auth_token": vector["token"] + "x"}).authentic
    record |= {"url": "https://behind.example/", "body_base64": base64.b64encode(record["body_text"].encode()).decode()}
    found = verdict("twilio", record, {"auth_token": vector["token"]}, url=vector["request_url"])
    assert found.authentic is vector["expect_valid"]


@pytest.mark.parametrize("channel", META)
@pytest.mark.parametrize("vector", vectors("meta"))
def test_a_vector_of_metas(vector: dict[str, Any], channel: str) -> None:
    old = "sha1" in vector["scheme"]  # Meta sends both headers; whoever has only the older one is not Meta
    header = "X-Hub-Signature" if old else "X-Hub-Signature-256"
    record = {"method": "POST", "headers": {header: vector["header"]}, "body_text": vector["body"]}
    found = verdict(channel, record, {"app_secret": vector["secret"]})
    assert found.authentic is (vector["expect_valid"] and not old)
    assert not verdict(channel, record, {"app_secret": "another"}).authentic


@pytest.mark.parametrize("vector", vectors("telegram"))
def test_a_vector_of_telegrams(vector: dict[str, Any]) -> None:
    name, _, value = vector["header"].partition(": ")
    record = {"method": "POST", "headers": {name: value}, "body_text": '{"update_id": 1}'}
    found = verdict("telegram", record, {"webhook_secret": vector["secret_token"]})
    assert found.authentic is vector["expect_valid"]
    assert not verdict("telegram", record, {"webhook_secret": "another"}).authentic


@pytest.mark.parametrize("channel", META)
class TestHandshake:
    def call(self, **changes: str) -> dict[str, Any]:
        asked = {"hub.mode": "subscribe", "hub.verify_token": "knock", "hub.challenge": "1158201444"}
        return {"method": "GET", "url": "https://hooks.example.com/webhooks/meta", "query": asked | changes}

    def test_a_set_up_that_knows_our_token_is_authentic(self, channel: str) -> None:
        assert verdict(channel, self.call(), {"verify_token": "knock"}) == Verdict(authentic=True, handshake=True)
        written = self.call() | {"query": urlencode(self.call()["query"])}
        assert verdict(channel, written, {"verify_token": "knock"}).handshake
        inside = {"method": "GET", "url": "https://hooks.example.com/?" + written["query"]}
        assert verdict(channel, inside, {"verify_token": "knock"}).handshake
        assert verdict(channel, {"method": "GET"}, {"verify_token": "knock"}, url=inside["url"]).handshake

    def test_another_is_refused(self, channel: str) -> None:
        assert not verdict(channel, self.call(), {"verify_token": "another"}).authentic
        assert not verdict(channel, self.call(**{"hub.verify_token": ""}), {"verify_token": "knock"}).authentic
        assert not verdict(channel, self.call(), {}).authentic


class TestSecrets:
    twilio = registry.get("twilio")

    def test_an_option_goes_before_the_environment(self) -> None:
        environment = {
            "SANTRAL_AUTH_TOKEN": "one",
            "SANTRAL_ACCOUNT_SID": "AC1",
            "SANTRAL_OTHER": "x",
            "AUTH_TOKEN": "y",
        }
        assert secrets_from(self.twilio, [], environment) == {"auth_token": "one", "account_sid": "AC1"}
        found = secrets_from(self.twilio, ["auth_token=two=="], environment)
        assert found == {"auth_token": "two==", "account_sid": "AC1"}

    def test_one_of_before_a_rotation_has_its_name_too(self) -> None:
        assert "auth_token_previous" in secret_names(self.twilio)
        assert secrets_from(self.twilio, ["auth_token_previous=old"], {}) == {"auth_token_previous": "old"}

    @pytest.mark.parametrize("wrong", ["h0sh-h0sh", "h0sh-h0sh=1", "=h0sh-h0sh", ""])
    def test_what_is_no_secret_is_not_repeated(self, wrong: str) -> None:
        with pytest.raises(Invalid, match="auth_token") as invalid:
            secrets_from(self.twilio, [wrong], {})
        assert "h0sh" not in str(invalid.value)


@pytest.mark.parametrize("channel", ["email", "webchat"])
def test_where_nobody_signs_there_is_nothing_to_judge(channel: str) -> None:
    with pytest.raises(Invalid, match="signed"):
        verdict(channel, {"method": "POST", "body_text": "{}"}, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["method", "url", "headers", "query", "body_text", "body_base64", "content_type", "requestContext", "http"]
NAMES += ["rawPath", "rawQueryString", "isBase64Encoded", "body", "domainName", "stage"]
OBJECTS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8)
EVENTS_LIKE = st.builds(lambda event, http: event | {"requestContext": {"http": http}}, OBJECTS, OBJECTS)
RECORDS = st.builds(lambda record, method: record | {"method": method}, OBJECTS, st.sampled_from(["GET", "POST"]))


@settings(max_examples=times(300), deadline=None)
@given(st.binary(max_size=60) | (JSON | OBJECTS | EVENTS_LIKE | RECORDS).map(lambda value: json.dumps(value).encode()))
def test_any_file_is_judged_or_said_to_be_none(data: bytes) -> None:
    try:
        request = request_in(data, NOW)
    except Invalid:
        return
    for name in registry.names():
        channel = registry.get(name)
        if channel.secrets and channel.carrier == "http":
            assert not judge(channel, request, dict.fromkeys(channel.secrets, "h0sh"), NOW).authentic


class TestCommand:
    runner = CliRunner()

    @pytest.fixture(autouse=True)
    def no_secrets_of_this_shell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.startswith("SANTRAL_")]:
            monkeypatch.delenv(name)

    @pytest.fixture
    def run(self) -> Callable[..., tuple[int, str, str]]:
        def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
            result = self.runner.invoke(cli.build(), ["verify", *arguments], env=environment)
            assert not result.exception or isinstance(result.exception, SystemExit)
            assert TOKEN not in result.output
            assert "h0sh" not in result.output
            return result.exit_code, result.stdout, result.stderr

        return run

    @pytest.mark.parametrize("name", ["sms", "mms", "status", "whatsapp-button", "whatsapp-read"])
    def test_a_call_that_twilio_made(self, run: Callable[..., tuple[int, str, str]], name: str) -> None:
        path = str(EVENTS / f"receive-twilio-{name}.json")
        assert run("twilio", path, "--secret", f"auth_token={TOKEN}") == (0, "authentic\n", "")
        assert run("twilio", path, SANTRAL_AUTH_TOKEN=TOKEN)[:2] == (0, "authentic\n")

    def test_one_that_it_did_not_make(self, run: Callable[..., tuple[int, str, str]]) -> None:
        unsigned = str(EVENTS / "receive-twilio-unsigned.json")
        status, said, _ = run("twilio", unsigned, "--secret", f"auth_token={TOKEN}")
        assert (status, said) == (1, "refused: no X-Twilio-Signature\n")
        status, said, _ = run("twilio", str(SMS), "--secret", "auth_token=h0sh")
        assert (status, said) == (1, "refused: X-Twilio-Signature does not match\n")

    def test_one_by_another_url(self, run: Callable[..., tuple[int, str, str]]) -> None:
        url = "https://elsewhere.example.com/webhooks/twilio/sms"
        assert run("twilio", str(SMS), "--url", url, SANTRAL_AUTH_TOKEN=TOKEN)[0] == 1
        url = "https://hooks.example.com/webhooks/twilio/sms"
        assert run("twilio", str(SMS), "--url", url, SANTRAL_AUTH_TOKEN=TOKEN)[0] == 0

    def test_as_json(self, run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
        status, said, _ = run("twilio", str(SMS), "--json", SANTRAL_AUTH_TOKEN=TOKEN)
        told = {"file": str(SMS), "channel": "twilio", "authentic": True, "handshake": False, "why": None}
        assert (status, json.loads(said)) == (0, told)
        status, said, _ = run("twilio", str(tmp_path / "absent"), "--json")
        assert (status, json.loads(said)["error"]) == (2, "No such file or directory")

    def test_without_a_secret_it_says_how_to_give_one(self, run: Callable[..., tuple[int, str, str]]) -> None:
        status, said, hint = run("twilio", str(SMS))
        assert (status, said) == (1, "refused: no Twilio auth token is configured\n")
        assert "SANTRAL_AUTH_TOKEN" in hint

    @pytest.mark.parametrize(
        "content",
        [
            *("", "hello", "[]", "{}", '{"body": "x"}', '{"method": 7}', '{"Records": []}'),
            *('{"method": "POST", "body_base64": "?"}', '{"method": "POST", "body_text": {"a": 1}}'),
            *('{"requestContext": {"connectionId": "c="}}', '{"requestContext": {"http": {}}, "body": []}'),
        ],
    )
    def test_a_file_that_is_no_request(
        self, run: Callable[..., tuple[int, str, str]], tmp_path: Path, content: str
    ) -> None:
        (tmp_path / "call.json").write_text(content)
        status, said, why = run("twilio", str(tmp_path / "call.json"), SANTRAL_AUTH_TOKEN=TOKEN)
        assert (status, said) == (2, "")
        assert why

    def test_an_unknown_channel_or_secret_is_named(self, run: Callable[..., tuple[int, str, str]]) -> None:
        assert run("fax", str(SMS))[0] == 2
        status, _, why = run("twilio", str(SMS), "--secret", "h0sh")
        assert status == 2
        assert "auth_token" in why


# The folders of authored events beside the repository, and which of our secrets each of their test secrets is.
AUTHORED = {"sms_twilio": "twilio", "telegram": "telegram"} | {name: name for name in META}
SECRETS = {
    "auth_token": "auth_token",
    "app_secret": "app_secret",
    "secret_token": "webhook_secret",
    "verify_token": "verify_token",
}


@pytest.mark.parametrize(
    "path",
    [path for folder in AUTHORED for path in sorted((SHARED / folder / "authored-from-docs").glob("apigw_*.json"))],
    ids=lambda path: f"{path.parents[1].name}-{path.stem}",
)
def test_an_authored_event_is_judged_as_its_author_meant_it(path: Path) -> None:
    channel = AUTHORED[path.parents[1].name]
    event = json.loads(path.read_text())
    test = event.pop("_test")
    secrets = {ours: test[theirs] for theirs, ours in SECRETS.items() if theirs in test}
    expected = test.get("expect")
    refused = isinstance(expected, dict) and expected.get("statusCode") == 403
    assert verdict(channel, event, secrets).authentic is not refused
    assert not verdict(channel, event, {name: value + "x" for name, value in secrets.items()}).authentic
