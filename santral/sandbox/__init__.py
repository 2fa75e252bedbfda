"""The sandbox plays the providers on this machine: SES and Twilio both ways, customers' mailbox and phone."""
