/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_REAL_H
#define DG_PATIENT_LANE_REAL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* Vectors of people: every line of a kernel works on DG_LANES people at once.
 *
 * How a kernel is built: it is `static inline` in a header of this folder, and
 * a file that includes it is compiled once per precision and instruction set
 * (cmake/DosegateLanes.cmake: DG_LANE_FLOAT chooses float, else double; the
 * set gives the width).  Its exported symbols are spelled DG_LANE_NAME(stem),
 * so that all variants live in one program.  A file that does not care gets
 * double and the width that its target has anyway.
 *
 * The rule that makes results the same bits everywhere: only +, -, *, /, sqrt,
 * comparison, integers and bits, each lane for itself; no fused multiply-add
 * (-ffp-contract=off), no fast-math, and no function of libm on the way to a
 * result (elementary.h has ours).  Where a lane may take a cheaper way, the
 * condition is the lane's own: both ways are computed if lanes disagree, and
 * neither the width nor the neighbours show in what a lane gets.
 *
 * Tile: DG_TILE people, the person with number i in tile i / DG_TILE, lane
 * i % DG_TILE.  A tile is an array of DG_GROUPS groups; a group is a struct
 * whose members are all vectors (`vec`, `bits`, `ubits`) of DG_LANES people:
 *
 *     struct tile { struct dg_lane_thing thing[DG_GROUPS]; };
 *     for (int g = 0; g < DG_GROUPS; g++) { thing_minute(&thing[g], ...); }
 *
 * One group's state stays in registers and first-level cache during a minute.
 * v[i] reads or writes lane i of any vector.  Memory that holds vectors must
 * be aligned to DG_LANE_BYTES. */

#define DG_TILE 16

#if !defined(DG_LANE_BYTES)
#if defined(__AVX512F__)
#define DG_LANE_BYTES 64
#elif defined(__AVX2__)
#define DG_LANE_BYTES 32
#else
#define DG_LANE_BYTES 16
#endif
#endif

#if defined(DG_LANE_FLOAT)
typedef float dg_real;
typedef int32_t dg_lane_int;
typedef uint32_t dg_lane_uint;
#define DG_LANES         (DG_LANE_BYTES / 4)
#define DG_LANE_REAL     float
#define DG_REAL_MANTISSA 23
#define DG_REAL_BIAS     127
#else
typedef double dg_real;
typedef int64_t dg_lane_int;
typedef uint64_t dg_lane_uint;
#define DG_LANES         (DG_LANE_BYTES / 8)
#define DG_LANE_REAL     double
#define DG_REAL_MANTISSA 52
#define DG_REAL_BIAS     1023
#endif

#define DG_GROUPS (DG_TILE / DG_LANES)

/* The set a variant is built for; the build gives it, for the name only. */
#if !defined(DG_LANE_ISA)
#define DG_LANE_ISA base
#endif
#define DG_LANE_PASTE_3(a, b, c) a##_##b##_##c
#define DG_LANE_PASTE(a, b, c)   DG_LANE_PASTE_3(a, b, c)
#define DG_LANE_NAME(stem)       DG_LANE_PASTE(stem, DG_LANE_REAL, DG_LANE_ISA)

#define DG_LANE_VECTOR __attribute__((vector_size(DG_LANE_BYTES)))

/* A real number per lane. */
typedef dg_real vec DG_LANE_VECTOR;
/* What a comparison gives: all ones or all zeros per lane; also a signed
 * integer as wide as the real. */
typedef dg_lane_int bits DG_LANE_VECTOR;
/* An unsigned integer as wide as the real; random words use its low half. */
typedef dg_lane_uint ubits DG_LANE_VECTOR;

/* A constant of the precision that is compiled: R(0.1). */
#define R(constant) ((dg_real)(constant))

/* The same value in every lane. */
static inline vec v_set(dg_real value)
{
    return value - (vec){0};
}

static inline bits b_set(dg_lane_int value)
{
    return value - (bits){0};
}

static inline ubits u_set(dg_lane_uint value)
{
    return value - (ubits){0};
}

/* Vectors from and to DG_LANES numbers in memory, aligned or not. */
static inline vec v_load(const dg_real *from)
{
    vec value;

    memcpy(&value, from, sizeof value);
    return value;
}

static inline void v_store(dg_real *to, vec value)
{
    memcpy(to, &value, sizeof value);
}

static inline ubits u_load(const dg_lane_uint *from)
{
    ubits value;

    memcpy(&value, from, sizeof value);
    return value;
}

/* Where the mask is set `yes`, else `no`. */
static inline vec v_select(bits mask, vec yes, vec no)
{
#if defined(__AVX512F__) && (DG_LANE_BYTES == 64)
    return (vec)_mm512_ternarylogic_epi64(
        (__m512i)mask, (__m512i)yes, (__m512i)no, 0xCA);
#elif defined(__AVX2__) && (DG_LANE_BYTES == 32)
    return (vec)_mm256_blendv_epi8((__m256i)no, (__m256i)yes, (__m256i)mask);
#else
    return (vec)(((bits)yes & mask) | ((bits)no & ~mask));
#endif
}

/* The value where the mask is set, else +0. */
static inline vec v_keep(bits mask, vec value)
{
    return (vec)((bits)value & mask);
}

static inline ubits u_select(bits mask, ubits yes, ubits no)
{
    return (yes & (ubits)mask) | (no & ~(ubits)mask);
}

/* The smaller; `b` if either is not a number. */
static inline vec v_min(vec a, vec b)
{
#if defined(__AVX512F__) && (DG_LANE_BYTES == 64)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm512_min_ps((__m512)a, (__m512)b);
#else
    return (vec)_mm512_min_pd((__m512d)a, (__m512d)b);
#endif
#elif defined(__AVX2__) && (DG_LANE_BYTES == 32)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return (vec)_mm256_min_pd((__m256d)a, (__m256d)b);
#endif
#else
    return v_select(a < b, a, b);
#endif
}

/* The larger; `b` if either is not a number. */
static inline vec v_max(vec a, vec b)
{
#if defined(__AVX512F__) && (DG_LANE_BYTES == 64)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#else
    return (vec)_mm512_max_pd((__m512d)a, (__m512d)b);
#endif
#elif defined(__AVX2__) && (DG_LANE_BYTES == 32)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return (vec)_mm256_max_pd((__m256d)a, (__m256d)b);
#endif
#else
    return v_select(a > b, a, b);
#endif
}

/* Into low .. high; not a number becomes `low`. */
static inline vec v_clamp(vec value, dg_real low, dg_real high)
{
    return v_min(v_max(value, v_set(low)), v_set(high));
}

static inline vec v_abs(vec value)
{
    const dg_lane_int sign =
        (dg_lane_int)((dg_lane_uint)1 << (8 * sizeof(dg_real) - 1));

    return (vec)((bits)value & ~sign);
}

/* The size of `value` with the sign of `sign`. */
static inline vec v_copysign(vec value, vec sign)
{
    const dg_lane_int bit =
        (dg_lane_int)((dg_lane_uint)1 << (8 * sizeof(dg_real) - 1));

    return (vec)(((bits)value & ~bit) | ((bits)sign & bit));
}

/* Correctly rounded. */
static inline vec v_sqrt(vec value)
{
#if defined(__AVX512F__) && (DG_LANE_BYTES == 64)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm512_sqrt_ps((__m512)value);
#else
    return (vec)_mm512_sqrt_pd((__m512d)value);
#endif
#elif defined(__AVX2__) && (DG_LANE_BYTES == 32)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm256_sqrt_ps((__m256)value);
#else
    return (vec)_mm256_sqrt_pd((__m256d)value);
#endif
#elif defined(__SSE2__) && (DG_LANE_BYTES == 16)
#if defined(DG_LANE_FLOAT)
    return (vec)_mm_sqrt_ps((__m128)value);
#else
    return (vec)_mm_sqrt_pd((__m128d)value);
#endif
#else
    vec root = {0};

    for (int i = 0; i < DG_LANES; i++) {
#if defined(DG_LANE_FLOAT)
        root[i] = __builtin_sqrtf(value[i]);
#else
        root[i] = __builtin_sqrt(value[i]);
#endif
    }
    return root;
#endif
}

/* True if any lane of the mask is set.  May choose a way through the code only
 * where every way gives a lane the same bits. */
static inline bool b_any(bits mask)
{
#if defined(__AVX512F__) && (DG_LANE_BYTES == 64)
    return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__) && (DG_LANE_BYTES == 32)
    return _mm256_movemask_epi8((__m256i)mask) != 0;
#elif defined(__SSE2__) && (DG_LANE_BYTES == 16)
    return _mm_movemask_epi8((__m128i)mask) != 0;
#else
    dg_lane_int any = 0;

    for (int i = 0; i < DG_LANES; i++) {
        any |= mask[i];
    }
    return any != 0;
#endif
}

static inline bool b_all(bits mask)
{
    return !b_any(~mask);
}

/* True per lane if the value is neither infinite nor not a number. */
static inline bits v_is_finite(vec value)
{
    return (value - value) == v_set(R(0.0));
}

/* The nearest whole number, halves to even; |value| below 2^22 (float) or
 * 2^51 (double). */
static inline vec v_round(vec value)
{
    /* Adding it pushes the fraction out at the bottom. */
    const dg_real shift =
        R(1.5) * (dg_real)((dg_lane_uint)1 << DG_REAL_MANTISSA);

    return (value + shift) - shift;
}

/* The largest whole number that is not above the value; range as v_round(). */
static inline vec v_floor(vec value)
{
    const vec near = v_round(value);

    return near - v_keep(near > value, v_set(R(1.0)));
}

/* A whole number 0 .. 2^31 - 1 per lane as a real; float rounds above 2^24. */
static inline vec v_from_u31(ubits value)
{
#if defined(DG_LANE_FLOAT)
    return __builtin_convertvector((bits)value, vec);
#else
    /* Below the 52 bits of a mantissa whose exponent makes them whole. */
    const dg_lane_uint exponent = (dg_lane_uint)(DG_REAL_BIAS + 52) << 52;

    return (vec)(value | exponent) - 0x1p52;
#endif
}

/* A real that holds a whole number -2^21 .. 2^21 per lane as an integer. */
static inline bits b_from_v(vec value)
{
    const dg_real shift =
        R(1.5) * (dg_real)((dg_lane_uint)1 << DG_REAL_MANTISSA);

    return (bits)(value + shift) - (bits)v_set(shift);
}

#endif
