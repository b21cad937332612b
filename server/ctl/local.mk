# Files of server/ctl/: bptmctl, and the store files that only it uses.
server_libbptm_store_a_SOURCES += \
	server/store/migrate.c server/store/migrate.h \
	server/store/migrate_files.c server/store/migrate_files.h \
	server/store/operate.c server/store/operate.h \
	server/store/partition.c server/store/partition.h \
	server/store/token.c server/store/token.h

bin_PROGRAMS += server/ctl/bptmctl
server_ctl_bptmctl_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
server_ctl_bptmctl_SOURCES = \
	server/ctl/bptmctl.c server/ctl/ctl.h \
	server/ctl/ctl_db.c \
	server/ctl/ctl_key.c \
	server/ctl/ctl_token.c
server_ctl_bptmctl_LDADD = $(SERVER_LIBS)
