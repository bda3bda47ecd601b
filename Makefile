# make demo    install into .venv and run the sample weeks: ends by naming the report
# make test    the tests, without network
# make check   lint and types
# make bench   speed beside the conventional stack
# make train   make the shipped weights again (needs the datasets, see models/README.md)

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: setup demo test check bench train

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $(INSTALLED)

demo: setup
	$(BIN)/feedback run pipelines/weekly.yaml --weeks 2026-W45..2026-W47

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m models.bench

train: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,train]"
	$(BIN)/python -m models.train_encoder
	$(BIN)/python -m models.train_sentiment
	$(BIN)/python -m models.train_mapping
	$(BIN)/python -m models.evaluate
