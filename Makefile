# The two commands: `make demo` and `make test`. Each installs what it needs first.

.PHONY: demo test check clean

## A story told by the cross-compiled firmware of an ESP32-C3, on an emulator, over a pseudo-terminal.
demo:
	@scripts/setup.sh demo
	@node dist/cli.js demo

## Formatter, linter, types, and every test on real compilers and emulators.
test:
	@scripts/setup.sh test
	@npm run --silent check
	@npm test --silent

## Formatter, linter and types only.
check:
	@scripts/setup.sh demo
	@npm run --silent check

clean:
	rm -rf dist build
