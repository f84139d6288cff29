/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"
#include "eval/hazards/hazards.h"

/* The longest come first, so that workers end together. */
const struct dg_attack dg_attacks[] = {
    {"link-lost-retry", dg_attack_link_lost_retry},
    {"man-in-the-middle", dg_attack_man_in_the_middle},
    {"corrupted-frames", dg_attack_corrupted_frames},
    {"every-op-code", dg_attack_every_op_code},
    {"malformed-values", dg_attack_malformed_values},
    {"replay-everything", dg_attack_replay_everything},
    {"same-start", dg_attack_same_start},
    {"update-authenticity", dg_attack_update_authenticity},
    {"revoked-phone", dg_attack_revoked_phone},
    {"fake-pump", dg_attack_fake_pump},
    {"fuzz-session", dg_attack_fuzz_session},
    {"fuzz-handshake", dg_attack_fuzz_handshake},
    {"pairing-guess", dg_attack_pairing_guess},
    {"forged-tags", dg_attack_forged_tags},
    {"simulated-day", dg_attack_simulated_day},
    {"simulated-day-adolescent", dg_attack_simulated_day_adolescent},
    {"simulated-day-child", dg_attack_simulated_day_child},
    {"low-and-slow", dg_attack_low_and_slow},
    {"overdose-at-once", dg_attack_overdose_at_once},
    {"passive-capture", dg_attack_passive_capture},
    {"replay", dg_attack_replay},
    {"old-keys", dg_attack_old_keys},
    {"reorder", dg_attack_reorder},
    {"stranger-flood", dg_attack_stranger_flood},
    {"untrusted-glucose", dg_attack_untrusted_glucose},
    {"power-cut", dg_attack_power_cut},
    {"second-controller", dg_attack_second_controller},
    {"raised-rate", dg_hazard_raised_rate},
    {"alarm-at-the-device", dg_hazard_alarm_at_the_device},
    {"interval-by-label", dg_hazard_interval_by_label},
    {"shown-is-given", dg_hazard_shown_is_given},
    {"factory-state", dg_hazard_factory_state},
    {"without-the-phone", dg_hazard_without_the_phone},
    {"every-command", dg_hazard_every_command},
    {"limit-each-command", dg_hazard_limit_each_command},
    {"phone-wiped", dg_hazard_phone_wiped},
    {"said-and-moved", dg_hazard_said_and_moved},
    {"clock-falls-back", dg_hazard_clock_falls_back},
    {"power-each-pulse", dg_hazard_power_each_pulse},
};

const size_t dg_attack_count = sizeof dg_attacks / sizeof dg_attacks[0];
