# Files of deploy/.
EXTRA_DIST += deploy/demo deploy/lib deploy/sample
EXTRA_DIST += deploy/apparmor deploy/debian deploy/etc deploy/monitoring deploy/mosquitto deploy/package deploy/systemd deploy/sysusers.d deploy/tmpfiles.d
dist_man_MANS += deploy/man/bptm-fleet.7
