"""AWS signatures (SigV4) for calls that a channel renders to an AWS service, so that they go out like any other."""

from __future__ import annotations

from dataclasses import replace

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

from router.errors import Rejected
from router.wire import HttpRequest


class Signer:
    """Fills in the regional host for `ses:` and signs. Source: SigV4 for HTTP requests, docs.aws.amazon.com/IAM."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.region: str = session.get_config_variable("region") or "us-east-1"

    def __call__(self, request: HttpRequest) -> HttpRequest:
        """The signed request. Raises Rejected when the process has no credentials."""
        url = request.url
        if url.startswith("ses:"):
            url = f"https://email.{self.region}.amazonaws.com{url.removeprefix('ses:')}"
        credentials = self._session.get_credentials()
        if credentials is None:
            raise Rejected("there are no AWS credentials to sign with", credentials=True)
        raw = AWSRequest(method=request.method, url=url, data=request.body, headers=dict(request.headers))
        SigV4Auth(credentials.get_frozen_credentials(), request.sign or "ses", self.region).add_auth(raw)
        return replace(request, url=url, headers=dict(raw.headers.items()))
