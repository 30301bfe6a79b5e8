# Everything that people and CI do with this project. A fresh machine needs Python, make and git.
.PHONY: setup serve test check bench campaign suites lock clean

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin

setup: .venv/stamp

# Installed from the locks alone: every version pinned, every file checked by its hash.
.venv/stamp: requirements.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dialogue needs Python 3.11 or newer: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

serve: setup
	$(BIN)/dialogue serve --host $(HOST) --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n 2

check: setup
	$(BIN)/ruff format --check app tests
	$(BIN)/ruff check app tests
	$(BIN)/mypy
	$(BIN)/dialogue format --check
	$(BIN)/dialogue check

bench: setup
	$(BIN)/python tests/benchmark.py --setup
	$(BIN)/python tests/benchmark_validation.py

# The long forms of what the suite does in short: thousands of drawn shapes and queries compared with
# the referee, and every way to loosen a rule of the record.
campaign: setup
	DIALOGUE_DRAWS=2000 $(BIN)/python -m pytest -n 2 tests/validation/engines
	DIALOGUE_DRAWS=20 $(BIN)/python -m pytest -n 2 tests/validation/test_mutations.py
	DIALOGUE_DRAWS=all $(BIN)/python -m pytest -n 2 tests/shapes/test_mutation.py

# The W3C suites as their public repositories had them on these days: the newest commit before a
# day is always the same one. Use them with DIALOGUE_SUITES=.suites make test
suites: .suites/w3c-rdf-tests .suites/w3c-shacl

.suites/w3c-rdf-tests:
	git clone --quiet https://github.com/w3c/rdf-tests $@
	git -C $@ checkout --quiet "$$(git -C $@ rev-list -1 --before=2026-08-08 HEAD)"

.suites/w3c-shacl:
	git clone --quiet https://github.com/w3c/data-shapes .suites/data-shapes
	git -C .suites/data-shapes checkout --quiet "$$(git -C .suites/data-shapes rev-list -1 --before=2024-01-18 HEAD)"
	ln -s data-shapes/data-shapes-test-suite $@

lock: setup
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--strip-extras --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--strip-extras --allow-unsafe --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv build dist
