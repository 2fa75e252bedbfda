"""The sandbox plays the providers on this machine both ways: SES, Twilio, Meta, Telegram; customers' mailbox and phones."""
