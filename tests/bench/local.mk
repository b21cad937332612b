# Files of tests/bench/: the program that makes the load and measures, and what runs it.
EXTRA_DIST += tests/bench/run tests/bench/ingest.mjs tests/bench/analytics.mjs tests/bench/analytics.sql tests/bench/programme.mjs tests/bench/console.mjs tests/bench/programme tests/bench/replay.mjs tests/bench/replay.sql tests/bench/lib tests/bench/peer tests/bench/RESULTS.md

noinst_PROGRAMS += tests/bench/bench
tests_bench_bench_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS) $(PQ_CFLAGS) $(SODIUM_CFLAGS)
tests_bench_bench_SOURCES = \
	tests/bench/commands.h \
	tests/bench/copy.c \
	tests/bench/corpus.c tests/bench/corpus.h \
	tests/bench/link.c tests/bench/link.h \
	tests/bench/load.c \
	tests/bench/main.c \
	tests/bench/options.c tests/bench/options.h \
	tests/bench/score.c tests/bench/score.h \
	tests/bench/serve.c \
	tests/bench/verify.c
tests_bench_bench_LDADD = $(HTTP_LIBS) $(SERVER_LIBS)
