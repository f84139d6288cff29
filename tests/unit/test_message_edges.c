/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/bounds.h"
#include "dosegate/merkle.h"
#include "dosegate/message.h"
#include "dosegate/prescription.h"

/* Messages that no decoder would take are not written either: each field of
 * each answer and request one beyond its range, alone. */

static uint8_t room[DG_MESSAGE_MAX];

static struct dg_answer answer_of(enum dg_answer_kind kind)
{
    struct dg_answer answer;

    memset(&answer, 0, sizeof answer);
    answer.kind = kind;
    answer.status.therapy = DG_THERAPY_RUN;
    answer.status.rung = DG_RUNG_OBSERVE;
    answer.status.lease = DG_LEASE_NOBODY;
    if (kind == DG_ANSWER_TICKET) {
        answer.as.ticket.effect = (struct dg_effect){
            .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {500}};
        answer.as.ticket.confirmation = DG_CONFIRM_PHONE;
    } else if (kind == DG_ANSWER_REFUSED) {
        answer.as.refused.reason = DG_REASON_E1;
    } else if (kind == DG_ANSWER_JOURNAL) {
        answer.as.journal.verb = DG_JOURNAL_ASK_KEY;
    } else {
        /* Nothing more. */
    }
    return answer;
}

static enum dg_status encode(const struct dg_answer *answer)
{
    dg_span bytes = {NULL, 0U};

    return dg_answer_encode(answer, DG_BUF_OF(room), &bytes);
}

/* Change one member, and see it refused. */
#define EXPECT_REFUSED(kind, member, value)         \
    do {                                            \
        struct dg_answer bad = answer_of(kind);     \
                                                    \
        assert_int_equal(encode(&bad), DG_OK);      \
        bad.member = (value);                       \
        assert_int_equal(encode(&bad), DG_E_RANGE); \
    } while (0)

static void test_status__each_number_below_zero__not_written(void **state)
{
    (void)state;
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.ticket_amount.mU, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.ticket_delivered.mU, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.iob.mU, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.headroom_automatic.mU, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.headroom_confirmed.mU, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucose.mg_dL, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS,
                   status.sound,
                   (enum dg_sound)(DG_SOUND_CONTINUOUS + 1));
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucagon.amount.ug, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucagon.amount.ug, 65536);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucagon.delivered.ug, -1);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucagon.delivered.ug, 65536);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucagon.headroom_automatic.ug, -1);
    EXPECT_REFUSED(
        DG_ANSWER_STATUS, status.glucagon.headroom_automatic.ug, 65536);
    EXPECT_REFUSED(DG_ANSWER_STATUS, status.glucagon.headroom_confirmed.ug, -1);
    EXPECT_REFUSED(
        DG_ANSWER_STATUS, status.glucagon.headroom_confirmed.ug, 65536);
}

static void test_answer__each_part_out_of_range__not_written(void **state)
{
    (void)state;
    EXPECT_REFUSED(
        DG_ANSWER_TICKET, as.ticket.effect.amount.mU, DG_EFFECT_MU_MAX + 1);
    EXPECT_REFUSED(
        DG_ANSWER_TICKET, as.ticket.effect.kind, (enum dg_effect_kind)200);
    EXPECT_REFUSED(DG_ANSWER_REFUSED, as.refused.headroom.mU, -1);
    EXPECT_REFUSED(
        DG_ANSWER_JOURNAL, as.journal.verb, (enum dg_journal_verb)200);
    EXPECT_REFUSED(
        DG_ANSWER_JOURNAL, as.journal.size, DG_JOURNAL_BYTES_MAX + 1U);
}

/* A phone that is there has a role and a name; one that is not has neither. */
static void test_roles__entry_that_contradicts_itself__not_written(void **state)
{
    static const struct {
        enum dg_role role;
        uint8_t name_size;
        bool has_session;
        bool is_good;
    } rows[] = {
        {DG_ROLE_NONE, 0U, false, true},
        {DG_ROLE_NONE, 1U, false, false},
        {DG_ROLE_NONE, 0U, true, false},
        {DG_ROLE_OWNER, 1U, true, true},
        {DG_ROLE_OBSERVER, DG_PAIRING_NAME_MAX, false, true},
        {DG_ROLE_OWNER, 0U, false, false},
        {DG_ROLE_OWNER, DG_PAIRING_NAME_MAX + 1U, false, false},
        {(enum dg_role)(DG_ROLE_OBSERVER + 1), 1U, false, false},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        for (unsigned slot = 0U; slot < DG_ROLES_MAX; slot++) {
            struct dg_answer answer = answer_of(DG_ANSWER_ROLES);
            struct dg_roles_entry *entry = &answer.as.roles.phone[slot];

            entry->role = rows[i].role;
            entry->name_size = rows[i].name_size;
            entry->has_session = rows[i].has_session;
            memset(entry->name, 'n', sizeof entry->name);
            assert_int_equal(encode(&answer),
                             rows[i].is_good ? DG_OK : DG_E_RANGE);
        }
    }
}

static void test_profile__each_bound_below_zero__not_written(void **state)
{
    struct dg_answer answer = answer_of(DG_ANSWER_PROFILE);

    (void)state;
    assert_int_equal(encode(&answer), DG_OK);
    answer.as.profile.state = (enum dg_loosening)(DG_LOOSENING_DELAY + 1);
    assert_int_equal(encode(&answer), DG_E_RANGE);
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        answer = answer_of(DG_ANSWER_PROFILE);
        answer.as.profile.in_force.value[bound] = -1;
        assert_int_equal(encode(&answer), DG_E_RANGE);
        /* What comes next counts only where something does. */
        answer.as.profile.in_force.value[bound] = 0;
        answer.as.profile.next.value[bound] = -1;
        assert_int_equal(encode(&answer), DG_OK);
        answer.as.profile.state = DG_LOOSENING_ASKED;
        assert_int_equal(encode(&answer), DG_E_RANGE);
    }
}

static enum dg_status encode_request(const struct dg_request *request)
{
    dg_span bytes = {NULL, 0U};

    return dg_request_encode(request, DG_BUF_OF(room), &bytes);
}

/* Which verb has bytes, and which a wish. */
static void test_profile_request__verb_and_parts__only_what_belongs(
    void **state)
{
    static const uint8_t some[DG_PRESCRIPTION_MAX + 1U] = {0x55U};

    (void)state;
    for (unsigned verb = 0U; verb < 9U; verb++) {
        for (unsigned parts = 0U; parts < 6U; parts++) {
            struct dg_request request = {.kind = DG_REQUEST_PROFILE};
            const size_t size = (parts < 2U)   ? 0U
                                : (parts < 4U) ? 40U
                                               : sizeof some;
            const bool has_wish = (parts % 2U) == 1U;
            const bool takes = verb == (unsigned)DG_PROFILE_TAKE;
            const bool wishes = verb == (unsigned)DG_PROFILE_WISH;
            const bool is_verb = (verb >= (unsigned)DG_PROFILE_SHOW) &&
                                 (verb <= (unsigned)DG_PROFILE_WITHDRAW);

            request.as.profile.verb = (enum dg_profile_verb)verb;
            request.as.profile.bytes = (dg_span){some, size};
            request.as.profile.has_wish = has_wish;

            const bool is_good = is_verb && (takes == (size == 40U)) &&
                                 (takes || (size == 0U)) &&
                                 (wishes == has_wish);

            assert_int_equal(encode_request(&request),
                             is_good ? DG_OK : DG_E_RANGE);
        }
    }
}

static void test_journal_request__verb_and_parts__only_what_belongs(
    void **state)
{
    (void)state;
    for (unsigned verb = 0U; verb < 12U; verb++) {
        struct dg_request good = dg_journal_ask((enum dg_journal_verb)verb);
        struct dg_request bad;

        assert_int_equal(good.as.journal.verb, verb);
        if (encode_request(&good) != DG_OK) {
            /* No verb at all, or one that needs bytes. */
            good.as.journal.size = 1U;
        }
        if (encode_request(&good) != DG_OK) {
            assert_int_equal(good.as.journal.keys, 0U);
            continue;
        }
        bad = good;
        bad.as.journal.keys ^= 1U;
        assert_int_equal(encode_request(&bad), DG_E_RANGE);
        bad = good;
        bad.as.journal.skip = DG_MERKLE_PROOF_MAX + 1U;
        assert_int_equal(encode_request(&bad), DG_E_RANGE);
        bad = good;
        bad.as.journal.size = (good.as.journal.size == 0U)
                                  ? 1U
                                  : (uint8_t)(DG_JOURNAL_BYTES_MAX + 1U);
        assert_int_equal(encode_request(&bad), DG_E_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status__each_number_below_zero__not_written),
        cmocka_unit_test(test_answer__each_part_out_of_range__not_written),
        cmocka_unit_test(
            test_roles__entry_that_contradicts_itself__not_written),
        cmocka_unit_test(test_profile__each_bound_below_zero__not_written),
        cmocka_unit_test(
            test_profile_request__verb_and_parts__only_what_belongs),
        cmocka_unit_test(
            test_journal_request__verb_and_parts__only_what_belongs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
