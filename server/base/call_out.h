/* What every HTTP request of ours is bound by, told to libcurl. */
#ifndef BPTM_CALL_OUT_H
#define BPTM_CALL_OUT_H

#include <curl/curl.h>

/** One request. Texts are borrowed; it stays where it is until the request has ended. */
struct call_out {
    const char *url;
    const char *ca_file; /* "": those of the system */
    int may_be_plain;    /* http, too */
    long connect_ms, total_ms;
    size_t head_max;
    /** Whether a socket may be opened to this address, which is the one connected to. */
    int (*may_go)(const void *context, const struct sockaddr *address);
    /** Takes a piece of the body. @return 0: it is too much, and the request is given up */
    int (*take)(void *context, const char *at, size_t len);
    void *context;

    size_t head_len;  /* of the answer, so far */
    int is_forbidden; /* an address was not let */
};

/** https unless it may be plain, HTTP/1.1, no redirect, no proxy, and these limits. */
CURLcode call_out_set(struct call_out *c, CURL *easy);

#endif
