# Everything from nothing: `make run` to use it, `make test` to check it. What a step has done is remembered in
# .setup/ or by the file it makes, and redone when what it came from changes.

PYTHON ?= $(shell command -v python3.11 || echo python3)
PORT ?= 8000

SYSTEM_PACKAGES := libmagic1 fonts-liberation2 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TEST_PACKAGES := chromium-headless-shell postgresql

BIN := .venv/bin
FRONTEND_SOURCES := $(shell find webapp -path webapp/static/dist -prune -o -type f \( -path 'webapp/frontend/*' -o -name '*.html' \) -print)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Where it is set, each `quytrinh` would compile all of its modules anew: a second of each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run setup test setup-tests check prove bench format migration lock clean

help: ## Say what can be made
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: export BASE_URL ?= http://127.0.0.1:$(PORT)
run: setup ## Set up and serve http://127.0.0.1:8000 with the demo ward (PORT=… for another port)
	@$(BIN)/quytrinh db upgrade
	@MOVABLE_CLOCK=1 $(BIN)/quytrinh demo load
	@MOVABLE_CLOCK=1 exec $(BIN)/quytrinh serve --port $(PORT)

setup: .setup/project webapp/static/dist/manifest.json ## Set up for serving only, as on a server (docs/operations.md)

# The check runs beside the tests, which leave a core idle now and then; what it found stands last.
test: setup-tests ## Set up and run everything: lint, types, architecture, tests
	@$(MAKE) --no-print-directory check >.setup/check.log 2>&1 & checking=$$!; \
	$(BIN)/pytest -q -n auto --dist worksteal; tested=$$?; \
	wait $$checking || { cat .setup/check.log; exit 1; }; exit $$tested

check: setup-tests ## Lint, types and import rules only
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.setup/imports.log || { cat .setup/imports.log; exit 1; }

setup-tests: .setup/system-tests setup .setup/requirements-dev

prove: setup-tests ## Run the long randomised and crash tests
	@$(BIN)/pytest -q -n auto --dist worksteal -m "prove or hypothesis"

bench: setup ## Measure, each row beside its floor
	@$(BIN)/quytrinh bench

format: setup-tests ## Sort imports and format the Python files
	@$(BIN)/ruff check --quiet --fix --select I
	@$(BIN)/ruff format --quiet

migration: setup-tests ## Draft a migration from the models: make migration m="Plans know their source"
	@$(BIN)/python -m migrations.draft "$(m)"
	@$(BIN)/ruff check --quiet --fix migrations/versions
	@$(BIN)/ruff format --quiet migrations/versions

PIP_COMPILE = CUSTOM_COMPILE_COMMAND='make lock' .setup/pip-tools/bin/pip-compile --quiet $(if $(UPGRADE),--upgrade) \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --generate-hashes \
	--allow-unsafe --all-build-deps

lock: ## Write the lock files anew from pyproject.toml and package.json (UPGRADE=1: with newer versions)
	@test -x .setup/pip-tools/bin/pip-compile || { $(PYTHON) -m venv .setup/pip-tools && .setup/pip-tools/bin/pip install -qq 'pip-tools==7.6.2'; }
	$(PIP_COMPILE) --output-file requirements.txt pyproject.toml
	$(PIP_COMPILE) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

clean: ## Remove what make has made; the data in var/ stay
	@rm -rf .setup .venv node_modules webapp/static/dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.setup/tools: scripts/tools
	@mkdir -p .setup
	@scripts/tools $(PYTHON)
	@touch $@

.setup/system: Makefile scripts/system-packages
	@mkdir -p .setup
	@scripts/system-packages $(SYSTEM_PACKAGES)
	@touch $@

.setup/system-tests: Makefile scripts/system-packages
	@mkdir -p .setup
	@scripts/system-packages $(SYSTEM_PACKAGES) $(TEST_PACKAGES)
	@touch $@

.venv/pyvenv.cfg: .setup/tools
	@echo "Making the Python environment"
	@$(PYTHON) -m venv .venv
	@touch $@

.setup/requirements: requirements.txt .venv/pyvenv.cfg .setup/system
	@echo "Installing Python packages"
	@$(BIN)/pip install -qq -r requirements.txt
	@touch $@

.setup/requirements-dev: requirements-dev.txt .setup/requirements
	@echo "Installing Python packages for tests"
	@$(BIN)/pip install -qq -r requirements-dev.txt
	@touch $@

.setup/project: pyproject.toml .setup/requirements
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .setup/tools
	@echo "Installing front-end packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

webapp/static/dist/manifest.json: node_modules/.package-lock.json $(FRONTEND_SOURCES)
	@npm run --silent build
	@touch $@
