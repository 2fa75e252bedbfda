"""Large payloads and raw mail in S3."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from router.errors import NotFound, Temporary, TooLarge


class Blobs:
    """Objects by `s3://bucket/key`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> str:
        """Store an object; its reference."""
        self._client.put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=content_type)
        return f"s3://{self.bucket}/{key}"

    def get(self, ref: str, limit: int | None = None) -> bytes:
        """Read an object. Raises NotFound, TooLarge beyond `limit` bytes, Temporary when S3 does not answer."""
        bucket, _, key = ref.removeprefix("s3://").partition("/")
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            # Who may not list a bucket is told 403 of an object that is not there.
            if error.response["Error"]["Code"] in ("NoSuchKey", "404", "NoSuchBucket", "AccessDenied", "403"):
                raise NotFound(f"there is no object {ref}, or we may not read it") from None
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise Temporary(f"S3 cannot give {ref} now") from None
            raise
        except BotoCoreError as error:
            raise Temporary(f"S3 did not answer for {ref}: {type(error).__name__}") from None
        if limit is not None and answer["ContentLength"] > limit:
            raise TooLarge(f"{ref} has {answer['ContentLength']} bytes; the limit is {limit}")
        try:
            data: bytes = answer["Body"].read()
        except BotoCoreError as error:
            raise Temporary(f"S3 broke off while giving {ref}: {type(error).__name__}") from None
        return data
