/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/cose.h"
#include "rig.h"

#include <string.h>

/* Tickets: the bytes, the claims, and what the device makes of them.  Attacks
 * are those of someone who has a paired phone in hand and no verifier. */

static struct rig rig;
static uint8_t room[DG_ATTEST_TICKET_MAX];

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig.shows_nothing = true;
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_OWNER);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 1U));
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    return 0;
}

static enum dg_rung rung_of(unsigned who)
{
    return rig_greet(&rig, who)->status.rung;
}

static bool misses(enum dg_evidence which)
{
    return (((unsigned)rig_greet(&rig, 0U)->status.missing >> which) & 1U) !=
           0U;
}

static dg_span sign(const struct dg_secret *key,
                    const struct dg_attestation *attestation)
{
    dg_span ticket = {NULL, 0U};

    assert_int_equal(
        dg_attestation_sign(
            &rig.crypto, key, attestation, DG_BUF_OF(room), &ticket),
        DG_OK);
    return ticket;
}

static bool is_taken(const struct dg_answer *answer)
{
    assert_non_null(answer);
    if (answer->kind == DG_ANSWER_ATTEST) {
        return true;
    }
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_ATTESTATION);
    return false;
}

static struct dg_attestation honest(unsigned who)
{
    const struct dg_attest_nonce nonce = rig_nonce(&rig, who);

    return rig_attestation(&rig, who, &nonce);
}

/* the bytes --------------------------------------------------------------- */

static struct dg_attestation largest(void)
{
    struct dg_attestation most = {.level = DG_PACKAGE_HIGH,
                                  .claims = 0xAAAAAU,
                                  .policy = UINT32_MAX,
                                  .life_s = DG_ATTEST_LIFE_S_MAX,
                                  .serial = UINT32_MAX,
                                  .epoch = UINT32_MAX};

    memset(most.nonce.byte, 0x4E, sizeof most.nonce.byte);
    memset(most.subject.byte, 0x53, sizeof most.subject.byte);
    return most;
}

/* @verifies{FDP_ATT.1@1} */
static void test_attestation__largest__round_trip_within_256_bytes(void **state)
{
    const struct dg_attestation most = largest();
    struct dg_attestation back;
    struct dg_public_key key;

    (void)state;
    assert_int_equal(
        rig.crypto.p256_public(rig.crypto.context, &rig.verifier, &key), DG_OK);

    const dg_span ticket = sign(&rig.verifier, &most);

    assert_true(ticket.size <= 180U);
    assert_int_equal(dg_attestation_verify(&rig.crypto, &key, ticket, &back),
                     DG_OK);
    assert_memory_equal(&back, &most, sizeof back);
    memset(&back, 0, sizeof back);
    assert_int_equal(dg_attestation_peek(ticket, &back), DG_OK);
    assert_memory_equal(&back, &most, sizeof back);
}

static void test_attestation__field_out_of_range__not_signed(void **state)
{
    dg_span ticket;

    (void)state;
    for (unsigned which = 0U; which < 7U; which++) {
        struct dg_attestation bad = largest();

        bad.claims = (which == 0U) ? 0x3U : bad.claims;
        bad.claims = (which == 1U) ? 0x100000U : bad.claims;
        bad.level = (which == 2U) ? DG_PACKAGE_NONE : bad.level;
        bad.level = (which == 3U) ? (enum dg_package)4 : bad.level;
        bad.life_s = (which == 4U) ? 0U : bad.life_s;
        bad.life_s = (which == 5U) ? DG_ATTEST_LIFE_S_MAX + 1U : bad.life_s;
        bad.epoch = (which == 6U) ? 0U : bad.epoch;
        assert_int_equal(
            dg_attestation_sign(
                &rig.crypto, &rig.verifier, &bad, DG_BUF_OF(room), &ticket),
            DG_E_RANGE);
    }
    const struct dg_attestation good = largest();

    assert_int_equal(dg_attestation_sign(&rig.crypto,
                                         &rig.verifier,
                                         &good,
                                         (dg_buf){room, sizeof room - 1U},
                                         &ticket),
                     DG_E_NO_SPACE);
    assert_int_equal(dg_attestation_peek((dg_span){room, 257U}, NULL),
                     DG_E_USAGE);
}

/* Every single bit, every truncation, one byte more. */
/* @verifies{FDP_ATT.1@1} */
static void test_attestation__any_bit_changed__not_believed(void **state)
{
    const struct dg_attestation most = largest();
    const dg_span ticket = sign(&rig.verifier, &most);
    const struct dg_public_key *key = &rig.settings.trust.policy.verifier;
    struct dg_attestation back;
    uint8_t copy[DG_ATTEST_TICKET_MAX + 1U] = {0U};

    (void)state;
    memcpy(copy, ticket.at, ticket.size);
    for (size_t bit = 0U; bit < (8U * ticket.size); bit++) {
        copy[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_not_equal(
            dg_attestation_verify(
                &rig.crypto, key, (dg_span){copy, ticket.size}, &back),
            DG_OK);
        copy[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    for (size_t size = 0U; size <= (ticket.size + 1U); size++) {
        const enum dg_status status = dg_attestation_verify(
            &rig.crypto, key, (dg_span){copy, size}, &back);

        assert_int_equal(status == DG_OK, size == ticket.size);
    }
}

/* The same bytes signed for another purpose are no ticket, and a ticket is no
 * policy head. */
/* @verifies{FDP_ATT.1@1} */
static void test_attestation__other_purpose__not_believed(void **state)
{
    static const uint8_t purpose[] = "dosegate profile 1";
    const struct dg_attestation most = largest();
    const dg_span ticket = sign(&rig.verifier, &most);
    struct dg_cose_sign1 parts;
    struct dg_attestation back;
    struct dg_policy policy;
    uint8_t other[DG_ATTEST_TICKET_MAX];
    dg_span again = {NULL, 0U};

    (void)state;
    assert_int_equal(dg_cose_sign1_parse(ticket, &parts), DG_OK);
    assert_int_equal(dg_cose_sign1(&rig.crypto,
                                   &rig.verifier,
                                   (dg_span){NULL, 0U},
                                   (dg_span){purpose, sizeof purpose - 1U},
                                   parts.payload,
                                   DG_BUF_OF(other),
                                   &again),
                     DG_OK);
    assert_int_equal(
        dg_attestation_verify(
            &rig.crypto, &rig.settings.trust.policy.verifier, again, &back),
        DG_E_AUTH);
    assert_int_equal(
        dg_policy_verify(
            &rig.crypto, &rig.settings.trust.policy.verifier, ticket, &policy),
        DG_E_AUTH);
}

/* the claims -------------------------------------------------------------- */

/* docs/adr/0018, "Levels": what each must state, what it must not deny. */
static bool should_meet(const enum dg_claim_value value[DG_CLAIMS],
                        unsigned level)
{
    const bool low = (value[DG_CLAIM_APP] == DG_CLAIM_YES) &&
                     (value[DG_CLAIM_NOT_DEBUGGABLE] == DG_CLAIM_YES) &&
                     (value[DG_CLAIM_FRESH] == DG_CLAIM_YES) &&
                     (value[DG_CLAIM_BOOT_VERIFIED] != DG_CLAIM_NO) &&
                     (value[DG_CLAIM_BOOT_LOCKED] != DG_CLAIM_NO);
    const bool medium = low &&
                        (value[DG_CLAIM_BOOT_VERIFIED] == DG_CLAIM_YES) &&
                        (value[DG_CLAIM_BOOT_LOCKED] == DG_CLAIM_YES) &&
                        (value[DG_CLAIM_KEY_IN_HARDWARE] == DG_CLAIM_YES) &&
                        (value[DG_CLAIM_PRESENCE_BOUND] == DG_CLAIM_YES);
    const bool high = medium && (value[DG_CLAIM_ISOLATED] == DG_CLAIM_YES);

    return ((level == DG_PACKAGE_LOW) && low) ||
           ((level == DG_PACKAGE_MEDIUM) && medium) ||
           ((level == DG_PACKAGE_HIGH) && high);
}

/* Three to the tenth, and the levels beside. */
/* @verifies{FDP_ATT.2@1} */
static void test_attestation_meets__every_claim_value_and_level__as_adr(
    void **state)
{
    unsigned met = 0U;

    (void)state;
    for (unsigned n = 0U; n < 59049U; n++) {
        enum dg_claim_value value[DG_CLAIMS];
        uint32_t claims = 0U;
        unsigned rest = n;

        for (unsigned i = 0U; i < DG_CLAIMS; i++) {
            value[i] = (enum dg_claim_value)(rest % 3U);
            rest /= 3U;
            claims = dg_attestation_state(claims, (enum dg_claim)i, value[i]);
            assert_int_equal(dg_attestation_claim(claims, (enum dg_claim)i),
                             value[i]);
        }
        for (unsigned level = 0U; level <= 4U; level++) {
            const bool got =
                dg_attestation_meets(claims, (enum dg_package)level);

            assert_int_equal(got, should_meet(value, level));
            met += got ? 1U : 0U;
        }
    }
    assert_true(met > 0U);
}

/* the device -------------------------------------------------------------- */

/* @verifies{FDP_ATT.2@1} @verifies{FDP_ACC.1@2} */
static void test_attestation__good_ticket__rung_rises_then_ages(void **state)
{
    (void)state;
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    rig_attest(&rig, 0U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    const uint32_t shown_s = rig.clock_s;

    rig_settle(&rig, 0U, 150);
    assert_int_equal(rung_of(0U), DG_RUNG_AUTOMATE);
    /* Medium: automate for four hours, dose for the day. */
    rig_wait_in_steps(&rig, shown_s + 13700U - rig.clock_s, 10U);
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    rig_settle(&rig, 0U, 150);
    rig_wait_in_steps(&rig, shown_s + 14400U - rig.clock_s, 1U);
    assert_int_equal(rung_of(0U), DG_RUNG_AUTOMATE);
    rig_wait(&rig, 1U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    assert_true(misses(DG_EVIDENCE_ATTESTATION));
    assert_true(rig_connect(&rig, 0U));
    rig_wait_in_steps(&rig, 86400U - 14400U, 60U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    assert_true(misses(DG_EVIDENCE_APP));
    assert_true(misses(DG_EVIDENCE_PLATFORM));
    assert_true(misses(DG_EVIDENCE_QUALIFIED));
    /* The other phone has shown nothing at any time. */
    assert_true(rig_connect(&rig, 1U));
    assert_true(rung_of(1U) < DG_RUNG_DOSE);
}

/* Without evidence a dose goes as far as the button, and no further. */
/* @verifies{FDP_ATT.3@1} */
static void test_attestation__none__each_dose_needs_the_button(void **state)
{
    (void)state;
    (void)rig_glucose(&rig, 0U, 150);

    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100);

    assert_int_equal(answer->as.refused.reason, DG_REASON_AUTHORITY);
    answer = rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100);
    assert_int_equal(answer->kind, DG_ANSWER_TICKET);
    assert_int_equal(answer->as.ticket.confirmation, DG_CONFIRM_BUTTON);
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 0U);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 2U);
}

/* What was agreed on the strength of a ticket ends with it. */
/* @verifies{FDP_ATT.3@1} */
static void test_attestation__gone_between_ticket_and_commit__refused(
    void **state)
{
    (void)state;
    rig_attest(&rig, 0U);

    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100);

    assert_int_equal(answer->as.ticket.confirmation, DG_CONFIRM_PHONE);
    rig.device.desk.attested[0].has = false;
    answer = rig_commit(&rig, 0U, true);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_AUTHORITY);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 0U);
}

/* Each claim that goes missing takes away what rests on it, and no session,
 * basal or protection with it. */
/* @verifies{FDP_ATT.2@1} @verifies{FDP_ATT.3@1} */
static void test_attestation__each_claim_denied_or_left_out__rung_falls(
    void **state)
{
    static const enum dg_rung want[DG_CLAIMS][2] = {
        /* not stated, no: package Medium, no reading */
        [DG_CLAIM_BOOT_VERIFIED] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_BOOT_LOCKED] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_PLATFORM] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_APP] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_NOT_DEBUGGABLE] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_FRESH] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_KEY_IN_HARDWARE] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_PRESENCE_BOUND] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_QUALIFIED] = {DG_RUNG_DOSE_BUTTON, DG_RUNG_DOSE_BUTTON},
        [DG_CLAIM_ISOLATED] = {DG_RUNG_DOSE, DG_RUNG_DOSE},
    };

    (void)state;
    for (unsigned claim = 0U; claim < DG_CLAIMS; claim++) {
        for (unsigned value = 0U; value < 2U; value++) {
            struct dg_attestation attestation = honest(0U);

            attestation.claims = dg_attestation_state(
                attestation.claims,
                (enum dg_claim)claim,
                (value == 0U) ? DG_CLAIM_NOT_STATED : DG_CLAIM_NO);
            assert_true(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
            assert_int_equal(rung_of(0U), want[claim][value]);
            assert_int_equal(rig_stop(&rig, 0U)->kind, DG_ANSWER_STATUS);
            rig_wait(&rig, 1U);
        }
    }
}

static void test_attestation__level_below_the_package__button(void **state)
{
    (void)state;
    struct dg_attestation attestation = honest(0U);

    attestation.level = DG_PACKAGE_LOW;
    assert_true(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    assert_true(misses(DG_EVIDENCE_ATTESTATION));
    assert_false(misses(DG_EVIDENCE_APP));
}

/* Someone else's, an old one, a made-up one, and one by someone else. */
/* @verifies{FDP_ATT.1@1} @counters{T.PERSISTENT_PRESENCE} */
static void test_attack__ticket_not_for_this__no_evidence(void **state)
{
    struct dg_secret thief;
    struct dg_public_key unused;
    struct dg_attestation attestation = honest(0U);

    (void)state;
    assert_int_equal(
        rig.crypto.p256_generate(rig.crypto.context, &thief, &unused), DG_OK);
    /* signed by another key */
    assert_false(is_taken(rig_hand_in(&rig, 0U, sign(&thief, &attestation))));
    /* the nonce is spent by that: not even the true one is taken now */
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    /* about the other phone, with our nonce */
    attestation = honest(0U);
    attestation.subject = honest(1U).subject;
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    /* the other phone's good ticket */
    attestation = honest(1U);
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    /* a nonce that the device never gave */
    attestation = honest(0U);
    attestation.nonce.byte[0] ^= 1U;
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    /* another presence key than the enrolled one */
    attestation = honest(0U);
    assert_int_equal(dg_attestation_subject(&rig.crypto,
                                            &rig.settings.device,
                                            &rig.phone[0].phone.public_key,
                                            &rig.phone[1].presence_key,
                                            &attestation.subject),
                     DG_OK);
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    /* another device */
    struct dg_device_id other = rig.settings.device;

    other.byte[7] ^= 1U;
    attestation = honest(0U);
    assert_int_equal(dg_attestation_subject(&rig.crypto,
                                            &other,
                                            &rig.phone[0].phone.public_key,
                                            &rig.phone[0].presence_key,
                                            &attestation.subject),
                     DG_OK);
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    /* an epoch that is not the verifier's, a policy that is too old */
    attestation = honest(0U);
    attestation.epoch++;
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    attestation = honest(0U);
    attestation.policy = 0U;
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    /* none of it locks anyone out */
    rig_attest(&rig, 0U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
}

/* @verifies{FDP_ATT.1@1} */
static void test_attack__same_ticket_again__spent(void **state)
{
    const struct dg_attestation attestation = honest(0U);
    uint8_t copy[DG_ATTEST_TICKET_MAX];
    const dg_span ticket = sign(&rig.verifier, &attestation);

    (void)state;
    memcpy(copy, ticket.at, ticket.size);
    assert_true(is_taken(rig_hand_in(&rig, 0U, ticket)));
    assert_false(is_taken(rig_hand_in(&rig, 0U, (dg_span){copy, ticket.size})));
    rig_wait_in_steps(&rig, 20000U, 10U);
    assert_false(is_taken(rig_hand_in(&rig, 0U, (dg_span){copy, ticket.size})));
    /* nor after a reset, which forgets nonces and evidence */
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    assert_false(is_taken(rig_hand_in(&rig, 0U, (dg_span){copy, ticket.size})));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
}

/* The evidence is as old as the nonce, and a nonce lives a quarter of an
 * hour. */
/* @verifies{FDP_ATT.1@1} */
static void test_attack__nonce_kept_for_later__refused(void **state)
{
    struct dg_attestation attestation = honest(0U);

    (void)state;
    rig_wait_in_steps(&rig, DG_NONCE_LIFE_S, 5U);
    assert_true(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    assert_int_equal(rig.device.desk.attested[0].at.s,
                     rig.device.now.s - DG_NONCE_LIFE_S);
    attestation = honest(0U);
    rig_wait_in_steps(&rig, DG_NONCE_LIFE_S + 1U, 1U);
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
}

/* Two nonces are open at most; a third pushes out the first. */
static void test_attestation__third_nonce__first_is_gone(void **state)
{
    const struct dg_attestation first = honest(0U);
    const struct dg_attestation second = honest(0U);
    const struct dg_attestation third = honest(0U);

    (void)state;
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &first)));
    assert_true(is_taken(rig_hand_in_of(&rig, 0U, &third)));
    /* The answer to that was a new nonce, so the second is out as well. */
    assert_false(is_taken(rig_hand_in_of(&rig, 0U, &second)));
}

/* One nonce, one signature checked: forging costs the device no more. */
static void test_attack__tickets_without_end__bounded_work(void **state)
{
    struct dg_attestation attestation = honest(0U);
    uint8_t copy[DG_ATTEST_TICKET_MAX];

    (void)state;
    attestation.nonce.byte[3] ^= 1U;

    const dg_span ticket = sign(&rig.verifier, &attestation);

    memcpy(copy, ticket.at, ticket.size);

    const unsigned before = rig.p256;

    for (unsigned i = 0U; i < 100U; i++) {
        assert_false(
            is_taken(rig_hand_in(&rig, 0U, (dg_span){copy, ticket.size})));
    }
    assert_int_equal(rig.p256, before);
}

static void test_attestation__own_life_over__gone(void **state)
{
    struct dg_attestation attestation = honest(0U);

    (void)state;
    attestation.life_s = 600U;
    assert_true(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    rig_wait(&rig, 600U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    rig_wait(&rig, 1U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
}

/* Whoever is enrolled in this place later has shown nothing. */
/* @verifies{FDP_ATT.1@1} */
static void test_attack__place_taken_by_another_phone__evidence_gone(
    void **state)
{
    (void)state;
    rig_attest(&rig, 0U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    rig.device.settings.controller[0].presence.x[0] ^= 1U;
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    rig.device.settings.controller[0].presence.x[0] ^= 1U;
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    rig.device.settings.controller[0].key.x[31] ^= 1U;
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
}

/* in the handshake -------------------------------------------------------- */

static void carry(unsigned who, const struct dg_attestation *attestation)
{
    assert_int_equal(dg_controller_carry(&rig.phone[who].controller,
                                         sign(&rig.verifier, attestation)),
                     DG_OK);
}

/* The nonce of one handshake, the ticket in the next. */
/* @verifies{FDP_ATT.1@1} */
static void test_attestation__in_ead__counts_from_the_first_record(void **state)
{
    struct dg_controller *controller = &rig.phone[0].controller;

    (void)state;
    assert_true(controller->has_nonce);

    const struct dg_attestation attestation =
        rig_attestation(&rig, 0U, &controller->nonce);
    const struct dg_attest_nonce before = controller->nonce;

    carry(0U, &attestation);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    assert_int_equal(controller->ticket_size, 0U);
    assert_memory_not_equal(&controller->nonce, &before, sizeof before);
    /* And the nonce that came in EAD_4 is a good one. */
    const struct dg_attestation next =
        rig_attestation(&rig, 0U, &controller->nonce);

    assert_true(is_taken(rig_hand_in_of(&rig, 0U, &next)));
}

/* A bad ticket ends no handshake: the rung is what it costs. */
/* @verifies{FDP_ATT.3@1} */
static void test_attestation__bad_in_ead__session_opens_rung_falls(void **state)
{
    struct dg_controller *controller = &rig.phone[0].controller;
    struct dg_attestation attestation =
        rig_attestation(&rig, 0U, &controller->nonce);
    static const uint8_t junk[] = {0xFFU, 0x00U, 0x13U};

    (void)state;
    attestation.epoch = 9U;
    carry(0U, &attestation);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    assert_int_equal(dg_controller_carry(controller, DG_SPAN_OF(junk)), DG_OK);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    rig_attest(&rig, 0U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        WITH(test_attestation__largest__round_trip_within_256_bytes),
        WITH(test_attestation__field_out_of_range__not_signed),
        WITH(test_attestation__any_bit_changed__not_believed),
        WITH(test_attestation__other_purpose__not_believed),
        WITH(test_attestation_meets__every_claim_value_and_level__as_adr),
        WITH(test_attestation__good_ticket__rung_rises_then_ages),
        WITH(test_attestation__none__each_dose_needs_the_button),
        WITH(test_attestation__gone_between_ticket_and_commit__refused),
        WITH(test_attestation__each_claim_denied_or_left_out__rung_falls),
        WITH(test_attestation__level_below_the_package__button),
        WITH(test_attack__ticket_not_for_this__no_evidence),
        WITH(test_attack__same_ticket_again__spent),
        WITH(test_attack__nonce_kept_for_later__refused),
        WITH(test_attestation__third_nonce__first_is_gone),
        WITH(test_attack__tickets_without_end__bounded_work),
        WITH(test_attestation__own_life_over__gone),
        WITH(test_attack__place_taken_by_another_phone__evidence_gone),
        WITH(test_attestation__in_ead__counts_from_the_first_record),
        WITH(test_attestation__bad_in_ead__session_opens_rung_falls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
