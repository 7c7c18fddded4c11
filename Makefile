# Two commands do all the set-up: `make demo` and `make test`.
# The virtual environment is built from uv.lock on first use and whenever the lock changes.

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.in-step-with-lock

# Else every process of the tests compiles all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo init run test lint compiled format snapshots pictures bench chaos faults soak audit lock

help:
	@echo "make demo       try Mooring on a local Telegram, no account needed"
	@echo "make init       ask for the bot token and the API id, and write .env"
	@echo "make run        run it on Telegram, with the settings in .env"
	@echo "make test       every check: lint, types, import contracts, tests"
	@echo "make chaos      kill a writing process, hundreds of times, then 3 workers with 200 accounts"
	@echo "                under random faults (KILLS=300, MINUTES=10, SEED=1)"
	@echo "make faults     every fault of the sandbox at every moment"
	@echo "make soak       200 userbots under random faults (SOAK_S=600, SEED=1)"
	@echo "make soak HOURS=1  the whole program with 500 accounts under random faults; writes a report"
	@echo "make format     rewrite the code in the house style"
	@echo "make snapshots  take the views' texts anew (tests/unit/snapshots); read the difference"
	@echo "make pictures   make the manual's pictures anew (docs/pictures); needs Chromium and a font with emoji"
	@echo "make bench      measure, side by side with a peer, for an hour (QUICK=1: only see that it works)"
	@echo "make audit      known vulnerabilities and licences of all that is locked; needs the internet"
	@echo "make lock       bring uv.lock up to pyproject.toml"

$(STAMP): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Mooring needs Python 3.11 or newer, this is {v[0]}.{v[1]}. Name a newer one: make PYTHON=python3.12 demo")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then uv=uv; else \
	  test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); \
	  uv=$(BIN)/uv; fi; \
	  VIRTUAL_ENV=$(abspath $(VENV)) $$uv sync --frozen --quiet --inexact --active
	@touch $@

demo: $(STAMP)
	@$(BIN)/python -m sandbox.demo

init: $(STAMP)
	@$(BIN)/mooring init

run: $(STAMP)
	@$(BIN)/mooring run

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: $(STAMP)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint compiled
	$(BIN)/pytest -n auto --maxprocesses 4 --dist load --maxschedchunk 6

# The tests' modules once, beside the type checker, and not by each worker for itself.
compiled: $(STAMP)
	@$(BIN)/pytest --collect-only --quiet > /dev/null || true

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

snapshots: $(STAMP)
	$(BIN)/pytest tests/unit/test_snapshots.py --snapshot-update

pictures: $(STAMP)
	rm -f docs/pictures/*.png
	MOORING_PICTURES=docs/pictures $(BIN)/pytest tests/e2e/test_phone.py

bench: $(STAMP)
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

chaos: $(STAMP)
	MOORING_KILLS=$(or $(KILLS),300) MOORING_SEED=$(or $(SEED),1) $(BIN)/pytest tests/storage/test_kills.py
	MOORING_CHAOS_MINUTES=$(or $(MINUTES),10) MOORING_SEED=$(or $(SEED),1) $(BIN)/pytest tests/chaos -p no:logging -s

faults: $(STAMP)
	MOORING_FAULTS=all $(BIN)/pytest -n auto --maxprocesses 4 tests/faults

soak: $(STAMP)
ifdef HOURS
	$(BIN)/python -m benchmarks.soak --hours $(HOURS) --seed $(or $(SEED),1)
else
	MOORING_SOAK_S=$(or $(SOAK_S),600) MOORING_SEED=$(or $(SEED),1) $(BIN)/pytest tests/faults/test_soak.py -p no:logging -s
endif

# By the installed uv, or the one in the environment.
UV = $$(command -v uv || echo $(BIN)/uv)

audit: $(STAMP)
	@$(BIN)/python .ci/audit.py

lock: $(STAMP)
	@$(UV) lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --only-binary :all: deploy/build.in --output-file deploy/build.txt
