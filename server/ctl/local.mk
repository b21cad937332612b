# Files of server/ctl/.
