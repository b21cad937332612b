# Files of deploy/.
EXTRA_DIST += deploy/demo deploy/lib deploy/sample
