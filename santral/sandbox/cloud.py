"""The two things SES does in the account: it puts a mail into the bucket, and it publishes to a topic."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

MAIL_PREFIX = "mail/"  # the receipt rule's ObjectKeyPrefix in the template


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where SES would write. The boto3 clients block, so each call runs in a thread."""

    s3: Any
    sns: Any
    mail_bucket: str
    mail_topic: str
    events_topic: str
    region: str

    async def store_mail(self, key: str, raw: bytes) -> None:
        """Put the raw mail where the receipt rule's S3 action would."""
        await asyncio.to_thread(self.s3.put_object, Bucket=self.mail_bucket, Key=key, Body=raw)

    async def notify(self, message: str) -> None:
        """Publish as the receipt rule's S3 action would."""
        await asyncio.to_thread(
            self.sns.publish,
            TopicArn=self.mail_topic,
            Subject="Amazon SES Email Receipt Notification",
            Message=message,
        )

    async def publish_event(self, message: str) -> None:
        """Publish as the configuration set's event destination would."""
        await asyncio.to_thread(
            self.sns.publish, TopicArn=self.events_topic, Subject="Amazon SES Email Event Notification", Message=message
        )
