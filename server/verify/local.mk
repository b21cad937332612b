# Files of server/verify/, and the bundle's codec, which bptmctl links too.
noinst_LIBRARIES += server/codec/libbptm-evidence.a
server_codec_libbptm_evidence_a_SOURCES = server/codec/evidence.c server/codec/evidence.h

bin_PROGRAMS += server/verify/bptm-verify
server_verify_bptm_verify_SOURCES = \
	server/domain/ranges.c server/domain/ranges.h \
	server/verify/check.c server/verify/check.h \
	server/verify/ledger.c server/verify/ledger.h \
	server/verify/list.c server/verify/list.h \
	server/verify/main.c \
	server/verify/report.c server/verify/report.h
server_verify_bptm_verify_LDADD = server/codec/libbptm-evidence.a server/codec/libbptm-offline.a api/wire/libbptm-wire.a $(SODIUM_LIBS)

dist_man_MANS += server/verify/bptm-verify.1
EXTRA_DIST += api/evidence.md api/evidence.cddl api/generators.md api/generators.cddl

if HAVE_CMOCKA
noinst_LIBRARIES += tests/unit/verify/libbundle.a
tests_unit_verify_libbundle_a_SOURCES = tests/unit/verify/bundle.c tests/unit/verify/bundle.h
tests_unit_verify_libbundle_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/wire

verify_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/wire \
	-I$(top_srcdir)/tests/unit/verify -DTOP_BUILDDIR='"$(abs_top_builddir)"'
verify_test_libs = tests/unit/verify/libbundle.a tests/unit/wire/libsupport.a \
	server/codec/libbptm-evidence.a api/wire/libbptm-wire.a $(SODIUM_LIBS) $(JANSSON_LIBS) \
	$(CMOCKA_LIBS)

check_PROGRAMS += \
	tests/unit/codec/test_evidence \
	tests/unit/verify/test_check \
	tests/unit/verify/test_program
tests_unit_codec_test_evidence_SOURCES = tests/unit/codec/test_evidence.c
tests_unit_codec_test_evidence_CPPFLAGS = $(verify_test_cppflags)
tests_unit_codec_test_evidence_LDADD = $(verify_test_libs)
tests_unit_verify_test_check_SOURCES = \
	server/domain/ranges.c \
	server/verify/check.c \
	server/verify/ledger.c \
	tests/unit/verify/test_check.c
tests_unit_verify_test_check_CPPFLAGS = $(verify_test_cppflags)
tests_unit_verify_test_check_LDADD = $(verify_test_libs)
tests_unit_verify_test_program_SOURCES = tests/unit/verify/test_program.c
tests_unit_verify_test_program_CPPFLAGS = $(verify_test_cppflags)
tests_unit_verify_test_program_LDADD = $(verify_test_libs)
endif
