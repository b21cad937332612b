/* Staging a file at hand: what a decoder makes of it goes into a temporary table, by COPY. */
#include "store/import_file.h"

#include <stdlib.h>

#include "base/limits.h"

enum { PIECE = 65536, FLUSH = 1 << 20 };

static enum error_code flush(struct import_file *f)
{
    enum error_code ec = bytes_check(&f->rows);
    if (ec == EC_OK && f->rows.len > 0)
        ec = db_copy_put(f->db, f->rows.at, f->rows.len);
    bytes_clear(&f->rows);
    return ec;
}

enum error_code import_file_added(struct import_file *f)
{
    return f->rows.len >= FLUSH ? flush(f) : EC_OK;
}

static enum error_code read_all(struct import_file *f, const struct import_file_decoder *d,
                                void *decoder)
{
    char *piece = malloc(PIECE);
    enum error_code ec = piece != NULL ? EC_OK : EC_NO_MEMORY;

    if (ec == EC_OK && fseek(f->file, 0, SEEK_SET) != 0)
        ec = EC_IO;
    while (ec == EC_OK) {
        size_t n = fread(piece, 1, PIECE, f->file);
        if (n == 0)
            break;
        ec = d->put(decoder, piece, n);
    }
    if (ec == EC_OK && ferror(f->file))
        ec = EC_IO;
    if (ec == EC_OK)
        ec = d->end(decoder);
    if (ec != EC_OK && f->note[0] == '\0')
        snprintf(f->note, IMPORT_FILE_NOTE_MAX, "%s",
                 ec == EC_IO ? "cannot be read" : d->note(decoder));
    free(piece);
    return ec;
}

enum error_code import_file_stage(struct import_file *f, const struct import_file_decoder *d,
                                  void *decoder)
{
    bytes_clear(&f->rows);
    f->note[0] = '\0';
    /* a feed of years, a day of a whole utility: longer than a request may take */
    enum error_code ec = db_set_watch(f->db, &(struct db_watch){.limit_ms = LIMIT_IMPORT_MS});
    if (ec == EC_OK)
        ec = db_run_script(f->db, d->table);
    if (ec == EC_OK)
        ec = db_copy_begin(f->db, d->copy);
    if (ec == EC_OK)
        ec = read_all(f, d, decoder);
    if (ec == EC_OK)
        ec = flush(f);
    return ec == EC_OK ? db_copy_end(f->db) : ec;
}
