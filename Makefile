# Everything that people and CI do with this project. A fresh machine needs Python, make and git.
.PHONY: setup serve test check bench campaign suites servers lock clean

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
	$(BIN)/dialogue format --check --record examples/visegrad
	$(BIN)/dialogue check --record examples/visegrad

bench: setup
	$(BIN)/python tests/benchmark.py --setup
	$(BIN)/python tests/benchmark_validation.py
	$(BIN)/python tests/benchmark_release.py
	$(BIN)/python tests/benchmark_endpoint.py --setup

# The long forms of what the suite does in short: thousands of drawn shapes and queries compared with
# the referee, every way to loosen a rule of the record, and the hostile: every class of query and of
# document in every size, kills, cut answers, malformed requests, silent sockets.
campaign: setup
	DIALOGUE_DRAWS=2000 $(BIN)/python -m pytest -n 2 tests/validation/engines
	DIALOGUE_DRAWS=20 $(BIN)/python -m pytest -n 2 tests/validation/test_mutations.py
	DIALOGUE_DRAWS=all $(BIN)/python -m pytest -n 2 tests/shapes/test_mutation.py
	DIALOGUE_DRAWS=10000 $(BIN)/python -m pytest -n 2 tests/server/test_malformed.py tests/server/test_connections.py
	DIALOGUE_DRAWS=all $(BIN)/python -m pytest -n 2 tests/test_operate.py tests/test_locks.py
	DIALOGUE_DRAWS=all $(BIN)/python -m pytest -n 2 tests/pages/test_every_name.py
	DIALOGUE_DRAWS=300 $(BIN)/python -m pytest -n 2 tests/engine/test_turns.py tests/engine/test_hostile.py
	DIALOGUE_DRAWS=500 $(BIN)/python -m pytest -n 2 tests/sparql/test_delivery.py
	DIALOGUE_DRAWS=1000 $(BIN)/python -m pytest -n 2 tests/hostile

# What tests compare the program with: suites of the W3C, shapes, schemas, each as its public
# repository had it on a day. Use them with DIALOGUE_SUITES=.suites make test
suites:
	ci/suites

# The programs of others that some tests run: proxies and what reads figures. Debian's, unpacked.
servers:
	ci/servers

lock: setup
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--strip-extras --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--strip-extras --allow-unsafe --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv .bench build dist
