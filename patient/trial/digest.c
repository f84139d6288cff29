/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/digest.h"

#include <string.h>

/* source: FIPS 180-4, 4.2.2 and 5.3.3. */
static const uint32_t round_constant[64] = {
    0x428A2F98U, 0x71374491U, 0xB5C0FBCFU, 0xE9B5DBA5U, 0x3956C25BU,
    0x59F111F1U, 0x923F82A4U, 0xAB1C5ED5U, 0xD807AA98U, 0x12835B01U,
    0x243185BEU, 0x550C7DC3U, 0x72BE5D74U, 0x80DEB1FEU, 0x9BDC06A7U,
    0xC19BF174U, 0xE49B69C1U, 0xEFBE4786U, 0x0FC19DC6U, 0x240CA1CCU,
    0x2DE92C6FU, 0x4A7484AAU, 0x5CB0A9DCU, 0x76F988DAU, 0x983E5152U,
    0xA831C66DU, 0xB00327C8U, 0xBF597FC7U, 0xC6E00BF3U, 0xD5A79147U,
    0x06CA6351U, 0x14292967U, 0x27B70A85U, 0x2E1B2138U, 0x4D2C6DFCU,
    0x53380D13U, 0x650A7354U, 0x766A0ABBU, 0x81C2C92EU, 0x92722C85U,
    0xA2BFE8A1U, 0xA81A664BU, 0xC24B8B70U, 0xC76C51A3U, 0xD192E819U,
    0xD6990624U, 0xF40E3585U, 0x106AA070U, 0x19A4C116U, 0x1E376C08U,
    0x2748774CU, 0x34B0BCB5U, 0x391C0CB3U, 0x4ED8AA4AU, 0x5B9CCA4FU,
    0x682E6FF3U, 0x748F82EEU, 0x78A5636FU, 0x84C87814U, 0x8CC70208U,
    0x90BEFFFAU, 0xA4506CEBU, 0xBEF9A3F7U, 0xC67178F2U};

static uint32_t turn(uint32_t word, unsigned by)
{
    return (word >> by) | (word << (32U - by));
}

static void expand(const uint8_t block[64], uint32_t word[64])
{
    for (unsigned i = 0U; i < 16U; i++) {
        word[i] = ((uint32_t)block[4U * i] << 24) |
                  ((uint32_t)block[(4U * i) + 1U] << 16) |
                  ((uint32_t)block[(4U * i) + 2U] << 8) |
                  (uint32_t)block[(4U * i) + 3U];
    }
    for (unsigned i = 16U; i < 64U; i++) {
        const uint32_t a = word[i - 15U];
        const uint32_t b = word[i - 2U];

        word[i] = word[i - 16U] + (turn(a, 7U) ^ turn(a, 18U) ^ (a >> 3)) +
                  word[i - 7U] + (turn(b, 17U) ^ turn(b, 19U) ^ (b >> 10));
    }
}

static void compress(uint32_t state[8], const uint8_t block[64])
{
    uint32_t word[64];
    uint32_t s[8];

    expand(block, word);
    memcpy(s, state, sizeof s);
    for (unsigned i = 0U; i < 64U; i++) {
        const uint32_t e = s[4];
        const uint32_t a = s[0];
        const uint32_t one =
            s[7] + (turn(e, 6U) ^ turn(e, 11U) ^ turn(e, 25U)) +
            ((e & s[5]) ^ (~e & s[6])) + round_constant[i] + word[i];
        const uint32_t two = (turn(a, 2U) ^ turn(a, 13U) ^ turn(a, 22U)) +
                             ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

        memmove(&s[1], &s[0], 7U * sizeof s[0]);
        s[4] += one;
        s[0] = one + two;
    }
    for (unsigned i = 0U; i < 8U; i++) {
        state[i] += s[i];
    }
}

void dg_trial_digest_start(struct dg_trial_digest *digest)
{
    static const uint32_t start[8] = {0x6A09E667U,
                                      0xBB67AE85U,
                                      0x3C6EF372U,
                                      0xA54FF53AU,
                                      0x510E527FU,
                                      0x9B05688CU,
                                      0x1F83D9ABU,
                                      0x5BE0CD19U};

    memset(digest, 0, sizeof *digest);
    memcpy(digest->state, start, sizeof start);
}

void dg_trial_digest_add(struct dg_trial_digest *digest,
                         const void *bytes,
                         size_t count)
{
    const uint8_t *from = bytes;

    while (count > 0U) {
        const size_t at = (size_t)(digest->bytes % 64U);
        const size_t room = 64U - at;
        const size_t part = (count < room) ? count : room;

        memcpy(&digest->block[at], from, part);
        digest->bytes += part;
        from += part;
        count -= part;
        if ((digest->bytes % 64U) == 0U) {
            compress(digest->state, digest->block);
        }
    }
}

void dg_trial_digest_end(struct dg_trial_digest *digest, uint8_t out[32])
{
    const uint64_t bits = digest->bytes * 8U;
    const uint8_t one = 0x80U;
    const uint8_t zero = 0U;
    uint8_t length[8];

    dg_trial_digest_add(digest, &one, 1U);
    while ((digest->bytes % 64U) != 56U) {
        dg_trial_digest_add(digest, &zero, 1U);
    }
    for (unsigned i = 0U; i < 8U; i++) {
        length[i] = (uint8_t)(bits >> (56U - (8U * i)));
    }
    dg_trial_digest_add(digest, length, sizeof length);
    for (unsigned i = 0U; i < 32U; i++) {
        out[i] = (uint8_t)(digest->state[i / 4U] >> (24U - (8U * (i % 4U))));
    }
}

void dg_trial_digest_words(struct dg_trial_digest *digest,
                           const uint64_t *words,
                           size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        uint8_t bytes[8];

        for (unsigned k = 0U; k < 8U; k++) {
            bytes[k] = (uint8_t)(words[i] >> (8U * k));
        }
        dg_trial_digest_add(digest, bytes, sizeof bytes);
    }
}

void dg_trial_digest_text(struct dg_trial_digest *digest, const char *text)
{
    dg_trial_digest_add(digest, text, strlen(text) + 1U);
}
