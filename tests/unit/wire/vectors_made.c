/*
 * The generator of api/vectors/. Without arguments it proves that the committed files are what it
 * writes; with "--write" it writes them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

static const struct {
    const char *name;
    void (*write)(FILE *out);
} files[] = {
    {"keys.json", vectors_write_keys},         {"record.json", vectors_write_records},
    {"batch.json", vectors_write_batches},     {"receipt.json", vectors_write_receipts},
    {"command.json", vectors_write_commands},  {"status.json", vectors_write_statuses},
    {"link.json", vectors_write_links},        {"topic.json", vectors_write_topics},
    {"refused.json", vectors_write_refused},   {"request.json", vectors_write_requests},
    {"firmware.json", vectors_write_firmware},
};

static FILE *open_file(const char *name, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/api/vectors/%s", TOP_SRCDIR, name);
    FILE *file = fopen(path, mode);
    if (file == NULL)
        fprintf(stderr, "could not open '%s': %s\n", path, strerror(errno));
    return file;
}

/* @return 1 when the rest of the file is these bytes */
static int same(FILE *file, const char *text, size_t len)
{
    size_t i = 0;
    int c;
    while ((c = getc(file)) != EOF && i < len && (unsigned char)text[i] == c)
        i++;
    return c == EOF && i == len;
}

static int handle(size_t index, int writing)
{
    char *text = NULL;
    size_t len = 0;
    int ok = 0;
    FILE *memory = open_memstream(&text, &len);
    FILE *file = open_file(files[index].name, writing ? "w" : "r");
    if (memory == NULL || file == NULL)
        goto done;
    files[index].write(memory);
    fflush(memory);
    ok = writing ? fwrite(text, 1, len, file) == len : same(file, text, len);
done:
    if (memory != NULL)
        fclose(memory);
    if (file != NULL && fclose(file) != 0)
        ok = 0;
    free(text);
    return ok;
}

int main(int argc, char **argv)
{
    int writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    int ok = 1;
    if (argc > 1 && !writing) {
        fprintf(stderr, "usage: %s [--write]\n", argv[0]);
        return 2;
    }
    printf("1..%zu\n", sizeof files / sizeof *files);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int good = handle(i, writing);
        printf("%s %zu - %s is what the generator writes\n", good ? "ok" : "not ok", i + 1,
               files[i].name);
        ok &= good;
    }
    return ok ? 0 : 1;
}
