# Files of server/verify/.
