"""What the API takes and gives of files: what a message holds, how one is got, and how one is sent."""

from __future__ import annotations

from pydantic import Field

from router.messages import Time
from router.views import Body, View


class FileLinkView(View):
    """A file, at an address that is good for some minutes and for anybody who has it."""

    url: str
    expires_at: Time
    filename: str
    content_type: str
    size: int


class UploadBody(Body):
    """A file to be sent: what it is called and exactly what will be uploaded."""

    filename: str = Field(min_length=1, max_length=255)
    content_type: str = Field(
        default="application/octet-stream",
        max_length=127,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$",
    )
    size: int = Field(ge=1, le=100_000_000, description="bytes")


class UploadView(View):
    """Where to PUT the file, as it was described and with its `Content-Type`; its id goes into a reply's `attachments`."""

    id: str
    upload_url: str
    content_type: str
    expires_at: Time
