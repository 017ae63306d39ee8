# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
# Lambda runs Python 3.13: that is used where it runs (a pyenv shim may exist and not run), else python3.
PYTHON ?= $(shell python3.13 -c '' 2>/dev/null && echo python3.13 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
CLOUD := .cloud
BENCH := .bench
# What runs on this machine only has no use for a profile of yours, and moto fails at one that does not exist.
LOCALLY := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE
# Each worker imports everything and makes the fixtures anew, so that more of them than cores save no time.
WORKERS := $(shell $(PYTHON) -c 'import os; print(max(2, os.cpu_count() or 1))')

# What decides is covered in every branch; so is what a policy is read, checked, tested and compared by.
ROOMS := diagnostics source language permissions analysis lints testing explain estimate
REPLAY := escapes known_handshake lines partial_decision comparison cloudtrail
REPORTS := check coverage diff estimate excerpt explain replay sarif terminal test
COURIER := chat handshake_text kinds letter message notice partitions plain_text subject
PURE := lambda/invitation_responder/core/* $(COURIER:%=lambda/invitation_responder/courier/%.py) \
    $(ROOMS:%=authoring/%/*) $(REPLAY:%=authoring/replay/%.py) $(REPORTS:%=authoring/reports/%.py)
comma := ,
space := $(subst ,, )

.PHONY: help demo cloud bootstrap deploy destroy test check bench mutants lock clean
.DELETE_ON_ERROR:

help:  ## what there is
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed  ## the main job on an embedded AWS; with your policy: make demo POLICY=policies
	@$(LOCALLY) $(BIN)/python -m local.demo.demo $(POLICY)

cloud: $(VENV)/installed $(CLOUD)/installed node_modules/installed  ## the responder, really deployed, on a local cloud
	@$(LOCALLY) $(BIN)/python -m local.demo.playground

# To the AWS account of your credentials; ARGS are handed to the CDK, as in ARGS='-c alarm_email=you@example.com'.
# STACK=InvitationResponderMember is the role in a management account that is not the hub (docs/organization.md),
# STACK=InvitationResponderHomeRegion what hands events on to another Region (README.md, "Swept at once").
STACK := InvitationResponder
CDK = PATH="$(abspath $(BIN)):$$PATH" CDK_DISABLE_CLI_TELEMETRY=true $(BIN)/python -m infra.cdk

bootstrap: $(VENV)/installed node_modules/installed  ## prepare the account for the CDK; once an account and Region
	$(CDK) bootstrap $(ARGS)

deploy: $(VENV)/installed node_modules/installed  ## deploy, or change what is deployed
	$(CDK) deploy $(STACK) $(ARGS)

destroy: $(VENV)/installed node_modules/installed  ## remove everything but the ledger
	$(CDK) destroy --app '$(BIN)/python -m infra.removal' $(STACK) $(ARGS)

test: $(VENV)/installed $(CLOUD)/installed node_modules/installed  ## all tests, with the coverage that is asked for
	$(LOCALLY) $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=
	$(BIN)/coverage report --include='$(subst $(space),$(comma),$(strip $(PURE)))' --fail-under=100
	$(BIN)/coverage report --include='lambda/*' --fail-under=95

check: $(VENV)/installed  ## what a pull request must pass: format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

# What decides, what is done about it, and what is kept of it. It takes most of an hour.
SHIPPED := lambda/invitation_responder
FILES ?= $(sort $(wildcard $(SHIPPED)/core/*.py)) $(addprefix $(SHIPPED)/,sweep.py outbox.py leases.py metrics.py aws/ledger.py)

mutants: $(VENV)/installed  ## small changes to the responder that no test notices; to some of it: make mutants FILES=…
	@$(LOCALLY) $(BIN)/python tests/support/mutants.py $(FILES)

bench: $(VENV)/installed $(BENCH)/installed  ## measure speed, size and cost, beside other tools; writes docs/benchmarks.md (make bench ONLY=decisions)
	@$(LOCALLY) $(BIN)/python -m bench $(ONLY)

lock: $(VENV)/installed  ## take the newest versions of everything and pin them
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --quiet --no-annotate \
	    --custom-compile-command 'make lock' --generate-hashes lambda/requirements.in -o lambda/requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --quiet --no-annotate \
	    --custom-compile-command 'make lock' requirements.in -o requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --quiet --no-annotate \
	    --custom-compile-command 'make lock' --generate-hashes local/cloud-requirements.in -o local/cloud-requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --quiet --no-annotate \
	    --custom-compile-command 'make lock' --generate-hashes bench/requirements.in -o bench/requirements.txt
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/npm install --loglevel=error --package-lock-only --save-dev --save-exact aws-cdk@2 asl-validator@4

clean:
	rm -rf $(VENV) $(CLOUD) $(BENCH) node_modules cdk.out build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/installed: requirements.txt lambda/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# ministack pins its botocore: it has an environment of its own.
$(CLOUD)/installed: local/cloud-requirements.txt
	$(PYTHON) -m venv $(CLOUD)
	$(CLOUD)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# What decisions are compared with; nothing else needs it.
$(BENCH)/installed: bench/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The CDK CLI, by the Node.js of the environment.
node_modules/installed: package-lock.json | $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/npm ci --loglevel=error >/dev/null
	@touch $@
