PYTHON ?= python3
VENV := .venv
UV := $(VENV)/bin/uv
STAMP := $(VENV)/.installed

# Without bytecode every process compiles what it imports, for seconds; pytest rewrites its plugins each time, too.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run demo test hostile chaos lint types imports docs pictures bench-fetch clean

help:  ## list what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP)  ## make .venv with the locked dependencies and the newsmill command

# uv comes from PyPI into the environment itself: nothing but Python, make and git is asked of the machine. Bytecode is
# compiled here: where Python may not write it later (PYTHONDONTWRITEBYTECODE), each command would compile for seconds.
$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Newsmill needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 setup"; exit 1; }
	@test -x $(UV) || { $(PYTHON) -m venv $(VENV) && $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'; }
	$(UV) sync --quiet --locked --extra local --inexact --compile-bytecode --python $(VENV)/bin/python
	@$(VENV)/bin/python -m compileall -q shared services newsmill
	@touch $@

run: setup  ## start everything on this machine: make run URLS="https://…"
	@$(VENV)/bin/newsmill run $(URLS)

demo: setup  ## the same against a small invented news site: no network needed
	@$(VENV)/bin/newsmill demo

test: setup  ## the tests, on real Redis, SQLite and PostgreSQL
	@$(VENV)/bin/python -m pytest -m timing tests/system
	@$(VENV)/bin/python -m pytest -n 3 --dist loadgroup -m "not timing and not hostile and not compose and not browser and not chaos"

hostile: setup  ## what an attacker tries, and each door fuzzed: make hostile HOSTILE_SECONDS=600
	@HOSTILE_SECONDS=$(or $(HOSTILE_SECONDS),0) $(VENV)/bin/python -m pytest -n 2 --dist loadgroup -m "hostile and not compose and not browser and not chaos"

chaos: setup  ## kill every part under load: make chaos ROUNDS=10 PAGES=400
	@CHAOS_ROUNDS=$(or $(ROUNDS),1) CHAOS_PAGES=$(or $(PAGES),150) $(VENV)/bin/python -m pytest -s -m chaos tests/chaos

lint: setup  ## ruff: style and errors
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .

types: setup  ## mypy, strict
	@$(VENV)/bin/mypy

imports: setup  ## who may import whom
	@$(VENV)/bin/lint-imports

docs: setup  ## write docs/messages anew from shared/contracts/, deploy/local.env from the settings
	@$(VENV)/bin/python -m newsmill.schemas
	@$(VENV)/bin/python -m newsmill.settings_file

pictures: setup  ## take docs/pictures anew, from a running demo and 100,000 invented articles; needs a Chromium
	@$(UV) sync --quiet --locked --extra local --extra render --inexact --python $(VENV)/bin/python
	@$(VENV)/bin/python docs/pictures/take.py
	@$(VENV)/bin/python docs/pictures/pages.py

bench-fetch: setup  ## the fetcher beside Scrapy: pages a CPU second
	@$(VENV)/bin/python bench/fetch.py

clean:  ## remove the environment and caches; ./data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
