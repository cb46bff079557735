# make demo   the whole path on real digits, in a few minutes
# make test   lint, types, import contracts, tests
# Both install everything first: only Python 3.11 (or 3.12, 3.13) and make are needed.

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

.PHONY: install demo test test-slow lint lock clean

install: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "kcnn needs Python 3.11 to 3.13: make PYTHON=python3.11"; exit 1; }
	@echo "Installing into .venv (two to four minutes the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	@$(BIN)/kcnn demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope -m "not slow and not gpu"

test-slow: install
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope -m "slow and not gpu"

# The lock is made by uv, for Python 3.11 to 3.13 at once.
lock:
	uv pip compile pyproject.toml --extra dev --extra pretrained --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	uv pip compile pyproject.toml --extra gpu --extra pretrained --universal --generate-hashes --no-emit-index-url --no-header -o docker/requirements-gpu.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
