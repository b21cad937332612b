/* Places of the program that can fail. */
#include "place.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

enum { MOST = 1024 };

struct place {
    int is_statement;
    uintptr_t address; /* of an allocation */
    char text[PLACE_TEXT];
    unsigned failed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[MOST];
static int count;
static const struct place *last;

static int is_same(const struct place *p, int is_statement, const void *key)
{
    if (p->is_statement != is_statement)
        return 0;
    return is_statement ? strncmp(p->text, key, PLACE_TEXT - 1) == 0 : p->address == (uintptr_t)key;
}

static int find(int is_statement, const void *key)
{
    struct place *p;
    int i = 0;

    while (i < count && !is_same(&places[i], is_statement, key))
        i++;
    if (i < count || i == MOST)
        return i < MOST ? i : -1;
    p = &places[count++];
    p->is_statement = is_statement;
    if (is_statement)
        snprintf(p->text, PLACE_TEXT, "%s", (const char *)key);
    else
        p->address = (uintptr_t)key;
    return i;
}

int place_note(int is_statement, const void *key)
{
    int i;

    pthread_mutex_lock(&lock);
    i = find(is_statement, key);
    pthread_mutex_unlock(&lock);
    return i;
}

void place_fail(int place)
{
    pthread_mutex_lock(&lock);
    if (place >= 0) {
        places[place].failed++;
        last = &places[place];
    }
    pthread_mutex_unlock(&lock);
}

int place_count(void)
{
    return count;
}

int place_is_statement(int place)
{
    return places[place].is_statement;
}

/* FNV-1a of the text, or of where in the program it is, wherever that was loaded. */
unsigned place_hash(int place)
{
    extern const char __executable_start;
    const struct place *p = &places[place];
    uint32_t h = 2166136261u;

    if (!p->is_statement)
        return (unsigned)(p->address - (uintptr_t)&__executable_start) >> 2;
    for (const char *c = p->text; *c != '\0'; c++)
        h = (h ^ (uint8_t)*c) * 16777619u;
    return h >> 4;
}

static const char *describe(const struct place *p)
{
    static char text[256];

    if (p->is_statement)
        return p->text;
    snprintf(text, sizeof(text), "%#lx", (unsigned long)p->address);
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_symbolize_pc((char *)p->address - 1, "%f %S", text, sizeof(text));
#endif
    return text;
}

void place_print(void)
{
    for (int i = 0; i < count; i++)
        printf("place\t%u\t%s\n", places[i].failed, describe(&places[i]));
}

const char *place_last(void)
{
    return last ? describe(last) : "nothing";
}
