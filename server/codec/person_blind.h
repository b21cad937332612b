/* The blind index of persons: keyed digests of what they may be found by. Without the key nobody
 * can tell what a digest is of, nor guess and try; with it, whole words are found and parts of
 * words are not. */
#ifndef BPTM_PERSON_BLIND_H
#define BPTM_PERSON_BLIND_H

#include "codec/person_seal.h"

enum { PERSON_BLIND_MAX = PERSON_WORDS_MAX + 2 };

/** Digests, each once: of a person as they are stored, or of what somebody looks for. */
struct person_blind {
    size_t count;
    int64_t at[PERSON_BLIND_MAX];
};

/** What a person may be found by, under a key of the index: each word of the name, the e-mail
 * address, the telephone number. Texts may be NULL. */
void person_blind_of(const uint8_t index[PERSON_KEY_LEN], const char *name, const char *email,
                     const char *phone, struct person_blind *ret);

/** What somebody looks for: words of a name, all of which must be there, or one address or number.
 */
struct person_sought {
    struct person_blind words; /* none: nothing that could be a name */
    struct person_blind other; /* the address or number; any of them will do */
};

void person_blind_sought(const uint8_t index[PERSON_KEY_LEN], const char *text,
                         struct person_sought *ret);

#endif
