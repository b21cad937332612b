# Files of server/: libraries of the layers, the daemon, and the fragments of the other programs.

AM_CPPFLAGS += -I$(top_srcdir)/server
EXTRA_DIST += server/limits.md

# Sources that more than one fragment adds to.
server_libbptm_base_a_SOURCES = \
	server/base/bbox.c server/base/bbox.h \
	server/base/bytes.c server/base/bytes.h \
	server/base/call_out.c server/base/call_out.h \
	server/base/clock.c server/base/clock.h \
	server/base/config.c server/base/config.h \
	server/base/kill_point.c server/base/kill_point.h \
	server/base/limits.h \
	server/base/log.c server/base/log.h \
	server/base/sandbox.c server/base/sandbox.h \
	server/base/notify.c server/base/notify.h \
	server/base/public_address.c server/base/public_address.h \
	server/base/pulse.h \
	server/base/rate.c server/base/rate.h \
	server/base/utf8.c server/base/utf8.h
server_libbptm_store_a_SOURCES = \
	server/store/audit_seal.c server/store/audit_seal.h \
	server/store/bulk.h \
	server/codec/cell_seal.c server/codec/cell_seal.h \
	server/codec/csv_cell.c server/codec/csv_cell.h \
	server/codec/json_put.c server/codec/json_put.h \
	server/codec/person_blind.c server/codec/person_blind.h \
	server/codec/person_seal.c server/codec/person_seal.h \
	server/codec/person_text.c server/codec/person_text.h \
	server/store/binary.c server/store/binary.h \
	server/store/command_outbox.c server/store/command_outbox.h \
	server/store/counter.c server/store/counter.h \
	server/store/db.c server/store/db.h \
	server/store/db_param.c \
	server/store/db_result.c server/store/db_result.h \
	server/store/custody.c server/store/custody.h \
	server/store/device.c server/store/device.h \
	server/store/transition.c server/store/transition.h \
	server/store/device_key.c server/store/device_key.h \
	server/store/key_rotation.c server/store/key_rotation.h \
	server/store/device_status.c server/store/device_status.h \
	server/store/firmware_image.c server/store/firmware_image.h \
	server/store/import_list.c server/store/import_list.h \
	server/store/import_person.c server/store/import_person.h \
	server/store/import_run.c server/store/import_run.h \
	server/store/import_sheet.c server/store/import_sheet.h \
	server/store/journal_boot.c \
	server/store/journal_load.c server/store/journal_load.h \
	server/store/journal_ranges.c server/store/journal_ranges.h \
	server/store/journal_row.c server/store/journal_row.h \
	server/store/journal_write.c server/store/journal_write.h \
	server/store/lease.c server/store/lease.h \
	server/store/outage_job.c server/store/outage_job.h \
	server/store/person.c server/store/person.h \
	server/store/part_health.c server/store/part_health.h \
	server/store/preview_run.c server/store/preview_run.h \
	server/store/quarantine.c server/store/quarantine.h \
	server/store/receipt_issued.c server/store/receipt_issued.h \
	server/store/webhook_outbox.c server/store/webhook_outbox.h

server_libbptm_domain_a_SOURCES = \
	server/domain/journal_continue.c server/domain/journal_continue.h \
	server/domain/ranges.c server/domain/ranges.h

server_libbptm_csv_a_SOURCES = server/codec/csv_stream.c server/codec/csv_stream.h \
	server/codec/sheet.c server/codec/sheet.h \
	server/codec/xlsx_guard.c server/codec/xlsx_guard.h
server_libbptm_xml_a_SOURCES = server/codec/end_device_events.c server/codec/end_device_events.h
server_libbptm_xml_a_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)

server_codec_libbptm_offline_a_SOURCES = server/codec/offline_list.c server/codec/offline_list.h \
	server/codec/offline_list_encode.c
server_codec_libbptm_offline_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

noinst_LIBRARIES += server/libbptm-base.a server/libbptm-csv.a server/libbptm-domain.a \
	server/libbptm-store.a server/libbptm-xml.a server/codec/libbptm-offline.a
server_libbptm_base_a_CFLAGS = $(AM_CFLAGS) $(INIH_CFLAGS) $(CURL_CFLAGS)
server_libbptm_store_a_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(SODIUM_CFLAGS)

# What a server program links, in this order.
SERVER_LIBS = server/libbptm-store.a server/codec/libbptm-offline.a server/libbptm-csv.a server/libbptm-xml.a server/libbptm-domain.a server/libbptm-base.a api/wire/libbptm-wire.a \
	$(PQ_LIBS) $(INIH_LIBS) $(SODIUM_LIBS) $(CSV_LIBS) $(JANSSON_LIBS) $(EXPAT_LIBS) -lpthread

noinst_LIBRARIES += server/libbptm-mqtt.a server/libbptm-job.a
server_libbptm_mqtt_a_CFLAGS = $(AM_CFLAGS) $(MOSQUITTO_CFLAGS) $(SODIUM_CFLAGS)
server_libbptm_mqtt_a_SOURCES = \
	server/mqtt/boots.c server/mqtt/boots.h \
	server/mqtt/broker.c server/mqtt/broker.h \
	server/mqtt/commands.c server/mqtt/commands.h \
	server/mqtt/deliver.c server/mqtt/deliver.h \
	server/mqtt/group.c server/mqtt/group.h \
	server/mqtt/issued.c server/mqtt/issued.h \
	server/mqtt/keys.c server/mqtt/keys.h \
	server/mqtt/message.c server/mqtt/message.h \
	server/mqtt/mqtt.c server/mqtt/mqtt.h \
	server/mqtt/queue.c server/mqtt/queue.h \
	server/mqtt/recall.c server/mqtt/recall.h \
	server/mqtt/receipts.c server/mqtt/receipts.h \
	server/mqtt/tally.c server/mqtt/tally.h server/mqtt/tally.def \
	server/mqtt/verify.c server/mqtt/verify.h \
	server/mqtt/work.c server/mqtt/work.h \
	server/mqtt/worker.c server/mqtt/worker.h \
	server/mqtt/writer.c server/mqtt/writer.h
server_libbptm_job_a_SOURCES = \
	server/codec/webhook_sign.c server/codec/webhook_sign.h \
	server/job/flight.c server/job/flight.h \
	server/job/job.c server/job/job.h \
	server/job/job_bulk.c server/job/job_bulk.h \
	server/job/job_webhook.c server/job/job_webhook.h
server_libbptm_job_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(SODIUM_CFLAGS)

sbin_PROGRAMS += server/bptmd
dist_man_MANS += server/bptmd.8 server/bptmd.conf.5
EXTRA_DIST += tests/ctl/ingest.test.mjs
server_bptmd_SOURCES = server/bptmd.c
server_bptmd_LDADD = server/libbptm-mqtt.a server/libbptm-job.a $(HTTP_LIBS) $(SERVER_LIBS) \
	$(MOSQUITTO_LIBS) $(CURL_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/server/test_config \
	tests/unit/server/test_journal_continue \
	tests/unit/server/test_journal_ranges \
	tests/unit/server/test_log \
	tests/unit/server/test_issued \
	tests/unit/server/test_public_address \
	tests/unit/server/test_queue \
	tests/unit/server/test_rate \
	tests/unit/server/test_ranges \
	tests/unit/server/test_sandbox \
	tests/unit/server/test_webhook_sign \
	tests/unit/codec/test_cell \
	tests/unit/codec/test_person
tests_unit_codec_test_cell_SOURCES = tests/unit/codec/test_cell.c
tests_unit_codec_test_cell_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_codec_test_person_SOURCES = tests/unit/codec/test_person.c
tests_unit_codec_test_person_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_config_SOURCES = tests/unit/server/test_config.c
tests_unit_server_test_config_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_server_test_config_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_journal_ranges_SOURCES = tests/unit/server/test_journal_ranges.c
tests_unit_server_test_journal_ranges_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_log_SOURCES = tests/unit/server/test_log.c
tests_unit_server_test_log_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_issued_SOURCES = tests/unit/server/test_issued.c
tests_unit_server_test_issued_LDADD = server/libbptm-mqtt.a $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_public_address_SOURCES = tests/unit/server/test_public_address.c
tests_unit_server_test_public_address_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_rate_SOURCES = tests/unit/server/test_rate.c
tests_unit_server_test_rate_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_queue_SOURCES = tests/unit/server/test_queue.c
tests_unit_server_test_queue_LDADD = server/libbptm-mqtt.a $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_sandbox_SOURCES = tests/unit/server/test_sandbox.c
tests_unit_server_test_sandbox_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_webhook_sign_SOURCES = tests/unit/server/test_webhook_sign.c
tests_unit_server_test_webhook_sign_LDADD = server/libbptm-job.a $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_server_test_journal_continue_SOURCES = tests/unit/server/test_journal_continue.c
tests_unit_server_test_journal_continue_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/codec/test_end_device_events
tests_unit_codec_test_end_device_events_SOURCES = tests/unit/codec/test_end_device_events.c
tests_unit_codec_test_end_device_events_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
# These need a PostgreSQL with the schema (PGHOST and so on), and say so when they have none.
check_PROGRAMS += tests/store/test_ingest tests/store/test_writer
ingest_test_libs = server/libbptm-mqtt.a $(SERVER_LIBS) $(MOSQUITTO_LIBS) $(CMOCKA_LIBS)
tests_store_test_ingest_SOURCES = \
	tests/store/ingest_rig.c tests/store/ingest_rig.h tests/store/test_ingest.c
tests_store_test_ingest_LDADD = $(ingest_test_libs)
tests_store_test_writer_SOURCES = \
	tests/store/ingest_rig.c tests/store/ingest_rig.h tests/store/test_writer.c
tests_store_test_writer_LDADD = $(ingest_test_libs)
tests_unit_server_test_ranges_SOURCES = tests/unit/server/test_ranges.c
tests_unit_server_test_ranges_LDADD = $(SERVER_LIBS) $(CMOCKA_LIBS)
endif

include server/http/local.mk
include server/www/local.mk
include server/ctl/local.mk
include server/verify/local.mk
