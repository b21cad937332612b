/* What a handler sees: a request that was matched, authenticated, limited and read; a reply to
 * fill. */
#ifndef BPTM_REQUEST_H
#define BPTM_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/bbox.h"
#include "base/bytes.h"
#include "codec/json_table.h"
#include "codec/person_seal.h"
#include "error.h"
#include "http/etag.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/document.h"
#include "store/ownership.h"
#include "store/token.h"

enum method {
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_COUNT,
};

/** Roles of access tokens, as bits; the admin may do everything. */
enum role {
    ROLE_ENROLMENT = 1,
    ROLE_INSTALLER = 2,
    ROLE_ANALYST = 4,
    ROLE_OPERATOR = 8,
    ROLE_ADMIN = 16,
    ROLE_ANY = 31,
    ROLE_OPEN = 32, /* needs no token */
};

/** Of the roles of a route, those that are let at their own records only. */
#define ROLE_OWN(roles) ((roles) << 8)

/** What a path or query parameter may hold. */
enum param_kind {
    PARAM_INT,    /* min..max */
    PARAM_TEXT,   /* min..max characters */
    PARAM_WORD,   /* one of `choices`, separated by spaces */
    PARAM_WORDS,  /* one or more of `choices`, each once, separated by commas */
    PARAM_TIME,   /* RFC 3339 with a zone */
    PARAM_DATE,   /* YYYY-MM-DD */
    PARAM_BBOX,   /* "west,south,east,north" in degrees, as in OGC API - Features */
    PARAM_PERIOD, /* a time, or "from/to" with an open end, as in OGC API - Features */
    PARAM_UUID,
    PARAM_SERIAL, /* device id */
    PARAM_CURSOR, /* of the list itself; the value is the decoded key */
};

/** What the key behind a cursor looks like. */
enum cursor_key {
    CURSOR_INT,  /* "17" */
    CURSOR_TEXT, /* a serial or a code */
    CURSOR_PAIR, /* "1714564800000000.17": microseconds since 1970 and a number */
};

/** One parameter of a route; those in braces in its path are required, the others optional. */
struct param {
    const char *name; /* NULL ends a table */
    enum param_kind kind;
    int64_t min, max;
    const char *choices;
    enum cursor_key key;
    int required;
};

enum {
    PARAMS_MAX = 20,
    PARAM_TEXT_MAX = 2048, /* all decoded values of a request together */
    PARAM_TIME_MAX = 40,   /* a time of RFC 3339 with its NUL */
    PAGE_DEFAULT = 50,     /* items of a list */
    PAGE_MAX = 200,
    REQUEST_ID_MAX = 65,
    REPLY_LOCATION_MAX = 160,
};

/** Largest id that a body or path may name: what every JSON reader holds exactly (2^53 - 1). */
#define REQUEST_ID_VALUE_MAX 9007199254740991

struct request;
struct reply;
struct http_server;

/**
 * Answer a request. POST, PATCH and DELETE run inside a transaction that is committed when EC_OK is
 * returned and rolled back otherwise; they may be run again after a serialization failure, with a
 * fresh reply.
 * @return EC_OK with `ret` filled; else the error becomes a problem document with ret->detail and
 *         ret->errors
 */
typedef enum error_code (*request_handler)(const struct request *r, struct reply *ret);

/**
 * Whether the whole answer to a GET is one value that may be looked up together with the token, and
 * so in one exchange with the database. It is given out only when token, role and parameters are
 * good; the handler answers when it is null, and who comes with a session.
 * @param r  without caller and connection
 */
typedef int (*request_along)(const struct request *r, struct token_along *ret);

/**
 * A body that is taken in pieces and never held whole; a row of the route table may have one. Each
 * function is given a connection, and no transaction around it. The handler of the route runs when
 * the body has ended, not in a transaction either.
 */
struct body_stream {
    const char *const *media_types; /* any of these; ends with NULL */
    int64_t time_s;                 /* for the whole body */
    /** The head is good: may the body come? Fills *ret_state, which the others see as r->stream. */
    enum error_code (*begin)(const struct request *r, struct reply *ret, void **ret_state);
    /** Take a piece. After a failure no more pieces come; the rest of the body is read past. */
    enum error_code (*put)(const struct request *r, struct reply *ret, const char *at, size_t len);
    void (*free)(void *state);
};

/** Whether a route can answer without the database. */
enum need {
    NEED_DATABASE,
    NEED_NOTHING,  /* request.db is NULL */
    NEED_IF_THERE, /* request.db is NULL while the database is away */
};

/** A row of the route table. */
struct route {
    enum method method;
    const char *path; /* "/v1/premises/{id}" */
    unsigned roles;   /* enum role bits and ROLE_OWN() of them; ROLE_ADMIN is implied */
    size_t body_max;  /* 0: no body */
    enum need need;
    request_handler handler;
    const struct param *params;       /* NULL: none */
    int has_secret;                   /* the answer must not be kept: no Idempotency-Key */
    const struct body_stream *stream; /* NULL: the body is JSON, and read whole */
    enum ownership own;               /* what the first brace names; for ROLE_OWN() */
    request_along along;              /* NULL: nothing; not with ROLE_OWN() */
    int is_personal; /* the handler answers with sealed values, which are opened and audited */
    int is_form;     /* the body is a form, and not JSON */
};

/** Who calls: by an access token of ours, by one of the identity provider, or by a session. */
struct caller {
    unsigned role; /* bits; 0: none, or no caller; an access token of ours has one */
    char role_name[64];
    char token_id[40];               /* empty: no token of ours stands behind it */
    char session_id[40];             /* empty: called with a token */
    char subject[AUDIT_SUBJECT_MAX]; /* "sub@iss" of the identity provider; empty: not by it */
    char crew[OWNERSHIP_CREW_MAX];   /* of an installer; empty: none */
    int64_t issued_s, expires_s;     /* of a token of the identity provider */
};

struct request {
    const struct http_server *server;
    const struct person_keys *person; /* keys of personal data */
    const struct route *route;
    struct db *db; /* NULL in handlers of open routes */
    struct caller caller;
    struct audit_by by;             /* the same, as the audit wants it */
    const char *path;               /* as received */
    const char *base;               /* "https://host" that links begin with */
    const char *if_match;           /* of a PATCH; empty: none */
    const char *client;             /* address, as limits count it */
    const char *sign_in;            /* the cookie of a sign-in under way; empty: none */
    const char *own_crew;           /* the caller is let at what is this crew's; NULL: at all */
    int is_secure;                  /* the caller reached us, or the proxy before us, by TLS */
    const char *values[PARAMS_MAX]; /* decoded, in the order of route->params; NULL when absent */
    const char *body;
    size_t body_len;
    void *stream; /* state of the route's body_stream */
};

/** An answer that is made in pieces. */
struct reply_source {
    /** Fill `ret`, which comes empty, with the next piece; left empty it is the end. */
    enum error_code (*next)(struct db *db, void *state, struct bytes *ret); /* NULL: none */
    void *state;                                                            /* malloc'd */
    void (*free)(void *state);                                              /* NULL: free() */
    size_t piece_max;                                                       /* bytes */
    int has_connection; /* of its own: next() is given no other */
};

struct reply {
    int status;        /* 0 is 200 */
    const char *type;  /* NULL is application/json */
    const char *cache; /* Cache-Control; NULL is no-store */
    char *body;        /* malloc'd; NULL: none */
    size_t body_len;   /* of bytes that are not text; 0: the body ends with NUL */
    char location[REPLY_LOCATION_MAX];
    char tag[ETAG_MAX];         /* of the body; empty: to be made of it */
    char *redirect;             /* malloc'd: a Location of any length; NULL: none */
    int is_guess;               /* counts as a secret that was refused, whatever the status */
    char next[192];             /* cursor of the next page of a list; empty: none */
    char cookie[192];           /* Set-Cookie; empty: none */
    const char *detail;         /* static text of a problem */
    struct reply_source source; /* instead of a body */
    struct json_errors errors;  /* last: see exchange_new() */
};

/** Value of a parameter by name, NULL when absent. The name must be in the route's table. */
const char *request_text(const struct request *r, const char *name);

/** Value of a PARAM_INT, `fallback` when absent. */
int64_t request_int(const struct request *r, const char *name, int64_t fallback);

/** The parameter `bbox` as PostGIS reads it, in `ret`; NULL when absent. */
const char *request_box(const struct request *r, char ret[BBOX_EWKT_MAX]);

/** Where the list begins and how long it may be, from `cursor` and `limit`. */
struct document_page request_page(const struct request *r);

/** @return 1 when the caller has one of these roles or is the admin */
int request_has_role(const struct request *r, unsigned roles);

/**
 * Decode the body by a table; what is wrong goes to the reply.
 * @param ret_document  as json_table_decode()
 */
enum error_code request_decode(const struct request *r, const struct json_field *fields, void *ret,
                               struct reply *reply, struct json_document **ret_document) MUST_CHECK;

/** Free the state of a source and forget it. */
void reply_source_done(struct reply_source *source);

/** Bytes of the body; 0 when there is none. */
size_t reply_len(const struct reply *reply);

/** Free what a reply owns; it must be zeroed before it is filled again. */
void reply_done(struct reply *reply);

/** Answer with a page of a list and the cursor of the next; takes list->text. */
enum error_code reply_list(struct reply *reply, struct document_list *list) MUST_CHECK;

/** Answer 201 with Location "<prefix><id>"; steals `body`. */
void reply_created(struct reply *reply, char *body, const char *prefix, int64_t id);

/** Note a mistake of the body and return `code`. */
enum error_code reply_refuse(struct reply *reply, enum error_code code, const char *pointer,
                             const char *detail);

/**
 * Give a failed write its words: a constraint that the schema names becomes the body field that it
 * is about. Passes other codes through.
 */
enum error_code reply_constraint(struct reply *reply, const struct request *r,
                                 enum error_code code);

#endif
