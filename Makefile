# Two commands are enough: `make run` shows the platform with demo data, `make test` checks everything.
.PHONY: help setup run test bench mutants lock messages format real-data

CITYINDEX = .venv/bin/cityindex
export PYTHON

help:
	@echo "make run        set up, load demo data, serve http://127.0.0.1:8000"
	@echo "make test       set up, then every check and test; the last line is the count"
	@echo "make bench      benchmarks against their floors, as ratios"
	@echo "make mutants    500 small changes to the engine, drawn by SEED: how many the tests notice (12 minutes)"
	@echo "make real-data  import, score and publish the real data of DATA=folder, and check the figures"
	@echo "make setup      what run and test share, without a server"
	@echo "make lock       renew the pinned requirements (needs uv)"
	@echo "make messages   renew the catalogues of messages from code and templates"
	@echo "make format     format the code"

setup:
	@./setup.sh run
	@$(CITYINDEX) db upgrade

# Demo data is refused (exit 5) where real observations are: then the site is served as it is.
run: setup
	@$(CITYINDEX) seed --demo || [ $$? -eq 5 ]
	@$(CITYINDEX) serve

test:
	@./setup.sh test
	@.venv/bin/python -m tests

bench:
	@./setup.sh test
	@.venv/bin/python -m tests.bench

mutants:
	@./setup.sh test
	@.venv/bin/python -m tests.mutants --seed $(or $(SEED),2569)

real-data:
	@./setup.sh test
	@.venv/bin/python -m tests.realdata $(DATA)

# The tests' requirements first: what the program needs is a part of them, at the same versions.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra test setup.cfg -o requirements-test.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header setup.cfg -c requirements-test.txt -o requirements.txt

messages:
	.venv/bin/python -m tests.messages

format:
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .
