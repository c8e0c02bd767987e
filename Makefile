# make run: set up, and run the whole pipeline.   make test: set up what tests need, and pass them.
PYTHON ?= python3
VENV := .venv
COMMA := ,
SHELL := /bin/bash
# dvc.yaml says `python`: inside `make` and after `. .venv/bin/activate` that is this one.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# With the first, `python -m faces...` does not look here; the second is of another Python.
unexport PYTHONSAFEPATH PYTHONHOME

.PHONY: run test chromium test-app test-cluster versions app label soak submit kernel verify bench bench-accuracy export lint format setup constraints clean

# A downloaded zip is no clone.
WITHOUT_GIT := if git rev-parse --git-dir >/dev/null 2>&1; \
	then dvc config --local -u core.no_scm 2>/dev/null || true; \
	else dvc config --local core.no_scm true; fi

run: $(VENV)/ready
	@$(WITHOUT_GIT)
	dvc repro
	@python -m faces.summary

setup: $(VENV)/ready

test: $(VENV)/ready-dev
	python -m pytest -n 2 --dist loadfile

# A Chromium, installed where that is possible; without one `make test` skips the browser's tests.
chromium: $(VENV)/ready-dev
	python -m tools.chromium

# The web page and the report in a browser.
test-app: chromium
	python -m pytest tests/app tests/reporting -v

# On a Ray cluster in a network of its own, where Linux lets one be made; nothing else is reached.
test-cluster: $(VENV)/ready-ray $(VENV)/ready-dev
	python -m pytest tests/core/test_cluster.py -m "slow or soak" -v -s

# The fast tests with the lowest and with the newest versions that requirements*.txt allow, each in
# an environment of its own in .cache/versions. Warnings there are those of libraries, to each other.
versions: versions-lowest-direct versions-highest

versions-%: $(VENV)/ready-dev
	uv venv --clear --quiet --python "$${VERSION:-$(VENV)/bin/python}" .cache/versions/$*
	uv pip install --quiet --python .cache/versions/$* --resolution $* -r requirements-dev.txt
	.cache/versions/$*/bin/python -m pytest -n 2 --dist loadfile -W default -m "not soak and not slow"

# The tests that take too long for `make test`: faults and kills at length, thousands of damaged files.
soak: $(VENV)/ready-dev
	FUZZ_CASES=$${FUZZ_CASES:-700} python -m pytest -m "soak or fuzz" -v

# make submit MESSAGE="what is new"
override MESSAGE := $(value MESSAGE)
export MESSAGE
submit: $(VENV)/ready
	@python -m faces.submit "$$MESSAGE"

# On Kaggle's GPU: make kernel, make kernel ACCELERATOR=none ARGS="-S lr=0.001". docs/kernel.md
override ACCELERATOR := $(value ACCELERATOR)
export ACCELERATOR
kernel: $(VENV)/ready
	@$(WITHOUT_GIT)
	@python -m faces.kernel --accelerator="$$ACCELERATOR" $(ARGS)

# The web page: make app PORT=8001
app: $(VENV)/ready-app
	@python -m faces.app --port "$${PORT:-8000}"

# Its page for photos that nobody sorted: make label PHOTOS=folder LABELS=labels.csv
override PHOTOS := $(value PHOTOS)
override LABELS := $(value LABELS)
export PHOTOS LABELS PORT
label: $(VENV)/ready-app
	@python -m faces.app --port "$${PORT:-8000}" --label="$$PHOTOS" --labels="$$LABELS"

# The pipeline twice, in two clones, every output compared: make verify ARGS="-S sample.photos=200"
verify: $(VENV)/ready
	python -m tools.verify $(ARGS)

# Each figure beside its baseline, in docs/benchmarks.md: make bench, make bench ROWS=ingest,training
bench: $(VENV)/ready-bench
	python -m bench $(subst $(COMMA), ,$(ROWS))

# Its last section: ours and four other networks, each trained as long as ours takes.
bench-accuracy: $(VENV)/ready
	python -m bench accuracy

export: $(VENV)/ready-export
	python -m faces.export

lint: $(VENV)/ready-dev
	ruff check .
	ruff format --check .

format: $(VENV)/ready-dev
	ruff check --fix .
	ruff format .

# The newest versions that requirements*.txt allow, for every Python and system they name.
constraints: $(VENV)/ready-dev
	uv pip compile --universal --python-version 3.11 --upgrade --no-header --no-annotate --quiet \
		requirements-dev.txt requirements-gpu.txt requirements-ray.txt --output-file constraints.txt

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	"error: Expected Python 3.11 to 3.13, for which TensorFlow has wheels. Received: Python %d.%d. \
	Install one of them and run: make PYTHON=python3.12 $(MAKECMDGOALS)" % v)'
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# uv, where it is there, is several times as fast as pip. Where it finds no packages, pip may.
install = echo "install $(1)"; \
	uv pip install --quiet --python $(VENV)/bin/python -c constraints.txt -r $(1) 2>/dev/null || \
	python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r $(1)

# requirements.txt says what works, constraints.txt which versions exactly were tried.
$(VENV)/ready: $(VENV)/bin/python requirements.txt constraints.txt
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/ready-export: $(VENV)/ready requirements-export.txt
	@$(call install,requirements-export.txt)
	@touch $@

$(VENV)/ready-bench: $(VENV)/ready requirements-bench.txt
	@$(call install,requirements-bench.txt)
	@touch $@

$(VENV)/ready-app: $(VENV)/ready requirements-app.txt
	@$(call install,requirements-app.txt)
	@touch $@

$(VENV)/ready-ray: $(VENV)/ready requirements-ray.txt
	@$(call install,requirements-ray.txt)
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt requirements-export.txt requirements-app.txt
	@$(call install,requirements-dev.txt)
	@touch $@
