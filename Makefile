# `make` alone lists what there is.
.DEFAULT_GOAL := help
.PHONY: help setup run test unit check lint types lock contracts docs-check docs schema format

BIN := .venv/bin
# uv of the bootstrap, if this machine has none.
UV := PATH="$$PATH:$$HOME/.local/bin:$(CURDIR)/.tools/uv/bin" uv

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up what is missing and run everything on this machine, without Docker, until Ctrl-C
	@scripts/bootstrap run
	@exec $(BIN)/photo-factory up

setup: ## set up what run and test need, and nothing more
	@scripts/bootstrap test

test: setup ## run every test
	@$(BIN)/pytest

unit: setup ## run the tests that need no database, in seconds
	@$(BIN)/pytest -m unit

check: lint types lock contracts docs-check test ## all that must hold before a change is accepted

lint: setup ## style and format of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## types, strictly
	@$(BIN)/mypy .

lock: setup ## uv.lock fits the manifests
	@$(UV) lock --check

contracts: setup ## services never import each other
	@$(BIN)/lint-imports

docs-check: setup ## the generated settings reference is up to date
	@$(BIN)/python scripts/settings_reference.py --check

docs: setup ## write .env.example and docs/configuration.md anew from the settings classes
	@$(BIN)/python scripts/settings_reference.py

schema: setup ## write db/schema.sql anew from the migrations
	@$(BIN)/python tests/support/schema_dump.py

format: setup ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
