/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "core/edhoc_keys.h"
#include "core/edhoc_wire.h"
#include "edhoc_run.h"
#include "ports/host/crypto_openssl.h"

static struct dg_crypto crypto;
static struct edhoc_run run;

static const char *const vector_files[] = {
    "edhoc/rfc9529_trace2_method3_suite2.json",
    "edhoc/gen_m3_s2_kid1.json",
    "edhoc/gen_m3_s3_ead.json",
    "edhoc/gen_m3_s3_kccs.json",
    "edhoc/gen_m3_s3_leading_zero.json",
    "edhoc/gen_m3_s3_neg.json",
    "edhoc/gen_m0_s2_kid1.json",
    "edhoc/gen_m0_s2_padding.json",
    "edhoc/gen_m0_s3_ead.json",
    "edhoc/gen_m0_s3_kccs.json",
};

#define VECTOR_FILES (sizeof vector_files / sizeof vector_files[0])

static void test_edhoc__vectors__messages_byte_for_byte(void **state)
{
    static const char *const names[] = {
        "message_1", "message_2", "message_3", "message_4"};
    static const char *const eads[] = {"EAD_1", "EAD_2", "EAD_3", "EAD_4"};

    (void)state;
    for (size_t file = 0U; file < VECTOR_FILES; file++) {
        json_t *vector = vectors_load(vector_files[file]);
        const json_t *values = json_object_get(vector, "values");

        edhoc_run_load(&run, &crypto, vector);
        for (unsigned k = 0U; k < 4U; k++) {
            uint8_t room[DG_EDHOC_MESSAGE_MAX];
            const dg_span want = vectors_get(values, names[k], DG_BUF_OF(room));

            assert_int_equal(edhoc_run_write(&run, k + 1U), DG_OK);
            assert_int_equal(run.message[k].size, want.size);
            assert_memory_equal(run.message[k].at, want.at, want.size);
            assert_int_equal(edhoc_run_read(&run, k + 1U, want), DG_OK);

            const dg_span ead = vectors_get(values, eads[k], DG_BUF_OF(room));

            assert_int_equal(run.ead_seen_size, ead.size);
            assert_memory_equal(run.ead_seen, ead.at, ead.size);
        }
        assert_int_equal(run.i.edhoc.state, DG_EDHOC_DONE);
        assert_int_equal(run.r.edhoc.state, DG_EDHOC_DONE);
        json_decref(vector);
    }
}

/* Which ends must have had a value in hand. */
static void want_seen(const char *name, dg_span bytes)
{
    const char *i_only[] = {"X", "SK_I", "PK_R"};
    const char *r_only[] = {"Y", "SK_R", "PK_I"};
    bool by_i = true;
    bool by_r = true;

    for (size_t k = 0U; k < 3U; k++) {
        by_r = by_r && (strcmp(name, i_only[k]) != 0);
        by_i = by_i && (strcmp(name, r_only[k]) != 0);
    }
    if ((by_i && !edhoc_port_saw(&run.i.port, bytes)) ||
        (by_r && !edhoc_port_saw(&run.r.port, bytes))) {
        fail_msg("%s was not there", name);
    }
}

/* The keystream comes out of the port in blocks. */
static void want_seen_in_blocks(const char *name, dg_span bytes)
{
    for (size_t at = 0U; at < bytes.size; at += DG_HASH_SIZE) {
        const size_t left = bytes.size - at;

        want_seen(name,
                  (dg_span){&bytes.at[at],
                            (left < DG_HASH_SIZE) ? left : DG_HASH_SIZE});
    }
}

static void want_export(const char *name,
                        uint16_t label,
                        dg_span context,
                        dg_span want)
{
    const struct edhoc_end *const ends[] = {&run.i, &run.r};

    for (size_t k = 0U; k < 2U; k++) {
        uint8_t out[64];

        assert_true(want.size <= sizeof out);
        assert_int_equal(dg_edhoc_export(&ends[k]->edhoc,
                                         &ends[k]->crypto,
                                         label,
                                         context,
                                         (dg_buf){out, want.size}),
                         DG_OK);
        if (memcmp(out, want.at, want.size) != 0) {
            fail_msg("%s differs", name);
        }
    }
}

/* "exporter_<label>_<context in hex or "empty">_<size>" */
static void want_named_export(const char *name, dg_span want)
{
    char context[64] = {0};
    uint8_t room[64];
    unsigned label = 0U;
    unsigned size = 0U;

    assert_int_equal(
        sscanf(name, "exporter_%u_%63[a-z0-9]_%u", &label, context, &size), 3);
    assert_int_equal(size, want.size);
    want_export(name,
                (uint16_t)label,
                (strcmp(context, "empty") == 0)
                    ? (dg_span){NULL, 0U}
                    : vectors_hex(context, DG_BUF_OF(room)),
                want);
}

/* One of "values"; 1 when it was compared. */
static unsigned check_value(const char *name, dg_span bytes)
{
    /* KeyUpdate has a test of its own. */
    if ((strstr(name, "KeyUpdate") != NULL) || (bytes.size == 0U)) {
        return 0U;
    }
    if (strncmp(name, "exporter_", 9U) == 0) {
        want_named_export(name, bytes);
    } else if (strcmp(name, "OSCORE_Master_Secret") == 0) {
        want_export(name, 0U, (dg_span){NULL, 0U}, bytes);
    } else if (strcmp(name, "OSCORE_Master_Salt") == 0) {
        want_export(name, 1U, (dg_span){NULL, 0U}, bytes);
    } else if (strcmp(name, "KEYSTREAM_2") == 0) {
        want_seen_in_blocks(name, bytes);
    } else {
        want_seen(name, bytes);
    }
    return 1U;
}

static void test_edhoc__vectors__every_intermediate_value(void **state)
{
    (void)state;
    for (size_t file = 0U; file < VECTOR_FILES; file++) {
        json_t *vector = vectors_load(vector_files[file]);
        const json_t *value = NULL;
        const char *name = NULL;
        unsigned compared = 0U;
        unsigned left_out = 0U;

        edhoc_run_load(&run, &crypto, vector);
        assert_int_equal(edhoc_run_to(&run, 4U), DG_OK);

        /* The exports first: their info must be in the log as well. */
        for (unsigned pass = 0U; pass < 2U; pass++) {
            json_object_foreach(json_object_get(vector, "values"), name, value)
            {
                const bool is_export = (strncmp(name, "exporter_", 9U) == 0) ||
                                       (strncmp(name, "OSCORE_", 7U) == 0);
                uint8_t room[1024];
                const dg_span bytes =
                    vectors_hex(json_string_value(value), DG_BUF_OF(room));

                if (is_export == (pass == 0U)) {
                    const unsigned done = check_value(name, bytes);

                    compared += done;
                    left_out += 1U - done;
                }
            }
        }
        print_message("%s: %u values compared, %u empty or of KeyUpdate\n",
                      vector_files[file],
                      compared,
                      left_out);
        assert_true(compared >= 66U);
        assert_int_equal(compared + left_out,
                         json_object_size(json_object_get(vector, "values")));
        json_decref(vector);
    }
}

/* Both values that KeyUpdate gives, which no handshake shows. */
/* @verifies{FTP_KEY.1@1} */
static void test_edhoc_key_update__published_value(void **state)
{
    (void)state;
    for (size_t file = 0U; file < VECTOR_FILES; file++) {
        json_t *vector = vectors_load(vector_files[file]);
        const json_t *values = json_object_get(vector, "values");
        struct dg_secret prk_out;
        struct dg_secret exporter;
        uint8_t context_room[64];
        uint8_t want_room[64];
        const dg_span context =
            vectors_get(values, "KeyUpdate_context", DG_BUF_OF(context_room));
        const dg_span want = vectors_get(
            values, "PRK_out_after_KeyUpdate", DG_BUF_OF(want_room));

        (void)vectors_get(values, "PRK_out", DG_BUF_OF(prk_out.byte));
        assert_int_equal(
            dg_edhoc_key_update(&crypto, &prk_out, context, &exporter), DG_OK);
        assert_int_equal(want.size, sizeof prk_out.byte);
        assert_memory_equal(prk_out.byte, want.at, want.size);
        (void)vectors_get(
            values, "PRK_exporter_after_KeyUpdate", DG_BUF_OF(want_room));
        assert_memory_equal(exporter.byte, want_room, sizeof exporter.byte);
        json_decref(vector);
    }
}

/* RFC 9528, 3.3.2: 00 .. 17 and 20 .. 37 go as themselves, the rest as a byte
 * string; the other form of each is refused. */
static void test_edhoc_identifier__every_single_byte__one_form(void **state)
{
    (void)state;
    for (unsigned value = 0U; value <= 0xFFU; value++) {
        const uint8_t byte = (uint8_t)value;
        const uint8_t wrapped[] = {0x41U, byte};
        const bool is_bare =
            (value < 0x18U) || ((value >= 0x20U) && (value < 0x38U));
        const dg_span forms[] = {{&byte, 1U}, DG_SPAN_OF(wrapped)};
        const dg_span want = forms[is_bare ? 0 : 1];
        struct dg_cbor_writer writer;
        struct dg_cbor_reader reader;
        uint8_t room[4];
        dg_span written;

        dg_cbor_writer_init(&writer, DG_BUF_OF(room));
        dg_edhoc_write_identifier(&writer, forms[0]);
        assert_int_equal(dg_cbor_writer_end(&writer, &written), DG_OK);
        assert_int_equal(written.size, want.size);
        assert_memory_equal(written.at, want.at, want.size);

        dg_cbor_reader_init(&reader, written);
        assert_memory_equal(dg_edhoc_read_identifier(&reader).at, &byte, 1U);
        assert_int_equal(dg_cbor_reader_end(&reader), DG_OK);

        dg_cbor_reader_init(&reader, forms[is_bare ? 1 : 0]);
        if (value != 0x40U) { /* alone, that is the empty string */
            assert_null(dg_edhoc_read_identifier(&reader).at);
            assert_int_not_equal(dg_cbor_reader_end(&reader), DG_OK);
        }
    }
}

/* A key that is no point: what was in the chain must not stay. */
static void test_edhoc_prk_mix__no_point__range_and_wiped(void **state)
{
    static const struct dg_secret zero;
    const struct dg_secret own = {{1U}};
    const struct dg_hash th = {{2U}};
    struct dg_secret prk = {{3U}};
    uint8_t x[DG_P256_SIZE];

    (void)state;
    (void)memset(x, 0xFF, sizeof x);
    assert_int_equal(
        dg_edhoc_prk_mix(&crypto, DG_EDHOC_KDF_SALT_3E2M, &th, &own, x, &prk),
        DG_E_RANGE);
    assert_memory_equal(&prk, &zero, sizeof zero);
}

static void export_both(uint16_t label, uint8_t i[32], uint8_t r[32])
{
    const dg_span context = {(const uint8_t *)"context", 7U};

    assert_int_equal(
        dg_edhoc_export(
            &run.i.edhoc, &run.i.crypto, label, context, (dg_buf){i, 32U}),
        DG_OK);
    assert_int_equal(
        dg_edhoc_export(
            &run.r.edhoc, &run.r.crypto, label, context, (dg_buf){r, 32U}),
        DG_OK);
}

static void test_edhoc__fresh_keys__equal_and_new_every_time(void **state)
{
    uint8_t last[32] = {0U};

    (void)state;
    for (int8_t suite = 2; suite <= 3; suite++) {
        for (unsigned time = 0U; time < 4U; time++) {
            uint8_t i[32];
            uint8_t r[32];

            edhoc_run_fresh(&run, &crypto, suite);
            assert_int_equal(edhoc_run_to(&run, 4U), DG_OK);
            export_both(DG_EDHOC_LABEL_SESSION, i, r);
            assert_memory_equal(i, r, 32U);
            assert_memory_not_equal(i, last, 32U);
            (void)memcpy(last, i, sizeof last);
            export_both(DG_EDHOC_LABEL_I_TO_R, i, r);
            assert_memory_equal(i, r, 32U);
            assert_memory_not_equal(i, last, 32U);
        }
    }
}

/* What a finished context still holds must not open what came before it. */
static void test_edhoc__done__ephemeral_and_chain_are_gone(void **state)
{
    static const uint8_t zeros[DG_EDHOC_PLAIN_MAX];
    const struct edhoc_end *const ends[] = {&run.i, &run.r};

    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(edhoc_run_to(&run, 4U), DG_OK);
    for (size_t k = 0U; k < 2U; k++) {
        const struct dg_edhoc *edhoc = &ends[k]->edhoc;

        assert_memory_equal(&edhoc->ephemeral, zeros, 32U);
        assert_memory_equal(&edhoc->prk, zeros, 32U);
        assert_memory_equal(&edhoc->th, zeros, 32U);
        assert_memory_equal(edhoc->plain, zeros, sizeof edhoc->plain);
        assert_memory_not_equal(&edhoc->prk_exporter, zeros, 32U);
    }
    dg_edhoc_wipe(&run.i.edhoc);
    assert_memory_equal(&run.i.edhoc, zeros, sizeof zeros);
    assert_int_equal(run.i.edhoc.state, DG_EDHOC_NONE);
    dg_edhoc_wipe(NULL);
}

/* Each call of each port, in turn, fails: the step reports it and leaves an
 * all-zero context, with no message. */
static void test_edhoc__port_fails_at_any_call__wiped(void **state)
{
    static const struct dg_edhoc zero;
    unsigned failures = 0U;

    (void)state;
    for (unsigned round = 0U; round < 4U; round++) {
        for (unsigned call = 0U;; call++) {
            edhoc_run_fresh(&run, &crypto, 3);
            edhoc_run_method(&run,
                             (round < 2U) ? DG_METHOD_STATIC : DG_METHOD_SIGN);

            struct edhoc_end *failing = ((round % 2U) == 0U) ? &run.i : &run.r;

            failing->port.fail_at = call;

            const enum dg_status status = edhoc_run_to(&run, 4U);

            if (status == DG_OK) {
                break;
            }
            assert_int_equal(status, DG_E_PORT);
            assert_memory_equal(&failing->edhoc, &zero, sizeof zero);
            failures++;
        }
    }
    /* With each method 19 calls at I and 19 at R at least. */
    assert_true(failures >= 76U);
}

static void test_edhoc__room_too_small__no_space_and_wiped(void **state)
{
    static const struct dg_edhoc zero;

    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(edhoc_run_to(&run, 4U), DG_OK);

    const size_t sizes[] = {run.message[0].size,
                            run.message[1].size,
                            run.message[2].size,
                            run.message[3].size};

    for (unsigned number = 1U; number <= 4U; number++) {
        /* Cheap steps at both ends of the range are enough for 2 .. 4. */
        for (size_t less = 1U; less <= 3U; less++) {
            uint8_t bytes[DG_EDHOC_MESSAGE_MAX];
            const dg_buf room = {bytes, sizes[number - 1U] - less};
            const dg_span none = {NULL, 0U};
            const uint8_t c = 1U;
            const dg_span connection = {&c, 1U};
            dg_span out = connection;
            struct dg_edhoc *edhoc = NULL;
            enum dg_status status = DG_OK;

            edhoc_run_fresh(&run, &crypto, 3);
            assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
            edhoc = ((number % 2U) == 1U) ? &run.i.edhoc : &run.r.edhoc;
            switch (number) {
            case 1:
                status = dg_edhoc_i_message_1(edhoc,
                                              &crypto,
                                              &run.i.suites,
                                              0U,
                                              connection,
                                              none,
                                              room,
                                              &out);
                break;
            case 2:
                status = dg_edhoc_r_message_2(
                    edhoc, &crypto, &run.r.self, connection, none, room, &out);
                break;
            case 3:
                status = dg_edhoc_i_message_3(
                    edhoc, &crypto, &run.i.self, none, room, &out);
                break;
            default:
                status = dg_edhoc_r_message_4(edhoc, &crypto, none, room, &out);
                break;
            }
            assert_int_equal(status, DG_E_NO_SPACE);
            assert_null(out.at);
            assert_memory_equal(edhoc, &zero, sizeof zero);
        }
    }
}

/* Call one of the ten steps, with arguments that would do. */
static enum dg_status call_step(unsigned step, struct dg_edhoc *edhoc)
{
    static uint8_t room_bytes[DG_EDHOC_MESSAGE_MAX];
    const dg_buf room = DG_BUF_OF(room_bytes);
    const dg_span none = {NULL, 0U};
    const uint8_t c = 1U;
    const struct dg_edhoc_peer peer = {run.r.self.public_key, run.r.self.cred};
    const dg_span any = {&c, 1U};
    struct dg_edhoc_claim claim;
    dg_span out;

    switch (step) {
    case 0:
        return dg_edhoc_i_message_1(
            edhoc, &crypto, &run.i.suites, 0U, any, none, room, &out);
    case 1:
        return dg_edhoc_i_read_message_2(edhoc, &crypto, any, &claim);
    case 2:
        return dg_edhoc_i_verify_message_2(edhoc, &crypto, &run.i.self, &peer);
    case 3:
        return dg_edhoc_i_message_3(
            edhoc, &crypto, &run.i.self, none, room, &out);
    case 4:
        return dg_edhoc_i_read_message_4(edhoc, &crypto, any, &claim);
    case 5:
        return dg_edhoc_r_read_message_1(
            edhoc, &crypto, &run.r.suites, any, &claim, room, &out);
    case 6:
        return dg_edhoc_r_message_2(
            edhoc, &crypto, &run.r.self, any, none, room, &out);
    case 7:
        return dg_edhoc_r_read_message_3(
            edhoc, &crypto, &run.r.self, any, &claim);
    case 8:
        return dg_edhoc_r_verify_message_3(edhoc, &crypto, &run.i.self, &peer);
    case 9:
        return dg_edhoc_r_message_4(edhoc, &crypto, none, room, &out);
    default:
        return dg_edhoc_export(edhoc, &crypto, 0U, none, room);
    }
}

/* Written from the figure at the head of edhoc.h: which step each state
 * waits for. */
static bool is_in_step(unsigned step, unsigned state)
{
    static const struct {
        unsigned step;
        enum dg_edhoc_state state;
    } steps[] = {
        {0U, DG_EDHOC_NONE},
        {5U, DG_EDHOC_NONE},
        {1U, DG_EDHOC_I_WAIT_2},
        {2U, DG_EDHOC_I_VERIFY_2},
        {3U, DG_EDHOC_I_SEND_3},
        {4U, DG_EDHOC_I_WAIT_4},
        {6U, DG_EDHOC_R_SEND_2},
        {7U, DG_EDHOC_R_WAIT_3},
        {8U, DG_EDHOC_R_VERIFY_3},
        {9U, DG_EDHOC_R_SEND_4},
        {10U, DG_EDHOC_DONE},
    };

    for (size_t i = 0U; i < sizeof steps / sizeof steps[0]; i++) {
        if ((steps[i].step == step) && ((unsigned)steps[i].state == state)) {
            return true;
        }
    }
    return false;
}

static void test_edhoc__every_step_in_every_state__state_unless_next(
    void **state)
{
    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    for (unsigned step = 0U; step <= 10U; step++) {
        for (unsigned at = DG_EDHOC_NONE; at <= DG_EDHOC_DONE; at++) {
            struct dg_edhoc edhoc = {.state = (enum dg_edhoc_state)at,
                                     .suite = 3};
            const struct dg_edhoc before = edhoc;
            const enum dg_status status = call_step(step, &edhoc);

            if (is_in_step(step, at)) {
                assert_int_not_equal(status, DG_E_STATE);
            } else {
                assert_int_equal(status, DG_E_STATE);
                assert_memory_equal(&edhoc, &before, sizeof before);
            }
        }
    }
}

static void test_edhoc__arguments__usage_and_unchanged(void **state)
{
    uint8_t bytes[DG_EDHOC_MESSAGE_MAX];
    const dg_buf room = DG_BUF_OF(bytes);
    const uint8_t long_id[9] = {0U};
    const dg_span none = {NULL, 0U};
    const dg_span one = {long_id, 1U};
    /* A label with a text, and one byte more than fits. */
    const dg_span no_ead = {(const uint8_t *)"\x01\x60", 2U};
    uint8_t long_ead[DG_EDHOC_EAD_MAX + 1U] = {0U};
    struct dg_edhoc edhoc = {.state = DG_EDHOC_NONE};
    struct dg_edhoc_suites suites = {2U, {6, 3}, DG_METHOD_STATIC};
    struct dg_edhoc_self self;
    dg_span out;

    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(dg_edhoc_i_message_1(
                         &edhoc, &crypto, &suites, 2U, one, none, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_edhoc_i_message_1(
                         &edhoc, &crypto, &suites, 0U, one, none, room, &out),
                     DG_E_UNSUPPORTED);
    assert_int_equal(dg_edhoc_i_message_1(
                         &edhoc, &crypto, &suites, 1U, none, none, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_edhoc_i_message_1(&edhoc,
                                          &crypto,
                                          &suites,
                                          1U,
                                          DG_SPAN_OF(long_id),
                                          none,
                                          room,
                                          &out),
                     DG_E_USAGE);
    assert_int_equal(dg_edhoc_i_message_1(
                         &edhoc, &crypto, &suites, 1U, one, no_ead, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_edhoc_i_message_1(&edhoc,
                                          &crypto,
                                          &suites,
                                          1U,
                                          one,
                                          DG_SPAN_OF(long_ead),
                                          room,
                                          &out),
                     DG_E_USAGE);
    suites.count = DG_EDHOC_SUITES_MAX + 1U;
    assert_int_equal(dg_edhoc_i_message_1(
                         &edhoc, &crypto, &suites, 1U, one, none, room, &out),
                     DG_E_USAGE);

    /* Credentials: a map of another kind, a kid as it travels, too long. */
    edhoc.state = DG_EDHOC_I_SEND_3;
    self = run.i.self;
    self.id_cred = (dg_span){(const uint8_t *)"\xA1\x18\x22\x40", 4U};
    assert_int_equal(
        dg_edhoc_i_message_3(&edhoc, &crypto, &self, none, room, &out),
        DG_E_USAGE);
    self.id_cred = (dg_span){(const uint8_t *)"\x05", 1U};
    assert_int_equal(
        dg_edhoc_i_message_3(&edhoc, &crypto, &self, none, room, &out),
        DG_E_USAGE);
    self = run.i.self;
    self.cred = (dg_span){bytes, DG_EDHOC_CRED_MAX + 1U};
    assert_int_equal(
        dg_edhoc_i_message_3(&edhoc, &crypto, &self, none, room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_edhoc_i_message_3(&edhoc, &crypto, NULL, none, room, &out),
        DG_E_USAGE);
    assert_int_equal(edhoc.state, DG_EDHOC_I_SEND_3);

    edhoc.state = DG_EDHOC_DONE;
    assert_int_equal(
        dg_edhoc_export(&edhoc, &crypto, 0U, none, (dg_buf){bytes, 0U}),
        DG_E_USAGE);
    assert_int_equal(
        dg_edhoc_export(&edhoc, &crypto, 0U, (dg_span){bytes, 65U}, room),
        DG_E_USAGE);
    assert_int_equal(
        dg_edhoc_export(&edhoc, &crypto, 0U, (dg_span){bytes, 64U}, room),
        DG_OK);
}

static void test_edhoc_ead_pick__items__sorted_and_checked(void **state)
{
    static const struct {
        const char *ead;
        size_t size;
        enum dg_status status;
    } rows[] = {
        {"", 0U, DG_OK},
        {"\x00", 1U, DG_OK},                        /* padding */
        {"\x00\x41\xAA\x00", 4U, DG_OK},            /* padding twice */
        {"\x18\x64\x41\xAA", 4U, DG_OK},            /* unknown, not critical */
        {"\x38\x63\x41\xAA", 4U, DG_E_UNSUPPORTED}, /* unknown, critical */
        {"\x38\x63", 2U, DG_E_UNSUPPORTED},
        {"\x07\x07", 2U, DG_E_MALFORMED}, /* a wanted one twice */
        {"\x07\x26", 2U, DG_E_MALFORMED}, /* ... with both signs */
        {"\x07\x60", 2U, DG_E_MALFORMED}, /* a text */
        {"\x40", 1U, DG_E_MALFORMED},     /* a value without label */
        {"\x18\x07", 2U, DG_E_MALFORMED}, /* not the shortest */
        {"\x1A\x00\x01\x00\x00", 5U, DG_E_RANGE},
        {"\x3A\x00\x00\xFF\xFF", 5U, DG_E_MALFORMED},
        {"\x07\x42\xAA", 3U, DG_E_TRUNCATED},
    };
    struct dg_edhoc_ead wanted[2] = {{.label = 7U}, {.label = 9U}};

    (void)state;
    for (size_t i = 0U; i < sizeof rows / sizeof rows[0]; i++) {
        const enum dg_status status = dg_edhoc_ead_pick(
            (dg_span){(const uint8_t *)rows[i].ead, rows[i].size}, wanted, 2U);

        if (status != rows[i].status) {
            fail_msg("row %zu: %s", i, dg_status_name(status));
        }
    }
    assert_int_equal(
        dg_edhoc_ead_pick(
            (dg_span){(const uint8_t *)"\x28\x42\x01\x02\x00", 5U}, wanted, 2U),
        DG_OK);
    assert_false(wanted[0].present);
    assert_true(wanted[1].present);
    assert_true(wanted[1].critical);
    assert_int_equal(wanted[1].value.size, 2);
    assert_int_equal(
        dg_edhoc_ead_pick((dg_span){(const uint8_t *)"\x07", 1U}, wanted, 2U),
        DG_OK);
    assert_true(wanted[0].present);
    assert_false(wanted[0].critical);
    assert_null(wanted[0].value.at);
    assert_false(wanted[1].present);
    assert_int_equal(dg_edhoc_ead_pick((dg_span){NULL, 0U}, NULL, 0U), DG_OK);
    assert_int_equal(dg_edhoc_ead_pick((dg_span){NULL, 0U}, NULL, 1U),
                     DG_E_USAGE);
}

static int set_up(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edhoc__vectors__messages_byte_for_byte),
        cmocka_unit_test(test_edhoc__vectors__every_intermediate_value),
        cmocka_unit_test(test_edhoc_key_update__published_value),
        cmocka_unit_test(test_edhoc_identifier__every_single_byte__one_form),
        cmocka_unit_test(test_edhoc_prk_mix__no_point__range_and_wiped),
        cmocka_unit_test(test_edhoc__fresh_keys__equal_and_new_every_time),
        cmocka_unit_test(test_edhoc__done__ephemeral_and_chain_are_gone),
        cmocka_unit_test(test_edhoc__port_fails_at_any_call__wiped),
        cmocka_unit_test(test_edhoc__room_too_small__no_space_and_wiped),
        cmocka_unit_test(
            test_edhoc__every_step_in_every_state__state_unless_next),
        cmocka_unit_test(test_edhoc__arguments__usage_and_unchanged),
        cmocka_unit_test(test_edhoc_ead_pick__items__sorted_and_checked),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
