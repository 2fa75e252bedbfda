"""The API's handler as a WSGI application, for tools that speak HTTP: API Gateway and its authoriser played in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from functions import api
from tests.kit.events import LambdaContext, http_event

USER = "yonetici"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One call. Below /v1 the caller is an administrator, or, without an Authorization header, refused as by the gateway."""
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    event = http_event(environ["REQUEST_METHOD"], path, body, headers)
    event["rawQueryString"] = environ.get("QUERY_STRING", "")
    query: dict[str, str] = {}
    for name, value in parse_qsl(event["rawQueryString"], keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value  # as API Gateway joins what is repeated
    event["queryStringParameters"] = query or None
    if path.startswith("/v1/"):
        if "authorization" not in headers:
            start_response("401 Unauthorized", [("content-type", "application/json")])
            return [b'{"message":"Unauthorized"}']
        claims = {"cognito:username": USER, "cognito:groups": "[admin]"}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    answer = api.handler(event, LambdaContext())
    status = HTTPStatus(answer["statusCode"])
    many = [(name, value) for name, values in (answer.get("multiValueHeaders") or {}).items() for value in values]
    start_response(f"{status.value} {status.phrase}", [*(answer.get("headers") or {}).items(), *many])
    return [str(answer.get("body") or "").encode("utf-8", "surrogatepass")]
