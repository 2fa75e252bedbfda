"""What the Graph API's refusals mean: one table for Messenger and Instagram, to which WhatsApp adds its own.

Facts are from Meta's pages "Handle Errors" and "Rate Limits" (Graph API) and "Common Error Codes" (Messenger Platform).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from channels.reading import json_object, retry_after
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.wire import HttpResponse


class Meaning(NamedTuple):
    """A refusal in our own words: Meta's text may hold the customer's id."""

    text: str
    suppress: bool = False
    credentials: bool = False


Meanings = Mapping[tuple[int, int | None], Meaning]
"""By code and subcode; a code with the subcode None is about all others of that code."""

RATE_LIMITS = frozenset({4, 9, 17, 32, 341, 368, 613, 80001, 80002, 80006, 80007, 80008})
"""Too many calls by the app, the user, the page or the account. 368 is a block for a time, after what Meta calls abuse."""

NOT_SENT_YET = frozenset({1200})  # "Temporary send message failure"
UNCERTAIN = frozenset({1, 2})  # "An unknown error", "Service temporarily unavailable"
SURE = frozenset({3})  # a missing capability or permission, which is told with a 500

_WINDOW = Meaning("the customer's last message is too long ago for an answer (24 hours; 7 days with human_agent)")
_GONE = Meaning("the person cannot be reached: blocked, deactivated or deleted", suppress=True)
_NOBODY = Meaning("there is no such person for this account: ids are of one page or account only", suppress=True)
_FILE = Meaning("Meta could not take the file: unreachable, broken, or not of the type it is sent as")
_LARGE = Meaning("the file is larger than Meta takes")
_TOKEN = Meaning("the access token is wrong, expired or withdrawn: put a new one", credentials=True)
_PERMISSION = Meaning("the app lacks a permission or its approval (pages_messaging...)", credentials=True)
_REVIEW = Meaning("the app is not approved: only its own admins, developers and testers get messages", credentials=True)
_ACCOUNT = Meaning("there is no such page or account, or the access token may not see it", credentials=True)

GRAPH_ERRORS: Meanings = {
    (0, None): _TOKEN,
    (3, None): Meaning("the app may not make this call", credentials=True),
    (10, None): _PERMISSION,
    (10, 2018065): _WINDOW,
    (10, 2018108): _GONE,
    (10, 2018278): _WINDOW,
    (10, 2534022): _WINDOW,
    (100, None): Meaning("a parameter is not valid"),
    (100, 33): _ACCOUNT,
    (100, 2018001): _NOBODY,
    (100, 2018007): _FILE,
    (100, 2018008): _FILE,
    (100, 2018047): _FILE,
    (100, 2018074): Meaning("there is no such uploaded file, or it is another page's"),
    (100, 2018109): _LARGE,
    (100, 2018294): _FILE,
    (100, 2534014): _NOBODY,
    (100, 2534015): Meaning("the message is not valid: empty, or of a form this channel does not carry"),
    (100, 2534037): Meaning("another app holds the conversation (handover protocol)"),
    (102, None): _TOKEN,
    (104, None): Meaning("the app asks for a proof of its secret (appsecret_proof) with each call", credentials=True),
    (190, None): _TOKEN,
    (200, None): _PERMISSION,
    (200, 1545041): _GONE,
    (200, 2018027): _REVIEW,
    (200, 2018028): _REVIEW,
    (200, 2018108): _GONE,
    (551, None): _GONE,
    (803, None): _ACCOUNT,
    (2018300, None): Meaning("another app holds the conversation (handover protocol)"),
}


def refused(response: HttpResponse, harmless: bool = False, errors: Meanings = GRAPH_ERRORS) -> NoReturn:
    """Say what an answer that brought no id means; `errors` may hold more than GRAPH_ERRORS.

    Rate limits and what Meta itself calls transient are Temporary, other 4xx are Rejected. 5xx, 408, redirects and codes
    1 and 2 leave open whether it was done: Unknown, or Temporary where a repeat is `harmless`.
    """
    error = _error(response.body)
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    name = _name(code, subcode) or str(response.status)
    if response.status == 429 or code in RATE_LIMITS:
        raise Temporary(f"Meta {name}: too many calls", retry_after=retry_after(response.headers))
    uncertain = response.status >= 500 or response.status < 400 or response.status == 408 or code in UNCERTAIN
    uncertain = uncertain and code not in SURE
    if uncertain and not harmless:
        raise Unknown(f"Meta answered {response.status} (error {name}); it may have been done all the same")
    if uncertain or code in NOT_SENT_YET or error.get("is_transient") is True:
        raise Temporary(f"Meta {name}: cannot be done just now", retry_after=retry_after(response.headers))
    meaning = _meaning(code, subcode, response.status, errors)
    raise Rejected(
        f"Meta {name}: {meaning.text}", code=name, suppress=meaning.suppress, credentials=meaning.credentials
    )


def _meaning(code: int | None, subcode: int | None, status: int, errors: Meanings) -> Meaning:
    if code is not None:
        for key in ((code, subcode), (code, None)):
            if key in errors:
                return errors[key]
        if 200 <= code <= 299:  # "Handle Errors": permissions, all of them
            return _PERMISSION
    return _TOKEN if status == 401 else Meaning("refused", credentials=status == 403)


def _error(body: bytes) -> dict[str, Any]:
    try:
        error = json_object(body).get("error")
    except Unparsable:
        return {}
    return error if isinstance(error, dict) else {}


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12 else None


def _name(code: int | None, subcode: int | None) -> str:
    if code is None:
        return ""
    return f"{code}/{subcode}" if subcode else str(code)
