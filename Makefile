# `make` prints the targets. Everything needs Python 3.11 to 3.13 with venv and
# pip, and nothing else; `make lock` alone needs uv. PYTHON=... picks the
# interpreter, ONCE=1 ends the demo after its story.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test thorough check bench screenshots proto translations format lock clean

help: ## print this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do printf '%-14s %s\n' "$$target" "$$text"; done

demo: $(STAMP) ## three nodes with invented cases on this machine (ONCE=1: end after the story)
	$(BIN)/homeward demo $(if $(ONCE),--once)

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -n 2

check: $(STAMP) ## format, lint, types, import rules, generated code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python proto/generate.py --check
	$(BIN)/python -m node.web.catalogues --check
	@if command -v buf >/dev/null 2>&1; then cd proto && buf lint; \
	elif npx --no-install @bufbuild/buf --version >/dev/null 2>&1; then npx --no-install @bufbuild/buf lint proto; \
	else echo "check: buf is not installed, so the .proto files were not linted"; fi

thorough: $(STAMP) ## the long tests: every page in Chromium, every route by every role, more seeds
	$(BIN)/python -m pytest -n 2 -m thorough

bench: $(STAMP) ## measure the hot paths
	$(BIN)/python tests/bench/run.py

screenshots: $(STAMP) ## pictures of every page, into .screenshots/ (KEEP=1: renew those of the README)
	$(BIN)/python tests/e2e/screenshots.py $(if $(KEEP),--keep)

proto: $(STAMP) ## generate protocol/pb from proto/
	$(BIN)/python proto/generate.py

translations: $(STAMP) ## bring the catalogues of the pages up to date
	$(BIN)/python -m node.web.catalogues

format: $(STAMP) ## format the code and apply safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

COMPILE = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-config --custom-compile-command "make lock"

lock: ## resolve requirements/*.txt again (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "homeward: error: make lock needs uv on the PATH" >&2; exit 1; }
	$(COMPILE) --output-file requirements/run.txt $(LOCKFLAGS)
	$(COMPILE) --output-file requirements/pdf.txt --extra pdf --constraint requirements/run.txt $(LOCKFLAGS)
	$(COMPILE) --output-file requirements/dev.txt --group dev --constraint requirements/pdf.txt $(LOCKFLAGS)

clean: ## remove the environment, the demo's work and all caches
	rm -rf $(VENV) .demo .screenshots dist build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find node keys protocol proto tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 0 >/dev/null 2>&1 || { echo "homeward: error: $(PYTHON) does not start; install Python 3.11 to 3.13 or name one with PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "homeward: error: $$($(PYTHON) --version 2>&1) does not fit; Python 3.11 to 3.13 is needed, name one with PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "homeward: error: this Python cannot make environments; on Debian and Ubuntu install python3-venv" >&2; exit 1; }
	@echo "installing into $(VENV) (once, less than a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt && \
	  uv pip install -qq --no-compile --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	  $(BIN)/python -m pip install -qq --no-compile --require-hashes --requirement requirements/dev.txt && \
	  $(BIN)/python -m pip install -qq --no-compile --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@
