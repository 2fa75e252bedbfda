"""`santral inbox check`: what each provider's answer means, the whole of it against the sandbox, and no secret ever printed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from typer.testing import CliRunner

from channels import registry
from channels.telegram_updates import KINDS
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.config import Config, Inbox
from router.errors import Temporary
from router.wire import HttpRequest, HttpResponse
from santral import cli, configuration, inbox_checks_meta, inbox_checks_twilio
from santral.connection import Connection
from santral.inbox import CHECKS, Inspector, run
from santral.inbox_checks import ESSENTIAL, PROBE, Check, Line, Subject, configured, stored, telegram, webchat
from santral.inbox_checks_mail import Ses, covers, mail
from tests.kit.events import table_of_the_template
from tests.santral.sandbox_kit import CONFIG, Played

NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
BASE = "https://santral.example.com"
SECRET = "a-secret-that-is-never-told"
META = {"access_token": SECRET + "-1", "app_secret": SECRET + "-2", "verify_token": SECRET + "-3"}
TWILIO = {"account_sid": "AC" + "1" * 32, "auth_token": SECRET}
BOT = {"bot_token": f"123456:{SECRET}", "webhook_secret": SECRET}
Answers = Mapping[str, Any]


def subject(channel: str, address: str, credentials: Mapping[str, str], **settings: Any) -> Subject:
    inbox = Inbox(name="in", channel=channel, address=address, queue="q", secret=channel, settings=settings)
    return Subject(inbox, credentials, BASE, NOW)


def found(check: Check, answers: Answers) -> list[Line]:
    """The lines of a check whose calls are answered by the first key that the URL holds: a status, or a 200's JSON."""

    def carry(request: HttpRequest) -> HttpResponse:
        for part, answer in answers.items():
            if part in request.url:
                if isinstance(answer, HttpResponse):
                    return answer
                if isinstance(answer, int):
                    return HttpResponse(answer, {}, b"{}")
                return HttpResponse(200, {}, json.dumps(answer).encode())
        raise Temporary("no connection")

    lines = list(run(check, carry))
    assert SECRET not in str([(line.what, line.todo, line.fix and line.fix.question) for line in lines])
    return lines


def told(lines: list[Line], state: str) -> list[str]:
    return [line.what for line in lines if line.state == state]


class TestConfiguration:
    def test_an_inbox_that_is_in_force_has_somebody_to_answer_it(self) -> None:
        lines = configured(CONFIG, "page", CONFIG.version)
        assert [line.state for line in lines] == ["ok", "ok"]
        assert "1 of the agents" in lines[1].what

    def test_one_that_is_not_is_missing_with_what_to_do(self) -> None:
        (line,) = configured(CONFIG, "pages", None)
        assert (line.state, "santral config apply" in line.todo) == ("missing", True)
        assert "bot" in line.what
        assert configured(None, "page", None)[0].todo == "santral config apply"

    def test_files_of_another_version_are_said(self) -> None:
        assert [line.state for line in configured(CONFIG, "page", "another")] == ["ok", "unknown", "ok"]

    def test_credentials_are_told_by_name(self) -> None:
        inbox = subject("messenger", "1", {}).inbox
        lines = stored(registry.get("messenger"), inbox, {"access_token": SECRET, "app_secret_previous": SECRET})
        assert [(line.state, line.what.partition(" ")[0]) for line in lines] == [
            ("ok", "access_token"),
            ("missing", "app_secret"),
            ("missing", "verify_token"),
            ("ok", "app_secret_previous"),
        ]
        assert SECRET not in str(lines)
        assert stored(registry.get("webchat"), inbox, {}) == []
        (line,) = stored(registry.get("twilio"), inbox.model_copy(update={"secret": None}), {})
        assert "names no `secret`" in line.what

    def test_every_channel_has_its_check(self) -> None:
        assert set(CHECKS) | {"email"} == set(registry.names())


def info(**changes: Any) -> dict[str, Any]:
    value = {"url": f"{BASE}/webhooks/telegram/in", "has_custom_certificate": False, "pending_update_count": 0}
    return {"ok": True, "result": {**value, "allowed_updates": list(KINDS), **changes}}


class TestTelegram:
    ME = {"ok": True, "result": {"id": 123456, "is_bot": True, "username": "lamps_bot"}}  # noqa: RUF012

    def lines(self, webhook: Any = None, me: Any = None, ours: Any = 200) -> list[Line]:
        answers = {"/getMe": me or self.ME, "/getWebhookInfo": webhook or info(), BASE: ours}
        return found(telegram(subject("telegram", "lamps_bot", BOT)), answers)

    def test_all_is_well(self) -> None:
        lines = self.lines()
        assert {line.state for line in lines} == {"ok"}
        assert len(lines) == 3

    def test_another_url_is_named_without_its_query_and_can_be_set(self) -> None:
        lines = self.lines(info(url=f"https://old.example/hook?key={SECRET}"))
        (line,) = [line for line in lines if line.state == "missing"]
        assert line.what == "Telegram calls another URL: https://old.example/hook"
        assert line.fix is not None
        body = json.loads(line.fix.request.body)
        assert (body["url"], body["secret_token"]) == (f"{BASE}/webhooks/telegram/in", SECRET)
        assert "message_reaction" in body["allowed_updates"]
        assert line.fix.failed(HttpResponse(200, {}, b'{"ok": true, "result": true}')) is None
        assert "400" in str(line.fix.failed(HttpResponse(400, {}, b'{"ok": false, "description": "bad webhook"}')))

    def test_without_allowed_updates_no_reaction_comes(self) -> None:
        webhook = info()
        del webhook["result"]["allowed_updates"]
        assert told(self.lines(webhook), "missing") == ["no reactions come: allowed_updates is the default"]
        assert "callback_query" in told(self.lines(info(allowed_updates=["message"])), "missing")[0]
        few = info(allowed_updates=list(ESSENTIAL))  # what is for groups, channels and payments may be unwanted
        assert "channel_post" in told(self.lines(few), "unknown")[0]

    def test_what_telegram_reports_of_failures_is_passed_on(self) -> None:
        webhook = info(
            last_error_message="Wrong response: 403 Forbidden", last_error_date=1772442000, pending_update_count=4
        )
        assert told(self.lines(webhook), "unknown") == [
            "4 updates wait at Telegram",
            "Telegram's last failure, 2026-03-02 09:00 UTC: Wrong response: 403 Forbidden",
        ]

    def test_a_wrong_token_is_missing_and_silence_is_unknown(self) -> None:
        assert told(self.lines(me=401), "missing") == ["Telegram does not take the bot_token (401)"]
        check = telegram(subject("telegram", "lamps_bot", BOT))
        assert [line.state for line in found(check, {})] == ["unknown", "unknown"]

    def test_a_secret_that_telegram_does_not_take(self) -> None:
        check = telegram(subject("telegram", "lamps_bot", {**BOT, "webhook_secret": "ş!"}))
        assert "webhook_secret is not one Telegram takes" in told(found(check, {BASE: 403}), "missing")

    @pytest.mark.parametrize(
        ("status", "words"), [(403, "refuses the stored"), (404, "knows no such"), (500, "answers 500")]
    )
    def test_our_own_webhook_is_tried(self, status: int, words: str) -> None:
        assert words in told(self.lines(ours=status), "missing")[0]


class TestTwilio:
    NUMBER = {  # noqa: RUF012
        "sid": "PN1", "phone_number": "+15005550100", "sms_url": f"{BASE}/webhooks/twilio/in", "sms_method": "POST",
        "sms_application_sid": "", "capabilities": {"sms": True},
    }  # fmt: skip

    def lines(self, number: Mapping[str, Any] | None, more: Answers | None = None, **settings: Any) -> list[Line]:
        numbers = {"incoming_phone_numbers": [number] if number else []}
        answers = {"IncomingPhoneNumbers": numbers, BASE: 403, **(more or {})}
        return found(inbox_checks_twilio.twilio(subject("twilio", "+15005550100", TWILIO, **settings)), answers)

    def test_all_is_well(self) -> None:
        assert {line.state for line in self.lines(self.NUMBER)} == {"ok"}

    def test_a_number_that_calls_elsewhere_can_be_set(self) -> None:
        (line,) = [one for one in self.lines({**self.NUMBER, "sms_url": "https://demo.twilio.com/welcome"}) if one.fix]
        assert (line.state, line.what) == ("missing", "Twilio calls another URL: https://demo.twilio.com/welcome")
        assert line.fix is not None
        assert line.fix.request.url.endswith("/IncomingPhoneNumbers/PN1.json")
        assert b"SmsUrl=https%3A%2F%2Fsantral.example.com%2Fwebhooks%2Ftwilio%2Fin" in line.fix.request.body

    def test_a_twiml_app_or_get_takes_the_messages_away(self) -> None:
        assert "TwiML App" in told(self.lines({**self.NUMBER, "sms_application_sid": "AP1"}), "missing")[0]
        assert told(self.lines({**self.NUMBER, "sms_method": "GET"}), "missing") == ["Twilio calls by GET"]

    def test_a_number_of_somebody_else_or_without_sms(self) -> None:
        assert told(self.lines(None), "missing") == ["the account has no number +15005550100"]
        assert told(self.lines({**self.NUMBER, "capabilities": {"sms": False}}), "missing") == [
            "the number carries no SMS"
        ]

    def test_a_messaging_service_answers_for_its_numbers(self) -> None:
        ours = {
            "sid": "MG1",
            "inbound_request_url": f"{BASE}/webhooks/twilio/in",
            "use_inbound_webhook_on_number": False,
        }
        elsewhere = {**self.NUMBER, "sms_url": "https://demo.twilio.com/"}
        assert not told(self.lines(elsewhere, {"/v1/Services/MG1": ours}, messaging_service_sid="MG1"), "missing")
        silent = {**ours, "inbound_request_url": None}
        lines = self.lines(self.NUMBER, {"/v1/Services/MG1": silent}, messaging_service_sid="MG1")
        assert told(lines, "missing") == ["the Messaging Service calls nobody: no URL is set"]
        number = {**silent, "use_inbound_webhook_on_number": True}
        assert not told(self.lines(self.NUMBER, {"/v1/Services/MG1": number}, messaging_service_sid="MG1"), "missing")

    def test_a_whatsapp_sender_has_a_webhook_of_its_own(self) -> None:
        sender = {
            "sid": "XE1",
            "sender_id": "whatsapp:+15005550100",
            "status": "ONLINE",
            "webhook": {"callback_url": ""},
        }
        check = inbox_checks_twilio.twilio(subject("twilio", "whatsapp:+15005550100", TWILIO))
        lines = found(check, {"/v2/Channels/Senders": {"senders": [sender]}, BASE: 403})
        assert told(lines, "missing") == ["the WhatsApp sender calls nobody: no URL is set"]
        right = {**sender, "status": "CREATING", "webhook": {"callback_url": f"{BASE}/webhooks/twilio/in"}}
        check = inbox_checks_twilio.twilio(subject("twilio", "whatsapp:+15005550100", TWILIO))
        lines = found(check, {"/v2/Channels/Senders": {"senders": [right]}, BASE: 403})
        assert told(lines, "missing") == ["the sender is CREATING, not ONLINE"]

    def test_wrong_credentials_and_a_webhook_that_takes_anybody(self) -> None:
        check = inbox_checks_twilio.twilio(subject("twilio", "+15005550100", TWILIO))
        lines = found(check, {"IncomingPhoneNumbers": 401, BASE: 200})
        assert told(lines, "missing") == [
            f"{BASE}/webhooks/twilio/in takes a call that nobody signed",
            "Twilio does not take the account_sid and auth_token (401)",
        ]


def subscription(about: str, fields: list[str], url: str = "", **more: Any) -> dict[str, Any]:
    named = [{"name": name, "version": "v23.0"} for name in fields]
    return {
        "data": [{"object": about, "callback_url": url or f"{BASE}/webhooks/messenger/in", "fields": named, **more}]
    }


class TestMeta:
    FIELDS = list(inbox_checks_meta.NEEDS["messenger"].fields)  # noqa: RUF012

    def answers(self, changes: Answers | None = None) -> dict[str, Any]:
        alive = {"is_valid": True, "expires_at": 0, "scopes": ["pages_messaging", "pages_manage_metadata"]}
        found: dict[str, Any] = {
            "debug_token": {"data": alive},
            "/me?": {"id": "1043", "name": "Lamps"},
            "/1043/subscribed_apps": {"data": [{"id": "77", "subscribed_fields": self.FIELDS}]},
            "/77/subscriptions": subscription("page", self.FIELDS, active=True),
            "/app?": {"id": "77", "name": "Lamps' app"},
            BASE: HttpResponse(200, {}, PROBE.encode()),
        }
        return {**found, **(changes or {})}

    def lines(
        self, changes: Answers | None = None, beside: tuple[Inbox, ...] = (), address: str = "1043"
    ) -> list[Line]:
        one = replace(subject("messenger", address, META), beside=beside)
        return found(inbox_checks_meta.check(one), self.answers(changes))

    def test_all_is_well(self) -> None:
        lines = self.lines()
        assert {line.state for line in lines} == {"ok"}
        assert len(lines) == 8

    def test_a_webhook_that_is_not_ours_or_does_not_know_the_token(self) -> None:
        assert "challenge" in told(self.lines({BASE: HttpResponse(200, {}, b"<html>")}), "missing")[0]
        assert "refuses" in told(self.lines({BASE: 403}), "missing")[0]

    def test_the_apps_webhook_may_be_a_neighbours_and_no_strangers(self) -> None:
        other = Inbox(name="two", channel="messenger", address="1044", queue="q", secret="messenger")
        beside = subscription("page", self.FIELDS, f"{BASE}/webhooks/messenger/two")
        assert not told(self.lines({"/77/subscriptions": beside}, (other,)), "missing")
        (line,) = [one for one in self.lines({"/77/subscriptions": beside}) if one.state == "missing"]
        assert line.what == f"for 'page' the app calls another URL: {BASE}/webhooks/messenger/two"
        assert line.fix is not None
        assert b"object=page" in line.fix.request.body

    def test_fields_that_the_app_or_the_page_lacks(self) -> None:
        few = subscription("page", ["messages"])
        assert (
            "the app is not subscribed to messaging_postbacks"
            in told(self.lines({"/77/subscriptions": few}), "missing")[0]
        )
        page = {"data": [{"id": "77", "subscribed_fields": ["messages"]}]}
        assert "message_echoes" in told(self.lines({"/1043/subscribed_apps": page}), "missing")[0]

    def test_a_page_that_tells_the_app_nothing_can_be_subscribed(self) -> None:
        (line,) = [one for one in self.lines({"/1043/subscribed_apps": {"data": []}}) if one.state == "missing"]
        assert line.what == "the page 1043 does not tell the app anything"
        assert line.fix is not None
        assert line.fix.request.method == "POST"
        assert line.fix.failed(HttpResponse(200, {}, b'{"success": true}')) is None
        assert "Meta" in str(line.fix.failed(HttpResponse(403, {}, b'{"error": {"code": 200}}')))

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"is_valid": False}, "no longer valid"),
            ({"is_valid": True, "expires_at": 0, "scopes": ["pages_messaging"]}, "lacks pages_manage_metadata"),
            ({"is_valid": True, "expires_at": 1773200000, "scopes": []}, "ends on 2026-03-11"),
        ],
    )
    def test_a_token_that_is_dead_weak_or_about_to_end(self, data: Any, words: str) -> None:
        assert any(words in what for what in told(self.lines({"debug_token": {"data": data}}), "missing"))

    def test_a_wrong_token_ends_the_asking(self) -> None:
        lines = self.lines({"/app?": HttpResponse(401, {}, b'{"error": {"code": 190}}')})
        assert told(lines, "missing") == [
            "with this access_token Meta 190: the access token is wrong, expired or withdrawn: put a new one"
        ]

    def test_a_wrong_app_secret_is_named_though_the_token_works(self) -> None:
        refused = HttpResponse(400, {}, b'{"error": {"code": 190}}')
        assert "with this app_secret" in told(self.lines({"/77/subscriptions": refused}), "missing")[0]

    def test_a_token_of_another_page(self) -> None:
        assert told(self.lines(address="1049"), "missing") == ["the token is of account 1043, the inbox says 1049"]

    def test_whatsapp_names_its_number_and_its_account(self) -> None:
        scopes = list(inbox_checks_meta.NEEDS["whatsapp"].scopes)
        granted = [{"scope": "whatsapp_business_management", "target_ids": ["204"]}]
        data = {"is_valid": True, "expires_at": 0, "scopes": scopes, "granular_scopes": granted}
        url = f"{BASE}/webhooks/whatsapp/in"
        answers = self.answers(
            {
                "debug_token": {"data": data},
                "/77/subscriptions": subscription("whatsapp_business_account", ["messages"], url),
                "/1061?": {"display_phone_number": "+1 500-555-0106", "quality_rating": "GREEN"},
                "/204/subscribed_apps": {"data": [{"whatsapp_business_api_data": {"id": "77"}}]},
            }
        )
        lines = found(
            inbox_checks_meta.check(subject("whatsapp", "+15005550106", META, phone_number_id="1061")), answers
        )
        assert {line.state for line in lines} == {"ok"}
        lines = found(
            inbox_checks_meta.check(subject("whatsapp", "+15005550107", META, phone_number_id="1061")), answers
        )
        assert told(lines, "missing") == ["phone_number_id is of +15005550106, the inbox's address is another"]
        lines = found(inbox_checks_meta.check(subject("whatsapp", "+15005550106", META)), answers)
        assert told(lines, "missing") == ["settings.phone_number_id is not stated: nothing can be sent"]
        several = {**answers, "debug_token": {"data": {**data, "granular_scopes": []}}}
        lines = found(
            inbox_checks_meta.check(subject("whatsapp", "+15005550106", META, phone_number_id="1061")), several
        )
        assert "which WhatsApp Business Account" in told(lines, "unknown")[0]

    def test_instagram_wants_its_page_and_tells_whose_the_token_is(self) -> None:
        needs = inbox_checks_meta.NEEDS["instagram"]
        answers = self.answers(
            {
                "debug_token": {"data": {"is_valid": True, "expires_at": 0, "scopes": list(needs.scopes)}},
                "/77/subscriptions": subscription("instagram", list(needs.fields), f"{BASE}/webhooks/instagram/in"),
                "/me?": {"id": "1043", "instagram_business_account": {"id": "178414", "username": "lamps"}},
                "/1043/subscribed_apps": {"data": [{"id": "77", "subscribed_fields": ["feed"]}]},
            }
        )
        lines = found(inbox_checks_meta.check(subject("instagram", "178414", META)), answers)
        assert {line.state for line in lines} == {"ok"}
        alone = {**answers, "/me?": {"id": "1043"}}
        lines = found(inbox_checks_meta.check(subject("instagram", "178414", META)), alone)
        assert told(lines, "missing") == ["the token's page has no Instagram professional account"]

    def test_instagram_by_its_own_login_is_asked_at_its_own_host(self) -> None:
        fields = list(inbox_checks_meta.NEEDS["instagram"].fields)
        answers = {
            "graph.instagram.com/v23.0/me?": {"user_id": "178414", "username": "lamps"},
            "graph.instagram.com/v23.0/me/subscribed_apps": {"data": [{"subscribed_fields": fields}]},
            BASE: HttpResponse(200, {}, PROBE.encode()),
        }
        one = subject("instagram", "178414", META, login="instagram")
        lines = found(inbox_checks_meta.check(one), answers)
        assert [line.state for line in lines] == ["ok", "ok", "ok", "unknown"]


class TestMail:
    RULE = {  # noqa: RUF012
        "Name": "santral", "Enabled": True, "Recipients": ["example.com"],
        "Actions": [{"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "mail/"}}],
    }  # fmt: skip

    def lines(self, **changes: Any) -> list[Line]:
        identity = {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS"}}
        account = {"SendingEnabled": True, "ProductionAccessEnabled": True}
        active = {"Metadata": {"Name": "inbound"}, "Rules": [self.RULE]}
        facts: dict[str, Any] = {"region": "eu-west-1", "bucket": "mail", "identity": identity, "account": account}
        return list(mail("help@example.com", Ses(**{**facts, "active": active, **changes})))

    def test_all_is_well_but_for_what_only_dns_knows(self) -> None:
        lines = self.lines()
        assert [line.state for line in lines] == ["ok", "ok", "unknown"]
        assert "inbound-smtp.eu-west-1.amazonaws.com" in lines[-1].what

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"identity": None}, "SES knows neither"),
            ({"identity": {"VerifiedForSendingStatus": False}}, "not verified yet"),
            (
                {"identity": {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "PENDING"}}},
                "DKIM is PENDING",
            ),
            ({"account": {"ProductionAccessEnabled": False}}, "sandbox"),
            ({"account": {"SendingEnabled": False}}, "paused"),
            ({"active": None}, "receives no mail in eu-west-1"),
            ({"active": {}}, "no active receipt rule set"),
            ({"active": {"Metadata": {"Name": "x"}, "Rules": []}}, "has no rule of this stack"),
            ({"active": {"Metadata": {"Name": "x"}, "Rules": [{**RULE, "Enabled": False}]}}, "is disabled"),
            (
                {"active": {"Metadata": {"Name": "x"}, "Rules": [{**RULE, "Recipients": ["a.test"]}]}},
                "takes no mail for",
            ),
        ],
    )
    def test_what_is_missing_is_named(self, changes: dict[str, Any], words: str) -> None:
        assert any(words in what for what in told(self.lines(**changes), "missing"))

    def test_which_addresses_a_rule_takes(self) -> None:
        assert covers([], "a@b.example.com")
        assert covers(["example.com"], "A@example.com")
        assert covers([".example.com"], "a@b.example.com")
        assert not covers([".example.com"], "a@example.com")
        assert not covers(["example.com"], "a@b.example.com")


def test_a_chats_origins_must_be_origins() -> None:
    check = webchat(
        subject("webchat", "web", {}, allowed_origins=["https://www.example.com", "https://example.com/chat"])
    )
    lines = found(check, {f"{BASE}/chat/in": HttpResponse(200, {}, b"<html>")})
    assert [line.state for line in lines] == ["ok", "missing", "ok"]
    lines = found(webchat(subject("webchat", "web", {})), {f"{BASE}/chat/in": 404})
    assert [line.state for line in lines] == ["unknown", "missing"]


@pytest.mark.parametrize("channel", sorted(CHECKS))
def test_whatever_is_answered_no_check_breaks(channel: str) -> None:
    credentials = {**META, **TWILIO, **BOT}
    for body in (
        b"",
        b"[]",
        b'{"data": [1, {"id": null}], "result": 3, "ok": true}',
        b'{"data": {"scopes": 7}}',
        b"\xff",
    ):
        for status in (200, 302, 400, 403, 429, 500):
            one = subject(channel, "+15005550100", credentials, phone_number_id="1061", waba_id="2")
            list(run(CHECKS[channel](one), lambda _, s=status, b=body: HttpResponse(s, {}, b)))  # type: ignore[misc]


# --- the whole command against the sandbox ---------------------------------------------------------------------------

WHOLE = Config.model_validate(
    {
        **CONFIG.model_dump(),
        "version": "checked",
        "inboxes": [
            *CONFIG.model_dump()["inboxes"],
            {"name": "sms", "channel": "twilio", "address": "+15005550100", "queue": "social", "secret": "twilio"},
            {"name": "mail", "channel": "email", "address": "help@example.com", "queue": "social"},
        ],
    }
)
Scene = Callable[[Played, Connection], Awaitable[None]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Scene], None]]:
    """A sandbox in process and a stack's table and secret in moto; the command finds both as it would a running dev."""
    with mock_aws():
        connection = Connection(
            "eu-central-1", {"TableName": "santral"}, access_key="x", secret_key="x", smtp_port=2525
        )
        connection.client("dynamodb").create_table(**table_of_the_template())
        Configs(Dynamo(connection.client("dynamodb"), "santral")).apply(WHOLE)
        monkeypatch.setattr("santral.connection.connect", lambda *_: connection)

        async def whole(scene: Scene) -> None:
            async with Played(WHOLE) as played:
                connection.sandbox, played.knows_all = played.url, True
                made = connection.client("secretsmanager").create_secret(
                    Name="providers", SecretString=json.dumps(played.credentials)
                )
                connection.outputs |= {"ApiUrl": played.url, "SecretArn": made["ARN"]}
                await scene(played, connection)

        yield lambda scene: asyncio.run(whole(scene))


async def checked(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit status and JSON lines."""
    files = () if "--config" in arguments else ("--config", "nowhere")
    result = await asyncio.to_thread(CliRunner().invoke, cli.build(), ["inbox", "check", *arguments, *files, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("name", ["wa", "page", "insta", "bot", "mail"])
def test_in_a_local_run_every_inbox_is_ready(play: Callable[[Scene], None], name: str) -> None:
    async def scene(played: Played, _: Connection) -> None:
        status, rows = await checked(name)
        assert [row for row in rows if row["state"] != "ok"] == []
        assert status == 0
        for credentials in played.credentials.values():
            assert not any(value in str(rows) for value in credentials.values())

    play(scene)


def test_a_number_that_calls_elsewhere_is_told_and_mended_when_asked(play: Callable[[Scene], None]) -> None:
    async def scene(played: Played, _: Connection) -> None:
        played.answers = [403]  # as our own webhook answers a call that nobody signed
        assert (await checked("sms"))[0] == 0
        played.sandbox.numbers.urls["+15005550100"] = "https://demo.twilio.com/welcome/sms/reply"
        played.answers = [403, 403]
        status, rows = await checked("sms", "--fix", "--yes")
        assert [row["what"] for row in rows if row["state"] == "missing"] == [
            "Twilio calls another URL: https://demo.twilio.com/welcome/sms/reply"
        ]
        assert status == 0  # the second look
        assert played.sandbox.numbers.urls["+15005550100"] == f"{played.url}/webhooks/twilio/sms"

    play(scene)


def test_a_bots_webhook_is_set_with_its_secret(play: Callable[[Scene], None]) -> None:
    async def scene(played: Played, _: Connection) -> None:
        (bot,) = played.sandbox.telegram.bots.values()
        bot.url, bot.secret = "", ""
        assert (await checked("bot"))[0] == 1
        assert (await checked("bot", "--fix", "--yes"))[0] == 0
        assert (bot.url, bot.secret) == (
            f"{played.url}/webhooks/telegram/bot",
            played.credentials["telegram"]["webhook_secret"],
        )

    play(scene)


@pytest.mark.parametrize(("name", "account"), [("page", "204200000000002"), ("insta", "304200000000003")])
def test_a_page_that_was_unsubscribed_is_subscribed_again(
    play: Callable[[Scene], None], name: str, account: str
) -> None:
    async def scene(played: Played, _: Connection) -> None:
        played.sandbox.dashboard.silent.add(account)
        status, rows = await checked(name)
        assert (status, [row["fixable"] for row in rows if row["state"] == "missing"]) == (1, [True])
        assert (await checked(name, "--fix", "--yes"))[0] == 0
        assert not played.sandbox.dashboard.silent

    play(scene)


def test_an_apps_webhook_is_moved_here(play: Callable[[Scene], None]) -> None:
    async def scene(played: Played, _: Connection) -> None:
        played.sandbox.dashboard.urls["whatsapp", "whatsapp_business_account"] = "https://old.example/"
        assert (await checked("wa"))[0] == 1
        assert (await checked("wa", "--fix", "--yes"))[0] == 0
        url = played.sandbox.dashboard.urls["whatsapp", "whatsapp_business_account"]
        assert url == f"{played.url}/webhooks/whatsapp/wa"

    play(scene)


def test_a_fix_that_was_not_wanted_is_not_made(play: Callable[[Scene], None]) -> None:
    async def scene(played: Played, _: Connection) -> None:
        played.sandbox.dashboard.silent.add("204200000000002")
        invoke = CliRunner().invoke
        result = await asyncio.to_thread(invoke, cli.build(), ["inbox", "check", "page", "--fix"], input="n\n")
        assert result.exit_code == 1
        assert "Subscribe the app" in result.output
        assert played.sandbox.dashboard.silent

    play(scene)


def test_credentials_that_are_not_stored_are_named_and_nothing_is_asked(play: Callable[[Scene], None]) -> None:
    async def scene(played: Played, connection: Connection) -> None:
        connection.client("secretsmanager").put_secret_value(
            SecretId=connection.outputs["SecretArn"], SecretString="{}"
        )
        status, rows = await checked("page")
        assert status == 1
        missing = [row["what"] for row in rows if row["state"] == "missing"]
        assert missing == [
            f"{name} is not stored under 'messenger'" for name in ("access_token", "app_secret", "verify_token")
        ]

    play(scene)


def test_an_inbox_that_nobody_configured(play: Callable[[Scene], None]) -> None:
    async def scene(_: Played, __: Connection) -> None:
        status, rows = await checked("fax")
        assert (status, len(rows)) == (1, 1)

    play(scene)


def test_the_files_at_hand_are_compared_with_what_is_in_force(play: Callable[[Scene], None], tmp_path: Path) -> None:
    async def scene(_: Played, __: Connection) -> None:
        root = Path(__file__).parents[2] / "config"
        status, rows = await checked("page", "--config", str(root))
        assert configuration.load(root).version in next(row["what"] for row in rows if row["state"] == "unknown")
        assert status == 0

    play(scene)


def test_a_deployed_mail_inbox_is_judged_by_what_ses_says(monkeypatch: pytest.MonkeyPatch) -> None:
    session: Any = boto3.Session("x", "x", region_name="eu-west-1")
    ses, sesv2 = session.client("ses"), session.client("sesv2")
    connection = Connection("eu-west-1", {"ApiUrl": BASE, "MailBucketName": "mail"})
    monkeypatch.setattr(Connection, "client", lambda _, service: {"ses": ses, "sesv2": sesv2}[service])
    inspector = Inspector(connection, "mail")
    monkeypatch.setattr(inspector, "_config", lambda: WHOLE)
    with Stubber(ses) as classic, Stubber(sesv2) as newer:
        newer.add_client_error(
            "get_email_identity", "NotFoundException", expected_params={"EmailIdentity": "help@example.com"}
        )
        identity = {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS"}}
        newer.add_response("get_email_identity", identity, {"EmailIdentity": "example.com"})
        newer.add_response("get_account", {"SendingEnabled": True, "ProductionAccessEnabled": False})
        classic.add_response("describe_active_receipt_rule_set", {})
        lines = list(inspector.lines())
    assert told(lines, "missing") == [
        "SES sends only to verified addresses: the account is in the sandbox",
        "the account has no active receipt rule set",
    ]
    assert "ok" in {line.state for line in lines}
