# A thin shell around bootstrap.py, which does the work on every system.
# Pass arguments with ARGS: make test ARGS="-k edges"
PYTHON ?= python3
.PHONY: lab explorer test setup notebooks bench latency measure lint help

lab explorer test setup notebooks bench latency measure lint help:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
