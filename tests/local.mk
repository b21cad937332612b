# Files of tests/.
EXTRA_DIST += tests/run tests/fresh-root tests/lib tests/part tests/lint tests/e2e tests/kill-matrix tests/node/helpers.test.mjs .ci/run

.PHONY: check-programs list-check
check-programs: $(check_PROGRAMS)
list-check:
	@echo $(check_PROGRAMS)

include tests/bench/local.mk
