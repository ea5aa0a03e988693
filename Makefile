PYTHON ?= python3
UV ?= uv
PYTEST_ARGS ?= -n auto --dist loadfile
LOCK_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(UV) pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --quiet --group build $(LOCK_ARGS)
SITE ?= build/site

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-all lint format lock bench bench-quick same-numbers docs site inventory wheel-check clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## Set up .venv and sweep a small grid
	$(BIN)/regcli sweep --l1 0,0.01 --l2 0,0.01

test: $(VENV)/.test ## Run the tests that are not marked slow (PYTEST_ARGS adds options)
	$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS)

test-slow: $(VENV)/.test ## Run the slow ones: whole grids against Keras's fit, processes, pages
	$(BIN)/python -m pytest -m slow $(PYTEST_ARGS)

test-all: test test-slow ## Run the whole test suite

lint: $(VENV)/.test ## Check style, format, types and the order of the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test ## Format the code and apply ruff's safe fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# The runtime lock is constrained by the test lock, so both can share one .venv.
lock: ## Regenerate both locks (LOCK_ARGS=--upgrade moves to newer versions)
	$(COMPILE) --extra test --group docs --output-file requirements-test.lock
	$(COMPILE) --constraint requirements-test.lock --output-file requirements.lock

bench: $(VENV)/.runtime ## Run the benchmarks
	$(BIN)/python -m benchmarks

bench-quick: $(VENV)/.runtime ## Run a short version of the benchmarks
	$(BIN)/python -m benchmarks --quick

same-numbers: $(VENV)/.runtime ## Train small configs as they are and as BASE=<commit> trains them
	$(BIN)/python -m benchmarks.numbers '$(BASE)' '$(CASES)'

docs: $(VENV)/.runtime ## Run the commands of README and docs/, and rewrite what they print
	$(BIN)/python docs/tools/refresh.py

site: $(VENV)/.test ## Build the site of the documentation into build/site
	$(BIN)/python docs/tools/build_site.py $(SITE)

inventory: $(VENV)/.runtime ## Rewrite the list of what the installed Keras offers
	$(BIN)/python -m regcli.models.inventory

wheel-check: $(VENV)/.test ## Install the built wheel outside the checkout and run it
	.ci/wheel_check $(BIN)/python

clean: ## Remove caches and build output (keeps .venv and runs/)
	rm -rf build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find regcli tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +

# TensorFlow 2.21, which the locks pin, has no wheels for Python 3.14.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
		echo "regcli needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is none; try PYTHON=python3.12" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.created
	@echo "Installing the locked requirements; the first time this takes a minute or two."
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# The test lock holds everything in the runtime lock, so this set-up serves both.
$(VENV)/.test: requirements-test.lock requirements.lock pyproject.toml | $(VENV)/.created
	@echo "Installing the locked requirements; the first time this takes a minute or two."
	$(PIP) install --quiet --require-hashes -r requirements-test.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $(VENV)/.runtime $@
