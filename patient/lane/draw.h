/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_DRAW_H
#define DG_PATIENT_LANE_DRAW_H

#include "patient/lane/elementary.h"

/* Counter-based random numbers for every lane: a function of (seed, person,
 * day, stream, index) alone, by Philox4x32-10 as in patient/random.h.
 *
 * The counter is, least significant word first: index, day, the person's low
 * 32 bits, and the stream with the person's next 24 bits above it.  Arms of a
 * trial share every stream but DG_LANE_STREAM_ATTACK, so they are paired. */

/* One stream per purpose; a number is never given to another purpose. */
enum dg_lane_stream {
    DG_LANE_STREAM_PERSON = 1,  /* who the person is                       */
    DG_LANE_STREAM_LIFE = 2,    /* meals, their count, boluses, exercise   */
    DG_LANE_STREAM_SENSOR = 3,  /* the sensor's noise, one index a sample  */
    DG_LANE_STREAM_FAULTS = 4,  /* when the sensor fails, and how          */
    DG_LANE_STREAM_PUMP = 5,    /* delivery error                          */
    DG_LANE_STREAM_ATTACK = 6,  /* what an attacker chooses at random      */
    DG_LANE_STREAM_FAILURE = 7, /* of phone, link or pump                  */
    DG_LANE_STREAM_RESCUE = 8,  /* the person's answer to a low            */
    DG_LANE_STREAM_WORN = 9,    /* which sensor the person wears           */
    DG_LANE_STREAM_HABITS = 10, /* missed and late boluses, miscounting    */
};

/* Who draws: the lanes' person numbers, 0 .. 2^56 - 1. */
struct dg_lane_people {
    ubits low;  /* the low 32 bits                                         */
    ubits high; /* the next 24                                             */
};

/* Four random words of 32 bits per lane, in the low half of a ubits. */
struct dg_lane_block {
    ubits word[4];
};

/* The people with numbers first, first + 1, .. in the lanes of a group. */
static inline struct dg_lane_people dg_lane_people_from(uint64_t first)
{
    dg_lane_uint low[DG_LANES];
    dg_lane_uint high[DG_LANES];

    for (unsigned int i = 0; i < DG_LANES; i++) {
        low[i] = (uint32_t)(first + i);
        high[i] = (uint32_t)((first + i) >> 32);
    }
    return (struct dg_lane_people){u_load(low), u_load(high)};
}

/* 64 bits per element whatever the reals are: a product of 32 by 32. */
typedef uint64_t dg_lane_wide DG_LANE_VECTOR;

#define LOW_WORD 0xFFFFFFFFU

/* The products of the low words; what is in the high words does not count. */
static inline dg_lane_wide wide_product(dg_lane_wide a, uint32_t b)
{
#if defined(__AVX512F__) && (DG_LANE_BYTES == 64)
    return (dg_lane_wide)_mm512_mul_epu32((__m512i)a,
                                          _mm512_set1_epi64((int64_t)b));
#elif defined(__AVX2__) && (DG_LANE_BYTES == 32)
    return (dg_lane_wide)_mm256_mul_epu32((__m256i)a,
                                          _mm256_set1_epi64x((int64_t)b));
#elif defined(__SSE2__) && (DG_LANE_BYTES == 16)
    return (dg_lane_wide)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x((int64_t)b));
#else
    return (a & (uint64_t)LOW_WORD) * (uint64_t)b;
#endif
}

/* Ten rounds on the low words; leaves anything in the high words. */
static inline void philox_rounds(dg_lane_wide c[4], uint64_t seed)
{
    /* source: Salmon et al., SC11, section 3.3. */
    uint32_t k0 = (uint32_t)seed;
    uint32_t k1 = (uint32_t)(seed >> 32);

    for (int round = 0; round < 10; round++) {
        const dg_lane_wide product_0 = wide_product(c[0], 0xD2511F53U);
        const dg_lane_wide product_1 = wide_product(c[2], 0xCD9E8D57U);

        c[0] = (product_1 >> 32) ^ c[1] ^ (uint64_t)k0;
        c[1] = product_1;
        c[2] = (product_0 >> 32) ^ c[3] ^ (uint64_t)k1;
        c[3] = product_0;
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
}

/**
 * One block of Philox4x32-10 per lane.
 *
 * @param counter  128 bits per lane, least significant word first; words in
 *                 the low 32 bits.
 * @param seed     The key, low word first.
 */
static inline struct dg_lane_block dg_lane_philox(const ubits counter[4],
                                                  uint64_t seed)
{
    struct dg_lane_block block;
    dg_lane_wide even[4];

#if defined(DG_LANE_FLOAT)
    dg_lane_wide odd[4];

    for (int i = 0; i < 4; i++) {
        even[i] = (dg_lane_wide)counter[i];
        odd[i] = even[i] >> 32;
    }
    philox_rounds(even, seed);
    philox_rounds(odd, seed);
    for (int i = 0; i < 4; i++) {
        block.word[i] =
            (ubits)((even[i] & (uint64_t)LOW_WORD) | (odd[i] << 32));
    }
#else
    for (int i = 0; i < 4; i++) {
        even[i] = (dg_lane_wide)counter[i];
    }
    philox_rounds(even, seed);
    for (int i = 0; i < 4; i++) {
        block.word[i] = (ubits)(even[i] & (uint64_t)LOW_WORD);
    }
#endif
    return block;
}

/**
 * Draw four words per lane.
 *
 * @param seed    The campaign.
 * @param people  Who.
 * @param day     Which day of the campaign.
 * @param stream  What for.
 * @param index   Which draw of that day and stream; may differ by lane.
 */
static inline struct dg_lane_block dg_lane_draw(
    uint64_t seed,
    const struct dg_lane_people *people,
    uint32_t day,
    enum dg_lane_stream stream,
    ubits index)
{
    const ubits counter[4] = {
        index,
        u_set(day),
        people->low,
        (people->high << 8) | (dg_lane_uint)stream,
    };

    return dg_lane_philox(counter, seed);
}

/**
 * A uniform variate from a word: the middle of one of 2^31 equal steps.
 *
 * Above 0; below 1 in double, at most 1 in float, whose rounding is the only
 * difference between the two.
 */
static inline vec v_uniform(ubits word)
{
    return (v_from_u31(word >> 1) + R(0.5)) * R(0x1p-31);
}

/**
 * Two independent standard normal variates from two words (Box and Muller):
 * |value| < 6.7.
 */
static inline void v_normal_pair(ubits radius, ubits turn, vec *one, vec *two)
{
    const vec length = v_sqrt(R(-2.0) * v_log(v_uniform(radius)));
    vec sine;
    vec cosine;

    v_sincos_turn(v_uniform(turn), &sine, &cosine);
    *one = length * cosine;
    *two = length * sine;
}

#endif
