/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/device_parts.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Who may ask for what: the table against docs/protocol.md, and over the air.
 */

static struct rig rig;

/* "o" owner, "c" caregiver, "b" observer; by request number, as the page
 * "Roles" of docs/protocol.md has them. */
static const char *const page[] = {
    "",    /* 0 nothing       */
    "ocb", /* 1 status        */
    "oc",  /* 2 propose       */
    "oc",  /* 3 commit        */
    "oc",  /* 4 stop          */
    "oc",  /* 5 lease         */
    "ocb", /* 6 glucose       */
    "oc",  /* 7 suspend       */
    "oc",  /* 8 resume        */
    "oc",  /* 9 profile       */
    "ocb", /* 10 journal      */
    "oc",  /* 11 attest       */
    "o",   /* 12 update       */
    "o",   /* 13 revoke       */
    "o",   /* 14 roles        */
    "",    /* 15 pair: nobody */
    "ocb", /* 16 rekey        */
    "o",   /* 17 settings     */
    "oc",  /* 18 policy       */
};

/* @verifies{FMT_ROLE.1@1} */
static void test_role__every_role_and_request__as_the_page_says(void **state)
{
    static const char letter[] = {'?', 'o', 'c', 'b'};

    (void)state;
    for (unsigned kind = 0U; kind < 300U; kind++) {
        for (unsigned role = 0U; role < 300U; role++) {
            const bool want = (kind < (sizeof page / sizeof page[0])) &&
                              (role >= 1U) && (role <= 3U) &&
                              (strchr(page[kind], letter[role]) != NULL);

            assert_int_equal(
                dg_role_may((enum dg_role)role, (enum dg_request_kind)kind),
                want);
        }
    }
}

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    rig_pair(&rig, 2U, DG_ROLE_OBSERVER);
    for (unsigned who = 0U; who < 3U; who++) {
        assert_true(rig_connect(&rig, who));
    }
}

static const struct dg_answer *ask_roles(unsigned who)
{
    const struct dg_request request = {.kind = DG_REQUEST_ROLES};

    return rig_ask(&rig, who, &request);
}

static void test_roles__asked_by_each__list_for_the_owner_only(void **state)
{
    const struct dg_answer *answer = NULL;

    (void)state;
    start();
    for (unsigned who = 1U; who < 3U; who++) {
        answer = ask_roles(who);
        assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
        assert_int_equal(answer->as.refused.reason, DG_REASON_ROLE);
    }
    answer = ask_roles(0U);
    assert_int_equal(answer->kind, DG_ANSWER_ROLES);
    for (unsigned slot = 0U; slot < 4U; slot++) {
        const struct dg_roles_entry *entry = &answer->as.roles.phone[slot];

        assert_int_equal(entry->role, (slot < 3U) ? (slot + 1U) : 0U);
        assert_int_equal(entry->has_session, slot < 3U);
        assert_int_equal(entry->name_size, (slot < 3U) ? 5U : 0U);
    }
    assert_memory_equal(answer->as.roles.phone[2].name, "phone", 5U);
}

/* A phone comes in by presence only, and no request re-keys a session: the
 * numbers are kept for that, and refused like any other nonsense. */
static void test_request__pair_or_rekey_over_a_session__refused(void **state)
{
    (void)state;
    start();
    rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);
    for (unsigned kind = 15U; kind <= 16U; kind++) {
        const uint8_t message[] = {0xA1U, 0x00U, (uint8_t)kind};
        struct rig_phone *phone = &rig.phone[0];
        enum dg_controller_event event = DG_CONTROLLER_NOTHING;
        struct dg_answer answer;
        dg_span bytes = {NULL, 0U};

        assert_int_equal(dg_controller_send(&phone->controller,
                                            &rig.crypto,
                                            DG_SPAN_OF(message),
                                            DG_BUF_OF(rig.phone_room),
                                            &bytes),
                         DG_OK);
        bytes = rig_deliver(&rig, bytes);
        assert_int_equal(dg_controller_receive(&phone->controller,
                                               &rig.crypto,
                                               &phone->phone,
                                               bytes,
                                               DG_BUF_OF(rig.phone_room),
                                               &event,
                                               &bytes),
                         DG_OK);
        assert_int_equal(dg_answer_decode(bytes, &answer), DG_OK);
        assert_int_equal(answer.kind, DG_ANSWER_REFUSED);
        assert_int_equal(answer.as.refused.reason, DG_REASON_FORMAT);
    }
    assert_false(rig.device.pairing.is_open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role__every_role_and_request__as_the_page_says),
        cmocka_unit_test(test_roles__asked_by_each__list_for_the_owner_only),
        cmocka_unit_test(test_request__pair_or_rekey_over_a_session__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
