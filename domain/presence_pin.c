/* SPDX-License-Identifier: Apache-2.0 */
#include "presence_pin.h"

#include <string.h>

#define FILE_NAME "pin"
#define FORMAT    1U
/* version, set, failures, counter, salt, verifier */
#define STATE_SIZE (1U + 1U + 1U + 8U + 16U + DG_HASH_SIZE)

/* Against whoever has the unsealed verifier a short PIN does not last whatever
 * this number is: the seal protects it, this only slows down.  PBKDF2 with one
 * block, RFC 8018. */
#define ROUNDS 4096U

/* Seconds without a try after so many wrong ones.  source: ours; three free
 * slips, then from half a minute to an hour. */
static const uint16_t wait_s[DG_PIN_FAILURES_MAX] = {
    0, 0, 0, 30, 60, 300, 900, 3600, 3600, 3600};

static bool is_pin(const char *text)
{
    const size_t size = (text == NULL) ? 0U : strlen(text);

    return (size >= DG_PIN_DIGITS_MIN) && (size <= DG_PIN_DIGITS_MAX) &&
           (strspn(text, "0123456789") == size);
}

static void set_wait(struct dg_presence *presence, int64_t now_ms)
{
    const uint8_t failures = presence->pin.failures;

    presence->wait_until_ms =
        now_ms +
        ((failures < DG_PIN_FAILURES_MAX) ? 1000LL * wait_s[failures] : 0);
}

static enum dg_status save(const struct dg_presence *presence)
{
    const struct dg_pin *pin = &presence->pin;
    uint8_t image[STATE_SIZE] = {FORMAT, pin->is_set ? 1U : 0U, pin->failures};

    for (unsigned i = 0; i < 8U; i++) {
        image[3U + i] = (uint8_t)(pin->count >> (56U - (8U * i)));
    }
    memcpy(&image[11], pin->salt, sizeof(pin->salt));
    memcpy(&image[27], pin->verifier.byte, sizeof(pin->verifier.byte));

    const enum dg_status status =
        dg_vault_write(presence->vault, FILE_NAME, DG_SPAN_OF(image));

    explicit_bzero(image, sizeof(image));
    return (status == DG_OK) ? DG_OK : DG_E_PORT;
}

static bool parse(const uint8_t image[STATE_SIZE], struct dg_pin *pin)
{
    memset(pin, 0, sizeof(*pin));
    if ((image[0] != FORMAT) || (image[1] > 1U) ||
        (image[2] > DG_PIN_FAILURES_MAX)) {
        return false;
    }
    pin->is_set = image[1] == 1U;
    pin->failures = image[2];
    for (unsigned i = 0; i < 8U; i++) {
        pin->count = (pin->count << 8U) | image[3U + i];
    }
    memcpy(pin->salt, &image[11], sizeof(pin->salt));
    memcpy(pin->verifier.byte, &image[27], sizeof(pin->verifier.byte));
    return true;
}

/* What the keystore has counted beyond our file: tries whose files were put
 * back, or that a power cut ended. */
static enum dg_status compare_count(struct dg_presence *presence)
{
    struct dg_pin *pin = &presence->pin;
    uint64_t count = 0;
    const enum dg_status status =
        dg_keystore_count(presence->store, false, &count);

    if (status == DG_E_STATE) {
        return DG_OK; /* this place has none: see CAVEATS.md */
    }
    if (status != DG_OK) {
        return DG_E_PORT;
    }
    if (count == pin->count) {
        return DG_OK;
    }
    if ((count < pin->count) || !pin->is_set) {
        return DG_E_CORRUPT; /* another chip; or a state of before the PIN */
    }

    const uint64_t more = count - pin->count;
    const uint64_t left = (uint64_t)DG_PIN_FAILURES_MAX - pin->failures;

    pin->failures =
        (uint8_t)((more < left) ? pin->failures + more : DG_PIN_FAILURES_MAX);
    pin->count = count;
    return save(presence);
}

enum dg_status dg_pin_load(struct dg_presence *presence, int64_t now_ms)
{
    uint8_t image[STATE_SIZE];
    enum dg_status status =
        dg_vault_read(presence->vault, FILE_NAME, DG_BUF_OF(image));

    if (status == DG_OK) {
        status = parse(image, &presence->pin) ? compare_count(presence)
                                              : DG_E_CORRUPT;
    }
    explicit_bzero(image, sizeof(image));
    if (status == DG_OK) {
        set_wait(presence, now_ms);
    }
    return status;
}

enum dg_status dg_pin_begin(struct dg_presence *presence)
{
    memset(&presence->pin, 0, sizeof(presence->pin));

    const enum dg_status status =
        dg_keystore_count(presence->store, false, &presence->pin.count);

    if ((status != DG_OK) && (status != DG_E_STATE)) {
        return DG_E_PORT;
    }
    return save(presence);
}

/* Raise the keystore's counter, and remember where it is. */
static bool count_up(struct dg_presence *presence)
{
    uint64_t count = presence->pin.count;
    const enum dg_status status =
        dg_keystore_count(presence->store, true, &count);

    presence->pin.count = count;
    return (status == DG_OK) || (status == DG_E_STATE);
}

static enum dg_status stretch(const struct dg_presence *presence,
                              const uint8_t salt[16],
                              const char *text,
                              struct dg_hash *out)
{
    static const uint8_t first[4] = {0, 0, 0, 1};
    const struct dg_crypto *crypto = presence->crypto;
    const dg_span key = {(const uint8_t *)text, strlen(text)};
    const dg_span parts[] = {{salt, 16}, {first, sizeof(first)}};
    struct dg_hash step;
    enum dg_status status =
        crypto->hmac_sha256(crypto->context, key, parts, 2, &step);

    *out = step;
    for (unsigned i = 1; (status == DG_OK) && (i < ROUNDS); i++) {
        const struct dg_hash before = step;
        const dg_span part = DG_SPAN_OF(before.byte);

        status = crypto->hmac_sha256(crypto->context, key, &part, 1, &step);
        for (size_t k = 0; k < sizeof(out->byte); k++) {
            out->byte[k] ^= step.byte[k];
        }
    }
    explicit_bzero(&step, sizeof(step));
    return status;
}

static bool is_same(const struct dg_hash *one, const struct dg_hash *other)
{
    unsigned differs = 0;

    for (size_t i = 0; i < sizeof(one->byte); i++) {
        differs |= (unsigned)(one->byte[i] ^ other->byte[i]);
    }
    return differs == 0U;
}

/* @satisfies{FIA_AFL.2@1} */
enum dg_act_result dg_pin_try(struct dg_presence *presence,
                              int64_t now_ms,
                              const char *text)
{
    struct dg_pin *pin = &presence->pin;
    struct dg_hash made;

    if (!pin->is_set) {
        return DG_ACT_WANTS_PIN;
    }
    if (dg_presence_is_locked(presence)) {
        return DG_ACT_LOCKED;
    }
    if (now_ms < presence->wait_until_ms) {
        return DG_ACT_WAIT;
    }
    if (!is_pin(text)) {
        return DG_ACT_WANTS_PIN;
    }

    /* Failed until it is known not to be. */
    pin->failures++;
    set_wait(presence, now_ms);
    if (!count_up(presence) || (save(presence) != DG_OK) ||
        (stretch(presence, pin->salt, text, &made) != DG_OK)) {
        return DG_ACT_FAILED;
    }

    const bool is_right = is_same(&made, &pin->verifier);

    explicit_bzero(&made, sizeof(made));
    if (!is_right) {
        return dg_presence_is_locked(presence) ? DG_ACT_LOCKED
                                               : DG_ACT_WRONG_PIN;
    }
    pin->failures = 0;
    set_wait(presence, now_ms);
    return (save(presence) == DG_OK) ? DG_ACT_DONE : DG_ACT_FAILED;
}

enum dg_act_result dg_presence_set_pin(struct dg_presence *presence,
                                       int64_t now_ms,
                                       const char *before,
                                       const char *after)
{
    if (!is_pin(after)) {
        return DG_ACT_WANTS_PIN;
    }
    if (presence->pin.is_set) {
        const enum dg_act_result result = dg_pin_try(presence, now_ms, before);

        if (result != DG_ACT_DONE) {
            return result;
        }
    }

    const struct dg_crypto *crypto = presence->crypto;
    const struct dg_pin old = presence->pin;
    struct dg_pin *pin = &presence->pin;

    *pin = (struct dg_pin){.is_set = true, .count = old.count};
    if ((crypto->random(crypto->context, DG_BUF_OF(pin->salt)) != DG_OK) ||
        (stretch(presence, pin->salt, after, &pin->verifier) != DG_OK) ||
        !count_up(presence) || (save(presence) != DG_OK)) {
        *pin = old;
        return DG_ACT_FAILED;
    }

    /* What is asked now was asked under the old rules. */
    dg_presence_forget(presence);
    return DG_ACT_DONE;
}

int64_t dg_presence_wait_ms(const struct dg_presence *presence, int64_t now_ms)
{
    return (now_ms < presence->wait_until_ms) ? presence->wait_until_ms - now_ms
                                              : 0;
}

bool dg_presence_is_locked(const struct dg_presence *presence)
{
    return presence->pin.failures >= DG_PIN_FAILURES_MAX;
}
