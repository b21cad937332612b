/* Writer of the vectors that every decoder must refuse, each with the slug of its error. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "topic.h"
#include "vectors.h"

enum { MANY_RECORDS = WIRE_BATCH_RECORDS_MAX + 1 };

/** Bytes for one decoder, as hex. */
struct refusal {
    const char *as;
    const char *name;
    const char *hex;
    enum error_code error;
};

#define H16                            "00000000000000000000000000000000"
#define H32                            H16 H16
#define H64                            H32 H32
/* the common members after seq; kind 13 is field_work_end */
#define TAIL                           "0101 0200 0400 050d"
#define REC                            "a5 0001 " TAIL
#define WITH(n, field)                 n " 0001 " TAIL " " field
#define BATCH(first, records)          "a5 01" first " 025820" H32 " 03" records " 0409 0501"
#define NAME                           "6b4250544d2d303030303432"
#define RECEIPT(n, device, hash, rest) n " 01" device " 0207 03" hash rest
#define SOURCES                        "0883000000 0983000000"
#define STATUS_END                     "0a00 0b00 0c60 0d00 0e00 0f00 1001 1100 1200"
#define STATUS(leds, contactors)                                                                   \
    "b1 0101 0200 0400 0500 06" leds " 07" contactors " " SOURCES " " STATUS_END

static const struct refusal refusals[] = {
    {"item", "nothing", "", EC_WIRE_TRUNCATED},
    {"item", "integer without its argument", "18", EC_WIRE_TRUNCATED},
    {"item", "half of an argument", "1a0001", EC_WIRE_TRUNCATED},
    {"item", "integer that fits its head", "1817", EC_WIRE_NOT_CANONICAL},
    {"item", "two bytes for one", "1900ff", EC_WIRE_NOT_CANONICAL},
    {"item", "four bytes for two", "1a0000ffff", EC_WIRE_NOT_CANONICAL},
    {"item", "eight bytes for four", "1b00000000ffffffff", EC_WIRE_NOT_CANONICAL},
    {"item", "reserved argument", "1c", EC_WIRE_NOT_CANONICAL},
    {"item", "bytes of indefinite length", "5f4100ff", EC_WIRE_NOT_CANONICAL},
    {"item", "array of indefinite length", "9f00ff", EC_WIRE_NOT_CANONICAL},
    {"item", "map of indefinite length", "bfff", EC_WIRE_NOT_CANONICAL},
    {"item", "break alone", "ff", EC_WIRE_NOT_CANONICAL},
    {"item", "undefined", "f7", EC_WIRE_NOT_CANONICAL},
    {"item", "simple value 16", "f0", EC_WIRE_NOT_CANONICAL},
    {"item", "half float", "f93c00", EC_WIRE_NOT_CANONICAL},
    {"item", "double float", "fb3ff0000000000000", EC_WIRE_NOT_CANONICAL},
    {"item", "bytes that are not there", "4400", EC_WIRE_TRUNCATED},
    {"item", "length of 2^64 - 1", "5bffffffffffffffff", EC_WIRE_TRUNCATED},
    {"item", "array of 2^64 - 1", "9bffffffffffffffff", EC_WIRE_TRUNCATED},
    {"item", "map of 2^63", "bb8000000000000000", EC_WIRE_TRUNCATED},
    {"item", "array and one byte more", "82000100", EC_WIRE_TRAILING},
    {"item", "array with one absent", "8200", EC_WIRE_TRUNCATED},
    {"item", "map without its last value", "a20001 02", EC_WIRE_TRUNCATED},
    {"item", "tag of nothing", "d2", EC_WIRE_TRUNCATED},
    {"item", "unsorted keys", "a202000100", EC_WIRE_NOT_CANONICAL},
    {"item", "duplicate keys", "a201000100", EC_WIRE_NOT_CANONICAL},
    {"item", "text key before a number", "a2616100 1818 00", EC_WIRE_NOT_CANONICAL},
    {"item", "long text key before a short one", "a2626161 00 6162 00", EC_WIRE_NOT_CANONICAL},
    {"item", "five arrays deep", "8181818181 00", EC_WIRE_DEPTH},
    {"item", "five tags deep", "c1c1c1c1c1 00", EC_WIRE_DEPTH},
    {"item", "text with a lone continuation", "6180", EC_WIRE_RANGE},
    {"item", "text cut inside a character", "62e282", EC_WIRE_RANGE},
    {"item", "text whose character ends in the next item", "8262e282820000", EC_WIRE_RANGE},
    {"item", "text with an overlong slash", "62c0af", EC_WIRE_RANGE},
    {"item", "text with a surrogate", "63eda080", EC_WIRE_RANGE},
    {"item", "text above U+10FFFF", "64f4908080", EC_WIRE_RANGE},

    {"record", "not a map", "85 0001010203", EC_WIRE_TYPE},
    {"record", "trailing byte", REC " 00", EC_WIRE_TRAILING},
    {"record", "cut in the head", "a5", EC_WIRE_TRUNCATED},
    {"record", "cut after a key", "a5 0001 0101 0200 0400 05", EC_WIRE_TRUNCATED},
    {"record", "cut between members", "a5 0001 0101 0200 0400", EC_WIRE_TRUNCATED},
    {"record", "cut inside text", WITH("a6", "181d 65302e31"), EC_WIRE_TRUNCATED},
    {"record", "map of indefinite length", "bf 0001 " TAIL " ff", EC_WIRE_NOT_CANONICAL},
    {"record", "seq 0", "a5 0000 " TAIL, EC_WIRE_RANGE},
    {"record", "seq 2^63", "a5 001b8000000000000000 " TAIL, EC_WIRE_RANGE},
    {"record", "seq not in shortest form", "a5 001801 " TAIL, EC_WIRE_NOT_CANONICAL},
    {"record", "key not in shortest form", "a5 180001 " TAIL, EC_WIRE_NOT_CANONICAL},
    {"record", "seq as text", "a5 006131 " TAIL, EC_WIRE_TYPE},
    {"record", "negative seq", "a5 0020 " TAIL, EC_WIRE_TYPE},
    {"record", "boot 0", "a5 0001 0100 0200 0400 050d", EC_WIRE_RANGE},
    {"record", "boot 2^32", "a5 0001 011b0000000100000000 0200 0400 050d", EC_WIRE_RANGE},
    {"record", "utc_ms with quality 0", "a6 0001 0101 0200 0300 0400 050d", EC_WIRE_RANGE},
    {"record", "quality 1 without utc_ms", "a5 0001 0101 0200 0401 050d", EC_WIRE_MISSING},
    {"record", "quality 3", "a6 0001 0101 0200 0300 0403 050d", EC_WIRE_RANGE},
    {"record", "kind 0", "a5 0001 0101 0200 0400 0500", EC_WIRE_RANGE},
    {"record", "kind 65536", "a5 0001 0101 0200 0400 051a00010000", EC_WIRE_RANGE},
    {"record", "no seq", "a4 " TAIL, EC_WIRE_MISSING},
    {"record", "no boot", "a4 0001 0200 0400 050d", EC_WIRE_MISSING},
    {"record", "no kind", "a4 0001 0101 0200 0400", EC_WIRE_MISSING},
    {"record", "unsorted keys", "a5 0101 0001 0200 0400 050d", EC_WIRE_NOT_CANONICAL},
    {"record", "duplicate keys", "a6 0001 0001 " TAIL, EC_WIRE_NOT_CANONICAL},
    {"record", "duplicate fields", WITH("a7", "1301 1301"), EC_WIRE_NOT_CANONICAL},
    {"record", "key 6", WITH("a6", "0600"), EC_WIRE_RANGE},
    {"record", "key 65536", WITH("a6", "1a0001000000"), EC_WIRE_RANGE},
    {"record", "negative key", WITH("a6", "2000"), EC_WIRE_TYPE},
    {"record", "cause as text", WITH("a6", "136131"), EC_WIRE_TYPE},
    {"record", "version as number", WITH("a6", "181d00"), EC_WIRE_TYPE},
    {"record", "version of 65 bytes", WITH("a6", "181d7841" H64 "00"), EC_WIRE_RANGE},
    {"record", "version not UTF-8", WITH("a6", "181d61ff"), EC_WIRE_RANGE},
    {"record", "newer field of 65 bytes", WITH("a6", "18405841" H64 "00"), EC_WIRE_RANGE},
    {"record", "newer field of 2^63", WITH("a6", "18401b8000000000000000"), EC_WIRE_RANGE},
    {"record", "newer field too deep", WITH("a6", "1840818181818100"), EC_WIRE_DEPTH},
    {"record", "newer field a float", WITH("a6", "1840f93c00"), EC_WIRE_NOT_CANONICAL},
    {"record", "newer field with unsorted keys", WITH("a6", "1840a202000100"),
     EC_WIRE_NOT_CANONICAL},
    {"record", "13 fields",
     WITH("b2", "1000 1100 1200 1300 1400 1500 1600 1700 181800 181900 181a00 181b00 181c00"),
     EC_WIRE_RANGE},
    {"record", "more than 256 bytes",
     WITH("a9", "18405840" H64 "18415840" H64 "18425840" H64 "18435840" H64), EC_WIRE_TOO_LARGE},

    {"batch", "no members", "a0", EC_WIRE_MISSING},
    {"batch", "no records", BATCH("01", "80"), EC_WIRE_RANGE},
    {"batch", "first_seq 0", BATCH("00", "81" REC), EC_WIRE_RANGE},
    {"batch", "first_seq of another record", BATCH("02", "81" REC), EC_WIRE_SEQUENCE},
    {"batch", "gap between records", BATCH("01", "82" REC "a5 0003 " TAIL), EC_WIRE_SEQUENCE},
    {"batch", "records in reverse", BATCH("02", "82 a5 0002 " TAIL REC), EC_WIRE_SEQUENCE},
    {"batch", "the same record twice", BATCH("01", "82" REC REC), EC_WIRE_SEQUENCE},
    {"batch", "a bad record", BATCH("01", "81 a5 0000 " TAIL), EC_WIRE_RANGE},
    {"batch", "written_through below the last record",
     "a5 0101 025820" H32 " 0381" REC " 0400 0501", EC_WIRE_RANGE},
    {"batch", "no first_seq", "a4 025820" H32 " 0381" REC " 0409 0501", EC_WIRE_MISSING},
    {"batch", "no epoch", "a4 0101 025820" H32 " 0381" REC " 0409", EC_WIRE_MISSING},
    {"batch", "unknown member", "a6 0101 025820" H32 " 0381" REC " 0409 0501 0600", EC_WIRE_RANGE},
    {"batch", "unsorted members", "a5 025820" H32 " 0101 0381" REC " 0409 0501",
     EC_WIRE_NOT_CANONICAL},
    {"batch", "prev_hash of 31 bytes",
     "a5 0101 02581f00000000000000000000000000000000000000000000000000000000000000 0381" REC
     " 0409 0501",
     EC_WIRE_RANGE},
    {"batch", "cut in prev_hash", "a5 0101 0258200000", EC_WIRE_TRUNCATED},
    {"batch", "cut in a record", "a5 0101 025820" H32 " 0381 a5 0001 0101", EC_WIRE_TRUNCATED},
    {"batch", "cut before epoch", "a5 0101 025820" H32 " 0381" REC " 0409", EC_WIRE_TRUNCATED},
    {"batch", "trailing byte", BATCH("01", "81" REC) " 00", EC_WIRE_TRAILING},

    {"receipt", "device in lower case",
     RECEIPT("a5", "6b6270746d2d303030303432", "5820" H32, " 0400 0501"), EC_WIRE_RANGE},
    {"receipt", "device of two characters", RECEIPT("a5", "624142", "5820" H32, " 0400 0501"),
     EC_WIRE_RANGE},
    {"receipt", "device with a NUL", RECEIPT("a5", "6441424300", "5820" H32, " 0400 0501"),
     EC_WIRE_RANGE},
    {"receipt", "short hash", RECEIPT("a5", NAME, "4100", " 0400 0501"), EC_WIRE_RANGE},
    {"receipt", "no epoch", RECEIPT("a4", NAME, "5820" H32, " 0400"), EC_WIRE_MISSING},
    {"receipt", "resend_from 0", RECEIPT("a6", NAME, "5820" H32, " 0400 0501 0600"), EC_WIRE_RANGE},
    {"receipt", "pace_ms above an hour", RECEIPT("a6", NAME, "5820" H32, " 0400 0501 071a0036ee81"),
     EC_WIRE_RANGE},
    {"receipt", "unknown member", RECEIPT("a6", NAME, "5820" H32, " 0400 0501 0800"),
     EC_WIRE_RANGE},
    {"receipt", "unsorted members", RECEIPT("a5", NAME, "5820" H32, " 0501 0400"),
     EC_WIRE_NOT_CANONICAL},
    {"receipt", "duplicate members", RECEIPT("a6", NAME, "5820" H32, " 0400 0400 0501"),
     EC_WIRE_NOT_CANONICAL},
    {"receipt", "trailing byte", RECEIPT("a5", NAME, "5820" H32, " 0400 0501 00"),
     EC_WIRE_TRAILING},
    {"receipt", "cut before epoch", RECEIPT("a5", NAME, "5820" H32, " 0400"), EC_WIRE_TRUNCATED},

    {"command", "not a map", "83 0101 0201 0301", EC_WIRE_TYPE},
    {"command", "no code", "a2 0101 0201", EC_WIRE_MISSING},
    {"command", "members out of order", "a3 0101 0301 0201", EC_WIRE_MISSING},
    {"command", "counter 0", "a3 0100 0201 0301", EC_WIRE_RANGE},
    {"command", "counter 2^63", "a3 011b8000000000000000 0201 0301", EC_WIRE_RANGE},
    {"command", "expires_ms 2^63", "a3 0101 021b8000000000000000 0301", EC_WIRE_RANGE},
    {"command", "code 0", "a3 0101 0201 0300", EC_WIRE_RANGE},
    {"command", "code 256", "a3 0101 0201 03190100", EC_WIRE_RANGE},
    {"command", "code 2^32", "a3 0101 0201 031b0000000100000000", EC_WIRE_RANGE},
    {"command", "argument not a map", "a4 0101 0201 0301 0400", EC_WIRE_TYPE},
    {"command", "argument with unsorted keys", "a4 0101 0201 0301 04a202000100",
     EC_WIRE_NOT_CANONICAL},
    {"command", "another fourth member", "a4 0101 0201 0301 05a0", EC_WIRE_RANGE},
    {"command", "fifth member", "a5 0101 0201 0301 04a0 0500", EC_WIRE_RANGE},
    {"command", "trailing byte", "a3 0101 0201 0301 00", EC_WIRE_TRAILING},
    {"command", "cut in the argument", "a4 0101 0201 0301 04a101", EC_WIRE_TRUNCATED},

    {"status", "quality 1 without utc_ms",
     "b1 0101 0200 0401 0500 068400000000 0701 " SOURCES " " STATUS_END, EC_WIRE_MISSING},
    {"status", "utc_ms with quality 0",
     "b2 0101 0200 0300 0400 0500 068400000000 0701 " SOURCES " " STATUS_END, EC_WIRE_RANGE},
    {"status", "LED pattern 4", STATUS("8400000400", "01"), EC_WIRE_RANGE},
    {"status", "three LEDs", STATUS("83000000", "01"), EC_WIRE_RANGE},
    {"status", "five LEDs", STATUS("850000000000", "01"), EC_WIRE_RANGE},
    {"status", "contactors 4", STATUS("8400000000", "04"), EC_WIRE_RANGE},
    {"status", "cut inside the LEDs", "b1 0101 0200 0400 0500 068400", EC_WIRE_TRUNCATED},
    {"status", "unknown member",
     "b2 0101 0200 0400 0500 068400000000 0701 " SOURCES " " STATUS_END " 1300", EC_WIRE_RANGE},

    {"link", "online as number", "a2 0101 0201", EC_WIRE_TYPE},
    {"link", "no online", "a1 0101", EC_WIRE_MISSING},
    {"link", "trailing byte", "a2 0101 02f5 00", EC_WIRE_TRAILING},
    {"link", "nothing", "", EC_WIRE_TRUNCATED},
};

/** A signed journal message, and what is done to it after (or in) the signing. */
struct forgery {
    const char *name;
    enum cose_purpose purpose; /* that it is signed for; offered as a journal message */
    const char *device;        /* that it is signed for; NULL: the one it is offered for */
    int by_fleet;              /* signed with the fleet's key */
    const char *payload;       /* NULL: the batch of one record */
    const char *head;          /* stands in for HEAD */
    const char *body;          /* stands in for the payload item */
    int keep;                  /* bytes kept when above 0; bytes of 00 appended when below 0 */
    int flip;                  /* byte whose lowest bit is flipped; below 0 from the end */
    enum error_code error;
};

/* how each of our messages begins: tag, array, protected header, {4: bytes of kid} */
#define HEAD "d28443a10127a10448"

static const struct forgery forgeries[] = {
    {.name = "signed for another device", .device = "BPTM-000043", .error = EC_COSE_SIGNATURE},
    {.name = "signed as a status", .purpose = COSE_STATUS, .error = EC_COSE_SIGNATURE},
    {.name = "signed by the fleet", .by_fleet = 1, .error = EC_DEVICE_KEY_UNKNOWN},
    {.name = "kid under another label",
     .head = "d28443a10127a10548",
     .error = EC_DEVICE_KEY_UNKNOWN},
    {.name = "flipped bit in the protected header", .flip = 5, .error = EC_COSE_ALGORITHM},
    {.name = "flipped bit in the kid", .flip = 9, .error = EC_DEVICE_KEY_UNKNOWN},
    {.name = "flipped bit in prev_hash", .flip = 40, .error = EC_COSE_SIGNATURE},
    {.name = "flipped bit in the signature", .flip = -64, .error = EC_COSE_SIGNATURE},
    {.name = "flipped last bit", .flip = -1, .error = EC_COSE_SIGNATURE},
    {.name = "no tag", .head = "8443a10127a10448", .error = EC_WIRE_TYPE},
    {.name = "tag 17", .head = "d18443a10127a10448", .error = EC_WIRE_TYPE},
    {.name = "tag not in shortest form",
     .head = "d8128443a10127a10448",
     .error = EC_WIRE_NOT_CANONICAL},
    {.name = "array of three", .head = "d28343a10127a10448", .error = EC_WIRE_RANGE},
    {.name = "array of indefinite length",
     .head = "d29f43a10127a10448",
     .error = EC_WIRE_NOT_CANONICAL},
    {.name = "alg ES256", .head = "d28443a10126a10448", .error = EC_COSE_ALGORITHM},
    {.name = "alg as text", .head = "d28447a1016445644453a10448", .error = EC_COSE_ALGORITHM},
    {.name = "no alg", .head = "d28441a0a10448", .error = EC_COSE_ALGORITHM},
    {.name = "empty protected header", .head = "d28440a10448", .error = EC_COSE_ALGORITHM},
    {.name = "alg unprotected", .head = "d28441a0a201270448", .error = EC_COSE_ALGORITHM},
    {.name = "crit", .head = "d28446a20127028104a10448", .error = EC_COSE_CRITICAL},
    {.name = "crit unprotected", .head = "d28443a10127a202810404 48", .error = EC_COSE_CRITICAL},
    {.name = "kid in both headers",
     .head = "d28446a20127044101a10448",
     .error = EC_WIRE_NOT_CANONICAL},
    {.name = "another protected header",
     .head = "d28445a201270300a10448",
     .error = EC_COSE_SIGNATURE},
    {.name = "payload detached", .body = "f6", .error = EC_WIRE_TYPE},
    {.name = "payload as text", .body = "60", .error = EC_WIRE_TYPE},
    {.name = "trailing byte", .keep = -1, .error = EC_WIRE_TRAILING},
    {.name = "payload of trailing bytes",
     .payload = BATCH("01", "81" REC) " 00",
     .error = EC_WIRE_TRAILING},
    {.name = "a status, signed as a journal message",
     .payload = STATUS("8400000000", "01"),
     .error = EC_WIRE_TYPE},
    {.name = "cut to nothing but the tag", .keep = 1, .error = EC_WIRE_TRUNCATED},
    {.name = "cut after the array head", .keep = 2, .error = EC_WIRE_TRUNCATED},
    {.name = "cut in the protected header", .keep = 4, .error = EC_WIRE_TRUNCATED},
    {.name = "cut after the protected header", .keep = 6, .error = EC_WIRE_TRUNCATED},
    {.name = "cut in the kid", .keep = 12, .error = EC_WIRE_TRUNCATED},
    {.name = "cut before the payload", .keep = 17, .error = EC_WIRE_TRUNCATED},
    {.name = "cut in the head of the payload", .keep = 18, .error = EC_WIRE_TRUNCATED},
    {.name = "cut in the payload", .keep = 30, .error = EC_WIRE_TRUNCATED},
};

static const char *const topics[] = {
    "",
    "bptm/1",
    "bptm/1/",
    "bptm/2/0/ABC/up/journal",
    "xbptm/1/0/ABC/up/journal",
    "bptm/1/1024/ABC/up/journal",
    "bptm/1/1/ABC/up/journal",
    "bptm/1/00/ABC/up/journal",
    "bptm/1/0468/ABC/up/journal",
    "bptm/1/-1/ABC/up/journal",
    "bptm/1//ABC/up/journal",
    "bptm/1/+/ABC/up/journal",
    "bptm/1/0/AB/up/journal",
    "bptm/1/0/abc/up/journal",
    "bptm/1/0/-BC/up/journal",
    "bptm/1/0/ABCDEFGHIJKLMNOPQRSTUVWXY/up/journal",
};

static void begin_row(FILE *out, size_t *index, const char *as, const char *name)
{
    fprintf(out, "%s\n    {\"as\": \"%s\", \"name\": \"%s\"", (*index)++ == 0 ? "" : ",", as, name);
}

static void end_row(FILE *out, enum error_code error)
{
    fprintf(out, ", \"error\": \"%s\"}", error_slug(error));
}

static void write_refusal(FILE *out, size_t *index, const struct refusal *r)
{
    uint8_t buf[1024];
    size_t len = support_unhex(r->hex, buf, sizeof buf);
    begin_row(out, index, r->as, r->name);
    vectors_put_hex(out, "hex", buf, len);
    end_row(out, r->error);
}

/* One record more than a batch may hold, each of them good. */
static void write_many(FILE *out, size_t *index)
{
    uint8_t buf[MANY_RECORDS * WIRE_RECORD_MAX];
    uint8_t hash[WIRE_HASH_LEN] = {0};
    struct cbor_writer w;
    size_t len = 0;
    cbor_writer_init(&w, buf, sizeof buf);
    cbor_write_map(&w, 5);
    cbor_write_uint(&w, 1);
    cbor_write_uint(&w, 1);
    cbor_write_uint(&w, 2);
    cbor_write_bstr(&w, hash, sizeof hash);
    cbor_write_uint(&w, 3);
    cbor_write_array(&w, MANY_RECORDS);
    for (unsigned i = 0; i < MANY_RECORDS; i++) {
        uint8_t rec_buf[WIRE_RECORD_MAX];
        struct record r = {.seq = i + 1, .boot = 1, .kind = RECORD_KIND_FIELD_WORK_END};
        if (record_encode(&r, rec_buf, sizeof rec_buf, &len) != EC_OK)
            abort();
        cbor_write_raw(&w, rec_buf, len);
    }
    cbor_write_uint(&w, 4);
    cbor_write_uint(&w, MANY_RECORDS);
    cbor_write_uint(&w, 5);
    cbor_write_uint(&w, 1);
    if (cbor_writer_done(&w, &len) != EC_OK)
        abort();
    begin_row(out, index, "batch", "65 records");
    vectors_put_hex(out, "hex", buf, len);
    end_row(out, EC_WIRE_RANGE);
}

/* Replace `old_len` bytes at `at` of a message by hex. @return the new length */
static size_t splice(uint8_t *msg, size_t len, size_t at, size_t old_len, const char *hex)
{
    uint8_t put[256];
    size_t put_len = support_unhex(hex, put, sizeof put);
    memmove(msg + at + put_len, msg + at + old_len, len - at - old_len);
    memcpy(msg + at, put, put_len);
    return len - old_len + put_len;
}

static size_t edit(const struct forgery *f, uint8_t *msg, size_t len)
{
    struct cose_sign1 parts;
    if (f->head != NULL)
        return splice(msg, len, 0, strlen(HEAD) / 2, f->head);
    if (f->body == NULL)
        return len;
    if (cose_decode(msg, len, &parts) != EC_OK)
        abort();
    size_t start = (size_t)(parts.payload.at - msg) - 2; /* its head is two bytes: 24..255 bytes */
    return splice(msg, len, start, parts.payload.len + 2, f->body);
}

static void write_forgery(FILE *out, size_t *index, const struct forgery *f)
{
    struct cose_key key;
    uint8_t payload[1024];
    uint8_t msg[WIRE_MESSAGE_MAX + 1];
    const char *hex = f->payload != NULL ? f->payload : BATCH("01", "81" REC);
    size_t len = support_unhex(hex, payload, sizeof payload);
    (f->by_fleet ? support_fleet_key : support_device_key)(&key);
    len = support_sign(f->purpose, &key, f->device != NULL ? f->device : SUPPORT_DEVICE,
                       (struct span){payload, len}, msg);
    len = edit(f, msg, len);
    if (f->keep > 0)
        len = (size_t)f->keep;
    for (int i = f->keep; i < 0; i++)
        msg[len++] = 0;
    if (f->flip != 0)
        msg[f->flip > 0 ? (size_t)f->flip : len + (size_t)f->flip] ^= 1;
    begin_row(out, index, "message", f->name);
    fprintf(out, ", \"device\": \"%s\"", SUPPORT_DEVICE);
    vectors_put_hex(out, "hex", msg, len);
    end_row(out, f->error);
}

/* A topic whose bucket is right, so that the leaf alone is wrong. */
static void write_bad_leaf(FILE *out, size_t *index, const char *leaf)
{
    begin_row(out, index, "topic", "leaf");
    fprintf(out, ", \"topic\": \"%s/%u/ABC%s\"", WIRE_PROTOCOL, topic_bucket("ABC"), leaf);
    end_row(out, EC_TOPIC_INVALID);
}

void vectors_write_refused(FILE *out)
{
    size_t index = 0;
    fputs("{\n  \"about\": \"what a receiver must refuse, with the error it must name; message: a "
          "journal message offered for the device\",\n  \"vectors\": [",
          out);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        write_refusal(out, &index, &refusals[i]);
    write_many(out, &index);
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++)
        write_forgery(out, &index, &forgeries[i]);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        begin_row(out, &index, "topic", "root, bucket or device");
        fprintf(out, ", \"topic\": \"%s\"", topics[i]);
        end_row(out, EC_TOPIC_INVALID);
    }
    write_bad_leaf(out, &index, "");
    write_bad_leaf(out, &index, "/up");
    write_bad_leaf(out, &index, "/up/journal/");
    write_bad_leaf(out, &index, "/up/receipt");
    write_bad_leaf(out, &index, "/down/#");
    fputs("\n  ]\n}\n", out);
}
