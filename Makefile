# The commands of this project; `make help` lists them.
.DEFAULT_GOAL := help
VENV := .venv/bin
# A process for each core; the tests of a file stay together, since they share what they set up.
PYTEST := $(VENV)/python -m pytest -n auto --dist loadfile
CONFIG ?=
# The tests start some hundred gateways: each would compile its source anew.
unexport PYTHONDONTWRITEBYTECODE

COMPILED := build/compiled
# What the copy is made of: it is made anew when one of them is newer.
SOURCES := $(shell find gateway mappings schemas xslt tests pyproject.toml .ci \
	-name node_modules -prune -o -type f -not -name '*.pyc' -print)

.PHONY: help install run test test-full check bench compiled test-compiled bench-compiled clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

install: .venv/.test-installed ## make .venv with the command and everything the tests need

.venv/.installed: pyproject.toml .ci/venv
	@echo "installing the gateway into .venv"
	@.ci/venv demo
	@touch $@

.venv/.test-installed: pyproject.toml .ci/venv
	@echo "installing the gateway and its test tools into .venv"
	@.ci/venv test
	@touch $@ .venv/.installed

run: .venv/.installed ## a demo session; with CSMS_URL=ws://... or CONFIG=gateway.yaml the gateway itself
	@if [ -n "$(CONFIG)" ]; then exec $(VENV)/ocpp-gateway serve -c "$(CONFIG)"; \
	elif [ -n "$$CSMS_URL" ]; then exec $(VENV)/ocpp-gateway serve; \
	else exec $(VENV)/ocpp-gateway demo; fi

test: .venv/.test-installed ## the tests, under 10 minutes
	@.ci/npm
	@.ci/chromium
	@$(PYTEST) -m "not full"

test-full: .venv/.test-installed ## the tests with the long profiles
	@.ci/npm
	@.ci/chromium
	@$(PYTEST)

check: .venv/.test-installed ## format, lint, types, import contracts, maps
	$(VENV)/ruff format --check gateway tests
	$(VENV)/ruff check gateway tests
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/ocpp-gateway check

bench: .venv/.test-installed ## the figures, as a table and as JSON
	@$(VENV)/python -m tests.bench

compiled: $(COMPILED)/.made ## a wheel with compiled modules, in build/compiled/dist (some minutes)

$(COMPILED)/.made: .venv/.test-installed $(SOURCES)
	@echo "compiling what every message passes"
	@.ci/compiled
	@touch $@

test-compiled: $(COMPILED)/.made ## the tests with the compiled modules
	@cd $(COMPILED) && PYTHONPATH="$$PWD" ../../$(PYTEST) -m "not full"

bench-compiled: $(COMPILED)/.made ## the figures with the compiled modules
	@cd $(COMPILED) && PYTHONPATH="$$PWD" ../../$(VENV)/python -m tests.bench

clean: ## remove what install, tests and tools left
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf build dist tests/interop/npm/node_modules
