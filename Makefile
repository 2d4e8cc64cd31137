# make report   run everything and publish the site      make test           all tests but those in a browser
# make desk     the planner's desk in the browser        make lab            open the notebooks in JupyterLab
# make quick    lint and the quick tests, a minute       make browser-test   tests of the pages in Chromium
# make lint     style, types, imports                    make site-check     links, accessibility (axe) and browser tests
# make bench    measure speed (twenty minutes)           make clean          remove what was made
# Each prepares the environment in .venv by itself. Another Python: make report PYTHON=python3.12

PYTHON ?= python3
READY := .venv/.ready
BIN := .venv/bin

# A foreign PYTHONPATH would put other versions in front of the locked ones.
unexport PYTHONPATH PYTHONHOME

# An environment that was copied or moved with its folder, or has lost its Python, is made anew.
ifneq "$(shell $(BIN)/python -c '' 2>/dev/null && cat $(READY))" "$(CURDIR)"
$(READY): remake
endif

.PHONY: report desk bench test quick site-check browser-test lab lint clean remake
.DEFAULT_GOAL := report

$(READY): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh tools/prepare.sh

report: $(READY)
	@$(BIN)/eldercare run

desk: $(READY)
	@$(BIN)/eldercare desk

quick: lint
	@$(BIN)/python -m pytest -m "unit or run" -n logical --dist loadfile -q

test: $(READY)
	@$(BIN)/python -m pytest -m "not browser" -n logical --dist loadfile

site-check: report
	@sh tools/axe.sh
	@ELDERCARE_PUBLISHED="$(CURDIR)" ELDERCARE_AXE=build/axe/node_modules/axe-core/axe.min.js $(BIN)/python -m pytest -n logical --dist loadfile tests/site/test_every_page.py tests/site/test_browser.py tests/site/test_ways.py tests/site/test_what_if.py tests/site/test_desk.py

browser-test: $(READY)
	@$(BIN)/python -m pytest -m browser tests

lab: $(READY)
	@JUPYTER_PREFER_ENV_PATH=1 $(BIN)/python -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

bench: $(READY)
	@$(BIN)/python benchmarks/bench.py --write

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/imports

clean:
	rm -rf .venv .cache build $(filter-out %/README.md,$(wildcard outputs/* outputs/.[!.]* data/processed/* data/processed/.[!.]*))
