# Files of deploy/.
