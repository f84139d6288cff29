/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes.h"

/* @satisfies{FPT_TIME.1@1} */
bool dg_bytes_equal(dg_span a, dg_span b)
{
    uint8_t difference = 0U;

    if (a.size != b.size) {
        return false;
    }
    /*@ loop invariant 0 <= i <= a.size;
      @ loop assigns i, difference;
      @ loop variant a.size - i;
      @*/
    for (size_t i = 0U; i < a.size; i++) {
        difference |= (uint8_t)(a.at[i] ^ b.at[i]);
    }
    return difference == 0U;
}

void dg_bytes_wipe(void *at, size_t size)
{
    volatile uint8_t *byte = at;

    for (size_t i = 0U; i < size; i++) {
        byte[i] = 0U;
    }
}

uint16_t dg_bytes_get_u16(const uint8_t *at)
{
    return (uint16_t)(((unsigned)at[0] << 8) | at[1]);
}

uint32_t dg_bytes_get_u32(const uint8_t *at)
{
    return ((uint32_t)at[0] << 24) | ((uint32_t)at[1] << 16) |
           ((uint32_t)at[2] << 8) | (uint32_t)at[3];
}

void dg_bytes_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void dg_bytes_put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

uint32_t dg_bytes_crc32_more(uint32_t before, dg_span bytes)
{
    uint32_t crc = ~before;

    /*@ loop invariant 0 <= i <= bytes.size;
      @ loop assigns i, crc;
      @ loop variant bytes.size - i;
      @*/
    for (size_t i = 0U; i < bytes.size; i++) {
        crc ^= bytes.at[i];
        /*@ loop invariant 0 <= bit <= 8;
          @ loop assigns bit, crc;
          @ loop variant 8 - bit;
          @*/
        for (unsigned bit = 0U; bit < 8U; bit++) {
            const uint32_t low = crc & 1U;

            crc = (crc >> 1) ^ (0xEDB88320U & (0U - low));
        }
    }
    return ~crc;
}

uint32_t dg_bytes_crc32(dg_span bytes)
{
    return dg_bytes_crc32_more(0U, bytes);
}
