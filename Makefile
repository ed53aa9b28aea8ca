# tocsin in thirteen verbs. Needs Python 3.11 or newer, git and make; everything else goes into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo serve test check prove fuzz bench fmt docs lock build clean

# Without its bytecode kept, every start of the program compiles all of it again: seconds, for each server and test process.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
FUZZ := .venv-fuzz
ARGS ?=
KILLS ?= 3
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
# Many tests wait for something; with one process more than two processors, neither stands idle.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 3 ? 3 : n > 8 ? 8 : n)))
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --kills $(KILLS)

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.runs ## start tocsin with an example organisation and play an incident, live in the browser
	$(BIN)/tocsin demo --leash $(ARGS)

serve: $(VENV)/.runs ## run the server; ARGS="--rulebook PATH --database URL --port 8400"
	$(BIN)/tocsin serve $(ARGS)

test: $(VENV)/.develops ## run all tests, on SQLite and on a real PostgreSQL; ARGS="-k word"
	$(PYTEST) $(ARGS)

check: $(VENV)/.develops ## exactly what CI runs: style, types, layers, budgets, all tests, 30 kills per store
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test KILLS=30

prove: $(VENV)/.develops ## the long form: crash sweeps, 200 kills per store, many more examples of every law
	$(BIN)/python -m pytest -m "prove or not prove" --kills 200 --hypothesis-profile prove --timeout 3600 $(ARGS)

fuzz: $(VENV)/.develops $(FUZZ)/.fuzzes ## put made-up requests to every operation of the API; ARGS="--max-examples 500"
	$(BIN)/python -m tests.api.fuzz $(FUZZ)/bin/schemathesis $(ARGS)

bench: $(VENV)/.develops ## measure; prints command, machine, median and spread
	$(BIN)/python -m bench $(ARGS)

fmt: $(VENV)/.develops ## format, and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(VENV)/.develops ## write what is generated: the tree in ARCHITECTURE.md, the reference of the language
	for page in tools/*.py; do $(BIN)/python $$page || exit 1; done

lock: $(VENV)/.develops ## choose new versions for constraints.txt
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --upgrade --all-extras --universal --python-version 3.11 --quiet \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file constraints.txt

build: $(VENV)/.develops ## build the wheel into dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove everything that these verbs made, the virtual environment included
	rm -rf $(VENV) $(FUZZ) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "tocsin needs Python 3.11 or newer with venv (Debian: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.develops: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	@touch $@ $(VENV)/.runs

# schemathesis brings libraries that tocsin must not have: a virtual environment of its own
$(FUZZ)/.fuzzes: Makefile | $(BIN)/python
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/pip install --quiet --disable-pip-version-check 'schemathesis>=4.32,<5'
	@touch $@
