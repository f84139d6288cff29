/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* T8: whatever the owner's phone says, with the person's own signature and
 * without anybody at the device, no limit and no prescription changes. */

#define MESSAGES 6000U

static struct rig rig;
static struct dg_therapy therapy;
static struct dg_limits limits;
static struct dg_glucagon_limits glucagon;

static void remember(void)
{
    therapy = rig.device.settings.therapy;
    limits = rig.device.limits;
    glucagon = rig.device.glucagon.limits;
}

static void expect_the_same(void)
{
    assert_memory_equal(&rig.device.limits, &limits, sizeof limits);
    assert_memory_equal(
        &rig.device.glucagon.limits, &glucagon, sizeof glucagon);
    assert_memory_equal(&rig.device.settings.therapy, &therapy, sizeof therapy);
}

static struct dg_effect random_effect(uint64_t *seed)
{
    struct dg_effect effect;

    memset(&effect, 0, sizeof effect);
    effect.kind = (enum dg_effect_kind)(rig_random(seed) % 7U);
    switch (effect.kind) {
    case DG_EFFECT_GLUCAGON:
        effect.glucagon.ug = (int32_t)(rig_random(seed) % 1000U);
        break;
    case DG_EFFECT_BASAL:
        effect.rate.mU_per_h = (int32_t)(rig_random(seed) % 30000U);
        effect.duration.s = rig_random(seed) % 90000U;
        break;
    case DG_EFFECT_SETTINGS:
        effect.setting = (enum dg_setting)(rig_random(seed) % 5U);
        effect.amount.mU = (int32_t)(rig_random(seed) % 300000U);
        effect.rate.mU_per_h = (int32_t)(rig_random(seed) % 30000U);
        effect.hour = (uint8_t)(rig_random(seed) % 25U);
        effect.hours = (uint8_t)(rig_random(seed) % 26U);
        break;
    case DG_EFFECT_BOLUS:
    case DG_EFFECT_PRIME:
    case DG_EFFECT_NONE:
    default:
        effect.form = (enum dg_bolus_form)(rig_random(seed) % 3U);
        effect.amount.mU = (int32_t)(rig_random(seed) % 30000U);
        effect.duration.s = rig_random(seed) % 30000U;
        break;
    }
    return effect;
}

/* One request of any kind that holds no pointer; most are sound. */
static struct dg_request random_request(uint64_t *seed)
{
    static const enum dg_request_kind kinds[] = {DG_REQUEST_STATUS,
                                                 DG_REQUEST_PROPOSE,
                                                 DG_REQUEST_PROPOSE,
                                                 DG_REQUEST_PROPOSE,
                                                 DG_REQUEST_STOP,
                                                 DG_REQUEST_LEASE,
                                                 DG_REQUEST_SUSPEND,
                                                 DG_REQUEST_RESUME,
                                                 DG_REQUEST_UPDATE,
                                                 DG_REQUEST_REVOKE,
                                                 DG_REQUEST_ROLES,
                                                 DG_REQUEST_ATTEST,
                                                 DG_REQUEST_POLICY};
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = kinds[rig_random(seed) % (sizeof kinds / sizeof kinds[0])];
    switch ((unsigned)request.kind) {
    case DG_REQUEST_STATUS:
        request.as.status.major = DG_VERSION_MAJOR;
        request.as.status.phone_battery_percent = 90U;
        break;
    case DG_REQUEST_PROPOSE:
        request.as.propose.tier = (enum dg_tier)(1U + (rig_random(seed) % 2U));
        request.as.propose.effect = random_effect(seed);
        break;
    case DG_REQUEST_LEASE:
        request.as.lease.verb = DG_LEASE_TAKE;
        break;
    case DG_REQUEST_SUSPEND:
        request.as.suspend.seconds = 1U + (rig_random(seed) % 7200U);
        break;
    case DG_REQUEST_UPDATE:
        request.as.update.verb = DG_UPDATE_QUERY;
        break;
    case DG_REQUEST_REVOKE:
        request.as.revoke.slot = (uint8_t)(rig_random(seed) % 4U);
        break;
    default:
        break;
    }
    return request;
}

/* Sealed as the phone's own, changed before that. */
static void send_changed(const struct dg_request *request, uint64_t *seed)
{
    struct rig_phone *phone = &rig.phone[0];
    uint8_t room[DG_MESSAGE_MAX];
    dg_span bytes = {NULL, 0U};
    dg_span datagram = {NULL, 0U};

    if (dg_request_encode(request, DG_BUF_OF(room), &bytes) != DG_OK) {
        return;
    }
    for (uint32_t i = rig_random(seed) % 4U; i > 0U; i--) {
        room[rig_random(seed) % bytes.size] = (uint8_t)rig_random(seed);
    }
    if (dg_controller_send(&phone->controller,
                           &rig.crypto,
                           bytes,
                           DG_BUF_OF(rig.phone_room),
                           &datagram) == DG_OK) {
        (void)rig_deliver(&rig, datagram);
    }
}

/* @verifies{FMT_SET.2@1} */
static void test_owners_phone__any_message__no_limit_moves(void **state)
{
    uint64_t seed = 20261123U;
    uint32_t tickets = 0U;
    uint32_t waited = 0U;

    (void)state;
    struct dg_therapy start = rig_therapy(1000);

    start.glucagon = (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}};
    rig_init(&rig, &start);
    rig_ready(&rig, 120);
    remember();
    for (uint32_t i = 0U; i < MESSAGES; i++) {
        struct dg_request request = random_request(&seed);

        /* Proposals first: what is changed in a message may end a session. */
        while (((i % 10U) < 3U) && (request.kind != DG_REQUEST_PROPOSE)) {
            request = random_request(&seed);
        }
        if ((i % 10U) == 0U) {
            rig_wait(&rig, 300U);
            (void)rig_connect(&rig, 0U);
            (void)rig_glucose(&rig, 0U, 120);
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        }
        if (request.kind == DG_REQUEST_PROPOSE) {
            const struct dg_answer *answer = NULL;
            uint8_t room[DG_MESSAGE_MAX];
            dg_span bytes = {NULL, 0U};

            if (dg_request_encode(&request, DG_BUF_OF(room), &bytes) == DG_OK) {
                answer = rig_ask(&rig, 0U, &request);
            }
            if ((answer != NULL) && (answer->kind == DG_ANSWER_TICKET)) {
                tickets++;
                answer = rig_commit(&rig, 0U, true);
                waited +=
                    ((answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED))
                        ? 1U
                        : 0U;
            }
        } else {
            send_changed(&request, &seed);
        }
        expect_the_same();
    }
    print_message("%u tickets, %u accepted\n", tickets, waited);
    assert_true((tickets > 50U) && (waited > 10U));
    rig_reboot(&rig);
    expect_the_same();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners_phone__any_message__no_limit_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
