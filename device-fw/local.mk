# Files of device-fw/: the core, the plant, the host port with bptm-sim, and their tests.
fw_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/device-fw/core -I$(top_srcdir)/device-fw/plant \
	-I$(top_srcdir)/device-fw/port/host

noinst_LIBRARIES += device-fw/libbptm-fw.a device-fw/libbptm-plant.a
device_fw_libbptm_fw_a_SOURCES = \
	device-fw/core/beacon.c device-fw/core/beacon.h \
	device-fw/core/bootlog.c device-fw/core/bootlog.h \
	device-fw/core/bootsel.c device-fw/core/bootsel.h \
	device-fw/core/clock.c device-fw/core/clock.h \
	device-fw/core/flash.c device-fw/core/flash.h \
	device-fw/core/journal.c device-fw/core/journal.h \
	device-fw/core/journal_entry.c device-fw/core/journal_entry.h \
	device-fw/core/led.c device-fw/core/led.h \
	device-fw/core/mqtt.c device-fw/core/mqtt.h \
	device-fw/core/node.c device-fw/core/node.h \
	device-fw/core/node_update.c device-fw/core/node_update.h \
	device-fw/core/order.c device-fw/core/order.h \
	device-fw/core/overload.c device-fw/core/overload.h \
	device-fw/core/qual.c device-fw/core/qual.h \
	device-fw/core/reporter.c device-fw/core/reporter.h \
	device-fw/core/scribe.c device-fw/core/scribe.h \
	device-fw/core/selftest.c device-fw/core/selftest.h \
	device-fw/core/settings.c device-fw/core/settings.h \
	device-fw/core/transfer.c device-fw/core/transfer.h \
	device-fw/core/update.c device-fw/core/update.h
device_fw_libbptm_fw_a_CPPFLAGS = $(fw_cppflags)
device_fw_libbptm_plant_a_SOURCES = \
	device-fw/plant/line.c device-fw/plant/line.h \
	device-fw/plant/plant.c device-fw/plant/plant.h
device_fw_libbptm_plant_a_CPPFLAGS = $(fw_cppflags)

noinst_PROGRAMS += device-fw/plant/bptm-plant
device_fw_plant_bptm_plant_SOURCES = device-fw/plant/bench.c
device_fw_plant_bptm_plant_CPPFLAGS = $(fw_cppflags)
device_fw_plant_bptm_plant_LDADD = device-fw/libbptm-plant.a

# Making devices, for bptm-sim and bptmctl.
noinst_LIBRARIES += device-fw/libbptm-provision.a
device_fw_libbptm_provision_a_SOURCES = \
	device-fw/port/host/flashfile.c device-fw/port/host/flashfile.h \
	device-fw/port/host/provision.c device-fw/port/host/provision.h
device_fw_libbptm_provision_a_CPPFLAGS = $(fw_cppflags)
device_fw_libbptm_provision_a_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)

bin_PROGRAMS += device-fw/port/host/bptm-sim
device_fw_port_host_bptm_sim_SOURCES = \
	device-fw/port/host/control.c device-fw/port/host/control.h \
	device-fw/port/host/fleet.c device-fw/port/host/fleet.h \
	device-fw/port/host/home.c device-fw/port/host/home.h \
	device-fw/port/host/queue.c device-fw/port/host/queue.h \
	device-fw/port/host/script.c device-fw/port/host/script.h \
	device-fw/port/host/sim.c \
	device-fw/port/host/slotfile.c device-fw/port/host/slotfile.h \
	device-fw/port/host/version.h
device_fw_port_host_bptm_sim_CPPFLAGS = $(fw_cppflags)
device_fw_port_host_bptm_sim_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
device_fw_port_host_bptm_sim_LDADD = device-fw/libbptm-provision.a device-fw/libbptm-fw.a device-fw/libbptm-plant.a \
	api/wire/libbptm-wire.a $(SODIUM_LIBS) -lm

dist_man_MANS += device-fw/port/host/bptm-sim.1
EXTRA_DIST += device-fw/README.md device-fw/boot device-fw/port/mps2 device-fw/tools

if HAVE_CMOCKA
noinst_LIBRARIES += tests/unit/fw/libbench.a
tests_unit_fw_libbench_a_SOURCES = \
	tests/unit/fw/flash_model.c tests/unit/fw/flash_model.h \
	tests/unit/fw/rig.c tests/unit/fw/rig.h
tests_unit_fw_libbench_a_CPPFLAGS = $(fw_cppflags)

fw_test_libs = tests/unit/fw/libbench.a device-fw/libbptm-fw.a device-fw/libbptm-plant.a \
	api/wire/libbptm-wire.a $(SODIUM_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += \
	tests/unit/fw/test_bootsel \
	tests/unit/fw/test_journal \
	tests/unit/fw/test_journal_cut \
	tests/unit/fw/test_line \
	tests/unit/fw/test_mqtt \
	tests/unit/fw/test_node \
	tests/unit/fw/test_node_update \
	tests/unit/fw/test_one_sample \
	tests/unit/fw/test_order \
	tests/unit/fw/test_panel \
	tests/unit/fw/test_qual \
	tests/unit/fw/test_reporter \
	tests/unit/fw/test_settings \
	tests/unit/fw/test_sim \
	tests/unit/fw/test_store_cut \
	tests/unit/fw/test_transfer \
	tests/unit/fw/test_update
tests_unit_fw_test_bootsel_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_bootsel_LDADD = $(fw_test_libs)
tests_unit_fw_test_journal_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_journal_LDADD = $(fw_test_libs)
tests_unit_fw_test_journal_cut_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_journal_cut_LDADD = $(fw_test_libs)
tests_unit_fw_test_line_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_line_LDADD = $(fw_test_libs)
tests_unit_fw_test_mqtt_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_mqtt_LDADD = $(fw_test_libs)
tests_unit_fw_test_node_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_node_LDADD = $(fw_test_libs)
tests_unit_fw_test_one_sample_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_one_sample_LDADD = $(fw_test_libs)
tests_unit_fw_test_order_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_order_LDADD = $(fw_test_libs)
tests_unit_fw_test_node_update_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_node_update_LDADD = $(fw_test_libs)
tests_unit_fw_test_panel_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_panel_LDADD = $(fw_test_libs)
tests_unit_fw_test_qual_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_qual_LDADD = $(fw_test_libs)
tests_unit_fw_test_reporter_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_reporter_LDADD = $(fw_test_libs)
tests_unit_fw_test_settings_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_settings_LDADD = $(fw_test_libs)
tests_unit_fw_test_sim_CPPFLAGS = $(fw_cppflags) -DSIM='"device-fw/port/host/bptm-sim"'
tests_unit_fw_test_sim_LDADD = $(fw_test_libs)
EXTRA_tests_unit_fw_test_sim_DEPENDENCIES = device-fw/port/host/bptm-sim
tests_unit_fw_test_update_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_update_LDADD = $(fw_test_libs)
tests_unit_fw_test_store_cut_CPPFLAGS = $(fw_cppflags)
tests_unit_fw_test_store_cut_LDADD = $(fw_test_libs)
tests_unit_fw_test_transfer_SOURCES = \
	tests/unit/fw/test_transfer.c \
	tests/unit/fw/transfer_explore.c \
	tests/unit/fw/transfer_rows.c \
	tests/unit/fw/transfer_trial.h
tests_unit_fw_test_transfer_CPPFLAGS = $(fw_cppflags)
# A search over all states, many times over; the same code runs under the sanitizers in test_node.
tests_unit_fw_test_transfer_CFLAGS = $(AM_CFLAGS) -O2 -fno-sanitize=all
tests_unit_fw_test_transfer_LDADD = $(CMOCKA_LIBS)
endif
