"""The `santral` command: local run, normalize, schema and what else operates a deployment. Never in the Lambda artifact."""
