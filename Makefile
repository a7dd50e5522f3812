# Two commands do everything: `make serve` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: help serve test lint check bench clean sandbox browser

help: ## say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

# On one's own machine it grades at whatever level can be had, and says which; a server says how little
# it accepts (docs/deployment.md).
serve: $(VENV)/installed sandbox ## install, prepare the database and serve both lessons
	@QUIZZER_ALLOW_LEVEL=$${QUIZZER_ALLOW_LEVEL:-C} exec $(BIN)/quizzer serve

test: $(VENV)/installed-dev sandbox browser lint ## run the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

lint: $(VENV)/installed-dev ## style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: $(VENV)/installed sandbox ## check the question banks and run their proofs
	$(BIN)/quizzer check

bench: $(VENV)/installed-dev sandbox ## print what the benchmarks measure on this machine
	$(BIN)/graders bench
	-$(BIN)/python -m bench.pages
	-$(BIN)/python -m bench.verdict
	-$(BIN)/python -m bench.scanning
	-$(BIN)/python -m bench.proving

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed: make serve PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); sh .ci/packages python3-venv && $(PYTHON) -m venv $(VENV); }

# pip is silent for a minute or two here, so say what is going on.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing (once; PyTorch is large) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt $(VENV)/installed | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e . \
	  $$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"])')
	@touch $@

# Without bubblewrap the grader goes on at whatever level it finds; `graders doctor` explains.
sandbox:
	@command -v bwrap >/dev/null || sh .ci/packages bubblewrap libseccomp2 || true

# Browser tests use Debian's chromium; without it they are skipped and say so.
browser:
	@command -v chromium >/dev/null || sh .ci/packages chromium fonts-dejavu-core || true
