# Files of tests/nth/: the journal part of the server with its n-th allocation or statement failing.
EXTRA_DIST += tests/nth/run.mjs

if HAVE_CMOCKA
check_PROGRAMS += tests/nth/nth
tests_nth_nth_CFLAGS = $(AM_CFLAGS) $(MOSQUITTO_CFLAGS) $(PQ_CFLAGS) $(SODIUM_CFLAGS)
tests_nth_nth_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup \
	-Wl,--wrap=PQconnectdbParams,--wrap=PQsendQuery,--wrap=PQsendQueryParams \
	-Wl,--wrap=PQsendPrepare,--wrap=PQsendQueryPrepared \
	-Wl,--wrap=PQputCopyData,--wrap=PQputCopyEnd
tests_nth_nth_SOURCES = \
	tests/nth/fault.c tests/nth/fault.h \
	tests/nth/home.c tests/nth/home.h \
	tests/nth/nth.c \
	tests/nth/place.c tests/nth/place.h \
	tests/store/ingest_rig.c tests/store/ingest_rig.h
tests_nth_nth_LDADD = $(ingest_test_libs)
endif
