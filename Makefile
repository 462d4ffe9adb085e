# One word each; the same words CI uses. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup setup-dev browser run test check bench shots lock clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

.venv/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make setup PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: .venv/.installed ## install what the desk needs into .venv

setup-dev: .venv/.installed-dev

browser: ## install Chromium for the browser tests (as root, Debian)
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-noto-color-emoji >/dev/null; }

run: setup ## start the desk; the first time without a bot token: a rehearsal with example data
	@$(BIN)/desk run

test: setup-dev browser check ## everything CI runs: checks, then all tests on SQLite and PostgreSQL
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup-dev ## style, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: setup-dev ## the desk beside the bare floor, ratios as JSON
	@$(BIN)/python -m tests.bench

shots: setup-dev browser ## every screen as a picture, light, dark and 360 px wide, into var/shots
	$(BIN)/python -m tests.shots

lock: setup-dev ## write both requirement files again, with hashes
	uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove the environment and the rehearsal data
	rm -rf .venv var
