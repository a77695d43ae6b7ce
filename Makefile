# make demo: the whole way on simulated videos.  make test: set up and pass the tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# No test, demo or benchmark may try to reach a hub.
export HF_HUB_OFFLINE := 1

.PHONY: demo test test-all lint format bench clean help

help:
	@echo "make demo      the whole way on simulated videos: minutes on two cores"
	@echo "make test      the tests; make test-all runs the slow ones too"
	@echo "make lint      ruff and mypy"
	@echo "make bench     the benchmarks"

.venv/.installed: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: .venv/.installed
	$(BIN)/physprior demo

test: .venv/.installed
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-all: .venv/.installed
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# mypy maps files to modules by folders: a tree of links shows it train/ as physprior.train.
	@rm -rf .cache/typed && mkdir -p .cache/typed/physprior
	@ln -s $(CURDIR)/physprior/* $(CURDIR)/train $(CURDIR)/eval .cache/typed/physprior/
	cd .cache/typed && ../../$(BIN)/mypy --config-file ../../pyproject.toml -p physprior

bench: .venv/.installed
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/reading.py
	$(BIN)/python bench/check.py
	$(BIN)/python bench/build.py
	$(BIN)/python bench/splits.py
	$(BIN)/python bench/probe.py
	$(BIN)/python bench/train.py
	$(BIN)/python bench/predict.py
	$(BIN)/python bench/delong.py
	$(BIN)/python bench/simulation.py
	$(BIN)/python bench/simulate.py
	$(BIN)/python bench/gate.py
	$(BIN)/python bench/judge.py
	$(BIN)/python bench/sbert.py
	$(BIN)/python bench/report.py

format: .venv/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv physprior-demo build dist *.egg-info
