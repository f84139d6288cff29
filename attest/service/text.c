/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/text.h"

#include <string.h>

#define DAY_S 86400

void dg_text_put_hex(dg_span bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.size; i++) {
        text[2U * i] = digits[bytes.at[i] >> 4];
        text[(2U * i) + 1U] = digits[bytes.at[i] & 15U];
    }
    text[2U * bytes.size] = '\0';
}

static int nibble(char digit)
{
    if ((digit >= '0') && (digit <= '9')) {
        return digit - '0';
    }
    return ((digit >= 'a') && (digit <= 'f')) ? digit - 'a' + 10 : -1;
}

bool dg_text_get_hex(const char *text, dg_buf out)
{
    if (strlen(text) != 2U * out.capacity) {
        return false;
    }
    for (size_t i = 0; i < out.capacity; i++) {
        const int high = nibble(text[2U * i]);
        const int low = nibble(text[(2U * i) + 1U]);

        if ((high < 0) || (low < 0)) {
            return false;
        }
        out.at[i] = (uint8_t)((high * 16) + low);
    }
    return true;
}

void dg_text_put_base64(dg_span bytes, char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                                  "stuvwxyz0123456789+/";

    for (size_t at = 0; at < bytes.size; at += 3U) {
        const size_t left = bytes.size - at;
        const uint32_t bits =
            ((uint32_t)bytes.at[at] << 16) |
            ((left > 1U) ? ((uint32_t)bytes.at[at + 1U] << 8) : 0U) |
            ((left > 2U) ? (uint32_t)bytes.at[at + 2U] : 0U);

        text[0] = letters[bits >> 18];
        text[1] = letters[(bits >> 12) & 63U];
        text[2] = (left > 1U) ? letters[(bits >> 6) & 63U] : '=';
        text[3] = (left > 2U) ? letters[bits & 63U] : '=';
        text = &text[4];
    }
    *text = '\0';
}

static int six_bits(char letter)
{
    if ((letter >= 'A') && (letter <= 'Z')) {
        return letter - 'A';
    }
    if ((letter >= 'a') && (letter <= 'z')) {
        return letter - 'a' + 26;
    }
    if ((letter >= '0') && (letter <= '9')) {
        return letter - '0' + 52;
    }
    if (letter == '+') {
        return 62;
    }
    return (letter == '/') ? 63 : -1;
}

/* Four letters give up to three bytes; 0: they are none. */
static size_t take_four(const char *text, bool is_last, uint8_t three[3])
{
    uint32_t bits = 0;
    size_t letters = 4U;

    if (is_last && (text[3] == '=')) {
        letters = (text[2] == '=') ? 2U : 3U;
    }
    for (size_t i = 0; i < 4U; i++) {
        const int value = (i < letters) ? six_bits(text[i]) : 0;

        if (value < 0) {
            return 0U;
        }
        bits = (bits << 6) | (uint32_t)value;
    }
    three[0] = (uint8_t)(bits >> 16);
    three[1] = (uint8_t)(bits >> 8);
    three[2] = (uint8_t)bits;

    /* What is left over must be zero, or two texts would be one. */
    if (((letters == 2U) && ((bits & 0xffffU) != 0U)) ||
        ((letters == 3U) && ((bits & 0xffU) != 0U))) {
        return 0U;
    }
    return letters - 1U;
}

bool dg_text_get_base64(const char *text, dg_buf room, dg_span *bytes)
{
    const size_t size = strlen(text);
    size_t have = 0;

    if ((size == 0U) || ((size % 4U) != 0U)) {
        return false;
    }
    for (size_t at = 0; at < size; at += 4U) {
        uint8_t three[3];
        const size_t got = take_four(&text[at], at + 4U == size, three);

        if ((got == 0U) || (got > room.capacity - have)) {
            return false;
        }
        memcpy(&room.at[have], three, got);
        have += got;
    }
    *bytes = (dg_span){room.at, have};
    return true;
}

bool dg_text_get_number(const char *text, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;

    if (*text == '\0') {
        return false;
    }
    for (const char *at = text; *at != '\0'; at++) {
        const uint64_t digit = (uint64_t)(unsigned char)*at - (uint64_t)'0';

        if ((*at < '0') || (*at > '9') || (value > (max - digit) / 10U) ||
            (digit > max)) {
            return false;
        }
        value = (value * 10U) + digit;
    }
    *number = value;
    return true;
}

static bool is_leap(int year)
{
    return ((year % 4 == 0) && (year % 100 != 0)) || (year % 400 == 0);
}

/* Two digits, or -1. */
static int two(const char *text)
{
    return ((text[0] >= '0') && (text[0] <= '9') && (text[1] >= '0') &&
            (text[1] <= '9'))
               ? ((text[0] - '0') * 10) + (text[1] - '0')
               : -1;
}

bool dg_text_get_date(const char *text, int64_t *seconds)
{
    static const int before[12] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    static const int length[12] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if ((strlen(text) != 10U) || (text[4] != '-') || (text[7] != '-') ||
        (two(&text[0]) < 20) || (two(&text[2]) < 0)) {
        return false;
    }

    const int year = (two(&text[0]) * 100) + two(&text[2]);
    const int month = two(&text[5]);
    const int day = two(&text[8]);

    if ((month < 1) || (month > 12) || (day < 1)) {
        return false;
    }

    const bool has_29th = (month == 2) && is_leap(year);

    if (day > length[month - 1] + (has_29th ? 1 : 0)) {
        return false;
    }

    /* Leap days of the years before this one, counted from 1970. */
    const int past = year - 1;
    const int leaps = (past / 4) - (past / 100) + (past / 400) - 477;
    const int64_t days = (365LL * (year - 1970)) + leaps + before[month - 1] +
                         ((is_leap(year) && (month > 2)) ? 1 : 0) + day - 1;

    *seconds = days * DAY_S;
    return true;
}
