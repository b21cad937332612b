/* The folder of a certificate authority, by openssl-ca(1). */
#include <config.h> /* extensions of GNU */

#include "ctl/ctl_authority.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CRL_DAYS = 30,
    TEXT_MAX = 1024, /* of what openssl says, at a time */
};

void authority_path(const struct authority *a, const char *name, char ret[CTL_PATH_MAX])
{
    snprintf(ret, CTL_PATH_MAX, "%s/%s", a->dir, name);
}

enum error_code authority_open(struct ctl *ctl, const char *dir, struct authority *ret)
{
    if (strlen(dir) >= sizeof(ret->dir))
        return ctl_fail(ctl, EC_USAGE, "the name of the folder is too long");
    snprintf(ret->dir, sizeof(ret->dir), "%s", dir);
    ret->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ret->lock < 0 || flock(ret->lock, LOCK_EX) != 0)
        return ctl_fail(ctl, EC_IO, "%s: %s", dir, strerror(errno));
    umask(077);
    if (setenv("BPTM_CA", dir, 1) != 0 || setenv("BPTM_CA_HOST", "localhost", 1) != 0)
        return EC_NO_MEMORY;
    return EC_OK;
}

void authority_close(struct authority *a)
{
    if (a->lock >= 0)
        close(a->lock);
}

/* openssl says much on standard error when all is well: it is kept, and shown when it failed. */
enum error_code authority_openssl(struct ctl *ctl, const char *const argv[], FILE *out)
{
    char text[TEXT_MAX];
    int said = memfd_create("openssl", MFD_CLOEXEC), own = dup(STDERR_FILENO);
    enum error_code ec = EC_IO;

    if (said >= 0 && own >= 0 && dup2(said, STDERR_FILENO) >= 0) {
        ec = ctl_run(ctl, argv, -1, out != NULL ? fileno(out) : said);
        dup2(own, STDERR_FILENO);
    }
    if (ec != EC_OK && said >= 0)
        for (off_t at = 0;;) {
            ssize_t n = pread(said, text, sizeof(text), at);

            if (n <= 0 || write(STDERR_FILENO, text, (size_t)n) != n)
                break;
            at += n;
        }
    if (said >= 0)
        close(said);
    if (own >= 0)
        close(own);
    return ec;
}

int authority_is_name(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

    return *text != '\0' && strlen(text) <= AUTHORITY_NAME_MAX &&
           strspn(text, allowed) == strlen(text);
}

enum error_code authority_sign(struct ctl *ctl, const struct authority *a,
                               const struct authority_order *order)
{
    char cnf[CTL_PATH_MAX], subject[AUTHORITY_NAME_MAX + 8], days[16];
    struct stat s;
    const char *const argv[] = {"openssl",  "ca",    "-batch", "-notext",     "-config",
                                cnf,        "-subj", subject,  "-extensions", order->extensions,
                                "-days",    days,    "-in",    order->csr,    "-out",
                                order->out, NULL};

    authority_path(a, "openssl.cnf", cnf);
    snprintf(subject, sizeof(subject), "/CN=%s", order->name);
    snprintf(days, sizeof(days), "%ld", order->days);
    enum error_code ec = authority_openssl(ctl, argv, NULL);
    /* it ends with 0 also when the request is not signed by its own key */
    if (ec == EC_OK && (stat(order->out, &s) != 0 || s.st_size == 0)) {
        unlink(order->out);
        return ctl_fail(ctl, EC_CONFIG, "%s: is not a request signed by its own key", order->csr);
    }
    return ec;
}

enum error_code authority_write_list(struct ctl *ctl, const struct authority *a)
{
    char cnf[CTL_PATH_MAX], fresh[CTL_PATH_MAX], path[CTL_PATH_MAX], days[16];
    const char *const argv[] = {"openssl",  "ca", "-gencrl", "-config", cnf,
                                "-crldays", days, "-out",    fresh,     NULL};

    authority_path(a, "openssl.cnf", cnf);
    authority_path(a, "crl.pem.new", fresh);
    authority_path(a, "crl.pem", path);
    snprintf(days, sizeof(days), "%d", CRL_DAYS);
    enum error_code ec = authority_openssl(ctl, argv, NULL);
    /* no secret, and brokers run as another user */
    if (ec == EC_OK && (chmod(fresh, 0644) != 0 || rename(fresh, path) != 0))
        ec = ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    return ec;
}
