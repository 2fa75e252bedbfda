"""List prices in us-east-1, US dollars, first tier, without the free tier. Check them again on the pages before you rely on them.

Sources, all on aws.amazon.com: lambda/pricing, api-gateway/pricing, sqs/pricing, dynamodb/pricing/on-demand,
cloudwatch/pricing, s3/pricing, ses/pricing, sns/pricing, xray/pricing, secrets-manager/pricing.
"""

LAMBDA_REQUEST = 0.20e-6
LAMBDA_GB_SECOND = 13.3334e-6  # arm64
HTTP_REQUEST = 1.00e-6
SOCKET_MESSAGE = 1.00e-6  # each 32 KB; pushes too
SQS_FIFO = 0.50e-6  # a request of up to 64 KB: send, receive or delete
SQS_STANDARD = 0.40e-6
WRITE_UNIT = 0.625e-6  # on demand
READ_UNIT = 0.125e-6
LOG_GB = 0.50  # taken in, standard class
LOG_GB_MONTH = 0.03
S3_PUT = 5.0e-6
S3_GET = 0.4e-6
S3_GB_MONTH = 0.023
TABLE_GB_MONTH = 0.25
RECOVERY_GB_MONTH = 0.20  # point-in-time recovery
XRAY_TRACE = 5.0e-6  # recorded
SES_IN = 0.10e-3  # an e-mail; and 0.09 for a thousand chunks of 256 KB
SES_IN_CHUNK = 0.09e-3
SES_OUT = 0.10e-3
SMS_OUT = 8.3e-3  # Twilio's, one part to the United States, without what carriers ask for; other countries are dearer
WHATSAPP_OUT = 6.8e-3  # Meta's, as config/campaigns.yaml has it; it differs by country and kind of message
SNS_PUBLISH = 0.50e-6  # to Lambda the delivery is free

XRAY_SAMPLED = 0.05  # Lambda's default beyond the first request of each second

# Cost of a million inbound messages each with one reply, of others: routed alone; six messages in a conversation.
FLOOR = (3.93, 2.89)  # two message writes, assign, release, one push, 128 MB for 10 ms twice
STATELESS = (15.54, 9.55)  # a matcher that keeps nothing but DynamoDB: queues, logs and API Gateway included
