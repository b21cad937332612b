/* The folder of a certificate authority: openssl-ca(1) keeps its register, this runs it. */
#ifndef BPTM_CTL_AUTHORITY_H
#define BPTM_CTL_AUTHORITY_H

#include "ctl/ctl.h"

enum { AUTHORITY_NAME_MAX = 64 /* of a subject */ };

/** An authority that is open: its folder is locked against another bptmctl. */
struct authority {
    char dir[CTL_PATH_MAX / 2];
    int lock; /* -1: not open */
};

/** Open the folder and lock it; from then on files are made with mode 0600.
 *  @return EC_OK; EC_USAGE, EC_IO with the note filled; EC_NO_MEMORY */
enum error_code authority_open(struct ctl *ctl, const char *dir, struct authority *ret) MUST_CHECK;

/** Accepts one that is not open. */
void authority_close(struct authority *a);

void authority_path(const struct authority *a, const char *name, char ret[CTL_PATH_MAX]);

/** May it be the subject of a certificate, or a host: 1..64 letters, digits, '-' and '.' */
int authority_is_name(const char *text);

/** Run openssl; what it says on standard error is shown only when it fails. `out` NULL: its
 * standard output is taken for that, too. */
enum error_code authority_openssl(struct ctl *ctl, const char *const argv[], FILE *out) MUST_CHECK;

/** A certificate to be made. Nothing of the request but its key is taken. */
struct authority_order {
    const char *csr, *out;  /* files; the second is new */
    const char *name;       /* of the subject */
    const char *extensions; /* section of openssl.cnf */
    long days;
};
/** @return EC_OK; EC_CONFIG when the request is not signed by the key that it names; EC_IO */
enum error_code authority_sign(struct ctl *ctl, const struct authority *a,
                               const struct authority_order *order) MUST_CHECK;

/** Tell the broker whose process identifier is in the file to read the list (SIGHUP).
 *  @return EC_OK; EC_IO with the note filled */
enum error_code authority_reload(struct ctl *ctl, const char *path) MUST_CHECK;

/** Write the list that brokers read, crl.pem, in the place of the old one in one step. */
enum error_code authority_write_list(struct ctl *ctl, const struct authority *a) MUST_CHECK;

#endif
