# Every target is a thin call of a script or a product. Options reach it through the environment;
# OUT=report.json takes the report.
.PHONY: help demo test services services-stop bson bench bench-gate compat coverage detect lint docs

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST)

demo: ## the main job on embedded SQLite, no server (PATIENTS=folder of Synthea files)
	@Scripts/demo.sh

test: ## installs and starts what it needs, runs every test (ONLY=Target,Target narrows)
	@Scripts/test.sh

services: ## PostgreSQL, MongoDB and Redis on private ports; addresses in .services.env
	@Scripts/services.sh start

services-stop: ## stops them and removes their data
	@Scripts/services.sh stop

bson: ## BSON corpus against the project's reader and writer (FILES=folder)
	@PRIVATA_ONLY=BSONCorpus swift run -q BSONCorpus $(or $(FILES),../shared/bson-corpus)

bench: ## overhead against the raw drivers (SUITE= STYLE= STORE= OPS= ROUNDS= SECONDS= DOCS=1)
	@Scripts/bench.sh $(SECONDS)

bench-gate: ## allocations and instructions against thresholds (UPDATE=1 writes new ones)
	@Scripts/bench_gate.sh

compat: ## recorded cases replayed (STYLE=mongoose|prisma|drizzle STORE=mongo|postgres|sqlite)
	@Scripts/compat.sh

coverage: ## tests with coverage, uncovered lines by file
	@Scripts/coverage.sh

detect: ## personal and health data by the names of fields (FILE=names.json)
	@Scripts/detect.sh

lint: ## format, rules of style, imports, links
	@Scripts/lint.sh

docs: ## reference of every module in .build/docs
	@Scripts/docs.sh
