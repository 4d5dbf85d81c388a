# A thin shell around bootstrap.py, which does the work on every system.
# Pass arguments with ARGS: make test ARGS="-k edges"
PYTHON ?= python3
.PHONY: lab explorer test setup notebooks bench bench-quick latency measure site class-demo test-classroom lint help

lab explorer test setup notebooks bench bench-quick latency measure site class-demo test-classroom lint help:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
