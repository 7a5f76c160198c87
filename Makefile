# Two commands do everything on a fresh machine: `make lab` and `make test`.
PORT ?= 8888
# What opens the page: your default browser, or nothing with BROWSER=none. (The environment's own BROWSER is left alone.)
ifneq ($(origin BROWSER), command line)
BROWSER := default
endif
BIN := .venv/bin
LAB ?=
ARTIFACTS := artifacts
HUB_DATA ?= hub-data
HUB_PORT ?= 8000

.PHONY: help lab setup test setup-dev lint types check-labs tests test-long verify build class hub docs lock clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: .venv/.lab  ## install what is missing, then open JupyterLab on your copy of the labs (PORT=8888, BROWSER=none)
	@$(BIN)/datakit lab --port $(PORT) $(if $(filter none,$(BROWSER)),--no-browser)

setup: .venv/.lab  ## install only

test: setup-dev lint types check-labs tests verify  ## install what is missing, then run everything that CI runs

setup-dev: .venv/.dev  ## install what instructors and contributors need as well

.venv/.lab: pyproject.toml requirements.lock scripts/setup.sh
	@scripts/setup.sh lab
	@touch $@

.venv/.dev: pyproject.toml classroom/pyproject.toml requirements.lock scripts/setup.sh
	@scripts/setup.sh dev
	@touch .venv/.lab $@

lint: .venv/.dev  ## style, formatting
	@echo "== style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet datakit classroom hub tests benchmarks

types: .venv/.dev  ## strict types
	@echo "== types"
	@$(BIN)/mypy

check-labs: .venv/.dev  ## is labs/ what solutions/ produces?
	@echo "== labs are up to date"
	@$(BIN)/classroom build --check

tests: .venv/.dev  ## the tests, a real browser among them
	@echo "== tests"
	@mkdir -p $(ARTIFACTS)
	@$(BIN)/pytest -n 2 --dist loadfile --junitxml $(ARTIFACTS)/tests.xml

test-long: .venv/.dev  ## the tests that run a hub of their own for minutes: killed, the older JupyterHub, by clicks
	@DATAKIT_LONG=1 $(BIN)/pytest -n 2 --dist loadfile -m long

verify: .venv/.dev  ## does each lab grade fairly? (LAB=01_datasets for one)
	@echo "== labs grade fairly"
	@$(BIN)/classroom verify $(LAB)

build: .venv/.dev  ## make labs/ from solutions/
	@$(BIN)/classroom build $(LAB)

class: .venv/.dev  ## grade a made-up class of thirty for every lab, hostile ones among them, into class/
	@$(BIN)/python -m classroom.demo_class $(sort $(dir $(wildcard solutions/*/*.py))) \
	    tests/fixtures/mini_lab tests/fixtures/loader_lab \
	    --catalogue tests/classroom/grading --out class

hub: .venv/.dev  ## a classroom JupyterHub on this machine (HUB_PORT=8000, HUB_DATA=hub-data; as root, or for a look)
	@$(BIN)/python -m classroom.hub.local --data $(HUB_DATA) --port $(HUB_PORT)

docs: .venv/.dev  ## write the API reference to docs/api, from the docstrings
	@$(BIN)/python scripts/api_docs.py docs/api
	@echo "Open docs/api/index.html in a browser."

lock: .venv/.dev  ## take up new versions of what the project needs
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
	    --extra lab --extra classroom --extra data --extra hub --extra dev pyproject.toml --output-file requirements.lock

clean:  ## remove what can be made again (never your work in my-labs/, nor a hub's in hub-data/)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis $(ARTIFACTS) course class docs/api
