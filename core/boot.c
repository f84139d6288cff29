/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/boot.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* Copy: magic (4), generation (4), security counter (4), confirmed (1),
 * trial (1), tries left (1), last (1), sequence of the fallback (4), CRC-32 of
 * the bytes before (4). */
#define COPY_SIZE 24U
#define CRC_AT    20U

static const uint8_t magic[4] = {'D', 'G', 'B', '1'};

static bool is_slot(unsigned slot)
{
    return slot < DG_IMAGE_SLOTS;
}

static bool is_sound(const struct dg_boot_state *state)
{
    const bool has_trial = state->trial != DG_BOOT_NO_SLOT;

    return is_slot(state->confirmed) &&
           (!has_trial ||
            (is_slot(state->trial) && (state->trial != state->confirmed))) &&
           (state->tries_left <= DG_BOOT_TRIES) &&
           (state->last <= DG_TRIAL_NOT_GENUINE) &&
           (has_trial == (state->last == DG_TRIAL_RUNNING));
}

static enum dg_status read_copy(const struct dg_flash *flash,
                                uint32_t copy,
                                struct dg_boot_state *state,
                                bool *has)
{
    uint8_t bytes[COPY_SIZE];
    const enum dg_status status = flash->read(
        flash->context, copy * flash->sector_size, DG_BUF_OF(bytes));

    *has = false;
    if (status != DG_OK) {
        return status;
    }
    if ((memcmp(bytes, magic, sizeof magic) != 0) ||
        (dg_bytes_get_u32(&bytes[CRC_AT]) !=
         dg_bytes_crc32((dg_span){bytes, CRC_AT}))) {
        return DG_OK;
    }
    state->generation = dg_bytes_get_u32(&bytes[4]);
    state->security_counter = dg_bytes_get_u32(&bytes[8]);
    state->confirmed = bytes[12];
    state->trial = bytes[13];
    state->tries_left = bytes[14];
    state->last = (enum dg_trial)bytes[15];
    state->fallback = dg_bytes_get_u32(&bytes[16]);
    *has = is_sound(state);
    return DG_OK;
}

enum dg_status dg_boot_read(const struct dg_flash *flash,
                            struct dg_boot_state *state)
{
    if ((flash == NULL) || (state == NULL) ||
        !dg_image_is_large_enough(flash)) {
        return DG_E_USAGE;
    }

    struct dg_boot_state first;
    struct dg_boot_state second;
    bool has_first = false;
    bool has_second = false;
    /* A copy that cannot be read does not spoil the other one. */
    const enum dg_status status_first =
        read_copy(flash, 0U, &first, &has_first);
    const enum dg_status status_second =
        read_copy(flash, 1U, &second, &has_second);

    if (!has_first && !has_second) {
        return ((status_first == DG_OK) && (status_second == DG_OK))
                   ? DG_E_CORRUPT
                   : DG_E_PORT;
    }
    *state =
        (has_second && (!has_first || (second.generation > first.generation)))
            ? second
            : first;
    return DG_OK;
}

/* Even generations live in sector 0, odd ones in sector 1. */
static enum dg_status put_state(const struct dg_flash *flash,
                                struct dg_boot_state *state)
{
    if (state->generation > DG_BOOT_GENERATION_MAX) {
        return DG_E_STATE;
    }

    const uint32_t generation = state->generation + 1U;
    const uint32_t copy = generation % DG_IMAGE_STATE_SECTORS;
    uint8_t bytes[COPY_SIZE];

    memcpy(bytes, magic, sizeof magic);
    dg_bytes_put_u32(&bytes[4], generation);
    dg_bytes_put_u32(&bytes[8], state->security_counter);
    bytes[12] = state->confirmed;
    bytes[13] = state->trial;
    bytes[14] = state->tries_left;
    bytes[15] = (uint8_t)state->last;
    dg_bytes_put_u32(&bytes[16], state->fallback);
    dg_bytes_put_u32(&bytes[CRC_AT], dg_bytes_crc32((dg_span){bytes, CRC_AT}));

    enum dg_status status = flash->erase(flash->context, copy);

    if (status == DG_OK) {
        status = flash->program(
            flash->context, copy * flash->sector_size, DG_SPAN_OF(bytes));
    }
    if (status == DG_OK) {
        state->generation = generation;
    }
    return status;
}

/* The copy that could not be read a moment ago may be the newer one, with a
 * counter that has risen: nobody who goes by the older one writes over it. */
/* @satisfies{FPT_TUD.2@1} */
static enum dg_status write_state(const struct dg_flash *flash,
                                  struct dg_boot_state *state)
{
    struct dg_boot_state there;
    bool has = false;
    const enum dg_status status = read_copy(
        flash, (state->generation + 1U) % DG_IMAGE_STATE_SECTORS, &there, &has);

    if (status != DG_OK) {
        return status;
    }
    if (has && (there.generation > state->generation)) {
        return DG_E_PORT;
    }
    return put_state(flash, state);
}

enum dg_status dg_boot_format(const struct dg_flash *flash,
                              const struct dg_crypto *crypto,
                              const struct dg_update_root *root,
                              unsigned slot)
{
    struct dg_manifest manifest;

    if ((flash == NULL) || (crypto == NULL) || (root == NULL) ||
        !dg_image_is_large_enough(flash) || !is_slot(slot)) {
        return DG_E_USAGE;
    }

    enum dg_status status =
        dg_image_verify(flash, crypto, root, slot, &manifest);

    if (status != DG_OK) {
        return status;
    }

    struct dg_boot_state state = {.security_counter = manifest.security_counter,
                                  .confirmed = (uint8_t)slot,
                                  .trial = DG_BOOT_NO_SLOT,
                                  .tries_left = 0U,
                                  .last = DG_TRIAL_NONE,
                                  .fallback = 0U};

    /* Both copies: nothing older may speak up later. */
    status = put_state(flash, &state);
    return (status == DG_OK) ? put_state(flash, &state) : status;
}

/* Genuine, whole, and not below the counter. */
static enum dg_status judge(const struct dg_flash *flash,
                            const struct dg_crypto *crypto,
                            const struct dg_update_root *root,
                            const struct dg_boot_state *state,
                            unsigned slot,
                            struct dg_manifest *manifest)
{
    const enum dg_status status =
        dg_image_verify(flash, crypto, root, slot, manifest);

    if ((status == DG_OK) &&
        (manifest->security_counter < state->security_counter)) {
        return DG_E_AUTH;
    }
    return status;
}

/* The trial is over; @p last says how. */
static enum dg_status end_trial(const struct dg_flash *flash,
                                struct dg_boot_state *state,
                                enum dg_trial last)
{
    state->trial = DG_BOOT_NO_SLOT;
    state->tries_left = 0U;
    state->last = last;
    return write_state(flash, state);
}

/* Spend a try and see whether the trial may run.  DG_E_STATE: it may not, and
 * the state says why where it could be written: tries that cannot be counted
 * are not begun.  One that cannot be read is over as well: who wants it presses
 * once more, and nobody waits for basal meanwhile. */
static enum dg_status try_trial(const struct dg_flash *flash,
                                const struct dg_crypto *crypto,
                                const struct dg_update_root *root,
                                struct dg_boot_choice *choice)
{
    struct dg_boot_state *state = &choice->state;
    const unsigned slot = state->trial;
    enum dg_trial last = DG_TRIAL_TIRED;

    if (state->tries_left > 0U) {
        /* Written before it runs: an image that crashes cannot try for ever. */
        state->tries_left--;

        if (write_state(flash, state) != DG_OK) {
            return DG_E_STATE;
        }

        if (judge(flash, crypto, root, state, slot, &choice->manifest) ==
            DG_OK) {
            return DG_OK;
        }
        last = DG_TRIAL_NOT_GENUINE;
    }
    (void)end_trial(flash, state, last);
    return DG_E_STATE;
}

/* The image that was confirmed before the one that is rotten or cannot be
 * read.  What failed its trial, or waits for a press, is no way back. */
/* @satisfies{FPT_TUD.4@1} */
static enum dg_status try_fallback(const struct dg_flash *flash,
                                   const struct dg_crypto *crypto,
                                   const struct dg_update_root *root,
                                   struct dg_boot_choice *choice)
{
    const struct dg_boot_state *state = &choice->state;
    const unsigned other = 1U - state->confirmed;
    const enum dg_status status =
        judge(flash, crypto, root, state, other, &choice->manifest);

    if (status != DG_OK) {
        return (status == DG_E_PORT) ? status : DG_E_CORRUPT;
    }
    if ((state->fallback == 0U) ||
        (choice->manifest.sequence != state->fallback)) {
        return DG_E_CORRUPT;
    }
    choice->slot = other;
    return DG_OK;
}

/* The confirmed image, or the one before it. */
static enum dg_status try_confirmed(const struct dg_flash *flash,
                                    const struct dg_crypto *crypto,
                                    const struct dg_update_root *root,
                                    struct dg_boot_choice *choice)
{
    struct dg_boot_state *state = &choice->state;
    const enum dg_status first =
        judge(flash, crypto, root, state, state->confirmed, &choice->manifest);

    choice->slot = state->confirmed;
    if (first == DG_OK) {
        return DG_OK;
    }

    const enum dg_status second = try_fallback(flash, crypto, root, choice);

    if (second != DG_OK) {
        return (first == DG_E_PORT) ? first : second;
    }
    /* One that cannot be read now may be sound at the next reset. */
    if (first != DG_E_PORT) {
        state->confirmed = (uint8_t)choice->slot;
        state->fallback = 0U;
        /* It runs all the same; the next reset finds the rot again. */
        (void)write_state(flash, state);
    }
    return DG_OK;
}

/* @satisfies{FPT_TUD.2@1} */
enum dg_status dg_boot_choose(const struct dg_flash *flash,
                              const struct dg_crypto *crypto,
                              const struct dg_update_root *root,
                              struct dg_boot_choice *choice)
{
    if ((flash == NULL) || (crypto == NULL) || (root == NULL) ||
        (choice == NULL)) {
        return DG_E_USAGE;
    }
    memset(choice, 0, sizeof *choice);

    enum dg_status status = dg_boot_read(flash, &choice->state);

    if (status != DG_OK) {
        return status;
    }
    if (choice->state.trial != DG_BOOT_NO_SLOT) {
        choice->slot = choice->state.trial;
        choice->is_trial = true;
        if (try_trial(flash, crypto, root, choice) == DG_OK) {
            return DG_OK;
        }
        choice->is_trial = false;
    }
    return try_confirmed(flash, crypto, root, choice);
}

enum dg_status dg_boot_arm(const struct dg_flash *flash,
                           const struct dg_crypto *crypto,
                           const struct dg_update_root *root,
                           unsigned slot)
{
    struct dg_boot_state state;
    struct dg_manifest manifest;

    if ((crypto == NULL) || (root == NULL) || !is_slot(slot)) {
        return DG_E_USAGE;
    }

    enum dg_status status = dg_boot_read(flash, &state);

    if (status != DG_OK) {
        return status;
    }
    if ((state.trial != DG_BOOT_NO_SLOT) || (slot == state.confirmed)) {
        return DG_E_STATE;
    }
    status = judge(flash, crypto, root, &state, slot, &manifest);
    if (status != DG_OK) {
        return status;
    }
    state.trial = (uint8_t)slot;
    state.tries_left = DG_BOOT_TRIES;
    state.last = DG_TRIAL_RUNNING;
    return write_state(flash, &state);
}

/* @satisfies{FPT_TUD.2@1} */
enum dg_status dg_boot_confirm(const struct dg_flash *flash,
                               const struct dg_crypto *crypto,
                               const struct dg_update_root *root,
                               unsigned running)
{
    struct dg_boot_state state;
    struct dg_manifest manifest;
    struct dg_manifest before;

    if ((crypto == NULL) || (root == NULL) || !is_slot(running)) {
        return DG_E_USAGE;
    }

    enum dg_status status = dg_boot_read(flash, &state);

    if (status != DG_OK) {
        return status;
    }
    if ((state.trial == DG_BOOT_NO_SLOT) || (state.trial != running)) {
        return DG_E_STATE;
    }
    status = dg_image_manifest(flash, crypto, root, state.trial, &manifest);
    if (status != DG_OK) {
        return status;
    }
    if (manifest.security_counter > state.security_counter) {
        state.security_counter = manifest.security_counter;
    }
    /* The way back, as long as it can be read. */
    state.fallback =
        (dg_image_manifest(flash, crypto, root, state.confirmed, &before) ==
         DG_OK)
            ? before.sequence
            : 0U;
    state.confirmed = state.trial;
    return end_trial(flash, &state, DG_TRIAL_CONFIRMED);
}

enum dg_status dg_boot_reject(const struct dg_flash *flash)
{
    struct dg_boot_state state;
    const enum dg_status status = dg_boot_read(flash, &state);

    if (status != DG_OK) {
        return status;
    }
    if (state.trial == DG_BOOT_NO_SLOT) {
        return DG_E_STATE;
    }
    return end_trial(flash, &state, DG_TRIAL_REJECTED);
}
