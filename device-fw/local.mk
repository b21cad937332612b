# Files of device-fw/: the core, the plant, the host port with bptm-sim, and their tests.
fw_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/device-fw/core -I$(top_srcdir)/device-fw/plant \
	-I$(top_srcdir)/device-fw/port/host

noinst_LIBRARIES += device-fw/libbptm-fw.a device-fw/libbptm-plant.a
device_fw_libbptm_fw_a_SOURCES = \
	device-fw/core/beacon.c device-fw/core/beacon.h \
	device-fw/core/clock.c device-fw/core/clock.h \
	device-fw/core/flash.c device-fw/core/flash.h \
	device-fw/core/journal.c device-fw/core/journal.h \
	device-fw/core/journal_entry.c device-fw/core/journal_entry.h \
	device-fw/core/led.c device-fw/core/led.h \
	device-fw/core/mqtt.c device-fw/core/mqtt.h \
	device-fw/core/node.c device-fw/core/node.h \
	device-fw/core/overload.c device-fw/core/overload.h \
	device-fw/core/qual.c device-fw/core/qual.h \
	device-fw/core/reporter.c device-fw/core/reporter.h \
	device-fw/core/scribe.c device-fw/core/scribe.h \
	device-fw/core/settings.c device-fw/core/settings.h \
	device-fw/core/transfer.c device-fw/core/transfer.h
device_fw_libbptm_fw_a_CPPFLAGS = $(fw_cppflags)
device_fw_libbptm_plant_a_SOURCES = device-fw/plant/plant.c device-fw/plant/plant.h
device_fw_libbptm_plant_a_CPPFLAGS = $(fw_cppflags)

bin_PROGRAMS += device-fw/port/host/bptm-sim
device_fw_port_host_bptm_sim_SOURCES = \
	device-fw/port/host/control.c device-fw/port/host/control.h \
	device-fw/port/host/fleet.c device-fw/port/host/fleet.h \
	device-fw/port/host/flashfile.c device-fw/port/host/flashfile.h \
	device-fw/port/host/home.c device-fw/port/host/home.h \
	device-fw/port/host/provision.c device-fw/port/host/provision.h \
	device-fw/port/host/queue.c device-fw/port/host/queue.h \
	device-fw/port/host/sim.c \
	device-fw/port/host/version.h
device_fw_port_host_bptm_sim_CPPFLAGS = $(fw_cppflags)
device_fw_port_host_bptm_sim_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
device_fw_port_host_bptm_sim_LDADD = device-fw/libbptm-fw.a device-fw/libbptm-plant.a \
	api/wire/libbptm-wire.a $(SODIUM_LIBS) -lm
