# Files of api/.
