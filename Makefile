PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup run test check simulate chaos bench clean

setup: $(STAMP) ## make .venv and install the pinned dependencies

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Mend: install Python 3.11 or newer, or make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Clarion needs Python 3.11 or newer; $(PYTHON) is older. Mend: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python has no venv module. Mend: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

run: setup ## start everything with a sample workspace and play the story
	$(BIN)/clarion demo

check: setup ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check ## everything that proves behaviour
	$(BIN)/pytest -n 2 --dist loadgroup

SEEDS ?= 1000
simulate: setup ## play SEEDS seeds of the simulation (SEEDS=10000) on all cores
	$(BIN)/python -m clarion.testing.simulation --seeds $(SEEDS)

MINUTES ?= 3
CHAOS ?=
chaos: setup ## harm a cluster for MINUTES; fails if anything was lost or doubled (CHAOS="--seed 7")
	$(BIN)/python -m clarion.testing.chaos --minutes $(MINUTES) $(CHAOS)

bench: setup ## short benchmarks, results on the screen
	$(BIN)/python -m bench run ingest --short
	$(BIN)/python -m bench run fanout --short
	$(BIN)/python -m bench run otp --short

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
