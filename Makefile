PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

WEB := src/clarion/static/.built
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/inbox/dist/*' 2>/dev/null)

# Tests start hundreds of processes: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup web run chromium test screenshots check mutate simulate chaos bench clean

setup: $(STAMP) ## make .venv and install the pinned dependencies

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Mend: install Python 3.11 or newer, or make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Clarion needs Python 3.11 or newer; $(PYTHON) is older. Mend: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python has no venv module. Mend: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV); this takes a minute or two."
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

web: $(WEB) ## build the pages that browsers get, when their sources changed

$(WEB): $(STAMP) $(WEB_SOURCES)
	$(BIN)/python web/build.py
	@touch $@

PORT ?=
run: setup web ## start everything with a sample workspace and play the story (PORT=8500: another than 8400)
	$(BIN)/clarion demo $(if $(PORT),--port $(PORT))

check: setup ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check web chromium ## everything that proves behaviour
	$(BIN)/pytest -n 2 --dist loadfile

chromium: setup ## the browser that tests drive; installed when it is missing, by root on Debian
	@$(BIN)/python -m tests.browser.chromium || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
		echo "make test goes on, and the tests that need the browser will fail." >&2

screenshots: web chromium ## take the pictures of docs/screenshots anew
	rm -f docs/screenshots/*.png
	CLARION_SCREENSHOTS=1 $(BIN)/pytest tests/browser --ignore tests/browser/test_pictures.py -n 2 --dist loadfile
	$(BIN)/python -m tests.browser.gallery

MUTANTS ?=
mutate: setup ## change the decision a little, again and again: which changes does tests/core not notice?
	@$(BIN)/python -c 'import mutmut' 2>/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutate]'
	HYPOTHESIS_PROFILE=mutants $(BIN)/python -m tests.mutants $(MUTANTS)

SEEDS ?= 1000
simulate: setup ## play SEEDS seeds of the simulation (SEEDS=10000) on all cores
	$(BIN)/python -m clarion.testing.simulation --seeds $(SEEDS)

MINUTES ?= 3
CHAOS ?=
chaos: setup ## harm a cluster for MINUTES; fails if anything was lost or doubled (CHAOS="--seed 7")
	$(BIN)/python -m clarion.testing.chaos --minutes $(MINUTES) $(CHAOS)

SHORT ?=
ONLY ?=
bench: $(VENV)/.bench ## all benchmarks, tables and plots in docs/benchmarks (SHORT=1: a minute each, in build/benchmarks; ONLY="ingest otp")
	$(BIN)/python -m bench all $(if $(SHORT),--short) $(if $(ONLY),--only $(ONLY))

$(VENV)/.bench: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache mutants
