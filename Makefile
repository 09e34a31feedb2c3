# Everything starts with `make run`. What is made at run time lives in .local/ (see docs/operators/setup.md).
PYTHON ?= python3
ARGS ?=
ALLIANCES ?= 20000
CASES ?= 10000
BOOTSTRAP = $(PYTHON) alliance_health/local/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run test lint bench bench-scoring bench-trust reset python

help:
	@echo "make run     start everything at http://127.0.0.1:8000 and load the demo once (PORT=8001: another port)"
	@echo "make test    run all tests, the browser's and the checks of the code too (ARGS='-k portfolio': some)"
	@echo "make lint    check style, format, types, imports, migrations and the production settings"
	@echo "make bench   measure the speed of scoring and of the pages"
	@echo "make bench-scoring   measure scoring alone (ALLIANCES=20000: how many)"
	@echo "make bench-trust     try whether the figures and the promises hold (CASES=10000: how much)"
	@echo "make reset   delete the data of this laptop, after asking"
	@echo "make help    show this"
	@echo
	@echo "Needs Python 3.11 or newer with pip, and make; PYTHON=python3.12 names another one."

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "There is no program $(PYTHON). Install Python 3.11 or newer, or name it: make run PYTHON=python3.12" >&2; exit 1; }

run: python
	@$(BOOTSTRAP) run $(ARGS)

test: python
	@$(BOOTSTRAP) test $(ARGS)

lint: python
	@$(BOOTSTRAP) lint $(ARGS)

bench: python
	@$(BOOTSTRAP) bench $(ARGS)

bench-scoring: python
	@$(BOOTSTRAP) bench-scoring --alliances $(ALLIANCES) --workers $(ARGS)

bench-trust: python
	@$(BOOTSTRAP) bench-trust --cases $(CASES) $(ARGS)

reset: python
	@$(BOOTSTRAP) reset $(ARGS)
