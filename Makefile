# What a newcomer needs: make demo, make test. Needs Python 3.11 or newer, make and git; everything else goes into .venv
.POSIX:
.SUFFIXES:

PYTHON = python3 python3.14 python3.13 python3.12 python3.11 python
BIN = .venv/bin
# --no-compile: what is imported is compiled then; compiling everything doubles the time
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-compile
UV = $(BIN)/uv pip compile --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
     --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --upgrade pyproject.toml --group build

help:
	@echo 'make demo    watch customers rise and fall: a broker, Redis and a worker on this machine, real orders through them'
	@echo 'make setup   a .venv with the ebbtide command in it'
	@echo 'make test    format, lint, types, import directions, and all tests'
	@echo 'make check   the part of it that runs nothing'
	@echo 'make bench   the benchmarks, as a table'
	@echo 'make soak    10,000 simulated lives, then every fault on a real Kafka and Redis; goes on where it was'
	@echo 'make lock    newer versions of what Ebbtide stands on'
	@echo 'make clean   remove .venv, caches and what was built'

demo: setup
	@$(BIN)/ebbtide demo

setup: .venv/setup.done

.venv/python.done:
	@good='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'; \
	for python in $(PYTHON); do \
	    if "$$python" -c "$$good" >/dev/null 2>&1; then \
	        echo "setup: making .venv with $$("$$python" --version 2>&1)"; \
	        "$$python" -m venv --clear .venv && touch $@; \
	        exit; \
	    fi; \
	done; \
	echo 'setup: no Python 3.11 to 3.14 with venv found (on Debian: apt install python3-venv); to name one: make setup PYTHON=python3.12' >&2; \
	exit 1

.venv/setup.done: .venv/python.done requirements.lock pyproject.toml
	@echo 'setup: installing what Ebbtide stands on into .venv'
	@$(PIP) --require-hashes --no-deps -r requirements.lock
	@$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m ebbtide.warm
	@touch $@

.venv/dev.done: .venv/setup.done requirements-dev.lock
	@echo 'setup: installing what its tests stand on'
	@$(PIP) --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

check: .venv/dev.done
	@$(BIN)/ruff format --check --quiet . || { echo 'format: run .venv/bin/ruff format .' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/unit/test_import_directions.py

# what only computes runs on two cores; servers and their timing get the machine for themselves
test: check
	@$(BIN)/python -m pytest -n 2 tests/unit tests/simulation
	@$(BIN)/python -m pytest --ignore tests/unit --ignore tests/simulation

bench: .venv/dev.done
	@$(BIN)/python -m benchmarks

# make soak SOAK="--short --only kills"; what else it takes: .venv/bin/python -m tests.soak --help
SOAK =
soak: .venv/dev.done
	@$(BIN)/python -m ebbtide.warm >&2
	@$(BIN)/python -m tests.soak $(SOAK)

lock: .venv/dev.done
	@$(UV) --output-file requirements.lock
	@$(UV) --constraints requirements.lock --group dev --output-file requirements-dev.lock

clean:
	@rm -rf .venv .venv-rivals benchmarks/rivals/kafka_streams/target build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help demo setup check test bench soak lock clean
