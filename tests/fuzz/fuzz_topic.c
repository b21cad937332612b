/* Fuzz target: a topic; what decodes must encode to itself. */
#include <stdlib.h>
#include <string.h>

#include "topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct topic t;
    char again[WIRE_TOPIC_MAX];
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (topic_decode(WIRE_PROTOCOL, text, &t) == EC_OK)
        if (topic_encode(WIRE_PROTOCOL, &t, again) != EC_OK || strcmp(again, text) != 0)
            abort();
    free(text);
    return 0;
}
