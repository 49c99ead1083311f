# Two commands: `make run` opens the dashboard, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
# as a refresh runs (dashboard/settings.py)
export OPENBLAS_NUM_THREADS ?= 1
.PHONY: help run refresh test test-spark lint types floors bench screenshots lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.installed ## open the dashboard (DATA=real, PORT=8600, STAYLINE_CRM_URL=...)
	@$(if $(DATA),STAYLINE_DATA=$(DATA)) $(if $(PORT),STAYLINE_PORT=$(PORT)) $(BIN)/python -m dashboard.start

refresh: $(VENV)/.installed ## read the CRM again and publish a new snapshot (EVERY=5m: for ever)
	@$(if $(DATA),STAYLINE_DATA=$(DATA)) $(BIN)/python -m dashboard.refresh $(if $(EVERY),--every $(EVERY))

test: $(VENV)/.installed-dev ## lint, types, floors, tests with browser journeys
	@$(BIN)/python scripts/provide_browser.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

test-spark: $(VENV)/.installed-spark ## the marts on Spark against those of Polars (needs Java 17)
	$(BIN)/python -m pytest -m spark

bench: $(VENV)/.installed-dev ## measure pages, refresh and marts; prints the tables
	$(BIN)/python -m benchmarks.refresh
	$(BIN)/python -m benchmarks.marts
	$(BIN)/python -m benchmarks.churn
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.viewers
	$(BIN)/python -m benchmarks.peer

screenshots: $(VENV)/.installed-dev ## every page as PNG, both languages, light and dark, wide and phone
	@$(BIN)/python scripts/provide_browser.py
	$(BIN)/python scripts/screenshots.py

lock: ## resolve requirements*.in again (needs uv)
	for of in requirements requirements-lake requirements-dev requirements-spark; do \
	  uv pip compile $$of.in --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -o $$of.txt || exit 1; \
	done

clean: ## remove the virtual environment and all generated data
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Stayline needs Python 3.11 or newer; choose one with PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing the packages of requirements.txt into $(VENV) (once, about a minute) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing the packages of requirements-dev.txt into $(VENV) (once, about a minute) …"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-spark: requirements-spark.txt $(VENV)/.installed-dev
	@echo "Installing PySpark into $(VENV) (once, 400 MB) …"
	@$(PIP) -r requirements-spark.txt
	@touch $@
