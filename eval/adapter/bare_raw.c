/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/adapter/bare.h"
#include "eval/adapter/words.h"
#include "eval/hex.h"

/* The bytes of a message, for one who changes them, and bytes that go out in
 * the session as they are. */

/* A message is a map whose first pair says its kind: {0: kind, ...}. */
#define KIND_SIZE 3U

static const struct {
    const char *word;
    enum dg_request_kind kind;
} kinds[] = {
    {"status", DG_REQUEST_STATUS},
    {"propose", DG_REQUEST_PROPOSE},
    {"commit", DG_REQUEST_COMMIT},
    {"stop", DG_REQUEST_STOP},
    {"lease", DG_REQUEST_LEASE},
    {"glucose", DG_REQUEST_GLUCOSE},
};

static json_t *tell(const char *result, const char *key, dg_span bytes)
{
    char hex[2U * DG_DATAGRAM_MAX + 1U] = "";
    json_t *answer = dg_words_result(result);

    dg_hex_put(bytes, hex);
    json_object_set_new(answer, key, json_string(hex));
    return answer;
}

json_t *dg_bare_sample(struct dg_bare *bare, const json_t *order)
{
    const char *word = json_string_value(json_object_get(order, "what"));
    uint8_t room[DG_MESSAGE_MAX];
    dg_span bytes = {NULL, 0U};

    for (size_t i = 0U; (word != NULL) && (i < sizeof kinds / sizeof *kinds);
         i++) {
        if (strcmp(kinds[i].word, word) != 0) {
            continue;
        }

        struct dg_request request = dg_bare_message(bare, (int)kinds[i].kind);

        if (kinds[i].kind == DG_REQUEST_COMMIT) {
            request.as.commit.ticket = bare->ticket.as.ticket.id;
        }
        if (dg_request_encode(&request, DG_BUF_OF(room), &bytes) != DG_OK) {
            return dg_words_result("none");
        }

        json_t *answer = tell("sample", "plain", bytes);

        json_object_set_new(answer, "kept", json_integer(KIND_SIZE));
        return answer;
    }
    return dg_words_failure(
        "sample needs \"what\": status, propose, commit, stop, lease or "
        "glucose");
}

json_t *dg_bare_raw(struct dg_bare *bare, const json_t *order)
{
    const char *hex = json_string_value(json_object_get(order, "plain"));
    const size_t size = (hex == NULL) ? 0U : (strlen(hex) / 2U);
    uint8_t plain[DG_MESSAGE_MAX];
    uint8_t room[DG_DATAGRAM_MAX];
    struct dg_answer answer;
    dg_span bytes = {NULL, 0U};

    if ((size < 1U) || (size > sizeof plain) ||
        !dg_hex_get(hex, (dg_buf){plain, size})) {
        return dg_words_failure("raw needs \"plain\": hex of one message");
    }
    if (bare->controller.state != DG_CONTROLLER_OPEN) {
        return dg_words_result("no_session");
    }
    if (!dg_bare_exchange(
            bare, (dg_span){plain, size}, DG_BUF_OF(room), &bytes)) {
        return dg_words_result("silent");
    }
    if (dg_answer_decode(bytes, &answer) != DG_OK) {
        return tell("none", "answer", bytes);
    }
    if (answer.kind == DG_ANSWER_TICKET) {
        bare->ticket = answer;
        bare->has_ticket = true;
    }
    return dg_words_answer(&answer);
}
