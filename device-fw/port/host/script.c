/* Reading scripts, and doing their steps by the words of the control socket. */
#include <config.h>

#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

/* What a line is read with. */
struct reading {
    struct script *s;
    const char *path;
    unsigned number; /* of the line */
    unsigned homes;
    uint64_t seed;
};

static enum error_code refuse(const struct reading *r, const char *what)
{
    fprintf(stderr, "error=config %s:%u: %s\n", r->path, r->number, what);
    return EC_CONFIG;
}

/* The same for every run with a seed: splitmix64 of seed, home and line. */
static uint64_t delay_of(const struct reading *r, uint32_t home, uint64_t spread_ms)
{
    uint64_t z = r->seed + ((uint64_t)home << 32) + r->number * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return spread_ms == 0 ? 0 : (z ^ z >> 31) % spread_ms;
}

static int parse_number(const char *text, double max, double *ret)
{
    char *end;

    if (text == NULL || *text < '0' || *text > '9')
        return 0;
    errno = 0;
    *ret = strtod(text, &end);
    return *end == '\0' && errno == 0 && *ret <= max;
}

/* "circuit NAME FIRST LAST" */
static enum error_code read_circuit(struct reading *r, char **save)
{
    struct script_circuit *c = &r->s->circuits[r->s->circuit_count];
    const char *name = strtok_r(NULL, " \t", save);
    double from, to;

    if (r->s->circuit_count == SCRIPT_CIRCUITS_MAX)
        return refuse(r, "too many circuits");
    if (name == NULL || strlen(name) > SCRIPT_NAME_MAX ||
        !parse_number(strtok_r(NULL, " \t", save), r->homes, &from) ||
        !parse_number(strtok_r(NULL, " \t", save), r->homes, &to) || from < 1 || to < from ||
        strtok_r(NULL, " \t", save) != NULL)
        return refuse(r, "expected: circuit NAME FIRST LAST, with homes that there are");
    memcpy(c->name, name, strlen(name) + 1);
    c->from = (uint32_t)from;
    c->to = (uint32_t)to;
    r->s->circuit_count++;
    return EC_OK;
}

static int find_homes(const struct reading *r, const char *who, uint32_t *ret_from,
                      uint32_t *ret_to)
{
    double n;

    *ret_from = 1;
    *ret_to = r->homes;
    if (strcmp(who, "all") == 0)
        return 1;
    for (size_t i = 0; i < r->s->circuit_count; i++)
        if (strcmp(r->s->circuits[i].name, who) == 0) {
            *ret_from = r->s->circuits[i].from;
            *ret_to = r->s->circuits[i].to;
            return 1;
        }
    if (!parse_number(who, r->homes, &n) || n < 1)
        return 0;
    *ret_from = *ret_to = (uint32_t)n;
    return 1;
}

static enum error_code add_steps(struct reading *r, uint64_t at_ms, uint64_t spread_ms,
                                 uint32_t from, uint32_t to)
{
    struct script *s = r->s;
    size_t need = s->count + (to - from + 1);

    if (need > SCRIPT_STEPS_MAX)
        return refuse(r, "too many steps");
    if (need > s->room) {
        size_t room = need * 2;
        struct script_step *steps = realloc(s->steps, room * sizeof(*steps));

        if (steps == NULL)
            return EC_NO_MEMORY;
        s->steps = steps;
        s->room = room;
    }
    for (uint32_t home = from; home <= to; home++)
        s->steps[s->count++] = (struct script_step){at_ms + delay_of(r, home, spread_ms), home,
                                                    (uint32_t)s->line_count};
    return EC_OK;
}

/* "TIME[~SPREAD] WHO OBJECT [VERB]" */
static enum error_code read_step(struct reading *r, char *time, char **save)
{
    char *tilde = strchr(time, '~'), *to = r->s->lines[r->s->line_count];
    const char *who = strtok_r(NULL, " \t", save);
    const char *object = strtok_r(NULL, " \t", save), *verb = strtok_r(NULL, " \t", save);
    double at_s, spread_s = 0;
    uint32_t from, last;
    enum error_code ec;

    if (tilde != NULL)
        *tilde = '\0';
    if (!parse_number(time, SCRIPT_TIME_MAX_S, &at_s) ||
        (tilde != NULL && !parse_number(tilde + 1, SCRIPT_TIME_MAX_S, &spread_s)))
        return refuse(r, "time must be seconds, or SECONDS~SPREAD");
    if (who == NULL || !find_homes(r, who, &from, &last))
        return refuse(r, "neither a circuit, nor a home, nor all");
    if (object == NULL || strtok_r(NULL, " \t", save) != NULL || !control_knows(object, verb))
        return refuse(r, "not a command of the control socket");
    snprintf(to, SCRIPT_LINE_MAX, "%s %s", object, verb != NULL ? verb : "");
    ec = add_steps(r, (uint64_t)(at_s * 1000), (uint64_t)(spread_s * 1000), from, last);
    r->s->line_count++;
    return ec;
}

static enum error_code read_line(struct reading *r, char *line)
{
    char *save = NULL, *word;

    line[strcspn(line, "#\r\n")] = '\0';
    word = strtok_r(line, " \t", &save);
    if (word == NULL)
        return EC_OK;
    if (r->s->line_count == SCRIPT_LINES_MAX)
        return refuse(r, "too many lines");
    return strcmp(word, "circuit") == 0 ? read_circuit(r, &save) : read_step(r, word, &save);
}

static int by_time(const void *a, const void *b)
{
    const struct script_step *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->home < y->home ? -1 : 1;
}

enum error_code script_load(struct script *s, const char *path, unsigned homes, uint64_t seed)
{
    struct reading r = {s, path, 0, homes, seed};
    enum error_code ec = EC_OK;
    char line[SCRIPT_LINE_MAX];
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        fprintf(stderr, "error=io could not open '%s': %s\n", path, strerror(errno));
        return EC_IO;
    }
    s->lines = calloc(SCRIPT_LINES_MAX, sizeof(*s->lines));
    s->circuits = calloc(SCRIPT_CIRCUITS_MAX, sizeof(*s->circuits));
    if (s->lines == NULL || s->circuits == NULL)
        ec = EC_NO_MEMORY;
    while (ec == EC_OK && fgets(line, sizeof(line), file) != NULL) {
        r.number++;
        ec = strchr(line, '\n') == NULL && !feof(file) ? refuse(&r, "line too long")
                                                       : read_line(&r, line);
    }
    fclose(file);
    if (ec == EC_OK && s->count > 0)
        qsort(s->steps, s->count, sizeof(*s->steps), by_time);
    return ec;
}

void script_done(struct script *s)
{
    free(s->steps);
    free(s->lines);
    free(s->circuits);
    memset(s, 0, sizeof(*s));
}

uint64_t script_due_ms(const struct script *s)
{
    return s->next < s->count ? s->steps[s->next].at_ms : UINT64_MAX;
}

void script_run(struct script *s, struct fleet *f, uint64_t now_ms)
{
    char line[SCRIPT_LINE_MAX + 16], answer[CONTROL_ANSWER_MAX];

    for (; script_due_ms(s) <= now_ms; s->next++) {
        const struct script_step *step = &s->steps[s->next];

        snprintf(line, sizeof(line), "%u %s", step->home, s->lines[step->line]);
        control_execute(&f->control, line, answer);
        if (strcmp(answer, "ok") != 0)
            fprintf(stderr, "home=%u event=script %s\n", step->home, answer);
    }
}
