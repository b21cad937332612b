# Files of server/ctl/: bptmctl, and the store files that only it uses.
server_libbptm_store_a_SOURCES += \
	server/store/conninfo.c server/store/conninfo.h \
	server/store/evidence_export.c server/store/evidence_export.h \
	server/codec/csv_table.c server/codec/csv_table.h \
	server/store/decision_audit.c server/store/decision_audit.h \
	server/store/generator_list.c server/store/generator_list.h \
	server/store/generator_offline.c server/store/generator_offline.h \
	server/store/import.h \
	server/store/import_check.c server/store/import_check.h \
	server/store/import_deliveries.c \
	server/store/import_devices.c \
	server/store/import_generators.c \
	server/store/import_zones.c \
	server/store/migrate.c server/store/migrate.h \
	server/store/migrate_files.c server/store/migrate_files.h \
	server/store/operate.c server/store/operate.h \
	server/store/person_master.c server/store/person_master.h \
	server/store/partition.c server/store/partition.h \
	server/store/retention.c server/store/retention.h \
	server/store/restore.c server/store/restore.h \
	server/store/token.c server/store/token.h

bin_PROGRAMS += server/ctl/bptmctl
server_ctl_bptmctl_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(JANSSON_CFLAGS)
server_ctl_bptmctl_SOURCES = \
	server/codec/elf_image.c server/codec/elf_image.h \
	server/codec/geojson.c server/codec/geojson.h \
	server/ctl/bptmctl.c server/ctl/ctl.h \
	server/ctl/ctl_audit.c \
	server/ctl/ctl_authority.c server/ctl/ctl_authority.h \
	server/ctl/ctl_backup.c \
	server/ctl/ctl_bulk.c \
	server/ctl/ctl_ca.c \
	server/ctl/ctl_feed.c \
	server/ctl/ctl_file.c \
	server/ctl/ctl_db.c \
	server/ctl/ctl_device.c \
	server/ctl/ctl_device_key.c \
	server/ctl/ctl_draft.c \
	server/ctl/ctl_events.c \
	server/ctl/ctl_evidence.c \
	server/ctl/ctl_firmware.c \
	server/ctl/ctl_generators.c \
	server/ctl/ctl_import.c \
	server/ctl/ctl_key.c \
	server/ctl/ctl_offline.c \
	server/ctl/ctl_person.c \
	server/ctl/ctl_retention.c \
	server/ctl/ctl_revoke.c \
	server/ctl/ctl_run.c \
	server/ctl/ctl_preview.c server/ctl/ctl_preview.h \
	server/ctl/ctl_sheet.c server/ctl/ctl_sheet.h \
	server/ctl/ctl_token.c \
	server/ctl/ctl_zones.c \
	server/ctl/zone_file.c server/ctl/zone_file.h
server_ctl_bptmctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/device-fw/core -I$(top_srcdir)/device-fw/port/host
server_ctl_bptmctl_LDADD = device-fw/libbptm-provision.a server/libbptm-store.a server/codec/libbptm-evidence.a server/codec/libbptm-offline.a $(SERVER_LIBS) $(JANSSON_LIBS) $(CSV_LIBS) \
	device-fw/libbptm-fw.a api/wire/libbptm-wire.a $(SODIUM_LIBS)

dist_man_MANS += server/ctl/bptmctl.8
EXTRA_DIST += tests/ctl
