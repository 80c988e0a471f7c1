# `make help` lists the targets. Each target first sets up the environment that it needs, in .venv or .venvs. Only
# Python (3.11 or newer, with venv), git and make must be installed.

PYTHONS := 14 13 12 11
VENV := .venv
BIN := $(VENV)/bin
PLAYBOOK := ANSIBLE_CALLBACK_RESULT_FORMAT=yaml ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false $(BIN)/ansible-playbook
LINTERS := ruff mypy ansible-lint docs-lint changelog-lint reuse
LAYERS := unit contract integration faults
# One more than there are cores, because some tests wait.
PARALLEL := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist worksteal
PYTEST := $(BIN)/pytest $(PARALLEL)
# Checks and tests together: see tests/tools/everything.py.
EVERYTHING := $(BIN)/python tests/tools/everything.py

# A failed target does not keep the others from running.
MAKEFLAGS += --keep-going
export PATH := $(CURDIR)/$(BIN):$(PATH)
# With bytecode kept, pytest and Ansible start faster.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test ci ci-only checks lint $(LINTERS) build sanity importer $(LAYERS) awx e2e get-pip awx-venv importer-venv matrix \
    bench format pictures release venv pins clean

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z0-9-]+: .*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'ARGS="..." goes to pytest, the benchmarks or the pictures. CORES="2.16 2.21" selects the releases for make matrix and make ci.'

demo: venv ## show the main job from start to finish, on the embedded broker
	$(PLAYBOOK) tests/demo/demo.yml

test: venv ## run all checks and tests that need nothing but a package index
	@$(EVERYTHING) $(LINTERS) build -- $(PARALLEL) --cov --cov-report= --part smoke $(addprefix tests/,$(LAYERS) e2e) $(ARGS)

ci: test ci-only ## run everything: make test and make ci-only

ci-only: venv get-pip awx-venv importer-venv ## run the rest: sanity, the importer, the matrix, AWX, thorough and end-to-end tests
	@TESTS_REQUIRE_PROGRAMS=1 $(EVERYTHING) sanity importer matrix docs -- $(PARALLEL) --part rest $(addprefix tests/,$(LAYERS) awx e2e) $(ARGS)

checks: $(LINTERS) build sanity importer ## run all checks

lint: $(LINTERS) ## run the fast checks

ruff: venv ## check Python: style, likely bugs, format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

mypy: venv ## check Python: types
	$(BIN)/mypy

ansible-lint: venv ## check playbooks, roles and the metadata of the collection
	$(BIN)/ansible-lint --profile production --offline

docs-lint: venv ## check the documentation of plugins and roles, with its cross references
	$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .

changelog-lint: venv ## check the changelog and its fragments
	$(BIN)/antsibull-changelog lint

reuse: venv ## check that every file has a license
	REUSE_ENCODING_MODULE=charset_normalizer $(BIN)/reuse lint --lines

build: venv ## build the collection, install it, and verify the installed files
	$(BIN)/python tests/tools/build.py

sanity: venv ## run ansible-test sanity
	$(BIN)/python tests/tools/sanity.py

importer: venv importer-venv ## import the collection as Ansible Galaxy and Automation Hub do
	$(BIN)/python tests/tools/importer.py .venvs/importer/bin

unit: venv ## test single functions
contract: venv ## compare the embedded broker with recorded answers of real brokers
integration: venv ## test modules, roles and playbooks against the embedded broker
faults: venv ## the same with a network and a broker that fail
awx: venv awx-venv ## test the playbook that sets AWX up, against a stand-in of AWX
e2e: venv ## test with other programs: a browser, routers, ssh

$(LAYERS) awx e2e:
	$(PYTEST) tests/$@ $(ARGS)

matrix: venv ## test the oldest, a middle and the newest ansible-core; CORES=all: every release
	$(BIN)/python tests/tools/matrix.py $(CORES)

.PHONY: docs docs-venv
docs: docs-venv ## build the documentation site in .cache/docs/html
	.venvs/docs/bin/python tests/tools/docs.py

bench: venv ## measure speed and memory, and write docs/benchmarks.md; BENCH=quick: measure less, write nothing
	$(BIN)/python -m tests.benchmarks $(if $(filter quick,$(BENCH)),--quick) $(ARGS)

format: venv ## format Python files
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

pictures: venv ## make the pictures in docs/images
	$(BIN)/python -m tests.pictures $(ARGS)

release: venv importer-venv ## make VERSION=1.2.3 in a temporary clone, and leave its archive here; COMMIT=yes: its commit and tag too
	@$(BIN)/python tests/tools/release.py $(if $(COMMIT),--commit) -- '$(VERSION)'

pins: venv ## update the pinned versions in tests/requirements
	tests/tools/pins.sh $(CURDIR)/$(BIN)/uv

# ansible-test downloads get-pip, which is not on a package index, unless it is in its cache already.
get-pip:
	@mkdir -p ~/.ansible/test/cache
	@for version in 23_1_2 24_2 25_2; do \
		cp -n tests/tools/get_pip.py ~/.ansible/test/cache/get_pip_$$version.py; \
	done

awx-venv docs-venv importer-venv: venv
	@python=$$(tests/tools/find_python.sh $(PYTHONS)) && name=$(@:-venv=) \
		&& tests/tools/venv.sh .venvs/$$name tests/requirements/$$name.txt "$$python" $(CURDIR)/$(BIN)/uv

venv: ## set up or update the environment
	@python=$$(tests/tools/find_python.sh $(PYTHONS)) \
		&& tests/tools/venv.sh $(VENV) tests/requirements/dev.txt "$$python"

clean: ## remove environments, caches and results
	rm -rf .venv .venvs .ansible .cache .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output
	rm -f openshift_v2-apps-*.tar.gz changelogs/.plugin-cache.yaml
	find plugins tests -name __pycache__ -prune -exec rm -rf {} +
