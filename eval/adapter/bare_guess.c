/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dosegate/pairing_digits.h"
#include "eval/adapter/bare.h"
#include "eval/adapter/words.h"
#include "eval/hex.h"
#include "eval/jsonl.h"

/* One who tries to pair without the code: with what is printed on the unit,
 * made a secret of as factories have done it, with chance, and with digits. */
#define BURST     32U /* guesses before their answers are looked for */
#define LISTEN_MS 4
#define COUNT_MAX 1000000
#define PRINTED   16
#define NUMBERS   65536U /* of 16 bits, and of four digits */

struct guess {
    struct dg_pairing_code code;
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];
};

struct guesser {
    struct dg_bare *bare;
    struct dg_pairing_request request;
    struct guess burst[BURST];
    unsigned count; /* in this burst */
};

static void fill(uint8_t *to, size_t size, const uint8_t *from, size_t length)
{
    for (size_t at = 0U; at < size; at++) {
        to[at] = from[at % length];
    }
}

/* The n-th secret that can be made of what is printed on the unit. */
static void print_secret(const struct dg_bare *bare,
                         long long number,
                         struct dg_pairing_code *code)
{
    static const char *const defaults[] = {"0", "1", "1234", "123456"};
    const struct dg_crypto *crypto = &bare->crypto;
    const dg_span serial = DG_SPAN_OF(code->device.byte);
    const dg_span key = DG_SPAN_OF(code->device_key.x);
    struct dg_hash hash = {{0U}};

    memset(code->secret, 0, sizeof code->secret);
    switch (number % 8) {
    case 0:
        break;
    case 1:
        fill(code->secret, sizeof code->secret, serial.at, serial.size);
        break;
    case 2:
        memcpy(code->secret, serial.at, serial.size);
        break;
    case 3:
        (void)crypto->sha256(
            crypto->context, (number < 8) ? &serial : &key, 1U, &hash);
        memcpy(code->secret, hash.byte, sizeof code->secret);
        break;
    default:
        fill(code->secret,
             sizeof code->secret,
             (const uint8_t *)defaults[number % 4],
             strlen(defaults[number % 4]));
        break;
    }
}

/* Whether one of the burst's guesses was let in. */
static bool is_let_in(struct guesser *guesser, int ms)
{
    uint8_t in[DG_DATAGRAM_MAX];
    const long long until_ms = dg_clock_ms() + ms;
    dg_span datagram = {NULL, 0U};
    struct dg_pairing_answer answer;

    while (dg_bare_receive(guesser->bare, DG_BUF_OF(in), until_ms, &datagram)) {
        for (unsigned i = 0U; i < guesser->count; i++) {
            const struct guess *guess = &guesser->burst[i];

            if (dg_pairing_answer_open(&guesser->bare->crypto,
                                       &guess->code,
                                       guess->nonce,
                                       datagram,
                                       &answer) == DG_OK) {
                return dg_bare_pairing_end(guesser->bare,
                                           &guess->code,
                                           &guesser->request,
                                           &answer) == NULL;
            }
        }
    }
    return false;
}

static bool send_guess(struct guesser *guesser,
                       const struct dg_pairing_code *code)
{
    struct dg_bare *bare = guesser->bare;
    struct guess *guess = &guesser->burst[guesser->count % BURST];
    uint8_t out[DG_PAIRING_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    guess->code = *code;
    if ((bare->crypto.random(bare->crypto.context, DG_BUF_OF(guess->nonce)) !=
         DG_OK) ||
        (dg_pairing_request_seal(&bare->crypto,
                                 code,
                                 guess->nonce,
                                 &guesser->request,
                                 DG_BUF_OF(out),
                                 &datagram) != DG_OK)) {
        return false;
    }
    guesser->count++;
    return dg_link_send(&bare->link, NULL, datagram) == DG_OK;
}

/* One try at the digits as far as one comes who does not know them: a share of
 * a number of one's own, which is what a device has to count. */
static bool send_digits(struct guesser *guesser)
{
    struct dg_bare *bare = guesser->bare;
    uint8_t hello[2] = {DG_PAIRING_HELLO_TYPE, DG_PAIRING_VERSION};
    uint8_t share[DG_PAIRING_SHARE_DATAGRAM] = {DG_PAIRING_SHARE_TYPE, 4U};
    struct dg_secret secret;
    struct dg_public_key point;

    if (bare->crypto.p256_generate(bare->crypto.context, &secret, &point) !=
        DG_OK) {
        return false;
    }
    memcpy(&share[2], point.x, sizeof point.x);
    memcpy(&share[2U + sizeof point.x], point.y, sizeof point.y);
    return (dg_link_send(&bare->link, NULL, DG_SPAN_OF(hello)) == DG_OK) &&
           (dg_link_send(&bare->link, NULL, DG_SPAN_OF(share)) == DG_OK);
}

/* {"do":"guess", "how":"printed"|"random"|"digits", "from":n, "count":n} */
json_t *dg_bare_guess(struct dg_bare *bare, const json_t *order)
{
    const char *how = json_string_value(json_object_get(order, "how"));
    const json_int_t from = json_integer_value(json_object_get(order, "from"));
    const json_int_t count =
        json_integer_value(json_object_get(order, "count"));
    struct guesser guesser = {.bare = bare};
    bool is_sent = true;

    if ((how == NULL) || (count < 1) || (count > COUNT_MAX) || (from < 0)) {
        return dg_words_failure(
            "guess needs \"how\": printed, random or digits, and \"count\", 1 "
            "to 1000000");
    }
    if (dg_bare_pairing_begin(bare, "owner", &guesser.request) != NULL) {
        return dg_words_failure("no keys could be made");
    }
    for (json_int_t i = 0; (i < count) && is_sent; i++) {
        struct dg_pairing_code code = {.device = bare->phone.device,
                                       .device_key = bare->phone.device_key};

        if (strcmp(how, "digits") == 0) {
            is_sent = send_digits(&guesser);
            (void)is_let_in(&guesser, LISTEN_MS);
            continue;
        }
        if (strcmp(how, "printed") == 0) {
            print_secret(bare, from + i, &code);
        } else {
            is_sent = bare->crypto.random(bare->crypto.context,
                                          DG_BUF_OF(code.secret)) == DG_OK;
        }
        is_sent = is_sent && send_guess(&guesser, &code);
        if ((guesser.count == BURST) || (i == (count - 1))) {
            if (is_let_in(&guesser, LISTEN_MS)) {
                return dg_words_result("paired");
            }
            guesser.count = 0U;
        }
    }
    return is_sent ? dg_words_result("refused")
                   : dg_words_failure("a guess could not be sent");
}

/* Offline ------------------------------------------------------------------ */

static bool opens(struct dg_bare *bare,
                  const struct dg_pairing_code *code,
                  dg_span datagram)
{
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];
    struct dg_pairing_request request;

    return dg_pairing_request_open(
               &bare->crypto, code, datagram, nonce, &request) == DG_OK;
}

/* Every code that is short enough to be tried out, on one recorded request. */
static bool is_cracked(struct dg_bare *bare, dg_span datagram)
{
    struct dg_pairing_code code = {.device = bare->phone.device,
                                   .device_key = bare->phone.device_key};
    bool is_open = false;

    for (long long i = 0; (i < PRINTED) && !is_open; i++) {
        print_secret(bare, i, &code);
        is_open = opens(bare, &code, datagram);
    }
    for (unsigned number = 0U; (number < NUMBERS) && !is_open; number++) {
        memset(code.secret, 0, sizeof code.secret);
        code.secret[sizeof code.secret - 2U] = (uint8_t)(number >> 8);
        code.secret[sizeof code.secret - 1U] = (uint8_t)number;
        is_open = opens(bare, &code, datagram);
        if (!is_open && (number < 10000U)) {
            const uint8_t digits[4] = {(uint8_t)('0' + (number / 1000U)),
                                       (uint8_t)('0' + (number / 100U % 10U)),
                                       (uint8_t)('0' + (number / 10U % 10U)),
                                       (uint8_t)('0' + (number % 10U))};

            fill(code.secret, sizeof code.secret, digits, sizeof digits);
            is_open = opens(bare, &code, datagram);
        }
    }
    return is_open;
}

json_t *dg_bare_crack(struct dg_bare *bare, const json_t *order)
{
    const json_t *frames = json_object_get(order, "frames");
    bool is_open = false;

    for (size_t i = 0U; (i < json_array_size(frames)) && !is_open; i++) {
        const char *hex = json_string_value(json_array_get(frames, i));
        uint8_t byte[DG_PAIRING_DATAGRAM_MAX];
        const size_t size = (hex == NULL) ? 0U : (strlen(hex) / 2U);

        if ((size > 0U) && (size <= sizeof byte) &&
            dg_hex_get(hex, (dg_buf){byte, size}) &&
            (byte[0] == DG_PAIRING_REQUEST_TYPE)) {
            is_open = is_cracked(bare, (dg_span){byte, size});
        }
    }
    return dg_words_result(is_open ? "cracked" : "refused");
}
