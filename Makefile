# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
# Lambda runs Python 3.13: that is used where it runs (a pyenv shim may exist and not run), else python3.
PYTHON ?= $(shell python3.13 -c '' 2>/dev/null && echo python3.13 || echo python3)
VENV := .venv
BIN := $(VENV)/bin

# What decides is covered in every branch; so is what a policy is compiled by.
CORE := lambda/invitation_responder
PURE := $(CORE)/handshake.py,$(CORE)/policy.py,$(CORE)/decision.py,$(CORE)/record.py,$(CORE)/news.py,$(CORE)/entry.py,$(CORE)/plan.py,$(CORE)/closing.py,authoring/source.py,authoring/language.py,authoring/strict_yaml.py,authoring/tree.py,authoring/mistakes.py,authoring/files.py

.PHONY: demo test check lock clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed  ## the main job on an embedded AWS
	@$(BIN)/python -m local.demo

test: $(VENV)/installed  ## all tests, with the coverage that is asked for
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report=
	$(BIN)/coverage report --include='$(PURE)' --fail-under=100
	$(BIN)/coverage report --include='lambda/*' --fail-under=95

check: $(VENV)/installed  ## what a pull request must pass: format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

lock: $(VENV)/installed  ## take the newest versions of everything and pin them
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --quiet --no-annotate \
	    --custom-compile-command 'make lock' --generate-hashes lambda/requirements.in -o lambda/requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --quiet --no-annotate \
	    --custom-compile-command 'make lock' requirements.in -o requirements.txt

clean:
	rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/installed: requirements.txt lambda/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
