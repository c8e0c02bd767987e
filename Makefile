# make run: set up, and run the whole pipeline.   make test: set up what tests need, and pass them.
PYTHON ?= python3
VENV := .venv
SHELL := /bin/bash
# dvc.yaml says `python`: inside `make` and after `. .venv/bin/activate` that is this one.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: run test bench lint format setup clean

run: $(VENV)/ready
	@if git rev-parse --git-dir >/dev/null 2>&1; \
	then dvc config --local -u core.no_scm 2>/dev/null || true; \
	else dvc config --local core.no_scm true; fi  # a downloaded zip is no clone
	dvc repro
	@python -m stages.summary

setup: $(VENV)/ready

test: $(VENV)/ready-dev
	python -m pytest -n 2 --dist loadfile

bench: $(VENV)/ready
	python -m bench.ingest
	python -m bench.predict

lint: $(VENV)/ready-dev
	ruff check .
	ruff format --check .

format: $(VENV)/ready-dev
	ruff check --fix .
	ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 13) else \
	"error: Expected Python 3.10 to 3.13, for which TensorFlow has wheels. Received: Python %d.%d. \
	Install one of them and run: make PYTHON=python3.12 $(MAKECMDGOALS)" % v)'
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/ready: $(VENV)/bin/python requirements.txt
	python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
