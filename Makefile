# A thin shell around bootstrap.py, which does the work on every system.
# Pass arguments with ARGS: make test ARGS="-k edges"
PYTHON ?= python3
.PHONY: lab test setup notebooks bench measure lint

lab setup test notebooks bench measure:
	@$(PYTHON) bootstrap.py $@ $(ARGS)

lint: ; @.venv/bin/python -m ruff check .
