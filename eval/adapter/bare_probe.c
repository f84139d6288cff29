/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dosegate/knock.h"
#include "eval/adapter/bare.h"
#include "eval/adapter/words.h"
#include "eval/hex.h"
#include "eval/jsonl.h"

/* Messages of every op code, well formed and in the ways that have broken
 * parsers.  A phone with keys sends them in its session; one without sends
 * them in clear, in the product's frames and without, and under a key of
 * zeros. */
#define CODES     256
#define NEST      120U
#define LONG_SIZE 440U
#define LISTEN_MS 1
#define PLAIN_MAX 474U /* of a message, with room to make it longer */

struct probe {
    uint8_t byte[DG_MESSAGE_MAX + 8U];
    size_t size;
};

struct dg_request dg_bare_message(const struct dg_bare *bare, int code)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = (enum dg_request_kind)code;
    switch (code) {
    case DG_REQUEST_STATUS:
        request.as.status.major = DG_VERSION_MAJOR;
        request.as.status.phone_battery_percent = 80U;
        break;
    case DG_REQUEST_PROPOSE:
        request.as.propose.tier = DG_TIER_CONFIRMED;
        request.as.propose.effect.kind = DG_EFFECT_BOLUS;
        request.as.propose.effect.form = DG_FORM_NORMAL;
        request.as.propose.effect.amount.mU = 1000;
        break;
    case DG_REQUEST_LEASE:
        request.as.lease.verb = DG_LEASE_TAKE;
        break;
    case DG_REQUEST_GLUCOSE:
        request.as.glucose.size = (uint8_t)bare->frame_size;
        memcpy(request.as.glucose.frame, bare->frame, bare->frame_size);
        break;
    case DG_REQUEST_SUSPEND:
        request.as.suspend.seconds = 1800U;
        break;
    case DG_REQUEST_PROFILE:
        request.as.profile.verb = DG_PROFILE_SHOW;
        break;
    case DG_REQUEST_JOURNAL:
        request.as.journal.verb = DG_JOURNAL_ASK_HEAD;
        request.as.journal.keys = 3U;
        break;
    case DG_REQUEST_UPDATE:
        request.as.update.verb = DG_UPDATE_QUERY;
        break;
    case DG_REQUEST_REVOKE:
        request.as.revoke.slot = DG_ROLES_MAX - 1U;
        break;
    default:
        break;
    }
    return request;
}

static void put_code(struct probe *probe, int code)
{
    if (code > 23) {
        probe->byte[probe->size++] = 0x18U;
    }
    probe->byte[probe->size++] = (uint8_t)code;
}

/* The message of a code, well formed as far as anyone knows. */
static void make_plain(const struct dg_bare *bare,
                       int code,
                       struct probe *probe)
{
    const struct dg_request request = dg_bare_message(bare, code);
    dg_span bytes = {NULL, 0U};

    if (dg_request_encode(&request, (dg_buf){probe->byte, PLAIN_MAX}, &bytes) ==
        DG_OK) {
        probe->size = bytes.size;
        return;
    }
    probe->byte[0] = 0xA1U;
    probe->byte[1] = 0U;
    probe->size = 2U;
    put_code(probe, code);
}

/* {0: code, 1: something}; a code that has no value gets it in its own place,
 * since a key that a message does not know would be passed over. */
static void begin_pair(struct probe *probe, int code)
{
    const bool has_value = probe->byte[0] != 0xA1U;

    probe->byte[0] = has_value ? 0xA2U : 0xA1U;
    probe->byte[1] = 0U;
    probe->size = 2U;
    if (has_value) {
        put_code(probe, code);
        probe->byte[probe->size++] = 1U;
    }
}

static void make_long(struct probe *probe, int code)
{
    begin_pair(probe, code);
    probe->byte[probe->size++] = 0x59U;
    probe->byte[probe->size++] = (uint8_t)(LONG_SIZE >> 8);
    probe->byte[probe->size++] = (uint8_t)(LONG_SIZE & 0xFFU);
    memset(&probe->byte[probe->size], 'A', LONG_SIZE);
    probe->size += LONG_SIZE;
}

static void make_nested(struct probe *probe, int code)
{
    begin_pair(probe, code);
    memset(&probe->byte[probe->size], 0x81, NEST);
    probe->size += NEST;
    probe->byte[probe->size++] = 0U;
}

/* A length of four thousand million, and nothing behind it. */
static void make_huge(struct probe *probe, int code)
{
    begin_pair(probe, code);
    probe->byte[probe->size++] = 0x5AU;
    memset(&probe->byte[probe->size], 0xFF, 4U);
    probe->size += 4U;
}

/* The first pair twice. */
static void repeat_pair(struct probe *probe, int code)
{
    const size_t pair = (code > 23) ? 3U : 2U;

    memmove(
        &probe->byte[1U + pair], &probe->byte[1], (size_t)(probe->size - 1U));
    probe->byte[0]++;
    probe->size += pair;
}

static bool make(const struct dg_bare *bare,
                 int code,
                 const char *shape,
                 struct probe *probe)
{
    make_plain(bare, code, probe);
    if (strcmp(shape, "plain") == 0) {
        return true;
    }
    if (strcmp(shape, "repeated") == 0) {
        repeat_pair(probe, code);
    } else if (strcmp(shape, "short") == 0) {
        probe->size--;
    } else if (strcmp(shape, "trailing") == 0) {
        probe->byte[probe->size++] = 0U;
    } else if (strcmp(shape, "long") == 0) {
        make_long(probe, code);
    } else if (strcmp(shape, "nested") == 0) {
        make_nested(probe, code);
    } else if (strcmp(shape, "huge") == 0) {
        make_huge(probe, code);
    } else {
        return false;
    }
    return true;
}

/* With keys ---------------------------------------------------------------- */

static void tell(json_t *list, int code, json_t *said, dg_span bytes)
{
    char hex[2U * DG_DATAGRAM_MAX + 1U] = "";

    dg_hex_put(bytes, hex);
    json_object_set_new(said, "code", json_integer(code));
    json_object_set_new(said, "answer", json_string(hex));
    json_array_append_new(list, said);
}

static void probe_with_keys(struct dg_bare *bare,
                            int code,
                            const struct probe *probe,
                            json_t *list)
{
    uint8_t room[DG_DATAGRAM_MAX];
    struct dg_answer answer;
    dg_span bytes = {NULL, 0U};

    if (!dg_bare_exchange(bare,
                          (dg_span){probe->byte, probe->size},
                          DG_BUF_OF(room),
                          &bytes)) {
        tell(list, code, dg_words_result("silent"), (dg_span){NULL, 0U});
        return;
    }
    tell(list,
         code,
         (dg_answer_decode(bytes, &answer) == DG_OK) ? dg_words_answer(&answer)
                                                     : dg_words_result("none"),
         bytes);
}

/* Without ------------------------------------------------------------------ */

static bool send_in_frame(struct dg_bare *bare,
                          const struct probe *probe,
                          bool is_sealed)
{
    uint8_t out[DG_DATAGRAM_MAX];
    struct dg_record record;
    dg_span datagram = {NULL, 0U};

    memset(&record, 0, sizeof record);
    record.epoch = (bare->seen_epoch == 0U) ? 4U : bare->seen_epoch;
    record.tx_next = ++bare->seen_counter;
    if (dg_record_seal(&record,
                       &bare->crypto,
                       (dg_span){probe->byte, probe->size},
                       DG_BUF_OF(out),
                       &datagram) != DG_OK) {
        return false;
    }
    if (!is_sealed) {
        const size_t body = datagram.size - DG_RECORD_HEADER_SIZE - DG_TAG_SIZE;

        memset(&out[DG_RECORD_HEADER_SIZE], 0, body + DG_TAG_SIZE);
        memcpy(&out[DG_RECORD_HEADER_SIZE], probe->byte, probe->size);
        out[DG_RECORD_HEADER_SIZE + probe->size] = 0x80U;
    }
    return dg_link_send(&bare->link, NULL, datagram) == DG_OK;
}

static void probe_without_keys(struct dg_bare *bare,
                               int code,
                               const struct probe *probe,
                               json_t *list)
{
    uint8_t in[DG_DATAGRAM_MAX];
    uint8_t out[1U + sizeof probe->byte] = {(uint8_t)code};
    const long long until_ms = dg_clock_ms() + LISTEN_MS;
    dg_span datagram = {NULL, 0U};

    memcpy(&out[1], probe->byte, probe->size);
    if ((dg_link_send(&bare->link, NULL, (dg_span){out, 1U + probe->size}) !=
         DG_OK) ||
        !send_in_frame(bare, probe, true) ||
        !send_in_frame(bare, probe, false)) {
        tell(list, code, dg_words_result("unsent"), (dg_span){NULL, 0U});
    }
    while (dg_bare_receive(bare, DG_BUF_OF(in), until_ms, &datagram)) {
        tell(list, code, dg_words_result("answered"), datagram);
    }
}

json_t *dg_bare_probe(struct dg_bare *bare, const json_t *order)
{
    const char *shape = json_string_value(json_object_get(order, "shape"));
    const json_int_t code = json_integer_value(json_object_get(order, "code"));
    const json_int_t count =
        json_integer_value(json_object_get(order, "count"));
    json_t *list = json_array();
    struct probe probe;

    if ((shape == NULL) || (code < 0) || (count < 1) ||
        ((code + count) > CODES) || !make(bare, 0, shape, &probe)) {
        json_decref(list);
        return dg_words_failure(
            "probe needs \"shape\": plain, repeated, short, trailing, long, "
            "nested or huge, \"code\" and \"count\", 0 to 255");
    }
    for (json_int_t i = 0; i < count; i++) {
        const int now = (int)(code + i);

        (void)make(bare, now, shape, &probe);
        if (bare->controller.state == DG_CONTROLLER_OPEN) {
            probe_with_keys(bare, now, &probe, list);
        } else {
            probe_without_keys(bare, now, &probe, list);
        }
    }

    json_t *answer = dg_words_result("probed");

    json_object_set_new(answer, "answers", list);
    return answer;
}

void dg_bare_tell(const struct dg_bare *bare, json_t *known)
{
    char hex[2U * DG_HASH_SIZE + 1U];

    dg_hex_put(DG_SPAN_OF(bare->phone.knock_key.byte), hex);
    (void)json_array_append_new(known, json_string(hex));
    dg_hex_put(DG_SPAN_OF(bare->phone.private_key.byte), hex);
    (void)json_array_append_new(known, json_string(hex));
}
