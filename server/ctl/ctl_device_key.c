/* bptmctl device key-proof, device rekey: a new key of a device, proven and taken. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "ctl/ctl.h"
#include "store/key_rotation.h"

enum { DEVICE, NEW_KEY, OLD_KEY, REPLACES, OUT };
enum { PROOF, REASON, OVERLAP, VOUCH };

/* -- making the proof, where the keys are ---------------------------------------------------- */

static enum error_code read_key(struct ctl *ctl, const char *path, struct cose_key *ret)
{
    uint8_t seed[WIRE_SEED_LEN];
    enum error_code ec = ctl_key_read(ctl, path, seed);

    if (ec == EC_OK)
        cose_key_init(ret, seed);
    sodium_memzero(seed, sizeof seed);
    return ec;
}

static enum error_code take_kid(struct ctl *ctl, uint8_t ret[WIRE_KID_LEN])
{
    const char *text = ctl->options[REPLACES], *end = NULL;
    size_t len = 0;

    if (text != NULL &&
        sodium_hex2bin(ret, WIRE_KID_LEN, text, strlen(text), NULL, &len, &end) == 0 &&
        len == WIRE_KID_LEN && *end == '\0')
        return EC_OK;
    return ctl_fail(ctl, EC_USAGE, "--replaces must be %d hex digits, unless there is --old",
                    2 * WIRE_KID_LEN);
}

static enum error_code prove(struct ctl *ctl)
{
    struct cose_key fresh = {{0}, {0}, {0}}, old = {{0}, {0}, {0}};
    uint8_t scratch[WIRE_SCRATCH_LEN], proof[KEY_PROOF_MAX];
    int has_old = ctl->options[OLD_KEY] != NULL;
    size_t len = 0;

    enum error_code ec = read_key(ctl, ctl->options[NEW_KEY], &fresh);
    if (ec == EC_OK)
        ec = has_old ? read_key(ctl, ctl->options[OLD_KEY], &old) : take_kid(ctl, old.kid);
    if (ec == EC_OK) {
        ec = key_proof_make(ctl->options[DEVICE], has_old ? &old : NULL, old.kid, &fresh, scratch,
                            proof, &len);
        if (ec != EC_OK)
            ec = ctl_fail(ctl, ec, "%s", error_text(ec));
    }
    if (ec == EC_OK)
        ec = ctl_write_new(ctl, ctl->options[OUT], 0644, proof, len);
    cose_key_done(&fresh);
    cose_key_done(&old);
    return ec;
}

/* -- taking it ------------------------------------------------------------------------------- */

struct job {
    struct key_rotation rotation;
    const char *note;
};

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {.role = "operator"};

    job->note = NULL;
    return key_rotate(db, &by, &job->rotation, &job->note);
}

static enum error_code rekey(struct ctl *ctl)
{
    uint8_t proof[KEY_PROOF_MAX + 1];
    struct job job = {.rotation = {.serial = ctl->argument,
                                   .voucher = ctl->options[VOUCH] != NULL ? KEY_VOUCHED_BY_OPERATOR
                                                                          : KEY_VOUCHED_BY_OLD,
                                   .reason = ctl->options[REASON]}};
    long overlap_s = LIMIT_KEY_OVERLAP_DEFAULT_S;

    if (ctl->options[OVERLAP] != NULL &&
        !ctl_number(ctl, "--overlap-s", ctl->options[OVERLAP], 0, LIMIT_KEY_OVERLAP_S, &overlap_s))
        return EC_USAGE;
    FILE *f = fopen(ctl->options[PROOF], "rbe");
    if (f == NULL)
        return ctl_fail(ctl, EC_IO, "%s: %s", ctl->options[PROOF], strerror(errno));
    job.rotation.proof = (struct span){proof, fread(proof, 1, sizeof proof, f)};
    fclose(f);
    job.rotation.overlap_s = overlap_s;
    enum error_code ec = db_transact(ctl->db, body, &job);
    if (ec != EC_OK && job.note != NULL)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, job.note);
    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "rekey");
}

const struct ctl_command ctl_device_key_commands[] = {
    {.words = "device key-proof",
     .doc = "Make the proof that a device has a new key.",
     .options = {{"device", CTL_OPTION(DEVICE), "SERIAL", 0, "the device", 0},
                 {"new", CTL_OPTION(NEW_KEY), "FILE", 0, "the seed of its new key", 0},
                 {"old", CTL_OPTION(OLD_KEY), "FILE", 0, "the seed of the key before", 0},
                 {"replaces", CTL_OPTION(REPLACES), "KID", 0,
                  "of the key before, when it is lost: an operator must vouch then", 0},
                 {"out", CTL_OPTION(OUT), "FILE", 0, "new file for the proof", 0},
                 {0}},
     .required = 1U << DEVICE | 1U << NEW_KEY | 1U << OUT,
     .run = prove},
    {.words = "device rekey",
     .argument = "SERIAL",
     .doc = "Take the new key of a device by its proof; the old one ends after the overlap.",
     .options = {{"proof", CTL_OPTION(PROOF), "FILE", 0, "the proof", 0},
                 {"reason", CTL_OPTION(REASON), "TEXT", 0, "for the audit", 0},
                 {"overlap-s", CTL_OPTION(OVERLAP), "N", 0,
                  "seconds that the old key stays good (604800); 0: it ends now", 0},
                 {"vouch", CTL_OPTION(VOUCH), NULL, 0,
                  "the old key is lost: the proof is signed by the new one alone", 0},
                 {0}},
     .required = 1U << PROOF | 1U << REASON,
     .needs_database = 1,
     .run = rekey},
    {.words = NULL},
};
