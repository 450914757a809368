# What a developer, and continuous integration, runs. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
CARGO ?= cargo
BIN := target/release/orcheo-trace
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

# cargo-nextest runs the tests where it is installed; `cargo test` runs the same ones elsewhere.
NEXTEST := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo nextest run || echo test)

.PHONY: help setup assets build run test lint browser test-rust test-program test-conformance test-client schema bench coverage fmt clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: PostgreSQL's programs, a C compiler
	@scripts/setup

graphiql/node_modules/.package-lock.json: graphiql/package-lock.json
	@cd graphiql && $(NPM_CI)

graphiql/dist/index.html: graphiql/node_modules/.package-lock.json $(shell find graphiql -path graphiql/node_modules -prune -o -path graphiql/dist -prune -o -type f -print)
	@cd graphiql && npm run --silent build

canvas-client/node_modules/.package-lock.json: canvas-client/package-lock.json
	@cd canvas-client && $(NPM_CI)

canvas-client/dist/index.html: canvas-client/node_modules/.package-lock.json schema.graphql $(shell find canvas-client -name node_modules -prune -o -path canvas-client/dist -prune -o -name generated -prune -o -type f -print)
	@cd canvas-client && npm run --silent build

assets: canvas-client/dist/index.html graphiql/dist/index.html ## Build the web assets that the program embeds

build: setup assets ## Build the finished program: target/release/orcheo-trace
	$(CARGO) build --release --locked --package orcheo-server

run: build ## Start everything, with the example workflows, and run one of them
	$(BIN) serve --workflows examples --start support-triage

lint: assets ## Formatting, clippy and eslint, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	cd canvas-client && npm run --silent lint

browser:
	@scripts/setup browser

test: setup lint test-rust test-conformance test-client ## Run every test, as continuous integration does

test-rust: assets
	$(CARGO) $(NEXTEST) --workspace --locked

conformance/node_modules/.package-lock.json: conformance/package-lock.json
	@cd conformance && $(NPM_CI)

# The program as the tests have it: asking for it alone would compile what it depends on again, with fewer features.
test-program: assets
	@$(CARGO) $(NEXTEST) --no-run --workspace --locked

test-conformance: test-program conformance/node_modules/.package-lock.json
	cd conformance && npm test --silent

test-client: test-program browser
	cd canvas-client && npm test --silent
	cd canvas-client && npm run --silent test:e2e

schema: ## Write schema.graphql
	$(CARGO) run --quiet --locked --package orcheo-server -- schema > schema.graphql

bench: build browser ## Print the ratios that say how fast it is
	$(CARGO) build --release --locked --package orcheo-telemetry --example redaction_speed --example otlp_load
	bench/run

coverage: setup assets ## Line coverage of Rust and TypeScript
	scripts/coverage

fmt: ## Format the code
	$(CARGO) fmt --all

clean: ## Remove what was built
	$(CARGO) clean
	rm -rf canvas-client/dist canvas-client/node_modules graphiql/dist graphiql/node_modules conformance/node_modules
