/* bptmctl export-evidence: what a device wrote, for anyone to check. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "store/evidence_export.h"

enum { DEVICE, OUT, FROM, TO, FLEET_KEY };

/* One key, or several with commas between. */
static int parse_keys(const char *text, struct evidence_export *what)
{
    for (const char *at = text;; at++) {
        const char *end = NULL;
        size_t len = 0;
        if (what->fleet_count == EVIDENCE_KEYS_MAX ||
            sodium_hex2bin(what->fleet_keys[what->fleet_count], WIRE_KEY_LEN, at, strlen(at), NULL,
                           &len, &end) != 0 ||
            len != WIRE_KEY_LEN)
            return 0;
        what->fleet_count++;
        at = end;
        if (*at != ',')
            return *at == '\0';
    }
}

static int parse_options(struct ctl *ctl, struct evidence_export *ret)
{
    long from = 1, to = INT64_MAX;

    if (ctl->options[FROM] != NULL &&
        !ctl_number(ctl, "--from", ctl->options[FROM], 1, INT64_MAX, &from))
        return 0;
    if (ctl->options[TO] != NULL &&
        !ctl_number(ctl, "--to", ctl->options[TO], from, INT64_MAX, &to))
        return 0;
    ret->serial = ctl->options[DEVICE];
    ret->from_seq = from;
    ret->to_seq = to;
    if (ctl->options[FLEET_KEY] == NULL || parse_keys(ctl->options[FLEET_KEY], ret))
        return 1;
    (void)!ctl_fail(ctl, EC_USAGE, "--fleet-key must be keys of %d hex digits", 2 * WIRE_KEY_LEN);
    return 0;
}

/* A new file: evidence is not written over. */
static enum error_code export_to(struct ctl *ctl, const struct evidence_export *what,
                                 struct evidence_export_result *ret)
{
    const char *path = ctl->options[OUT];
    FILE *out = fopen(path, "wxe");

    if (out == NULL)
        return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    enum error_code ec = evidence_export(ctl->db, what, out, ret);
    int closed = fclose(out) == 0;
    if (ec == EC_OK && closed)
        return ec;
    unlink(path);
    if (ec == EC_OK || ec == EC_IO)
        return ctl_fail(ctl, EC_IO, "%s: cannot be written", path);
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no device '%s'", what->serial);
    return ctl_fail_db(ctl, ec, "evidence");
}

static enum error_code run(struct ctl *ctl)
{
    struct evidence_export what = {.serial = NULL};
    struct evidence_export_result result = {0, 0};

    if (!parse_options(ctl, &what))
        return EC_USAGE;
    enum error_code ec = export_to(ctl, &what, &result);
    if (ec != EC_OK)
        return ec;
    printf("%zu batches, %zu receipts\n", result.batches, result.receipts);
    if (what.fleet_count == 0)
        fprintf(stderr, "bptmctl: no --fleet-key, so no receipts\n");
    return EC_OK;
}

const struct ctl_command ctl_evidence_commands[] = {
    {.words = "export-evidence",
     .doc = "Write the signed messages of a device into a bundle for bptm-verify.",
     .options = {{"device", CTL_OPTION(DEVICE), "SERIAL", 0, "whose", 0},
                 {"out", CTL_OPTION(OUT), "FILE", 0, "new file", 0},
                 {"from", CTL_OPTION(FROM), "SEQ", 0, "first record; 1", 0},
                 {"to", CTL_OPTION(TO), "SEQ", 0, "last record; the newest", 0},
                 {"fleet-key", CTL_OPTION(FLEET_KEY), "HEX", 0,
                  "public key of the receipts to include; several with commas", 0},
                 {0}},
     .required = 1U << DEVICE | 1U << OUT,
     .needs_database = 1,
     .run = run},
    {.words = NULL},
};
