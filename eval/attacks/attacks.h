/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTACKS_H
#define DG_ATTACKS_H

#include "eval/scene.h"

/* One test, by the id of its catalogue entry.  A test knows the adapter
 * contract and nothing of any product. */
struct dg_attack {
    const char *id;
    void (*run)(struct dg_scene *scene);
};

extern const struct dg_attack dg_attacks[];
extern const size_t dg_attack_count;

void dg_attack_changed_program(struct dg_scene *scene);
void dg_attack_corrupted_frames(struct dg_scene *scene);
void dg_attack_downgrade(struct dg_scene *scene);
void dg_attack_every_op_code(struct dg_scene *scene);
void dg_attack_fake_pump(struct dg_scene *scene);
void dg_attack_forged_tags(struct dg_scene *scene);
void dg_attack_fuzz_handshake(struct dg_scene *scene);
void dg_attack_fuzz_session(struct dg_scene *scene);
void dg_attack_door_flood(struct dg_scene *scene);
void dg_attack_door_messages(struct dg_scene *scene);
void dg_attack_glucose_ramp(struct dg_scene *scene);
void dg_attack_frame_lengths(struct dg_scene *scene);
void dg_attack_linkable_phones(struct dg_scene *scene);
void dg_attack_link_lost_retry(struct dg_scene *scene);
void dg_attack_part_ends(struct dg_scene *scene);
void dg_attack_phone_memory(struct dg_scene *scene);
void dg_attack_phone_traces(struct dg_scene *scene);
void dg_attack_pin_guessed(struct dg_scene *scene);
void dg_attack_storage_spoiled(struct dg_scene *scene);
void dg_attack_scripted_person(struct dg_scene *scene);
void dg_attack_low_and_slow(struct dg_scene *scene);
void dg_attack_malformed_values(struct dg_scene *scene);
void dg_attack_man_in_the_middle(struct dg_scene *scene);
void dg_attack_overdose_at_once(struct dg_scene *scene);
void dg_attack_passive_capture(struct dg_scene *scene);
void dg_attack_power_cut(struct dg_scene *scene);
void dg_attack_old_keys(struct dg_scene *scene);
void dg_attack_one_approval(struct dg_scene *scene);
void dg_attack_pairing_guess(struct dg_scene *scene);
void dg_attack_pairing_listener(struct dg_scene *scene);
void dg_attack_relay_alone(struct dg_scene *scene);
void dg_attack_reorder(struct dg_scene *scene);
void dg_attack_replay(struct dg_scene *scene);
void dg_attack_replay_everything(struct dg_scene *scene);
void dg_attack_revoked_phone(struct dg_scene *scene);
void dg_attack_same_start(struct dg_scene *scene);
void dg_attack_second_controller(struct dg_scene *scene);
void dg_attack_simulated_day(struct dg_scene *scene);
void dg_attack_simulated_day_adolescent(struct dg_scene *scene);
void dg_attack_simulated_day_child(struct dg_scene *scene);
void dg_attack_stranger_flood(struct dg_scene *scene);
void dg_attack_tag_timing(struct dg_scene *scene);
void dg_attack_update_authenticity(struct dg_scene *scene);
void dg_attack_untrusted_glucose(struct dg_scene *scene);

#endif
