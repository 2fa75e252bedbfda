# Santral. `make` lists the targets; everything installs into .venv and .tools beside this file.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .venv/bin/uv
export SAM_CLI_TELEMETRY := 0
# Some machines forbid .pyc files; every process would compile everything it imports, and a run starts hundreds.
export PYTHONDONTWRITEBYTECODE :=
# Template checks want a region but ask nothing of it.
export AWS_DEFAULT_REGION ?= eu-central-1

# Where tests run on the emulator or in a browser; tests/test_layout.py holds them there.
STACK := tests/emulator tests/browser tests/aws tests/santral/test_sandbox_page.py

.PHONY: help setup tools run test lint check validate unit stack bench soak lock build clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready ## make .venv: Santral, editable, with its development tools

tools: .tools/.ready ## make .tools: sam and the AWS emulator, which pin their own boto3

run: setup tools ## run everything on this machine (ONCE=1: start, pass one message through, stop)
	@.venv/bin/santral dev $(if $(ONCE),--once)

test: setup tools ## lint, types, template and all tests
	@echo "test  everything, side by side; each part is shown when it is through"
	@$(MAKE) --no-print-directory -j4 --output-sync=target stack unit check validate

lint: setup ## format, fix and type-check
	@.venv/bin/ruff format -q . && .venv/bin/ruff check -q --fix . && .venv/bin/mypy

check: .venv/.ready
	@echo "test  ruff" && nice -n 19 .venv/bin/ruff format -q --check . && .venv/bin/ruff check -q .
	@echo "test  mypy" && nice -n 19 .venv/bin/mypy

validate: .tools/.ready
	@echo "test  sam validate"
	@nice -n 19 .tools/bin/sam validate --lint -t infra/template.yaml > .tools/validate.log 2>&1 || { cat .tools/validate.log; exit 1; }

unit: .venv/.ready
	@echo "test  pytest, in process"
	@nice -n 19 .venv/bin/pytest -n 2 --dist worksteal -m "not emulator and not browser and not soak"

# Customers and providers wait for one another here, so the other parts, which only compute, give way to it.
stack: .venv/.ready .tools/.ready
	@echo "test  pytest, on the emulator and in the browser"
	@.venv/bin/pytest -m "(emulator or browser) and not soak" $(STACK)

bench: setup tools ## measure matching, the hot path and the whole way of a message
	@.venv/bin/python -m santral.bench

soak: setup tools ## what takes hours: load, 100,000 missed deadlines, 20,000 people with crashes; properties, four times as often
	@SANTRAL_THOROUGH=1 .venv/bin/pytest -m soak
	@SANTRAL_THOROUGH=1 .venv/bin/pytest -n 2 --dist worksteal -m "not emulator and not browser and not soak"

build: tools ## build for AWS (arm64); then: .tools/bin/sam deploy --guided
	@python3.13 -c "" 2> /dev/null || echo "build  no python3.13 on the PATH: without .pyc files, cold starts are slower"
	@.tools/bin/sam build -t infra/template.yaml

lock: .venv/.ready ## resolve all versions anew
	@$(UV) pip compile -q -U --universal --python-version 3.11 --no-header pyproject.toml --group dev -o requirements/dev.lock
	@$(UV) pip compile -q -U --universal --python-version 3.11 --no-header requirements/tools.in -o requirements/tools.lock
	@$(UV) pip compile -q -U --universal --python-version 3.11 --no-header infra/requirements-lambda.in -c requirements/dev.lock \
		-o infra/requirements-lambda.lock

clean: ## remove what was built, keep the environments
	@rm -rf .aws-sam .santral build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +

.venv/.ready: requirements/dev.lock pyproject.toml
	@echo "setup .venv" && $(PYTHON) -m venv .venv && .venv/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip install -q --compile-bytecode --python .venv/bin/python -r requirements/dev.lock && $(UV) pip install -q --python .venv/bin/python --no-deps -e .
	@touch $@

.tools/.ready: requirements/tools.lock
	@echo "setup .tools" && $(PYTHON) -m venv .tools && .tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@.tools/bin/uv pip install -q --compile-bytecode --python .tools/bin/python -r requirements/tools.lock
	@touch $@
