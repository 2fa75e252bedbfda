"""Which of a WhatsApp account's webhook fields tell nothing of a conversation, and what they tell instead.

Facts are from Meta's page "Webhooks overview" (WhatsApp Business Platform), whose fields these are. Any other field is
read for messages and statuses.
"""

from __future__ import annotations

from collections.abc import Mapping

ACCOUNT = "the account's affair, no customer's"
TEMPLATE = "about one of our templates"
NUMBER = "about our number"
GROUP = "a group's affair, not a message"
CALL = "a call, not a message"
OTHER_APP = "another app or Meta's own agent holds the conversation"

FIELDS: Mapping[str, str] = {
    "account_alerts": ACCOUNT,
    "account_review_update": ACCOUNT,
    "account_settings_update": ACCOUNT,
    "account_update": ACCOUNT,
    "automatic_events": "Meta's guess at a purchase or a lead, for its ads",
    "business_capability_update": ACCOUNT,
    "business_status_update": ACCOUNT,
    "calls": CALL,
    "consumer_profile": "a customer's profile changed",
    "flows": "about one of our flows",
    "group_lifecycle_update": GROUP,
    "group_participants_update": GROUP,
    "group_settings_update": GROUP,
    "group_status_update": GROUP,
    "history": "messages from before the number was connected; they are not imported",
    "message_template_components_update": TEMPLATE,
    "message_template_quality_update": TEMPLATE,
    "message_template_status_update": TEMPLATE,
    "messaging_handovers": OTHER_APP,
    "partner_solutions": ACCOUNT,
    "payment_configuration_update": ACCOUNT,
    "phone_number_name_update": NUMBER,
    "phone_number_quality_update": NUMBER,
    "phone_number_settings_update": NUMBER,
    "security": NUMBER,
    "smb_app_state_sync": "the address book of the WhatsApp Business app; it is not imported",
    "standby": OTHER_APP,
    "template_category_update": TEMPLATE,
    "template_correct_category_detection": TEMPLATE,
    "tracking_events": "clicks, for Meta's ads",
}
