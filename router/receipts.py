"""Record a receipt: a provider's word on one of our messages, applied only if it says more than we know."""

from __future__ import annotations

from router.exchange import Exchange
from router.messages import Receipt, ReceiptStatus

_FAILURES = frozenset({ReceiptStatus.FAILED, ReceiptStatus.BOUNCED})


def record_receipt(x: Exchange, receipt: Receipt) -> bool:
    """True if it changed what is known. One for a message that is not ours is counted and dropped: it accepts nothing.

    Only a send id counts: a signed webhook, SES's own tag, or our mark with its MAC brought it. A Message-ID alone is known to
    everyone the mail was ever forwarded to, so a report that names only that proves nothing (P10).
    """
    send_id = receipt.send_id
    if send_id is None:
        x.count("ReceiptWithoutSend", 1)
        return False
    if receipt.status.rank < ReceiptStatus.SENT.rank:
        return False
    failed = receipt.status in _FAILURES
    if not x.table.record_receipt(send_id, receipt, failed=failed):
        return False
    x.count(f"Receipt{receipt.status.capitalize()}", 1)
    sends = x.table.sends([send_id])
    if send_id in sends:
        conversation = x.table.conversation(sends[send_id].conversation)
        if conversation is not None and conversation.agent is not None:
            frame = {"type": "conversation", "conversation": conversation.id, "reason": "changed"}
            x.sockets.tell(f"A#{conversation.agent}", frame, conversation.agent_connection)
    return True
