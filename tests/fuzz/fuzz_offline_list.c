/* Fuzz target: the signed list of generators. The first byte says which way: a file's payload is
   checked, or a document is made into one, which the check must then take. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/offline_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum error_code check(const uint8_t *at, size_t len)
{
    struct offline_list_report report;
    const uint8_t *bad = at;
    enum error_code ec = offline_list_check((struct span){at, len}, &report, &bad);
    if (bad < at || bad > at + len)
        abort();
    return ec;
}

static void make(const char *json)
{
    uint8_t *list = NULL;
    size_t len = 0;
    if (offline_list_encode(json, &list, &len) == EC_OK && check(list, len) != EC_OK)
        abort();
    free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] % 2 == 0) {
        (void)check(data + 1, size - 1);
        return 0;
    }
    char *json = malloc(size); /* strndup() is taken for a reader of the whole by some sanitizers */
    if (json == NULL)
        abort();
    memcpy(json, data + 1, size - 1);
    json[size - 1] = '\0';
    make(json);
    free(json);
    return 0;
}
