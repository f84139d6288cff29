/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "domain/acts.h"
#include "domain/gate.h"
#include "domain/role.h"

/* What spec/topology.toml has made, against what the architecture page says;
 * and one forbidden act of every class tried by a process that each back-end
 * has confined as each role. */

#define NOBODY 65534U

/* @verifies{FPT_SEP.1@1} */
static void test_roles__promises__as_the_architecture_says(void **state)
{
    static const unsigned page[DG_ROLE_IDS] = {
        0,
        DG_PROMISE_CHANNELS | DG_PROMISE_RECONNECT,
        DG_PROMISE_CHANNELS | DG_PROMISE_DIRECTORY,
        DG_PROMISE_CHANNELS,
        DG_PROMISE_CHANNELS | DG_PROMISE_CLIENTS | DG_PROMISE_DIRECTORY,
        DG_PROMISE_CHANNELS | DG_PROMISE_CLIENTS};

    (void)state;
    for (unsigned role = 0; role < DG_ROLE_IDS; role++) {
        const struct dg_topology_role *of = &dg_topology_roles[role];

        assert_int_equal(dg_sandbox_promises((enum dg_role_id)role),
                         page[role]);
        if ((role == DG_ROLE_ID_NONE) || (role == DG_ROLE_ID_SUPERVISOR)) {
            continue;
        }

        /* Only parsers may be replaced, and only they, who hold no secret, are
         * in namespaces of the user; of these only link sees the network. */
        const bool is_parser =
            (role == DG_ROLE_ID_LINK) || (role == DG_ROLE_ID_GATEWAY);

        assert_int_equal(of->may_restart, is_parser);
        assert_int_equal(
            of->apart,
            is_parser
                ? DG_APART_ALL &
                      ~(unsigned)((role == DG_ROLE_ID_LINK) ? DG_APART_NET : 0U)
                : 0U);
        assert_int_equal(of->processes, 0);
        assert_true((of->memory_mib > 0U) && (of->memory_mib <= 8U));
    }
    assert_int_equal(dg_sandbox_promises((enum dg_role_id)DG_ROLE_IDS), 0);
}

static void test_roles__every_message__has_one_rule(void **state)
{
    (void)state;
    for (unsigned type = 1; type < DG_INTERNAL_TYPES; type++) {
        const struct dg_gate_rule *rule = dg_gate_rule_of(type);

        if (rule->name == NULL) {
            fail_msg("type %u has no rule in spec/topology.toml", type);
        }
        assert_true(rule->phases != 0U);
    }
    assert_int_equal(dg_gate_rule_of(DG_INTERNAL_NONE)->phases, 0);
}

/* Each role behind the default back-end: what its promise allows is done, and
 * everything else refused. */
static void test_roles__one_forbidden_act_of_each_class__refused(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        const unsigned granted = dg_sandbox_promises((enum dg_role_id)role);

        for (size_t i = 0; i < dg_acts_count; i++) {
            const enum dg_act_end want = ((dg_acts[i].promises & granted) != 0U)
                                             ? DG_ACT_DONE
                                             : DG_ACT_REFUSED;
            const enum dg_act_end got = dg_act_try(
                &dg_backend_linux, (enum dg_role_id)role, &dg_acts[i]);

            if (got != want) {
                print_error("role %s: %s: %d instead of %d\n",
                            dg_role_id_name((enum dg_role_id)role),
                            dg_acts[i].name,
                            (int)got,
                            (int)want);
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

/* The acts are real: behind nothing each works, but those that Linux keeps from
 * every user. */
static void test_roles__behind_nothing__acts_are_possible(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < dg_acts_count; i++) {
        const enum dg_act_end got =
            dg_act_try(NULL, DG_ROLE_ID_GATEWAY, &dg_acts[i]);

        if ((got != DG_ACT_DONE) &&
            (strcmp(dg_acts[i].name, "run before all others") != 0) &&
            (strcmp(dg_acts[i].name, "make namespaces") != 0) &&
            (strcmp(dg_acts[i].name, "make an I/O ring") != 0)) {
            print_error("%s: %d\n", dg_acts[i].name, (int)got);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Processes alone hold the limits and nothing else; the page says so too. */
static void test_roles__process_alone__holds_limits_only(void **state)
{
    unsigned reached = 0;

    (void)state;
    for (size_t i = 0; i < dg_acts_count; i++) {
        const enum dg_act_end got =
            dg_act_try(&dg_backend_process, DG_ROLE_ID_GATEWAY, &dg_acts[i]);

        if (dg_acts[i].objective == DG_OBJECTIVE_STARVATION) {
            if (got != DG_ACT_REFUSED) {
                fail_msg("%s: %d", dg_acts[i].name, (int)got);
            }
        } else if ((dg_acts[i].promises == 0U) && (got == DG_ACT_DONE)) {
            reached++;
        }
    }
    assert_true(reached >= 15U);
}

static void test_roles__no_such_role__refused(void **state)
{
    const struct dg_sandbox_grants grants = {.directory = -1};
    unsigned landlock = 0;

    (void)state;
    assert_int_equal(dg_sandbox_enter(DG_ROLE_ID_NONE, &grants, &landlock),
                     DG_E_USAGE);
    assert_int_equal(dg_sandbox_enter(DG_ROLE_ID_KEYS, NULL, &landlock),
                     DG_E_USAGE);
    assert_int_equal(dg_sandbox_limit(DG_ROLE_ID_NONE), DG_E_USAGE);
    assert_null(dg_backend_at(DG_BACKENDS));
    assert_null(dg_backend_named("none"));
}

static int setup(void **state)
{
    (void)state;

    /* Root may raise limits and trace anybody: it is not who is tested. */
    if ((geteuid() == 0U) &&
        ((setgroups(0, NULL) != 0) || (setgid(NOBODY) != 0) ||
         (setuid(NOBODY) != 0) || (prctl(PR_SET_DUMPABLE, 1) != 0))) {
        return -1;
    }
    return dg_acts_open() ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    dg_acts_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles__promises__as_the_architecture_says),
        cmocka_unit_test(test_roles__every_message__has_one_rule),
        cmocka_unit_test(test_roles__one_forbidden_act_of_each_class__refused),
        cmocka_unit_test(test_roles__behind_nothing__acts_are_possible),
        cmocka_unit_test(test_roles__process_alone__holds_limits_only),
        cmocka_unit_test(test_roles__no_such_role__refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
