# `make` alone lists the targets. Each one sets up what it needs; the second time that takes no time.
# Works with GNU make 3.81 (macOS) and later, and Python 3.11 and later.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# The first Python that is new enough; say PYTHON=/path/to/python for another.
PYTHON = $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Handed to pytest, the daemon or the benchmark: make test ARGS="-k settle -x"
ARGS =

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo run test lint bench translations clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(INSTALLED) ## read the samples once, and say where the results are
	@rm -rf .demo
	@mkdir -p .demo/out
	$(BIN)/gotwatch --config samples/demo.toml --state-dir .demo/state once $(ARGS)
	@echo
	@echo "And the engine of GOT-OCR2.0, with a model of a 200th of its size that reads one typewriter only:"
	$(BIN)/gotwatch --config samples/typewriter/demo.toml --state-dir .demo/typewriter once $(ARGS)

run: $(INSTALLED) run.toml ## watch ./inbox and write into ./output until Ctrl-C
	@mkdir -p inbox output
	$(BIN)/gotwatch --config run.toml --state-dir .state run $(ARGS)

test: $(INSTALLED) ## run the tests
	$(BIN)/python -m pytest $(ARGS)

lint: $(INSTALLED) ## check form, types and who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED) ## measure speed and memory, about 20 minutes
	$(BIN)/python -m bench $(ARGS)

translations: $(INSTALLED) ## bring the catalogues of messages up to the code, and list what is not translated
	$(BIN)/python -m translations

clean: ## remove caches and the demo's results; inbox, output, the queue and .venv stay
	rm -rf .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

run.toml:
	@printf '%s\n' \
		'# The config of `make run`. Paths start at this folder; every setting has a default.' \
		'' '[[watch]]' 'folder = "inbox"' 'output = "output"' > $@

$(INSTALLED): requirements.lock pyproject.toml $(BIN)/python
	@echo "Installing into $(VENV): some 1.6 GB the first time (more on Linux with CUDA), nothing outside this folder."
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || \
		{ echo "Python 3.11 or newer was not found. Install it, or say: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV) || \
		{ rm -rf $(VENV); echo "The venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
