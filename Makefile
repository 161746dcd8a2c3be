# Two commands for people: `make run` and `make test`. Everything else is a part of them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

# What WeasyPrint loads at run time, and what tests look at pages and PDFs with.
RUN_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TEST_PACKAGES := chromium nodejs npm poppler-utils webkit2gtk-driver xvfb
# TypeScript, which checks the types of static/checkin; npm writes this file when it has installed it.
TSC_READY := tests/js/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help run test bench soak

help:
	@echo "make run    sets everything up and serves the product with demo data on http://127.0.0.1:$(PORT)"
	@echo "make test   sets everything up and runs all checks and tests"
	@echo "make bench  prints benchmarks as JSON lines; make bench ONLY=name runs one"
	@echo "make soak   tries for 20 minutes to lose a check-in: ROUNDS=100 SEED=… HALAL_TEST_DB=postgresql"

$(VENV)/.run: requirements.txt .ci/system-packages Makefile
	@.ci/system-packages venv $(RUN_PACKAGES)
	@echo "Installing the requirements into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@# so that $(BIN)/flask --app app finds the product from any folder
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/serambi-halal.pth"
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	@.ci/system-packages $(TEST_PACKAGES)
	@echo "Installing what tests need into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(TSC_READY): tests/js/package-lock.json | $(VENV)/.test
	@echo "Installing TypeScript into tests/js/node_modules ..."
	@npm ci --prefix tests/js --loglevel=error --no-fund --no-audit
	@touch $@

run: $(VENV)/.run
	@HALAL_DEMO=$${HALAL_DEMO-1} $(BIN)/flask --app app serve

test: $(VENV)/.test $(TSC_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	tests/js/node_modules/.bin/tsc -p tests/js
	tests/js/node_modules/.bin/tsc -p tests/js/tsconfig.worker.json
	tests/js/node_modules/.bin/tsc -p tests/js/tsconfig.verify-worker.json
	$(BIN)/pytest -n 3 --dist worksteal
	HALAL_TEST_DB=postgresql $(BIN)/pytest -n 2 --dist worksteal -m "not browser and not once"

bench: $(VENV)/.test
	@$(BIN)/python -m tests.benchmarks $(ONLY)

soak: $(VENV)/.test
	@nice $(BIN)/python -m tests.soak
