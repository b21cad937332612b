# Files of api/: the protocol's text, its one implementation, and its worked examples.
noinst_LIBRARIES += api/wire/libbptm-wire.a
api_wire_libbptm_wire_a_SOURCES = \
	api/errors.def \
	api/wire/batch.c api/wire/batch.h \
	api/wire/cbor.c api/wire/cbor.h \
	api/wire/chain.c api/wire/chain.h \
	api/wire/cose.c api/wire/cose.h \
	api/wire/error.c api/wire/error.h \
	api/wire/member.c api/wire/member.h \
	api/wire/receipt.c api/wire/receipt.h \
	api/wire/record.c api/wire/record.h api/wire/record.def \
	api/wire/record_name.c \
	api/wire/status.c api/wire/status.h \
	api/wire/topic.c api/wire/topic.h \
	api/wire/wire.h
api_wire_libbptm_wire_a_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)

EXTRA_DIST += api/journal.md api/journal.cddl
