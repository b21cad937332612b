/* api/openapi.json, compiled in: the build turns its lines into string literals. */
#include "http/openapi.h"

const char openapi_text[] =
#include "server/http/openapi.inc"
    ;
