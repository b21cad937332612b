# Files of api/: the protocol's text, its one implementation, and its worked examples.
noinst_LIBRARIES += api/wire/libbptm-wire.a
api_wire_libbptm_wire_a_SOURCES = \
	api/errors.def \
	api/wire/batch.c api/wire/batch.h \
	api/wire/cbor.c api/wire/cbor.h \
	api/wire/chain.c api/wire/chain.h \
	api/wire/command.c api/wire/command.h api/wire/command.def \
	api/wire/command_name.c \
	api/wire/cose.c api/wire/cose.h \
	api/wire/error.c api/wire/error.h \
	api/wire/firmware.c api/wire/firmware.h \
	api/wire/key_proof.c api/wire/key_proof.h \
	api/wire/manifest.c api/wire/manifest.h \
	api/wire/member.c api/wire/member.h \
	api/wire/receipt.c api/wire/receipt.h \
	api/wire/record.c api/wire/record.h api/wire/record.def \
	api/wire/record_name.c \
	api/wire/setting.def \
	api/wire/status.c api/wire/status.h \
	api/wire/topic.c api/wire/topic.h \
	api/wire/wire.h
api_wire_libbptm_wire_a_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)

EXTRA_DIST += api/metrics.md api/webhooks.md
EXTRA_DIST += api/journal.md api/journal.cddl

EXTRA_DIST += \
	api/vectors/batch.json \
	api/vectors/command.json \
	api/vectors/cose-wg-eddsa-sig-01.json \
	api/vectors/firmware.json \
	api/vectors/keys.json \
	api/vectors/link.json \
	api/vectors/receipt.json \
	api/vectors/record.json \
	api/vectors/refused.json \
	api/vectors/request.json \
	api/vectors/status.json \
	api/vectors/topic.json \
	tests/node/protocol.test.mjs \
	tests/node/vectors.test.mjs

if HAVE_CMOCKA
# The vectors' generator is a test too: without arguments it compares, with --write it writes.
noinst_LIBRARIES += tests/unit/wire/libsupport.a
tests_unit_wire_libsupport_a_SOURCES = \
	tests/unit/wire/support.c tests/unit/wire/support.h \
	tests/unit/wire/vectors.h \
	tests/unit/wire/vectors_firmware.c \
	tests/unit/wire/vectors_positive.c \
	tests/unit/wire/vectors_refused.c \
	tests/unit/wire/vectors_story.c
tests_unit_wire_libsupport_a_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_wire_libsupport_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)

wire_test_libs = tests/unit/wire/libsupport.a api/wire/libbptm-wire.a $(SODIUM_LIBS) \
	$(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += \
	tests/unit/wire/vectors_made \
	tests/unit/wire/test_batch \
	tests/unit/wire/test_cbor \
	tests/unit/wire/test_chain \
	tests/unit/wire/test_command \
	tests/unit/wire/test_cose \
	tests/unit/wire/test_error \
	tests/unit/wire/test_firmware \
	tests/unit/wire/test_key_proof \
	tests/unit/wire/test_receipt \
	tests/unit/wire/test_record \
	tests/unit/wire/test_status \
	tests/unit/wire/test_topic \
	tests/unit/wire/test_vectors
tests_unit_wire_vectors_made_SOURCES = tests/unit/wire/vectors_made.c
tests_unit_wire_vectors_made_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_wire_vectors_made_LDADD = $(wire_test_libs)
tests_unit_wire_test_batch_SOURCES = tests/unit/wire/test_batch.c
tests_unit_wire_test_batch_LDADD = $(wire_test_libs)
tests_unit_wire_test_cbor_SOURCES = tests/unit/wire/test_cbor.c
tests_unit_wire_test_cbor_LDADD = $(wire_test_libs)
tests_unit_wire_test_chain_SOURCES = tests/unit/wire/test_chain.c
tests_unit_wire_test_chain_LDADD = $(wire_test_libs)
tests_unit_wire_test_command_SOURCES = tests/unit/wire/test_command.c
tests_unit_wire_test_command_LDADD = $(wire_test_libs)
tests_unit_wire_test_cose_SOURCES = tests/unit/wire/test_cose.c
tests_unit_wire_test_cose_LDADD = $(wire_test_libs)
tests_unit_wire_test_error_SOURCES = tests/unit/wire/test_error.c
tests_unit_wire_test_error_LDADD = $(wire_test_libs)
tests_unit_wire_test_firmware_SOURCES = tests/unit/wire/test_firmware.c
tests_unit_wire_test_firmware_LDADD = $(wire_test_libs)
tests_unit_wire_test_key_proof_SOURCES = tests/unit/wire/test_key_proof.c
tests_unit_wire_test_key_proof_LDADD = $(wire_test_libs)
tests_unit_wire_test_receipt_SOURCES = tests/unit/wire/test_receipt.c
tests_unit_wire_test_receipt_LDADD = $(wire_test_libs)
tests_unit_wire_test_record_SOURCES = tests/unit/wire/test_record.c
tests_unit_wire_test_record_LDADD = $(wire_test_libs)
tests_unit_wire_test_status_SOURCES = tests/unit/wire/test_status.c
tests_unit_wire_test_status_LDADD = $(wire_test_libs)
tests_unit_wire_test_topic_SOURCES = tests/unit/wire/test_topic.c
tests_unit_wire_test_topic_LDADD = $(wire_test_libs)
tests_unit_wire_test_vectors_SOURCES = tests/unit/wire/test_vectors.c
tests_unit_wire_test_vectors_LDADD = $(wire_test_libs)
endif

EXTRA_DIST += tests/fuzz
