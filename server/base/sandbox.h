/* A foreign program that reads foreign files, as a child that can do little else. */
#ifndef BPTM_SANDBOX_H
#define BPTM_SANDBOX_H

#include <stddef.h>

#include "error.h"

enum { SANDBOX_NOTE_MAX = 256 };

/** What to run. Texts are borrowed. */
struct sandbox {
    const char *const *argv; /* argv[0] without a folder: found in /usr/bin; ends with NULL */
    const char *const *env;  /* beside PATH, HOME and LANG; ends with NULL */
    const char *folder;      /* absolute; where it runs, and all that it may write */
    const char *out;         /* file of the folder that takes its standard output */
    const char *const
        *telling;        /* a complaint with one of these says more than the first; or NULL */
    unsigned seconds;    /* of CPU, and as many again of waiting */
    size_t memory_bytes; /* address space */
    size_t file_bytes;   /* of each file that it writes */
};

/**
 * Run it to its end. It gets no descriptor beside the standard ones and nothing of our environment;
 * it cannot make a socket, trace a process or mount, and where the kernel has Landlock it reads
 * only the folder and the installed programs and libraries.
 *
 * @param ret_note  SANDBOX_NOTE_MAX bytes: which limit it met, or what it complained with
 * @return EC_OK when it ended with 0; EC_FIELDS_INVALID when it failed or met a limit, for what it
 * was given to read; EC_IO when it could not be run
 */
enum error_code sandbox_run(const struct sandbox *box, char *ret_note) MUST_CHECK;

/** A new folder of mode 0700 below TMPDIR, else /var/tmp. @return EC_OK; EC_IO */
enum { SANDBOX_FOLDER_MAX = 4096 };
enum error_code sandbox_folder(char ret[SANDBOX_FOLDER_MAX], char *ret_note) MUST_CHECK;

/** Remove such a folder with the files in it; there are no folders in it. */
void sandbox_remove(const char *folder);

#endif
