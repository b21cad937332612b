# Files of server/.
