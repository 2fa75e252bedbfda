"""Files in an outgoing mail: each a part of its own behind the text, named so that every mail program reads the name.

A name beyond ASCII is written by RFC 2231, in pieces where it is long, and stands alone: programs that are offered a plain
one beside it take that. Limits are SES's ("Service quotas in Amazon SES": 40 MB for a message with its files in base64).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from types import MappingProxyType
from urllib.parse import quote

from router.errors import Rejected
from router.limits import Limits
from router.messages import Attachment

MOST_FILES = 20
MOST_OF_ONE = 10_000_000
MOST_TOGETHER = 25_000_000  # a third more in base64, with room for a long text within SES's 40 MB
LIMITS = Limits(
    caption=None,
    files=MOST_FILES,
    upload=True,
    file_bytes=MappingProxyType({"*": MOST_OF_ONE}),
    all_bytes=MOST_TOGETHER,
    receipts=frozenset({"sent", "delayed", "delivered", "bounced", "complained", "failed"}),
)

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_PIECE = 60


def with_files(body: bytes, attachments: Sequence[Attachment], files: Sequence[bytes], seed: str) -> bytes:
    """The body, with its own headers, as the first part of a mail with files. Rejected when the files are not those."""
    if not attachments:
        return body
    if len(files) != len(attachments):
        raise Rejected("the answer's files did not come along", code="attachments")
    if len(files) > MOST_FILES or sum(map(len, files)) > MOST_TOGETHER:
        raise Rejected(
            f"the mail has {len(files)} files of {sum(map(len, files)) / 1e6:.1f} MB; "
            f"at most {MOST_FILES} files of {MOST_TOGETHER / 1e6:.0f} MB together are sent",
            code="attachments",
        )
    digest = hashlib.blake2b(b"files" + seed.encode("utf-8", "replace"), digest_size=12).hexdigest()
    mark = f"--=_santral_{digest}\r\n".encode()
    parts = [f'Content-Type: multipart/mixed; boundary="=_santral_{digest}"\r\n\r\n'.encode(), mark, body]
    for number, (attachment, data) in enumerate(zip(attachments, files, strict=True), 1):
        parts += [mark, _head(attachment, number), base64.encodebytes(data).replace(b"\n", b"\r\n")]
    return b"".join([*parts, f"--=_santral_{digest}--\r\n".encode()])


def _head(attachment: Attachment, number: int) -> bytes:
    kind = attachment.content_type.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(kind) or kind.startswith(
        ("multipart/", "message/")
    ):  # base64 is not for those (RFC 2045, 6.4)
        kind = "application/octet-stream"
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", attachment.filename or f"file-{number}")
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    lines.append(";\r\n ".join(["Content-Disposition: attachment", *_name(name)]))
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _name(name: str) -> list[str]:
    """The name as parameters: quoted when it is plain and short, else by RFC 2231."""
    if re.fullmatch(r"[ !#-\[\]-~]{1,60}", name):
        return [f'filename="{name}"']
    encoded = quote(name, safe="", errors="replace")
    if len(encoded) <= _PIECE:
        return [f"filename*=utf-8''{encoded}"]
    first, *others = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,20}", encoded)
    return [f"filename*0*=utf-8''{first}", *(f"filename*{place}*={piece}" for place, piece in enumerate(others, 1))]
