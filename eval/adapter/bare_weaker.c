/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dosegate/edhoc.h"
#include "dosegate/knock.h"
#include "eval/adapter/bare.h"
#include "eval/adapter/words.h"

/* A paired phone that offers less than the product pairs with: a weaker suite,
 * a protocol of before.  It goes on as far as the device lets it. */

static const uint8_t connection[1] = {0x00U}; /* C_I: any byte will do */

static json_t *open_with(struct dg_bare *bare,
                         const struct dg_edhoc_suites *suites)
{
    uint8_t message_room[64];
    uint8_t room[DG_DATAGRAM_MAX];
    const dg_span none = {NULL, 0U};
    dg_span message_1 = {NULL, 0U};
    dg_span datagram = {NULL, 0U};

    dg_controller_wipe(&bare->controller);
    if (dg_edhoc_i_message_1(&bare->controller.edhoc,
                             &bare->crypto,
                             suites,
                             suites->count - 1U,
                             DG_SPAN_OF(connection),
                             none,
                             DG_BUF_OF(message_room),
                             &message_1) != DG_OK) {
        return dg_words_result("none");
    }
    bare->phone.knock_counter++;

    const struct dg_knock knock = {
        bare->phone.slot, bare->phone.knock_counter, message_1};

    if (dg_knock_write(&bare->crypto,
                       &bare->phone.knock_key,
                       &knock,
                       DG_BUF_OF(room),
                       &datagram) != DG_OK) {
        return dg_words_result("none");
    }
    bare->controller.state = DG_CONTROLLER_WAIT_2;
    if (!dg_bare_follow(bare, datagram)) {
        return dg_words_result("no_session");
    }

    const struct dg_request request = dg_bare_simple(DG_REQUEST_STATUS);
    json_t *answer = dg_bare_say(bare, &request);

    dg_bare_attest(bare);
    return answer;
}

/* Suite 2 is suite 3 with tags of half the size (RFC 9528, 3.6). */
static json_t *offer_short_tags(struct dg_bare *bare)
{
    const struct dg_edhoc_suites suites = {
        .count = 1U, .suite = {2}, .method = DG_METHOD_STATIC};

    return open_with(bare, &suites);
}

/* The strong one is on the list, as of a phone that was told that the device
 * cannot do it. */
static json_t *select_short_tags(struct dg_bare *bare)
{
    const struct dg_edhoc_suites suites = {
        .count = 2U, .suite = {3, 2}, .method = DG_METHOD_STATIC};

    return open_with(bare, &suites);
}

/* An ordinary session, in which the phone speaks a version of before. */
static json_t *greet_with_version(struct dg_bare *bare)
{
    struct dg_request request = dg_bare_simple(DG_REQUEST_STATUS);

    if (!dg_bare_handshake(bare)) {
        return dg_words_result("no_session");
    }
    request.as.status.major = DG_VERSION_MAJOR - 1U;

    json_t *answer = dg_bare_say(bare, &request);

    dg_bare_attest(bare);
    return answer;
}

static const struct {
    const char *what;
    json_t *(*run)(struct dg_bare *bare);
} ways[] = {
    {"a cipher suite with tags of 8 bytes", offer_short_tags},
    {"the suite with short tags, though both have a better one",
     select_short_tags},
    {"the major version of before", greet_with_version},
};

json_t *dg_bare_weaker(struct dg_bare *bare, const json_t *order)
{
    const json_int_t number =
        json_integer_value(json_object_get(order, "number"));

    if ((number < 0) ||
        (number >= (json_int_t)(sizeof ways / sizeof ways[0]))) {
        return dg_words_result("none");
    }

    json_t *answer = ways[number].run(bare);

    json_object_set_new(answer, "what", json_string(ways[number].what));
    return answer;
}
