/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* T8: whatever the owner's phone says, with the person's own signature, with
 * profiles that the prescriber did sign, and without anybody at the device, no
 * limit becomes looser and nothing else of the therapy changes. */

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

/* What is tighter now is what may not be loosened next. */
static void expect_nothing_looser(void)
{
    const struct dg_therapy *now = &rig.device.settings.therapy;
    const struct dg_limits *new = &rig.device.limits;
    const struct dg_glucagon_limits *new_ug = &rig.device.glucagon.limits;

    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        assert_true(new->dose_max_mU[tier] <= limits.dose_max_mU[tier]);
        assert_true(new_ug->dose_max_ug[tier] <= glucagon.dose_max_ug[tier]);
        for (unsigned w = 0U; w < DG_WINDOWS; w++) {
            assert_true(new->window_max_mU[tier][w] <=
                        limits.window_max_mU[tier][w]);
            assert_true(new_ug->window_max_ug[tier][w] <=
                        glucagon.window_max_ug[tier][w]);
        }
    }
    assert_true(new->iob_max_mU <= limits.iob_max_mU);
    assert_true(new->isf_mg_dL_per_U >= limits.isf_mg_dL_per_U);
    assert_true(new->floor_mg_dL >= limits.floor_mg_dL);
    assert_true(new->glucose_age_s_max <= limits.glucose_age_s_max);
    assert_true(new->interval_s_min >= limits.interval_s_min);
    assert_true(new_ug->below_mg_dL <= glucagon.below_mg_dL);
    assert_true(new_ug->rescue_ug <= glucagon.rescue_ug);
    assert_true(new_ug->rescue_below_mg_dL <= glucagon.rescue_below_mg_dL);
    assert_true(new_ug->interval_s_min >= glucagon.interval_s_min);
    assert_memory_equal(now->basal, therapy.basal, sizeof now->basal);
    assert_int_equal(now->age_class, therapy.age_class);
    assert_int_equal(now->package, therapy.package);
    assert_true(now->total_daily_dose.mU <= therapy.total_daily_dose.mU);
    assert_false(rig.device.settings.prescribed.is_loosening);
    remember();
}

/* Signed by the prescriber: looser than what holds, in all or in part. */
#define PROFILES 3U
static uint8_t signed_room[PROFILES][DG_PRESCRIPTION_MAX];
static dg_span profiles[PROFILES];

static void sign_profiles(void)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);
    const struct dg_bounds widest = profile.bounds;

    profile.bounds.value[DG_BOUND_DAILY] = 40000;
    profile.bounds.value[DG_BOUND_FLOOR] = 90;
    profiles[0] = rig_sign(&rig, &profile, DG_BUF_OF(signed_room[0]));
    profile.counter = 2U;
    profile.bounds.value[DG_BOUND_DAILY] = 45000;
    profile.bounds.value[DG_BOUND_FLOOR] = 95;
    profiles[1] = rig_sign(&rig, &profile, DG_BUF_OF(signed_room[1]));
    profile.counter = 3U;
    profile.bounds = widest;
    profile.bounds.value[DG_BOUND_DAILY] = 300000;
    profile.bounds.value[DG_BOUND_ISF] = 2;
    profile.bounds.value[DG_BOUND_FLOOR] = 80;
    profiles[2] = rig_sign(&rig, &profile, DG_BUF_OF(signed_room[2]));
}

static struct dg_request random_profile(uint64_t *seed)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = DG_REQUEST_PROFILE;
    request.as.profile.verb =
        (enum dg_profile_verb)(1U + (rig_random(seed) % 4U));
    if (request.as.profile.verb == DG_PROFILE_TAKE) {
        request.as.profile.bytes = profiles[rig_random(seed) % PROFILES];
    } else if (request.as.profile.verb == DG_PROFILE_WISH) {
        request.as.profile.has_wish = true;
        request.as.profile.wish[0] = (uint16_t)(60U + (rig_random(seed) % 61U));
        /* As wide as any, now and then a bit less. */
        for (unsigned i = 1U; i < DG_WISHES; i++) {
            request.as.profile.wish[i] =
                (uint16_t)((uint32_t)dg_limits_share_max(i) -
                           (((rig_random(seed) & 7U) == 0U) ? 1U : 0U));
        }
    } else {
        /* Show and withdraw say nothing more. */
    }
    return request;
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
                                                 DG_REQUEST_PROFILE,
                                                 DG_REQUEST_PROFILE,
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
    case DG_REQUEST_PROFILE:
        return random_profile(seed);
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
    /* A profile as it was signed, as often as not. */
    for (uint32_t i = ((request->kind == DG_REQUEST_PROFILE) &&
                       ((rig_random(seed) & 1U) != 0U))
                          ? 0U
                          : (rig_random(seed) % 4U);
         i > 0U;
         i--) {
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

/* @verifies{FMT_SET.2@2} */
static void test_owners_phone__any_message__no_limit_loosens(void **state)
{
    uint64_t seed = 20261123U;
    uint32_t tickets = 0U;
    uint32_t waited = 0U;

    (void)state;
    struct dg_therapy start = rig_therapy(1000);

    start.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}, {80}};
    rig_init(&rig, &start);
    rig_ready(&rig, 120);
    sign_profiles();
    assert_int_equal(rig_bring(&rig, 0U, profiles[0])->kind, DG_ANSWER_PROFILE);
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
        expect_nothing_looser();
    }
    print_message("%u tickets, %u accepted\n", tickets, waited);
    assert_true((tickets > 50U) && (waited > 10U));
    /* They were taken, in order; nobody pressed. */
    assert_int_equal(rig.device.settings.prescribed.counter, 3U);
    assert_int_equal(rig.device.settings.therapy.total_daily_dose.mU, 40000);
    assert_int_equal(rig.device.settings.therapy.isf_mg_dL_per_U, 36);
    assert_true(rig.device.settings.therapy.floor.mg_dL >= 95);
    rig_reboot(&rig);
    expect_nothing_looser();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners_phone__any_message__no_limit_loosens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
