"""`santral normalize`: every envelope is opened, every file gets its line, and nothing makes it crash."""

import base64
import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from channels import registry
from channels.base import Request
from router.errors import Unparsable
from router.messages import Ignored
from santral import cli
from santral.normalize import files, normalize
from santral.unwrap import MAX_DEPTH, Found, unwrap
from tests.kit.amount import times

ROOT = Path(__file__).parents[2]
SMS = ROOT / "tests" / "channels" / "samples" / "twilio" / "sms.form"
EVENTS = ROOT / "events"
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
BODY = SMS.read_bytes()
WRITTEN = [name for name in registry.names() if find_spec(f"channels.{name}")]


def found(value: object) -> list[Found]:
    return list(unwrap(value if isinstance(value, bytes) else json.dumps(value).encode(), NOW))


def only_request(value: object) -> Request:
    (request,) = found(value)
    assert isinstance(request, Request)
    return request


def sqs(body: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1773119783000"}
    return {"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": body, "attributes": attributes}]}


def sns(message: str) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail",
        "Message": message,
        "Timestamp": "2026-03-10T05:16:23.000Z",
    }


MAIL = {"messageId": "k1", "timestamp": "2026-03-10T05:16:22.000Z", "source": "ada@customer.example"}


SENT = {"messageId": "s1", "timestamp": "2026-03-10T05:16:22.000Z", "destination": ["ada@customer.example"]}
REJECTED = {"eventType": "Reject", "mail": SENT, "reject": {"reason": "Bad content"}}
UNUSUAL: dict[str, tuple[Any, list[Any]]] = {
    "a topic's message without its topic": (
        {"Type": "Notification", "Message": json.dumps(REJECTED)},
        ["failed", "ada@customer.example", "Bad content"],
    ),
    "an event without mail": (
        {"eventType": "Bounce", "bounce": {"bouncedRecipients": [{"emailAddress": "a@x.example"}]}},
        ["bounced", "a@x.example", None],
    ),
    "an EventBridge event without mail": (
        {"detail-type": "Email Bounced", "source": "aws.ses", "detail": {}},
        ["notification", "a JSON object that is no SES notification"],
    ),
    "received mail without mail": (
        sns(json.dumps({"notificationType": "Received"})),
        ["notification", "a notification of received mail without receipt and mail"],
    ),
    "received mail that lies elsewhere, without mail": (
        sns(
            json.dumps(
                {
                    "notificationType": "Received",
                    "receipt": {"action": {"type": "S3", "bucketName": "mail", "objectKey": "in/k"}},
                }
            )
        ),
        ["object", "s3://mail/in/k is not fetched"],
    ),
    "the topic's confirmation": (
        sns("Successfully validated SNS topic for Amazon SES event publishing."),
        ["notification", "SES's word that it may publish to the topic"],
    ),
    "another provider's object": ({"event": "delivered"}, ["Unparsable: JSON that is no notification of SES"]),
    "a list": ([{"event": "delivered"}], ["Unparsable: JSON that is no notification of SES"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


class TestUnwrap:
    def test_a_raw_body_is_itself(self) -> None:
        assert only_request(BODY) == Request(body=BODY, received_at=NOW)

    def test_json_of_a_provider_is_itself(self) -> None:
        assert only_request({"MessageSid": "SM1"}).body == b'{"MessageSid": "SM1"}'

    def test_an_http_api_event(self) -> None:
        request = only_request((EVENTS / "receive-twilio-status.json").read_bytes())
        assert request.url == "https://hooks.example.com/webhooks/twilio/sms?send=m_k2f7xq4w3n5p6r7s8t9u2v3w"
        assert request.query == "send=m_k2f7xq4w3n5p6r7s8t9u2v3w"
        assert b"MessageStatus=undelivered" in request.body
        assert request.received_at == datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)

    def test_a_load_balancers_event(self) -> None:
        event = {
            "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:..."}},
            "httpMethod": "POST",
            "path": "/webhooks/twilio/sms",
            "queryStringParameters": {},
            "headers": {"Content-Type": "application/x-www-form-urlencoded", "Host": "hooks.example.com"},
            "body": base64.b64encode(BODY).decode(),
            "isBase64Encoded": True,
        }
        request = only_request(event)
        assert (request.body, request.method) == (BODY, "POST")
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert request.url == "https://hooks.example.com/webhooks/twilio/sms"

    def test_headers_of_several_values(self) -> None:
        event = {"httpMethod": "POST", "headers": None, "multiValueHeaders": {"X-A": ["1", "2"]}, "body": None}
        assert only_request(event).headers == {"x-a": "1,2"}

    @pytest.mark.parametrize(
        "body", [{"body_text": BODY.decode()}, {"body_base64": base64.b64encode(BODY).decode()}], ids=["text", "base64"]
    )
    def test_a_recorded_request(self, body: dict[str, str]) -> None:
        record = {"method": "POST", "headers": {"X-A": "1"}, "url": "https://x.example/a?send=m_1#f", **body}
        request = only_request(record)
        assert (request.body, request.headers, request.query) == (BODY, {"x-a": "1"}, "send=m_1")

    def test_a_queue_around_a_topic_around_a_mail(self) -> None:
        action = {"type": "SNS", "encoding": "BASE64"}
        mime = b"Subject: x\r\n\r\n\xe7"
        content = base64.b64encode(mime).decode()
        notification = {"notificationType": "Received", "mail": MAIL, "receipt": {"action": action}, "content": content}
        request = only_request(sqs(json.dumps(sns(json.dumps(notification)))))
        assert request.body == mime
        assert request.envelope == {"mail": MAIL, "receipt": {"action": action}}
        assert request.received_at == datetime(2026, 3, 10, 5, 16, 22, tzinfo=UTC)

    def test_a_lambda_event_of_a_topic(self) -> None:
        event = {"Records": [{"EventSource": "aws:sns", "Sns": sns("MessageSid=SM1&Body=x")}]}
        assert only_request(event).body == b"MessageSid=SM1&Body=x"

    def test_a_topic_over_https(self) -> None:
        assert only_request({"method": "POST", "headers": {}, "body_text": json.dumps(sns("hello"))}).body == b"hello"

    def test_what_stands_elsewhere_is_named_and_not_fetched(self) -> None:
        s3 = {"bucket": {"name": "mail"}, "object": {"key": "in/a+b%20c"}}
        created = {"bucket": {"name": "mail"}, "object": {"key": "in/a b"}}
        for event, place in [
            (
                {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": s3}]},
                "s3://mail/in/a b c",
            ),
            ({"detail-type": "Object Created", "source": "aws.s3", "detail": created}, "s3://mail/in/a b"),
        ]:
            (ignored,) = found(event)
            assert isinstance(ignored, Ignored)
            assert place in ignored.reason

    def test_of_a_mail_that_lies_elsewhere_there_is_what_the_notification_tells(self) -> None:
        receipt = {"action": {"type": "S3", "bucketName": "mail", "objectKey": "in/k1"}}
        mail = MAIL | {"commonHeaders": {"from": ["ada@customer.example"], "subject": "x"}}
        request = only_request({"Records": [{"eventSource": "aws:ses", "ses": {"mail": mail, "receipt": receipt}}]})
        assert (request.body, request.raw_ref) == (b"", "s3://mail/in/k1")
        assert request.envelope == {"mail": mail, "receipt": receipt}
        (nothing,) = found({"Records": [{"eventSource": "aws:ses", "ses": {"mail": MAIL, "receipt": receipt}}]})
        assert nothing == Ignored(what="object", reason="s3://mail/in/k1 is not fetched")

    @pytest.mark.parametrize(
        "event",
        [
            sns("x") | {"Type": "SubscriptionConfirmation", "Token": "t"},
            {"Records": [{"eventSource": "aws:kinesis"}]},
            {"detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"},
        ],
    )
    def test_what_no_channel_reads_is_ignored(self, event: dict[str, Any]) -> None:
        assert [type(item) for item in found(event)] == [Ignored]

    def test_a_word_on_sent_mail_becomes_receipts(self, tmp_path: Path) -> None:
        bounced = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "ada@customer.example"}]}
        event = {"eventType": "Bounce", "mail": MAIL, "bounce": bounced}
        (tmp_path / "bounce.json").write_text(json.dumps(sqs(json.dumps(sns(json.dumps(event))))))
        if "email" in WRITTEN:
            (receipt,) = normalize(registry.get("email"), tmp_path / "bounce.json", NOW)["receipts"]
            assert (receipt["status"], receipt["permanent"]) == ("bounced", True)
        assert len(normalize(registry.get("twilio"), tmp_path / "bounce.json", NOW)["ignored"]) == 1

    @pytest.mark.parametrize("name", UNUSUAL)
    def test_a_notification_that_lacks_something_is_never_a_mail(self, name: str, tmp_path: Path) -> None:
        value, expected = UNUSUAL[name]
        (tmp_path / "file").write_text(json.dumps(value))
        result = normalize(registry.get("email"), tmp_path / "file", NOW)
        assert result["messages"] == []
        told = [[r["status"], r["recipient"], r["detail"]] for r in result["receipts"]]
        told += [[i["what"], i["reason"]] for i in result["ignored"]]
        assert told + ([[result["error"]]] if result["error"] else []) == [expected]

    def test_a_sockets_event_without_body_says_so(self, tmp_path: Path) -> None:
        context = {"connectionId": "c=", "eventType": "MESSAGE", "requestTimeEpoch": 1773119783000}
        (tmp_path / "file").write_text(json.dumps({"requestContext": context, "body": None}))
        result = normalize(registry.get("webchat"), tmp_path / "file", NOW)
        assert result["error"] == "Unparsable: the event has no body"

    def test_endless_envelopes_are_unparsable(self) -> None:
        body = "x"
        for _ in range(MAX_DEPTH + 2):
            body = json.dumps(sns(body))
        with pytest.raises(Unparsable):
            found(body.encode())

    def test_no_records_is_nothing(self) -> None:
        assert found({"Records": []}) == []


class TestFiles:
    def test_directories_are_walked_in_order_without_hidden_files(self, tmp_path: Path) -> None:
        for name in ("b", "a/z", ".hidden", ".git/x"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(b"")
        assert [str(path.relative_to(tmp_path)) for path in files([tmp_path])] == ["a/z", "b"]

    def test_the_sample_events_are_read(self) -> None:
        for path in sorted(EVENTS.glob("receive-twilio-*.json")):
            result = normalize(registry.get("twilio"), path, NOW)
            assert (result["error"], len(result["messages"]) + len(result["receipts"])) == (None, 1), path.name
        for path in sorted(EVENTS.glob("webchat-*.json")):
            result = normalize(registry.get("webchat"), path, NOW)
            assert (result["error"], len(result["messages"]) + len(result["ignored"])) == (None, 1), path.name

    def test_what_was_read_before_an_error_is_kept(self, tmp_path: Path) -> None:
        records = sqs(BODY.decode())["Records"] + sqs("Level=x")["Records"] + sqs(BODY.decode())["Records"]
        (tmp_path / "batch.json").write_text(json.dumps({"Records": records}))
        result = normalize(registry.get("twilio"), tmp_path / "batch.json", NOW)
        assert len(result["messages"]) == 2
        assert result["error"].startswith("Unparsable: no MessageSid")

    @pytest.mark.parametrize("channel", WRITTEN)
    @settings(max_examples=times(150), deadline=None)
    @given(data=st.data())
    def test_nothing_crashes_it(
        self, channel: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        path = tmp_path_factory.mktemp("any") / "file"
        path.write_bytes(data.draw(BYTES))
        result = normalize(registry.get(channel), path, NOW)
        assert set(result) == {"file", "messages", "receipts", "ignored", "error"}
        assert not (result["error"] or "").startswith("unexpected")


NAMES = [
    "Records",
    "requestContext",
    "connectionId",
    "eventType",
    "httpMethod",
    "headers",
    "multiValueHeaders",
    "body",
    "isBase64Encoded",
    "method",
    "body_text",
    "body_base64",
    "Type",
    "TopicArn",
    "Message",
    "Sns",
    "detail-type",
    "detail",
    "source",
    "mail",
    "receipt",
    "content",
    "action",
    "eventSource",
    "s3",
    "ses",
    "attributes",
    "SentTimestamp",
    "timestamp",
    "requestTimeEpoch",
    "url",
    "type",
    "text",
    "id",
]
WORDS = ["aws:sqs", "aws:sns", "aws:ses", "aws:s3", "CONNECT", "MESSAGE", "Notification", "message"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)
BYTES = st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode())


class TestCommand:
    runner = CliRunner()

    def run(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        result = self.runner.invoke(cli.build(), ["normalize", *arguments])
        lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
        assert not result.exception or isinstance(result.exception, SystemExit)
        return result.exit_code, lines

    def test_prints_a_line_a_file(self) -> None:
        status, lines = self.run("twilio", str(SMS), str(EVENTS / "receive-twilio-sms.json"))
        assert status == 0
        assert [line["file"] for line in lines] == [str(SMS), str(EVENTS / "receive-twilio-sms.json")]
        assert lines[0]["messages"][0]["id"] == lines[1]["messages"][0]["id"]
        assert lines[1]["messages"][0]["received_at"] == "2026-03-10T05:16:23Z"

    def test_says_2_when_a_file_could_not_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "nothing").write_text("Level=x")
        status, lines = self.run("twilio", str(tmp_path), str(tmp_path / "absent"), str(SMS))
        assert status == 2
        assert [bool(line["error"]) for line in lines] == [True, True, False]
        assert lines[1]["error"] == "no such file"

    def test_an_unknown_channel_is_named(self) -> None:
        status, lines = self.run("fax", str(SMS))
        assert (status, lines) == (2, [])


FIXTURES = ROOT.parent / "shared" / "fixtures"


@pytest.mark.skipif(not FIXTURES.exists(), reason="no payloads beside the repository")
@pytest.mark.parametrize("channel", WRITTEN)
def test_no_real_payload_of_any_provider_crashes_any_channel(channel: str) -> None:
    crashed = []
    for path in files([FIXTURES]):
        error = normalize(registry.get(channel), path, NOW)["error"]
        if error and error.startswith("unexpected"):
            crashed.append((path.name, error))
    assert not crashed
