/* Fuzz target: a CSV file that comes in pieces; the rows must not depend on where it was cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/csv_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t hash; /* of all cells in their order */
    size_t rows;
};

static void add(struct seen *s, const char *text)
{
    for (; *text != '\0'; text++)
        s->hash = (s->hash ^ (unsigned char)*text) * 1099511628211U;
    s->hash = (s->hash ^ 0x100U) * 1099511628211U;
}

static enum error_code take(void *context, const struct csv_stream_row *row)
{
    struct seen *s = context;
    if (row->count == 0 || row->count > CSV_STREAM_COLUMNS_MAX || row->number <= s->rows)
        abort();
    for (size_t i = 0; i < row->count; i++) {
        if (strlen(row->cells[i]) > CSV_STREAM_ROW_MAX)
            abort();
        add(s, row->cells[i]);
    }
    s->rows = row->number;
    return EC_OK;
}

static enum error_code read_file(const char *at, size_t len, size_t piece, struct seen *ret)
{
    struct csv_stream *s = NULL;
    enum error_code ec = EC_OK;
    if (csv_stream_new(0, take, ret, &s) != EC_OK)
        abort();
    for (size_t done = 0; ec == EC_OK && done < len; done += piece)
        ec = csv_stream_put(s, at + done, len - done < piece ? len - done : piece);
    if (ec == EC_OK)
        ec = csv_stream_end(s);
    if (ec != EC_OK && csv_stream_note(s)[0] == '\0')
        abort();
    csv_stream_free(s);
    return ec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = {0}, pieces = {0};
    if (size < 2)
        return 0;
    enum error_code ec = read_file((const char *)data + 1, size - 1, size, &whole);
    enum error_code again =
        read_file((const char *)data + 1, size - 1, 1 + (size_t)(data[0] % 17), &pieces);
    if (ec == EC_OK && (again != EC_OK || whole.hash != pieces.hash || whole.rows != pieces.rows))
        abort();
    return 0;
}
