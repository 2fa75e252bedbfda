"""Large payloads, raw mail and files in S3, and addresses at which others get or put one for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from router.errors import NotFound, Temporary, TooLarge


class Blobs:
    """Objects by `s3://bucket/key`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> str:
        """Store an object; its reference. Raises Temporary when S3 does not take it now."""
        with _answering(key):
            self._client.put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=content_type)
        return f"s3://{self.bucket}/{key}"

    def get(self, ref: str, limit: int | None = None) -> bytes:
        """Read an object. Raises NotFound, TooLarge beyond `limit` bytes, Temporary when S3 does not answer."""
        bucket, key = place(ref)
        with _answering(ref):
            answer = self._client.get_object(Bucket=bucket, Key=key)
        if limit is not None and answer["ContentLength"] > limit:
            raise TooLarge(f"{ref} has {answer['ContentLength']} bytes; the limit is {limit}")
        try:
            data: bytes = answer["Body"].read()
        except BotoCoreError as error:
            raise Temporary(f"S3 broke off while giving {ref}: {type(error).__name__}") from None
        return data

    def look(self, ref: str) -> tuple[int, str] | None:
        """An object's size and type; None when there is none. Raises Temporary."""
        bucket, key = place(ref)
        try:
            with _answering(ref):
                answer = self._client.head_object(Bucket=bucket, Key=key)
        except NotFound:
            return None
        return int(answer["ContentLength"]), str(answer.get("ContentType") or "")

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """The keys below a prefix that come after a key, in their order: 1 call for a thousand. Raises NotFound, Temporary."""
        more: dict[str, str] = {"StartAfter": after} if after else {}
        while True:
            with _answering(prefix):
                answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, **more)
            yield from (found["Key"] for found in answer.get("Contents", ()))
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def copy(self, ref: str, key: str) -> str:
        """Store an object under another key too; its reference. Raises NotFound, Temporary."""
        bucket, source = place(ref)
        with _answering(ref):
            self._client.copy_object(Bucket=self.bucket, Key=key, CopySource={"Bucket": bucket, "Key": source})
        return f"s3://{self.bucket}/{key}"

    def link(self, ref: str, lifetime: timedelta, content_type: str, disposition: str) -> str:
        """An address at which anybody gets the object for a while, as that type and with that Content-Disposition: no call."""
        bucket, key = place(ref)
        asked = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        return self._presigned("get_object", {"Bucket": bucket, "Key": key, **asked}, lifetime)

    def upload_link(self, key: str, lifetime: timedelta, content_type: str, size: int) -> str:
        """An address to which exactly such an object may be PUT for a while: no call."""
        asked = {"Bucket": self.bucket, "Key": key, "ContentType": content_type, "ContentLength": size}
        return self._presigned("put_object", asked, lifetime)

    def _presigned(self, method: str, asked: dict[str, Any], lifetime: timedelta) -> str:
        seconds = int(lifetime.total_seconds())
        return str(self._client.generate_presigned_url(method, Params=asked, ExpiresIn=seconds))


def place(ref: str) -> tuple[str, str]:
    """Bucket and key of a reference."""
    bucket, _, key = ref.removeprefix("s3://").partition("/")
    return bucket, key


@contextmanager
def _answering(what: str) -> Iterator[None]:
    """S3's failures in our words. Who may not list a bucket is told 403 of an object that is not there."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404", "NoSuchBucket", "AccessDenied", "403"):
            raise NotFound(f"there is no object {what}, or we may not touch it") from None
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise Temporary(f"S3 cannot serve {what} now") from None
        raise
    except BotoCoreError as error:
        raise Temporary(f"S3 did not answer for {what}: {type(error).__name__}") from None
