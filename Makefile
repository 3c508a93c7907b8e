# What one types all day. `.ci/run` does the same from nothing, and lets no test be skipped.
# The day by which our own scenarios are judged, so that no calendar turns a check red; moved when models.yaml is.
AS_OF = 2026-11-29

.PHONY: help setup lint test format lowest docs

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup:  ## an environment with all that lint and test need: .venv
	python3 -m venv .venv
	.venv/bin/pip install --quiet --editable '.[dev]'

lint:  ## style, types, floors, dead names, our own scenarios
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	vulture
	scenario lint --strict --as-of $(AS_OF) scenarios

test:  ## the whole suite
	pytest -n auto --dist worksteal

format:  ## what ruff can mend
	ruff check --fix .
	ruff format .

lowest:  ## the suite with the lowest dependencies that pyproject.toml allows
	python tools/fresh.py --lowest

docs:  ## the pages, and the schemas for editors, that are made from the schemas and catalogues
	scenario schema --write schemas
	python -m realtime_scenarios.project.reference > docs/reference.md
	python -m realtime_scenarios.lint.pages > docs/lint.md
	python -m realtime_scenarios.lint.codes > docs/codes.md
	python -m realtime_scenarios.project.models_page > docs/models.md
	python tools/where.py
	python tools/mutation.py
