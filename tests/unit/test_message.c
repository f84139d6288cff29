/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/message.h"
#include "rig.h"

#include <string.h>

/* As long as a signed thing may be: 0x11 throughout. */
static uint8_t signed_bytes[DG_ATTEST_TICKET_MAX];

static struct dg_request request_of(unsigned kind)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = (enum dg_request_kind)kind;
    switch (kind) {
    case DG_REQUEST_STATUS:
        request.as.status.major = 255U;
        request.as.status.minor = 255U;
        request.as.status.phone_battery_percent = 100U;
        break;
    case DG_REQUEST_PROPOSE:
        request.as.propose.tier = DG_TIER_CONFIRMED;
        request.as.propose.effect =
            (struct dg_effect){.kind = DG_EFFECT_BOLUS,
                               .form = DG_FORM_NORMAL,
                               .amount = {DG_EFFECT_MU_MAX}};
        break;
    case DG_REQUEST_COMMIT:
        memset(&request.as.commit.ticket, 0xAB, DG_TICKET_SIZE);
        request.as.commit.has_signature = true;
        memset(&request.as.commit.signature, 0xCD, DG_SIGNATURE_SIZE);
        break;
    case DG_REQUEST_LEASE:
        request.as.lease.verb = DG_LEASE_HAND_OVER;
        request.as.lease.has_slot = true;
        request.as.lease.slot = 3U;
        break;
    case DG_REQUEST_REVOKE:
        request.as.revoke.slot = 3U;
        break;
    case DG_REQUEST_REKEY:
        memset(request.as.rekey.nonce, 0xFF, DG_REKEY_NONCE_SIZE);
        break;
    case DG_REQUEST_SUSPEND:
        request.as.suspend.seconds = DG_SUSPEND_S_ASK_MAX;
        break;
    case DG_REQUEST_UPDATE:
        request.as.update.verb = DG_UPDATE_PART;
        request.as.update.has_offset = true;
        request.as.update.offset = UINT32_MAX;
        request.as.update.size = DG_UPDATE_CHUNK;
        memset(request.as.update.byte, 0xAD, DG_UPDATE_CHUNK);
        break;
    case DG_REQUEST_JOURNAL:
        request = dg_journal_ask(DG_JOURNAL_ASK_PROOF);
        request.as.journal.first = UINT32_MAX;
        request.as.journal.end = UINT32_MAX;
        request.as.journal.skip = DG_MERKLE_PROOF_MAX;
        break;
    case DG_REQUEST_GLUCOSE:
        request.as.glucose.size = DG_SENSOR_FRAME_MAX;
        memset(request.as.glucose.frame, 0xEF, DG_SENSOR_FRAME_MAX);
        break;
    case DG_REQUEST_ATTEST:
        request.as.attest.ticket = DG_SPAN_OF(signed_bytes);
        break;
    case DG_REQUEST_POLICY:
        request.as.policy.head = DG_SPAN_OF(signed_bytes);
        break;
    case DG_REQUEST_PROFILE:
        request.as.profile.verb = DG_PROFILE_TAKE;
        request.as.profile.bytes = DG_SPAN_OF(signed_bytes);
        break;
    default:
        break;
    }
    return request;
}

/* Every number at its largest. */
static struct dg_answer answer_of(enum dg_answer_kind kind)
{
    struct dg_answer answer;
    struct dg_device_status *status = &answer.status;

    memset(&answer, 0, sizeof answer);
    answer.kind = kind;
    status->now.s = UINT32_MAX;
    status->therapy = DG_THERAPY_FAULT;
    status->rung = DG_RUNG_AUTOMATE;
    status->missing = UINT16_MAX;
    status->lease = DG_LEASE_OTHER;
    status->has_ticket = true;
    memset(&status->ticket, 0xFF, DG_TICKET_SIZE);
    status->outcome = DG_OUTCOME_LAPSED;
    status->ticket_amount.mU = INT32_MAX;
    status->ticket_delivered.mU = INT32_MAX;
    status->bolus_total_mU = UINT32_MAX;
    status->basal_total_mU = UINT32_MAX;
    status->uncertain_mU = UINT32_MAX;
    status->iob.mU = INT32_MAX;
    status->reservoir_mU = UINT32_MAX;
    status->battery_percent = 100U;
    status->alarms = UINT16_MAX;
    status->findings = UINT16_MAX;
    status->sound = DG_SOUND_CONTINUOUS;
    status->drainer = 4U;
    status->has_glucose = true;
    status->glucose.mg_dL = 401;
    status->headroom_automatic.mU = INT32_MAX;
    status->headroom_confirmed.mU = INT32_MAX;
    status->fault = DG_FAULT_WORN;
    status->pause_left_s = UINT32_MAX;
    status->pause_permille = 1000U;
    status->headroom_pause_s = UINT32_MAX;
    status->spread_left_mU = UINT32_MAX;
    status->loosen_left_s = DG_LOOSEN_DELAY_S;
    status->firmware = UINT32_MAX;
    status->journal = UINT32_MAX;
    if (kind == DG_ANSWER_TICKET) {
        memset(&answer.as.ticket.id, 0x77, DG_TICKET_SIZE);
        answer.as.ticket.effect =
            (struct dg_effect){.kind = DG_EFFECT_BOLUS,
                               .form = DG_FORM_EXTENDED,
                               .amount = {DG_EFFECT_MU_MAX},
                               .duration = {DG_EXTENDED_S_MAX}};
        answer.as.ticket.expiry.s = UINT32_MAX;
        answer.as.ticket.confirmation = DG_CONFIRM_BUTTON;
    } else if (kind == DG_ANSWER_REFUSED) {
        answer.as.refused.reason = DG_REASON_E7;
        answer.as.refused.headroom.mU = INT32_MAX;
    } else if (kind == DG_ANSWER_UPDATE) {
        answer.as.update.state = DG_UPDATE_RESTARTING;
        answer.as.update.why = DG_UPDATE_UNPRESSED;
        answer.as.update.next = UINT32_MAX;
        answer.as.update.size = UINT32_MAX;
    } else if (kind == DG_ANSWER_REKEY) {
        memset(&answer.as.rekey, 0x77, sizeof answer.as.rekey);
    } else if (kind == DG_ANSWER_JOURNAL) {
        answer.as.journal.verb = DG_JOURNAL_ASK_KEY;
        answer.as.journal.first = UINT32_MAX;
        answer.as.journal.total = UINT32_MAX;
        answer.as.journal.size = DG_JOURNAL_BYTES_MAX;
        memset(answer.as.journal.byte, 0xBE, DG_JOURNAL_BYTES_MAX);
    } else if (kind == DG_ANSWER_ROLES) {
        for (unsigned slot = 0U; slot < DG_ROLES_MAX; slot++) {
            struct dg_roles_entry *entry = &answer.as.roles.phone[slot];

            entry->role = DG_ROLE_OBSERVER;
            entry->has_session = true;
            entry->name_size = DG_PAIRING_NAME_MAX;
            memset(entry->name, 'n', sizeof entry->name);
        }
    } else if (kind == DG_ANSWER_PROFILE) {
        answer.as.profile.counter = UINT32_MAX;
        answer.as.profile.state = DG_LOOSENING_DELAY;
        answer.as.profile.left_s = DG_LOOSEN_DELAY_S;
        for (unsigned i = 0U; i < DG_BOUNDS; i++) {
            answer.as.profile.in_force.value[i] = (i == 0U) ? 300000 : 1000;
            answer.as.profile.next.value[i] = (i == 0U) ? 300000 : 1000;
        }
    } else if (kind == DG_ANSWER_ATTEST) {
        memset(&answer.as.attest.nonce, 0x55, DG_ATTEST_NONCE_SIZE);
        answer.as.attest.life_s = UINT32_MAX;
    } else if (kind != DG_ANSWER_STATUS) {
        memset(&answer.as.accepted.id, 0x66, DG_TICKET_SIZE);
    }
    return answer;
}

static const enum dg_answer_kind kinds[] = {DG_ANSWER_STATUS,
                                            DG_ANSWER_TICKET,
                                            DG_ANSWER_ACCEPTED,
                                            DG_ANSWER_ALREADY,
                                            DG_ANSWER_REFUSED,
                                            DG_ANSWER_JOURNAL,
                                            DG_ANSWER_UPDATE,
                                            DG_ANSWER_ROLES,
                                            DG_ANSWER_REKEY,
                                            DG_ANSWER_ATTEST,
                                            DG_ANSWER_PROFILE};

/* Optional keys of the status behind key 21. */
#define STATUS_LATE_KEYS 10U
#define KINDS            (sizeof kinds / sizeof kinds[0])

static uint8_t bytes[DG_MESSAGE_MAX + 8U];
static uint8_t again[DG_MESSAGE_MAX + 8U];

static size_t encode_request(const struct dg_request *request, uint8_t *room)
{
    dg_span span;

    assert_int_equal(
        dg_request_encode(request, (dg_buf){room, DG_MESSAGE_MAX}, &span),
        DG_OK);
    return span.size;
}

static size_t encode_answer(const struct dg_answer *answer, uint8_t *room)
{
    dg_span span;

    /* The list of phones, the journal and limits may need a second bucket. */
    const bool is_bulk = (answer->kind == DG_ANSWER_ROLES) ||
                         (answer->kind == DG_ANSWER_JOURNAL) ||
                         (answer->kind == DG_ANSWER_PROFILE);
    const size_t most = is_bulk ? DG_MESSAGE_MAX : DG_MESSAGE_SMALL;

    assert_int_equal(dg_answer_encode(answer, (dg_buf){room, most}, &span),
                     DG_OK);
    return span.size;
}

/* The same bytes again is the whole round trip: the encoding is injective.
 * Room for one record bucket is enough for all, one byte less is refused. */
static void test_request__every_kind__round_trip(void **state)
{
    (void)state;
    for (unsigned i = 0U; i < RIG_REQUESTS; i++) {
        const struct dg_request request = request_of(rig_requests[i]);
        const bool holds_span = (request.kind == DG_REQUEST_ATTEST) ||
                                (request.kind == DG_REQUEST_POLICY) ||
                                (request.kind == DG_REQUEST_PROFILE);
        struct dg_request back;
        dg_span span;

        const size_t size = encode_request(&request, bytes);

        assert_int_equal(dg_request_decode((dg_span){bytes, size}, &back),
                         DG_OK);
        /* What is signed stays in the message: compare what comes of it. */
        assert_int_equal(encode_request(&back, again), size);
        assert_memory_equal(again, bytes, size);
        assert_true(holds_span || (memcmp(&back, &request, sizeof back) == 0));
        assert_int_equal(
            dg_request_encode(&request, (dg_buf){again, size - 1U}, &span),
            DG_E_NO_SPACE);
    }
    /* A commit without a signature. */
    struct dg_request commit = request_of(DG_REQUEST_COMMIT);
    struct dg_request back;

    commit.as.commit.has_signature = false;
    memset(&commit.as.commit.signature, 0, DG_SIGNATURE_SIZE);

    const size_t size = encode_request(&commit, bytes);

    assert_int_equal(dg_request_decode((dg_span){bytes, size}, &back), DG_OK);
    assert_memory_equal(&back, &commit, sizeof back);
}

static void test_answer__every_kind_at_its_largest__fits_one_bucket(
    void **state)
{
    (void)state;
    for (unsigned i = 0U; i < KINDS; i++) {
        struct dg_answer answer = answer_of(kinds[i]);

        for (unsigned bits = 0U; bits < 4U; bits++) {
            struct dg_answer back;

            answer = answer_of(kinds[i]);
            if ((bits & 1U) != 0U) {
                answer.status.has_ticket = false;
                memset(&answer.status.ticket, 0, DG_TICKET_SIZE);
                answer.status.outcome = DG_OUTCOME_NONE;
                answer.status.ticket_amount.mU = 0;
                answer.status.ticket_delivered.mU = 0;
            }
            if ((bits & 2U) != 0U) {
                answer.status.has_glucose = false;
                answer.status.glucose.mg_dL = 0;
            }

            const size_t size = encode_answer(&answer, bytes);

            assert_int_equal(dg_answer_decode((dg_span){bytes, size}, &back),
                             DG_OK);
            /* Bytes between members are nobody's: compare what comes of it. */
            assert_int_equal(encode_answer(&back, again), size);
            assert_memory_equal(again, bytes, size);
        }
    }
}

static void try_request(size_t size)
{
    struct dg_request back;
    struct dg_request kept;

    memset(&back, 0x5A, sizeof back);
    kept = back;
    if (dg_request_decode((dg_span){bytes, size}, &back) == DG_OK) {
        const size_t size_again = encode_request(&back, again);

        /* The same bytes; only keys that are unknown to this kind may have
         * been left out. */
        if (size_again == size) {
            assert_memory_equal(again, bytes, size);
        } else {
            assert_true(size_again < size);
            assert_true(((unsigned)again[0] & 31U) <
                        ((unsigned)bytes[0] & 31U));
        }
    } else {
        assert_memory_equal(&back, &kept, sizeof back);
    }
}

/* @verifies{FDP_ITC.2@1} */
static void test_request__every_truncation_and_byte__same_or_refused(
    void **state)
{
    (void)state;
    for (unsigned i = 0U; i < RIG_REQUESTS; i++) {
        const struct dg_request request = request_of(rig_requests[i]);
        struct dg_request back;

        const size_t size = encode_request(&request, bytes);

        for (size_t cut = 0U; cut < size; cut++) {
            assert_int_not_equal(
                dg_request_decode((dg_span){bytes, cut}, &back), DG_OK);
        }
        bytes[size] = 0U;
        assert_int_equal(dg_request_decode((dg_span){bytes, size + 1U}, &back),
                         DG_E_TRAILING);
        for (size_t at = 0U; at < size; at++) {
            const uint8_t good = bytes[at];

            for (unsigned value = 0U; value < 256U; value++) {
                bytes[at] = (uint8_t)value;
                try_request(size);
            }
            bytes[at] = good;
        }
    }
}

/* Keys 18 and 21 of the status (pulse, minor version) are for other readers:
 * their values are not kept, all else is. */
static void test_answer__every_truncation_and_byte__same_or_refused(
    void **state)
{
    unsigned loose = 0U;

    (void)state;
    for (unsigned i = 0U; i < KINDS; i++) {
        const struct dg_answer answer = answer_of(kinds[i]);
        const size_t size = encode_answer(&answer, bytes);
        struct dg_answer back;

        for (size_t cut = 0U; cut < size; cut++) {
            assert_int_not_equal(dg_answer_decode((dg_span){bytes, cut}, &back),
                                 DG_OK);
        }
        for (size_t at = 0U; at < size; at++) {
            const uint8_t good = bytes[at];
            bool is_loose = false;

            for (unsigned value = 0U; value < 256U; value++) {
                bytes[at] = (uint8_t)value;
                memset(&back, 0, sizeof back);
                if (dg_answer_decode((dg_span){bytes, size}, &back) != DG_OK) {
                    continue;
                }
                if ((encode_answer(&back, again) != size) ||
                    (memcmp(again, bytes, size) != 0)) {
                    is_loose = true;
                }
            }
            loose += is_loose ? 1U : 0U;
            bytes[at] = good;
        }
    }
    /* In each kind: the value of key 18 in its two bytes and the value of key
     * 21; the head of the optional key 19 with its key, which then is one more
     * unknown key, and so with each optional key behind 21. */
    assert_true(loose <= (KINDS * (5U + STATUS_LATE_KEYS)));
}

/* @verifies{FDP_ITC.2@1} */
static void test_request__odd_maps__as_documented(void **state)
{
    const struct {
        uint8_t byte[12];
        size_t size;
        enum dg_status want;
    } cases[] = {
        /* stop, and with an unknown positive key: ignored */
        {{0xA1, 0, 4}, 3U, DG_OK},
        {{0xA2, 0, 4, 9, 0x61, 'x'}, 6U, DG_OK},
        /* critical */
        {{0xA2, 0, 4, 0x20, 0}, 5U, DG_E_UNSUPPORTED},
        /* a key twice, keys out of order, no kind, empty, not a map */
        {{0xA3, 0, 5, 1, 1, 1, 1}, 7U, DG_E_MALFORMED},
        {{0xA2, 1, 1, 0, 5}, 5U, DG_E_MALFORMED},
        {{0xA1, 1, 1}, 3U, DG_E_MALFORMED},
        {{0xA0}, 1U, DG_E_MALFORMED},
        {{0x01}, 1U, DG_E_MALFORMED},
        /* unknown kinds */
        {{0xA1, 0, 0}, 3U, DG_E_UNSUPPORTED},
        {{0xA1, 0, 23}, 3U, DG_E_UNSUPPORTED},
        /* suspend: seconds missing, none */
        {{0xA1, 0, 7}, 3U, DG_E_MALFORMED},
        {{0xA2, 0, 7, 1, 0}, 5U, DG_E_RANGE},
        {{0xA1, 0, 0x18, 33}, 4U, DG_E_UNSUPPORTED},
        /* lease: verb missing, absurd; present asked for by a phone */
        {{0xA1, 0, 5}, 3U, DG_E_MALFORMED},
        {{0xA2, 0, 5, 1, 3}, 5U, DG_E_RANGE},
        {{0xA3, 0, 2, 1, 3, 2, 0xA3, 0, 1, 1, 1, 2}, 12U, DG_E_TRUNCATED},
        /* glucose: empty frame; battery of 101 */
        {{0xA2, 0, 6, 1, 0x40}, 5U, DG_E_RANGE},
        {{0xA4, 0, 1, 1, 1, 2, 0, 3, 0x18, 101}, 10U, DG_E_RANGE},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        struct dg_request back;

        assert_int_equal(
            dg_request_decode((dg_span){cases[i].byte, cases[i].size}, &back),
            cases[i].want);
    }
}

static void test_message__bad_arguments_and_ranges__refused(void **state)
{
    struct dg_request request = request_of(DG_REQUEST_PROPOSE);
    struct dg_answer answer = answer_of(DG_ANSWER_REFUSED);
    dg_span span;
    const dg_buf room = DG_BUF_OF(bytes);

    (void)state;
    assert_int_equal(dg_request_encode(NULL, room, &span), DG_E_USAGE);
    assert_int_equal(dg_request_encode(&request, room, NULL), DG_E_USAGE);
    assert_int_equal(dg_request_decode(span, NULL), DG_E_USAGE);
    assert_int_equal(dg_answer_encode(NULL, room, &span), DG_E_USAGE);
    assert_int_equal(dg_answer_encode(&answer, room, NULL), DG_E_USAGE);
    assert_int_equal(dg_answer_decode(span, NULL), DG_E_USAGE);
    request.as.propose.tier = DG_TIER_PRESENT;
    assert_int_equal(dg_request_encode(&request, room, &span), DG_E_RANGE);
    request = request_of(DG_REQUEST_PROPOSE);
    request.as.propose.effect.amount.mU = 0;
    assert_int_equal(dg_request_encode(&request, room, &span), DG_E_RANGE);
    request.kind = (enum dg_request_kind)DG_REQUESTS;
    assert_int_equal(dg_request_encode(&request, room, &span), DG_E_RANGE);
    request.kind = DG_REQUEST_NONE;
    assert_int_equal(dg_request_encode(&request, room, &span), DG_E_RANGE);
    answer.as.refused.headroom.mU = -1;
    assert_int_equal(dg_answer_encode(&answer, room, &span), DG_E_RANGE);
    answer = answer_of(DG_ANSWER_STATUS);
    answer.status.iob.mU = -1;
    assert_int_equal(dg_answer_encode(&answer, room, &span), DG_E_RANGE);
    answer.kind = DG_ANSWER_NONE;
    assert_int_equal(dg_answer_encode(&answer, room, &span), DG_E_RANGE);
}

/* Words for people: every value has its own. */
static void test_message_text__every_value__its_own_words(void **state)
{
    (void)state;
    for (int a = 0; a <= 34; a++) {
        const char *text = dg_reason_text((enum dg_reason)a);
        const bool is_known =
            (a <= 13) || ((a >= 17) && (a <= 28)) || ((a >= 30) && (a <= 34));

        assert_int_equal(strcmp(text, "unknown reason") != 0, is_known);
        for (int b = 0; is_known && (b < a); b++) {
            assert_string_not_equal(text, dg_reason_text((enum dg_reason)b));
        }
    }
    assert_string_equal(dg_outcome_text((enum dg_outcome)7), "unknown outcome");
    assert_string_equal(dg_rung_text((enum dg_rung)6), "unknown rung");
    assert_string_equal(dg_evidence_text((enum dg_evidence)11),
                        "unknown evidence");
    assert_string_equal(dg_alarm_text((enum dg_alarm)16), "unknown alarm");
    for (int a = 0; a <= 10; a++) {
        assert_string_not_equal(dg_evidence_text((enum dg_evidence)a),
                                "unknown evidence");
        assert_true((a > 6) || (strcmp(dg_outcome_text((enum dg_outcome)a),
                                       "unknown outcome") != 0));
        assert_true((a > 5) || (strcmp(dg_rung_text((enum dg_rung)a),
                                       "unknown rung") != 0));
        assert_true((a > 8) || (strcmp(dg_alarm_text((enum dg_alarm)a),
                                       "unknown alarm") != 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request__every_kind__round_trip),
        cmocka_unit_test(
            test_answer__every_kind_at_its_largest__fits_one_bucket),
        cmocka_unit_test(
            test_request__every_truncation_and_byte__same_or_refused),
        cmocka_unit_test(
            test_answer__every_truncation_and_byte__same_or_refused),
        cmocka_unit_test(test_request__odd_maps__as_documented),
        cmocka_unit_test(test_message__bad_arguments_and_ranges__refused),
        cmocka_unit_test(test_message_text__every_value__its_own_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
