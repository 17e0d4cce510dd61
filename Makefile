# Everything a person or a machine does with this repository. `make` alone lists the targets.
# No target names a package index: pip uses whatever the person at the keyboard has configured.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-input --no-deps
UV ?= $(shell command -v uv || echo $(BIN)/uv)
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --exclude-newer "7 days" --custom-compile-command "make lock" $(UPGRADE) pyproject.toml
WORKERS ?= auto
TEAM ?= $(EXAMPLE)

# The example team begins on generated data, three days in, on the morning after something broke. Six minutes are a day, and
# time stands still before an approval that nobody has decided expires. Any other team runs on the wall clock.
EXAMPLE := examples/web-analytics
SIMULATED := --simulate 2021-09-12 --skip-to 2021-09-15T06:55 --until 2021-11-30 --speed 1d/6m --wait-for-people \
	--people $(EXAMPLE)/people-script.yaml
RUN_OPTIONS = $(if $(filter $(EXAMPLE),$(patsubst %/,%,$(TEAM))),$(SIMULATED))
ARGS ?=

.PHONY: help install run dev test test-slow lint types imports check bench lock clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(VENV)/.installed ## make .venv and install what running needs, from the hashed lock

run: install ## install when needed, start the example team in simulated time and print the console's address; TEAM=FOLDER
	@exec $(BIN)/quarterdeck up $(TEAM) $(RUN_OPTIONS) $(ARGS)

dev: $(VENV)/.installed-dev $(VENV)/.installed-emulator ## install what testing and checking need as well

test: dev ## run the tests, those on a real PostgreSQL included (without the slow ones)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

test-slow: dev ## run the slow tests: soak runs, every crash point, a simulated month
	@$(BIN)/python -m pytest -m slow $(ARGS)

lint: dev ## ruff: rules and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: dev ## mypy --strict over the rooms and the tests
	@$(BIN)/mypy

imports: dev ## the directions between the rooms
	@$(BIN)/lint-imports --no-logo

check: lint types imports test ## all of the above

bench: $(VENV)/.installed-bench ## run the benchmarks and print their figures and ratios
	@$(BIN)/python -m benchmarks $(ARGS)

lock: ## write the locks anew, keeping every pin that still fits; UPGRADE=--upgrade moves on (needs uv)
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK) --group build --group dev --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock

clean: ## remove .venv and what tools left behind; never a database
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist

# The first Python that is new enough, not too new, and able to make an environment. A name on the PATH may be a
# stub that fails when called (pyenv leaves such), so each candidate is run.
$(BIN)/python:
	@for python in $(PYTHON) python3.12 python3.13 python3.11 python3.14 python3 python; do \
		"$$python" -c 'import ensurepip, sqlite3, ssl, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
			2>/dev/null || continue; \
		echo "Making $(VENV) with $$("$$python" --version)"; \
		exec "$$python" -m venv --clear $(VENV); \
	done; \
	echo "No Python 3.11 to 3.14 with the venv module was found. Install one (Debian: apt-get install python3-venv)," \
		"or name it: make install PYTHON=/path/to/python3.12" >&2; exit 1

# Each stamp is newer than the lock it came from, so an unchanged lock costs nothing.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing $$(grep -c == $<) packages from $< (about a minute the first time)"
	@$(PIP) --require-hashes -r $<
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing $$(grep -c == $<) packages from $<"
	@$(PIP) --require-hashes -r $<
	@touch $@

# The Slack emulator is an npm package, run by the Node from the wheel. Without it, its tests are skipped and say so.
$(VENV)/.installed-emulator: tests/emulator/package-lock.json tests/emulator/install.sh $(VENV)/.installed-dev
	@bash tests/emulator/install.sh && touch $@ \
		|| echo "The Slack emulator could not be installed: the tests that need it will be skipped." >&2

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	@echo "Installing $$(grep -c == $<) packages from $<"
	@$(PIP) --require-hashes -r $<
	@touch $@
