"""What WhatsApp's refusals mean, told at once or in a status: one table beside the Graph API's own.

Facts are from Meta's page "Error codes" (WhatsApp Business Platform).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from channels import meta
from channels.reading import json_object
from channels.whatsapp_values import mapping, word
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.wire import HttpResponse


class Refusal(NamedTuple):
    """`wait`: surely not sent, to be tried after so many seconds. `permanent`: will the same message ever arrive?

    `asked`: they told WhatsApp to stop marketing.
    """

    text: str
    wait: float | None = None
    suppress: bool = False
    credentials: bool = False
    permanent: bool | None = None
    asked: bool = False


_PARAMETERS = "the template's parameters are not those it was approved with"
_CERTIFICATE = "the inbox's number is not registered with the Cloud API"

REFUSALS: Mapping[str, Refusal] = {
    "0": Refusal("the access token is wrong, expired or withdrawn: put a new one", credentials=True),
    "3": Refusal("the access token lacks a permission, or the app a capability", credentials=True),
    "10": Refusal("the access token lacks the permission whatsapp_business_messaging", credentials=True),
    "33": Refusal("the inbox's phone_number_id was deleted", credentials=True),
    "368": Refusal("the WhatsApp account is restricted or disabled for breaking a policy", credentials=True),
    "130429": Refusal("more messages a second than the number may send", wait=5, permanent=False),
    "130472": Refusal("the customer is in an experiment of Meta's and gets no marketing", permanent=False),
    "130497": Refusal("the account may not write to the customer's country", permanent=True),
    "131005": Refusal("the access token lacks a permission, or it was withdrawn", credentials=True),
    "131008": Refusal("a required parameter is missing", permanent=True),
    "131009": Refusal("a parameter's value is not valid", permanent=True),
    "131016": Refusal("the service is not available just now", wait=30, permanent=False),
    "131021": Refusal("the recipient is the inbox's own number", permanent=True),
    # One code for many causes, on purpose: no WhatsApp there, an old app, terms not accepted. So no suppression.
    "131026": Refusal("undeliverable: not on WhatsApp, an app too old, or its terms not accepted", permanent=True),
    "131030": Refusal("a test number writes only to numbers on the app's list", credentials=True, permanent=True),
    "131031": Refusal("the WhatsApp account is locked: see the Business Manager", credentials=True),
    "131037": Refusal("the number's display name is not approved", credentials=True),
    "131042": Refusal("the account cannot be charged: see its payment settings", credentials=True),
    "131045": Refusal(_CERTIFICATE, credentials=True),
    "131047": Refusal("the customer's last message is more than 24 hours ago: send a template", permanent=True),
    "131048": Refusal(
        "too many people blocked or reported the number: its sending is slowed", wait=3_600, permanent=False
    ),
    "131049": Refusal("Meta held it back: the customer gets too much marketing now", permanent=False),
    "131050": Refusal("the customer stopped marketing messages of this business", permanent=True, asked=True),
    "131051": Refusal("WhatsApp does not carry this type of message", permanent=True),
    "131052": Refusal("the customer's file could not be fetched by Meta"),
    "131053": Refusal("Meta could not take the file: its link, its size or its type", permanent=True),
    "131056": Refusal("too many messages to this customer within a short time", wait=6, permanent=False),
    "131057": Refusal("the account is being maintained", wait=300, permanent=False),
    "131060": Refusal("the message is not available at present", permanent=False),
    "132000": Refusal(_PARAMETERS, permanent=True),
    "132001": Refusal("there is no approved template of that name and language", permanent=True),
    "132005": Refusal("the template with its parameters filled in is too long", permanent=True),
    "132007": Refusal("the template breaks WhatsApp's policy", permanent=True),
    "132012": Refusal(_PARAMETERS, permanent=True),
    "132015": Refusal("the template is paused for its low quality", permanent=False),
    "132016": Refusal("the template is disabled for good: it was paused too often", permanent=True),
    "132068": Refusal("the template's flow is blocked", permanent=True),
    "132069": Refusal("the template's flow is throttled", permanent=False),
    "133000": Refusal(_CERTIFICATE, credentials=True),
    "133004": Refusal("the server is not available just now", wait=30, permanent=False),
    "133010": Refusal(_CERTIFICATE, credentials=True),
    "134011": Refusal("WhatsApp's payment terms are not accepted", credentials=True),
    "135000": Refusal("the message's parameters are not valid", permanent=True),
}

UNCERTAIN = frozenset({"131000"})  # "Something went wrong": it may have gone out all the same

_NO_NUMBER = "there is no such phone_number_id, or the access token may not see it"
GRAPH: meta.Meanings = {**meta.GRAPH_ERRORS, (100, 33): meta.Meaning(_NO_NUMBER, credentials=True)}


def refused(response: HttpResponse) -> NoReturn:
    """Say what an answer without a message's id means: WhatsApp's own codes first, then the Graph API's.

    Sending has no idempotency key; what may have gone out is Unknown and settled by a status, which carries our send id.
    """
    try:
        error = mapping(json_object(response.body).get("error"))
    except Unparsable:
        error = {}
    code = word(error.get("code"))
    if code in UNCERTAIN:
        raise Unknown(f"WhatsApp {code}: the message may have been sent all the same")
    known = REFUSALS.get(code)
    if known is None:
        meta.refused(response, errors=GRAPH)
    if known.wait is not None:
        raise Temporary(f"WhatsApp {code}: {known.text}", retry_after=known.wait)
    what = f"WhatsApp {code}: {known.text}"
    raise Rejected(what, code=code, suppress=known.suppress, credentials=known.credentials, asked=known.asked)
