"""Files by the API: got by links of minutes, sent after an upload, within what the channel carries."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from router.wire import HttpResponse
from tests.kit.promises import Seen
from tests.kit.providers import PNG
from tests.kit.world import START, World


def asked(url: str) -> dict[str, str]:
    """A link's query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def link(world: World, message: str, number: int | str = 0) -> tuple[int, dict[str, Any]]:
    """An agent asks for a message's file."""
    return world.call("GET", f"/v1/messages/{message}/attachments/{number}")


def inbound(world: World) -> str:
    """The id of the newest message."""
    return max((m for m, _ in Seen.of(world).inbound.values()), key=lambda m: m.cursor).id


def upload(world: World, name: str = "fatura.pdf", kind: str = "application/pdf", data: bytes = b"%PDF-1.7") -> str:
    """An agent uploads a file; its id."""
    status, made = world.call("POST", "/v1/attachments", {"filename": name, "content_type": kind, "size": len(data)})
    assert status == 201, made
    world.s3.put_object(Bucket="blobs", Key=f"uploads/{made['id']}", Body=data, ContentType=made["content_type"])
    return str(made["id"])


def sms(world: World) -> str:
    """Ayşe has an SMS conversation; its id."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    return str(world.conversations()[0].id)


def answer(world: World, conversation: str, *files: str, text: str = "Ektedir", key: str = "auto") -> tuple[int, Any]:
    """She answers with files."""
    body = {"text": text, "attachments": files}
    return world.call("POST", f"/v1/conversations/{conversation}/replies", body, key=key)


# --- in ------------------------------------------------------------------------------------------------------------


def test_a_fetched_picture_is_shown_by_a_link_that_ends_after_five_minutes(world: World) -> None:
    world.mms("image/png")
    world.pump()
    status, found = link(world, inbound(world))
    assert status == 200
    assert (found["content_type"], found["size"], found["filename"]) == ("image/png", len(PNG), "file-1.png")
    assert found["expires_at"] == (START + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    query = asked(found["url"])
    assert query["X-Amz-Expires"] == "300"
    assert query["response-content-type"] == "image/png"
    assert query["response-content-disposition"].startswith("inline")
    assert found["url"].startswith(f"https://blobs.s3.eu-central-1.amazonaws.com/media/{inbound(world)}/0?")


def test_what_a_browser_would_run_is_only_saved(world: World) -> None:
    world.providers.files = lambda _: HttpResponse(
        200,
        {"content-type": "text/html", "content-disposition": 'inline; filename="a.html"'},
        b"<script>alert(1)</script>",
    )
    world.mms("text/html")
    world.pump()
    _, found = link(world, inbound(world))
    query = asked(found["url"])
    assert query["response-content-type"] == "application/octet-stream"
    assert query["response-content-disposition"].startswith('attachment; filename="a.html"')


def test_what_was_not_fetched_yet_or_never_will_be_says_so(world: World) -> None:
    world.mms("image/png")
    world.work("inbound")
    message = inbound(world)
    status, problem = link(world, message)
    assert (status, problem["detail"]) == (
        409,
        "the file is still being fetched from the provider; try again in a moment",
    )
    world.providers.files = lambda _: HttpResponse(404)
    world.pump()
    status, problem = link(world, message)
    assert (status, problem["detail"]) == (
        404,
        "the file could not be fetched: the file is gone: deleted, or never there",
    )
    for missing in ("1", "-1", "x", "0000", "99999999999"):
        assert link(world, message, missing)[0] == 404
    assert link(world, "m_nothing")[0] == 404


def test_the_thread_says_how_far_each_file_is_and_never_the_provider_s_address(world: World) -> None:
    world.come_in("ayse")
    world.providers.files = lambda r: HttpResponse(404) if r.url.endswith("1") else HttpResponse(200, {}, PNG)
    world.mms("image/png", "image/png")
    world.work("inbound")
    (conversation,) = world.conversations()

    def files() -> list[dict[str, Any]]:
        _, detail = world.call("GET", f"/v1/conversations/{conversation.id}")
        assert "api.twilio.com" not in json.dumps(detail)
        return list(detail["messages"][0]["attachments"])

    assert [one["state"] for one in files()] == ["fetching", "fetching"]
    world.pump()
    assert [(one["state"], one["problem"]) for one in files()] == [
        ("ready", None),
        ("failed", "the file is gone: deleted, or never there"),
    ]


def mailed(name: str, data: bytes, kind: tuple[str, str]) -> bytes:
    """A customer's mail with a file."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "musteri@example.net", "destek@example.com", "Ek"
    mail["Message-ID"] = "<1@example.net>"
    mail.set_content("Ektedir")
    mail.add_attachment(data, maintype=kind[0], subtype=kind[1], filename=name)
    return mail.as_bytes()


def test_a_mail_s_file_is_taken_out_of_the_raw_mail_once_and_kept(world: World) -> None:
    world.mail(raw=mailed("fiş şubat.png", PNG, ("image", "png")))
    world.pump()
    message = inbound(world)
    status, found = link(world, message)
    assert (status, found["filename"], found["content_type"], found["size"]) == (
        200,
        "fiş şubat.png",
        "image/png",
        len(PNG),
    )
    assert world.s3.get_object(Bucket="blobs", Key=f"media/{message}/0")["Body"].read() == PNG
    for kept in world.s3.list_objects_v2(Bucket="mail")["Contents"]:
        world.s3.delete_object(Bucket="mail", Key=kept["Key"])
    assert link(world, message)[0] == 200, "the second time it is there already"
    world.s3.delete_object(Bucket="blobs", Key=f"media/{message}/0")
    status, problem = link(world, message)
    assert (status, problem["detail"]) == (404, "the raw mail is no longer kept, and its files with it")


def test_a_mail_s_page_is_only_saved(world: World) -> None:
    world.mail(raw=mailed("rechnung.pdf", b"<html><script>", ("application", "pdf")))
    world.pump()
    _, found = link(world, inbound(world))
    assert found["content_type"] == "application/octet-stream"


def test_only_agents_get_files(world: World) -> None:
    world.mms("image/png")
    world.pump()
    status, _ = world.call("GET", f"/v1/messages/{inbound(world)}/attachments/0", user="x", role="nobody")
    assert status == 403
    status, _ = world.call("POST", "/v1/attachments", {"filename": "a", "size": 1}, user="x", role="nobody")
    assert status == 403


# --- out -----------------------------------------------------------------------------------------------------------


def test_an_upload_is_bound_to_its_size_and_type_for_ten_minutes(world: World) -> None:
    status, made = world.call("POST", "/v1/attachments", {"filename": "a.png", "content_type": "image/PNG", "size": 10})
    assert status == 201
    query = asked(made["upload_url"])
    assert query["X-Amz-Expires"] == "600"
    assert query["X-Amz-SignedHeaders"] == "content-length;content-type;host"
    assert made["content_type"] == "image/png"
    assert f"/uploads/{made['id']}?" in made["upload_url"]


@pytest.mark.parametrize(
    "body",
    [
        {"filename": "a", "size": 0}, {"filename": "a", "size": 10**9}, {"filename": "", "size": 1}, {"filename": "a"},
        {"filename": "a", "size": 1, "content_type": "image"}, {"filename": "a", "size": 1, "content_type": "a/b\r\nX: y"},
        {"filename": "..", "size": 1},
    ],
)  # fmt: skip
def test_an_upload_that_is_no_file_is_refused(world: World, body: dict[str, Any]) -> None:
    assert world.call("POST", "/v1/attachments", body)[0] == 422


def test_a_picture_goes_out_by_mms_as_a_link_of_an_hour_and_stays_when_uploads_expire(world: World) -> None:
    conversation = sms(world)
    file = upload(world, "şema.png", "image/png", PNG)
    status, done = answer(world, conversation, file)
    assert status == 200, done
    assert [one["state"] for one in done["message"]["attachments"]] == ["ready"]
    world.s3.delete_object(Bucket="blobs", Key=f"uploads/{file}")
    world.pump()
    (call,) = world.providers.calls
    fields = parse_qs(call.body.decode())
    (url,) = fields["MediaUrl"]
    assert fields["Body"] == ["Ektedir"]
    assert asked(url)["X-Amz-Expires"] == "3600"
    assert urlsplit(url).path == f"/media/{file}/0"
    status, found = link(world, done["message"]["id"])
    assert (status, found["filename"]) == (200, "şema.png")


def test_a_mail_takes_the_bytes_along(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    conversation = world.conversations()[0].id
    status, done = answer(world, conversation, upload(world), upload(world, "b.txt", "text/plain", b"b"), text="")
    assert status == 200, done
    world.pump()
    raw = b64decode(json.loads(world.providers.calls[0].body)["Content"]["Raw"]["Data"])
    files = list(message_from_bytes(raw, policy=policy.default).iter_attachments())
    assert [one.get_filename() for one in files] == ["fatura.pdf", "b.txt"]
    assert files[0].get_content() == b"%PDF-1.7"


def test_a_visitor_s_page_gets_links_when_it_is_told_and_when_it_reads_on(world: World) -> None:
    world.come_in("ayse")
    page = world.open_chat(connection="page=")
    world.frame(page, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    conversation = world.conversations()[0].id
    status, done = answer(world, conversation, upload(world))
    assert status == 200, done
    world.pump()
    pushed = next(f["message"] for c, f in world.pushes if c == "page=" and f["type"] == "message")
    (read,) = world.frame(page, {"type": "resume", "after": None})
    for message in (pushed, read["messages"][-1]):
        (file,) = message["attachments"]
        assert (file["filename"], file["content_type"], file["size"]) == ("fatura.pdf", "application/pdf", 8)
        assert asked(file["url"])["X-Amz-Expires"] == "3600"
    assert "attachments" not in read["messages"][0]


def test_the_same_answer_again_leaves_once_and_another_file_under_its_key_is_refused(world: World) -> None:
    conversation = sms(world)
    file, other = upload(world, "a.png", "image/png", PNG), upload(world, "b.png", "image/png", PNG)
    first = answer(world, conversation, file, key="k")
    again = answer(world, conversation, file, key="k")
    assert first[1]["message"]["id"] == again[1]["message"]["id"]
    assert answer(world, conversation, other, key="k")[0] == 422
    world.pump()
    assert len(world.providers.left) == 1


def test_what_the_channel_does_not_carry_is_refused_with_its_limit(world: World) -> None:
    conversation = sms(world)
    status, problem = answer(world, conversation, upload(world, "a.exe", "application/x-msdownload", b"MZ"))
    assert (status, problem["field"]) == (422, "attachments")
    assert "application/x-msdownload" in problem["detail"]
    status, problem = answer(world, conversation, upload(world, "a.png", "image/png", b"x" * 5_100_000))
    assert (status, problem["field"]) == (422, "attachments")
    assert "5.1 MB" in problem["detail"]
    assert "5.0 MB" in problem["detail"]
    assert Seen.of(world).sends == {}


def test_a_mail_s_files_must_fit_together(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    conversation = world.conversations()[0].id
    files = [upload(world, f"{n}.bin", "application/octet-stream", b"x" * 9_000_000) for n in range(3)]
    status, problem = answer(world, conversation, *files)
    assert status == 422
    assert "27.0 MB together" in problem["detail"]


def test_only_files_that_were_uploaded_are_sent_each_once(world: World) -> None:
    conversation = sms(world)
    assert answer(world, conversation, "f_nothing")[0] == 422
    file = upload(world, "a.png", "image/png", PNG)
    assert answer(world, conversation, file, file)[0] == 422
    status, made = world.call("POST", "/v1/attachments", {"filename": "a.png", "content_type": "image/png", "size": 3})
    assert status == 201
    status, problem = answer(world, conversation, made["id"])
    assert (status, "was not uploaded" in problem["detail"]) == (422, True)
    assert answer(world, conversation, *[f"f_{n}" for n in range(11)])[0] == 422
    assert answer(world, conversation, text="")[0] == 422


def test_a_file_that_is_gone_when_the_answer_leaves_fails_with_words(world: World) -> None:
    world.come_in("ayse")
    world.mail()
    world.pump()
    file = upload(world)
    answer(world, world.conversations()[0].id, file)
    world.s3.delete_object(Bucket="blobs", Key=f"media/{file}/0")
    world.pump()
    (send,) = Seen.of(world).sends.values()
    assert (str(send.state), send.error) == ("failed", "a file of the answer is no longer kept")
