# Every command sets up what it needs by itself; `make` alone lists them.
# PYTHON=..., CHROMIUM=..., PORT=... and NO_BROWSER=1 choose the interpreter, the browser, the port and no browser.

SETUP  := tools/setup.sh
BIN    := .venv/bin
KERNELS := 6.31 7.3 7.4

define run_tests
	$(if $(ARGS),$(1)/python -m pytest $(ARGS),$(1)/python tools/run_tests.py $(2))
endef

.DEFAULT_GOAL := help
.PHONY: help demo setup setup-demo test test-long lint format bench docs screenshots gallery constraints \
        test-latest test-lowest test-kernels clean

help:            ## list the commands
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: setup-demo ## open the quickstart in JupyterLab, or print its address
	@$(BIN)/python -m cnnviz_widgets $(if $(NO_BROWSER),--no-browser) $(if $(PORT),--port $(PORT))

setup-demo:
	@$(SETUP) lab,demo

setup:
	@$(SETUP) --browser lab,demo,test,hub

.PHONY: setup-lint
setup-lint:
	@$(SETUP) lab,demo,test

test: setup      ## run every test, the browser's too; ARGS="-k saliency" chooses
	$(call run_tests,$(BIN))

test-long: setup ## run the tests that take minutes each, and no others
	$(BIN)/python -m pytest --long tests $(ARGS)

lint: setup-lint ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup-lint ## put the code into the agreed form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup     ## measure speed, as ratios within one run
	@$(SETUP) lab,demo,test,hub,bench
	$(BIN)/python -m benchmarks $(ARGS)

docs:            ## build the reference into build/docs; a missing docstring or a dead link is an error
	@$(SETUP) demo,docs
	$(BIN)/python tools/build_docs.py build/docs

screenshots: setup ## take the README's pictures from the real thing
	$(BIN)/python tools/screenshots.py $(ARGS)

gallery: setup-demo ## make the pictures of docs/generated.md with the real methods
	$(BIN)/python tools/gallery.py $(ARGS)

constraints: setup ## write the versions in .venv to constraints.txt
	@$(SETUP) lab,demo,test,hub,docs,bench
	$(BIN)/python tools/freeze_constraints.py constraints.txt

test-latest:     ## run the tests with the newest versions of everything
	@$(SETUP) --into .kernels/latest --no-pins --browser lab,demo,test
	$(call run_tests,.kernels/latest/bin,-m "not pinned")

test-lowest: setup-lint ## run the tests with the lowest versions that pyproject admits
	@mkdir -p .kernels && $(BIN)/python tools/lowest.py > .kernels/lowest.txt
	@$(SETUP) --into .kernels/lowest --pins .kernels/lowest.txt --browser lab,demo,test
	$(call run_tests,.kernels/lowest/bin,-m "not pinned")

test-kernels: setup ## run the kernel tests with each supported ipykernel
	@tools/with_kernels.sh $(KERNELS) -- -m kernel $(ARGS)

clean:           ## remove everything that the commands made
	rm -rf .venv .kernels build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
