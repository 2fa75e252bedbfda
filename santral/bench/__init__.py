"""`python -m santral.bench`: what a message costs, in time, AWS requests, capacity units and dollars."""
