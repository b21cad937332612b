/* api/openapi.json, compiled in. */
#ifndef BPTM_OPENAPI_H
#define BPTM_OPENAPI_H

extern const char openapi_text[];

#endif
