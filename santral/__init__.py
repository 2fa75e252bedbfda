"""The `santral` command: local run, normalize, schema and what else operates a deployment; never in the Lambdas."""
