/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/variates.h"

#include "patient/lane/draw.h"
#include "patient/random.h"

double dg_plain_exp(double value)
{
    return v_exp(v_set(R(value)))[0];
}

double dg_plain_sqrt(double value)
{
    return v_sqrt(v_set(R(value)))[0];
}

struct dg_variates dg_variates_begin(uint64_t seed,
                                     uint64_t person,
                                     uint32_t stream,
                                     uint32_t day)
{
    return (struct dg_variates){
        .seed = seed, .person = person, .stream = stream, .day = day};
}

static void next_block(struct dg_variates *from, uint32_t word[4])
{
    const uint32_t key[2] = {(uint32_t)from->seed,
                             (uint32_t)(from->seed >> 32)};
    const uint32_t counter[4] = {from->index,
                                 from->day,
                                 (uint32_t)from->person,
                                 (uint32_t)(from->person >> 32) << 8 |
                                     from->stream};

    dg_philox4x32(counter, key, word);
    from->index++;
}

double dg_variates_uniform(struct dg_variates *from)
{
    uint32_t word[4];

    next_block(from, word);
    return v_uniform(u_set(word[0]))[0];
}

double dg_variates_normal(struct dg_variates *from)
{
    if (from->left == 0) {
        uint32_t word[4];

        next_block(from, word);
        for (unsigned int k = 0; k < 4; k += 2) {
            vec one;
            vec two;

            v_normal_pair(u_set(word[k]), u_set(word[k + 1]), &one, &two);
            from->normal[k] = one[0];
            from->normal[k + 1] = two[0];
        }
        from->left = 4;
    }
    from->left--;
    return from->normal[from->left];
}

double dg_variates_log_normal(struct dg_variates *from,
                              double median,
                              double sd)
{
    return median * dg_plain_exp(sd * dg_variates_normal(from));
}
