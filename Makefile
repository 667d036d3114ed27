# Two commands do everything alone: `make demo` and `make test`. Needed: Python >= 3.11 with venv, and make.
PYTHON ?= python3
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
.DEFAULT_GOAL := help
.PHONY: help demo test check schema migration lock bench

help: ## what there is to make
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/'

demo: .venv/.stamp ## four sandbox agencies, one view, the API and what to try
	$(BIN)/python -m hub demo

test: .venv/.stamp ## every check and every test
	$(MAKE) check
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: .venv/.stamp ## linters, types, direction of imports, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m hub schema --check

schema: .venv/.stamp ## write the API's SDL to schema/hub.graphql, and the generated parts of the docs
	$(BIN)/python -m hub schema --write
	$(BIN)/python -m hub.cli.docs

bench: .venv/.stamp ## ingestion, a page beside PostGraphile, the demo's start: figures, and no test
	$(BIN)/python -m tests.bench

migration: .venv/.stamp ## draft a migration: make migration M="what" URL=postgresql+psycopg://hub_owner@...
	$(BIN)/alembic -x url="$(URL)" revision --autogenerate -m "$(M)"

lock: .boot/.stamp ## renew the locks from pyproject.toml
	.boot/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-header -q -o requirements.lock
	.boot/bin/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -q \
		-c requirements.lock -o requirements-dev.lock

.boot/.stamp: requirements-boot.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1); name another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python has no venv here; run: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .boot
	.boot/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-boot.lock
	@touch $@

.venv/.stamp: .boot/.stamp requirements-dev.lock
	@test -x $(BIN)/python || .boot/bin/uv venv -q --python .boot/bin/python .venv
	.boot/bin/uv pip sync -q --require-hashes --python $(BIN)/python requirements-dev.lock
	@touch $@
