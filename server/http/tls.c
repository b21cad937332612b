/* The server's certificate and key, which may be exchanged while connections come in. */
#include "http/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

/* A pair, as its files have it. */
struct pair {
    gnutls_datum_t certificate, key;
    int64_t ends_s;
};

struct tls {
    const struct config *config;
    pthread_mutex_t lock;
    struct pair pair; /* under the lock */
};

static void forget(gnutls_datum_t *text)
{
    if (text->data != NULL)
        sodium_memzero(text->data, text->size);
    free(text->data);
    *text = (gnutls_datum_t){NULL, 0};
}

static void pair_done(struct pair *p)
{
    forget(&p->certificate);
    forget(&p->key);
}

/* -- reading ----------------------------------------------------------------------------------- */

static const char *read_open(int fd, mode_t forbidden, gnutls_datum_t *ret)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return "not a file";
    if ((st.st_mode & forbidden) != 0)
        return "others can read it";
    if (st.st_size == 0 || st.st_size > LIMIT_TLS_FILE)
        return "empty, or too large";
    ret->data = malloc((size_t)st.st_size);
    ret->size = (unsigned)st.st_size;
    if (ret->data == NULL || read(fd, ret->data, ret->size) != (ssize_t)ret->size)
        return "cannot be read";
    return NULL;
}

/* @return why not, or NULL */
static const char *read_pem(const char *path, mode_t forbidden, gnutls_datum_t *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    const char *why = read_open(fd, forbidden, ret);
    close(fd);
    return why;
}

/* -- one copy for each handshake --------------------------------------------------------------- */

static int copy_chain(const gnutls_datum_t *pem, gnutls_pcert_st **ret, unsigned *ret_len)
{
    unsigned len = LIMIT_TLS_CHAIN;
    gnutls_pcert_st *chain = gnutls_calloc(len, sizeof *chain);
    if (chain == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    int rc = gnutls_pcert_list_import_x509_raw(chain, &len, pem, GNUTLS_X509_FMT_PEM, 0);
    if (rc < 0) {
        gnutls_free(chain);
        return rc;
    }
    *ret = chain;
    *ret_len = len;
    return 0;
}

static int copy_key(const gnutls_datum_t *pem, gnutls_privkey_t *ret)
{
    gnutls_privkey_t key;
    int rc = gnutls_privkey_init(&key);
    if (rc < 0)
        return rc;
    rc = gnutls_privkey_import_x509_raw(key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (rc < 0)
        gnutls_privkey_deinit(key);
    else
        *ret = key;
    return rc;
}

static void free_chain(gnutls_pcert_st *chain, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        gnutls_pcert_deinit(&chain[i]);
    gnutls_free(chain);
}

static int copy_pair(const struct pair *p, gnutls_pcert_st **ret_chain, unsigned *ret_len,
                     gnutls_privkey_t *ret_key)
{
    gnutls_pcert_st *chain = NULL;
    unsigned len = 0;
    int rc = copy_chain(&p->certificate, &chain, &len);
    if (rc < 0)
        return rc;
    rc = copy_key(&p->key, ret_key);
    if (rc < 0) {
        free_chain(chain, len);
        return rc;
    }
    *ret_chain = chain;
    *ret_len = len;
    return 0;
}

/* -- judging ----------------------------------------------------------------------------------- */

static int is_of(gnutls_privkey_t key, gnutls_pubkey_t wanted)
{
    unsigned char ids[2][32];
    size_t lens[2] = {sizeof ids[0], sizeof ids[1]};
    gnutls_pubkey_t own;
    if (gnutls_pubkey_init(&own) < 0)
        return 0;
    int same = gnutls_pubkey_import_privkey(own, key, 0, 0) >= 0 &&
               gnutls_pubkey_get_key_id(own, GNUTLS_KEYID_USE_SHA256, ids[0], &lens[0]) >= 0 &&
               gnutls_pubkey_get_key_id(wanted, GNUTLS_KEYID_USE_SHA256, ids[1], &lens[1]) >= 0 &&
               lens[0] == lens[1] && memcmp(ids[0], ids[1], lens[0]) == 0;
    gnutls_pubkey_deinit(own);
    return same;
}

static int64_t end_of(gnutls_pcert_st *certificate)
{
    gnutls_x509_crt_t crt = NULL;
    if (gnutls_pcert_export_x509(certificate, &crt) < 0)
        return 0;
    int64_t ends_s = gnutls_x509_crt_get_expiration_time(crt);
    gnutls_x509_crt_deinit(crt);
    return ends_s;
}

/* Whether a handshake could present them; @return why not, or NULL */
static const char *judge(struct pair *p)
{
    gnutls_pcert_st *chain = NULL;
    gnutls_privkey_t key = NULL;
    unsigned len = 0;
    int rc = copy_pair(p, &chain, &len, &key);
    if (rc < 0)
        return gnutls_strerror(rc);
    p->ends_s = end_of(&chain[0]);
    const char *why = is_of(key, chain[0].pubkey) ? NULL : "the key is not of the certificate";
    gnutls_privkey_deinit(key);
    free_chain(chain, len);
    return why;
}

static enum error_code read_pair(const struct config *c, struct pair *ret)
{
    struct pair p = {{NULL, 0}, {NULL, 0}, 0};
    const char *path = c->http_certificate_file;
    const char *why = read_pem(path, 0, &p.certificate);
    if (why == NULL) {
        path = c->http_key_file;
        why = read_pem(path, S_IRWXO, &p.key);
    }
    if (why == NULL)
        why = judge(&p);
    if (why != NULL) {
        log_event(LOG_LEVEL_ERROR, "http_certificate_refused", "file", path, "note", why, NULL);
        pair_done(&p);
        return EC_CONFIG;
    }
    *ret = p;
    return EC_OK;
}

/* -- what others see --------------------------------------------------------------------------- */

enum error_code tls_new(const struct config *c, struct tls **ret)
{
    struct pair pair;
    *ret = NULL;
    if (c->http_certificate_file[0] == '\0' && c->http_key_file[0] == '\0')
        return EC_OK;
    enum error_code ec = read_pair(c, &pair);
    if (ec != EC_OK)
        return ec;
    struct tls *t = calloc(1, sizeof *t);
    if (t == NULL) {
        pair_done(&pair);
        return EC_NO_MEMORY;
    }
    pthread_mutex_init(&t->lock, NULL);
    t->config = c;
    t->pair = pair;
    *ret = t;
    return EC_OK;
}

void tls_reload(struct tls *t)
{
    struct pair pair;
    if (t == NULL || read_pair(t->config, &pair) != EC_OK)
        return;
    pthread_mutex_lock(&t->lock);
    struct pair old = t->pair;
    t->pair = pair;
    pthread_mutex_unlock(&t->lock);
    pair_done(&old);
    log_event(LOG_LEVEL_INFO, "http_certificate_taken", "file", t->config->http_certificate_file,
              NULL);
}

void tls_free(struct tls *t)
{
    if (t == NULL)
        return;
    pair_done(&t->pair);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

int64_t tls_ends_s(struct tls *t)
{
    pthread_mutex_lock(&t->lock);
    int64_t ends_s = t->pair.ends_s;
    pthread_mutex_unlock(&t->lock);
    return ends_s;
}

/* The library makes the connection the pointer of the session, and frees what it gets here. */
static int on_handshake(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                        gnutls_pcert_st **ret_chain, unsigned *ret_len, gnutls_ocsp_data_st **ocsp,
                        unsigned *ocsp_len, gnutls_privkey_t *ret_key, unsigned *ret_flags)
{
    const struct tls_context *context =
        MHD_get_connection_info(gnutls_session_get_ptr(session), MHD_CONNECTION_INFO_SOCKET_CONTEXT)
            ->socket_context;
    (void)info;
    if (context == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    *ocsp = NULL;
    *ocsp_len = 0;
    *ret_flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    pthread_mutex_lock(&context->tls->lock);
    int rc = copy_pair(&context->tls->pair, ret_chain, ret_len, ret_key);
    pthread_mutex_unlock(&context->tls->lock);
    return rc;
}

void *tls_on_handshake(void)
{
    gnutls_certificate_retrieve_function3 *function = on_handshake;
    return (void *)function;
}
