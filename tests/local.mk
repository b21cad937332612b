# Files of tests/.
EXTRA_DIST += tests/run tests/fresh-root tests/hardening tests/lib tests/part tests/lint tests/browser tests/e2e tests/firmware tests/kill-matrix tests/operate tests/node/helpers.test.mjs tests/node/patches.test.mjs .ci/run
EXTRA_DIST += tests/oidc/package.json tests/oidc/package-lock.json
EXTRA_DIST += tests/node/bring.test.mjs tests/node/cose.test.mjs tests/node/limits.test.mjs tests/node/package.json tests/node/package-lock.json
EXTRA_DIST += .clang-tidy tests/analysis tests/analysis.known tests/coverage tests/threads tests/threads.known
EXTRA_DIST += docs/requirements.md tests/figures tests/figures.json tests/package

.PHONY: check-programs list-check
check-programs: $(check_PROGRAMS)
list-check:
	@echo $(check_PROGRAMS)

include tests/bench/local.mk
include tests/nth/local.mk
