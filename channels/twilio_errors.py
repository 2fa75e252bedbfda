"""What Twilio's error codes mean: those of a receipt, said after a message left, and those of a refusal, said at once.

Facts are from Twilio's pages "Error and Warning Dictionary", "Twilio Health Score for Messaging" and "Debugging common
issues"; the meanings are in our own words, since Twilio's may hold the customer's number.
"""

from __future__ import annotations

from typing import NamedTuple


class Failure(NamedTuple):
    """Why a message was not delivered. `permanent` is about the address: will it ever work? None: it is not said."""

    text: str
    permanent: bool | None = False


class Refusal(NamedTuple):
    """What follows from a refused call.

    `credentials`: they are wrong, or what the inbox sends from is not theirs: nothing at all can leave until a person puts it
    right. `later`: it is surely not sent, and the same call may be taken in so many seconds. `asked`: they told Twilio to stop.
    """

    text: str
    suppress: bool = False
    credentials: bool = False
    later: float | None = None
    asked: bool = False


_UNREGISTERED = "the sending number is not registered for this traffic"
_TEMPLATE = "the template is rejected, paused or disabled: see it in Twilio's Content Template Builder"
_WINDOW = "the customer's last message is more than 24 hours ago: only a template may be sent"
_NO_SENDER = "the inbox's address is no sender of this account on this channel"
_UNCONNECTED = "the channel does not know Twilio any more: connect the sender anew"
_RATE = "too many messages in a short time"

DELIVERY = {
    "11751": Failure("the file is larger than the channel carries"),
    "12300": Failure("the file is not of the type it is sent as"),
    "21610": Failure("the person has opted out", permanent=True),
    "30001": Failure("the sender's queue is full"),
    "30002": Failure("the account is suspended"),
    "30003": Failure("the phone is off or out of reach"),
    "30004": Failure("the network or the phone's owner blocks the message", permanent=None),
    "30005": Failure("the number is unknown or no longer in use", permanent=True),
    "30006": Failure("the number is a landline, or its network cannot be reached", permanent=True),
    "30007": Failure("filtered as spam, by Twilio or by the network"),
    "30008": Failure("the network did not say why"),
    "30009": Failure("a part of the message is missing"),
    "30010": Failure("the price is higher than the highest allowed"),
    "30011": Failure("the number cannot receive MMS"),
    "30017": Failure("the network is congested"),
    "30018": Failure("the country wants sender names to be registered beforehand"),
    "30019": Failure("the file is larger than the network carries"),
    "30022": Failure(_RATE),
    "30023": Failure("the brand's daily limit is reached (US)"),
    "30024": Failure("the sender is not set up at that network"),
    "30027": Failure("the daily limit of that network is reached (US)"),
    "30032": Failure("the toll-free number is not verified"),
    "30033": Failure("the campaign is suspended (US)"),
    "30034": Failure(_UNREGISTERED),
    "30035": Failure("the sending number is still being registered"),
    "30036": Failure("it could not be sent in time"),
    "30042": Failure("the sender name is too general, or has characters that are not allowed"),
    "30410": Failure("the network did not answer in time"),
    "30450": Failure("held back by SMS Pumping Protection"),
    "30453": Failure("held back as suspected fraud"),
    "30500": Failure("Twilio failed: an error of its own"),
    "63001": Failure(_UNCONNECTED),
    "63002": Failure(_NO_SENDER),
    "63003": Failure("there is no such address on this channel", permanent=True),
    "63005": Failure("the channel did not take this content"),
    "63007": Failure(_NO_SENDER),
    "63008": Failure(_UNCONNECTED),
    "63009": Failure("the channel failed: an error of its own"),
    "63010": Failure("Twilio failed: an error of its own"),
    "63012": Failure("the channel failed: an error of its own"),
    "63013": Failure("against the channel's rules"),
    "63014": Failure("the person has blocked the sender", permanent=True),
    "63015": Failure("the person has not joined the sandbox"),
    "63016": Failure(_WINDOW),
    "63017": Failure(_RATE),
    "63018": Failure(_RATE),
    "63019": Failure("the channel could not fetch the file"),
    "63020": Failure("the business's account with Meta is not complete"),
    "63021": Failure("the channel does not carry this content or type of file"),
    "63022": Failure("the sender's display name has no certificate yet"),
    "63023": Failure("the channel did not say why"),
    "63024": Failure("the person cannot receive messages on this channel", permanent=None),
    "63027": Failure("the template does not exist in that language"),
    "63028": Failure("the template has another number of variables"),
    "63030": Failure("this channel does not know a parameter of the message"),
    "63031": Failure("sender and recipient are the same"),
    "63032": Failure("WhatsApp keeps this person from being written to for now"),
    "63034": Failure("the file is larger than the channel carries"),
    "63036": Failure("the phone cannot be reached by RCS", permanent=None),
    "63038": Failure("the account's daily limit is reached"),
    "63040": Failure(_TEMPLATE),
    "63041": Failure(_TEMPLATE),
    "63042": Failure(_TEMPLATE),
    "63049": Failure("Meta chose not to deliver it: this person gets too much marketing"),
}

REFUSALS = {
    "20003": Refusal("the account's credentials are wrong", credentials=True),
    "20005": Refusal("the account is not active", credentials=True),
    "20404": Refusal("there is no such account", credentials=True),
    "20429": Refusal("too many requests", later=0),
    "21211": Refusal("the number is not valid", suppress=True),
    "21212": Refusal("the inbox's address is not a valid sender", credentials=True),
    "21265": Refusal("the number is a short code, which cannot be written to"),
    "21266": Refusal("sender and recipient are the same"),
    "21268": Refusal("the number is a premium-rate one"),
    "21408": Refusal("the account may not send to that country"),
    "21601": Refusal("the inbox's number cannot send SMS", credentials=True),
    "21602": Refusal("the message is empty"),
    "21603": Refusal("no sender is set", credentials=True),
    "21604": Refusal("no recipient is set"),
    "21606": Refusal("the inbox's number is not this account's, or cannot send SMS"),
    "21608": Refusal("a trial account writes to verified numbers only"),
    "21609": Refusal("the status URL is not valid: is the deployment's public URL set?", credentials=True),
    "21610": Refusal("the person has opted out", suppress=True, asked=True),
    "21611": Refusal("the sender's queue is full", later=600),
    "21612": Refusal("this sender cannot reach that number"),
    "21614": Refusal("the number is not a mobile one", suppress=True),
    "21617": Refusal("the text is longer than 1600 characters"),
    "21619": Refusal("there is neither text nor file nor template"),
    "21620": Refusal("Twilio could not read a file by its URL"),
    "21621": Refusal("the inbox's number cannot send files (MMS)"),
    "21623": Refusal("more than 10 files"),
    "21635": Refusal("the number is a landline", suppress=True),
    "21654": Refusal("no template is named"),
    "21655": Refusal("the template is no valid ContentSid of this account"),
    "21656": Refusal("the template's variables are not valid"),
    "21659": Refusal("the inbox's number is not a Twilio number", credentials=True),
    "21660": Refusal("the inbox's number is another account's", credentials=True),
    "21661": Refusal("the inbox's number cannot send SMS", credentials=True),
    "21701": Refusal("the messaging service does not exist", credentials=True),
    "21703": Refusal("the messaging service has no number that could send it"),
    "21704": Refusal("the messaging service has no numbers", credentials=True),
    "21910": Refusal("sender and recipient are not on the same channel"),
    "30002": Refusal("the account is suspended", credentials=True),
    "63001": Refusal(_UNCONNECTED, credentials=True),
    "63002": Refusal(_NO_SENDER, credentials=True),
    "63003": Refusal("there is no such address on this channel", suppress=True),
    "63007": Refusal(_NO_SENDER, credentials=True),
    "63008": Refusal(_UNCONNECTED, credentials=True),
    "63015": Refusal("the person has not joined the sandbox"),
    "63016": Refusal(_WINDOW),
    "63017": Refusal(_RATE, later=60),
    "63018": Refusal(_RATE, later=600),
    "63021": Refusal("the channel does not carry this content or type of file"),
    "63024": Refusal("the person cannot receive messages on this channel"),
    "63027": Refusal("the template does not exist in that language"),
    "63028": Refusal("the template has another number of variables"),
    "63031": Refusal("sender and recipient are the same"),
    "63032": Refusal("WhatsApp keeps this person from being written to for now"),
    "63038": Refusal("the account's daily limit is reached", later=3600),
    "63040": Refusal(_TEMPLATE),
    "63041": Refusal(_TEMPLATE),
    "63042": Refusal(_TEMPLATE),
    "63049": Refusal("Meta chose not to deliver it: this person gets too much marketing"),
}
