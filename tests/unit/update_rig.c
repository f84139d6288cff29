/* SPDX-License-Identifier: Apache-2.0 */
#include "update_rig.h"

#include <string.h>

#include "cmocka_all.h"

struct rig rig;
struct dg_update_port update_port;
unsigned update_restarts;
uint32_t update_announced;
struct dg_manifest update_release;

static void announce(void *context, const struct dg_manifest *manifest)
{
    (void)context;
    update_announced = (manifest == NULL) ? 0U : manifest->sequence;
}

static void restart(void *context)
{
    (void)context;
    update_restarts++;
}

void update_boot(void)
{
    assert_int_equal(dg_boot_choose(&maker_images.port,
                                    &maker_crypto,
                                    &maker_root,
                                    &update_port.choice),
                     DG_OK);
    rig_reboot(&rig);
}

void update_start_with(const struct dg_therapy *therapy)
{
    maker_manufacture();
    rig_init(&rig, therapy);
    update_port = (struct dg_update_port){.flash = &maker_images.port,
                                          .root = &maker_root,
                                          .announce = announce,
                                          .restart = restart};
    rig.ports.update = &update_port;
    update_restarts = 0U;
    update_announced = 0U;
    update_boot();
    rig_ready(&rig, 150);
}

void update_start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    update_start_with(&therapy);
}

const struct dg_answer *update_ask(enum dg_update_verb verb,
                                   uint32_t offset,
                                   dg_span bytes)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = DG_REQUEST_UPDATE;
    request.as.update.verb = verb;
    request.as.update.has_offset = verb == DG_UPDATE_PART;
    request.as.update.offset = offset;
    request.as.update.size = (uint16_t)bytes.size;
    if (bytes.size > 0U) {
        memcpy(request.as.update.byte, bytes.at, bytes.size);
    }

    const struct dg_answer *answer = rig_ask(&rig, 0U, &request);

    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_UPDATE);
    return answer;
}

const struct dg_answer *update_ask_plainly(enum dg_update_verb verb)
{
    return update_ask(verb, 0U, (dg_span){NULL, 0U});
}

enum dg_update_why update_offer(const struct dg_manifest *manifest)
{
    return update_ask(DG_UPDATE_OFFER, 0U, maker_sign(manifest))->as.update.why;
}

const struct dg_answer *update_send(void)
{
    const struct dg_answer *answer = update_ask_plainly(DG_UPDATE_QUERY);

    while (answer->as.update.state == DG_UPDATE_RECEIVING) {
        const uint32_t next = answer->as.update.next;
        const uint32_t left = MAKER_IMAGE_SIZE - next;

        answer = update_ask(
            DG_UPDATE_PART,
            next,
            (dg_span){&maker_image[next], (left < 256U) ? left : 256U});
    }
    return answer;
}

void update_let_wait(void)
{
    update_release = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
    (void)update_send();
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.state,
                     DG_UPDATE_WAITING);
}

enum dg_status update_press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}
