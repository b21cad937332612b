/* Proof of the qualification, by CBMC: no single sample, whatever it says, changes what is judged.
 */
#include "../../../device-fw/core/qual.c"

struct qual nondet_qual(void);
struct qual_sample nondet_sample(void);
uint64_t nondet_time(void);

#define ASSUME(condition)      __CPROVER_assume(condition)
#define PROVE(condition, what) __CPROVER_assert(condition, what)

/* A sample that says for every bit what is judged already. */
static int agrees(const struct qual *q, const struct qual_sample *s)
{
    int all = 1;

    for (int i = 0; i < QUAL_COUNT; i++)
        all &= (judgements[i].measure(s, q->bits[i].value) != 0) == q->bits[i].value;
    return all;
}

/* Settled on a sample, then any other one, then the first again, at any times: nothing changes. */
void prove_one_sample(void)
{
    struct qual q = nondet_qual();
    struct qual_sample usual = nondet_sample(), wrong = nondet_sample();
    uint64_t now_ms = nondet_time(), later_ms = nondet_time();

    for (int i = 0; i < QUAL_COUNT; i++) {
        ASSUME(q.bits[i].value <= 1 && q.bits[i].raw == q.bits[i].value);
        ASSUME(q.bits[i].raw_since_ms <= q.last_ms && q.bits[i].since_ms <= q.last_ms);
    }
    ASSUME(q.last_ms <= now_ms && now_ms <= later_ms);
    ASSUME(agrees(&q, &usual));

    struct qual before = q;

    qual_step(&q, &wrong, now_ms);
    for (int i = 0; i < QUAL_COUNT; i++)
        PROVE(q.bits[i].value == before.bits[i].value, "one sample judges nothing");
    qual_step(&q, &usual, later_ms);
    for (int i = 0; i < QUAL_COUNT; i++)
        PROVE(q.bits[i].value == before.bits[i].value && q.bits[i].raw == before.bits[i].value,
              "and leaves nothing behind");
}
