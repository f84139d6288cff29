/* SPDX-License-Identifier: Apache-2.0 */
#include "p256_scalar.h"

#include "bytes.h"

#define WORDS 9U /* 256 bits, and the one that doubling may carry into */

/* Order of P-256 (SEC 2, 2.4.2), least word first. */
static const uint32_t order_n[WORDS] = {0xFC632551U,
                                        0xF3B9CAC2U,
                                        0xA7179E84U,
                                        0xBCE6FAADU,
                                        0xFFFFFFFFU,
                                        0xFFFFFFFFU,
                                        0x00000000U,
                                        0xFFFFFFFFU,
                                        0x00000000U};

/* rest = 2 rest + bit; rest < n before, so it fits. */
static void shift_in(uint32_t rest[WORDS], uint32_t bit)
{
    uint32_t carry = bit;

    for (size_t i = 0U; i < WORDS; i++) {
        const uint32_t next = rest[i] >> 31;

        rest[i] = (rest[i] << 1) | carry;
        carry = next;
    }
}

/* rest = rest mod n, for rest < 2 n: subtract, and keep which of the two did
 * not borrow, by mask. */
static void subtract_once(uint32_t rest[WORDS])
{
    uint32_t less[WORDS];
    uint32_t borrow = 0U;

    for (size_t i = 0U; i < WORDS; i++) {
        const uint64_t difference =
            (uint64_t)rest[i] - (uint64_t)order_n[i] - (uint64_t)borrow;

        less[i] = (uint32_t)difference;
        borrow = (uint32_t)(difference >> 63);
    }

    const uint32_t keep = 0U - borrow;

    for (size_t i = 0U; i < WORDS; i++) {
        rest[i] = (rest[i] & keep) | (less[i] & ~keep);
    }
    dg_bytes_wipe(less, sizeof less);
}

/* @satisfies{FPT_TIME.1@1} */
void dg_p256_reduce(const uint8_t wide[DG_P256_WIDE_SIZE],
                    struct dg_secret *scalar)
{
    uint32_t rest[WORDS] = {0U};

    for (size_t bit = 0U; bit < ((size_t)8U * DG_P256_WIDE_SIZE); bit++) {
        const uint32_t byte = wide[bit / 8U];

        shift_in(rest, (byte >> (7U - (bit % 8U))) & 1U);
        subtract_once(rest);
    }
    for (size_t i = 0U; i < (WORDS - 1U); i++) {
        dg_bytes_put_u32(&scalar->byte[4U * i], rest[WORDS - 2U - i]);
    }
    dg_bytes_wipe(rest, sizeof rest);
}
