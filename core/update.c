/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/update.h"
#include "device_parts.h"
#include "dosegate/selftest.h"

#include <stddef.h>
#include <string.h>

/* The slot that the running image is not in. */
static unsigned target_of(const struct dg_update_port *port)
{
    return 1U - port->choice.slot;
}

static void refuse(struct dg_device *device, enum dg_update_why why)
{
    device->update.why = why;
}

static void end(struct dg_device *device, enum dg_update_why why)
{
    device->update.state = DG_UPDATE_IDLE;
    device->update.why = why;
}

/* Why a manifest is none of ours. */
static enum dg_update_why why_of(enum dg_status status)
{
    const enum dg_category category = dg_status_category(status);

    if (category == DG_CAT_AUTH) {
        return DG_UPDATE_FORGED;
    }
    return (category == DG_CAT_PORT) ? DG_UPDATE_FLASH : DG_UPDATE_NOT_OURS;
}

/* Everything but the bytes of the image. */
/* @satisfies{FPT_TUD.1@1} */
static enum dg_update_why judge(const struct dg_update_port *port,
                                const struct dg_manifest *manifest)
{
    const struct dg_boot_choice *choice = &port->choice;

    if (manifest->security_counter < choice->state.security_counter) {
        return DG_UPDATE_COUNTER;
    }
    if (manifest->sequence <= choice->manifest.sequence) {
        return DG_UPDATE_OLD;
    }
    if (manifest->size > dg_image_size_max(port->flash)) {
        return DG_UPDATE_TOO_LARGE;
    }
    if ((manifest->layout_from > DG_SETTINGS_LAYOUT) ||
        (manifest->layout_to < DG_SETTINGS_LAYOUT)) {
        return DG_UPDATE_LAYOUT;
    }
    return (manifest->protocol_major > DG_VERSION_MAJOR) ? DG_UPDATE_PROTOCOL
                                                         : DG_UPDATE_FINE;
}

/* All bytes are there: only the digest says whether they are the right ones.
 * A wrong image is forgotten whole, or the next offer would go on with it. */
static void finish(struct dg_device *device)
{
    const struct dg_update_port *port = device->ports->update;
    struct dg_update *update = &device->update;
    const unsigned slot = target_of(port);
    struct dg_manifest manifest;
    const enum dg_status status = dg_image_verify(
        port->flash, device->ports->crypto, port->root, slot, &manifest);

    update->is_whole = status == DG_OK;
    if (update->is_whole) {
        update->state = DG_UPDATE_READY;
        return;
    }
    end(device,
        (dg_image_forget(port->flash, slot) == DG_OK) && (status != DG_E_PORT)
            ? DG_UPDATE_DIGEST
            : DG_UPDATE_FLASH);
}

/* Is it the image that was found whole since the reset?  Then it need not be
 * hashed again for each offer; before it is armed it is. */
static bool is_known_whole(const struct dg_update *update,
                           const struct dg_manifest *manifest)
{
    return update->is_whole &&
           (manifest->sequence == update->manifest.sequence) &&
           (manifest->size == update->manifest.size) &&
           (memcmp(manifest->digest.byte,
                   update->manifest.digest.byte,
                   DG_HASH_SIZE) == 0);
}

static void take_offer(struct dg_device *device,
                       const struct dg_request *request)
{
    const struct dg_update_port *port = device->ports->update;
    struct dg_update *update = &device->update;
    const dg_span message = {request->as.update.byte, request->as.update.size};
    struct dg_manifest manifest;
    const enum dg_status status = dg_manifest_verify(
        device->ports->crypto, port->root, message, &manifest);
    const enum dg_update_why why =
        (status == DG_OK) ? judge(port, &manifest) : why_of(status);

    if (why != DG_UPDATE_FINE) {
        refuse(device, why);
        return;
    }
    if (dg_image_begin(
            port->flash, target_of(port), message, &manifest, &update->next) !=
        DG_OK) {
        update->is_whole = false;
        end(device, DG_UPDATE_FLASH);
        return;
    }

    const bool is_there = update->next == manifest.size;

    update->is_whole = is_known_whole(update, &manifest) && is_there;
    update->manifest = manifest;
    update->state = DG_UPDATE_RECEIVING;
    update->why = DG_UPDATE_FINE;
    if (update->is_whole) {
        update->state = DG_UPDATE_READY;
    } else if (is_there) {
        finish(device);
    } else {
        /* More has to come. */
    }
}

static void take_chunk(struct dg_device *device,
                       const struct dg_request *request)
{
    const struct dg_update_port *port = device->ports->update;
    struct dg_update *update = &device->update;
    const dg_span bytes = {request->as.update.byte, request->as.update.size};

    /* A chunk that comes again, or too early, moves nothing; the answer says
     * which byte is due. */
    if (request->as.update.offset != update->next) {
        refuse(device, DG_UPDATE_ORDER);
        return;
    }

    const enum dg_status status = dg_image_write(
        port->flash, target_of(port), &update->manifest, bytes, &update->next);

    if (status == DG_E_RANGE) {
        refuse(device, DG_UPDATE_ORDER);
        return;
    }
    if (status != DG_OK) {
        end(device, DG_UPDATE_FLASH);
        return;
    }
    update->why = DG_UPDATE_FINE;
    if (update->next == update->manifest.size) {
        finish(device);
    }
}

static void take_apply(struct dg_device *device,
                       const struct dg_request *request)
{
    const struct dg_update_port *port = device->ports->update;
    struct dg_update *update = &device->update;

    (void)request;
    if (dg_delivery_is_busy(device) || dg_glucagon_is_busy(device) ||
        dg_confirm_is_taken(device)) {
        refuse(device, DG_UPDATE_BUSY);
        return;
    }
    update->state = DG_UPDATE_WAITING;
    update->why = DG_UPDATE_FINE;
    update->until.s = device->now.s + DG_UPDATE_WAIT_S;
    port->announce(port->context, &update->manifest);
}

static void take_query(struct dg_device *device,
                       const struct dg_request *request)
{
    (void)device;
    (void)request;
}

static void take_abandon(struct dg_device *device,
                         const struct dg_request *request)
{
    const struct dg_update_port *port = device->ports->update;

    (void)request;
    if (device->update.state == DG_UPDATE_WAITING) {
        port->announce(port->context, NULL);
    }
    end(device, DG_UPDATE_FINE);
}

#define STATES 5U

/* What may be asked when.  A cell that is not written refuses. */
struct cell {
    void (*act)(struct dg_device *device, const struct dg_request *request);
};

/* clang-format off */
static const struct cell table[STATES][DG_UPDATE_VERBS] = {
    [DG_UPDATE_IDLE] = {
        [DG_UPDATE_OFFER] = { take_offer }, [DG_UPDATE_QUERY] = { take_query } },
    [DG_UPDATE_RECEIVING] = {
        [DG_UPDATE_OFFER] = { take_offer }, [DG_UPDATE_PART]    = { take_chunk },
        [DG_UPDATE_QUERY] = { take_query }, [DG_UPDATE_ABANDON] = { take_abandon } },
    [DG_UPDATE_READY] = {
        [DG_UPDATE_OFFER] = { take_offer }, [DG_UPDATE_APPLY]   = { take_apply },
        [DG_UPDATE_QUERY] = { take_query }, [DG_UPDATE_ABANDON] = { take_abandon } },
    [DG_UPDATE_WAITING] = {
        [DG_UPDATE_QUERY] = { take_query }, [DG_UPDATE_ABANDON] = { take_abandon } },
    [DG_UPDATE_RESTARTING] = {
        [DG_UPDATE_QUERY] = { take_query } },
};
/* clang-format on */

/* A trial runs, or waits for a state that could not be written: what a person
 * pressed for lies in the other slot, and nothing else may take its place. */
static bool is_armed(const struct dg_update_port *port)
{
    return port->choice.is_trial ||
           (port->choice.state.trial != DG_BOOT_NO_SLOT);
}

void dg_update_take(struct dg_device *device, const struct dg_request *request)
{
    const struct dg_update_port *port = device->ports->update;
    const struct cell *cell =
        &table[device->update.state][request->as.update.verb];

    if (port == NULL) {
        refuse(device, DG_UPDATE_NO_SLOTS);
        return;
    }
    if (cell->act == NULL) {
        refuse(device, DG_UPDATE_ORDER);
        return;
    }
    if (is_armed(port) && (request->as.update.verb != DG_UPDATE_QUERY)) {
        refuse(device, DG_UPDATE_ON_TRIAL);
        return;
    }
    cell->act(device, request);
}

bool dg_update_is_restarting(const struct dg_device *device)
{
    return device->update.state == DG_UPDATE_RESTARTING;
}

bool dg_update_is_waiting(const struct dg_device *device)
{
    return device->update.state == DG_UPDATE_WAITING;
}

void dg_update_give_up(struct dg_device *device)
{
    const struct dg_update_port *port = device->ports->update;

    if (dg_update_is_waiting(device)) {
        port->announce(port->context, NULL);
        end(device, DG_UPDATE_UNPRESSED);
    }
}

/* @satisfies{FPT_TUD.3@1} */
enum dg_status dg_update_press(struct dg_device *device)
{
    const struct dg_update_port *port = device->ports->update;
    struct dg_update *update = &device->update;

    if ((port == NULL) || (update->state != DG_UPDATE_WAITING)) {
        return DG_E_STATE;
    }
    port->announce(port->context, NULL);
    if (dg_delivery_is_busy(device) || dg_glucagon_is_busy(device)) {
        end(device, DG_UPDATE_BUSY);
        return DG_E_STATE;
    }

    const enum dg_status status = dg_boot_arm(
        port->flash, device->ports->crypto, port->root, target_of(port));

    if (status != DG_OK) {
        end(device, (status == DG_E_PORT) ? DG_UPDATE_FLASH : DG_UPDATE_DIGEST);
        return status;
    }
    update->state = DG_UPDATE_RESTARTING;
    port->restart(port->context);
    return DG_OK;
}

/* Storage, crypto and mechanism as the new firmware finds them. */
/* @satisfies{FPT_TST.1@1} */
static bool is_healthy(const struct dg_device *device)
{
    const struct dg_device_ports *ports = device->ports;

    return !device->is_fault && !device->ledger.failed &&
           (device->ledger.moved ==
            ports->actuator->moved(ports->actuator->context)) &&
           (dg_selftest_crypto(ports->crypto) == DG_OK);
}

static void confirm_trial(struct dg_device *device)
{
    struct dg_update_port *port = device->ports->update;

    if ((dg_boot_confirm(port->flash,
                         device->ports->crypto,
                         port->root,
                         port->choice.slot) == DG_OK) &&
        (dg_boot_read(port->flash, &port->choice.state) == DG_OK)) {
        port->choice.is_trial = false;
    } else {
        /* Still on trial; the next reset tries again. */
        device->update.why = DG_UPDATE_FLASH;
    }
}

/* Even if the state cannot be written, the tries of the boot loader end. */
static void reject_trial(struct dg_device *device)
{
    const struct dg_update_port *port = device->ports->update;

    if (dg_boot_reject(port->flash) != DG_OK) {
        device->update.why = DG_UPDATE_FLASH;
    }
    dg_device_raise(device, DG_ALARM_UPDATE_FAILED);
    port->restart(port->context);
}

void dg_update_start(struct dg_device *device)
{
    const struct dg_update_port *port = device->ports->update;

    memset(&device->update, 0, sizeof device->update);
    if (port == NULL) {
        return;
    }
    device->update.until.s = device->now.s + DG_UPDATE_TRIAL_S;

    const enum dg_trial last = port->choice.state.last;

    if ((last == DG_TRIAL_REJECTED) || (last == DG_TRIAL_TIRED) ||
        (last == DG_TRIAL_NOT_GENUINE)) {
        dg_device_raise(device, DG_ALARM_UPDATE_FAILED);
    }
}

/* @satisfies{FPT_TUD.2@1} */
void dg_update_tick(struct dg_device *device)
{
    const struct dg_update_port *port = device->ports->update;
    struct dg_update *update = &device->update;

    if (port == NULL) {
        return;
    }
    if ((update->state == DG_UPDATE_WAITING) &&
        (device->now.s > update->until.s)) {
        dg_update_give_up(device);
    }
    if (!port->choice.is_trial || update->is_judged) {
        return;
    }
    if (!device->is_fault && (device->now.s < update->until.s)) {
        return; /* still proving itself */
    }
    update->is_judged = true;
    if (is_healthy(device)) {
        confirm_trial(device);
    } else {
        reject_trial(device);
    }
}
