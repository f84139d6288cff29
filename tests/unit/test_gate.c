/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "domain/gate.h"

/* Who says what, written from the architecture page in another form than the
 * table under test: a rule that appears in the code alone fails here. */
struct want {
    enum dg_role_id from;
    enum dg_role_id to;
    unsigned size;  /* of the body, counted by hand */
    bool any_phase; /* else only in the one below */
    unsigned phase;
    unsigned then; /* 0: stay */
};

#define PLAIN   (2U + 480U)
#define PACKET  (2U + 1024U)
#define SLIP    (2U + 256U)
#define BOUNDS  (24U * 4U)
#define ORDER   (PLAIN + 1U + 1U + 24U)
#define EFFECT  (3U + 4U + 4U + 4U + 4U + 1U + 1U)
#define CHAMBER (1U + 12U + 1U + 8U + 1U + 16U)
#define STATUS                                                              \
    (4U + 1U + 1U + 2U + 1U + 1U + 8U + 1U + 4U + 4U + 12U + 4U + 4U + 1U + \
     2U + 1U + 4U + 8U + 20U + 2U + 1U + 1U + CHAMBER)

static const struct want wants[DG_INTERNAL_TYPES] = {
    [1] = {DG_ROLE_ID_KEYS, DG_ROLE_ID_LINK, PACKET, true, 0, 0},
    [2] = {DG_ROLE_ID_LINK, DG_ROLE_ID_KEYS, PACKET, true, 0, 0},
    [3] = {DG_ROLE_ID_LINK, DG_ROLE_ID_KEYS, PLAIN, true, 0, 0},
    [4] = {DG_ROLE_ID_KEYS, DG_ROLE_ID_THERAPY, PLAIN, true, 0, 0},
    [5] = {DG_ROLE_ID_THERAPY, DG_ROLE_ID_KEYS, 16U + PLAIN, true, 0, 0},
    [6] = {DG_ROLE_ID_KEYS, DG_ROLE_ID_THERAPY, 16U + PLAIN, false, 2, 0},
    [7] = {DG_ROLE_ID_KEYS, DG_ROLE_ID_THERAPY, 8U + 16U + 64U, false, 3, 2},
    [8] = {DG_ROLE_ID_KEYS, DG_ROLE_ID_THERAPY, 1U, false, 3, 0},
    [9] = {DG_ROLE_ID_THERAPY, DG_ROLE_ID_KEYS, ORDER, true, 0, 0},
    [10] = {DG_ROLE_ID_KEYS, DG_ROLE_ID_THERAPY, 3U, false, 3, 0},
    [11] = {DG_ROLE_ID_CONFIRM, DG_ROLE_ID_THERAPY, 64U, false, 1, 2},
    [12] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_CONFIRM,
            8U + 16U + 8U + EFFECT + 4U + 1U + 2U,
            true,
            0,
            0},
    [13] = {DG_ROLE_ID_THERAPY, DG_ROLE_ID_CONFIRM, 8U, true, 0, 0},
    [14] = {DG_ROLE_ID_CONFIRM, DG_ROLE_ID_THERAPY, 8U + 64U, false, 4, 2},
    [15] = {DG_ROLE_ID_CONFIRM, DG_ROLE_ID_THERAPY, 8U + 1U, false, 4, 2},
    [16] = {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U, true, 0, 0},
    [17] =
        {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U + EFFECT + 1U, true, 0, 0},
    [18] = {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U, true, 0, 0},
    [19] = {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U + ORDER, true, 0, 0},
    [20] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            4U + 1U + 1U + 4U + 1U + 8U + 8U + 8U + 1U + 1U + 1U + 1U + 4U +
                STATUS,
            true,
            0,
            0},
    [22] =
        {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U + 1U + 1U + 4U, true, 0, 0},
    [23] = {DG_ROLE_ID_GATEWAY,
            DG_ROLE_ID_THERAPY,
            4U + 1U + 4U + 2U + 256U,
            true,
            0,
            0},
    [24] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            4U + 4U * (1U + 1U + 1U + 24U),
            true,
            0,
            0},
    [25] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            4U + 1U + 1U + 4U + 4U,
            true,
            0,
            0},
    [28] = {DG_ROLE_ID_GATEWAY,
            DG_ROLE_ID_THERAPY,
            4U + 1U + 4U + 1U + PLAIN,
            true,
            0,
            0},
    [29] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            4U + 1U + 4U + 4U + PLAIN,
            true,
            0,
            0},
    [31] = {DG_ROLE_ID_SUPERVISOR,
            DG_ROLE_ID_THERAPY,
            1U + 2U + 4U + 1U,
            true,
            0,
            0},
    [21] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            1U + 4U + 4U + 8U + 8U + 1U + 1U + 1U + 4U,
            true,
            0,
            0},
    [30] = {DG_ROLE_ID_CONFIRM, DG_ROLE_ID_KEYS, 64U, false, 1, 2},
    [32] = {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U + 1U + SLIP, true, 0, 0},
    [33] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            4U + 8U + 4U + 1U + 4U + BOUNDS + BOUNDS,
            true,
            0,
            0},
    [34] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_CONFIRM,
            8U + 2U + BOUNDS + SLIP,
            true,
            0,
            0},
    [35] = {DG_ROLE_ID_CONFIRM, DG_ROLE_ID_THERAPY, 8U, false, 4, 2},
    [26] = {DG_ROLE_ID_GATEWAY, DG_ROLE_ID_THERAPY, 4U + 1U + SLIP, true, 0, 0},
    [27] = {DG_ROLE_ID_THERAPY,
            DG_ROLE_ID_GATEWAY,
            4U + 8U + 16U + 64U + 64U,
            true,
            0,
            0},
};

static uint8_t bytes[DG_INTERNAL_MAX + 1U];

/* One cell: a message of this type and size, in this phase, on this channel. */
static unsigned check_cell(
    unsigned type, unsigned from, unsigned to, unsigned phase, unsigned size)
{
    const struct want none = {.from = DG_ROLE_ID_NONE};
    const struct want want = (type < DG_INTERNAL_TYPES) ? wants[type] : none;
    const bool allowed =
        (want.from != DG_ROLE_ID_NONE) && ((unsigned)want.from == from) &&
        ((unsigned)want.to == to) && (size == want.size + 1U) &&
        (phase != 0U) && (want.any_phase || ((want.phase & phase) != 0U));
    struct dg_gate gate;

    dg_gate_open(&gate, (enum dg_role_id)to, (enum dg_role_id)from);
    gate.phase = (enum dg_gate_phase)phase;
    bytes[0] = (uint8_t)type;

    const enum dg_status got = dg_gate_pass(&gate, (dg_span){bytes, size});
    const unsigned next = (allowed && (want.then != 0U)) ? want.then : phase;

    if ((got == (allowed ? DG_OK : DG_E_PEER)) &&
        ((unsigned)gate.phase == next)) {
        return 0;
    }
    print_error("type %u from %u to %u phase %u size %u: %s, phase %u\n",
                type,
                from,
                to,
                phase,
                size,
                dg_status_name(got),
                (unsigned)gate.phase);
    return 1;
}

/* @verifies{FPT_SEP.2@2} */
static void test_gate__every_cell__as_the_architecture_says(void **state)
{
    static const unsigned phases[] = {0, 1, 2, 4};
    unsigned wrong = 0;

    (void)state;
    for (unsigned type = 0; type < DG_INTERNAL_TYPES + 2U; type++) {
        const unsigned right =
            (type < DG_INTERNAL_TYPES) ? wants[type].size + 1U : 5U;
        const unsigned sizes[] = {
            1, right - 1U, right, right + 1U, sizeof(bytes)};

        for (unsigned from = 0; from < DG_ROLE_IDS; from++) {
            for (unsigned to = 0; to < DG_ROLE_IDS; to++) {
                for (size_t i = 0; i < 4U * 5U; i++) {
                    wrong += check_cell(
                        type, from, to, phases[i % 4U], sizes[i / 4U]);
                }
            }
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_gate__presence_twice__refused(void **state)
{
    struct dg_gate gate;

    (void)state;
    dg_gate_open(&gate, DG_ROLE_ID_THERAPY, DG_ROLE_ID_CONFIRM);
    bytes[0] = DG_INTERNAL_PRESENCE;
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 65}), DG_OK);
    gate.phase = DG_GATE_START;
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 65}), DG_E_PEER);
}

static void test_gate__one_question__one_answer(void **state)
{
    struct dg_gate gate;

    (void)state;
    dg_gate_open(&gate, DG_ROLE_ID_THERAPY, DG_ROLE_ID_CONFIRM);
    dg_gate_ask(&gate); /* not introduced yet: no answer is owed */
    bytes[0] = DG_INTERNAL_DECLINED;
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 10}), DG_E_PEER);
    gate.phase = DG_GATE_RUN;
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 10}), DG_E_PEER);
    dg_gate_ask(&gate);
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 10}), DG_OK);
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 10}), DG_E_PEER);
}

static void test_gate__nothing_at_all__refused(void **state)
{
    struct dg_gate gate = {.phase = DG_GATE_NO_PHASE};

    (void)state;
    assert_int_equal(dg_gate_pass(NULL, (dg_span){bytes, 1}), DG_E_USAGE);
    assert_int_equal(dg_gate_pass(&gate, (dg_span){NULL, 0}), DG_E_PEER);
    assert_int_equal(dg_gate_pass(&gate, (dg_span){bytes, 0}), DG_E_PEER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate__every_cell__as_the_architecture_says),
        cmocka_unit_test(test_gate__presence_twice__refused),
        cmocka_unit_test(test_gate__one_question__one_answer),
        cmocka_unit_test(test_gate__nothing_at_all__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
