/* bptmctl ca: the authority of certificates for MQTT. openssl-ca(1) keeps its register; what is
   here is who may have a certificate. */
#include <config.h> /* extensions of GNU */

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ctl_authority.h"
#include "store/audit.h"
#include "store/custody.h"
#include "store/device_key.h"

enum {
    DIR_NAME,
    NAME,
    CSR,
    OUT,
    DAYS,
    SIGNATURE,
    HOST = SIGNATURE,  /* of service */
    BROKER_PID = NAME, /* of crl */
};
enum {
    ROOT_DAYS = 7300,
    DEVICE_DAYS = 825,
    DAYS_MAX = 7300,
    REQUEST_MAX = 16384,
    SPKI_PREFIX_LEN = 12, /* of an Ed25519 key, RFC 8410 */
    SPKI_LEN = SPKI_PREFIX_LEN + WIRE_KEY_LEN,
};

static const char configuration[] = "# made by bptmctl ca init; openssl-ca(1) reads it\n"
                                    "[ca]\n"
                                    "default_ca = fleet\n"
                                    "[fleet]\n"
                                    "database = ${ENV::BPTM_CA}/index.txt\n"
                                    "new_certs_dir = ${ENV::BPTM_CA}/certs\n"
                                    "certificate = ${ENV::BPTM_CA}/ca.pem\n"
                                    "private_key = ${ENV::BPTM_CA}/ca.key\n"
                                    "crlnumber = ${ENV::BPTM_CA}/crlnumber\n"
                                    "rand_serial = yes\n"
                                    "unique_subject = no\n"
                                    "default_md = sha256\n"
                                    "policy = any\n"
                                    "copy_extensions = none\n"
                                    "[any]\n"
                                    "commonName = supplied\n"
                                    "[root]\n"
                                    "basicConstraints = critical, CA:true, pathlen:0\n"
                                    "keyUsage = critical, keyCertSign, cRLSign\n"
                                    "subjectKeyIdentifier = hash\n"
                                    "[client]\n"
                                    "basicConstraints = critical, CA:false\n"
                                    "keyUsage = critical, digitalSignature\n"
                                    "extendedKeyUsage = clientAuth\n"
                                    "subjectKeyIdentifier = hash\n"
                                    "authorityKeyIdentifier = keyid\n"
                                    "[server]\n"
                                    "basicConstraints = critical, CA:false\n"
                                    "keyUsage = critical, digitalSignature, keyEncipherment\n"
                                    "extendedKeyUsage = serverAuth\n"
                                    "subjectAltName = DNS:${ENV::BPTM_CA_HOST}, DNS:localhost\n"
                                    "subjectKeyIdentifier = hash\n"
                                    "authorityKeyIdentifier = keyid\n"
                                    "[req]\n"
                                    "distinguished_name = dn\n"
                                    "[dn]\n";

/* -- making one ------------------------------------------------------------------------------ */

static enum error_code write_file(struct ctl *ctl, const struct authority *a, const char *name,
                                  const char *text)
{
    char path[CTL_PATH_MAX];

    authority_path(a, name, path);
    return ctl_write_new(ctl, path, 0600, text, strlen(text));
}

/* A key and its certificate for the authority's own use. */
static enum error_code make_kick(struct ctl *ctl, const struct authority *a)
{
    char key[CTL_PATH_MAX], csr[CTL_PATH_MAX], pem[CTL_PATH_MAX], cnf[CTL_PATH_MAX];
    const char *const request[] = {"openssl",
                                   "req",
                                   "-new",
                                   "-newkey",
                                   "ec",
                                   "-pkeyopt",
                                   "ec_paramgen_curve:P-256",
                                   "-nodes",
                                   "-config",
                                   cnf,
                                   "-subj",
                                   "/CN=bptm-kick",
                                   "-keyout",
                                   key,
                                   "-out",
                                   csr,
                                   NULL};

    authority_path(a, "kick.key", key);
    authority_path(a, "kick.csr", csr);
    authority_path(a, "kick.pem", pem);
    authority_path(a, "openssl.cnf", cnf);
    enum error_code ec = authority_openssl(ctl, request, NULL);
    if (ec == EC_OK)
        ec = authority_sign(ctl, a,
                            &(struct authority_order){.csr = csr,
                                                      .out = pem,
                                                      .name = "bptm-kick",
                                                      .extensions = "client",
                                                      .days = ROOT_DAYS});
    unlink(csr);
    return ec;
}

static enum error_code make_root(struct ctl *ctl, const struct authority *a)
{
    char key[CTL_PATH_MAX], pem[CTL_PATH_MAX], cnf[CTL_PATH_MAX], days[16],
        subject[AUTHORITY_NAME_MAX + 8];
    const char *const argv[] = {"openssl", "req",     "-x509",    "-new",
                                "-newkey", "ec",      "-pkeyopt", "ec_paramgen_curve:P-256",
                                "-nodes",  "-config", cnf,        "-extensions",
                                "root",    "-subj",   subject,    "-days",
                                days,      "-keyout", key,        "-out",
                                pem,       NULL};

    authority_path(a, "ca.key", key);
    authority_path(a, "ca.pem", pem);
    authority_path(a, "openssl.cnf", cnf);
    snprintf(days, sizeof(days), "%d", ROOT_DAYS);
    snprintf(subject, sizeof(subject), "/CN=%s", ctl->options[NAME]);
    enum error_code ec = authority_openssl(ctl, argv, NULL);
    if (ec == EC_OK && chmod(pem, 0644) != 0)
        ec = ctl_fail(ctl, EC_IO, "%s: %s", pem, strerror(errno));
    return ec;
}

static enum error_code init(struct ctl *ctl)
{
    struct authority a = {.lock = -1};
    char path[CTL_PATH_MAX];

    if (!authority_is_name(ctl->options[NAME]))
        return ctl_fail(ctl, EC_USAGE, "--name must be 1..%d letters, digits, '-' and '.'",
                        AUTHORITY_NAME_MAX);
    if (mkdir(ctl->options[DIR_NAME], 0711) != 0 && errno != EEXIST)
        return ctl_fail(ctl, EC_IO, "%s: %s", ctl->options[DIR_NAME], strerror(errno));
    enum error_code ec = authority_open(ctl, ctl->options[DIR_NAME], &a);
    /* the first file decides: an authority is never made over another */
    if (ec == EC_OK)
        ec = write_file(ctl, &a, "openssl.cnf", configuration);
    if (ec == EC_OK)
        ec = write_file(ctl, &a, "index.txt", "");
    if (ec == EC_OK)
        ec = write_file(ctl, &a, "crlnumber", "01\n");
    authority_path(&a, "certs", path);
    if (ec == EC_OK && mkdir(path, 0700) != 0)
        ec = ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    if (ec == EC_OK)
        ec = make_root(ctl, &a);
    if (ec == EC_OK)
        ec = make_kick(ctl, &a);
    if (ec == EC_OK)
        ec = authority_write_list(ctl, &a);
    authority_close(&a);
    return ec;
}

/* -- proof of possession --------------------------------------------------------------------- */

/* What openssl prints about the request, as bytes. `format` DER: the request; PEM: its public key.
 */
static enum error_code read_request(struct ctl *ctl, int whole, unsigned char *ret, size_t *ret_len)
{
    const char *const der[] = {"openssl", "req", "-in", ctl->options[CSR], "-outform", "DER", NULL};
    const char *const key[] = {"openssl", "req",    "-in", ctl->options[CSR],
                               "-pubkey", "-noout", NULL};
    FILE *out = tmpfile();

    if (out == NULL)
        return ctl_fail(ctl, EC_IO, "a temporary file: %s", strerror(errno));
    enum error_code ec = authority_openssl(ctl, whole ? der : key, out);
    rewind(out);
    *ret_len = fread(ret, 1, REQUEST_MAX, out);
    fclose(out);
    return ec == EC_OK && *ret_len == 0 ? ctl_fail(ctl, EC_CONFIG, "%s: empty", ctl->options[CSR])
                                        : ec;
}

/* The Ed25519 key of the PEM text. @return 0 when it is a key of another kind */
static int take_key(const char *pem, size_t len, uint8_t ret[WIRE_KEY_LEN])
{
    static const uint8_t prefix[SPKI_PREFIX_LEN] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    static const char begin[] = "-----BEGIN PUBLIC KEY-----\n";
    const char *at = memmem(pem, len, begin, sizeof(begin) - 1), *end = NULL;
    uint8_t spki[SPKI_LEN];
    size_t got = 0;

    if (at == NULL)
        return 0;
    at += sizeof(begin) - 1;
    if (sodium_base642bin(spki, sizeof(spki), at, len - (size_t)(at - pem), "\n", &got, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        got != sizeof(spki) || memcmp(spki, prefix, sizeof(prefix)) != 0)
        return 0;
    memcpy(ret, spki + SPKI_PREFIX_LEN, WIRE_KEY_LEN);
    return 1;
}

static enum error_code read_signature(struct ctl *ctl, uint8_t ret[crypto_sign_BYTES])
{
    FILE *f = fopen(ctl->options[SIGNATURE], "re");
    size_t got = f != NULL ? fread(ret, 1, crypto_sign_BYTES, f) : 0;

    if (f == NULL || got != crypto_sign_BYTES || fgetc(f) != EOF) {
        if (f != NULL)
            fclose(f);
        return ctl_fail(ctl, EC_CONFIG, "%s: is not a signature of %d bytes",
                        ctl->options[SIGNATURE], (int)crypto_sign_BYTES);
    }
    fclose(f);
    return EC_OK;
}

/* The request shows that its maker has a key that is registered for the device: it is for that very
   key, or it comes with a signature of that key over the request, for a chip whose TLS wants
   another kind of key. */
static enum error_code prove(struct ctl *ctl, const struct device_keys *keys)
{
    unsigned char text[REQUEST_MAX];
    uint8_t own[WIRE_KEY_LEN], signature[crypto_sign_BYTES];
    size_t len = 0;
    int is_ed25519, proven = 0;

    enum error_code ec = read_request(ctl, 0, text, &len);
    if (ec != EC_OK)
        return ec;
    is_ed25519 = take_key((const char *)text, len, own);
    if (ctl->options[SIGNATURE] != NULL) {
        ec = read_signature(ctl, signature);
        if (ec == EC_OK)
            ec = read_request(ctl, 1, text, &len);
        if (ec != EC_OK)
            return ec;
    }
    for (size_t i = 0; i < keys->count; i++)
        proven |=
            !keys->at[i].is_retired &&
            (ctl->options[SIGNATURE] != NULL
                 ? crypto_sign_verify_detached(signature, text, len, keys->at[i].public_key) == 0
                 : is_ed25519 && memcmp(own, keys->at[i].public_key, WIRE_KEY_LEN) == 0);
    if (proven)
        return EC_OK;
    return ctl_fail(ctl, EC_CONFLICT, "the request does not prove that its maker has the key of %s",
                    ctl->options[NAME]);
}

static enum error_code audit(struct ctl *ctl, const char *action, const char *serial)
{
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {action, serial, NULL, NULL, NULL};
    enum error_code ec = audit_add(ctl->db, &by, &change);

    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "audit");
}

static enum error_code take_days(struct ctl *ctl, long *ret)
{
    *ret = DEVICE_DAYS;
    if (ctl->options[DAYS] != NULL &&
        !ctl_number(ctl, "--days", ctl->options[DAYS], 1, DAYS_MAX, ret))
        return EC_USAGE;
    return access(ctl->options[OUT], F_OK) == 0
               ? ctl_fail(ctl, EC_IO, "%s: %s", ctl->options[OUT], strerror(EEXIST))
               : EC_OK;
}

/* What is lost, stolen or scrapped gets none until it is found. */
static enum error_code check_ledger(struct ctl *ctl, int64_t device_id)
{
    int is_revoked = 0;
    enum error_code ec = custody_is_revoked(ctl->db, device_id, &is_revoked);

    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "custody");
    return is_revoked ? ctl_fail(ctl, EC_CONFLICT, "the ledger has %s as lost, stolen or scrapped",
                                 ctl->options[NAME])
                      : EC_OK;
}

static enum error_code issue(struct ctl *ctl)
{
    struct authority a = {.lock = -1};
    struct device_keys keys = {.device_id = 0};
    const char *serial = ctl->options[NAME];
    long days = 0;

    enum error_code ec = take_days(ctl, &days);
    if (ec == EC_OK && !authority_is_name(serial))
        ec = ctl_fail(ctl, EC_USAGE, "--device must be a serial number");
    if (ec != EC_OK)
        return ec;
    ec = device_key_load(ctl->db, serial, &keys);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "keys");
    if (keys.device_id == 0)
        return ctl_fail(ctl, EC_NOT_FOUND, "the device %s is not registered", serial);
    ec = prove(ctl, &keys);
    if (ec == EC_OK)
        ec = authority_open(ctl, ctl->options[DIR_NAME], &a);
    if (ec == EC_OK) /* under the lock: who revokes comes before, or finds this certificate */
        ec = check_ledger(ctl, keys.device_id);
    if (ec == EC_OK)
        ec = authority_sign(ctl, &a,
                            &(struct authority_order){.csr = ctl->options[CSR],
                                                      .out = ctl->options[OUT],
                                                      .name = serial,
                                                      .extensions = "client",
                                                      .days = days});
    if (ec == EC_OK) {
        ec = audit(ctl, "certificate.issue", serial);
        if (ec != EC_OK)
            unlink(ctl->options[OUT]);
    }
    authority_close(&a);
    return ec;
}

/* For a part of the system: bptmd as a client, the broker as a server. */
static enum error_code service(struct ctl *ctl)
{
    struct authority a = {.lock = -1};
    const char *name = ctl->options[NAME], *host = ctl->options[HOST];
    long days = 0;

    enum error_code ec = take_days(ctl, &days);
    if (ec == EC_OK && (!authority_is_name(name) || (host != NULL && !authority_is_name(host))))
        ec = ctl_fail(ctl, EC_USAGE, "--name and --host must be 1..%d letters, digits, '-' and '.'",
                      AUTHORITY_NAME_MAX);
    /* serial numbers of devices have none: nobody can be registered under the name of a part */
    if (ec == EC_OK && strpbrk(name, "abcdefghijklmnopqrstuvwxyz") == NULL)
        ec = ctl_fail(ctl, EC_USAGE, "--name must have a small letter: '%s' may be a device", name);
    if (ec == EC_OK)
        ec = authority_open(ctl, ctl->options[DIR_NAME], &a);
    if (ec == EC_OK && host != NULL && setenv("BPTM_CA_HOST", host, 1) != 0)
        ec = EC_NO_MEMORY;
    if (ec == EC_OK)
        ec = authority_sign(
            ctl, &a,
            &(struct authority_order){.csr = ctl->options[CSR],
                                      .out = ctl->options[OUT],
                                      .name = name,
                                      .extensions = host != NULL ? "server" : "client",
                                      .days = days});
    authority_close(&a);
    return ec;
}

static enum error_code renew_list(struct ctl *ctl)
{
    struct authority a = {.lock = -1};

    enum error_code ec = authority_open(ctl, ctl->options[DIR_NAME], &a);
    if (ec == EC_OK)
        ec = authority_write_list(ctl, &a);
    if (ec == EC_OK && ctl->options[BROKER_PID] != NULL)
        ec = authority_reload(ctl, ctl->options[BROKER_PID]);
    authority_close(&a);
    return ec;
}

#define DIRECTORY                                                                                  \
    {                                                                                              \
        "dir", CTL_OPTION(DIR_NAME), "DIR", 0, "folder of the authority", 0                        \
    }
#define REQUEST                                                                                    \
    {"csr", CTL_OPTION(CSR), "FILE", 0, "certificate request, PEM", 0},                            \
        {"out", CTL_OPTION(OUT), "FILE", 0, "new file for the certificate", 0},                    \
    {                                                                                              \
        "days", CTL_OPTION(DAYS), "N", 0, "that it is valid, 1..7300 (825)", 0                     \
    }

const struct ctl_command ctl_ca_commands[] = {
    {.words = "ca init",
     .doc = "Make the authority of device certificates.",
     .options = {DIRECTORY, {"name", CTL_OPTION(NAME), "NAME", 0, "of the authority", 0}, {0}},
     .required = 1U << DIR_NAME | 1U << NAME,
     .run = init},
    {.words = "ca issue",
     .doc = "Certify a key of a registered device that proves who it is.",
     .options = {DIRECTORY,
                 {"device", CTL_OPTION(NAME), "SERIAL", 0, "the device", 0},
                 REQUEST,
                 {"signature", CTL_OPTION(SIGNATURE), "FILE", 0,
                  "by the device's own key over the request in DER, when it is for another key", 0},
                 {0}},
     .required = 1U << DIR_NAME | 1U << NAME | 1U << CSR | 1U << OUT,
     .needs_database = 1,
     .run = issue},
    {.words = "ca service",
     .doc = "Certify a key of the broker or of bptmd.",
     .options = {DIRECTORY,
                 {"name", CTL_OPTION(NAME), "NAME", 0, "of the part, such as bptmd", 0},
                 REQUEST,
                 {"host", CTL_OPTION(HOST), "HOST", 0, "it is a server of this name", 0},
                 {0}},
     .required = 1U << DIR_NAME | 1U << NAME | 1U << CSR | 1U << OUT,
     .run = service},
    {.words = "ca crl",
     .doc = "Write the list of revoked certificates anew; it is good for 30 days.",
     .options = {DIRECTORY,
                 {"broker-pid", CTL_OPTION(BROKER_PID), "FILE", 0,
                  "of the broker, which is told to read it", 0},
                 {0}},
     .required = 1U << DIR_NAME,
     .run = renew_list},
    {.words = NULL},
};
