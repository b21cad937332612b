# Files of device-fw/.
