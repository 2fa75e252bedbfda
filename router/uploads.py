"""Files that agents send: uploaded straight into the bucket, and kept once an answer names them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from router.errors import Invalid, NotFound
from router.exchange import Exchange
from router.filetypes import clean_name, plain_type
from router.limits import Limits
from router.messages import Attachment
from router.once import User
from router.records import Upload

LIFE = timedelta(minutes=10)
KEPT = timedelta(days=2)  # as long as the bucket keeps what was uploaded and not sent


def new_upload(x: Exchange, user: User, filename: str, content_type: str, size: int) -> tuple[Upload, str, datetime]:
    """A file about to be uploaded, the address that takes exactly it, and when that ends. Raises Invalid for no name."""
    name = clean_name(filename)
    if name is None:
        raise Invalid("the file needs a name", field="filename")
    now = x.now()
    upload = Upload(f"f_{secrets.token_hex(12)}", user.name, name, plain_type(content_type), size, now + KEPT)
    x.table.new_upload(upload)
    url = x.blobs.upload_link(f"uploads/{upload.id}", LIFE, upload.content_type, size)
    return upload, url, now + LIFE


def attached(x: Exchange, ids: Sequence[str], limits: Limits) -> tuple[Attachment, ...]:
    """Uploads as an answer's files, kept from now on. Raises Invalid, with the limit, for what the channel does not carry.

    The copy has the upload's name: made twice, or for an answer that was never written, it does no harm.
    """
    if not ids:
        return ()
    if len(set(ids)) != len(ids):
        raise Invalid("a file is named twice", field="attachments")
    if not limits.files:
        raise Invalid("the channel carries no files", field="attachments")
    known = x.table.uploads(ids)
    uploads = [_known(known, one) for one in ids]
    for upload in uploads:
        _fits(upload, limits)
    total = sum(upload.size for upload in uploads)
    if limits.all_bytes is not None and total > limits.all_bytes:
        raise Invalid(
            f"the files have {_mb(total)} together; the channel carries {_mb(limits.all_bytes)} in one message",
            field="attachments",
        )
    return tuple(_kept(x, upload) for upload in uploads)


def _known(known: dict[str, Upload], one: str) -> Upload:
    if one not in known:
        raise Invalid(
            f"there is no upload '{one[:40]}', or it is older than two days: upload it again", field="attachments"
        )
    return known[one]


def _fits(upload: Upload, limits: Limits) -> None:
    most = limits.largest(upload.content_type)
    if not most:
        raise Invalid(
            f"'{upload.filename}': the channel carries no files of type {upload.content_type}", field="attachments"
        )
    if upload.size > most:
        raise Invalid(
            f"'{upload.filename}' has {_mb(upload.size)}; the channel carries {upload.content_type} up to {_mb(most)}",
            field="attachments",
        )


def _kept(x: Exchange, upload: Upload) -> Attachment:
    try:
        ref = x.blobs.copy(f"s3://{x.blobs.bucket}/uploads/{upload.id}", f"media/{upload.id}/0")
    except NotFound:
        raise Invalid(
            f"'{upload.filename}' was not uploaded: put it to its upload_url first", field="attachments"
        ) from None
    return Attachment(filename=upload.filename, content_type=upload.content_type, size=upload.size, ref=ref)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, round(size / 1000))} KB"
