# `make demo` and `make test` do all their own set-up, in .venv.
PYTHON ?= python3
BIN := .venv/bin
# Vendors' SDKs do not go into one environment; each has its own, and its own list in tests/sdk.
SDKS := $(basename $(notdir $(wildcard tests/sdk/*.txt)))
# So it is with the libraries that the quality benchmark puts beside ours, and with `sentences`,
# which has the model that its part `semantic` needs (a GB; `make .venv-peers/sentences/made`).
PEERS := $(basename $(notdir $(wildcard benchmarks/quality/outsiders/*.txt)))

.PHONY: demo test slow sdk fuzz lint bench peers redis clean

demo: .venv/demo
	$(BIN)/guardrail demo

test: .venv/dev redis
	$(BIN)/python -m pytest

slow: .venv/dev redis
	$(BIN)/python -m pytest -m slow -s

sdk: .venv/dev $(SDKS:%=.venv-sdk/%/made)
	$(BIN)/python -m pytest -m sdk

fuzz: .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3'
	$(BIN)/python -m tests.fuzz.codecs -max_total_time=300 -max_len=8192

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/bench
	$(BIN)/python -m benchmarks edges
	$(BIN)/python -m benchmarks importtime
	$(BIN)/python -m benchmarks index
	$(BIN)/python -m benchmarks limits
	$(BIN)/python -m benchmarks oracle
	$(BIN)/python -m benchmarks planted
	$(BIN)/python -m benchmarks probing
	$(BIN)/python -m benchmarks quality
	$(BIN)/python -m benchmarks records
	$(BIN)/python -m benchmarks stream
	$(BIN)/python -m benchmarks tabular
	if [ -e .venv-peers/sentences/made ]; then \
		.venv-peers/sentences/bin/python -m benchmarks quality --only semantic; fi

peers: $(PEERS:%=.venv-peers/%/made)

# Tests against a Redis server start their own, and are skipped where it cannot be installed.
redis:
	@command -v redis-server > /dev/null || apt-get install -qq -y redis-server > /dev/null 2>&1 || \
		(apt-get update -qq && apt-get install -qq -y redis-server) > /dev/null 2>&1 || \
		echo "no redis-server: the tests against one are skipped"

clean:
	rm -rf .venv .venv-peers .venv-sdk

.venv/made:
	$(PYTHON) -m venv .venv
	touch $@

.venv/demo: .venv/made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/dev: .venv/made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[pii,proxy,dev]'
	touch $@ .venv/demo

.venv/bench: .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[pii,proxy,bench]'
	touch $@

.venv-sdk/%/made: tests/sdk/%.txt pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.venv-peers/%/made: benchmarks/quality/outsiders/%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@
