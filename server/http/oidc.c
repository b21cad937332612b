/* Tokens of the identity provider: its keys, kept fresh by a thread of their own, and who calls. */
#include "http/oidc.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/oidc_fetch.h"

enum { NEVER = -1 };

struct oidc {
    const struct config *config;
    struct claims_rules access, identity, logout;
    char client[2 * CONFIG_TEXT_MAX]; /* "id:secret"; empty: none */
    pthread_t thread;
    atomic_int is_stopping;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake, done;
    int is_asked, is_fetching, last_failed, waiting;
    uint64_t ended;   /* fetches */
    int64_t begun_ms; /* the last one; NEVER */

    pthread_rwlock_t keys_lock; /* of what follows */
    struct jwk_set keys;
    struct provider provider;
    int64_t fetched_ms; /* NEVER: there are none */

    atomic_ullong tokens[JWS_VERDICTS], unjudged, fetched, failed, sign_ins[OIDC_SIGN_INS];
    atomic_int exchanging;
};

/* -- fetching ---------------------------------------------------------------------------------- */

static int has_http(const struct oidc *o)
{
    return strcmp(o->config->oidc_unencrypted, "loopback") == 0;
}

/* The issuer without the slash that may end it, and the path that the standard gives. */
static void discovery_url(const struct oidc *o, char ret[PROVIDER_URL_MAX])
{
    int len = (int)strlen(o->config->oidc_issuer);
    len -= o->config->oidc_issuer[len - 1] == '/';
    snprintf(ret, PROVIDER_URL_MAX, "%.*s/.well-known/openid-configuration", len,
             o->config->oidc_issuer);
}

static enum error_code fetch_both(struct oidc *o, struct bytes *body, struct provider *provider,
                                  struct jwk_set *keys, const char **why)
{
    char url[PROVIDER_URL_MAX];
    struct oidc_fetch f = {.config = o->config, .url = url, .stopping = &o->is_stopping};
    discovery_url(o, url);
    enum error_code ec = oidc_fetch(&f, body, why);
    if (ec != EC_OK)
        return ec;
    *why = "its description is not of this issuer, or lacks an address";
    ec = provider_read((const char *)body->at, body->len, o->config->oidc_issuer, has_http(o),
                       provider);
    if (ec != EC_OK)
        return ec;
    f.url = provider->keys;
    ec = oidc_fetch(&f, body, why);
    if (ec != EC_OK)
        return ec;
    *why = "none of its keys is fit";
    return jwk_set_read((const char *)body->at, body->len, keys);
}

static void put_keys(struct oidc *o, const struct provider *provider, struct jwk_set *keys)
{
    struct jwk_set old;
    pthread_rwlock_wrlock(&o->keys_lock);
    old = o->keys;
    o->keys = *keys;
    o->provider = *provider;
    o->fetched_ms = clock_mono_ms();
    pthread_rwlock_unlock(&o->keys_lock);
    jwk_set_done(&old);
}

/* @return 1 when there are new keys */
static int fetch(struct oidc *o, int last_failed)
{
    const char *why = "";
    struct bytes body;
    struct provider provider;
    struct jwk_set keys = {0};
    bytes_init(&body, LIMIT_OIDC_BODY);
    enum error_code ec = fetch_both(o, &body, &provider, &keys, &why);
    bytes_done(&body);
    if (ec == EC_OK) {
        if (last_failed)
            log_event(LOG_LEVEL_INFO, "oidc_keys", "count", log_value("%zu", keys.count), NULL);
        atomic_fetch_add(&o->fetched, 1);
        put_keys(o, &provider, &keys);
    } else if (!atomic_load(&o->is_stopping)) {
        log_event(LOG_LEVEL_WARN, "oidc_fetch_failed", "note", why, NULL);
        atomic_fetch_add(&o->failed, 1);
    }
    return ec == EC_OK;
}

/* When the next fetch is due, of the monotonic clock. */
static int64_t due_ms(const struct oidc *o)
{
    int64_t soon_ms = 1000 * (int64_t)o->config->oidc_refresh_s;
    int64_t age_ms = 1000 * (int64_t)o->config->oidc_max_age_s;
    if (o->begun_ms == NEVER)
        return 0;
    return o->begun_ms + (o->is_asked || o->last_failed || age_ms < soon_ms ? soon_ms : age_ms);
}

/* The one place that fetches, so that nobody fetches twice at a time. */
static void *run(void *context)
{
    struct oidc *o = context;
    pthread_mutex_lock(&o->lock);
    while (!atomic_load(&o->is_stopping)) {
        int64_t now_ms = clock_mono_ms(), until_ms = due_ms(o);
        if (now_ms < until_ms) {
            struct timespec until = clock_timespec(until_ms);
            pthread_cond_timedwait(&o->wake, &o->lock, &until);
            continue;
        }
        int last_failed = o->last_failed;
        o->begun_ms = now_ms;
        o->is_asked = 0;
        o->is_fetching = 1;
        pthread_mutex_unlock(&o->lock);
        int good = fetch(o, last_failed);
        pthread_mutex_lock(&o->lock);
        o->is_fetching = 0;
        o->last_failed = !good;
        o->ended++;
        pthread_cond_broadcast(&o->done);
    }
    pthread_mutex_unlock(&o->lock);
    return NULL;
}

/* Under the lock: wait for the fetch that is under way or was asked for. */
static enum error_code await(struct oidc *o)
{
    uint64_t wanted = o->ended + 1;
    struct timespec until = clock_timespec(clock_mono_ms() + LIMIT_OIDC_WAIT_MS);
    int rc = 0;
    o->waiting++;
    while (o->ended < wanted && rc == 0)
        rc = pthread_cond_timedwait(&o->done, &o->lock, &until);
    o->waiting--;
    return o->ended >= wanted && !o->last_failed ? EC_OK : EC_UNAVAILABLE;
}

/* Have the keys fetched once more: EC_UNAUTHENTICATED when that was done a moment ago. */
static enum error_code renew(struct oidc *o)
{
    enum error_code ec = EC_UNAUTHENTICATED;
    int64_t pace_ms = 1000 * (int64_t)o->config->oidc_refresh_s;
    pthread_mutex_lock(&o->lock);
    int is_due = o->is_fetching || o->begun_ms == NEVER || clock_mono_ms() >= o->begun_ms + pace_ms;
    o->is_asked = 1; /* if not now, then when its time has come */
    pthread_cond_signal(&o->wake);
    if (is_due)
        ec = o->waiting < LIMIT_OIDC_WAITERS ? await(o) : EC_UNAVAILABLE;
    pthread_mutex_unlock(&o->lock);
    return ec;
}

/* -- judging ----------------------------------------------------------------------------------- */

static enum error_code judge(struct oidc *o, const char *text, size_t len,
                             const struct claims_rules *rules, struct claims *ret,
                             enum jws_verdict *ret_verdict)
{
    enum error_code ec = EC_UNAVAILABLE;
    int64_t most_ms = 1000 * (int64_t)o->config->oidc_stale_s;
    pthread_rwlock_rdlock(&o->keys_lock);
    if (o->fetched_ms != NEVER && clock_mono_ms() - o->fetched_ms <= most_ms) {
        *ret_verdict = claims_read(text, len, rules, &o->keys, (int64_t)time(NULL), ret);
        ec = *ret_verdict == JWS_OK ? EC_OK : EC_UNAUTHENTICATED;
    }
    pthread_rwlock_unlock(&o->keys_lock);
    return ec;
}

static enum error_code check(struct oidc *o, const char *text, size_t len,
                             const struct claims_rules *rules, struct claims *ret)
{
    enum jws_verdict v = JWS_OK;
    enum error_code ec = judge(o, text, len, rules, ret, &v);
    if (ec == EC_UNAUTHENTICATED && v == JWS_KEY_UNKNOWN) {
        ec = renew(o);
        if (ec == EC_OK)
            ec = judge(o, text, len, rules, ret, &v);
    }
    atomic_fetch_add(ec == EC_UNAVAILABLE ? &o->unjudged : &o->tokens[v], 1);
    if (ec != EC_OK)
        log_event(LOG_LEVEL_INFO, "oidc_token_refused", "reason",
                  ec == EC_UNAVAILABLE ? "no-keys" : jws_verdict_name(v), NULL);
    return ec;
}

enum error_code oidc_access(struct oidc *o, const char *text, size_t len, struct claims *ret)
{
    return o != NULL ? check(o, text, len, &o->access, ret) : EC_UNAUTHENTICATED;
}

enum error_code oidc_logout(struct oidc *o, const char *text, size_t len, struct claims *ret)
{
    return check(o, text, len, &o->logout, ret);
}

/* -- for signing in ---------------------------------------------------------------------------- */

const struct config *oidc_config(const struct oidc *o)
{
    return o->config;
}

int oidc_has_sign_in(const struct oidc *o)
{
    return o != NULL && o->config->oidc_client_id[0] != '\0';
}

enum error_code oidc_provider(struct oidc *o, struct provider *ret)
{
    pthread_rwlock_rdlock(&o->keys_lock);
    enum error_code ec = o->fetched_ms != NEVER ? EC_OK : EC_UNAVAILABLE;
    if (ec == EC_OK)
        *ret = o->provider;
    pthread_rwlock_unlock(&o->keys_lock);
    return ec;
}

enum error_code oidc_identity(struct oidc *o, const char *text, const char *nonce,
                              struct claims *ret)
{
    struct claims_rules rules = o->identity;
    rules.nonce = nonce;
    return check(o, text, strlen(text), &rules, ret);
}

int oidc_enter(struct oidc *o)
{
    int most = (int)o->config->http_threads / 2;
    if (atomic_fetch_add(&o->exchanging, 1) < (most > 0 ? most : 1))
        return 1;
    oidc_leave(o);
    return 0;
}

void oidc_leave(struct oidc *o)
{
    atomic_fetch_sub(&o->exchanging, 1);
}

const char *oidc_authorization_of_client(const struct oidc *o)
{
    return o->client[0] != '\0' ? o->client : NULL;
}

void oidc_count_sign_in(struct oidc *o, enum oidc_sign_in what)
{
    atomic_fetch_add(&o->sign_ins[what], 1);
}

void oidc_figures(struct oidc *o, struct oidc_figures *ret)
{
    for (size_t i = 0; i < JWS_VERDICTS; i++)
        ret->tokens[i] = atomic_load(&o->tokens[i]);
    for (size_t i = 0; i < OIDC_SIGN_INS; i++)
        ret->sign_ins[i] = atomic_load(&o->sign_ins[i]);
    ret->unjudged = atomic_load(&o->unjudged);
    ret->fetched = atomic_load(&o->fetched);
    ret->failed = atomic_load(&o->failed);
    pthread_rwlock_rdlock(&o->keys_lock);
    ret->age_s = o->fetched_ms != NEVER ? (clock_mono_ms() - o->fetched_ms) / 1000 : -1;
    pthread_rwlock_unlock(&o->keys_lock);
}

/* -- starting and stopping --------------------------------------------------------------------- */

static unsigned algorithms_of(const char *words)
{
    unsigned bits = 0;
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        int found = jws_algorithm_of(words, len);
        bits |= found >= 0 ? 1U << found : 0;
        words += len + strspn(words + len, " ");
    }
    return bits;
}

/* What one key cannot say alone. @return NULL when it is well */
static const char *mistake(const struct config *c)
{
    int http = strcmp(c->oidc_unencrypted, "loopback") == 0;
    if (!provider_is_url(c->oidc_issuer, http) || strchr(c->oidc_issuer, '?') != NULL)
        return "issuer must be an https URL without query";
    if (c->oidc_audience[0] == '\0')
        return "audience is needed with an issuer";
    if (!claims_is_path(c->oidc_roles_claim) ||
        (c->oidc_crew_claim[0] != '\0' && !claims_is_path(c->oidc_crew_claim)))
        return "a claim must be a name or a JSON Pointer";
    if (c->oidc_client_id[0] != '\0' && !provider_is_url(c->http_public_url, http))
        return "signing in needs [http] public_url";
    return NULL;
}

static struct claims_rules rules_of(const struct config *c)
{
    struct claims_rules r = {
        .issuer = c->oidc_issuer,
        .audience = c->oidc_audience,
        .roles_claim = c->oidc_roles_claim,
        .crew_claim = c->oidc_crew_claim,
        .allowed = algorithms_of(c->oidc_algorithms),
    };
    for (size_t i = 0; i < CLAIMS_ROLES; i++)
        r.roles[i] = c->oidc_roles[i];
    return r;
}

/* As the body of a form, as RFC 6749, 2.3.1, has it. */
static enum error_code take_client(struct oidc *o, const struct config *c)
{
    char secret[CONFIG_TEXT_MAX] = "";
    if (c->oidc_client_secret_file[0] == '\0')
        return EC_OK;
    enum error_code ec = config_secret(c->oidc_client_secret_file, sizeof secret, secret);
    char *id = curl_easy_escape(NULL, c->oidc_client_id, 0);
    char *escaped = ec == EC_OK ? curl_easy_escape(NULL, secret, 0) : NULL;
    if (ec == EC_OK && (id == NULL || escaped == NULL))
        ec = EC_NO_MEMORY;
    if (ec == EC_OK &&
        (size_t)snprintf(o->client, sizeof o->client, "%s:%s", id, escaped) >= sizeof o->client)
        ec = EC_CONFIG;
    if (ec != EC_OK)
        log_event(LOG_LEVEL_ERROR, "oidc_configuration", "note",
                  "client_secret_file cannot be read, or is readable by all", NULL);
    if (escaped != NULL)
        explicit_bzero(escaped, strlen(escaped));
    curl_free(escaped);
    curl_free(id);
    explicit_bzero(secret, sizeof secret);
    return ec;
}

static void make_locks(struct oidc *o)
{
    pthread_condattr_t clock;
    pthread_rwlockattr_t writers;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_rwlockattr_init(&writers);
    pthread_rwlockattr_setkind_np(&writers, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->wake, &clock);
    pthread_cond_init(&o->done, &clock);
    pthread_rwlock_init(&o->keys_lock, &writers);
    pthread_rwlockattr_destroy(&writers);
    pthread_condattr_destroy(&clock);
}

static void free_all(struct oidc *o)
{
    pthread_rwlock_destroy(&o->keys_lock);
    pthread_cond_destroy(&o->done);
    pthread_cond_destroy(&o->wake);
    pthread_mutex_destroy(&o->lock);
    jwk_set_done(&o->keys);
    explicit_bzero(o->client, sizeof o->client);
    free(o);
}

enum error_code oidc_new(const struct config *c, struct oidc **ret)
{
    const char *wrong = c->oidc_issuer[0] != '\0' ? mistake(c) : NULL;
    *ret = NULL;
    if (c->oidc_issuer[0] == '\0')
        return EC_OK;
    if (wrong != NULL) {
        log_event(LOG_LEVEL_ERROR, "oidc_configuration", "note", wrong, NULL);
        return EC_CONFIG;
    }
    struct oidc *o = calloc(1, sizeof *o);
    if (o == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(o);
        return EC_NO_MEMORY;
    }
    o->config = c;
    o->access = o->identity = rules_of(c);
    o->identity.audience = c->oidc_client_id;
    o->logout = o->identity;
    o->logout.is_logout = 1;
    o->begun_ms = o->fetched_ms = NEVER;
    o->last_failed = 1;
    make_locks(o);
    enum error_code ec = take_client(o, c);
    if (ec == EC_OK && pthread_create(&o->thread, NULL, run, o) != 0)
        ec = EC_NO_MEMORY;
    if (ec == EC_OK)
        *ret = o;
    else
        free_all(o);
    return ec;
}

void oidc_free(struct oidc *o)
{
    if (o == NULL)
        return;
    pthread_mutex_lock(&o->lock);
    atomic_store(&o->is_stopping, 1);
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->lock);
    pthread_join(o->thread, NULL);
    free_all(o);
    curl_global_cleanup();
}
