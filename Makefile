# `make help` lists what there is. Every target first makes the environment that it needs, in .venv: nothing has to be
# installed beforehand but Python (3.11 or newer, with venv), git and make.

PYTHONS := 14 13 12 11
VENV := .venv
BIN := $(VENV)/bin
PLAYBOOK := ANSIBLE_CALLBACK_RESULT_FORMAT=yaml ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false $(BIN)/ansible-playbook
TESTED := $(wildcard tests/unit tests/contract tests/integration tests/faults tests/awx tests/e2e)
CHECKS := sanity ansible-lint mypy docs-lint build ruff changelog-lint
# Output of checks that run side by side is kept apart, where make can.
GROUPED := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo test checks lint pytest unit contract integration faults awx e2e awx-venv matrix bench format venv pins clean $(CHECKS)

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z-]+: .*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'ARGS="…" is handed to pytest, or to the benchmarks; CORES="2.16 2.21" chooses for `make matrix`.'

demo: venv ## the main job, from start to finish, on the embedded broker
	$(PLAYBOOK) playbooks/demo.yml

test: venv ## everything: all checks, then all tests
	+@$(MAKE) --no-print-directory --keep-going -j2 $(GROUPED) checks
	+@$(MAKE) --no-print-directory pytest

checks: $(CHECKS) ## all that judges the files without running the tests

lint: ruff mypy ansible-lint docs-lint changelog-lint ## the quick ones among the checks

ruff: venv ## Python: style, likely bugs, format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

mypy: venv ## Python: types
	$(BIN)/mypy

ansible-lint: venv ## playbooks, roles and the collection's own metadata
	$(BIN)/ansible-lint --profile production --offline

docs-lint: venv ## documentation of the plugins and roles, with its cross references
	$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all .

changelog-lint: venv ## changelog and its fragments
	$(BIN)/antsibull-changelog lint

build: venv ## build the collection, install and verify what was built
	$(BIN)/python tests/tools/build.py

sanity: venv ## ansible-test sanity
	$(BIN)/python tests/tools/sanity.py

pytest: venv awx-venv ## all tests
	$(BIN)/pytest -n auto $(TESTED) $(ARGS)

awx: awx-venv

unit contract integration faults awx e2e: venv
	$(BIN)/pytest -n auto tests/$@ $(ARGS)

unit: ## tests of single functions
contract: ## the recorded transcripts against the embedded broker
integration: ## modules, roles and playbooks against the embedded broker
faults: ## the same with a network and a broker that fail
awx: ## the playbook that sets AWX up, against a stand-in of AWX
e2e: ## with other programs: a browser, a router, ssh

matrix: venv ## unit and integration tests on every ansible-core whose Python is here
	$(BIN)/python tests/tools/matrix.py $(CORES)

bench: venv ## measure speed and memory, and write docs/benchmarks.md; BENCH=quick: a first look, which writes nothing
	$(BIN)/python -m tests.benchmarks $(if $(filter quick,$(BENCH)),--quick) $(ARGS)

format: venv ## put Python files into the wished format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

pins: venv ## renew the pinned versions in tests/requirements
	tests/tools/pins.sh $(CURDIR)/$(BIN)/uv

awx-venv: venv
	@python=$$(tests/tools/find_python.sh $(PYTHONS)) \
		&& tests/tools/venv.sh .venvs/awx tests/requirements/awx.txt "$$python" $(CURDIR)/$(BIN)/uv

venv: ## make or renew the environment
	@python=$$(tests/tools/find_python.sh $(PYTHONS)) \
		&& tests/tools/venv.sh $(VENV) tests/requirements/dev.txt "$$python"

clean: ## remove environments and everything that tools have left behind
	rm -rf .venv .venvs .ansible .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output
	rm -f openshift_v2-apps-*.tar.gz changelogs/.plugin-cache.yaml
	find plugins tests -name __pycache__ -prune -exec rm -rf {} +
