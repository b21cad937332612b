/* CSV of the first sheet of a spreadsheet, by Debian's xlsx2csv in a sandbox. */
#include "codec/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sandbox.h"
#include "codec/csv_table.h"
#include "codec/xlsx_guard.h"

enum { CONVERTER_S = 20, CONVERTER_MEMORY = 1 << 30, PIECE = 65536 };

static const char input[] = "input.xlsx", output[] = "output.csv";

static const char *const argv[] = {"xlsx2csv", "-i", "-f", "%Y-%m-%d", "-s", "1", input, NULL};
static const char *const env[] = {"PYTHONDONTWRITEBYTECODE=1", NULL};

static enum error_code write_file(const char *path, const struct bytes *file, char *ret_note)
{
    FILE *f = fopen(path, "we");
    int good = f != NULL && fwrite(file->at, 1, file->len, f) == file->len;

    if (f != NULL && fclose(f) != 0)
        good = 0;
    if (good)
        return EC_OK;
    snprintf(ret_note, SHEET_NOTE_MAX, "%.100s: %.60s", path, strerror(errno));
    return EC_IO;
}

enum error_code sheet_read(const char *path, struct bytes *ret, char *ret_note)
{
    struct stat st;
    char piece[PIECE];
    size_t n = 0;
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        snprintf(ret_note, SHEET_NOTE_MAX, "%.100s", strerror(errno));
        return EC_IO;
    }
    int good =
        fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= CSV_TABLE_BYTES_MAX;
    while (good && (n = fread(piece, 1, sizeof piece, f)) > 0)
        bytes_put(ret, piece, n);
    good = good && !ferror(f) && bytes_check(ret) == EC_OK;
    fclose(f);
    if (good)
        return EC_OK;
    snprintf(ret_note, SHEET_NOTE_MAX, "not a file of at most 32 MiB");
    return EC_IO;
}

/* The bytes that were judged are those that are read: the converter gets a copy. */
static enum error_code convert(const char *folder, const struct bytes *file, struct bytes *ret,
                               char *ret_note)
{
    char path[SANDBOX_FOLDER_MAX + 16], note[SANDBOX_NOTE_MAX] = "";
    const struct sandbox box = {.argv = argv,
                                .env = env,
                                .folder = folder,
                                .out = output,
                                .seconds = CONVERTER_S,
                                .memory_bytes = CONVERTER_MEMORY,
                                .file_bytes = CSV_TABLE_BYTES_MAX};
    snprintf(path, sizeof path, "%s/%s", folder, input);
    enum error_code ec = write_file(path, file, ret_note);
    if (ec != EC_OK)
        return ec;
    ec = sandbox_run(&box, note);
    if (ec != EC_OK) {
        snprintf(ret_note, SHEET_NOTE_MAX, "it cannot be read as a spreadsheet: %.120s", note);
        return ec;
    }
    snprintf(path, sizeof path, "%s/%s", folder, output);
    return sheet_read(path, ret, ret_note);
}

enum error_code sheet_csv(const struct bytes *file, struct bytes *ret, char *ret_note)
{
    char folder[SANDBOX_FOLDER_MAX], made[SANDBOX_NOTE_MAX] = "";
    const char *note = NULL;
    enum error_code ec = xlsx_guard(file->at, file->len, &note);

    if (ec != EC_OK) {
        snprintf(ret_note, SHEET_NOTE_MAX, "%s", note);
        return ec;
    }
    ec = sandbox_folder(folder, made);
    if (ec != EC_OK) {
        snprintf(ret_note, SHEET_NOTE_MAX, "%.120s", made);
        return ec;
    }
    ec = convert(folder, file, ret, ret_note);
    sandbox_remove(folder);
    return ec;
}
