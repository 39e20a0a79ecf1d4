# Each of these may be the first thing typed after cloning: it sets up what it needs by itself.
#   PYTHON=python3.12     the interpreter for .venv (3.11 or newer)
#   PHOTOS=~/Pictures     with `make run`: a folder to add
#   ARGS="-k hnsw -x"     with `make test`: arguments for pytest

PYTHON_BIN := .venv/bin
PHOTOS ?=
ARGS ?=
export PYTHON PHOTOS

.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test check models lock

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## Install the locked dependencies into .venv and export the models
	@packaging/setup.sh run

setup-test:
	@packaging/setup.sh test

run: setup ## Start Twinlens; PHOTOS=~/Pictures adds that folder
	@photos=$$PHOTOS; \
	case $$photos in "~"/*) photos=$$HOME/$${photos#"~/"} ;; esac; \
	exec $(PYTHON_BIN)/twinlens $${photos:+--add "$$photos"}

test: setup-test ## Run every test, offscreen
	@QT_QPA_PLATFORM=offscreen $(PYTHON_BIN)/python -m pytest $(ARGS)

check: setup-test ## Run ruff, mypy and import-linter
	@$(PYTHON_BIN)/ruff check .
	@$(PYTHON_BIN)/ruff format --check .
	@$(PYTHON_BIN)/mypy
	@$(PYTHON_BIN)/lint-imports

models: setup ## Export the models that are absent or out of date

lock: setup-test ## Renew the lock files
	@packaging/lock.sh
