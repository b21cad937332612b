# Files of server/http/.
