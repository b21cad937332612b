# Files of deploy/.
EXTRA_DIST += deploy/demo deploy/lib deploy/sample
EXTRA_DIST += deploy/apparmor deploy/etc deploy/monitoring deploy/systemd deploy/sysusers.d deploy/tmpfiles.d
