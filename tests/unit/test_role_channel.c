/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "domain/channel.h"

/* Both ends of every channel, and what a captured peer might put on it. */
static int ends[2];

static int setup(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
}

static int teardown(void **state)
{
    (void)state;
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

static uint32_t next(uint64_t *seed)
{
    *seed = (*seed * 6364136223846793005ULL) + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 33U);
}

static void open_both(struct dg_channel *writer,
                      struct dg_channel *reader,
                      const struct dg_gate_rule *rule)
{
    dg_channel_open(writer, ends[0], rule->from, rule->to);
    dg_channel_open(reader, ends[1], rule->to, rule->from);
    reader->gate.phase =
        ((rule->phases & (unsigned)DG_GATE_START) != 0U) ? DG_GATE_START
        : ((rule->phases & (unsigned)DG_GATE_RUN) != 0U) ? DG_GATE_RUN
                                                         : DG_GATE_ASKED;
}

/* Random bytes of the right size either decode to a message that encodes to
 * the very same bytes, or are refused: no byte is without meaning. */
static void test_role_channel__random_bodies__one_meaning_or_none(void **state)
{
    uint64_t seed = 20;
    unsigned taken = 0;

    (void)state;
    for (unsigned round = 0; round < 20000U; round++) {
        const unsigned type = 1U + (round % (DG_INTERNAL_TYPES - 1U));
        const size_t size = dg_gate_rule_of(type)->size;
        const uint32_t mask = next(&seed) % 3U;
        uint8_t bytes[DG_INTERNAL_MAX] = {0};
        uint8_t again[DG_INTERNAL_MAX];
        struct dg_internal message;
        dg_span span;

        for (size_t i = 1; i < size; i++) {
            const uint8_t byte = (uint8_t)next(&seed);

            bytes[i] = (uint8_t)((mask == 0U) ? byte : byte % (mask + 1U));
        }
        bytes[0] = (uint8_t)type;
        if (dg_internal_decode((dg_span){bytes, size}, &message) != DG_OK) {
            assert_int_equal(message.type, DG_INTERNAL_NONE);
            continue;
        }
        taken++;
        assert_int_equal(dg_internal_encode(&message, DG_BUF_OF(again), &span),
                         DG_OK);
        assert_int_equal(span.size, size);
        assert_memory_equal(span.at, bytes, size);
    }
    assert_in_range(taken, 1000, 19999);
}

static void test_role_channel__every_type__arrives_whole(void **state)
{
    (void)state;
    for (unsigned type = 1; type < DG_INTERNAL_TYPES; type++) {
        struct dg_internal sent = {.type = (enum dg_internal_type)type};
        struct dg_internal got;
        struct dg_channel writer;
        struct dg_channel reader;

        open_both(&writer, &reader, dg_gate_rule_of(type));
        assert_int_equal(dg_channel_send(&writer, &sent), DG_OK);
        assert_int_equal(dg_channel_receive(&reader, &got), DG_OK);
        assert_int_equal(got.type, type);
        assert_int_equal(dg_channel_receive(&reader, &got), DG_E_STATE);
    }
}

static void test_role_channel__wrong_mouth__is_our_bug(void **state)
{
    const struct dg_internal message = {.type = DG_INTERNAL_APP_STOP};
    struct dg_channel channel;

    (void)state;
    dg_channel_open(&channel, ends[0], DG_ROLE_ID_LINK, DG_ROLE_ID_KEYS);
    assert_int_equal(dg_channel_send(&channel, &message), DG_E_USAGE);
}

static void put_raw(const void *bytes, size_t size)
{
    assert_int_equal(send(ends[0], bytes, size, 0), size);
}

static void test_role_channel__malformed__names_the_peer(void **state)
{
    static const uint8_t huge[4096] = {DG_INTERNAL_APP_STATUS};
    static const uint8_t other[] = {DG_INTERNAL_REQUEST, 0, 0, 0, 0};
    static const uint8_t short_one[] = {DG_INTERNAL_APP_STATUS, 0, 0, 0};
    static const uint8_t bad_bool[] = {
        DG_INTERNAL_APP_DOSE, 0, 0, 0, 1, [22] = 2};
    static const struct {
        const uint8_t *at;
        size_t size;
    } bad[] = {{huge, sizeof(huge)},
               {other, sizeof(other)},
               {short_one, sizeof(short_one)},
               {bad_bool, sizeof(bad_bool)},
               {huge, 0}};
    struct dg_channel reader;
    struct dg_internal got;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        dg_channel_open(
            &reader, ends[1], DG_ROLE_ID_THERAPY, DG_ROLE_ID_GATEWAY);
        put_raw(bad[i].at, bad[i].size);
        assert_int_equal(dg_channel_receive(&reader, &got), DG_E_PEER);
    }
}

/* One byte more than the longest message, and the rest of it in order. */
static void test_role_channel__longest_and_one_more__refused(void **state)
{
    static const uint8_t bytes[DG_INTERNAL_MAX + 1U] = {
        DG_INTERNAL_DATAGRAM_IN, 0, 1, 9};
    struct dg_channel reader;
    struct dg_internal got;

    (void)state;
    dg_channel_open(&reader, ends[1], DG_ROLE_ID_KEYS, DG_ROLE_ID_LINK);
    put_raw(bytes, sizeof(bytes) - 1U);
    assert_int_equal(dg_channel_receive(&reader, &got), DG_OK);
    put_raw(bytes, sizeof(bytes));
    assert_int_equal(dg_channel_receive(&reader, &got), DG_E_PEER);
}

static void test_role_channel__tail_not_zero__refused(void **state)
{
    struct dg_internal message = {.type = DG_INTERNAL_FRAME_IN};
    uint8_t room[DG_INTERNAL_MAX];
    dg_span bytes;

    (void)state;
    message.as.frame.size = 3;
    assert_int_equal(dg_internal_encode(&message, DG_BUF_OF(room), &bytes),
                     DG_OK);
    room[1 + 2 + 3] = 1;
    assert_int_equal(dg_internal_decode(bytes, &message), DG_E_PEER);
    message.type = DG_INTERNAL_FRAME_IN;
    message.as.frame.size = 481;
    assert_int_equal(dg_internal_encode(&message, DG_BUF_OF(room), &bytes),
                     DG_E_RANGE);
}

static void test_role_channel__peer_gone__said_so(void **state)
{
    const struct dg_internal message = {.type = DG_INTERNAL_APP_STOP};
    struct dg_channel channel;
    struct dg_internal got;

    (void)state;
    (void)close(ends[0]);
    ends[0] = -1;
    dg_channel_open(&channel, ends[1], DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY);
    assert_int_equal(dg_channel_receive(&channel, &got), DG_E_PORT);
    assert_int_equal(dg_channel_send(&channel, &message), DG_E_PORT);
}

/* Datagrams may be lost; anything else that does not fit means that the peer
 * has stopped reading. */
static void test_role_channel__peer_sleeps__dropped_or_ended(void **state)
{
    const struct dg_internal datagram = {.type = DG_INTERNAL_DATAGRAM_IN};
    const struct dg_internal stop = {.type = DG_INTERNAL_APP_STOP};
    enum dg_status status = DG_OK;
    struct dg_channel channel;

    (void)state;
    dg_channel_open(&channel, ends[0], DG_ROLE_ID_LINK, DG_ROLE_ID_KEYS);
    for (unsigned i = 0; i < 2000U; i++) {
        assert_int_equal(dg_channel_send(&channel, &datagram), DG_OK);
    }
    dg_channel_open(&channel, ends[0], DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY);
    for (unsigned i = 0; (i < 20000U) && (status == DG_OK); i++) {
        status = dg_channel_send(&channel, &stop);
    }
    assert_int_equal(status, DG_E_PEER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role_channel__random_bodies__one_meaning_or_none),
        cmocka_unit_test_setup_teardown(
            test_role_channel__every_type__arrives_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_role_channel__wrong_mouth__is_our_bug, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_role_channel__malformed__names_the_peer, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_role_channel__longest_and_one_more__refused, setup, teardown),
        cmocka_unit_test(test_role_channel__tail_not_zero__refused),
        cmocka_unit_test_setup_teardown(
            test_role_channel__peer_gone__said_so, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_role_channel__peer_sleeps__dropped_or_ended, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
